"""Parameters of a class: numbers and lists of numbers stay, everything else is folded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.flow import Param
from cnnspec.backends.torch.program.items import AssignItem, Item
from cnnspec.backends.torch.python.lists import OpenList, holds_sym, numbers_in
from cnnspec.backends.torch.python.names import safe
from cnnspec.backends.torch.python.symbols import Code, Sym, Var
from cnnspec.backends.torch.python.writing import write
from cnnspec.elaborate.calls import Calls, Values
from cnnspec.elaborate.scope import Scope
from cnnspec.ops.op import pair, real
from cnnspec.ops.sliding import resolve
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.values import SAME, TF_SAME, Dims, Padding, Shape, Size, Value, Window, key

SIZE_TYPES = {"int": "int", "pair": "tuple[int, int]", "both": "int | tuple[int, int]"}
"""The annotation of a parameter for rows and columns, by the values that its calls give."""


def sizes(pairs: Iterable[tuple[Code, Code]]) -> str:
    """A key of SIZE_TYPES for rows and columns: PyTorch takes equal ones as one number."""
    equal = {rows == columns for rows, columns in pairs}
    return "both" if len(equal) > 1 else "pair" if equal == {False} else "int"


def classify(values: list[Value]) -> str:
    """What a parameter is by the values it has in this net: `fold` means structure.

    Behind `window` and `oblong` stand the types of kernel and stride (`one`: always 1), behind
    `pad` that of the padding, but for `same`.
    """
    types = {type(v) for v in values}
    if types <= {int, Size}:
        return "int"
    if types <= {int, float, Size}:
        return "float"
    if types <= {Dims, Window}:
        windows = [_window(value) for value in values]
        kernel, strides = sizes(w.kernel for w in windows), {w.stride for w in windows}
        stride = "one" if strides == {(1, 1)} else sizes(strides)
        return f"{'window' if kernel == 'int' else 'oblong'} {kernel} {stride}"
    if (
        SAME in values
        and TF_SAME not in values
        and types <= {type(SAME), int, Dims}
        and len(types) > 1
    ):
        return f"pad {sizes((v.sizes[0], v.sizes[1]) for v in values if isinstance(v, Dims))}"
    if types == {tuple} and all(type(n) in (int, float) for v in values for n in v):
        return "list"
    return "fold"


def classify_open(value: Value) -> str:
    """What a name is that braces read: an open number is a parameter as a known one is."""
    if isinstance(value, OpenList):
        return "list"
    if isinstance(value, Sym):
        return "float" if isinstance(value, Var) and value.real else "int"
    return classify([value])


def _window(value: Value) -> Window:
    """`3x3` as a window of stride 1."""
    return value if isinstance(value, Window) else Window((value.sizes[0], value.sizes[1]))


def together(*types: str) -> str:
    """The key of SIZE_TYPES for values of several types."""
    return types[0] if len(set(types)) == 1 else "both"


@dataclass
class Bound:
    """What the parameters of a block or net are inside its class, and what its caller writes."""

    scope: Scope
    declared: tuple[str, ...]
    """The names of all parameters in the spec."""
    params: list[Param] = field(default_factory=list)
    locals: list[Item] = field(default_factory=list)
    folded: dict[str, Value] = field(default_factory=dict)
    args: list[tuple[str, Code]] = field(default_factory=list)
    inside: dict[str, Code] = field(default_factory=dict)
    """Name of a constructor parameter -> the caller's value: what is put into the result."""
    identity: list[object] = field(default_factory=list)
    """What tells two classes of one block apart."""
    lengths: dict[str, int] = field(default_factory=dict)
    arrives: Shape | None = None
    """The shape that arrives, where the class is written for it alone."""
    window: Window | None = None
    """The last window among the arguments: what a `same` behind it pads for."""

    def others(self, name: str) -> set[str]:
        """Names that the Python of this parameter cannot have."""
        return {safe(n) for n in self.declared if n != name} | {p.name for p in self.params}

    def names(self) -> dict[object, str]:
        """Python's names of parameters and of defaults that became locals."""
        targets = [i.target for i in self.locals if isinstance(i, AssignItem)]
        return {name: name for name in [*(p.name for p in self.params), *targets]}


@dataclass(frozen=True)
class Given:
    """The value of a parameter at a call, and whether the call writes it, by keyword or not."""

    value: Code
    default: Code
    written: bool
    keyword: str
    types: tuple[str, ...] = ()
    """Keys of SIZE_TYPES, as `classify` gives them."""


class Binder:
    """Splits the arguments of a call into what is folded and what stays."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def bind(
        self,
        name: str,
        params: tuple[t.Param, ...],
        values: Values,
        kinds: dict[str, str],
        scope: Scope,
        arriving: Any,
        span: Span,
    ) -> Bound:
        """Bind in `scope`; parameters that stay become variables in it."""
        bound = Bound(scope, declared=tuple(p.name for p in params))
        given = values.by_name(bound.declared)
        by_place = bound.declared[: len(values.positional)]
        for param, value in self.calls.completed(name, params, given, scope, arriving, span):
            default, written = value, param.name in given
            if written:  # the class has a default all the same
                default = None
                if param.default is not None:
                    default = self.calls.evaluator.value(param.default, scope, arriving)
            keyword = "" if param.name in by_place else param.name
            put = Given(value, default, written, keyword)
            self._param(bound, param.name, kinds[param.name], put, span)
        _defaults_last(bound)
        return bound

    def _param(self, bound: Bound, name: str, kind: str, given: Given, span: Span) -> None:
        """One parameter: folded, a local, or one that stays."""
        kind, *types = kind.split()
        if kind in ("window", "oblong") and given.default == SAME:
            kind = "pad"
        if not given.written and isinstance(given.default, Sym):
            self._local(bound, name, given.default)
        elif kind == "fold":
            self._fold(bound, name, given.value, span)
        else:
            put = {
                "int": self._number, "float": self._number, "list": self._list,
                "window": self._window, "oblong": self._window, "pad": self._pad,
            }[kind]  # fmt: skip
            put(bound, name, kind, replace(given, types=tuple(types)))

    def _fold(self, bound: Bound, name: str, value: Value, span: Span) -> None:
        """A block, string, boolean or none: part of what the class is."""
        if holds_sym(value):
            what = f"`{name}` chooses structure and depends on open numbers"
            raise BackendError(what, span, numbers=numbers_in(value))
        bound.folded[name] = bound.scope.values[name] = value
        bound.identity.append((name, key(value)))

    def _local(self, bound: Bound, name: str, value: Sym) -> None:
        """A default that depends on another parameter and is not overridden becomes a local."""
        bound.scope.values[name] = Var(safe(name), value)
        bound.locals.append(AssignItem(safe(name), value))
        bound.identity.append((name, "local"))

    def _stay(self, bound: Bound, name: str, annotation: str, given: Given) -> None:
        """A constructor parameter; the call names it where the spec's call does."""
        default = given.default
        text = "" if default is None or isinstance(default, Sym) else write(default)
        bound.params.append(Param(name, annotation, text))
        bound.inside[name] = given.value
        if given.written:
            gap = len(bound.args) < len(bound.params) - 1 or (bound.args[-1:] and bound.args[-1][0])
            bound.args.append((name if given.keyword or gap else "", given.value))

    def _number(self, bound: Bound, name: str, kind: str, given: Given) -> None:
        bound.scope.values[name] = Var(safe(name), real=kind == "float")
        if kind == "float":
            given = replace(given, value=real(given.value), default=real(given.default))
        if not isinstance(given.default, Sym | int | float):  # a word that no call leaves in place
            given = replace(given, default=None)
        self._stay(bound, safe(name), kind, given)

    def _list(self, bound: Bound, name: str, kind: str, given: Given) -> None:
        """A list has a fixed length: its entries are free, its length is structure."""
        value = given.value
        entries = value.entries if isinstance(value, OpenList) else tuple(value)
        of = "float" if any(isinstance(n, float) for n in entries) else "int"
        bound.scope.values[name] = OpenList(safe(name), len(entries))
        bound.lengths[name] = len(entries)
        bound.identity.append((name, len(entries)))
        text = value.code if isinstance(value, OpenList) else entries
        annotation = f"tuple[{', '.join([of] * len(entries))}]" if entries else "tuple[()]"
        self._stay(bound, safe(name), annotation, replace(given, value=text))

    def _window(self, bound: Bound, name: str, kind: str, given: Given) -> None:
        """A window is two parameters: its kernel, and a stride unless that is always 1."""
        window = _window(given.value)
        usual = None if given.default is None else _window(given.default)
        words = ("kernel", "stride")
        if bound.others(name) & {*words}:
            words = (f"{safe(name)}_kernel", f"{safe(name)}_stride")
        types = list(given.types) or ["both", "both"]
        if usual is not None and not holds_sym(usual):
            types[0] = together(types[0], sizes([usual.kernel]))
            types[1] = types[1] if usual.stride == (1, 1) else "both"
        kernel = Var(words[0], oblong=types[0] != "int")
        stride: Code = Var(words[1], oblong=types[1] != "int") if types[1] != "one" else 1
        bound.scope.values[name] = Window((kernel, kernel), (stride, stride), written=True)  # type: ignore[arg-type]
        keyword = given.keyword and words[0]
        default = None if usual is None or holds_sym(usual) else pair(usual.kernel)
        written = given.written or default is None
        kernel_given = Given(pair(window.kernel), default, written, keyword)
        self._stay(bound, words[0], SIZE_TYPES[types[0]], kernel_given)
        if types[1] != "one":
            strided, always = window.stride != (1, 1), types[1] == "pair"
            usual_stride = Given(pair(window.stride), None if always else 1, strided, words[1])
            self._stay(bound, words[1], SIZE_TYPES[types[1]], usual_stride)
        bound.identity.append((name, "window"))
        bound.window = window

    def _pad(self, bound: Bound, name: str, kind: str, given: Given) -> None:
        """A padding; `same` becomes the number at the call, by the block's one window."""
        word = safe(name) if "padding" in bound.others(name) else "padding"
        var = Var(word, oblong=True)
        bound.scope.values[name] = Padding(var, var, var, var)  # type: ignore[arg-type]
        fixed = given.default is not None and given.default != SAME
        usual = self._padding(bound, given.default) if fixed else None
        number = self._padding(bound, given.value)
        written = given.written or usual is None  # `same` is another number for each window
        annotation = SIZE_TYPES[together("int", *given.types)]
        self._stay(bound, word, annotation, Given(number, usual, written, word))

    def _padding(self, bound: Bound, value: Value) -> Code:
        window = bound.window
        if isinstance(value, Padding):
            return pair((value.top, value.left))
        if value == SAME:
            if window is None or holds_sym(window):
                raise BackendError("`same` needs the window of the same call")
            pad = resolve(SAME, window)
            return pair((pad.top, pad.left))
        return pair((value.sizes[0], value.sizes[1])) if isinstance(value, Dims) else value


def _defaults_last(bound: Bound) -> None:
    """A default before a parameter without one is no Python: the call writes it instead."""
    last = max((n for n, p in enumerate(bound.params) if not p.default), default=0)
    for position, param in enumerate(bound.params[:last]):
        if param.default:
            bound.params[position] = Param(param.name, param.annotation)
            names = [p.name for p in bound.params]
            positional = sum(not keyword for keyword, _ in bound.args)
            written = {*names[:positional], *(keyword for keyword, _ in bound.args)}
            if param.name not in written:
                bound.args.append((param.name, bound.inside[param.name]))
