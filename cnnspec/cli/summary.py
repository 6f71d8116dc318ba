"""`cnnspec summary`: the layer table of a net."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cnnspec.cli.faults import UsageFault
from cnnspec.cli.options import AsTable, Input, Net, Set, TableFormat

if TYPE_CHECKING:
    from cnnspec.analyses.memory import Memory
    from cnnspec.analyses.roofline import Timing
    from cnnspec.elaborate.workspace import Elaborated

Depth = Annotated[
    int | None,
    typer.Option("--depth", min=1, metavar="N", help="Show blocks from this level on as one row."),
]

WithMemory = Annotated[
    bool, typer.Option("--memory", help="Show bytes of activations, inference and training.")
]
Batch = Annotated[
    int | None,
    typer.Option(
        "--batch",
        min=1,
        max=2**20,
        help="Images at once (memory 1, device 128).",
        show_default=False,
    ),
]
Dtype = Annotated[
    str | None,
    typer.Option(
        "--dtype",
        help="float32, bfloat16, ... (memory float32, device bfloat16).",
        show_default=False,
    ),
]
Where = Annotated[
    str | None,
    typer.Option(
        "--device", metavar="NAME", help="Time by roofline: h100, a100, rtx4090, or a .json file."
    ),
]
Optimizer = Annotated[
    str | None,
    typer.Option("--optimizer", help="sgd, momentum, adam, ...; without it the recipe's."),
]


def command(
    net: Net,
    form: AsTable = TableFormat.TABLE,
    depth: Depth = None,
    with_memory: WithMemory = False,
    batch: Batch = None,
    dtype: Dtype = None,
    optimizer: Optimizer = None,
    on: Where = None,
    settings: Set = None,
    inputs: Input = None,
) -> int:
    """Show every layer of a net: path, op, output shape, params, MACs; and the totals."""
    from cnnspec.analyses.summary import summarise
    from cnnspec.cli.gate import admitted, verdict
    from cnnspec.cli.literal import overrides
    from cnnspec.cli.output import out, out_data, out_json, out_style
    from cnnspec.elaborate.workspace import Workspace
    from cnnspec.report import summary as report
    from cnnspec.report import table

    workspace, changes = Workspace(), overrides(settings or [], inputs)
    (elaborated,) = admitted(workspace, [net], changes, measures=True)
    if with_memory or on is not None:
        measured = _memory(elaborated, batch or 1, dtype, optimizer) if with_memory else None
        timed = _timed(elaborated, on, batch or 128, dtype) if on is not None else None
        _show(elaborated, measured, timed, form)
        return verdict(workspace)
    summary = summarise(elaborated, depth)
    match form:
        case TableFormat.TABLE:
            out(report.as_text(summary, out_style()))
        case TableFormat.JSON:
            out_json(report.as_json(summary))
        case _:
            out_data(table.write(report.summary_table(summary), form.value))
    return verdict(workspace)


def _memory(elaborated: Elaborated, batch: int, dtype: str | None, optimizer: str | None) -> Memory:
    from cnnspec import ir
    from cnnspec.analyses.memory import DTYPES, OPTIMIZERS, memory, recipe_optimizer

    numbers = dtype or "float32"
    if numbers not in DTYPES:
        raise UsageFault(f"--dtype {numbers}: one of {', '.join(DTYPES)}")
    chosen = optimizer or recipe_optimizer(elaborated.recipe)
    if chosen not in OPTIMIZERS:
        raise UsageFault(f"--optimizer {chosen}: one of {', '.join(OPTIMIZERS)}")
    net = elaborated.net
    return memory(net, ir.graph(net), batch=batch, dtype=numbers, optimizer=chosen)


def _timed(elaborated: Elaborated, on: str, batch: int, dtype: str | None) -> Timing:
    from cnnspec import ir
    from cnnspec.analyses.devices import DeviceError, device
    from cnnspec.analyses.roofline import timing

    try:
        found = device(on)
    except DeviceError as error:
        raise UsageFault(f"--device: {error}") from None
    numbers = dtype or "bfloat16"
    if numbers not in found.flops:
        raise UsageFault(f"--dtype {numbers}: {found.name} has {', '.join(found.flops)}")
    return timing(ir.graph(elaborated.net), found, batch=batch, dtype=numbers)


def _show(
    elaborated: Elaborated, measured: Memory | None, timed: Timing | None, form: TableFormat
) -> None:
    from cnnspec.analyses.summary import summarise
    from cnnspec.cli.output import out, out_data, out_json, out_style
    from cnnspec.report import memory, roofline, summary, table

    if form is TableFormat.JSON:
        page = summary.as_json(summarise(elaborated))
        page |= {} if measured is None else {"memory": memory.as_json(measured)}
        page |= {} if timed is None else {"roofline": roofline.as_json(timed)}
        out_json(page)
        return
    name, style, text = elaborated.net.name, out_style(), form is TableFormat.TABLE
    if measured is not None and text:
        out(f"{name}\n\n{memory.as_text(measured, style)}")
    elif measured is not None:
        out_data(table.write(memory.memory_table(measured), form.value))
    if timed is not None and text:
        out(roofline.as_text(name, timed, style))
    elif timed is not None:
        out_data(table.write(roofline.layer_table(timed.modes["inference eager"]), form.value))
