"""What the interpreter computes with: modules as trees, tensors as terms in storages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cnnspec.ops.op import Op
from cnnspec.values import Shape

Env = dict[str, Any]
"""The locals of a function that runs."""


@dataclass(frozen=True, slots=True)
class Dotted:
    """What an import gave, or an attribute of it, by its full name: `nn.Conv2d`."""

    name: str


@dataclass(frozen=True, slots=True)
class Kinds:
    """`nn.Conv2d | nn.Linear`, as `isinstance` takes it."""

    names: tuple[str, ...]


@dataclass(eq=False, slots=True)
class Function:
    """A function of the file, ready to run on an environment of its arguments.

    `body` gives None at its end, or what `return` gives in a tuple of one.
    """

    name: str
    parameters: tuple[str, ...]
    defaults: Mapping[str, Any]
    line: int
    body: Callable[[Env], tuple[Any] | None]


@dataclass(eq=False, slots=True)
class Class:
    """A class of the file, or a container of `nn` (without methods); `base` is `nn.Module`, ..."""

    name: str
    base: str
    methods: dict[str, Function] = field(default_factory=dict)
    fields: tuple[str, ...] = ()


@dataclass(eq=False, slots=True)
class Kind:
    """What a call of PyTorch says: the op, and what must arrive. One object for equal calls.

    `bases` are the names that `isinstance` knows it by; `state` its entries of the state_dict;
    `results` remembers by the shapes that arrive the output's, and whether the backward pass needs
    the inputs and the output.
    """

    name: str
    op: Op
    channels: int | None
    axes: int
    inplace: bool
    bases: frozenset[str]
    state: dict[str, Shape]
    places: bool = False
    """Whether it gives the places of its maxima too."""
    results: dict[tuple[Shape, ...], tuple[Shape, bool, bool]] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Leaf:
    """A module without children, or a parameter of a module itself.

    `initial` has what `nn.init` gave each of its tensors.
    """

    kind: Kind
    line: int
    initial: dict[str, tuple[Any, ...]] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Made:
    """An instance: children and parameters as they are registered, other attributes apart.

    `ready` says that `super().__init__` was called, `sealed` that its constructor has returned:
    equal calls give one tree, so nothing may change it from then on.
    """

    cls: Class
    line: int
    children: dict[str, Leaf | Made] = field(default_factory=dict)
    parameters: dict[str, Leaf] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    ready: bool = False
    sealed: bool = False

    def has(self, name: str) -> bool:
        """Whether a constructor has set an attribute."""
        return any(name in held for held in (self.children, self.parameters, self.attributes))


@dataclass(eq=False, slots=True)
class Fresh:
    """A module just built: it can be registered once, twice would share its weights."""

    module: Leaf | Made
    used: bool = False

    @property
    def parameter(self) -> bool:
        """Whether it is no module, but a parameter for one."""
        return type(self.module) is Leaf and self.module.kind.op.own_key


@dataclass(eq=False, slots=True)
class At:
    """A module in `forward`, with its path from the level that is being proved."""

    module: Leaf | Made
    path: str


@dataclass(eq=False, slots=True)
class Parameter:
    """`module.weight` of a leaf, for `nn.init`."""

    leaf: Leaf
    key: str


@dataclass(eq=False, slots=True)
class Outputs:
    """An instance of the NamedTuple that a net with several outputs returns."""

    values: dict[str, Any]


class Storage:
    """Memory that views share.

    `version` counts what was written in place; `kept` names an op that needs it unchanged for its
    backward pass; `fixed` says why nothing may be written here at all.
    """

    __slots__ = ("fixed", "kept", "version")

    def __init__(self, fixed: str = "", kept: str = "") -> None:
        self.version, self.kept, self.fixed = 0, kept, fixed


class Places:
    """Where the maxima of a pool stood in the map that arrived there: its second value."""

    __slots__ = ("before", "op")

    def __init__(self, op: Op, before: Tensor) -> None:
        self.op, self.before = op, before


class Like:
    """`x.shape`, and with `map_only` `x.shape[-2:]`: the rows and columns of a map."""

    __slots__ = ("map_only", "of")

    def __init__(self, of: Tensor, map_only: bool = False) -> None:
        self.of, self.map_only = of, map_only


class Tensor:
    """A value of `forward`: its term, its shape without the batch, and where it lies."""

    __slots__ = ("shape", "storage", "term", "version")

    def __init__(self, term: int, shape: Shape, storage: Storage) -> None:
        self.term, self.shape, self.storage = term, shape, storage
        self.version = storage.version
