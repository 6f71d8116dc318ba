"""Docstrings: what a class maps to what, what `forward` returns, and the head of the file."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING

from cnnspec.backends.origin import call_text, digest, source_line, spec_path
from cnnspec.backends.torch.program.flow import Flow, Name, Words
from cnnspec.backends.torch.program.items import ClassPlan
from cnnspec.backends.torch.python.names import class_name
from cnnspec.backends.torch.python.symbols import Binary, Code, Either, Var
from cnnspec.backends.torch.python.writing import write
from cnnspec.backends.torch.specialise.folding import Folded
from cnnspec.backends.torch.write.nesting import AND, spoken
from cnnspec.ir import PLACES
from cnnspec.values import Value, dims, show

if TYPE_CHECKING:
    from cnnspec.elaborate.workspace import Elaborated
    from cnnspec.ir import Net

NUMBERS = ("no", "one", "both", "all three", "all four", "all five", "all six", "all seven")


def docstring(text: str, fallback: str) -> str:
    """A `##` text as the first line of a docstring; quotes and backslashes cannot end it."""
    joined = " ".join(text.split()) or fallback
    closed = joined if joined[-1] in ".!?" else f"{joined}."
    return docstring_row(closed)


def paragraphs(text: str, indent: int) -> list[str]:
    """A docstring's lines: one that is too long for a summary is parted behind a clause of its own.

    An output with its shape, `cls3 [720, 64, 64]`, stays in one line.
    """
    room = 100 - indent - 6
    if len(text) <= room:
        return [text]
    parted = _parted(text, room, (". ", "; ")) or _below(text) or _parted(text, room, MARKS)
    if not parted:
        return [text]
    summary, rest = parted
    return [summary, "", *_wrapped(rest, 100 - indent)]


MARKS = (", and ", ": ")
"""Where a sentence is parted that has neither end nor semicolon, if its first part says enough."""
_WITHIN = "\1"
"""Stands for a space inside of a shape, where no line ends."""
SUMMARY = 30
"""Letters of a first part that says enough; `Figure 3` does not."""


def _parted(text: str, room: int, marks: tuple[str, ...]) -> tuple[str, str] | None:
    """A text behind the last mark that leaves room, as a summary and what follows."""
    for mark in marks:
        ends = [m.start() for m in re.finditer(re.escape(mark), text[:room])]
        at = next((at for at in reversed(ends) if not _abbreviated(text[:at])), 0)
        if at > (SUMMARY if marks is MARKS else 0):
            rest = text[at + len(mark) :]
            return f"{text[:at]}.", rest if mark == ": " else rest[0].upper() + rest[1:]
    return None


def _below(text: str) -> tuple[str, str] | None:
    """Many outputs with their shapes below what is said of them."""
    found = re.fullmatch(r"(Map .*?\] to|Return) (.*)", text)
    if not found:
        return None
    what = "shape" if found[2].startswith("[") else "outputs"
    return f"{found[1]} the {what} below.", found[2]


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of at most this width."""
    whole = re.sub(r"(\w+ )?\[[^\[\]]{,60}\]", lambda shape: shape[0].replace(" ", _WITHIN), text)
    lines = textwrap.wrap(whole, width)
    return [line.replace(_WITHIN, " ") for line in lines]


_SHORT = {"al", "cf", "e.g", "eq", "et", "fig", "i.e", "no", "sec", "vs"}
"""Words whose full stop ends no sentence."""


def _abbreviated(text: str) -> bool:
    """Whether a full stop behind this text ends a word and no sentence: `et al`, `K`."""
    last = text.rpartition(" ")[2].lower().lstrip("(")
    return last in _SHORT or len(last) == 1


def mapping(plan: ClassPlan) -> str:
    """`Map [in_channels, H, W] to [channels, H/stride, W/stride].`."""
    arrives, leaves, scale = plan.arrives, plan.leaves, plan.result.scale
    channels = plan.result.channels
    before = [_or_some(arrives.channels)]
    if arrives.vector:
        return f"Map {_listed(before)} to [{_or_some(channels)}]."
    sides = (*(arrives.size or ("",)), *(("",) if leaves.size is None else leaves.size))
    numbers = scale is None and all(isinstance(n, int) for n in sides)
    before += map(str, arrives.size) if numbers and arrives.size else ["H", "W"]
    if leaves.vector:
        after: list[str] = []
    elif numbers:
        after = list(map(str, leaves.size or ()))
    else:
        after = [_divided("H", scale), _divided("W", scale)]
    return f"Map {_listed(before)} to {_listed([_or_some(channels), *after])}."


def _listed(sizes: list[str]) -> str:
    return f"[{', '.join(sizes)}]"


def folded(plan: ClassPlan, what: Folded) -> str:
    """What of a body is written as its value: ` Written for depth = 3 on 16x8x8.`, or nothing."""
    names = [n for n in plan.folded if what.covers(n)]
    values = ", ".join(f"{name} = {_shown(plan.folded[name])}" for name in names)
    arrives = plan.arrives.example
    on = dims(arrives) if what.arrives and arrives and plan.kind != "net" else ""
    said = f"{values} on {on}" if values and on else values or on
    return docstring_row(f" Written for {said}.") if said else ""


def _shown(value: Value) -> str:
    text = " ".join(show(value).split())
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


SHOWN = 40
"""Characters of a value that a docstring shows."""


def _or_some(channels: Code) -> str:
    return "channels" if channels is None else write(channels)


def _divided(letter: str, scale: Code) -> str:
    if scale is None or isinstance(scale, Either):
        return f"{letter}'"
    if scale == 1:
        return letter
    text = write(scale)
    return f"{letter}/({text})" if isinstance(scale, Binary) else f"{letter}/{text}"


def returns(words: str) -> str:
    """The last expression of a block in words."""
    arms = words.split(AND)
    if words == "...":
        return "Return what the last layers give."
    if len(arms) == 1:
        return f"Return {words}."
    text = f"Concatenate {', '.join(arms[:-1])} and {arms[-1]} along the channels."
    return text if len(text) <= 86 else f"Concatenate the {len(arms)} arms along the channels."


def exported(paths: Iterable[Words]) -> str:
    """What else a block gives, for taps around it: `what leaves conv1 and the indices of pool`."""
    left = [spoken(Name((".".join(path),))) for path in paths if path[-1] != PLACES]
    pools = [spoken(Name((".".join(path[:-1]),))) for path in paths if path[-1] == PLACES]
    words = [f"what leaves {' and '.join(left)}"] if left else []
    words += [f"the indices of {' and '.join(pools)}"] if pools else []
    return " and ".join(words)


def sizes(flow: Flow, params: set[str], batch: bool = False) -> str:
    """`[N, classes]`: the shape of an output, with parameters by their names."""
    shape = flow.example or ()
    named = isinstance(flow.channels, Var) and flow.channels.name in params
    first = str(flow.channels) if named or not shape else str(shape[0])
    return f"[{', '.join([*(['N'] if batch else []), first, *map(str, shape[1:])])}]"


def title(elaborated: Elaborated) -> str:
    """How people write the net's name: the first word of its `##` text, else CamelCase."""
    name = elaborated.net.name
    first = (elaborated.doc.split() or [""])[0].rstrip(",:;.")
    letters = "".join(c for c in first.lower() if c.isalpha())
    known = len(letters) > 1 and name.startswith(letters) and docstring_row(first) == first
    return first if known else "-".join(class_name(word) for word in name.split("_"))


def header(elaborated: Elaborated, outputs: str) -> list[str]:
    """The module docstring (M5), line by line."""
    from cnnspec.analyses.cost import Costs

    net = elaborated.net
    cost = Costs().items(net.body.items)
    heads = f"; with the auxiliary heads {cost.params_all:_}" if cost.aux else ""
    path = docstring_row(spec_path(elaborated))
    rows = [("Net:", call_text(elaborated))]
    if elaborated.source is not None:
        rows.append(("Source:", source_line(elaborated.source)))
    rows += [
        ("Input:", _inputs(net)),
        ("Output:", outputs),
        ("Params:", f"{cost.params:_}{heads}"),
        ("MACs:", f"{cost.macs:_}"),
    ]
    made = f"Generated by cnnspec from {path} (sha256 {digest(elaborated)}); to write it again:"
    return [
        *paragraphs(docstring(elaborated.doc, f"The net {net.name}."), 0),
        "",
        *(line for label, value in rows for line in _row(label, value)),
        "",
        *textwrap.wrap(made, 100),
        "",
        f"    cnnspec gen --target torch {path}",
    ]


def _inputs(net: Net) -> str:
    """`3x224x224`; several by their names."""
    if len(net.inputs) == 1:
        return dims(net.inputs[0].shape)
    return ", ".join(f"{entry.name} {dims(entry.shape)}" for entry in net.inputs)


def _row(label: str, value: str) -> list[str]:
    """One line of the head, `Params:  61_026`; a long one goes on under its value."""
    text = docstring_row(f"{label:<8} {value}")
    return textwrap.wrap(text, 100, subsequent_indent=" " * 9) if len(text) > 100 else [text]


def docstring_row(text: str) -> str:
    """Text for a docstring: nothing in it can end it."""
    shown = "".join(c if c.isprintable() else "?" for c in text)
    quoted = shown.replace("\\", "\\\\").replace('"""', "'''")
    return f"{quoted[:-1]}'" if quoted.endswith('"') else quoted


LOSSES = {"softmax": "F.cross_entropy", "sigmoid": "F.binary_cross_entropy_with_logits"}


def head_note(elaborated: Elaborated) -> str:
    """What the docstring says of heads that are not emitted (L16), also those of outputs."""
    net = elaborated.net
    heads = [("", net.head), *((f" of {b.name}", b.head) for b in net.branches)]
    return "".join(
        f"; the {head.op.name} at the end{of} is part of the loss, {LOSSES[head.op.name]}"
        for of, head in heads
        if head is not None
    )
