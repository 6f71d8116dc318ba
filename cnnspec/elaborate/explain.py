"""What elaboration errors say: the arithmetic, the places that matter, and what to type instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from cnnspec import ir
from cnnspec.diagnostics import Label, SpecError, did_you_mean, fail
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
        labels.append(Label(before.origin, f"{arrives} comes from here"))
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
    if origin != place.call:
        labels.append(Label(origin, f"made {dims(arriving)} here"))
    if place.follows is not None:
        labels.append(Label(place.follows, f"{op.name} follows because of this default"))
    elif written is None and error.argument in place.default:
        came = f"`{error.argument}` comes from this default"
        labels.append(Label(place.default[error.argument], came))
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
    return fail(
        error.code, error.message, fork.name_span, labels=labels, notes=error.notes, help=error.help
    )


def shared_shape(form: t.Share, path: str, wanted: Shape, found: Shape) -> SpecError:
    """E0314: shared layers meet another shape than the one they were made for."""
    return fail(
        "E0314",
        f"`{path}` was made for {dims(wanted)}, and {dims(found)} arrives here",
        form.span,
    )


def training_only(name: str, made: Span | None, span: Span) -> SpecError:
    """E0119: the network at inference has no auxiliary heads."""
    labels = [Label(made, "this `aux` is left out at inference")] if made else []
    return fail("E0119", f"`{name}` exists in training only", span, labels=labels)


def no_label(name: str, made: Span, span: Span) -> SpecError:
    """E0119: an automatic name changes when a line is added above."""
    return fail(
        "E0119",
        f"`{name}` is an automatic name: only a layer with a label can be continued from",
        span,
        labels=(Label(made, "this layer has no label"),),
        help=(f"write `{name}: {first_words(made)}` there: its path stays the same",),
    )


def first_words(span: Span, most: int = 40) -> str:
    """The text of a span on one line, cut where it is long."""
    text = " ".join(span.text.split())
    return text if len(text) <= most else f"{text[: most - 3]}..."


def no_layer(path: str, known: Iterable[str], span: Span, where: str = "") -> SpecError:
    """E0118: `from` or `share` names a layer that is not there, or not yet."""
    known = list(known)
    return fail(
        "E0118",
        f"there is no layer `{path}` before this one{where}",
        span,
        note=did_you_mean(path, known),
        notes=(f"layers so far: {', '.join(known[:12])}{' ...' * (len(known) > 12)}",)
        if known
        else (),
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
