"""Classes whose annotations are their fields, made without generating code.

`dataclasses` writes and compiles the methods of each class when its module is imported, and brings
`inspect`, `ast` and `tokenize` along: for the 60 classes that `check` needs, a quarter of its time.
A record has the same methods, written once below; to a type checker it is a dataclass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, Final, TypeVar, dataclass_transform, overload

T = TypeVar("T")


class _Missing:
    """The type of `MISSING`."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()
"""The default of a field that has none."""


class Field:
    """One field of a record: its default or what makes one, and where it counts."""

    __slots__ = ("compare", "default", "make", "name", "repr", "type")

    def __init__(
        self, default: Any, make: Callable[[], Any] | None, compare: bool, repr: bool
    ) -> None:
        self.default, self.make, self.compare, self.repr = default, make, compare, repr
        self.name, self.type = "", ""


def field(
    *,
    default: Any = MISSING,
    default_factory: Callable[[], Any] | None = None,
    compare: bool = True,
    repr: bool = True,
) -> Any:
    """A field that says more than its default; the arguments are those of `dataclasses.field`."""
    return Field(default, default_factory, compare, repr)


@overload
def record(cls: type[T], /) -> type[T]: ...
@overload
def record(
    *, frozen: bool = False, eq: bool = True, repr: bool = True
) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(field_specifiers=(field,))
def record(
    cls: type[T] | None = None, /, *, frozen: bool = False, eq: bool = True, repr: bool = True
) -> Any:
    """Make the annotations of a class its fields, those of its bases first.

    frozen: setting a field raises AttributeError, and equal records have equal hashes.
    eq: two of one class are equal if their fields are; without it each equals itself alone.
    """

    def made(cls: type[T]) -> type[T]:
        _declare(cls)
        for name, method in _methods(cls, frozen, eq, repr):
            if name not in cls.__dict__:
                setattr(cls, name, method)
        return cls

    return made if cls is None else made(cls)


def fields(of: Any) -> tuple[Field, ...]:
    """The fields of a record or its class, in order."""
    return tuple(of._fields_of_record.values())


def replace(record: T, **changes: Any) -> T:
    """A record like this one but for the changes."""
    names = type(record).__match_args__  # type: ignore[attr-defined]
    return type(record)(**{name: getattr(record, name) for name in names} | changes)


class _AsDataclass:
    """`__dataclass_fields__` of a record, made when `dataclasses.replace` or `asdict` asks."""

    def __get__(self, record: Any, cls: Any) -> Any:
        import dataclasses as made

        listed = [(f.name, f.type, _as_dataclass(f)) for f in fields(cls)]
        return vars(made.make_dataclass(cls.__name__, listed, kw_only=True))["__dataclass_fields__"]


class _Signature:
    """`__signature__` of a record's class, for `help()`, editors and the pages of the API."""

    def __get__(self, record: Any, cls: Any) -> Any:
        from inspect import Parameter, Signature

        def parameter(said: Field) -> Parameter:
            default = said.make() if said.make else said.default
            kept = Parameter.empty if default is MISSING else default
            return Parameter(
                said.name, Parameter.POSITIONAL_OR_KEYWORD, default=kept, annotation=said.type
            )

        if record is not None:
            raise AttributeError("__signature__")
        return Signature([parameter(said) for said in fields(cls)])


def _as_dataclass(said: Field) -> Any:
    import dataclasses as made

    if said.make is not None:
        return made.field(default_factory=said.make, compare=said.compare, repr=said.repr)
    default = made.MISSING if said.default is MISSING else said.default
    return made.field(default=default, compare=said.compare, repr=said.repr)


def _declare(cls: Any) -> None:
    """Note the fields on the class; their defaults stay there as attributes."""
    declared: dict[str, Field] = {}
    for base in cls.__mro__[:0:-1]:
        declared.update(base.__dict__.get("_fields_of_record", {}))
    for name, annotation in cls.__annotations__.items():
        if not str(annotation).startswith(("ClassVar", "typing.ClassVar")):
            declared[name] = _field(cls, name, annotation)
    cls._fields_of_record = declared
    cls.__dataclass_fields__ = _AsDataclass()
    cls.__signature__ = _Signature()
    setattr(cls, "__match_args__", tuple(declared))  # noqa: B010 -- mypy lets nobody assign it


def _field(cls: Any, name: str, annotation: Any) -> Field:
    """The field that a class body says; its default becomes, or stays, the class's attribute."""
    said = cls.__dict__.get(name, MISSING)
    made = said if isinstance(said, Field) else Field(said, None, compare=True, repr=True)
    made.name, made.type = name, annotation
    if made.default is not MISSING:
        setattr(cls, name, made.default)
    elif isinstance(said, Field):
        delattr(cls, name)
    return made


def _methods(cls: Any, frozen: bool, eq: bool, repr: bool) -> Iterable[tuple[str, Any]]:
    own: Iterable[Field] = cls._fields_of_record.values()
    yield "__init__", _initialiser(cls, own)
    if repr:
        yield "__repr__", _representation
    if frozen:
        yield from (("__setattr__", _refuse), ("__delattr__", _refuse))
    if eq:
        yield "_compared", _getter([f.name for f in own if f.compare])
        yield from (("__eq__", _equal), ("__hash__", _hash if frozen else None))


def _initialiser(cls: Any, own: Iterable[Field]) -> Callable[..., None]:
    """The `__init__` of a class: its arguments, then made defaults, then `__post_init__`."""
    names = cls.__match_args__
    makers = [(f.name, f.make) for f in own if f.make is not None]
    required = [f.name for f in own if f.default is MISSING and f.make is None]
    finish = hasattr(cls, "__post_init__")
    least = len(required)

    def plain(self: Any, *values: Any, **named: Any) -> None:
        kept = self.__dict__
        kept.update(zip(names, values, strict=False))
        if named:
            kept.update(named)
        if len(kept) < least:
            raise _incomplete(cls, required, kept)

    def whole(self: Any, *values: Any, **named: Any) -> None:
        plain(self, *values, **named)
        kept = self.__dict__
        for name, make in makers:
            if name not in kept:
                kept[name] = make()
        if finish:
            self.__post_init__()

    return whole if makers or finish else plain


def _incomplete(cls: Any, required: Iterable[str], given: Any) -> TypeError:
    lacking = ", ".join(name for name in required if name not in given)
    return TypeError(f"{cls.__name__} lacks {lacking}")


def _getter(names: list[str]) -> Any:
    """What gives the fields that make records equal, as one value."""
    return attrgetter(*names) if names else staticmethod(lambda record: ())


def _representation(self: Any) -> str:
    from cnnspec.brief import brief

    return brief(self)


def _equal(self: Any, other: object) -> Any:
    if type(self) is not type(other):
        return NotImplemented
    return self._compared(self) == self._compared(other)  # type: ignore[attr-defined]


def _hash(self: Any) -> int:
    return hash(self._compared(self))


def _refuse(self: Any, name: str, *value: Any) -> None:
    raise AttributeError(f"{type(self).__name__} is frozen: `{name}` cannot change")
