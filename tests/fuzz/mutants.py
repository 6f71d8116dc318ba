"""Broken specs: text, token and tree mutants of valid ones, and what each must get (S7)."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cnnspec.analyses.checking import check_unit
from cnnspec.backends.errors import BackendError
from cnnspec.backends.torch import emit
from cnnspec.diagnostics import Severity
from cnnspec.elaborate.scope import Unit
from cnnspec.elaborate.workspace import Workspace
from cnnspec.report.text import render
from cnnspec.source import Source
from cnnspec.syntax import tree as t
from cnnspec.syntax.parser import parse

SPECS = Path(__file__).resolve().parents[2] / "specs"
TOKEN = re.compile(r'"[^"\n]*"|\d+(?:x\d+)+|\w+|\s+|->|=>|\.\.|[^\w\s]')
SPICE = [
    "{", "}", "(", ")", "[", "]", "->", "=>", "=", ",", ";", "\n", '"', ":", "${", "}", "$", "^",
    "in", "in.channels", "in.height", "if", "else", "for", "repeat", "let", "net", "block", "seq",
    "from", "share", "default", "bare", "claim", "recipe", "but", "because", "unit", "rounding",
    "output", "aux", "input", "conv", "add", "concat", "mul", "softmax", "skip", "same", "none",
    "true", "false", "3x3", "3x3/2", "0x0", "0", "-1", "1.5", "1/0", "007", "2147483648",
    "9999999999", "99999999999999999999", "1e999", "1e-9", "~", "within", "percent", "a.b", "a[0]",
    "##", "#", "\u202e", "\u00e9", "\x00", "\r", "\t", "\ufeff", "range(5)", "range(9999999)",
    "kernel(1, 2)", "kernel(0, 1)", "params", "macs", "shape(conv1)", "x" * 70, "2^2^2^2^2^2",
    "// 0", "% 0", "[[1]]", "enumerate(3)", "len(1)", "min()", 'init=normal(std="a")',
    "permute [0, 1, 2]", "groups=0", "upsample 99999", "import a from \"b.cnn\"", "require false",
    "zip([1], [])", "sum(3)", "round(7, to=0)", "ceil(1, 2)",
]  # fmt: skip
EMITTED = 4
"""One valid mutant in so many is emitted too."""


@dataclass(frozen=True)
class Mutant:
    """A broken text at the place of a spec, so that its imports are found."""

    seed: int
    kind: str
    path: Path
    text: str


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant."""

    traceback: str = ""
    misplaced: str = ""
    broken: bool = False
    """Whether it has errors at all: many mutants are valid nets."""
    seconds: float = 0.0


@cache
def corpus() -> tuple[tuple[Path, str], ...]:
    """Every spec of specs/ and the files they import."""
    return tuple((p, p.read_text(encoding="utf-8")) for p in sorted(SPECS.rglob("*.cnn")))


def mutant(seed: int) -> Mutant:
    """The mutant of a seed: which spec, which kind, what is broken."""
    rng = random.Random(seed)
    path, text = rng.choice(corpus())
    kind = ("text", "token", "tree")[seed % 3]
    broken = {"text": characters, "token": tokens, "tree": nodes}[kind](text, rng)
    return Mutant(seed, kind, path, broken)


def characters(text: str, rng: random.Random) -> str:
    """Runs of characters deleted, doubled, moved or replaced; lines swapped; the end cut off."""
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(text) + 1)
        end = min(len(text), at + rng.choice((1, 1, 1, 2, 5, 30)))
        match rng.randrange(6):
            case 0:
                text = text[:at] + text[end:]
            case 1:
                text = text[:end] + text[at:]
            case 2:
                text = (
                    text[:at]
                    + chr(rng.choice((rng.randrange(128), rng.randrange(0xD800))))
                    + text[end:]
                )
            case 3:
                text = text[:at] + text[end : end + 8] + text[at:end] + text[end + 8 :]
            case 4:
                lines = text.splitlines(keepends=True)
                rng.shuffle(lines) if rng.random() < 0.1 else lines.reverse()
                place = rng.randrange(len(lines) + 1)
                text = "".join(lines[place:] + lines[:place])[: len(text)]
            case 5:
                text = text[:at] if rng.random() < 0.3 else text
    return text


def tokens(text: str, rng: random.Random) -> str:
    """Tokens deleted, doubled, exchanged or replaced."""
    words = TOKEN.findall(text)
    for _ in range(rng.randint(1, 3)):
        at, other = rng.randrange(len(words)), rng.randrange(len(words))
        match rng.randrange(5):
            case 0:
                words[at] = ""
            case 1:
                words.insert(at, words[at])
            case 2:
                words[at], words[other] = words[other], words[at]
            case 3:
                words[at] = rng.choice(SPICE)
            case 4:
                words.insert(at, rng.choice((*SPICE, words[other])))
    return "".join(words)


def nodes(text: str, rng: random.Random) -> str:
    """A node of the tree deleted, doubled, or replaced by another one, mostly of its kind."""
    found = list(spans(text))
    start, end, kind = rng.choice(found)
    own = text[start:end]
    alike = [f for f in found if f[2] == kind] if rng.random() < 0.8 else found
    match rng.randrange(4):
        case 0:
            return text[:start] + text[end:]
        case 1:
            return text[:end] + rng.choice(("\n", " ", ", ", " -> ")) + own + text[end:]
        case 2:
            other = rng.choice(alike)
            return text[:start] + text[other[0] : other[1]] + text[end:]
    # another node put around or into this one
    other = rng.choice(alike)
    inner = rng.randint(start, end)
    return text[:inner] + text[other[0] : other[1]] + text[inner:]


@cache
def spans(text: str) -> tuple[tuple[int, int, str], ...]:
    """Every node of a valid text: where it stands and what it is."""
    return tuple(_walk(parse(Source("spec", text))))


def _walk(node: t.Node) -> Iterator[tuple[int, int, str]]:
    if node.span.end > node.span.start:
        yield node.span.start, node.span.end, type(node).__name__
    for child in node.children():
        yield from _walk(child)


def judge(broken: Mutant) -> Verdict:
    """Check a mutant as `cnnspec check` does; nothing is raised."""
    start = time.process_time()
    workspace = Workspace()
    try:
        unit = workspace.read_text(broken.text, str(broken.path), str(broken.path))
        results = check_unit(workspace, unit) if unit else []
        render(list(workspace.diagnostics)[:20])
        seconds = time.process_time() - start
        errors = any(d.severity is Severity.ERROR for d in workspace.diagnostics)
        if unit and not errors and broken.seed % EMITTED == 0:
            generate(workspace, unit)
    except Exception as error:
        return Verdict(traceback=f"{type(error).__name__}: {error}")
    silent = [r.name for r in results if not r.ok and not errors]
    wrong = misplaced(workspace) or ", ".join(f"{name} is silently missing" for name in silent)
    return Verdict(misplaced=wrong, broken=errors, seconds=seconds)


def generate(workspace: Workspace, unit: Unit) -> None:
    """A mutant that is a valid spec is emitted, or refused with a reason."""
    for name in unit.nets:
        net = workspace.elaborate(unit, name)
        with suppress(BackendError):
            if net is not None:
                emit(net)


def misplaced(workspace: Workspace) -> str:
    """The first diagnostic without a message, a code or a place inside its file."""
    for found in workspace.diagnostics:
        for span in (found.span, *(label.span for label in found.labels)):
            text = span.source.text
            inside = 0 <= span.start <= span.end <= len(text)
            if not (inside and span.line >= 1 and span.column >= 1 and span.source.name):
                return f"{found.code} at {span.start} to {span.end} of {len(text)}"
            if span.line > text.count("\n") + 1:
                return f"{found.code} on line {span.line}"
        if not found.message or not found.code:
            return f"{found.code!r}: {found.message!r}"
    return ""
