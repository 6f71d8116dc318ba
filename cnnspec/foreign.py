"""Words of other tools, and what is written here in their place: the table is `foreign.toml`.

It is read when the first message needs it; most runs make none.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from cnnspec.diagnostics import did_you_mean
from cnnspec.records import record
from cnnspec.spelling import plain

TABLE = Path(__file__).with_suffix(".toml")


@record(frozen=True)
class Meant:
    """What a word of another tool is here."""

    op: str = ""
    """The op of this name, where the language has it."""
    what: str = ""
    """What it is, where the language does not have it: `deconv` is "a transposed convolution"."""
    write: tuple[str, ...] = ()
    """What to type, where the name of an op alone would not do."""
    entry: str = ""
    """The entry of the table: `input` for what begins a net in other tools."""


@cache
def _table() -> dict[str, Any]:
    from tomllib import loads

    return loads(TABLE.read_text(encoding="utf-8"))


@cache
def _ops() -> dict[str, Meant]:
    """A word as it is compared -> what it is here."""
    found: dict[str, Meant] = {}
    for section in ("absent", "ops"):
        for name, entry in _table()[section].items():
            words = [*entry["names"].split(), *([name] if section == "ops" else ())]
            meant = _op(name, entry) if section == "ops" else _absent(entry)
            found |= dict.fromkeys(map(plain, words), meant)
    return found


def _absent(entry: dict[str, Any]) -> Meant:
    return Meant("", entry["is"], _lines(entry.get("help")))


def _op(name: str, entry: dict[str, Any]) -> Meant:
    from cnnspec.ops import ops

    op = entry.get("op", name)
    if op in ops() or "is" not in entry:
        return Meant(op if op in ops() else "", "", _lines(entry.get("write")), name)
    what = f"{entry['is']}: the language does not have it yet"
    return Meant("", what, _lines(entry.get("instead")), name)


def _lines(text: str | list[str] | None) -> tuple[str, ...]:
    return () if text is None else (text,) if isinstance(text, str) else tuple(text)


def op_of(word: str) -> Meant | None:
    """What an op of another tool is here, or one of this language typed in another way."""
    return _ops().get(plain(word))


def word_at_start(word: str) -> str:
    """What to write for a word that begins a statement of another language, or nothing."""
    return str(_table()["words"].get(word, ""))


def keyword(word: str) -> str:
    """The word of this language that does what a word of another language does, or nothing."""
    return str(_table()["keywords"].get(word.lower(), ""))


def meant(section: str, word: str, known: Iterable[str]) -> str:
    """The sentence beside the carets for a word of `section`: other tools' name, or a slip.

    A word that stands in the table is no slip of the hand in another word.
    """
    known = list(known)
    same = next((name for name in known if plain(name) == plain(word)), "")
    if same:
        return f"did you mean `{same}`?"
    entries = _section(section).get(plain(word), ())
    if not entries:
        return did_you_mean(word, known)
    for entry in entries:
        if " " in entry:
            return entry
        if entry in known or section == "values":
            return f"did you mean `{entry}`?"
    return ""


@cache
def _section(name: str) -> dict[str, tuple[str, ...]]:
    return {plain(word): _lines(text) for word, text in _table()[name].items()}


def signature(name: str) -> list[str] | None:
    """The roles of a call's arguments by place in another tool, which letters tell apart."""
    roles = _table()["signatures"].get(name)
    return None if roles is None else roles.split()


def role(keyword: str) -> str:
    """What an argument of another tool is for, or the keyword itself."""
    return next((k for k, words in _table()["roles"].items() if keyword in words.split()), keyword)
