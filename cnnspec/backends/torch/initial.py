"""Initial weights: one loop over the modules where all layers of a kind agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.items import (
    ContainerItem,
    ForkItem,
    IfItem,
    Item,
    LayerItem,
    LoopItem,
    OutputItem,
)
from cnnspec.backends.torch.model import Line, Statement, Suite
from cnnspec.backends.torch.writing import write
from cnnspec.values import Record

MODULES = {"conv": "nn.Conv2d", "linear": "nn.Linear"}


def layers(items: Iterable[Item]) -> Iterator[LayerItem]:
    """Every op of a body, at any depth of its own."""
    for item in items:
        match item:
            case LayerItem():
                yield item
            case ContainerItem() | LoopItem() | OutputItem():
                yield from layers(item.items)
            case IfItem():
                for _, arm in item.arms:
                    yield from layers(arm)
            case ForkItem():
                for part in item.arms:
                    yield from layers(part)
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

    def own(self, items: Iterable[Item]) -> list[Statement]:
        """The statements of one class, for kinds that do not agree in the whole net."""
        found: list[Statement] = []
        for owner, row in _owners(list(items), "self"):
            for kind in sorted(self.mixed):
                found += self._own(owner, [n for n in row if n.op.name == kind], kind)
        return [Line(""), *found] if found else []

    def _own(self, owner: str, row: list[LayerItem], kind: str) -> list[Statement]:
        records = {str(_init(layer)) for layer in row}
        if records <= {"None"}:
            return []
        if len(records) == 1:
            record = _init(row[0])
            assert record is not None
            body = self._body(record, any(map(_bias, row)))
            test: list[Statement] = [Suite(f"if isinstance(module, {MODULES[kind]}):", body)]
            return [Suite(f"for module in {owner}.children():", test)]
        found: list[Statement] = []
        for layer in row:
            record = _init(layer)
            if record is None:
                continue
            if owner != "self" or layer.name.fixed is None or _bias(layer):
                raise BackendError("an `init` of its own in a container", layer.span)
            found.append(Line(call(record, f"self.{layer.name.fixed}")))
        return found

    def _body(self, record: Record, bias: bool) -> list[Statement]:
        inner: list[Statement] = [Line(call(record))]
        if bias:
            zero: list[Statement] = [Line("nn.init.zeros_(module.bias)")]
            inner.append(Suite("if module.bias is not None:", zero))
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


def _owners(items: list[Item], owner: str) -> Iterator[tuple[str, list[LayerItem]]]:
    """The layers that a module, and each of its containers, holds itself."""
    own: list[LayerItem] = []
    for item in items:
        if isinstance(item, ContainerItem):
            yield from _owners(item.items, f"{owner}.{item.name.fixed}")
        elif isinstance(item, LayerItem):
            own.append(item)
        elif isinstance(item, LoopItem | OutputItem):
            inner = list(_owners(item.items, owner))
            yield from (pair for pair in inner if pair[0] != owner)
            own += [layer for name, row in inner if name == owner for layer in row]
        elif isinstance(item, ForkItem | IfItem):
            arms = item.arms if isinstance(item, ForkItem) else [a for _, a in item.arms]
            inner = [pair for arm in arms for pair in _owners(arm, owner)]
            yield from (pair for pair in inner if pair[0] != owner)
            own += [layer for name, row in inner if name == owner for layer in row]
    yield owner, own


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
        return f"from N({words.get('mean', 0)}, {variance}), {variance} the variance"
    if record.name == "uniform":
        return f"from U({words.get('low', 0.0)}, {words.get('high', 1.0)})"
    return f"with {record.name}"
