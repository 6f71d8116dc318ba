"""`cnnspec summary`: the layer table of a net."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cnnspec.cli.faults import UsageFault
from cnnspec.cli.options import AsTable, Input, Net, Set, TableFormat

if TYPE_CHECKING:
    from cnnspec.analyses.memory import Memory
    from cnnspec.elaborate.workspace import Elaborated

Depth = Annotated[
    int | None,
    typer.Option("--depth", min=1, metavar="N", help="Show blocks from this level on as one row."),
]

WithMemory = Annotated[
    bool, typer.Option("--memory", help="Show bytes of activations, inference and training.")
]
Batch = Annotated[int, typer.Option("--batch", min=1, max=2**20, help="Images at once.")]
Dtype = Annotated[str, typer.Option("--dtype", help="float32, float16, bfloat16, float64.")]
Optimizer = Annotated[
    str | None,
    typer.Option("--optimizer", help="sgd, momentum, adam, ...; without it the recipe's."),
]


def command(
    net: Net,
    form: AsTable = TableFormat.TABLE,
    depth: Depth = None,
    with_memory: WithMemory = False,
    batch: Batch = 1,
    dtype: Dtype = "float32",
    optimizer: Optimizer = None,
    settings: Set = None,
    input_size: Input = None,
) -> int:
    """Show every layer of a net: path, op, output shape, params, MACs; and the totals."""
    from cnnspec.analyses.summary import summarise
    from cnnspec.cli.literal import overrides
    from cnnspec.cli.output import out, out_json, out_style
    from cnnspec.cli.reference import elaborate
    from cnnspec.elaborate.workspace import Workspace
    from cnnspec.report import summary as report
    from cnnspec.report import table

    elaborated = elaborate(Workspace(), net, overrides(settings or [], input_size))
    if with_memory:
        measured = _memory(elaborated, batch, dtype, optimizer)
        return _show_memory(elaborated, measured, form)
    summary = summarise(elaborated, depth)
    match form:
        case TableFormat.TABLE:
            out(report.as_text(summary, out_style()))
        case TableFormat.JSON:
            out_json(report.as_json(summary))
        case _:
            out(table.write(report.summary_table(summary), form.value))
    return 0


def _memory(elaborated: Elaborated, batch: int, dtype: str, optimizer: str | None) -> Memory:
    from cnnspec import ir
    from cnnspec.analyses.memory import DTYPES, OPTIMIZERS, memory, recipe_optimizer

    if dtype not in DTYPES:
        raise UsageFault(f"--dtype {dtype}: one of {', '.join(DTYPES)}")
    chosen = optimizer or recipe_optimizer(elaborated.recipe)
    if chosen not in OPTIMIZERS:
        raise UsageFault(f"--optimizer {chosen}: one of {', '.join(OPTIMIZERS)}")
    net = elaborated.net
    return memory(net, ir.graph(net), batch=batch, dtype=dtype, optimizer=chosen)


def _show_memory(elaborated: Elaborated, measured: Memory, form: TableFormat) -> int:
    from cnnspec.analyses.summary import summarise
    from cnnspec.cli.output import out, out_json, out_style
    from cnnspec.report import memory as report
    from cnnspec.report import summary, table

    match form:
        case TableFormat.TABLE:
            out(f"{elaborated.net.name}\n\n{report.as_text(measured, out_style())}")
        case TableFormat.JSON:
            page = summary.as_json(summarise(elaborated))
            out_json({**page, "memory": report.as_json(measured)})
        case _:
            out(table.write(report.memory_table(measured), form.value))
    return 0
