"""From text to tree, or to the faults of the text."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from cnnspec.diagnostics import Diagnostic, SpecError
from cnnspec.records import record
from cnnspec.source import Source, Span
from cnnspec.syntax.build import TreeBuilder
from cnnspec.syntax.lalr import Parser, Repair, Stop, Token, Unexpected
from cnnspec.syntax.lines import FAULTS_MAX, read_lines

if TYPE_CHECKING:
    from cnnspec.syntax import tree


@cache
def _parser() -> tuple[Parser, TreeBuilder]:
    builder = TreeBuilder()
    return Parser(builder), builder


KEPT_MAX = 1 << 20
"""How many characters of text the trees that are kept may have come from."""

_kept: dict[tuple[str, str, str], tree.File] = {}
"""Trees by the name, path and whole text of their source, the one used last at the end."""


def parse(source: Source) -> tree.File:
    """Parse a file, or take the tree that an equal text of the same file gave before.

    The places in the tree are in `File.span.source`, which may be that earlier source.  Raises
    SyntaxFaults with every fault found.
    """
    key = source.name, source.path, source.text
    file = _kept.pop(key, None)
    if file is None:
        file = _parse(source)[0]
        room = KEPT_MAX - len(source.text) - sum(len(text) for _, _, text in _kept)
        for old in list(_kept) if room < 0 else ():
            if room < 0:
                room += len(old[2])
                del _kept[old]
    _kept[key] = file
    return file


def forget(source: Source) -> None:
    """Keep no tree of a text that will not be seen again: one that somebody is typing."""
    _kept.pop((source.name, source.path, source.text), None)


def forget_all() -> None:
    """Keep no tree at all: what is measured then is a first reading."""
    _kept.clear()


def tokens_of(source: Source) -> list[Token]:
    """The words of a file as the grammar takes them, with END; raises SyntaxFaults."""
    return _parse(source)[1]


@record(frozen=True)
class Parsed:
    """What could be read of a text: for an editor, in which most texts are half typed."""

    file: tree.File | None
    """The declarations and statements that could be read; None where nothing could."""
    tokens: tuple[Token, ...]
    """The words as the grammar takes them, with END."""
    faults: tuple[Diagnostic, ...]


def recover(source: Source) -> Parsed:
    """Read as much of a file as there is, and say what `parse` says; raises nothing.

    Brackets that are open or too many are mended first (see `mending`); a statement that cannot be
    read is left out, the others stay.
    """
    lines = read_lines(source)
    places: tuple[int, ...] = ()
    text = lines.text
    if lines.faults:
        from cnnspec.syntax import mending

        mended = mending.mend(source.text, lines)
        if mended is None:
            return Parsed(None, (), tuple(lines.faults))
        text, places = mended
    parser, builder = _parser()
    builder.begin(source)
    tokens = [*parser.tokens(text)]
    if places:
        tokens = mending.closed(text, tokens, places)
    file, collected = _read(source, lines.meant, [*tokens])
    faults = tuple(lines.faults or collected.faults[:FAULTS_MAX])
    for shorter in (tokens, _without_last(tokens)) if file is None else ():
        builder.begin(source)
        file = parser.parse(shorter, "file", lambda error, stop: None)
        if file is not None:
            break
    if not faults and file is not None and not file.declarations:
        faults = (_empty(source),)
    return Parsed(file, tuple(tokens), faults)


def _without_last(tokens: list[Token]) -> list[Token]:
    """The tokens without the last declaration, which ends too early to be one."""
    depth = last = 0
    for at, token in enumerate(tokens[:-1]):
        last = at + 1 if depth == 0 and token.type == "_END" else last
        depth += (token == "{") - (token == "}")
    return [*tokens[:last], tokens[-1]]


def _read(
    source: Source, meant: list[Diagnostic], tokens: list[Token]
) -> tuple[tree.File | None, _Collector]:
    """The tree of what could be read, and what could not; the builder has begun."""
    collected = _Collector(source, meant)
    file: tree.File | None = _parser()[0].parse(tokens, "file", collected)
    return file, collected


def _parse(source: Source) -> tuple[tree.File, list[Token]]:
    lines = read_lines(source)
    if lines.faults:
        raise SyntaxFaults(lines.faults)
    parser, builder = _parser()
    builder.begin(source)
    tokens = list(parser.tokens(lines.text))
    file, collected = _read(source, lines.meant, tokens)
    faults = collected.faults
    if file is None or faults:
        whole = file if collected.mended and file and file.declarations else None
        raise SyntaxFaults(faults[:FAULTS_MAX], whole)
    if not file.declarations:
        raise SyntaxFaults([_empty(source)])
    return file, tokens


def _empty(source: Source) -> Diagnostic:
    return Diagnostic("E0002", "an empty file", Span(source, 0, 0), help=("declare a net",))


class _Collector:
    """Collects the faults of a file; says what is to be read instead where that is plain."""

    def __init__(self, source: Source, faults: list[Diagnostic]) -> None:
        self.source, self.faults = source, faults
        self.mended = True
        """Whether every fault so far was mended: the tree is what was meant."""
        self.silent = False
        """Whether what stands here is no declaration, and the last statement said so."""

    def __call__(self, error: SpecError | Unexpected, stop: Stop) -> Repair | None:
        from cnnspec.syntax import faults

        if len(self.faults) >= FAULTS_MAX:
            self.mended = False
            return None
        if isinstance(error, SpecError):
            self.mended = self.silent = False
            self.faults.append(error.diagnostic)
            return None
        outside = faults.outside(error, stop)
        if not (outside and self.silent):
            found, repair = faults.explain(self.source, error, stop)
            self.faults.append(found)
            self.silent = outside and repair is None
            self.mended = self.mended and repair is not None
            return repair
        return None


class SyntaxFaults(Exception):
    """A file could not be parsed; carries every diagnostic.

    `file` is the tree of what was meant, where that is plain for every one of them.
    """

    def __init__(self, diagnostics: list[Diagnostic], file: tree.File | None = None) -> None:
        super().__init__(diagnostics[0].message)
        self.diagnostics, self.file = diagnostics, file
