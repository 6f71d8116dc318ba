"""One request of the page, one answer: plain data in, plain data out.

Nothing of a request is a path: `name` is that of a shipped spec, or a bare `NAME.cnn`, which stands
among them so that it can import their families.  Places in a text count UTF-16 units from 0, as
JavaScript does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnspec import resources
from cnnspec.editor import queries
from cnnspec.editor.analysis import Analysis, analyse, readable
from cnnspec.elaborate.files import FILE_MAX
from cnnspec.play import tabs

if TYPE_CHECKING:
    from cnnspec.diagnostics import Diagnostic, Fix
    from cnnspec.elaborate.workspace import Elaborated

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*\.cnn")
_KEPT = 4
"""Analyses that are kept: the text as it stands, and what it is compared with."""
STYLES = ("block", "volumes", "trunk", "columns", "module", "table")
LEVELS = ("net", "stage", "block", "layer")

Request = Mapping[str, Any]
Answer = dict[str, Any]


class Unanswerable(ValueError):
    """A request that no page of ours makes; its message is one sentence."""


class Desk:
    """Answers the page; `file` is the one that `cnnspec play` was given, if any."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        self._examples: dict[str, Path] = {}
        self._kept: dict[tuple[str, str], Analysis] = {}
        self._asked: dict[str, Callable[[Request], Answer]] = {
            "start": self.start, "text": self.text, "check": self.check, "figure": self.figure,
            "tab": self.tab, "diff": self.diff, "fixes": self.fixes, "complete": self.complete,
            "hover": self.hover, "format": self.format, "pdf": self.pdf, "follow": self.follow,
        }  # fmt: skip

    def answer(self, request: Request) -> Answer:
        """The answer to a request, whose `ask` says what is wanted. Raises Unanswerable."""
        asked = self._asked.get(str(request.get("ask")))
        if asked is None:
            raise Unanswerable(f"nothing is known about {str(request.get('ask'))[:40]!r}")
        return asked(request)

    # --- texts ---

    def start(self, request: Request) -> Answer:
        """What the page's menus hold, and the file that it edits."""
        return {
            "examples": [*self._shipped()],
            "styles": STYLES,
            "levels": LEVELS,
            "tabs": [*tabs.TABS, "diff"],
            "file": self.file.name if self.file is not None else "",
        }

    def text(self, request: Request) -> Answer:
        """The text of a shipped spec, or of the file as it is on the disk."""
        name = _word(request, "name")
        path = self._path(name)
        if path != self.file and name not in self._shipped():
            raise Unanswerable(f"there is no example {name}")
        if path == self.file and not path.exists():
            return {"text": ""}
        return {"text": path.read_bytes()[:FILE_MAX].decode("utf-8", "replace")}

    def _shipped(self) -> dict[str, Path]:
        """The shipped specs by their name below specs/: the folder's own, then inner folders."""
        if not self._examples:
            root = resources.specs()
            files = [path.relative_to(root) for path in root.rglob("*.cnn")]
            for path in sorted(files, key=lambda p: (len(p.parts), p.as_posix())):
                self._examples[path.as_posix()] = root / path
        return self._examples

    def _path(self, name: str) -> Path:
        """Where a text stands. Raises Unanswerable."""
        if self.file is not None and name == self.file.name:
            return self.file
        shipped = self._shipped().get(name)
        if shipped is not None:
            return shipped
        if _NAME.fullmatch(name) is None:
            raise Unanswerable("a name is letters, digits and _, and ends in .cnn")
        return resources.specs() / name

    # --- answers about a text ---

    def _analysis(self, request: Request, text: str = "text", name: str = "name") -> Analysis:
        key = _word(request, name), _word(request, text)
        if key not in self._kept:
            while len(self._kept) >= _KEPT:
                self._kept.pop(next(iter(self._kept)))
            path = str(self._path(key[0]).resolve())
            self._kept[key] = analyse(key[1], key[0].rpartition("/")[2], path)
        self._kept[key] = self._kept.pop(key)  # the one that was asked for last goes last
        return self._kept[key]

    def check(self, request: Request) -> Answer:
        """What is wrong, the hints at the ends of lines, and the nets with their figures."""
        analysis = self._analysis(request)
        chosen = _chosen(analysis, str(request.get("net", "")))
        lines = queries.hints(analysis.source, analysis.facts.of(analysis.source))
        return {
            "diagnostics": [_diagnostic(found, analysis) for found in analysis.diagnostics],
            "hints": lines,
            "nets": [*analysis.elaborated],
            "net": chosen.net.name if chosen else "",
            "says": _says(analysis, chosen),
        }

    def figure(self, request: Request) -> Answer:
        """The figure of a net as SVG (style table: as Markdown), and the line of each layer."""
        from cnnspec.draw import DrawError, architecture_table
        from cnnspec.editor.drawing import drawn

        analysis = self._analysis(request)
        net = _chosen(analysis, str(request.get("net", "")))
        if net is None:
            return {}
        style = _one(request, "style", STYLES)
        try:
            if style == "table":
                return {"table": architecture_table(net.net, form="md")}
            theme = _one(request, "theme", ("light", "dark", "grey"))
            level = {"level": _one(request, "level", LEVELS)} if style == "block" else {}
            shown = drawn(net.net, analysis.source, style=style, theme=theme, **level)
        except DrawError as error:
            return {"refused": f"{error}. Style block draws every net."}
        return {"svg": shown.svg, "note": shown.note, "lines": shown.lines}

    def tab(self, request: Request) -> Answer:
        """The text of a tab; nothing while there is no whole net."""
        analysis = self._analysis(request)
        net = _chosen(analysis, str(request.get("net", "")))
        write = tabs.TABS[_one(request, "tab", tuple(tabs.TABS))]
        return {"text": write(analysis, net)} if net is not None else {}

    def diff(self, request: Request) -> Answer:
        """What changed since the text `base`, which stands where the text does."""
        wanted = str(request.get("net", ""))
        after = _chosen(self._analysis(request), wanted)
        before = _chosen(self._analysis(request, "base", "base_name"), wanted)
        if after is None:
            return {}
        if before is None:
            return {"text": "The text to compare with has no net.\n"}
        text, svg = tabs.diff(before, after)
        return {"text": text, "svg": svg}

    def fixes(self, request: Request) -> Answer:
        """The proved fixes of each diagnostic, by its place in the list that `check` gave."""
        from cnnspec.editor.checking import checking
        from cnnspec.editor.fixes import offered
        from cnnspec.editor.fixes.follow import follows

        analysis = self._analysis(request)
        prove = checking(analysis.source)
        said = analysis.diagnostics
        own = analysis.source.path
        return {
            "fixes": {
                number: fixes
                for number, found in enumerate(said[:20])
                if found.span.source.path == own
                and (fixes := [_fix(fix, analysis) for fix in offered(found, said, prove)])
            },
            "follow": follows(said),
        }

    def follow(self, request: Request) -> Answer:
        """The text with its shapes as they are, and, once they fit, without claims that fail."""
        from cnnspec.editor.checking import checking
        from cnnspec.editor.fixes.follow import followed, without_failed

        analysis = self._analysis(request)
        text = followed(analysis.source.text, checking(analysis.source))
        after = self._analysis({**request, "text": text})
        errors = [found for found in after.diagnostics if found.code.startswith("E")]
        if after.unit is not None and all(found.code.startswith("E04") for found in errors):
            text = without_failed(after.unit, errors)
        return {"text": text}

    def complete(self, request: Request) -> Answer:
        """What can be typed at a place."""
        from cnnspec.editor.completion import complete

        text, name = _word(request, "text"), _word(request, "name")
        unit = readable(text, name.rpartition("/")[2], str(self._path(name).resolve()))
        items = complete(unit, _points(text, request.get("at"))) if unit is not None else []
        return {"items": [[item.text, item.kind, item.detail] for item in items]}

    def hover(self, request: Request) -> Answer:
        """What a name is, and what its line makes, in Markdown."""
        analysis = self._analysis(request)
        return {"text": queries.hover(analysis, _points(analysis.source.text, request.get("at")))}

    def format(self, request: Request) -> Answer:
        """The text in the one layout, as `cnnspec fmt` writes it; none while it cannot be read."""
        from cnnspec.source import Source
        from cnnspec.syntax.format import formatted
        from cnnspec.syntax.parser import SyntaxFaults

        try:
            return {"text": formatted(Source("text.cnn", _word(request, "text")))}
        except SyntaxFaults:
            return {}

    def pdf(self, request: Request) -> Answer:
        """The figure as a PDF file, in base64."""
        from base64 import b64encode

        from cnnspec.draw import DrawError, figure, write

        net = _chosen(self._analysis(request), str(request.get("net", "")))
        if net is None:
            return {}
        style = _one(request, "style", STYLES)
        level = {"level": _one(request, "level", LEVELS)} if style == "block" else {}
        try:
            scene = figure(net.net, style=style, **level)
        except DrawError as error:
            return {"refused": str(error)}
        return {"pdf": b64encode(write(scene, "pdf")).decode()}


def run(desk: Desk, request: str) -> str:
    """Answer a request that is written as JSON, in JSON."""
    try:
        return json.dumps(desk.answer(json.loads(request)))
    except Unanswerable as refused:
        return json.dumps({"unanswered": str(refused)})
    except Exception as error:  # a fault of ours must not end the page
        return json.dumps({"unanswered": fault(error)})


def fault(error: Exception) -> str:
    """A fault of ours in one sentence."""
    what = f"{type(error).__name__}: {error}".replace("\n", " ")[:200]
    return f"internal fault, not your spec's: {what}"


def _word(request: Request, key: str) -> str:
    value = request.get(key)
    if not isinstance(value, str):
        raise Unanswerable(f"{key} is a text")
    return value


def _one(request: Request, key: str, known: tuple[str, ...]) -> Any:
    """One of some words; the first where none is given."""
    value = request.get(key) or known[0]
    if value not in known:
        raise Unanswerable(f"{key} is one of {', '.join(known)}")
    return value


def _chosen(analysis: Analysis, wanted: str) -> Elaborated | None:
    """The net that is shown: the one asked for, else the file's own, else its last."""
    made = analysis.elaborated
    own = Path(analysis.source.name).stem
    name = next((name for name in (wanted, own) if name in made), "")
    return made[name] if name else next(reversed(made.values()), None)


def _says(analysis: Analysis, net: Elaborated | None) -> str:
    """The line below the editor: what there is, in figures."""
    from cnnspec.report.numbers import counted

    found = next((n for n in analysis.nets if net is not None and n.name == net.net.name), None)
    errors = sum(one.code.startswith("E") for one in analysis.diagnostics)
    said = [counted(errors, "error")] if errors else []
    if found is not None and found.params is not None:
        said.append(
            f"{found.name}: {found.params:,} params, {found.macs:,} MACs, "
            f"{counted(found.layers or 0, 'layer')}"
        )
    return " · ".join(said) or "no net yet"


def _diagnostic(found: Diagnostic, analysis: Analysis) -> Answer:
    own = found.span.source.path == analysis.source.path
    line, column = found.span.source.position(found.span.start)
    text = found.span.source.text
    return {
        "code": found.code,
        "severity": found.severity.value,
        "message": queries.message(found),
        "place": f"{found.span.source.name}:{line}:{column}",
        "own": own,
        "from": _units(text, found.span.start),
        "to": _units(text, found.span.end),
    }


def _fix(fix: Fix, analysis: Analysis) -> Answer:
    text = analysis.source.text
    edits = [
        {"from": _units(text, e.span.start), "to": _units(text, e.span.end), "text": e.text}
        for e in fix.edits
        if e.span.source.path == analysis.source.path
    ]
    return {"title": fix.title, "edits": edits}


def _units(text: str, offset: int) -> int:
    """UTF-16 units before an offset in code points."""
    return offset if text.isascii() else offset + sum(c > "\uffff" for c in text[:offset])


def _points(text: str, units: object) -> int:
    """The offset in code points of a place in UTF-16 units."""
    wanted = units if isinstance(units, int) else 0
    for offset, character in enumerate(text):
        if wanted <= 0:
            return offset
        wanted -= 2 if character > "\uffff" else 1
    return len(text)
