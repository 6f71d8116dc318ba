"""Time by roofline for people and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnspec.report.escape import terminal
from cnnspec.report.table import Column, Figure, Table, percent, text
from cnnspec.report.width import paragraph

if TYPE_CHECKING:
    from cnnspec.analyses.roofline import Roofline, Timing
    from cnnspec.report.style import Style

_COLUMNS = (
    Column("layer"), Column("GFLOP", right=True), Column("MB", right=True), Column("bound"),
    Column("µs", right=True), Column("share", right=True),
)  # fmt: skip


def layer_table(found: Roofline) -> Table:
    """Every layer of one pass."""
    total = found.seconds
    rows = [
        (
            row.path,
            _figure(row.flops / 10**9, 3),
            _figure(row.bytes / 10**6, 2),
            row.bound,
            _figure(row.seconds * 10**6, 1),
            percent(row.seconds / total),
        )
        for row in found.layers
    ]
    return Table(_COLUMNS, [*rows])


def _figure(value: float, decimals: int) -> Figure:
    return Figure(float(f"{value:.6g}"), f"{value:,.{decimals}f}")


def modes_table(modes: dict[str, Roofline]) -> Table:
    """The limits of all four ways to run the net."""
    columns = (
        Column("mode"), Column("ms", right=True), Column("img/s at most", right=True),
        Column("compute-bound", right=True),
    )  # fmt: skip
    rows = []
    for name, found in modes.items():
        share = sum(row.seconds for row in found.layers if row.bound == "compute") / found.seconds
        rows.append((
            name, f"{found.seconds * 1000:,.3f}", f"{found.images:,.0f}", f"{100 * share:.0f} %",
        ))  # fmt: skip
    return Table(columns, [*rows])


def as_text(net: str, timing: Timing, style: Style) -> str:
    """The layers of eager inference, then the limits."""
    device, dtype, modes = timing.device, timing.dtype, timing.modes
    first = modes["inference eager"]
    head = (
        f"{net} · {terminal(device.name)} · {dtype} {device.flops[dtype] / 10**12:,.1f} TFLOP/s, "
        f"{device.bandwidth / 10**12:,.2f} TB/s · batch {first.batch}\n"
    )
    below = (
        "  A limit: the longer of arithmetic at the peak rate and memory traffic, layer by layer.\n"
        f"  Rates: {terminal(device.source)}.\n"
    )
    tables = f"{text(layer_table(first), style)}\n{text(modes_table(modes), style)}"
    return f"{paragraph(head, style.width)}\n{tables}{paragraph(below, style.width)}"


def as_json(timing: Timing) -> dict[str, Any]:
    """The key `roofline` of `cnnspec.summary/1`."""
    device, dtype, modes = timing.device, timing.dtype, timing.modes
    return {
        "device": device.name,
        "dtype": dtype,
        "flops": device.flops[dtype],
        "bandwidth": device.bandwidth,
        "source": device.source,
        "batch": modes["inference eager"].batch,
        "modes": {
            name.replace(" ", "_"): {
                "seconds": found.seconds,
                "images_per_second": found.images,
                "layers": [
                    {
                        "path": row.path,
                        "flops": row.flops,
                        "bytes": row.bytes,
                        "seconds": row.seconds,
                        "bound": row.bound,
                    }
                    for row in found.layers
                ],
            }
            for name, found in modes.items()
        },
    }
