"""What values do when a module runs: attributes, items, loops, calls.

Two phases share it.  In constructors modules are trees that grow (`Made`, see `building`); in
`forward` they stand at a path (`At`) and work on tensors, which `tensors` knows about.
"""

from __future__ import annotations

import ast
from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Protocol

from cnnspec.backends.torch.proof.arithmetic import kind
from cnnspec.backends.torch.proof.building import Builder
from cnnspec.backends.torch.proof.faults import LENGTH_MAX, PLAIN, Meter
from cnnspec.backends.torch.proof.tensors import Tensors
from cnnspec.backends.torch.proof.values import (
    At,
    Class,
    Dotted,
    Fresh,
    Function,
    Kinds,
    Leaf,
    Like,
    Made,
    Outputs,
    Tensor,
)
from cnnspec.ops.torch import form

BUILTINS: dict[str, Any] = {
    "range": range, "enumerate": enumerate, "zip": zip, "min": min, "max": max, "len": len,
    "float": float, "int": int, "list": list, "tuple": tuple, "sum": sum, "dict": dict,
    "isinstance": isinstance, "getattr": getattr, "hasattr": hasattr,
    "super": super,
}  # fmt: skip
EXHAUSTING = (list, tuple, min, max, sum)
CALLABLE = frozenset(BUILTINS) - {"isinstance", "getattr", "hasattr", "super"}


class Modules(Protocol):
    """Modules at work in `forward`: see `blocks`, which runs functions by `Runtime.call`."""

    def module(self, at: At, args: tuple[Any, ...], words: dict[str, Any]) -> Any:
        """A call of a module."""
        ...

    def gain(self, at: At, x: Any) -> Tensor:
        """A parameter of a module times a tensor."""
        ...

    def is_training(self) -> bool:
        """`self.training`."""
        ...


class Runtime:
    """Values at work; `names` are the file's own and Python's."""

    def __init__(self, meter: Meter, builder: Builder, tensors: Tensors, modules: Modules) -> None:
        self.meter, self.builder, self.tensors, self.modules = meter, builder, tensors, modules
        self.names: dict[str, Any] = {n: f for n, f in BUILTINS.items() if n in CALLABLE}
        self._kinds: set[str] = set()
        self.channels = tensors.channels

    @staticmethod
    def full(name: str) -> str:
        """One spelling for each name of PyTorch: `torch.nn.functional.relu` is `F.relu`."""
        name = name.removeprefix("torch.") if name.startswith("torch.nn") else name
        rest = name.removeprefix("nn.functional")
        return f"F{rest}" if rest != name and rest[:1] in ("", ".") else name

    # --- calls ---

    def call(self, function: Function, args: tuple[Any, ...], words: dict[str, Any]) -> Any:
        """Run a function of the file. Raises Unproved for arguments that it does not take."""
        meter, line = self.meter, self.meter.line
        env = dict(zip(function.parameters, args, strict=False))
        if len(args) > len(function.parameters):
            raise meter.fault(f"{function.name} gets {len(args)} arguments by position")
        for name, value in words.items():
            if name not in function.parameters or name in env:
                raise meter.fault(f"{function.name} does not take {name}, or gets it twice")
            env[name] = value
        for name in function.parameters:
            if name not in env:
                if name not in function.defaults:
                    raise meter.fault(f"{function.name} gets no {name}")
                env[name] = function.defaults[name]
        meter.enter(function.name)
        found = function.body(env)
        meter.depth -= 1
        meter.line = line
        return None if found is None else found[0]

    def apply(self, function: Any, args: tuple[Any, ...], words: dict[str, Any]) -> Any:
        """Call a value."""
        match function:
            case At():
                return self.modules.module(function, args, words)
            case Function():
                return self.call(function, args, words)
            case Class(base="NamedTuple"):
                return self.outputs(function, args, words)
            case Class():
                return self.construct(function, args, words)
            case Dotted():
                return self.known(function.name)(args, words)
        if isinstance(function, type) or callable(function):
            return self.builtin(function, args, words)
        raise self.meter.fault(f"a call of {kind(function)}")

    def construct(self, cls: Class, args: tuple[Any, ...], words: dict[str, Any]) -> Fresh:
        """An instance of a class of the file; equal arguments give one tree."""
        return self.builder.construct(cls, args, words, self.call)

    def begin(self, made: Any, args: tuple[Any, ...], words: dict[str, Any]) -> None:
        """`super().__init__(...)`."""
        if not isinstance(made, Made) or made.ready:
            raise self.meter.fault("super().__init__ where no constructor begins")
        made.ready = True
        self.builder.fill(made, args, words)

    def outputs(self, cls: Class, args: tuple[Any, ...], words: dict[str, Any]) -> Outputs:
        """The named outputs of a net with several."""
        named = dict(zip(cls.fields, args, strict=False)) | words
        if len(args) + len(words) != len(cls.fields) or set(named) != set(cls.fields):
            raise self.meter.fault(f"{cls.name} has the fields {', '.join(cls.fields)}")
        return Outputs({name: named[name] for name in cls.fields})

    def known(self, name: str) -> Callable[[tuple[Any, ...], dict[str, Any]], Any]:
        """What calls something imported: a module of PyTorch, a function, an initialiser."""
        if name.startswith("nn.init."):
            return partial(self.builder.initialise, name[8:])
        if name == "torch.full":
            return self.builder.full
        if name == "OrderedDict":
            return lambda args, words: self.ordered(*args) if args else OrderedDict(**words)
        if "." not in name and name.islower():  # a function that an op brings
            return partial(self.tensors.function, name)
        if name.startswith("nn.") or "." not in name:
            return partial(self.builder.module, name)
        return partial(self.tensors.function, name)

    def ordered(self, rows: Any, *more: Any) -> OrderedDict[str, Any]:
        """`OrderedDict(rows)` of pairs of a name and a module, or of a dict."""
        if isinstance(rows, list) and all(type(r) is tuple and len(r) == 2 for r in rows):
            rows = {self.key(name): value for name, value in rows}
        if more or not isinstance(rows, dict):
            raise self.meter.fault(f"an OrderedDict of {kind(rows)}")
        return OrderedDict(rows)

    def builtin(self, function: Any, args: tuple[Any, ...], words: dict[str, Any]) -> Any:
        """Call a function of Python: on plain values and lists, within bounds."""
        if words and function not in (min, max, dict, enumerate):
            raise self.meter.fault(f"{function.__name__} with keywords")
        if function in EXHAUSTING and len(args) == 1:
            args = (self.elements(args[0]),)
        elif function in (enumerate, zip):
            args = tuple(a if type(a) is int else self.iterate(a) for a in args)
        elif function is len and args and isinstance(args[0], At | Made | Fresh):
            return len(self.tree(args[0]).children)
        if any(isinstance(a, Tensor | At | Made | Leaf) for a in args):
            raise self.meter.fault(f"{function.__name__} of a tensor or a module")
        try:
            return self.meter.bounded(function(*args, **words))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise self.meter.fault(f"{function.__name__}: {error}") from None

    def method(self, of: Any, name: str, args: tuple[Any, ...], words: dict[str, Any]) -> Any:
        """Call `of.name(...)`."""
        if type(of) is At:
            found = self.attribute(of, name)
            if type(found) is At:
                return self.modules.module(found, args, words)
            return self.apply(found, args, words)
        if type(of) is Tensor:
            return self.tensors.method(of, name, args, words)
        tree = of.module if type(of) is Fresh else of
        if isinstance(tree, Made):
            if name == "get_submodule" and len(args) == 1 and not words:
                for word in str(args[0]).split("."):
                    tree = self.attribute(tree, word)
                return tree
            if name == "register_parameter" and len(args) == 2 and not words:
                return self.builder.register_parameter(tree, *args)
            if name in ("append", "add_module") and not words:
                return self.builder.method(tree, name, args)
        if type(of) is list and name == "append" and len(args) == 1 and not words:
            of.append(args[0])
            self.meter.spend(1)
            return None
        raise self.meter.fault(f"{kind(of)}'s method {name} is not known to the proof")

    def join(self, sign: type[ast.operator], left: Any, right: Any) -> Tensor:
        """An operator between two values of which one is a tensor, the other maybe a parameter."""
        at, x = (left, right) if type(left) is At else (right, left)
        if type(at) is At and sign is ast.Mult:
            return self.modules.gain(at, x)
        return self.tensors.join(sign, left, right)

    # --- attributes and items ---

    def attribute(self, of: Any, name: str) -> Any:
        """`of.name`."""
        if type(of) is At:
            module = of.module
            if type(module) is Made:
                child = module.children.get(name)
                child = child or module.parameters.get(name)
                if child is not None:
                    return At(child, f"{of.path}.{name}" if of.path else name)
                if name in module.attributes:
                    return module.attributes[name]
            if name == "training":
                return self.modules.is_training()
        elif type(of) is Tensor and name == "shape":
            return Like(self.tensors.read(of))
        elif isinstance(of, Dotted):
            return self.imported(self.full(f"{of.name}.{name}"))
        else:
            return self.builder.attribute(of.module if type(of) is Fresh else of, name)
        raise self.meter.fault(f"{of.path or 'the net'} has no attribute {name}")

    def imported(self, name: str) -> Dotted:
        """Something of PyTorch that is no call: a kind of module, for `isinstance`."""
        return Dotted(self.kinds(Dotted(name))[0])

    def get_attribute(self, args: tuple[Any, ...], words: dict[str, Any]) -> Any:
        """`getattr(of, name)`."""
        if len(args) != 2 or words or type(args[1]) is not str:
            raise self.meter.fault("getattr with a default, or without a name")
        return self.attribute(*args)

    def has_attribute(self, args: tuple[Any, ...], words: dict[str, Any]) -> bool:
        """`hasattr(self, name)`, in a constructor only: what it has set so far."""
        if len(args) != 2 or words or type(args[1]) is not str:
            raise self.meter.fault("hasattr without a name")
        of, name = args
        return self.builder.has(of.module if type(of) is Fresh else of, name)

    def set_attribute(self, of: Any, name: str, value: Any) -> None:
        """`of.name = value`, in a constructor only."""
        self.builder.set_attribute(of.module if type(of) is Fresh else of, name, value)

    def is_instance(self, args: tuple[Any, ...], words: dict[str, Any]) -> bool:
        """`isinstance(module, nn.Conv2d | nn.Linear)`, also with a tuple."""
        if len(args) != 2 or words:
            raise self.meter.fault("isinstance takes a module and its kinds")
        value, wanted = args
        tree = value.module if isinstance(value, At | Fresh) else value
        names = [
            name
            for kind in (wanted if type(wanted) is tuple else args[1:])
            for name in self.kinds(kind)
        ]
        if type(tree) is Leaf:
            return not tree.kind.bases.isdisjoint(names)
        if not isinstance(tree, Made):
            raise self.meter.fault(f"isinstance of {kind(value)}")
        return not {tree.cls.name, tree.cls.base, "nn.Module"}.isdisjoint(names)

    def kinds(self, wanted: Any) -> tuple[str, ...]:
        """The names of classes of modules that the proof tells apart."""
        names = wanted.names if isinstance(wanted, Kinds) else (getattr(wanted, "name", ""),)
        for name in names:
            if name not in self._kinds:
                own = isinstance(self.names.get(name), Class) or name == "nn.Module"
                if not own and name not in self.builder.containers and form(name) is None:
                    raise self.meter.fault(f"isinstance with {name or kind(wanted)}")
                self._kinds.add(name)
        return names

    def item(self, of: Any, index: Any) -> Any:
        """`of[index]`."""
        if isinstance(of, At | Made | Fresh):
            tree, names = self.tree(of), list(self.tree(of).children)
            if isinstance(index, int) == (tree.cls.base == "nn.ModuleDict"):
                raise self.meter.fault(f"{tree.cls.base} by {kind(index)}")
            if isinstance(index, int):
                if not -len(names) <= index < len(names):
                    raise self.meter.fault(f"there is no child {index} of {len(names)}")
                index = names[index]
            return self.attribute(of, index)
        if not isinstance(of, list | tuple | dict | str | range):
            raise self.meter.fault(f"an item of {kind(of)}")
        try:
            return of[self.key(index)]
        except (LookupError, TypeError) as error:
            raise self.meter.fault(f"{kind(of)} has no item {error}") from None

    def part(self, of: Any, start: Any, stop: Any) -> Any:
        """`of[start:stop]`."""
        if type(of) is Like and (start, stop) == (-2, None) and type(start) is int:
            return Like(of.of, map_only=True)
        ends = all(end is None or type(end) is int for end in (start, stop))
        if not isinstance(of, list | tuple | str) or not ends:
            raise self.meter.fault(f"a part of {kind(of)}")
        return self.meter.bounded(of[start:stop])

    def set_item(self, of: Any, index: Any, value: Any) -> None:
        """`of[index] = value`."""
        if isinstance(of, Made | Fresh):
            return self.builder.method(self.tree(of), "set", (index, value))
        try:
            if isinstance(of, dict):
                of[self.key(index)] = value
                return None
            if type(of) is list and type(index) is int:
                of[index] = value
                return None
        except LookupError as error:
            raise self.meter.fault(str(error)) from None
        raise self.meter.fault(f"an item of {kind(of)} is set")

    def key(self, value: Any) -> Any:
        """A value that a dict may have for a key."""
        if type(value) in PLAIN:
            return value
        raise self.meter.fault(f"{kind(value)} for a key")

    def shown(self, value: Any) -> str:
        """A value as an f-string writes it."""
        if type(value) in PLAIN:
            return str(value)
        raise self.meter.fault(f"{kind(value)} in a string")

    def tree(self, of: At | Made | Fresh) -> Made:
        """The module of a container."""
        found = of.module if isinstance(of, At | Fresh) else of
        if not isinstance(found, Made) or found.cls.base not in self.builder.containers:
            raise self.meter.fault("an item of a module that holds none")
        return found

    # --- loops ---

    def iterate(self, value: Any) -> Iterator[Any]:
        """The elements of a list, a range, or the children of a container, counted."""
        if isinstance(value, At | Made | Fresh):
            tree = self.tree(value)
            if tree.cls.base == "nn.ModuleDict":
                raise self.meter.fault("a loop over nn.ModuleDict")
            values: Any = [self.attribute(value, name) for name in list(tree.children)]
        elif isinstance(value, list | tuple | range | dict | enumerate | zip):
            values = value
        else:
            raise self.meter.fault(f"a loop over {kind(value)}")
        return self.counted(values)

    def counted(self, values: Any) -> Iterator[Any]:
        """The values one by one; each is a step of the proof, so that no loop is without end."""
        try:
            for value in values:
                self.meter.spend(1)
                yield value
        except RuntimeError as error:  # a dict that its own loop changes
            raise self.meter.fault(str(error)) from None

    def elements(self, value: Any) -> list[Any]:
        """Everything that a loop over a value would give, at once."""
        found = []
        for element in self.iterate(value):
            found.append(element)
            if len(found) > LENGTH_MAX:
                raise self.meter.fault(f"more than {LENGTH_MAX:,} values at once")
        return found

    def walk(self, of: Any, name: str) -> Iterator[Any]:
        """`of.modules()` or `of.children()` in the head of a loop."""
        tree = of.module if isinstance(of, Fresh | At) else of
        if not isinstance(tree, Made) or isinstance(of, At):
            raise self.meter.fault(f"{name}() of {kind(of)} outside a constructor")
        return self.counted(self.builder.walk(tree, name == "modules"))
