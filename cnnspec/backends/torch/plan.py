"""One class for each block and set of folded values: numbers stay, structure is folded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cnnspec import ir
from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.evaluate import OpenEvaluator, OpenList, holds_sym
from cnnspec.backends.torch.items import AssignItem, Flow, Item, Param, Result
from cnnspec.backends.torch.naming import safe
from cnnspec.backends.torch.observe import Observed, size_of
from cnnspec.backends.torch.symbols import Code, Sym, Var, substitute, write
from cnnspec.elaborate.calls import Calls, Values
from cnnspec.elaborate.scope import BlockValue, Scope
from cnnspec.elaborate.session import key
from cnnspec.ops.op import pair
from cnnspec.ops.sliding import resolve
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.values import SAME, Dims, Padding, Size, Value, Window

if TYPE_CHECKING:
    from cnnspec.backends.torch.walk import Walker

SIZE_TYPE = "int | tuple[int, int]"


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


def classify(values: list[Value]) -> str:
    """What a parameter is by the values it has in this net: `fold` means structure."""
    types = {type(v) for v in values}
    if types <= {int, Size}:
        return "int"
    if types <= {int, float, Size}:
        return "float"
    if types <= {Dims, Window}:
        return "window"
    if SAME in values and types <= {type(SAME), int, Dims} and len(types) > 1:
        return "pad"
    if types == {tuple} and all(type(n) in (int, float) for v in values for n in v):
        return "list"
    return "fold"


@dataclass
class Bound:
    """What the parameters of a block or net are inside its class, and what its caller writes."""

    scope: Scope
    params: list[Param] = field(default_factory=list)
    locals: list[Item] = field(default_factory=list)
    folded: dict[str, Value] = field(default_factory=dict)
    args: list[tuple[str, Code]] = field(default_factory=list)
    inside: dict[str, Code] = field(default_factory=dict)
    """Name of a constructor parameter -> the caller's value: what is put into the result."""
    shape: list[object] = field(default_factory=list)
    """What tells two classes of one block apart."""


class Binder:
    """Splits the arguments of a call into what is folded and what stays."""

    def __init__(self, evaluator: OpenEvaluator) -> None:
        self.evaluator = evaluator

    def bind(
        self,
        params: tuple[t.Param, ...],
        values: Values,
        kinds: dict[str, str],
        scope: Scope,
        arriving: Any,
        span: Span,
    ) -> Bound:
        """Bind in `scope`; parameters that stay become variables in it."""
        bound = Bound(scope)
        names = [p.name for p in params]
        given = dict(zip(names, values.positional, strict=False)) | values.keywords
        for position, param in enumerate(params):
            keyword = "" if position < len(values.positional) else param.name
            self._param(bound, param, kinds[param.name], given, keyword, arriving, span)
        _defaults_last(bound)
        return bound

    def _param(
        self,
        bound: Bound,
        param: t.Param,
        kind: str,
        given: dict[str, Value],
        keyword: str,
        arriving: Any,
        span: Span,
    ) -> None:
        name, is_given = param.name, param.name in given
        default: Value = None
        if param.default is not None:
            default = self.evaluator.value(param.default, bound.scope, arriving)
        if not is_given and param.default is None:
            raise BackendError(f"`{name}` has no value", span)
        if not is_given and kind in ("int", "float") and isinstance(default, Sym):
            self._local(bound, name, default)
            return
        value = given[name] if is_given else default
        if kind == "fold":
            if holds_sym(value):
                raise BackendError(f"`{name}` chooses structure and depends on open numbers", span)
            bound.folded[name] = bound.scope.values[name] = value
            bound.shape.append((name, key(value)))
            return
        put = getattr(self, f"_{kind}")
        put(bound, name, value, default if param.default is not None else None, is_given, keyword)

    def _local(self, bound: Bound, name: str, value: Sym) -> None:
        """A default that depends on another parameter and is not overridden becomes a local."""
        bound.scope.values[name] = Var(safe(name), value)
        bound.locals.append(AssignItem(safe(name), value))
        bound.shape.append((name, "local"))

    def _stay(
        self,
        bound: Bound,
        name: str,
        annotation: str,
        value: Code,
        default: Code,
        given: bool,
        keyword: str,
    ) -> None:
        """A constructor parameter; the call names it where the spec's call does."""
        text = "" if default is None or isinstance(default, Sym) else write(default)
        bound.params.append(Param(name, annotation, text))
        bound.inside[name] = value
        if given:
            bound.args.append((name if keyword else "", value))

    def _int(
        self, bound: Bound, name: str, value: Code, default: Code, given: bool, keyword: str
    ) -> None:
        bound.scope.values[name] = Var(safe(name))
        self._stay(bound, safe(name), "int", value, default, given, keyword)

    def _float(
        self, bound: Bound, name: str, value: Code, default: Code, given: bool, keyword: str
    ) -> None:
        bound.scope.values[name] = Var(safe(name), real=True)
        self._stay(bound, safe(name), "float", value, default, given, keyword)

    def _list(
        self, bound: Bound, name: str, value: Value, default: Value, given: bool, keyword: str
    ) -> None:
        entries = value.entries if isinstance(value, OpenList) else tuple(value)
        kind = "float" if any(isinstance(n, float) for n in entries) else "int"
        bound.scope.values[name] = OpenList(safe(name), len(entries))
        bound.shape.append((name, len(entries)))
        text = Var(value.name) if isinstance(value, OpenList) else entries
        annotation = f"tuple[{', '.join([kind] * len(entries))}]" if entries else "tuple[()]"
        self._stay(bound, safe(name), annotation, text, default, given, keyword)

    def _window(
        self, bound: Bound, name: str, value: Value, default: Value, given: bool, keyword: str
    ) -> None:
        """A window is two parameters: its kernel, and a stride that is 1 unless written."""
        window = value if isinstance(value, Window) else Window((value.sizes[0], value.sizes[1]))
        words = ("kernel", "stride")
        if any(p.name in words for p in bound.params):
            words = (f"{safe(name)}_kernel", f"{safe(name)}_stride")
        kernel, stride = Var(words[0]), Var(words[1])
        bound.scope.values[name] = Window((kernel, kernel), (stride, stride), written=True)  # type: ignore[arg-type]
        self._stay(
            bound, words[0], SIZE_TYPE, pair(window.kernel), None, given, keyword and words[0]
        )
        strided = given and window.stride != (1, 1)
        self._stay(bound, words[1], SIZE_TYPE, pair(window.stride), 1, strided, words[1])
        bound.shape.append((name, "window"))
        bound.folded["\0window"] = window

    def _pad(
        self, bound: Bound, name: str, value: Value, default: Value, given: bool, keyword: str
    ) -> None:
        """A padding; `same` becomes the number at the call, by the block's one window."""
        word = safe(name) if any(p.name == "padding" for p in bound.params) else "padding"
        var = Var(word)
        bound.scope.values[name] = Padding(var, var, var, var)  # type: ignore[arg-type]
        number = self._padding(bound, value)
        usual = None if default is None or default == SAME else self._padding(bound, default)
        self._stay(bound, word, SIZE_TYPE, number, usual, given, word if keyword or given else "")

    def _padding(self, bound: Bound, value: Value) -> Code:
        window = bound.folded.get("\0window")
        if isinstance(value, Padding):
            return pair((value.top, value.left))
        if value == SAME:
            if not isinstance(window, Window) or holds_sym(window):
                raise BackendError("`same` needs the window of the same call")
            pad = resolve(SAME, window)
            return pair((pad.top, pad.left))
        return pair((value.sizes[0], value.sizes[1])) if isinstance(value, Dims) else value


def _defaults_last(bound: Bound) -> None:
    """A default before a parameter without one is no Python: the call writes it instead."""
    last = max((n for n, p in enumerate(bound.params) if not p.default), default=-1)
    for position, param in enumerate(bound.params[:last]):
        if param.default:
            bound.params[position] = Param(param.name, param.annotation)
            names = [p.name for p in bound.params]
            positional = sum(not keyword for keyword, _ in bound.args)
            written = {*names[:positional], *(keyword for keyword, _ in bound.args)}
            if param.name not in written:
                bound.args.append((param.name, bound.inside[param.name]))


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
    ) -> tuple[Plan, list[tuple[str, Code]], Code, Code]:
        """The class of a block's call, its arguments, and the channels and scale it gives."""
        kinds = self.kinds(block) or self._guess(block, values)
        bound = self.binder.bind(
            block.block.params, values, kinds, block.unit.scope.inner(), arriving, span
        )
        bound.folded.pop("\0window", None)
        memory = (id(block.block), tuple(bound.shape), flow.vector)
        plan = self.found.get(memory)
        if plan is None:
            plan = self._make(block, bound, flow)
            self.found[memory] = plan
        given = {"in_channels": flow.channels, **bound.inside}
        channels, scale = plan.result.of(given)
        return plan, bound.args, channels, scale

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
        size = () if flow.vector else size_of(observed.inputs()) if observed.modules else None
        start = Flow(Var("in_channels"), Var("in_channels"), size, 1)
        kind = "seq" if declared.seq else "chain"
        numbers = dict(bound.scope.values)
        try:
            walker = Walker(self, observed, start, kind)
            walker.run(declared.body, bound.scope)
        except NeedsModule as needs:
            if declared.seq:
                raise BackendError(f"a `seq` block cannot hold {needs.what}", needs.span) from None
            kind = "module"
            bound.scope.values, bound.scope.rules = numbers, {}
            walker = Walker(self, observed, start, kind)
            walker.run(declared.body, bound.scope)
        return self._plan(declared, kind, bound, walker, start)

    def _modules_of(self, block: BlockValue, bound: Bound) -> Iterable[ir.Module]:
        for module in self.modules.get(block.name, []):
            args = dict(module.args)
            same = all(key(args[n]) == key(v) for n, v in bound.folded.items())
            lists = ((n, size) for n, size in bound.shape if isinstance(size, int))  # type: ignore[misc]
            if (
                same
                and module.span == block.block.span
                and all(len(args[n]) == s for n, s in lists)
            ):
                yield module

    def _plan(
        self, declared: t.Block | t.Net, kind: str, bound: Bound, walker: Walker, start: Flow
    ) -> Plan:
        channels = walker.flow.closed
        result = Result(channels, walker.flow.scale)
        return Plan(
            declared.name, kind, declared.doc, bound.params, [*bound.locals, *walker.items],
            result, start, walker.flow, declared, bound.folded, walker.tapped,
        )  # fmt: skip


__all__ = ["Bound", "Plan", "Plans", "classify", "substitute"]
