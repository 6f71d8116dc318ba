"""What names and defaults mean at a place: lexical scopes, from the file inwards (L19, L21)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from cnnspec.elaborate.records import SOURCES
from cnnspec.records import field, record
from cnnspec.syntax import tree
from cnnspec.values import Record, key, show, type_name

if TYPE_CHECKING:
    from cnnspec.ops.op import Op
    from cnnspec.source import Source, Span
    from cnnspec.values import Value


@record(frozen=True)
class BlockValue:
    """A block as a value, with the file whose names its body sees."""

    block: tree.Block
    unit: Unit
    bound: tuple[tuple[str, Value], ...] = field(default=(), compare=False)
    """Arguments that are set already, in the order of their names (L35)."""
    keys: object = ()
    """The same, so that `1` is not `true`: two bound alike are one value."""

    @property
    def name(self) -> str:
        """The declared name."""
        return self.block.name

    @property
    def params(self) -> tuple[tree.Param, ...]:
        """The parameters that a call still gives."""
        taken = dict(self.bound)
        return tuple(param for param in self.block.params if param.name not in taken)

    def bind(self, values: dict[str, Value]) -> BlockValue:
        """The same block with these arguments set."""
        bound = tuple(sorted({**dict(self.bound), **values}.items(), key=lambda pair: pair[0]))
        return BlockValue(self.block, self.unit, bound, key(bound))

    def __str__(self) -> str:
        said = ", ".join(f"{name}={show(value)}" for name, value in self.bound)
        return f"{self.name}({said})" if said else self.name


@record(frozen=True)
class NetValue:
    """A net or variant as a value: claims ask for its figures."""

    kind: ClassVar[str] = "a net"

    net: tree.Net | tree.Variant
    unit: Unit

    def __str__(self) -> str:
        return self.net.name


@record(frozen=True)
class RecipeValue:
    """A recipe as a value."""

    kind: ClassVar[str] = "a recipe"

    recipe: tree.Recipe
    unit: Unit

    def __str__(self) -> str:
        return self.recipe.name


@record(frozen=True)
class Follower:
    """An op that follows every op of a kind, with the arguments written for it."""

    op: type[Op]
    positional: tuple[Value, ...]
    keywords: dict[str, Value]
    span: Span


@record(frozen=True)
class Rule:
    """`default conv pad=same -> bn`, evaluated: keyword values and followers (L19)."""

    keywords: dict[str, Value]
    followers: tuple[Follower, ...]
    span: Span
    spans: dict[str, Span] = field(default_factory=dict)
    """The place of each keyword value."""
    poisoned: bool = False
    """The statement was wrong and said so: what it would have done to an op is unknown."""


@record
class Scope:
    """Values and default rules of one body; `outer` encloses it."""

    outer: Scope | None = None
    values: dict[str, Value] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)
    places: dict[str, Span] = field(default_factory=dict)
    """Where names of this scope are declared, as far as that is known."""
    later: dict[str, Span] | None = None
    """Names that a `let` of this body declares, with the place of each `let`."""
    misled: Rule | None = None
    """The rule of every other op where a default names none: it was to be that of one of them."""

    def inner(self) -> Scope:
        """A scope for the body of an `if`, `for`, `repeat`, `seq` or group."""
        return Scope(self)

    def chain(self) -> Iterator[Scope]:
        """The scope and those around it."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.outer

    def find(self, name: str) -> Any:
        """The value of `name`, or the class `Missing` when nothing has that name."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.values:
                return scope.values[name]
            scope = scope.outer
        return Missing

    def place(self, name: str) -> Span | None:
        """Where a name that is visible here is declared."""
        return next((s.places.get(name) for s in self.chain() if name in s.values), None)

    def below(self, name: str, span: Span) -> Span | None:
        """The `let` that declares a name only after it is used, at `span`."""
        lets = (scope.later.get(name) for scope in self.chain() if scope.later)
        return next((s for s in lets if s and s.source is span.source and s.start > span.start),
                    None)  # fmt: skip

    def rule(self, op: str) -> Rule | None:
        """The innermost default of an op; it replaces the outer ones whole."""
        scope: Scope | None = self
        while scope is not None:
            if op in scope.rules:
                return scope.rules[op]
            if scope.misled is not None:
                return scope.misled
            scope = scope.outer
        return None

    def names(self) -> list[str]:
        """Every name visible here, for `did you mean`."""
        return [name for scope in self.chain() for name in scope.values]


@record(eq=False)
class Unit:
    """A file that was read: its tree and the names that it declares and imports."""

    source: Source
    file: tree.File
    scope: Scope = field(default_factory=Scope)
    """Values and defaults of the file, imported names included."""
    nets: dict[str, tree.Net | tree.Variant] = field(default_factory=dict)
    """The nets that this file declares, in order."""
    imports: list[Unit] = field(default_factory=list)
    too_large: bool = False
    """Whether it is over the limit with its imports; said once, at the innermost import."""
    used: set[str] = field(default_factory=set)
    """Names that a body of this file mentions, or that another file imports."""
    claims: dict[str, list[tuple[tree.Claim, Scope]]] = field(default_factory=dict)
    """The claims of each net's body with the names visible there, values unknown."""
    sizes: dict[int, int] = field(default_factory=dict)
    """The length of its text, and of each file it imports, by the identity of the source."""

    def __post_init__(self) -> None:
        self.sizes[id(self.source)] = len(self.source.text)

    @cached_property
    def first_source(self) -> Record | None:
        """The first source that it declares or imports, once all its names are entered."""
        return next((v for v in self.scope.values.values() if isinstance(v, Record)), None)

    @property
    def declared(self) -> list[str]:
        """The names that another file can import from this one."""
        kinds = tree.Block | tree.Net | tree.Variant | tree.Let | tree.Cited | tree.Recipe
        return [d.name for d in self.file.declarations if isinstance(d, kinds)]

    def closure(self) -> Iterator[Unit]:
        """The file and all that it imports, each once, itself first."""
        seen, waiting = {id(self)}, [self]
        while waiting:
            unit = waiting.pop(0)
            yield unit
            for other in unit.imports:
                if id(other) not in seen:
                    seen.add(id(other))
                    waiting.append(other)


def kind_of(value: Value) -> str:
    """What a name stands for, with its article, for messages."""
    match value:
        case Record() if value.name in SOURCES:
            return "a source"
        case _:
            return type_name(value)


class Missing:
    """Marks a name that nothing has."""
