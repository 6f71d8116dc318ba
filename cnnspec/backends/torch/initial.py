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
from cnnspec.backends.torch.symbols import write
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
    """What the spec says about initial weights, by kind of layer."""

    def __init__(self, bodies: Iterable[Iterable[Item]]) -> None:
        self.rules: dict[str, Record] = {}
        self.biases: set[str] = set()
        every = [layer for body in bodies for layer in layers(body)]
        for kind in MODULES:
            of_kind = [layer for layer in every if layer.op.name == kind]
            records = {str(layer.op.init): layer for layer in of_kind}  # type: ignore[attr-defined]
            if len(records) > 1:
                raise BackendError(f"layers of {kind} with different `init`", of_kind[0].span)
            if of_kind and of_kind[0].op.init is not None:  # type: ignore[attr-defined]
                self.rules[kind] = of_kind[0].op.init  # type: ignore[attr-defined]
                if any(layer.op.bias is not False for layer in of_kind):  # type: ignore[attr-defined]
                    self.biases.add(kind)

    @property
    def first(self) -> Record | None:
        """The rule of the first kind that has one."""
        return next(iter(self.rules.values()), None)

    def statements(self) -> list[Statement]:
        """The loop at the end of the net's `__init__`."""
        if not self.rules:
            return []
        groups: dict[str, list[str]] = {}
        for kind, record in self.rules.items():
            groups.setdefault(str(record), []).append(kind)
        body: list[Statement] = []
        for kinds in groups.values():
            types = " | ".join(MODULES[k] for k in kinds)
            word = "elif" if body else "if"
            inner: list[Statement] = [Line(call(self.rules[kinds[0]]))]
            if self.biases & set(kinds):
                zero: list[Statement] = [Line("nn.init.zeros_(module.bias)")]
                inner.append(Suite("if module.bias is not None:", zero))
            body.append(Suite(f"{word} isinstance(module, {types}):", inner))
        return [Line(""), Suite("for module in self.modules():", body)]

    def phrase(self) -> str:
        """What the docstring of `__init__` says: `; initialise as He et al. 2015 (fan out)`."""
        words = list(dict.fromkeys(describe(r) for r in self.rules.values()))
        return f"; initialise {' and '.join(words)}" if words else ""


def call(record: Record) -> str:
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
    return f"nn.init.{name}_(module.weight{args})"


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
