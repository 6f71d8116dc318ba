"""The tree of modules: what constructors build, one tree for equal calls of one class."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

from cnnspec.backends.torch.proof.faults import Meter, Unproved
from cnnspec.backends.torch.proof.initial import said
from cnnspec.backends.torch.proof.terms import Terms
from cnnspec.backends.torch.proof.values import (
    Class,
    Fresh,
    Function,
    Kind,
    Leaf,
    Made,
    Parameter,
)
from cnnspec.ops.op import OWN, OpError
from cnnspec.ops.reading import Filled, Unread
from cnnspec.ops.torch import form, helper
from cnnspec.syntax.words import MODULE_ATTRIBUTES

CONTAINERS = {n: Class(n, n) for n in ("nn.Sequential", "nn.ModuleList", "nn.ModuleDict")}
ZERO_PAD = Class("nn.ZeroPad2d", "nn.ZeroPad2d")
DICT_ATTRIBUTES = {"keys", "items", "values", "update", "clear"}
Call = Callable[[Function, tuple[Any, ...], dict[str, Any]], Any]


class Builder:
    """Builds modules; `walkers` are those whose constructor reached into finished blocks."""

    containers = CONTAINERS

    def __init__(self, meter: Meter, terms: Terms) -> None:
        self.meter, self.terms = meter, terms
        self.kinds: dict[Any, Kind] = {}
        self.built: dict[Any, Made] = {}
        self.walkers: list[Made] = []

    # --- instances ---

    def construct(
        self, cls: Class, args: tuple[Any, ...], words: dict[str, Any], call: Call
    ) -> Fresh:
        """An instance of a class of the file; nothing changes it once it is built."""
        values = (*args, *words.values())
        exact = self.meter.exact(values)
        key = None if exact is None else (cls, len(args), tuple(words), values, exact)
        if key is not None and key in self.built:
            return Fresh(self.built[key])
        made = Made(cls, self.meter.line)
        try:
            self.run(made, args, words, call)
        except Unproved as fault:
            fault.within.append(cls.name)
            raise
        if key is not None:
            self.built[key] = made
        return Fresh(made)

    def run(self, made: Made, args: tuple[Any, ...], words: dict[str, Any], call: Call) -> None:
        """Run a constructor, which gives an instance its modules and numbers; then it is sealed."""
        if "__init__" in made.cls.methods:
            call(made.cls.methods["__init__"], (made, *args), words)
        else:
            made.ready = True
            self.fill(made, args, words)
        if not made.ready:
            raise self.meter.fault(f"{made.cls.name} never calls super().__init__")
        made.sealed = True

    def fill(self, made: Made, args: tuple[Any, ...], words: dict[str, Any]) -> None:
        """What `nn.Sequential(...)`, `nn.ModuleList([...])`, `nn.ModuleDict({...})` do."""
        base = made.cls.base
        first = args[0] if args else None
        if words or (args and base not in CONTAINERS):
            raise self.meter.fault(f"{base} with arguments")
        if not args:
            return
        if base == "nn.Sequential" and not isinstance(first, OrderedDict):
            pairs = [(str(n), m) for n, m in enumerate(args)]
        elif len(args) == 1 and base != "nn.ModuleList" and isinstance(first, dict):
            pairs = list(first.items())
        elif len(args) == 1 and base == "nn.ModuleList" and isinstance(first, list | tuple):
            pairs = [(str(n), m) for n, m in enumerate(first)]
        else:
            raise self.meter.fault(f"{base} of something else than its modules")
        for name, module in pairs:
            self.register(made, name, module)

    def method(self, made: Made, name: str, args: tuple[Any, ...]) -> None:
        """`made.append(module)`, `made.add_module(name, module)`, `made[name] = module`."""
        if name == "append" and len(args) == 1 and made.cls.base in CONTAINERS:
            if made.cls.base == "nn.ModuleDict":
                raise self.meter.fault("nn.ModuleDict has no append")
            args = (str(len(made.children)), *args)
        if name == "set" and made.cls.base != "nn.ModuleDict":
            raise self.meter.fault(f"an item of {made.cls.base} is set")
        if len(args) != 2:
            raise self.meter.fault(f"{name} with {len(args)} arguments")
        self.register(made, *args)

    def register(self, made: Made, name: Any, value: Any) -> None:
        """Give a module its name: a name is taken once, and a module has one."""
        if not isinstance(value, Fresh) or value.used or value.parameter:
            raise self.meter.fault(f"{name} is no module, or one that has a name already")
        if type(name) is not str or not name or "." in name:
            raise self.meter.fault(f"{name!r} cannot name a module")
        self.take(made, name, value)
        made.children[name] = value.module

    def register_parameter(self, made: Made, name: Any, value: Any) -> None:
        """`made.register_parameter(name, nn.Parameter(...))`, or `made.name = nn.Parameter(...)`.

        Only where it is an attribute: nothing holds it as a container holds its modules.
        """
        if not isinstance(value, Fresh) or value.used or not value.parameter:
            raise self.meter.fault(f"{name} is no parameter, or one that has a name already")
        if type(name) is not str or not name or "." in name:
            raise self.meter.fault(f"{name!r} cannot name a parameter")
        self.take(made, name, value)
        assert isinstance(value.module, Leaf)
        made.parameters[name] = value.module

    def take(self, made: Made, name: str, value: Fresh) -> None:
        """A name is taken once, and what has it has no other."""
        if made.has(name):
            raise self.meter.fault(f"{name} is set twice")
        self.may_change(made, name)
        value.used = True

    def may_change(self, made: Made, name: str) -> None:
        """Refuse what PyTorch refuses or would mistake, and changes of finished blocks."""
        if made.sealed:
            raise self.meter.fault(f"{name} is set in {made.cls.name} after its constructor")
        own = DICT_ATTRIBUTES if made.cls.base == "nn.ModuleDict" else ()
        if name in MODULE_ATTRIBUTES or name.startswith("_") or name in own:
            raise self.meter.fault(f"{name} is an attribute of {made.cls.base} itself")
        if not made.ready:
            raise self.meter.fault(f"{name} is set before super().__init__")

    # --- attributes ---

    def attribute(self, of: Any, name: str) -> Any:
        """`of.name` in a constructor: a child, a number, or a leaf's tensor."""
        if isinstance(of, Made):
            if of.sealed:
                raise self.meter.fault(f"{name} of {of.cls.name} is reached for from outside")
            if name in of.children:
                return of.children[name]
            if name in of.parameters:
                return Parameter(of.parameters[name], OWN)
            if name in of.attributes:
                return of.attributes[name]
        if isinstance(of, Leaf) and name in ("weight", "bias"):
            return Parameter(of, name) if name in of.kind.state else None
        raise self.meter.fault(f"there is no attribute {name}")

    def has(self, of: Any, name: str) -> bool:
        """Whether a constructor has set an attribute so far."""
        if not isinstance(of, Made) or of.sealed or name in MODULE_ATTRIBUTES:
            raise self.meter.fault(f"whether {name} is there is asked outside a constructor")
        return of.has(name)

    def set_attribute(self, of: Any, name: str, value: Any) -> None:
        """`of.name = value` in a constructor."""
        if not isinstance(of, Made):
            raise self.meter.fault(f"{name} is set outside a constructor")
        if isinstance(value, Fresh):
            set_to = self.register_parameter if value.parameter else self.register
            set_to(of, name, value)
            return
        if name in (of.children | of.parameters) or isinstance(value, Leaf | Made | Filled):
            raise self.meter.fault(f"{name} is a module already, or gets one that has a name")
        self.may_change(of, name)
        of.attributes[name] = value

    # --- PyTorch's own modules ---

    def full(self, args: tuple[Any, ...], words: dict[str, Any]) -> Filled:
        """`torch.full(size, value)`; of an int it would be integers, which nothing learns."""
        size, value = (*args, None, None)[:2]
        whole = type(size) is tuple and all(type(n) is int for n in size)
        if len(args) != 2 or words or not whole or type(value) is not float:
            raise self.meter.fault("torch.full of something else than a size and a float")
        return Filled(size, value)

    def module(self, name: str, args: tuple[Any, ...], words: dict[str, Any]) -> Fresh:
        """A module of PyTorch, or of a class that an op brings."""
        line = self.meter.line
        if name in CONTAINERS:
            made = Made(CONTAINERS[name], line, ready=True)
            self.fill(made, args, words)
            return Fresh(made)
        if name == "nn.ZeroPad2d":
            if len(args) != 1 or words:
                raise self.meter.fault("nn.ZeroPad2d takes its four sides")
            return Fresh(Made(ZERO_PAD, line, attributes={"sides": args[0]}, sealed=True))
        return Fresh(Leaf(self.kind(name, args, words), line))

    def kind(self, name: str, args: tuple[Any, ...], words: dict[str, Any]) -> Kind:
        """What a call says; read once for equal calls. Raises Unproved."""
        values = (*args, *words.values())
        key = (name, len(args), tuple(words), values, self.meter.exact(values))
        try:
            found = self.kinds.get(key)
        except TypeError:
            raise self.meter.fault(f"{name} with a list, a module or a tensor") from None
        if found is None:
            found = self.kinds[key] = self.read(name, args, words)
        return found

    def read(self, name: str, args: tuple[Any, ...], words: dict[str, Any]) -> Kind:
        """The op that a call of PyTorch's name is, with its tensors. Raises Unproved."""
        known = form(name)
        if known is None:
            raise self.meter.fault(f"{name} is no op of a spec")
        try:
            bound = known.bind(args, words)
            inplace = bound.flag("inplace") if known.inplace else False
            places = bound.flag("return_indices") if "return_indices" in known.names else False
            op, channels, axes = known.op.read(bound)
            op = self.terms.canonical(op)
            arriving = () if channels is None else (channels,)
            state = {**op.params(arriving), **op.buffers(arriving)}
        except Unread as error:
            raise self.meter.fault(str(error)) from None
        except (ArithmeticError, LookupError, OpError, TypeError, ValueError) as error:
            raise self.meter.fault(f"{name}: {error}") from None
        bases = [name, "nn.Module"]
        if "." not in name:
            node = helper(known.op.brings(), name)[0]
            bases += [f"nn.{b.attr}" for b in getattr(node, "bases", ()) if hasattr(b, "attr")]
        shapes = {k: tuple(map(int, s)) for k, s in state.items()}
        return Kind(name, op, channels, axes, inplace, frozenset(bases), shapes, places)

    # --- initial weights ---

    def initialise(self, name: str, args: tuple[Any, ...], words: dict[str, Any]) -> None:
        """`nn.init.NAME(module.weight, ...)`."""
        of, others = (args[0] if args else None), args[1:]
        if not isinstance(of, Parameter):
            raise self.meter.fault(f"nn.init.{name} of what is no parameter")
        try:
            of.leaf.initial[of.key] = said(name, others, words)
        except Unread as error:
            raise self.meter.fault(str(error)) from None

    def walk(self, made: Made, deep: bool) -> Iterator[Made | Leaf]:
        """`made.modules()`, or with `deep` False `made.children()`.

        A constructor that goes into finished blocks is noted: only the net's own may, for such a
        block may stand elsewhere too.
        """
        if not deep:
            yield from made.children.values()
            return
        stack, seen = [made], {id(made)}
        yield made
        while stack:
            for child in stack.pop().children.values():
                if id(child) in seen:
                    continue
                seen.add(id(child))
                yield child
                if isinstance(child, Made):
                    stack.append(child)
                    if child.sealed and child.cls is not ZERO_PAD:
                        self.walkers.append(made)
