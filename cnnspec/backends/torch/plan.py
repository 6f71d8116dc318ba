"""One class for each block and set of folded values, made when the block is first called."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cnnspec import ir
from cnnspec.backends.torch.evaluate import OpenEvaluator, holds_sym
from cnnspec.backends.torch.items import Flow, Import, Item, Param, Result, Words
from cnnspec.backends.torch.observe import Observed, size_of
from cnnspec.backends.torch.parameters import Binder, Bound, classify, classify_open
from cnnspec.backends.torch.state import NeedsModule
from cnnspec.backends.torch.symbols import Var, expand
from cnnspec.elaborate.calls import Calls, Values
from cnnspec.elaborate.scope import BlockValue, Scope
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.values import Value, key

if TYPE_CHECKING:
    from cnnspec.backends.torch.state import State
    from cnnspec.backends.torch.walk import Walker


ARRIVES = ("in_channels", "in_height", "in_width")
"""Parameters for the shape that arrives: first, and only those that the class reads."""


Exports = tuple[Words, ...]


@dataclass(frozen=True)
class Place:
    """Where a class is called: what arrives there."""

    flow: Flow
    arriving: Any
    span: Span


@dataclass(frozen=True)
class Level:
    """Braces or a `seq` that become a class: where they stand, and what the IR has for them."""

    place: Place
    walker: State
    scope: Scope
    modules: list[ir.Module]
    row: bool
    """Whether layers in a row can say it."""


@dataclass
class Plan:
    """A class to be generated."""

    name: str
    kind: str
    """`seq` or `chain` (an nn.Sequential), `module`, or `net`."""
    doc: str
    params: list[Param]
    items: list[Item]
    result: Result
    arrives: Flow
    leaves: Flow
    block: t.Block | t.Net
    folded: dict[str, Value] = field(default_factory=dict)
    taps: set[Words] = field(default_factory=set)
    exports: tuple[Words, ...] = ()
    """Paths in it that taps around it read: `forward` returns them too."""
    imports: dict[Words, Import] = field(default_factory=dict)
    """Values of the level around it that `forward` takes beside the flow."""
    found: Callable[[Words, Span], Flow] = field(kw_only=True)
    """What flows at a path in it."""
    uses: tuple[str, ...] = ()
    """What its constructor reads of ARRIVES; known once its body is written."""


class Plans:
    """Every class of a file, made when its block is first called."""

    def __init__(self, modules: dict[str, list[ir.Module]]) -> None:
        self.evaluator = OpenEvaluator()
        self.calls = Calls(self.evaluator)
        self.binder = Binder(self.evaluator)
        self.modules = modules
        self.found: dict[object, Plan] = {}
        self.levels: dict[object, t.Block] = {}

    def kinds(self, block: BlockValue) -> dict[str, str]:
        """What each parameter of a block is, by all of its calls in this net."""
        modules = [m for m in self.modules.get(block.name, []) if m.span == block.block.span]
        rows = [dict(m.args) for m in modules]
        if not rows:
            return {}
        return {p.name: classify([row[p.name] for row in rows]) for p in block.block.params}

    def call(
        self, block: BlockValue, values: Values, exports: Exports, place: Place
    ) -> tuple[Plan, Bound]:
        """The class of a block's call, and its arguments."""
        kinds = self.kinds(block) or _guess(block, values)
        inner = block.unit.scope.inner()
        bound = self.binder.bind(
            block.block.params, values, kinds, inner, place.arriving, place.span
        )
        observed = Observed(self._modules_of(block, bound))
        return self.plan(block.block, bound, exports, observed, place), bound

    def declared(self, layer: t.Layer, body: t.Body, names: tuple[str, ...], rules: str) -> t.Block:
        """Braces as a block with the names that they read as parameters."""
        memory = (id(body), names, rules)
        if memory not in self.levels:
            text = layer.label.text if layer.label else "trunk"
            words = text if isinstance(text, str) else next(p for p in text.parts if p)
            name = _spoken(words) if isinstance(words, str) else "layer"
            params = tuple(t.Param(layer.span, n, None) for n in names)
            seq = isinstance(layer.form, t.Seq)
            doc = f"The layers of `{name}`."
            self.levels[memory] = t.Block(body.span, doc, name, layer.span, params, seq, body)
        return self.levels[memory]

    def level(
        self, declared: t.Block, values: Values, exports: Exports, level: Level
    ) -> tuple[Plan, Bound]:
        """The class of braces or a `seq` that need a `forward`: a block of the names they read."""
        place = level.place
        kinds = {name: classify_open(value) for name, value in values.keywords.items()}
        if not level.walker.unrolling:
            known = [n for n, value in values.keywords.items() if not holds_sym(value)]
            kinds |= dict.fromkeys(known, "fold")
        bound = self.binder.bind(
            declared.params, values, kinds, level.scope.inner(), place.arriving, place.span
        )
        return self.plan(declared, bound, exports, Observed(level.modules), place, level), bound

    def plan(
        self,
        declared: t.Block,
        bound: Bound,
        exports: Exports,
        observed: Observed,
        place: Place,
        level: Level | None = None,
    ) -> Plan:
        """The class for these folded values and exports; made when it is first wanted."""
        memory = (id(declared), tuple(bound.identity), place.flow.vector, exports)
        plan = self.found.get(memory)
        if plan is None:
            plan = self._make(declared, bound, exports, observed, place, level)
            self.found[memory] = plan
        return plan

    def _make(
        self,
        declared: t.Block,
        bound: Bound,
        exports: Exports,
        observed: Observed,
        place: Place,
        level: Level | None,
    ) -> Plan:
        from cnnspec.backends.torch.walk import Walker

        open_size = (Var("in_height"), Var("in_width"))
        size = () if place.flow.vector else size_of(observed.inputs()) or open_size
        start = Flow(Var("in_channels"), Var("in_channels"), size, 1)
        names = dict(bound.scope.values)

        def of_kind(kind: str) -> Plan:
            bound.scope.values, bound.scope.rules = dict(names), {}
            walker = Walker(self, observed, start, kind)
            walker.locals = bound.names()
            walker.wanted = observed.taps | set(exports)
            walker.around = (level.walker, level.scope) if level else None
            walker.run(declared.body, bound.scope)
            return self._plan(declared, walker, bound, exports, start)

        if (level is None or level.row) and (declared.seq or not exports):
            with suppress(NeedsModule):
                return of_kind("seq" if declared.seq else "chain")
        return of_kind("numbered" if declared.seq else "module")

    def _modules_of(self, block: BlockValue, bound: Bound) -> Iterator[ir.Module]:
        """The modules of the IR that this class stands for."""
        for module in self.modules.get(block.name, []):
            args = dict(module.args)
            folded = all(key(args[n]) == key(v) for n, v in bound.folded.items())
            sized = all(len(args[n]) == size for n, size in bound.lengths.items())
            if folded and sized and module.span == block.block.span:
                yield module

    def _plan(
        self, declared: t.Block, walker: Walker, bound: Bound, exports: Exports, start: Flow
    ) -> Plan:
        flow = walker.flow
        size = flow.size and tuple(map(expand, flow.size))
        result = Result(flow.closed, flow.scale, size)
        extra = [Param(str(i.flow.channels), "int") for i in walker.imports.values()]
        return Plan(
            declared.name, walker.kind, declared.doc, [*extra, *bound.params],
            [*bound.locals, *walker.items], result, start, flow, declared, bound.folded,
            walker.tapped, exports, walker.imports, found=walker.found,
        )  # fmt: skip


def _spoken(label: str) -> str:
    """What a class is called after: the last word of a label that is no number."""
    last = label.rpartition(".")[2]
    return label.replace(".", "_") if last.isdigit() else last


def _guess(block: BlockValue, values: Values) -> dict[str, str]:
    """Kinds for a block that no call of this net reaches: by the values written."""
    names = [p.name for p in block.block.params]
    given = dict(zip(names, values.positional, strict=False)) | values.keywords
    usual = {p.name: getattr(p.default, "value", None) for p in block.block.params}
    return {name: classify_open(given.get(name, usual[name])) for name in names}
