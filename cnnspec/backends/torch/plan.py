"""One class for each block and set of folded values, made when the block is first called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cnnspec import ir
from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.evaluate import OpenEvaluator
from cnnspec.backends.torch.items import Flow, Item, Param, Result
from cnnspec.backends.torch.observe import Observed, size_of
from cnnspec.backends.torch.parameters import Binder, Bound, classify
from cnnspec.backends.torch.symbols import LOST, Code, Sym, Var, expand
from cnnspec.elaborate.calls import Calls, Values
from cnnspec.elaborate.scope import BlockValue
from cnnspec.elaborate.session import key
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.values import Value

if TYPE_CHECKING:
    from cnnspec.backends.torch.walk import Walker


ARRIVES = ("in_channels", "in_height", "in_width")
"""Parameters for the shape that arrives: first, and only those that the class reads."""


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
    taps: set[tuple[str, ...]] = field(default_factory=set)
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

    def kinds(self, block: BlockValue) -> dict[str, str]:
        """What each parameter of a block is, by all of its calls in this net."""
        modules = [m for m in self.modules.get(block.name, []) if m.span == block.block.span]
        rows = [dict(m.args) for m in modules]
        if not rows:
            return {}
        return {p.name: classify([row[p.name] for row in rows]) for p in block.block.params}

    def call(
        self, block: BlockValue, values: Values, flow: Flow, arriving: Any, span: Span
    ) -> tuple[Plan, list[tuple[str, Code]], Result]:
        """The class of a block's call, its arguments, and what it gives."""
        kinds = self.kinds(block) or self._guess(block, values)
        bound = self.binder.bind(
            block.block.params, values, kinds, block.unit.scope.inner(), arriving, span
        )
        memory = (id(block.block), tuple(bound.identity), flow.vector)
        plan = self.found.get(memory)
        if plan is None:
            plan = self._make(block, bound, flow)
            self.found[memory] = plan
        arriving_sizes = (flow.channels, *(flow.size or (LOST, LOST)))
        given = {**dict(zip(ARRIVES, arriving_sizes, strict=True)), **bound.inside}
        return plan, bound.args, plan.result.of(given)

    def _guess(self, block: BlockValue, values: Values) -> dict[str, str]:
        """Kinds for a block that no call of this net reaches: by the values written."""
        names = [p.name for p in block.block.params]
        given = dict(zip(names, values.positional, strict=False)) | values.keywords
        found = {}
        for param in block.block.params:
            value = given.get(param.name)
            if value is None and isinstance(param.default, t.Literal):
                value = param.default.value
            found[param.name] = "int" if isinstance(value, Sym) else classify([value])
        return found

    def _make(self, block: BlockValue, bound: Bound, flow: Flow) -> Plan:
        from cnnspec.backends.torch.walk import NeedsModule, Walker

        declared = block.block
        observed = Observed(self._modules_of(block, bound))
        open_size = (Var("in_height"), Var("in_width"))
        size = () if flow.vector else size_of(observed.inputs()) or open_size
        start = Flow(Var("in_channels"), Var("in_channels"), size, 1)
        kind = "seq" if declared.seq else "chain"
        numbers = dict(bound.scope.values)
        try:
            walker = Walker(self, observed, start, kind)
            walker.locals = bound.names()
            walker.run(declared.body, bound.scope)
        except NeedsModule as needs:
            if declared.seq:
                raise BackendError(f"a `seq` block cannot hold {needs.what}", needs.span) from None
            kind = "module"
            bound.scope.values, bound.scope.rules = numbers, {}
            walker = Walker(self, observed, start, kind)
            walker.locals = bound.names()
            walker.run(declared.body, bound.scope)
        return self._plan(declared, kind, bound, walker, start)

    def _modules_of(self, block: BlockValue, bound: Bound) -> Iterator[ir.Module]:
        """The modules of the IR that this class stands for."""
        for module in self.modules.get(block.name, []):
            args = dict(module.args)
            folded = all(key(args[n]) == key(v) for n, v in bound.folded.items())
            sized = all(len(args[n]) == size for n, size in bound.lengths.items())
            if folded and sized and module.span == block.block.span:
                yield module

    def _plan(
        self, declared: t.Block | t.Net, kind: str, bound: Bound, walker: Walker, start: Flow
    ) -> Plan:
        channels = walker.flow.closed
        size = walker.flow.size and tuple(map(expand, walker.flow.size))
        result = Result(channels, walker.flow.scale, size)
        return Plan(
            declared.name, kind, declared.doc, bound.params, [*bound.locals, *walker.items],
            result, start, walker.flow, declared, bound.folded, walker.tapped,
        )  # fmt: skip
