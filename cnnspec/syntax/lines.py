"""Where statements end, found in one pass over the text (L2), with the faults of the text (S1).

The grammar wants to see only those newlines that end a statement.  Whether one does depends on
what stands before and after it, possibly many blank lines away, so a terminal with a look-ahead
costs quadratic time.  Here every other newline, and every comment, becomes a blank of the same
length: offsets stay true.
"""

from __future__ import annotations

import re

from cnnspec.diagnostics import Diagnostic, Label
from cnnspec.records import field, record
from cnnspec.source import Source, Span

NESTING_MAX = 64
"""How deep brackets may nest (S5)."""

FAULTS_MAX = 20
"""How many hidden characters, and how many brackets, of one file are said."""

_DOC = re.compile(r"[ \t]*##")
_TOKEN = re.compile(
    r'(?P<string>"[^"\n]*")'
    r"|(?P<doc>##[^\n]*)"
    r"|(?P<comment>#[^\n]*)"
    r"|(?P<end>[\n;])"
    r"|(?P<arrow>->|=>)"
    r"|(?P<open>[(\[{])"
    r"|(?P<close>[)\]}])"
    r"|(?P<glue>[,=](?!=))"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<template>\$\{[^}\n$]*\})"
    r"|(?P<slashes>//|/\*)"
    r"|(?P<other>[^\s])"
)
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
    "|\r(?!\n)|\u00a0"
)
DECLARATION = re.compile(r"^(block|net|recipe|source|import) [A-Za-z_]\w*", re.MULTILINE)
_NAMES = {
    0x00: "NUL",
    0x0D: "carriage return without a newline",
    0xA0: "no-break space",
    0x200B: "zero-width space",
    0x200C: "zero-width non-joiner",
    0x200D: "zero-width joiner",
    0x200E: "left-to-right mark",
    0x200F: "right-to-left mark",
    0x202A: "left-to-right embedding",
    0x202B: "right-to-left embedding",
    0x202C: "pop directional formatting",
    0x202D: "left-to-right override",
    0x202E: "right-to-left override",
    0x2060: "word joiner",
    0x2066: "left-to-right isolate",
    0x2067: "right-to-left isolate",
    0x2068: "first strong isolate",
    0x2069: "pop directional isolate",
    0xFEFF: "byte order mark inside the text",
}
_CLOSER = {"(": ")", "[": "]", "{": "}"}
_UNQUOTED = "this string was never closed: it ends on its own line"


@record
class Lines:
    """The text as the grammar reads it, and what is wrong with it."""

    text: str = ""
    faults: list[Diagnostic] = field(default_factory=list)
    meant: list[Diagnostic] = field(default_factory=list)
    """Faults after which the text is read as it was meant: comments of other languages."""


def read_lines(source: Source) -> Lines:
    """Blank out comments and newlines that end nothing; linear in the text."""
    lines = Lines()
    lines.faults += hidden_characters(source)
    _Pass(source, lines).run()
    return lines


def hidden_characters(source: Source) -> list[Diagnostic]:
    """Characters that a reader cannot see, or that make text read differently (S1)."""
    found: list[Diagnostic] = []
    quoted = _Quoted(source)
    for match in _HIDDEN.finditer(source.text):
        at, code = match.start(), ord(match.group()[0])
        if code == 0xA0 and quoted(at):
            continue
        if len(found) == FAULTS_MAX:
            break
        name = f" ({_NAMES[code]})" if code in _NAMES else " (control character)"
        found.append(
            Diagnostic(
                "E0021",
                f"a hidden character: U+{code:04X}{name}",
                Span(source, at, at + 1),
                note="it makes text read differently from what is compiled",
                help=("delete it",),
            )
        )
    return found


class _Quoted:
    """Says whether an offset lies in a `##` line or in a string; asked from left to right."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.line = self.counted = self.quotes = 0

    def __call__(self, at: int) -> bool:
        line = self.source.position(at)[0]
        if line != self.line:
            self.line, self.quotes = line, 0
            self.counted = self.source.line_starts[line - 1]
        self.quotes += self.source.text.count('"', self.counted, at)
        self.counted = at
        doc = _DOC.match(self.source.text, self.source.line_starts[line - 1])
        return doc is not None or self.quotes % 2 == 1


class _Pass:
    """One walk over the tokens, remembering the last one and the open brackets."""

    def __init__(self, source: Source, lines: Lines) -> None:
        self.source, self.lines = source, lines
        self.opened: list[tuple[str, int]] = []
        self.margins: list[int] = []
        """The indentation of the line on which each of them opens."""
        self.line_start, self.margin, self.begun = 0, 0, False
        """Where the line begins, the blanks before its first word, and whether that was met."""
        self.left_open: tuple[str, int] | None = None
        """The first bracket whose partner begins a line further left than its own line."""
        self.kept: list[str] = []
        self.copied = self.skipped = 0
        self.previous = "{"
        self.documented = 0
        """Where the last `##` began."""
        self.pending: tuple[int, int] | None = None
        """A statement end that still waits for what follows it."""

    def run(self) -> None:
        text = self.source.text
        for match in _TOKEN.finditer(text):
            kind, start, end = match.lastgroup, match.start(), match.end()
            if match.group() == "\n":
                self.line_start, self.begun = end, False
            elif not self.begun:
                self.margin, self.begun = start - self.line_start, True
            if start < self.skipped:
                continue
            if kind == "end":
                self.end(start, end)
            elif kind == "comment":
                self.blank(start, end)
            elif kind == "slashes" and self.begins:
                self.slashes(start)
            else:
                self.token(kind or "", match.group(), start)
        if self.pending is not None:
            self.settle(keep=True)
        self.kept.append(text[self.copied :])
        self.lines.text = "".join(self.kept)
        self.unclosed()

    @property
    def begins(self) -> bool:
        """Whether a statement can begin here: nothing stands before it that it could go on."""
        return self.pending is not None or self.previous == "{"

    def slashes(self, start: int) -> None:
        """A comment of another language: said once, and read as one."""
        text, opener = self.source.text, self.source.text[start : start + 2]
        closer = "\n" if opener == "//" else "*/"
        end = text.find(closer, start + 2)
        end = len(text) if end < 0 else end + (2 if closer == "*/" else 0)
        if not self.lines.meant:
            help = ("a comment begins with `#`",)
            span = Span(self.source, start, start + 2)
            fault = Diagnostic("E0001", f"`{opener}` begins no comment here", span, help=help)
            self.lines.meant.append(fault)
        self.blank(start, end)
        self.skipped = end

    def end(self, start: int, end: int) -> None:
        inside = self.opened and self.opened[-1][0] != "{"
        follows = self.previous in ("{", ",", "=", "->", "=>")
        if inside or follows or self.pending is not None:
            self.blank_later(start, end)
        else:
            self.pending = (start, end)
            self.later: list[tuple[int, int]] = []

    def blank_later(self, start: int, end: int) -> None:
        """Blank a line's end, after the earlier one that is undecided: offsets stay in order."""
        if self.pending is None:
            self.blank(start, end)
        else:
            self.later.append((start, end))

    def blank(self, start: int, end: int) -> None:
        if self.pending is not None:
            self.later.append((start, end))
            return
        self.kept += (self.source.text[self.copied : start], " " * (end - start))
        self.copied = end

    def settle(self, keep: bool) -> None:
        """Decide the pending end, then blank what followed it."""
        assert self.pending is not None
        (start, end), self.pending = self.pending, None
        if not keep:
            self.blank(start, end)
        for begin, stop in self.later:
            self.blank(begin, stop)

    def token(self, kind: str, text: str, start: int) -> None:
        begins = self.pending is not None or self.previous == "{"
        if self.pending is not None:
            keep = kind != "arrow" and text != "else"
            if not keep and self.previous[:2] == "##":
                self.inside_statement(self.documented)
            self.settle(keep)
        if kind == "open":
            self.opened.append((text, start))
            self.margins.append(self.margin)
            if len(self.opened) == NESTING_MAX + 1:
                self.fault("E0013", f"nested deeper than {NESTING_MAX}", start)
        elif kind == "close":
            self.close(text, start)
        elif text == '"':
            self.unquoted(start)
        elif kind == "doc":
            self.documented = start
            if not begins:
                self.inside_statement(start)
        self.previous = text

    def inside_statement(self, start: int) -> None:
        """Documentation where a statement goes on: it would take the next line along."""
        line = self.source.text[start:].partition("\n")[0]
        if len(self.lines.faults) >= 2 * FAULTS_MAX:
            return
        self.lines.faults.append(
            Diagnostic(
                "E0001",
                "`##` documents what stands below it, and this is inside a statement",
                Span(self.source, start, start + len(line.rstrip())),
                help=("write `#` for a comment",),
            )
        )

    def unquoted(self, start: int) -> None:
        """A quote without its partner; of a string over several lines only the first is said."""
        if not any(fault.message == _UNQUOTED for fault in self.lines.faults):
            self.fault("E0012", _UNQUOTED, start)

    def close(self, text: str, start: int) -> None:
        if self.opened and _CLOSER[self.opened[-1][0]] == text:
            closed, margin = self.opened.pop(), self.margins.pop()
            first = start == self.line_start + self.margin
            if self.left_open is None and first and self.margin < margin:
                self.left_open = closed
            return
        if not self.opened:
            self.fault("E0014", f"`{text}` closes nothing", start)
            return
        opener, at = self.opened.pop()
        self.margins.pop()
        self.fault(
            "E0014",
            f"`{text}` where `{_CLOSER[opener]}` is needed",
            start,
            Label(Span(self.source, at, at + 1), "opened here"),
        )

    def unclosed(self) -> None:
        if not self.opened or self.lines.faults:
            return
        text = self.source.text
        opener, at = self.left_open or self.opened[-1]
        what = {"{": "block", "(": "parenthesis", "[": "list"}[opener]
        end = len(text.rstrip())
        self.lines.faults.append(
            Diagnostic(
                "E0012",
                f"this {what} was never closed",
                Span(self.source, at, at + 1),
                note="opened here",
                labels=(Label(Span(self.source, end - 1, end), "the file ends"),),
                help=self.closing(opener, at),
            )
        )

    def closing(self, opener: str, at: int) -> tuple[str, ...]:
        """Where the bracket that is missing probably belongs: before the next declaration."""
        if self.left_open is not None:
            line = self.outdented(at)
            return (
                f"by the indentation it ends before line {line}: put a `{_CLOSER[opener]}` there",
            )
        following = DECLARATION.search(self.source.text, at)
        if following is None:
            return ()
        line = self.source.position(following.start())[0]
        what = f"`{following.group()}` begins on line {line}"
        return (f"{what}: put a `{_CLOSER[opener]}` before it",)

    def outdented(self, at: int) -> int:
        """The first line after that of a place that is indented no more than it."""
        number = self.source.position(at)[0]
        opening = self.source.line(number)
        margin = len(opening) - len(opening.lstrip())
        lines = range(number + 1, len(self.source.line_starts) + 1)
        return next((at for at in lines if self.no_more_indented(at, margin)), number + 1)

    def no_more_indented(self, number: int, margin: int) -> bool:
        """Whether a line with something on it begins at a column or before it."""
        line = self.source.line(number)
        return bool(line.strip()) and len(line) - len(line.lstrip()) <= margin

    def fault(self, code: str, message: str, at: int, *labels: Label) -> None:
        if len(self.lines.faults) < 2 * FAULTS_MAX:
            span = Span(self.source, at, at + 1)
            self.lines.faults.append(Diagnostic(code, message, span, labels=labels))
