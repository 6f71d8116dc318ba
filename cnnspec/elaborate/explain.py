"""What elaboration errors say: the arithmetic, the places that matter, and what to type instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from cnnspec import ir
from cnnspec.diagnostics import Label, SpecError, fail
from cnnspec.elaborate.later import fitting, unfound
from cnnspec.ops.op import Op, OpError
from cnnspec.records import replace
from cnnspec.source import Span
from cnnspec.values import Shape, dims

if TYPE_CHECKING:
    from cnnspec.elaborate.walk import Written
    from cnnspec.syntax import tree as t


class Before(NamedTuple):
    """Where the flow stood before a statement: its shape, what made it, items so far."""

    shape: Shape | None
    origin: Span
    items: int


def assertion(
    statement: t.Flow, found: Shape, wanted: Shape, before: Before, made: list[ir.Item]
) -> SpecError:
    """E0301: the computed shape is not the asserted one."""
    assert statement.asserted is not None
    first, last = statement.layers[0].span, statement.layers[-1].span
    chain = first.to(last)
    text = chain.brief(60)
    message = f"{text} makes {dims(found)}, and this line says {dims(wanted)}"
    labels = [Label(statement.asserted.span, "asserted here")]
    if before.shape is not None:
        arrives = dims(before.shape)
        message = f"{text} turns {arrives} into {dims(found)}, and this line says {dims(wanted)}"
        labels.append(came(before.origin, before.shape))
    layers = [item for item in made if isinstance(item, ir.Layer)]
    blocks = tuple(item.module.block for item in made if isinstance(item, ir.Call))
    cause = ("a block makes another shape", blocks) if any(blocks) else None
    right = _as_made(statement.asserted, found, wanted)
    if len(layers) < len(made) or not fitting.size_differs(found, wanted):
        help = fitting.channels(layers, found, wanted, right)
        return fail("E0301", message, chain, labels=labels, help=help, cause=cause)
    return fail(
        "E0301",
        f"the windows do not fit: {message}",
        chain,
        labels=labels,
        notes=fitting.arithmetic(layers),
        help=fitting.remedies(layers, wanted, right, at_input=is_written(before.origin)),
        cause=cause,
    )


def _as_made(asserted: t.ShapeExpr, found: Shape, wanted: Shape) -> str:
    """The computed shape as the line would say it: its own names stay where they were right."""
    from cnnspec.syntax import tree

    if len(found) != len(wanted) or all(isinstance(e, tree.Literal) for e in asserted.sizes):
        return dims(found)
    sizes = zip(asserted.sizes, found, wanted, strict=True)
    return f"[{', '.join(e.span.text if f == w else str(int(f)) for e, f, w in sizes)}]"


def is_written(origin: Span) -> bool:
    """Whether a shape stands in the text there, after `input` or `=>`; else a layer made it."""
    return not origin.text[:1].isalpha()


def came(origin: Span, shape: Shape) -> Label:
    """Where a shape comes from: written there, or made by a layer."""
    size = dims(shape)
    return Label(origin, f"{size} comes from here" if is_written(origin) else f"made {size} here")


class Origins(NamedTuple):
    """Where an op and its arguments come from: the call, and the default that added to it."""

    call: Span
    written: dict[str | int, Span]
    """The arguments of the call, by keyword or position."""
    default: dict[str, Span]
    """The arguments of a default."""
    follows: Span | None
    """Where a default says that the op follows; the call is then that of the op before it."""

    def argument(self, op: Op, name: str) -> Span | None:
        """Where the call gives an argument."""
        from cnnspec.ops.arguments import signature

        if not name or name in self.written:
            return self.written.get(name)
        return self.written.get(list(signature(type(op))).index(name))


def op_error(error: OpError, op: Op, place: Origins, origin: Span, arriving: Shape) -> SpecError:
    """An op cannot work on what arrives: blame its argument, or itself and what made the shape."""
    written = place.argument(op, error.argument)
    labels = []
    help = error.help
    if origin != place.call and _speaks_of(error, arriving):
        labels.append(came(origin, arriving))
    if error.code == "E0303" and is_written(origin):
        help = ("a map has channels, rows and columns: `input 1x28x28`",)
    if place.follows is not None:
        labels.append(Label(place.follows, f"{op.name} follows because of this default"))
    elif written is None and error.argument in place.default:
        default = f"`{error.argument}` comes from this default"
        labels.append(Label(place.default[error.argument], default))
    return fail(
        error.code, error.message, written or place.call,
        labels=labels, notes=error.notes, help=help,
    )  # fmt: skip


def beside(
    error: OpError,
    op: Op,
    written: Written,
    arriving: tuple[Shape, Span],
    path: t.Path,
    shape: Shape,
) -> SpecError:
    """The same of an op with a second input: what stands at its path is shown too."""
    shape_, origin = arriving
    place = Origins(written.call, written.spans, written.rule.spans if written.rule else {}, None)
    found = op_error(error, op, place, origin, shape_)
    word = "takes" if op.places else "is"
    label = Label(path.span, f"`{path.span.brief()}` {word} {dims(shape)}")
    wrong = error.argument == op.beside and error.code in ("E0108", "E0106")
    if wrong or found.diagnostic.span == path.span:
        return found
    labels = (*found.diagnostic.labels, label)
    return SpecError(replace(found.diagnostic, labels=labels))


def _speaks_of(error: OpError, arriving: Shape) -> bool:
    """Whether what arrives has a part in an error; else the arguments alone are wrong."""
    return error.code in ("E0304", "E0307") or dims(arriving) in error.message


def shared_shape(
    form: t.Share,
    path: str,
    item: ir.Layer | ir.Call,
    wanted: Shape,
    found: tuple[Shape, Span],
) -> SpecError:
    """E0314: shared layers meet another shape than the one they were made for."""
    name = unfound.written_path(path)
    return fail(
        "E0314",
        f"`{name}` was made for {dims(wanted)}, and {dims(found[0])} arrives here",
        form.span,
        labels=(
            Label(item.span, f"`{name}` takes {dims(wanted)}"),
            came(found[1], found[0]),
        ),
        help=(
            _fitting_part(path, item, found[0])
            or "layers without `share` have weights of their own",
        ),
    )


def unfit(refused: SpecError, layer: ir.Layer, why: str) -> SpecError:
    """The same of a map of another height and width: which layer hangs on these, and why."""
    label = Label(layer.span, f"{layer.op.name} `{layer.name}`: {why}")
    found = refused.diagnostic
    return SpecError(replace(found, labels=(*found.labels, label)))


def _fitting_part(path: str, item: ir.Layer | ir.Call, arrives: Shape) -> str:
    """The layers inside those at `path` that take what arrives, where some do."""
    parts = [*named(item.module.items)] if isinstance(item, ir.Call) else []
    for at, part in enumerate(parts):
        if arrives != (part.inputs[0] if isinstance(part, ir.Layer) else part.module.input):
            continue
        if part is not parts[-1] and all(map(_weightless, parts[:at])):
            before = " -> ".join(made.span.brief() for made in parts[:at])
            return (
                f"what `{path}` does to {dims(arrives)} begins after `{before}`: put that before "
                f"the label, `{before} -> {path}: ...`"
            )
        inner = unfound.written_path(f"{path}.{part.name}")
        return f"the layers at `{inner}` take {dims(arrives)}: `share {inner}`"
    return ""


def _weightless(part: ir.Layer | ir.Call) -> bool:
    return isinstance(part, ir.Layer) and not part.op.params(*part.inputs)


Children = dict[str, ir.Layer | ir.Call]


def inside(
    module: ir.Module, words: list[str], known: dict[int, Children]
) -> ir.Layer | ir.Call | None:
    """The layer or call at a path of a module; `known` remembers the children of each by name."""
    if id(module) not in known:
        known[id(module)] = {item.name: item for item in named(module.items)}
    for end in range(1, len(words) + 1):
        item = known[id(module)].get(".".join(words[:end]))
        if item is not None and end == len(words):
            return item
        if isinstance(item, ir.Call):
            return inside(item.module, words[end:], known)
    return None


def leaves(module: ir.Module) -> Iterator[ir.Layer]:
    """The layers of a module and of the levels inside it, in order."""
    for item in named(module.items):
        if isinstance(item, ir.Layer):
            yield item
        else:
            yield from leaves(item.module)


def paths(module: ir.Module) -> list[str]:
    """The names of the layers and calls of a module's own level."""
    return [item.name for item in named(module.items)]


def named(items: Iterable[ir.Item]) -> Iterator[ir.Layer | ir.Call]:
    """The layers and calls of one level, those in forks and groups; outputs are no part of it."""
    inner = (item for item in items if not isinstance(item, ir.Branch))
    return (item for item in ir.members(inner) if isinstance(item, ir.Layer | ir.Call))
