"""Docstrings: what a class maps to what, what `forward` returns, and the head of the file."""

from __future__ import annotations

import hashlib
import textwrap
from typing import TYPE_CHECKING, Any

from cnnspec.backends.torch.forward import AND
from cnnspec.backends.torch.items import Flow
from cnnspec.backends.torch.naming import class_name
from cnnspec.backends.torch.plan import Plan
from cnnspec.backends.torch.symbols import Binary, Code, Sym, Var
from cnnspec.backends.torch.writing import write
from cnnspec.syntax import tree as t
from cnnspec.values import Record, dims

if TYPE_CHECKING:
    from cnnspec.elaborate.workspace import Elaborated

NUMBERS = ("no", "one", "both", "all three", "all four", "all five", "all six", "all seven")


def docstring(text: str, fallback: str) -> str:
    """A `##` text as the first line of a docstring; quotes and backslashes cannot end it."""
    joined = " ".join(text.split()) or fallback
    closed = joined if joined[-1] in ".!?" else f"{joined}."
    return docstring_row(closed)


def paragraphs(text: str, indent: int) -> list[str]:
    """A docstring's lines: one that is too long is parted behind a clause of its own."""
    room = 100 - indent - 6
    if len(text) <= room:
        return [text]
    for mark in (". ", "; "):
        at = text.rfind(mark, 0, room)
        if at > 0:
            rest = text[at + 2 :]
            below = textwrap.wrap(rest[0].upper() + rest[1:], 100 - indent)
            return [f"{text[:at]}.", "", *below]
    return [text]


def mapping(plan: Plan) -> str:
    """`Map [in_channels, H, W] to [channels, H/stride, W/stride].`."""
    arrives, leaves, scale = plan.arrives, plan.leaves, plan.result.scale
    channels = plan.result.channels
    if arrives.vector:
        return f"Map [in_channels] to [{_or_some(channels)}]."
    numbers = scale is None and arrives.size is not None and leaves.size is not None
    before = list(map(str, arrives.size)) if numbers and arrives.size else ["H", "W"]
    if leaves.vector:
        after: list[str] = []
    elif numbers:
        after = list(map(str, leaves.size or ()))
    else:
        after = [_divided("H", scale), _divided("W", scale)]
    left = ", ".join(["in_channels", *before])
    return f"Map [{left}] to [{', '.join([_or_some(channels), *after])}]."


def _or_some(channels: Code) -> str:
    return "channels" if channels is None else write(channels)


def _divided(letter: str, scale: Code) -> str:
    if scale is None:
        return f"{letter}'"
    if scale == 1:
        return letter
    text = write(scale)
    return f"{letter}/({text})" if isinstance(scale, Binary) else f"{letter}/{text}"


def returns(words: str) -> str:
    """The last expression of a block in words."""
    arms = words.split(AND)
    if len(arms) == 1:
        return f"Return {words}."
    text = f"Concatenate {', '.join(arms[:-1])} and {arms[-1]} along the channels."
    fits = len(text) <= 86 and "(" not in words
    return text if fits else f"Concatenate the {len(arms)} arms along the channels."


def sizes(flow: Flow, params: set[str], batch: bool = False) -> str:
    """`[N, classes]`: the shape of an output, with parameters by their names."""
    shape = flow.example or ()
    named = isinstance(flow.channels, Var) and flow.channels.name in params
    first = str(flow.channels) if named or not shape else str(shape[0])
    return f"[{', '.join([*(['N'] if batch else []), first, *map(str, shape[1:])])}]"


def title(elaborated: Elaborated) -> str:
    """How people write the net's name: the first word of its `##` text, else CamelCase."""
    name = elaborated.net.name
    first = (elaborated.declaration.doc.split() or [""])[0].rstrip(",:;.")
    letters = "".join(c for c in first.lower() if c.isalpha())
    known = len(letters) > 1 and name.startswith(letters) and docstring_row(first) == first
    return first if known else "-".join(class_name(word) for word in name.split("_"))


def source_line(source: Record) -> str:
    """`Deep Residual Learning for Image Recognition, arXiv:1512.03385`."""
    words = dict(source.keywords)
    heading = " ".join(str(source.args[0]).split()) if source.args else source.name
    if "arxiv" in words:
        return f"{heading}, arXiv:{words['arxiv']}"
    kind = "" if source.name == "paper" else f" ({source.name})"
    return f"{heading}{kind}"


def call_text(elaborated: Elaborated) -> str:
    """`resnet34 = resnet([3, 4, 6, 3])`, or the name alone."""
    declared = elaborated.declaration
    if isinstance(declared, t.Net):
        return declared.name
    args = ", ".join(" ".join(arg.span.text.split()) for arg in declared.args)
    return f"{declared.name} = {declared.base}({args})"


def spec_path(elaborated: Elaborated) -> str:
    """The spec's path from its `specs` folder on, whatever folder the command ran in."""
    parts = elaborated.unit.source.name.replace("\\", "/").split("/")
    at = len(parts) - 1 - parts[::-1].index("specs") if "specs" in parts else len(parts) - 1
    return "/".join(parts[at:])


def digest(elaborated: Elaborated) -> str:
    """The first 12 hex digits of the sha256 of the spec and its imports."""
    hashed = hashlib.sha256()
    for unit in elaborated.unit.closure():
        hashed.update(unit.source.text.encode())
    return hashed.hexdigest()[:12]


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
        ("Input:", dims(net.inputs[0].shape)),
        ("Output:", outputs),
        ("Params:", f"{cost.params:_}{heads}"),
        ("MACs:", f"{cost.macs:_}"),
    ]
    return [
        docstring(elaborated.declaration.doc, f"The net {net.name}."),
        "",
        *(docstring_row(f"{label:<8} {value}") for label, value in rows),
        "",
        f"Generated by cnnspec from {path} (sha256 {digest(elaborated)}); to write it again:",
        "",
        f"    cnnspec gen --target torch {path}",
    ]


def docstring_row(text: str) -> str:
    """Text for a docstring: nothing in it can end it."""
    shown = "".join(c if c.isprintable() else "?" for c in text)
    quoted = shown.replace("\\", "\\\\").replace('"""', "'''")
    return f"{quoted[:-1]}'" if quoted.endswith('"') else quoted


def head_note(elaborated: Elaborated) -> str:
    """What the docstring says of a head that is not emitted (L16)."""
    head = elaborated.net.head
    if head is None:
        return ""
    loss = "F.cross_entropy" if head.op.name == "softmax" else "F.binary_cross_entropy_with_logits"
    return f"; the {head.op.name} at the end is part of the loss, {loss}"


def is_open(value: Any) -> bool:
    """Whether a value is an expression."""
    return isinstance(value, Sym)
