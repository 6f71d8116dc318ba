"""What elaboration errors say: the arithmetic, the places that matter, and what to type instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from cnnspec import ir
from cnnspec.diagnostics import Diagnostic, Diagnostics, Label, SpecError, did_you_mean, fail
from cnnspec.ops.op import Op, OpError
from cnnspec.source import Span
from cnnspec.values import Shape, Window, dims

if TYPE_CHECKING:
    from cnnspec.elaborate.calls import Values
    from cnnspec.syntax import tree as t


def no_values() -> Values:
    """No arguments: a join has none."""
    from cnnspec.elaborate.calls import Values

    return Values()


def assertion(
    statement: t.Flow,
    found: Shape,
    wanted: Shape,
    before: Shape | None,
    start: Span,
    item: ir.Item | None,
) -> SpecError:
    """E0301: the computed shape is not the asserted one."""
    assert statement.asserted is not None
    chain = Span(start.source, statement.layers[0].span.start, statement.layers[-1].span.end)
    text = " ".join(chain.text.split())
    text = text if len(text) <= 60 else f"{text[:57]}..."
    message = f"{text} makes {dims(found)}, and this line says {dims(wanted)}"
    labels = [Label(statement.asserted.span, "asserted here")]
    if before is not None:
        message = (
            f"{text} turns {dims(before)} into {dims(found)}, and this line says {dims(wanted)}"
        )
        labels.append(Label(start, f"{dims(before)} comes from here"))
    layer = item if isinstance(item, ir.Layer) and len(statement.layers) == 1 else None
    windowed = layer if layer is not None and hasattr(layer.op, "window") else None
    differs = _size_differs(found, wanted)
    if windowed is not None and differs:
        message = f"the windows do not fit: {message}"
    notes = windowed.op.why(*windowed.inputs) if windowed is not None and differs else ()
    help = _fits(windowed, wanted) if windowed is not None and differs else ()
    return fail("E0301", message, chain, labels=labels, notes=notes, help=help)


def _size_differs(found: Shape, wanted: Shape) -> bool:
    return len(found) == len(wanted) == 3 and found[1:] != wanted[1:]


def _fits(layer: ir.Layer, wanted: Shape) -> tuple[str, ...]:
    """Paddings and input sizes that give the asserted size."""
    from dataclasses import replace

    from cnnspec.values import Padding

    (x,) = layer.inputs
    found = []
    for size in sorted(range(max(1, x[1] - 8), x[1] + 9), key=lambda n: abs(n - x[1])):
        if _shape(layer.op, (x[0], size, size)) == wanted:
            found.append(f"an input of {dims((x[0], size, size))} gives {wanted[1]}")
            break
    if any(f == "pad" for f in layer.op.__dataclass_fields__):
        for pad in range(layer.op.window.kernel[0]):  # type: ignore[attr-defined]
            op = replace(layer.op, pad=Padding(pad, pad, pad, pad))  # type: ignore[call-arg]
            if _shape(op, x) == wanted:
                found.append(f"`pad={pad}` gives {wanted[1]}")
                break
    return (" and ".join(found),) if found else ()


def _shape(op: Op, x: Shape) -> Shape | None:
    try:
        return op.shape(x)
    except OpError:
        return None


def op_error(
    error: OpError,
    op: Op,
    span: Span,
    spans: dict[str | int, Span],
    origin: Span,
    arriving: Shape,
) -> SpecError:
    """An op cannot work on what arrives: blame its argument, or itself and what made the shape."""
    from cnnspec.ops.arguments import signature

    place = spans.get(error.argument)
    if place is None and error.argument:
        place = spans.get(list(signature(type(op))).index(error.argument))
    labels = [Label(origin, f"made {dims(arriving)} here")] if origin is not span else []
    return fail(
        error.code, error.message, place or span, labels=labels, notes=error.notes, help=error.help
    )


def join_error(
    error: OpError, fork: t.Fork, arms: Iterable[tuple[Span, Shape | None]]
) -> SpecError:
    """The arms of a fork do not fit together: show each with its shape."""
    labels = [Label(span, f"this arm is {dims(shape)}") for span, shape in arms if shape]
    return fail(
        error.code, error.message, fork.name_span, labels=labels, notes=error.notes, help=error.help
    )


def shared_shape(form: t.Share, path: str, wanted: Shape, found: Shape) -> SpecError:
    """E0320: shared layers meet another shape than the one they were made for."""
    return fail(
        "E0314",
        f"`{path}` was made for {dims(wanted)}, and {dims(found)} arrives here",
        form.span,
    )


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


def lint(diagnostics: Diagnostics, layer: ir.Layer) -> None:
    """W0203: a pool whose stride was not written slides by one (L7)."""
    window = getattr(layer.op, "window", None)
    if layer.op.kind != "pool" or not isinstance(window, Window) or window.written:
        return
    if layer.shape[1:] == (1, 1):
        return
    kernel = Window(window.kernel)
    rows = window.kernel[0]
    diagnostics.add(
        Diagnostic(
            "W0203",
            f"{layer.op.name} {kernel} has stride 1",
            layer.span,
            note=f"write `{kernel}/{rows}` to move by the window, or `{kernel}/1` to say it",
        )
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
