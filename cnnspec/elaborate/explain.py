"""What elaboration errors say: the arithmetic, the places that matter, and what to type instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from cnnspec import ir
from cnnspec.diagnostics import Label, SpecError, fail
from cnnspec.elaborate.misuse import first_words
from cnnspec.ops.op import Op, OpError
from cnnspec.source import Span
from cnnspec.values import Padding, Shape, dims

if TYPE_CHECKING:
    from cnnspec.elaborate.calls import Values
    from cnnspec.syntax import tree as t


def no_values() -> Values:
    """No arguments: a join has none."""
    from cnnspec.elaborate.calls import Values

    return Values()


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
    text = first_words(chain, 60)
    message = f"{text} makes {dims(found)}, and this line says {dims(wanted)}"
    labels = [Label(statement.asserted.span, "asserted here")]
    if before.shape is not None:
        arrives = dims(before.shape)
        message = f"{text} turns {arrives} into {dims(found)}, and this line says {dims(wanted)}"
        labels.append(came(before.origin, before.shape))
    window = _only_window(made) if _size_differs(found, wanted) else None
    if window is None:
        return fail("E0301", message, chain, labels=labels)
    return fail(
        "E0301",
        f"the windows do not fit: {message}",
        chain,
        labels=labels,
        notes=window.op.why(*window.inputs),
        help=_fits(window, wanted),
    )


def _only_window(made: list[ir.Item]) -> ir.Layer | None:
    """The one layer with a window among what a statement made: the one to blame."""
    windows = [i for i in made if isinstance(i, ir.Layer) and hasattr(i.op, "window")]
    plain = all(isinstance(i, ir.Layer) for i in made)
    return windows[0] if plain and len(windows) == 1 else None


def _size_differs(found: Shape, wanted: Shape) -> bool:
    return len(found) == len(wanted) == 3 and found[1:] != wanted[1:]


def _fits(layer: ir.Layer, wanted: Shape) -> tuple[str, ...]:
    """The nearest input size and the padding that give the asserted size."""
    (x,) = layer.inputs
    near = sorted(range(max(1, x[1] - 8), x[1] + 9), key=lambda n: abs(n - x[1]))
    squares = ((x[0], size, size) for size in near)
    size = next((s for s in squares if _sizes(layer.op, s) == wanted[1:]), None)
    kernel = layer.op.reach().kernel or (0, 0)
    pads = (n for n in range(kernel[0]) if _sizes(_padded(layer.op, n), x) == wanted[1:])
    pad = next(pads, None)
    if size is None and pad is None:
        return ()
    if size is None:
        return (f"`pad={pad}` gives {wanted[1]}",)
    also = "" if pad is None else f", and so does `pad={pad}`"
    return (f"an input of {dims(size)} gives {wanted[1]}{also}",)


def _padded(op: Op, pad: int) -> Op:
    return replace(op, pad=Padding(pad, pad, pad, pad))  # type: ignore[call-arg]


def _sizes(op: Op, x: Shape) -> Shape | None:
    try:
        return op.shape(x)[1:]
    except OpError:
        return None


_OF_THE_CALL = ("E0109", "E0305")
"""Errors of the arguments alone: what arrives has no part in them."""


def came(origin: Span, shape: Shape) -> Label:
    """Where a shape comes from: written there, or made by a layer."""
    written = not origin.text[:1].isalpha()
    return Label(
        origin, f"{dims(shape)} comes from here" if written else f"made {dims(shape)} here"
    )


class Place(NamedTuple):
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


def op_error(error: OpError, op: Op, place: Place, origin: Span, arriving: Shape) -> SpecError:
    """An op cannot work on what arrives: blame its argument, or itself and what made the shape."""
    written = place.argument(op, error.argument)
    labels = []
    if origin != place.call and error.code not in _OF_THE_CALL:
        labels.append(came(origin, arriving))
    if place.follows is not None:
        labels.append(Label(place.follows, f"{op.name} follows because of this default"))
    elif written is None and error.argument in place.default:
        default = f"`{error.argument}` comes from this default"
        labels.append(Label(place.default[error.argument], default))
    return fail(
        error.code, error.message, written or place.call,
        labels=labels, notes=error.notes, help=error.help,
    )  # fmt: skip


def join_error(
    error: OpError, fork: t.Fork, arms: Iterable[tuple[Span, Shape | None, bool]]
) -> SpecError:
    """The arms of a fork do not fit together: show each with its shape; identities say so."""
    labels = [
        Label(span, f"this arm is {dims(shape)}" + f": the {fork.name}'s own input" * identity)
        for span, shape, identity in arms
        if shape
    ]
    help = error.help
    for _, shape, identity in arms:
        if identity and shape:
            in_place = "in place of `skip`"
            help = tuple(line.replace(f"on the {dims(shape)} arm", in_place) for line in help)
    return fail(
        error.code, error.message, fork.name_span, labels=labels, notes=error.notes, help=help
    )


def shared_shape(
    form: t.Share,
    path: str,
    item: ir.Layer | ir.Call,
    wanted: Shape,
    found: tuple[Shape, Span],
) -> SpecError:
    """E0314: shared layers meet another shape than the one they were made for."""
    return fail(
        "E0314",
        f"`{path}` was made for {dims(wanted)}, and {dims(found[0])} arrives here",
        form.span,
        labels=(Label(item.span, f"`{path}` takes {dims(wanted)}"), came(found[1], found[0])),
        help=("layers without `share` have weights of their own",),
    )


def inside(module: ir.Module, words: list[str]) -> ir.Layer | ir.Call | None:
    """The layer or call at a path of a module."""
    for item in named(module.items):
        name = item.name.split(".")
        if words[: len(name)] != name:
            continue
        rest = words[len(name) :]
        if not rest:
            return item
        if isinstance(item, ir.Call):
            return inside(item.module, rest)
    return None


def paths(module: ir.Module) -> list[str]:
    """The names of the layers and calls of a module's own level."""
    return [item.name for item in named(module.items)]


def named(items: Iterable[ir.Item]) -> Iterator[ir.Layer | ir.Call]:
    """The layers and calls of one level, those in forks and groups included."""
    for item in items:
        match item:
            case ir.Layer() | ir.Call():
                yield item
            case ir.Fork():
                for arm in item.arms:
                    yield from named(arm)
                yield item.join
            case ir.Group():
                yield from named(item.items)
            case _:
                pass
