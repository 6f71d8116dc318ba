"""Initial weights: one loop over the modules where all layers of a kind agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.flow import Words
from cnnspec.backends.torch.program.items import (
    ContainerItem,
    ForkItem,
    IfItem,
    Item,
    LayerItem,
    parts,
)
from cnnspec.backends.torch.python.writing import write
from cnnspec.backends.torch.write.model import Line, Statement, Suite
from cnnspec.values import Record

MODULES = {"conv": "nn.Conv2d", "linear": "nn.Linear", "conv_transpose": "nn.ConvTranspose2d"}


def layers(items: Iterable[Item]) -> Iterator[LayerItem]:
    """Every op of a body, at any depth of its own."""
    for item in items:
        if isinstance(item, LayerItem):
            yield item
        for part in parts(item):
            yield from layers(part)
        if isinstance(item, ForkItem):
            yield item.join


class Initial:
    """What the spec says about initial weights, by kind of layer.

    Where all layers of a kind agree in the whole net, its class has one loop; else each class
    has one over its own layers.
    """

    def __init__(self, bodies: Iterable[Iterable[Item]]) -> None:
        self.rules: dict[str, Record] = {}
        self.biases: set[str] = set()
        self.mixed: set[str] = set()
        every = [layer for body in bodies for layer in layers(body)]
        for kind in MODULES:
            of_kind = [layer for layer in every if layer.op.name == kind]
            records = list(dict.fromkeys(str(_init(layer)) for layer in of_kind))
            first = next((r for layer in of_kind if (r := _init(layer)) is not None), None)
            if first is None:
                continue
            self.rules[kind] = first
            if len(records) > 1:
                self.mixed.add(kind)
            if any(_bias(layer) for layer in of_kind):
                self.biases.add(kind)

    def own(self, items: Sequence[Item]) -> list[Statement]:
        """The statements of one class, for kinds that do not agree in the whole net."""
        owners: dict[Words | None, list[LayerItem]] = {}
        for owner, layer in _owned(items, ()):
            owners.setdefault(owner, []).append(layer)
        unsure = {id(layer) for layer in layers(_conditional(items))}
        found: list[Statement] = []
        for owner, row in owners.items():
            for kind in sorted(self.mixed):
                found += self._own(owner, [n for n in row if n.op.name == kind], unsure)
        return [Line(""), *found] if found else []

    def _own(self, owner: Words | None, row: list[LayerItem], unsure: set[int]) -> list[Statement]:
        given = [layer for layer in row if _init(layer) is not None]
        if not given:
            return []
        if owner is None:
            raise BackendError("an `init` of its own in a loop", given[0].span, "give all one")
        record = _init(given[0])
        if record is not None and all(_init(layer) == record for layer in row):
            body = self._body(record, any(map(_bias, row)))
            kind = MODULES[given[0].op.name]
            test: list[Statement] = [Suite(f"if isinstance(module, {kind}):", body)]
            return [Suite(f"for module in {_attribute(owner)}.children():", test)]
        return [line for layer in given for line in self._alone(owner, layer, unsure)]

    def _alone(self, owner: Words, layer: LayerItem, unsure: set[int]) -> list[Statement]:
        """A layer whose neighbours begin otherwise."""
        record = _init(layer)
        assert record is not None
        if layer.name.fixed is None or id(layer) in unsure:
            what = "an `init` of its own in a loop or under a condition"
            raise BackendError(what, layer.span, "give all one, or make it a block")
        path = (*owner, layer.name.fixed.rpartition(".")[2])
        if len(path) == 1 and path[0].isidentifier():
            return self._body(record, _bias(layer), f"self.{path[0]}")
        test = f"if isinstance(module, {MODULES[layer.op.name]}):"
        line = Line(f'module = self.get_submodule("{".".join(path)}")')
        return [line, Suite(test, self._body(record, _bias(layer)))]

    def _body(self, record: Record, bias: bool, of: str = "module") -> list[Statement]:
        inner: list[Statement] = [Line(call(record, of))]
        if bias:
            zero: list[Statement] = [Line(f"nn.init.zeros_({of}.bias)")]
            inner.append(Suite(f"if {of}.bias is not None:", zero))
        return inner

    @property
    def first(self) -> Record | None:
        """The rule of the first kind that has one."""
        return next(iter(self.rules.values()), None)

    def statements(self) -> list[Statement]:
        """The loop at the end of the net's `__init__`."""
        groups: dict[str, list[str]] = {}
        agreed = {k: r for k, r in self.rules.items() if k not in self.mixed}
        for kind, record in agreed.items():
            groups.setdefault(str(record), []).append(kind)
        body: list[Statement] = []
        for kinds in groups.values():
            types = " | ".join(MODULES[k] for k in kinds)
            word = "elif" if body else "if"
            inner = self._body(self.rules[kinds[0]], bool(self.biases & set(kinds)))
            body.append(Suite(f"{word} isinstance(module, {types}):", inner))
        return [Line(""), Suite("for module in self.modules():", body)] if body else []

    def phrase(self) -> str:
        """What the docstring of `__init__` says: `; initialise as He et al. 2015 (fan out)`."""
        words = list(
            dict.fromkeys(describe(r) for k, r in self.rules.items() if k not in self.mixed)
        )
        return f"; initialise {' and '.join(words)}" if words else ""


def _init(layer: LayerItem) -> Record | None:
    found: Record | None = getattr(layer.op, "init", None)
    return found


def _bias(layer: LayerItem) -> bool:
    return getattr(layer.op, "bias", False) is not False


def _owned(items: Iterable[Item], owner: Words) -> Iterator[tuple[Words | None, LayerItem]]:
    """Every layer behind the path of the module that holds it; None where a loop makes that."""
    for item in items:
        if isinstance(item, ContainerItem):
            inner = (*owner, *(item.name.fixed or "?").split("."))
            yield from _owned(item.items, inner)
        elif isinstance(item, LayerItem):
            inner = (*owner, *item.name.text.split(".")[:-1])
            yield (None if "?" in inner else inner), item
        else:
            for part in parts(item):
                yield from _owned(part, owner)


def _conditional(items: Iterable[Item]) -> Iterator[IfItem]:
    """The undecided conditions among items, at any depth of their own."""
    for item in items:
        if isinstance(item, IfItem):
            yield item
        else:
            for part in parts(item):
                yield from _conditional(part)


def _attribute(path: Words) -> str:
    """`self.features`; what Python cannot spell so is looked up."""
    if all(word.isidentifier() for word in path):
        return ".".join(("self", *path))
    return f'self.get_submodule("{".".join(path)}")'


def call(record: Record, of: str = "module") -> str:
    """The call of torch.nn.init for an initialiser of the language."""
    words = dict(record.keywords)
    name, args = record.name, ""
    if name.startswith("he_"):
        name = name.replace("he_", "kaiming_")
        fan_out = words.get("fan") == "out"
        args = ', mode="fan_out", nonlinearity="relu"' if fan_out else ""
    elif name == "xavier":
        name = "xavier_uniform"
    elif name == "uniform":
        args = f", {write(words.get('low', 0.0))}, {write(words.get('high', 1.0))}"
    else:
        args = "".join(f", {k}={write(v)}" for k, v in words.items())
    return f"nn.init.{name}_({of}.weight{args})"


def describe(record: Record) -> str:
    """An initialiser in words, with its source."""
    words = dict(record.keywords)
    if record.name.startswith("he_"):
        return "as He et al. 2015" + (" (fan out)" if words.get("fan") == "out" else "")
    if record.name.startswith("xavier"):
        return "as Glorot and Bengio 2010"
    if record.name in ("normal", "trunc_normal"):
        variance = f"{words.get('std', 1.0) ** 2:.6g}"
        cut = " cut off at -2 and 2" if record.name == "trunc_normal" else ""
        return f"from N({words.get('mean', 0)}, {variance}){cut}, {variance} the variance"
    if record.name == "uniform":
        return f"from U({words.get('low', 0.0)}, {words.get('high', 1.0)})"
    return f"with {record.name}"
