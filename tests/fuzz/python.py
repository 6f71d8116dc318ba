"""Generated modules interpreted without torch: constructors over numbers, `forward` over terms.

It knows the subset of Python that the emitter writes; anything else is a Fault with its line, and
nothing is guessed.  A tensor is the number of a term, (op, path of its weights, inputs): equal
numbers, equal values.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cnnspec.ops.op import Op
from cnnspec.values import BESIDE, Beside, Padding
from tests.fuzz.readback import FORMS, HELPERS, Full, kept, of, read, unpadded

Env = dict[str, Any]


class Fault(Exception):
    """What Python would not run, or what is not known here."""


@dataclass(frozen=True)
class Dotted:
    """`nn.Conv2d` and what else an import gives."""

    name: str


@dataclass(eq=False)
class Class:
    """A class of the file, or one of PyTorch's containers."""

    name: str
    base: str
    methods: dict[str, ast.FunctionDef] = field(default_factory=dict)
    fields: tuple[str, ...] = ()


@dataclass(eq=False)
class Leaf:
    """A module without children: its op, and the channels that it was made for."""

    op: Op
    arriving: int | None
    path: str = ""
    places: bool = False

    @property
    def bare(self) -> bool:
        """Whether it is a parameter, and no module."""
        return bool(getattr(self.op, "own_key", False))


@dataclass(eq=False)
class Padded:
    """`nn.ZeroPad2d`."""

    sides: tuple[int, ...]
    path: str = ""


@dataclass(eq=False)
class Made:
    """An instance: its children in the order in which they were registered, and other values."""

    cls: Class
    children: dict[str, Child] = field(default_factory=dict)
    attributes: Env = field(default_factory=dict)
    path: str = ""
    parameters: dict[str, Leaf] = field(default_factory=dict)


Child = Leaf | Padded | Made


@dataclass(frozen=True)
class Tensor:
    """A value in `forward`."""

    term: int


@dataclass(frozen=True)
class Like:
    """`y.shape`; with `map_only` `y.shape[-2:]`."""

    of: Tensor
    map_only: bool = False


@dataclass(frozen=True)
class Places:
    """The second value of a pool: where its maxima stood in what arrived there."""

    op: Op
    before: int


class Terms:
    """Every term made so far, of a module and of the graph it is compared with."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[Any, ...], int] = {}

    def number(self, *row: Any) -> int:
        return self.numbers.setdefault(row, len(self.numbers))

    def apply(self, op: Op, path: str, inputs: tuple[int, ...]) -> int:
        """An op at work; `skip` is no term, and three operands are two and one."""
        if op.name == "skip":
            return inputs[0]
        pad = getattr(op, "pad", None)
        if isinstance(pad, Padding) and not pad.symmetric:
            inputs = (self.number("pad", tuple(pad), inputs[0]),)
            op = unpadded(op)
        if op.name in ("add", "mul"):
            first, *others = inputs
            for other in others:
                first = self.number(op, "", first, other)
            return first
        return self.number(op, path, *inputs)


BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow,
    ast.Div: operator.truediv,
}  # fmt: skip
COMPARE: dict[type, Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not,
}  # fmt: skip
BUILTINS: Env = {
    "range": range, "enumerate": enumerate, "min": min, "max": max, "len": len, "list": list,
    "OrderedDict": dict,
}  # fmt: skip
CONTAINERS = {
    name: Class(name, name) for name in ("nn.Sequential", "nn.ModuleList", "nn.ModuleDict")
}
IMPORTED: Env = {name: Dotted(name) for name in ("torch", "nn", "F", "Tensor", "int", "tuple")}
INITIAL = ("modules", "children", "get_submodule")
"""Methods of the loops over initial weights, which are not looked at here."""


FUNCTIONS = ("center_crop",)
"""Functions that ops bring."""


class Return(Exception):
    """`return`: the value is in `args`."""


class Interpreter:
    """Runs one generated file."""

    def __init__(self, text: str, terms: Terms) -> None:
        self.terms, self.training, self.line = terms, False, 0
        self.names: Env = {**BUILTINS, **IMPORTED}
        for node in ast.parse(text).body:
            match node:
                case ast.ClassDef() if node.name in HELPERS:
                    self.names[node.name] = Dotted(node.name)
                case ast.ClassDef():
                    self.names[node.name] = _class(node)
                case ast.FunctionDef() if node.name in FUNCTIONS:
                    self.names[node.name] = Dotted(node.name)
                case ast.FunctionDef():
                    self.names[node.name] = node
                case ast.Assign([ast.Name(name)], value):
                    self.names[name] = ast.literal_eval(value)

    def build(self, name: str, **values: Any) -> Made:
        """What the file's function makes, every module with its path."""
        made = self.call(self.names[name], (), values)
        _place(made, "")
        return made

    def run(self, made: Made, inputs: tuple[Tensor, ...], *, training: bool) -> dict[str, int]:
        """The terms that `forward` returns, by name."""
        self.training = training
        found = self.module(made, inputs)
        return {"logits": found.term} if isinstance(found, Tensor) else found

    def fault(self, message: str) -> Fault:
        return Fault(f"line {self.line}: {message}")

    # --- calls ---

    def call(self, function: Any, args: tuple[Any, ...], words: Env) -> Any:
        match function:
            case Leaf() | Padded() | Made():
                return self.module(function, args)
            case Class():
                return self.construct(function, args, words)
            case ast.FunctionDef():
                return self.function(function, args, words)
            case Dotted(name) if name in CONTAINERS:
                return self.construct(CONTAINERS[name], args, words)
            case Dotted(name):
                return self.known(name, args, words)
        return function(*args, **words)

    def function(self, node: ast.FunctionDef, args: tuple[Any, ...], words: Env) -> Any:
        names = [a.arg for a in node.args.args]
        defaults = [self.value(d, {}) for d in node.args.defaults]
        env: Env = dict(zip(names[len(names) - len(defaults) :], defaults, strict=True))
        given = dict(zip(names, args, strict=False))
        if len(args) > len(names) or set(words) - set(names) or set(given) & set(words):
            raise self.fault(f"{node.name} does not take {args} and {words}")
        env |= given | words
        if missing := [n for n in names if n not in env]:
            raise self.fault(f"{node.name} has no value for {', '.join(missing)}")
        for a in node.args.args:
            if a.annotation is not None and not _fits(env[a.arg], ast.unparse(a.annotation)):
                raise self.fault(f"{a.arg} is {env[a.arg]!r}, no {ast.unparse(a.annotation)}")
        try:
            self.body(node.body, env)
        except Return as returned:
            return returned.args[0]
        return None

    def construct(self, cls: Class, args: tuple[Any, ...], words: Env) -> Any:
        if cls.base == "NamedTuple":
            return dict(zip(cls.fields, (a.term for a in args), strict=True))
        made = Made(cls)
        if "__init__" in cls.methods:
            self.function(cls.methods["__init__"], (made, *args), words)
        else:
            self.fill(made, args)
        return made

    def fill(self, made: Made, args: tuple[Any, ...]) -> None:
        """`nn.Sequential(...)`, `nn.ModuleList([...])`, `nn.ModuleDict({...})`."""
        if len(args) == 1 and isinstance(args[0], list | dict):
            args = args[0]  # type: ignore[assignment]
        pairs = args.items() if isinstance(args, dict) else enumerate(args)
        for name, module in pairs:
            self.register(made, str(name), module)

    def register(self, made: Made, name: str, module: Any, bare: bool = False) -> None:
        if any(name in row for row in (made.children, made.parameters, made.attributes)):
            raise self.fault(f"`{name}` is set twice")
        if not name or "." in name:
            raise self.fault(f"`{name}` is no name")
        if not isinstance(module, Child) or module.path:
            raise self.fault(f"`{name}` is no module, or has a name already")
        if (isinstance(module, Leaf) and module.bare) != bare:
            raise self.fault(
                f"`{name}` is a parameter where a module must be, or one for the other"
            )
        module.path = name
        (made.parameters if bare else made.children)[name] = module  # type: ignore[index]

    def known(self, name: str, args: tuple[Any, ...], words: Env) -> Any:
        """A module of PyTorch or of an op, or a function at work."""
        if name.startswith("nn.init."):
            return None
        if name == "nn.ZeroPad2d":
            return Padded(*args)
        if name == "torch.full":
            return Full(*args)
        if name == "F.pad":
            return self.padded(*args)
        if name == "torch.cat":
            if words != {"dim": 1}:
                raise self.fault(f"cat along {words}")
            return Tensor(self.terms.apply(of("concat"), "", tuple(a.term for a in args[0])))
        if name in ("center_crop", "F.interpolate", "F.max_unpool2d") and (
            len(args) > 1 or type(words.get("size")) is Like
        ):
            return self.second(name, args, words)
        if name not in FORMS:
            raise self.fault(f"{name} is not known")
        function = name.startswith(("F.", "torch."))
        try:
            op, arriving = read(name, (None, *args[1:]) if function else args, words)
        except (TypeError, KeyError) as error:
            raise self.fault(f"{name}: {error}") from None
        places = bool(words.get("return_indices"))
        if function:
            return self.pooled(op, "", args[0], places)
        return Leaf(op, arriving, places=places)

    def pooled(self, op: Op, path: str, x: Tensor, places: bool) -> Any:
        """An op of one input at work; a pool may give the places of its maxima too."""
        found = Tensor(self.terms.apply(op, path, (x.term,)))
        return (found, Places(op, x.term)) if places else found

    def second(self, name: str, args: tuple[Any, ...], words: Env) -> Tensor:
        """An op of two values."""
        x, *more = args
        if name == "F.max_unpool2d":
            places, kernel = more
            pool: Any = places.op
            stride, pad = words["stride"], words.get("padding", (0, 0))
            if (kernel, stride) != (pool.window.kernel, pool.window.stride) or pad != (
                pool.pad.top,
                pool.pad.left,
            ):
                raise self.fault(f"{words} is not the pool {pool}")
            op = of("unpool", Beside(pool))
            return Tensor(self.terms.apply(op, "", (x.term, places.before)))
        if name == "center_crop":
            return Tensor(self.terms.apply(of("crop", to=BESIDE), "", (x.term, more[0].term)))
        size = words["size"]
        if not size.map_only:
            raise self.fault(f"a size of {size}")
        op = of("resize", None, words["mode"], words.get("align_corners", False), BESIDE)
        return Tensor(self.terms.apply(op, "", (x.term, size.of.term)))

    def padded(self, x: Tensor, sides: tuple[int, ...]) -> Tensor:
        left, right, top, bottom = sides
        return Tensor(self.terms.number("pad", (top, bottom, left, right), x.term))

    def module(self, at: Child, args: tuple[Any, ...]) -> Any:
        """A module called with tensors."""
        match at:
            case Leaf() if at.bare:
                raise self.fault(f"{at.path} is a parameter, and is called")
            case Leaf():
                (x,) = args
                return self.pooled(at.op, at.path if kept(at.op) else "", x, at.places)
            case Padded():
                return self.padded(args[0], at.sides)
        if "forward" in at.cls.methods:
            return self.function(at.cls.methods["forward"], (at, *args), {})
        if at.cls.base != "nn.Sequential":
            raise self.fault(f"{at.path} has no forward")
        (x,) = args
        for child in at.children.values():
            x = self.module(child, (x,))
        return x

    def method(self, of_: Any, name: str, args: tuple[Any, ...], words: Env) -> Any:
        match of_, name:
            case Tensor(), "permute":
                op = of("permute", tuple(a - 1 for a in args[1:]))
                return Tensor(self.terms.apply(op, "", (of_.term,)))
            case Made(), "append":
                return self.register(of_, str(len(of_.children)), *args)
            case Made(), "add_module":
                return self.register(of_, *args)
            case Made(), "register_parameter":
                return self.register(of_, *args, bare=True)
            case Made(), _ if name in INITIAL:
                return []
        return self.call(self.attribute(of_, name), args, words)

    # --- statements ---

    def body(self, body: list[ast.stmt], env: Env) -> None:
        for node in body:
            self.line = node.lineno
            self.statement(node, env)

    def statement(self, node: ast.stmt, env: Env) -> None:
        match node:
            case ast.Assign(targets, value):
                found = self.value(value, env)
                for target in targets:
                    self.assign(target, found, env)
            case ast.AnnAssign(target, _, value) if value is not None:
                self.assign(target, self.value(value, env), env)
            case ast.AugAssign(ast.Name(name), sign, value):
                env[name] = BINARY[type(sign)](env[name], self.value(value, env))
            case ast.Expr(value):
                self.value(value, env)
            case ast.Pass():
                pass
            case ast.Return(value) if value is not None:
                raise Return(self.value(value, env))
            case ast.If(test, then, other):
                self.body(then if self.value(test, env) else other, env)
            case ast.For(target, over, inner):
                for value in self.iterated(self.value(over, env)):
                    self.assign(target, value, env)
                    self.body(inner, env)
            case _:
                raise self.fault(f"a {type(node).__name__}")

    def iterated(self, value: Any) -> Iterator[Any]:
        return iter(list(value.children.values()) if isinstance(value, Made) else value)

    def assign(self, target: ast.expr, value: Any, env: Env) -> None:
        match target:
            case ast.Name(name):
                env[name] = value
            case ast.Tuple(parts):
                for part, one in zip(parts, value, strict=True):
                    self.assign(part, one, env)
            case ast.Attribute(of_, name):
                made = self.value(of_, env)
                if isinstance(value, Child):
                    self.register(made, name, value, bare=isinstance(value, Leaf) and value.bare)
                elif name in made.children or name in made.parameters:
                    raise self.fault(f"`{name}` is a module already")
                else:
                    made.attributes[name] = value
            case ast.Subscript(of_, index):
                holder, key = self.value(of_, env), self.value(index, env)
                if isinstance(holder, Made):
                    self.register(holder, key, value)
                else:
                    holder[key] = value

    # --- expressions ---

    def value(self, node: ast.expr, env: Env) -> Any:
        found = getattr(self, f"on_{type(node).__name__}", None)
        if found is None:
            raise self.fault(f"cannot run `{ast.unparse(node)}`")
        return found(node, env)

    def on_Constant(self, node: ast.Constant, env: Env) -> Any:
        return node.value

    def on_Name(self, node: ast.Name, env: Env) -> Any:
        for names in (env, self.names):
            if node.id in names:
                return names[node.id]
        raise self.fault(f"nothing is called {node.id}")

    def on_Call(self, node: ast.Call, env: Env) -> Any:
        args: list[Any] = []
        for a in node.args:
            args += self.value(a.value, env) if isinstance(a, ast.Starred) else [self.value(a, env)]
        words = {str(k.arg): self.value(k.value, env) for k in node.keywords}
        match node.func:
            case ast.Attribute(ast.Call(ast.Name("super")), "__init__"):
                return self.fill(env["self"], tuple(args))
            case ast.Attribute(of_, name):
                return self.method(self.value(of_, env), name, tuple(args), words)
            case ast.Name("isinstance"):
                return False
            case ast.Name("getattr"):
                return self.attribute(*args)
            case ast.Name("hasattr"):
                return args[1] in args[0].children
            case ast.Name("list") if isinstance(args[0], Made):
                return list(args[0].children.values())
        return self.call(self.value(node.func, env), tuple(args), words)

    def on_Attribute(self, node: ast.Attribute, env: Env) -> Any:
        return self.attribute(self.value(node.value, env), node.attr)

    def attribute(self, of_: Any, name: str) -> Any:
        match of_:
            case Dotted():
                return Dotted(f"{of_.name}.{name}")
            case Tensor() if name == "shape":
                return Like(of_)
            case Made() if name in of_.children:
                return of_.children[name]
            case Made() if name in of_.parameters:
                return of_.parameters[name]
            case Made() if name in of_.attributes:
                return of_.attributes[name]
            case Made() if name == "training":
                return self.training
            case Leaf() if name in ("weight", "bias"):
                return None
        raise self.fault(f"no attribute {name}")

    def on_BinOp(self, node: ast.BinOp, env: Env) -> Any:
        left, right = self.value(node.left, env), self.value(node.right, env)
        if isinstance(left, Leaf) and left.bare and isinstance(node.op, ast.Mult):
            return self.pooled(left.op, left.path, right, False)
        if isinstance(left, Tensor) and isinstance(right, Tensor):
            op = of("add" if isinstance(node.op, ast.Add) else "mul")
            return Tensor(self.terms.apply(op, "", (left.term, right.term)))
        return BINARY[type(node.op)](left, right)

    def on_UnaryOp(self, node: ast.UnaryOp, env: Env) -> Any:
        value = self.value(node.operand, env)
        return not value if isinstance(node.op, ast.Not) else -value

    def on_BoolOp(self, node: ast.BoolOp, env: Env) -> Any:
        every = isinstance(node.op, ast.And)
        return (all if every else any)(self.value(part, env) for part in node.values)

    def on_Compare(self, node: ast.Compare, env: Env) -> bool:
        values = [self.value(part, env) for part in (node.left, *node.comparators)]
        signs = [COMPARE[type(sign)] for sign in node.ops]
        return all(s(a, b) for s, a, b in zip(signs, values, values[1:], strict=False))

    def on_IfExp(self, node: ast.IfExp, env: Env) -> Any:
        return self.value(node.body if self.value(node.test, env) else node.orelse, env)

    def on_Tuple(self, node: ast.Tuple, env: Env) -> Any:
        return tuple(self.value(e, env) for e in node.elts)

    def on_List(self, node: ast.List, env: Env) -> Any:
        return [self.value(e, env) for e in node.elts]

    def on_Dict(self, node: ast.Dict, env: Env) -> Any:
        keys = [self.value(k, env) for k in node.keys if k is not None]
        return dict(zip(keys, (self.value(v, env) for v in node.values), strict=True))

    def on_JoinedStr(self, node: ast.JoinedStr, env: Env) -> str:
        parts = [v.value for v in node.values if isinstance(v, ast.Constant | ast.FormattedValue)]
        return "".join(str(p if isinstance(p, str) else self.value(p, env)) for p in parts)  # type: ignore[arg-type]

    def on_GeneratorExp(self, node: ast.GeneratorExp, env: Env) -> Any:
        (loop,), found = node.generators, []
        for value in self.value(loop.iter, env):
            inner = dict(env)
            self.assign(loop.target, value, inner)
            found.append(self.value(node.elt, inner))
        return found

    def on_Subscript(self, node: ast.Subscript, env: Env) -> Any:
        of_ = self.value(node.value, env)
        match node.slice:
            case ast.Tuple([ast.Slice(), ast.Slice(start, stop)]) if isinstance(of_, Tensor):
                ends = [self.value(e, env) if e else 0 for e in (start, stop)]
                return Tensor(self.terms.apply(of("slice", *ends), "", (of_.term,)))
            case ast.Slice(start, stop):
                first, last = (self.value(e, env) if e else None for e in (start, stop))
                if isinstance(of_, Like):
                    return Like(of_.of, (first, last) == (-2, None))
                return of_[first:last]
        index = self.value(node.slice, env)
        if not isinstance(of_, Made):
            return of_[index]
        if isinstance(index, int) == (of_.cls.base == "nn.ModuleDict"):
            raise self.fault(f"[{index!r}] of {of_.cls.base}")
        names = list(of_.children)
        if index in of_.parameters:
            raise self.fault(f"[{index!r}] is a parameter, and no child")
        return self.attribute(of_, names[index] if isinstance(index, int) else index)


def _fits(value: Any, annotation: str) -> bool:
    """Whether a number or list of numbers has the type that a parameter says."""
    if isinstance(value, Tensor):
        return annotation == "Tensor"
    types = [text.strip() for text in annotation.split("|")]
    if isinstance(value, tuple):
        kinds = (f"tuple[{', '.join([kind] * len(value))}]" for kind in ("int", "float"))
        return bool({*kinds, "tuple[()]"} & {*types})
    return type(value).__name__ in types or (type(value) is int and "float" in types)


def _class(node: ast.ClassDef) -> Class:
    fields = tuple(n.target.id for n in node.body if isinstance(n, ast.AnnAssign))  # type: ignore[union-attr]
    methods = {n.name: n for n in node.body if isinstance(n, ast.FunctionDef)}
    return Class(node.name, ast.unparse(node.bases[0]), methods, fields)


def _place(made: Made, prefix: str) -> None:
    """Every module's path from the net, and every parameter's."""
    for name, child in (made.parameters | made.children).items():
        child.path = prefix + name
        if isinstance(child, Made):
            _place(child, f"{child.path}.")
