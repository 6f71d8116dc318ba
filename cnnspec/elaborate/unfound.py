"""What errors of paths and names that lead to nothing say: what there is, and what to type."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from cnnspec import foreign
from cnnspec.diagnostics import Label, SpecError, did_you_mean, fail
from cnnspec.source import Span
from cnnspec.spelling import plain

if TYPE_CHECKING:
    from cnnspec import ir
    from cnnspec.elaborate.scope import Scope


def training_only(name: str, made: Span | None, span: Span) -> SpecError:
    """E0119: the network at inference has no auxiliary heads."""
    labels = [Label(made, "this `aux` is left out at inference")] if made else []
    return fail("E0119", f"`{name}` exists in training only", span, labels=labels)


def shared_fork(path: str, made: ir.Layer, span: Span) -> SpecError:
    """E0119: `share` of a fork, or of an op of two values: no layer with weights of its own."""
    kind = made.op.name
    if not made.op.join:
        message = f"`{path}` is a {kind}: it has no weights to share"
        return fail("E0119", message, span, help=(f"write `{made.span.brief()}` once more",))
    return fail(
        "E0119",
        f"`{path}` is where the arms of this {kind} meet: it has no weights to share",
        span,
        help=(f"put its arms into labelled braces: `{path}: {{ {kind} {{ ... }} }}`",),
    )


def no_label(name: str, made: Span, span: Span) -> SpecError:
    """E0119: an automatic name changes when a line is added above."""
    return fail(
        "E0119",
        f"`{name}` is an automatic name: only a layer with a label can be continued from",
        span,
        labels=(Label(made, "this layer has no label"),),
        help=(f"write `{name}: {made.brief()}` there: its path stays the same",),
    )


def other_level(path: str, span: Span) -> SpecError:
    """E0119: `share` stands in a `seq` or in braces with a label."""
    message = "`share` reaches layers of its own level only"
    help = (
        f"write `share {path}` where `{path}` stands: on a line of its own, or in an output's chain"
    )
    return fail("E0119", message, span, help=(help,))


def written_path(path: str) -> str:
    """A path as `from` and `share` write it: `left.1` is `left[1]`, what is no name is quoted."""
    first, *rest = path.split(".")
    words = [f"[{word}]" if word.isdigit() else f".{_spelt(word)}" for word in rest]
    return "".join([first if first.isdigit() else _spelt(first), *words])


def _spelt(word: str) -> str:
    return word if word.isidentifier() else f'"{word}"'


_NUMBERED = re.compile(r"(.*?)([0-9]*)")


def _abbreviated(word: str, known: Iterable[str]) -> str:
    """The only known word that begins as this one does and has its number: `enc2`, `encoder2`."""
    stem, number = _NUMBERED.fullmatch(word).groups()  # type: ignore[union-attr]
    found = [
        name
        for name in known
        for begin, digits in [_NUMBERED.fullmatch(name).groups()]  # type: ignore[union-attr]
        if digits == number
        and begin
        and stem
        and (stem.startswith(begin) or begin.startswith(stem))
    ]
    return f"did you mean `{found[0]}`?" if len(found) == 1 else ""


def automatic(path: str, made: ir.Layer | None, inside: str, form: str) -> tuple[str, ...]:
    """What to write for `from relu1` or `share relu1`, which nothing is called here.

    `made` is the layer that was probably meant, `inside` the label of the level that it stands in.
    """
    word = path.rpartition(".")[2]
    if made is None:
        return (f"`{word}` is an automatic name: label the layer that is meant",)
    op, label = made.op.name, f"my_{made.op.name}"
    target = f"{inside}.{label}" if inside else label
    labelled = (
        f"`{word}` is an automatic name, not a label: label the layer on line {made.span.line}, "
        f"`{label}: {made.span.brief()}`, and write `{form} {target}`"
    )
    if form == "from" or made.op.params(*made.inputs):
        return (labelled,)
    whole = f"`share {inside}` is all of `{inside}` once more" if inside else ""
    alone = (
        f"`{word}` is an automatic name, not a label, and {op} has no weights to share: "
        f"write `{op}`"
    )
    return tuple(filter(None, (alone, whole)))


def no_layer(
    path: str,
    known: Iterable[str],
    span: Span,
    where: str = "",
    *,
    block: bool = False,
    deeper: Iterable[str] = (),
    help: tuple[str, ...] = (),
) -> SpecError:
    """E0118: `from` or `share` names a layer that is not there, or not yet.

    `deeper` are the paths of layers inside those of `known`.
    """
    known = list(known)
    deeper, shown = list(deeper), [written_path(name) for name in known[:12]]
    longer = (p for p in (*known, *deeper) if p.endswith(f".{path}") or p.startswith(f"{path}."))
    whole = next(longer, "")
    help = () if whole else help
    return fail(
        "E0118",
        f"there is no layer `{path}` before this one{where}",
        span,
        note=f"did you mean `{written_path(whole)}`?"
        if whole
        else did_you_mean(path, known) or _abbreviated(path, known),
        notes=(f"layers so far: {', '.join(shown)}{' ...' * (len(known) > 12)}",)
        if known
        else ("no layer here has a label yet",),
        help=help or ("a block sees only its own labels",)
        if block
        else help
        if known
        else ("`early: conv 64, 3x3` has a label, and `from early` continues there",),
    )


def no_op(word: str, span: Span, blocks: Iterable[str]) -> SpecError:
    """E0102: nothing of this name can stand in a flow; `blocks` are those that can."""
    from cnnspec.ops import ops
    from cnnspec.syntax.words import STATEMENTS

    message = f"there is no op, block or net called `{word}`"
    known = [*blocks]
    own = next((name for name in known if plain(name) == plain(word)), "")
    meant = None if own else foreign.op_of(word)
    if meant is None:
        note = foreign.word_at_start(word) or did_you_mean(word, [*known, *ops(), *STATEMENTS])
        return fail("E0102", message, span, note=note)
    if meant.what:
        return fail("E0102", f"`{word}` is {meant.what}", span, help=meant.write)
    note = f"did you mean `{meant.op}`?" if meant.op else ""
    return fail("E0102", message, span, note=note, help=_written(meant.write))


def of_another_tool(word: str) -> bool:
    """Whether the name and the arguments of a call follow another tool: one thing is wrong."""
    return foreign.op_of(word) is not None


def _written(lines: Sequence[str]) -> tuple[str, ...]:
    """The lines to type: one after another, or one of several."""
    return tuple(f"write {line}" if line.startswith("`") else line for line in lines)


def no_function(word: str, span: Span) -> SpecError:
    """E0102: no function, source or part of a recipe is called so."""
    from cnnspec.elaborate.functions import FUNCTIONS
    from cnnspec.elaborate.records import RECORDS

    note = foreign.meant("functions", word, [*FUNCTIONS, *RECORDS])
    message = f"there is no function called `{word}`"
    if " " not in note or note.startswith("did you mean"):
        return fail("E0102", message, span, note=note)
    return fail("E0102", message, span, help=(note,))


_COMPUTED = re.compile(r"([A-Za-z]\w*?|\d+)x([A-Za-z]\w*|\d+)")
"""A window of names: `nxn`, `1xn`."""


def no_value(name: str, span: Span, scope: Scope) -> SpecError:
    """E0101: a word that has no value here, perhaps a call without its parentheses."""
    from cnnspec.elaborate.functions import FUNCTIONS
    from cnnspec.elaborate.records import RECORDS
    from cnnspec.ops import ops

    if name in FUNCTIONS or name in RECORDS:
        call = f"{name}(...)" if name in FUNCTIONS else f"{name}()"
        return fail("E0101", f"`{name}` alone is no value", span, note=f"write `{call}`")
    if name in ops():
        message = f"`{name}` is an op, and a value is needed here"
        if _line_before(span).endswith(","):
            return fail(
                "E0101", message, span, note="leave out the comma at the end of the line before"
            )
        return fail("E0101", message, span, note=f"a layer follows another with `-> {name}`")
    if (declared := scope.below(name, span)) is not None:
        return _used_before(name, span, declared)
    message = f"there is nothing called `{name}`"
    if _line(span).rstrip().endswith("//"):
        return fail("E0101", message, span, help=("a comment begins with `#`",))
    known = scope.names()
    sides = _COMPUTED.fullmatch(name)
    if sides and all(side.isdigit() or side in known for side in sides.groups()):
        return fail("E0101", message, span, note=f"write `kernel({sides[1]}, {sides[2]})`")
    note = foreign.meant("values", name, [*known, "true", "false", "none", "same", "tf_same"])
    return fail("E0101", message, span, note=note)


def _used_before(name: str, span: Span, declared: Span) -> SpecError:
    """E0101: the `let` of a name stands below its use, or is of the name itself."""
    move = f"move line {declared.line}, `{declared.brief()}`, above line {span.line}"
    return fail(
        "E0101",
        f"there is no `{name}` yet: it is declared below",
        span,
        labels=(Label(declared, "here"),),
        help=(move,),
    )


def _line(span: Span) -> str:
    """What stands before a place on its line."""
    return span.source.line(span.line)[: span.column - 1]


def _line_before(span: Span) -> str:
    """The end of the line before, where nothing stands before a place on its own."""
    if _line(span).strip() or span.line == 1:
        return ""
    return span.source.line(span.line - 1).partition("#")[0].rstrip()
