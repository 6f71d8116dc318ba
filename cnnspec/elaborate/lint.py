"""Warnings: what is allowed and probably not meant (L7, L13, L16)."""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec import ir
from cnnspec.diagnostics import Diagnostic, Diagnostics, Label
from cnnspec.elaborate.evaluate import Read
from cnnspec.values import Window


def stride(diagnostics: Diagnostics, layer: ir.Layer) -> None:
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


def two_values(diagnostics: Diagnostics, reads: Sequence[Read]) -> None:
    """W0204: `in` read twice in one chain with different values (L13)."""
    first: dict[str, Read] = {}
    for read in reads:
        name, earlier = f"in.{read.name}", first.setdefault(read.name, read)
        if earlier.value != read.value:
            diagnostics.add(
                Diagnostic(
                    "W0204",
                    f"`{name}` is {read.value} here, and {earlier.value} earlier in this chain",
                    read.span,
                    labels=(Label(earlier.span, f"{earlier.value} here"),),
                    help=(f"`let c = {name}` before the chain keeps the {earlier.value}",),
                )
            )
            return


def buried_head(diagnostics: Diagnostics, output: str, items: Sequence[ir.Item]) -> None:
    """W0205: a softmax or sigmoid before the cross-entropy that is not the head (L16)."""
    after = ""
    for layer in _from_the_end(items):
        if layer.op.head:
            name = layer.op.name
            where = f"{after} follows it" if after else "it stands inside a block"
            diagnostics.add(
                Diagnostic(
                    "W0205",
                    f"this {name} is not the head of `{output}`: {where}",
                    layer.span,
                    help=(
                        f"end with `{name}`: the generated `forward` then returns what goes into "
                        "it, as a cross-entropy needs",
                    ),
                )
            )
            return
        after = layer.op.name


def _from_the_end(items: Sequence[ir.Item]) -> list[ir.Layer]:
    """The layers that end the flow, last first, up to one that computes with weights or joins."""
    found: list[ir.Layer] = []
    for item in reversed(items):
        match item:
            case ir.Layer():
                found.append(item)
            case ir.Call():
                found += _from_the_end(item.module.items)
            case ir.Group():
                found += _from_the_end(item.items)
            case ir.Branch():
                continue
            case _:
                return found
        if not found or not _passes(found[-1]):
            return found
    return found


def _passes(layer: ir.Layer) -> bool:
    """Whether a cross-entropy still sees what went into a layer: it reshapes, drops or pools."""
    return layer.op.kind in ("shape", "pool", "other")
