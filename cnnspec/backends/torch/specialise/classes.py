"""One class for each block and set of folded values, made when the block is first called."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count

from cnnspec import ir
from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.flow import Flow, Param, Result
from cnnspec.backends.torch.program.items import ClassPlan
from cnnspec.backends.torch.python.lists import holds_sym
from cnnspec.backends.torch.python.names import identifier
from cnnspec.backends.torch.python.symbols import Var, expand
from cnnspec.backends.torch.specialise.bind import OpenCalls
from cnnspec.backends.torch.specialise.folding import Folding, Owner, blaming
from cnnspec.backends.torch.specialise.instances import instance
from cnnspec.backends.torch.specialise.observe import Observed, known, plain, size_of
from cnnspec.backends.torch.specialise.opened import OpenWalk
from cnnspec.backends.torch.specialise.order import check
from cnnspec.backends.torch.specialise.parameters import Binder, Bound, classify, classify_open
from cnnspec.backends.torch.specialise.recursion import Begun, assumptions, closed
from cnnspec.backends.torch.specialise.sites import CallSite, only
from cnnspec.backends.torch.specialise.state import Braces, Exports, NeedsModule, State
from cnnspec.backends.torch.specialise.values import OpenEvaluator
from cnnspec.backends.torch.specialise.walk import Walker
from cnnspec.elaborate.calls import Calls, Values
from cnnspec.elaborate.scope import BlockValue, Scope
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.values import key


class Plans:
    """Every class of a file, made when its block is first called."""

    def __init__(
        self,
        modules: dict[str, list[ir.Module]],
        blocks: dict[Span, BlockValue],
        folding: Folding,
    ) -> None:
        self.evaluator = OpenEvaluator()
        self.calls: Calls = OpenCalls(self.evaluator)
        self.binder = Binder(self.calls)
        self.modules, self.blocks, self.folding = modules, blocks, folding
        self.making: dict[object, Begun] = {}
        """The classes that are begun, by what tells them apart; the last is the one in hand."""
        self.versions: Iterator[int] = count(1)
        """Numbers of assignments."""
        self.found: dict[object, ClassPlan] = {}
        self.levels: dict[object, t.Block] = {}

    def kinds(self, block: BlockValue) -> dict[str, str]:
        """What each parameter of a block is, by all of its calls in this net."""
        modules = [m for m in self.modules.get(block.name, []) if m.span == block.block.span]
        rows = [dict(m.args) for m in modules]
        if not rows:
            return {}
        kinds = {p.name: classify([row[p.name] for row in rows]) for p in block.block.params}
        if any(kind.startswith("oblong") for kind in kinds.values()):  # so may `same` be for it
            kinds = {n: "pad both" if k.startswith("pad") else k for n, k in kinds.items()}
        return kinds

    def call(
        self, block: BlockValue, values: Values, exports: Exports, site: CallSite
    ) -> tuple[ClassPlan, Bound]:
        """The class of a block's call, and its arguments."""
        folded = self.folding.of(block.block)
        if folded.instance:
            return self.called(block.block, exports, site)
        kinds = self.kinds(block) or _guess(block, values)
        kinds = {name: "fold" if folded.covers(name) else kind for name, kind in kinds.items()}
        inner = block.unit.scope.inner()
        arriving = site.arriving
        if folded.arrives:
            arriving = site.shape()
        bound = self.binder.bind(
            block.name, block.block.params, values, kinds, inner, arriving, site.span
        )
        if folded.arrives:
            bound.arrives = arriving
            bound.identity.append(("arrives", arriving))
        observed = Observed(self._modules_of(block, bound))
        return self.plan(block.block, bound, exports, observed, site), bound

    def called(
        self, declared: t.Block, exports: Exports, site: CallSite
    ) -> tuple[ClassPlan, Bound]:
        """The class of the one module that the IR has for a call."""
        site.settled()
        module = only({*site.modules}, site, "what this block is")
        return instance(self, module, declared, exports), Bound(Scope(), ())

    def declared_for(self, call: ir.Call) -> t.Block:
        """An inner level of the IR as a block without parameters."""
        memory = id(call.module)
        if memory not in self.levels:
            span, name = call.module.span, _spoken(call.name)
            name = f"child{name}" if name[:1].isdigit() else name
            body = t.Body(span, ())
            doc = f"The layers of `{name}`."
            self.levels[memory] = t.Block(span, doc, name, span, (), call.module.seq, body)
        return self.levels[memory]

    def instance(
        self, reader: State, module: ir.Module, declared: t.Block, exports: Exports
    ) -> ClassPlan:
        """The class of a module of the IR, from what was read of it."""
        leaves = known(module.output)
        result = Result(leaves.channels, None, leaves.size)
        return ClassPlan(
            declared.name, reader.kind, declared.doc, [], reader.items, result, reader.start,
            leaves, declared, reader.owner or declared, dict(module.args), reader.labels.tapped,
            exports, reader.imports, found=reader.labels.found,
        )  # fmt: skip

    def declared(
        self, layer: t.Layer, body: t.Body, names: tuple[str, ...], rules: str, path: str
    ) -> t.Block:
        """Braces as a block with the names that they read as parameters; `path` is theirs."""
        memory = (id(body), names, rules)
        if memory not in self.levels:
            text = layer.label.text if layer.label else path
            words = text if isinstance(text, str) else next(p for p in text.parts if p)
            name = _spoken(words) if isinstance(words, str) else "layer"
            name = f"child{name}" if name[:1].isdigit() else name
            params = tuple(t.Param(layer.span, n, None) for n in names)
            seq = isinstance(layer.form, t.Seq)
            doc = f"The layers of `{name}`."
            self.levels[memory] = t.Block(body.span, doc, name, layer.span, params, seq, body)
        return self.levels[memory]

    def level(
        self, declared: t.Block, values: Values, exports: Exports, level: Braces[OpenWalk]
    ) -> tuple[ClassPlan, Bound]:
        """The class of braces or a `seq` that need a `forward`: a block of the names they read."""
        site = level.site
        kinds = {name: classify_open(value) for name, value in values.keywords.items()}
        if not level.walker.unrolling:
            known = [n for n, value in values.keywords.items() if not holds_sym(value)]
            kinds |= dict.fromkeys(known, "fold")
        bound = self.binder.bind(
            declared.name, declared.params, values, kinds, level.scope.inner(), site.arriving,
            site.span,
        )  # fmt: skip
        return self.plan(declared, bound, exports, Observed(level.modules), site, level), bound

    def plan(
        self,
        declared: t.Block,
        bound: Bound,
        exports: Exports,
        observed: Observed,
        site: CallSite,
        level: Braces[OpenWalk] | None = None,
    ) -> ClassPlan:
        """The class for these folded values and exports; made when it is first wanted."""
        memory = (id(declared), tuple(bound.identity), site.flow.vector, exports)
        if memory in self.making:
            begun = self.making[memory]
            direct = begun is [*self.making.values()][-1]
            return begun.again(bound, site.span, direct=direct)
        plan = self.found.get(memory)
        if plan is None:
            start = _start(bound, observed, site)

            def make(begun: Begun) -> ClassPlan:
                self.making[memory] = begun
                try:
                    return self._make(begun, bound, exports, observed, level)
                finally:  # where it cannot be made, another walk of its caller may try again
                    del self.making[memory]

            guesses = assumptions(bound, dict(bound.scope.values), observed, start)
            plan = closed(make, declared, start, guesses, self.folding)
            plan.inline = level is not None
            self.found[memory] = plan
        return plan

    def _make(
        self,
        begun: Begun,
        bound: Bound,
        exports: Exports,
        observed: Observed,
        level: Braces[OpenWalk] | None,
    ) -> ClassPlan:
        declared = begun.declared
        owner = level.walker.owner if level else declared
        names = dict(bound.scope.values)

        def walk(kind: str, careful: bool) -> Walker:
            bound.scope.values, bound.scope.rules = dict(names), {}
            walker = Walker(self, observed, begun.start, kind)
            begun.items = walker.items
            walker.owner, walker.folded = owner, self.folding.of(owner)
            walker.careful, walker.locals = careful, bound.names()
            walker.want(exports)
            walker.around = (level.walker, level.scope) if level else None
            walker.run(declared.body, bound.scope)
            return walker

        def of_kind(kind: str) -> ClassPlan:
            with blaming(owner):
                walker = in_order(lambda careful: walk(kind, careful))
            return self._plan(declared, owner or declared, walker, bound, exports)

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
            sized = sized and bound.arrives in (None, plain(module.input))
            if folded and sized and module.span == block.block.span:
                yield module

    def _plan(
        self, declared: t.Block, owner: Owner, walker: Walker, bound: Bound, exports: Exports
    ) -> ClassPlan:
        start, flow = walker.start, walker.flow
        size = flow.size and tuple(map(expand, flow.size))
        result = Result(flow.closed, expand(flow.scale), size)
        extra = [Param(i.channels, "int") for i in walker.imports.values()]
        return ClassPlan(
            declared.name, walker.kind, declared.doc, [*extra, *bound.params],
            [*bound.locals, *walker.items], result, start, flow, declared, owner,
            bound.folded, walker.labels.tapped, exports, walker.imports, found=walker.labels.found,
        )  # fmt: skip


def _start(bound: Bound, observed: Observed, site: CallSite) -> Flow:
    """What flows into a class: open channels, and sizes that all of its calls agree on."""
    if bound.arrives is not None:
        return known(bound.arrives)
    open_size = (Var("in_height"), Var("in_width"))
    size = () if site.flow.vector else size_of(observed.inputs()) or open_size
    return Flow(Var("in_channels"), Var("in_channels"), size, 1)


def in_order(walk: Callable[[bool], Walker]) -> Walker:
    """The walk of a class whose variables hold what is meant where they are read."""
    walker = walk(False)
    if check(walker.items) is not None:
        walker = walk(True)
        if (stale := check(walker.items)) is not None:
            what = f"`{stale.name}` holds another number here than the one that is meant"
            raise BackendError(what, stale.span, "assert the shape before it: `=> 64x8x8`")
    return walker


def _spoken(label: str) -> str:
    """What a class is called after: the last word of a label that is no number."""
    last = label.rpartition(".")[2]
    return identifier(label if last[:1].isdigit() else last)


def _guess(block: BlockValue, values: Values) -> dict[str, str]:
    """Kinds for a block that no call of this net reaches: by the values written."""
    usual = {p.name: getattr(p.default, "value", None) for p in block.block.params}
    given = usual | values.by_name(usual)
    return {name: classify_open(given[name]) for name in usual}
