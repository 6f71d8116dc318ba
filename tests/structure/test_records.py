"""Records do what dataclasses do: the same classes, made both ways, side by side."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any, ClassVar

import pytest

from cnnspec import records


@records.record
class Mine:
    shared: ClassVar[int] = 7
    name: str
    size: int = 3
    parts: list[int] = records.field(default_factory=list)
    cause: object = records.field(default=None, compare=False, repr=False)


@dataclasses.dataclass
class Theirs:
    shared: ClassVar[int] = 7
    name: str
    size: int = 3
    parts: list[int] = dataclasses.field(default_factory=list)
    cause: object = dataclasses.field(default=None, compare=False, repr=False)


@records.record(frozen=True)
class Still:
    name: str
    size: int = 3

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError(self.size)


@records.record(frozen=True)
class Longer(Still):
    more: tuple[int, ...] = ()


@records.record(eq=False)
class Lone:
    name: str


@pytest.mark.parametrize(
    ("values", "named"),
    [(("a",), {}), (("a", 4), {}), (("a",), {"parts": [1]}), ((), {"name": "b", "cause": "c"})],
)
def test_the_same_fields_and_words(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    mine, theirs = Mine(*values, **named), Theirs(*values, **named)
    for field in dataclasses.fields(Theirs):
        assert getattr(mine, field.name) == getattr(theirs, field.name)
    assert repr(mine).partition("(")[2] == repr(theirs).partition("(")[2]
    assert [f.name for f in records.fields(Mine)] == [f.name for f in dataclasses.fields(Theirs)]
    assert Mine.__match_args__ == Theirs.__match_args__


def test_equality_asks_the_fields_that_compare() -> None:
    assert Mine("a", cause=1) == Mine("a", cause=2)
    assert Mine("a") != Mine("b")
    assert Still("a") != Longer("a")
    assert Lone("a") != Lone("a")
    assert hash(Still("a")) == hash(Still("a"))
    assert len({Still("a"), Still("a"), Still("b")}) == 2
    with pytest.raises(TypeError, match="unhashable"):
        hash(Mine("a"))


def test_what_is_made_for_one_is_not_shared() -> None:
    one, other = Mine("a"), Mine("b")
    one.parts.append(1)
    assert other.parts == []


def test_a_frozen_record_stays() -> None:
    still = Longer("a")
    with pytest.raises(AttributeError, match="Longer is frozen: `size` cannot change"):
        still.size = 4  # type: ignore[misc]
    with pytest.raises(AttributeError, match="frozen"):
        del still.name


def test_replace_makes_a_new_one_and_checks_it() -> None:
    changed = records.replace(Longer("a", 4), more=(1,))
    assert changed == Longer("a", 4, (1,))
    with pytest.raises(ValueError, match="-1"):
        records.replace(changed, size=-1)


def test_copies_and_pickles_are_equal() -> None:
    whole = Mine("a", 4, [1, 2])
    assert copy.deepcopy(whole) == whole
    assert pickle.loads(pickle.dumps(Longer("a", 4))) == Longer("a", 4)


def test_a_field_without_a_value_is_named() -> None:
    with pytest.raises(TypeError, match="Mine lacks name"):
        Mine()  # type: ignore[call-arg]


def test_help_says_the_arguments() -> None:
    import inspect

    mine, theirs = inspect.signature(Mine), inspect.signature(Theirs)
    assert str(mine).partition(", parts")[0] == str(theirs).partition(", parts")[0]
    assert list(mine.parameters) == list(theirs.parameters)


def test_positional_patterns_match() -> None:
    match Longer("a", 4, (5,)):
        case Longer(name, size, more):
            assert (name, size, more) == ("a", 4, (5,))


def test_dataclasses_knows_a_record() -> None:
    assert dataclasses.is_dataclass(Mine)
    changed = dataclasses.replace(Longer("a", 4), more=(1,))  # type: ignore[type-var]
    assert changed == Longer("a", 4, (1,))
    assert dataclasses.asdict(Mine("a")) == dataclasses.asdict(Theirs("a"))  # type: ignore[call-overload]
    assert [f.default for f in dataclasses.fields(Still)] == [dataclasses.MISSING, 3]  # type: ignore[arg-type]
