"""`cnnspec list`: the shipped nets by folder, all or some of them, in an order."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnspec.cli.faults import UsageFault
from cnnspec.cli.options import AsTable, TableFormat

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnspec.elaborate.workspace import Elaborated
    from cnnspec.report.listing import Listed


class Order(StrEnum):
    """What the nets of a folder are sorted by; names in order of file."""

    NAME = "name"
    PARAMS = "params"
    MACS = "macs"
    LAYERS = "layers"


Family = Annotated[
    str | None,
    typer.Option("--family", metavar="NAME", help="Nets of this family, or of a file of the name."),
]
Params = Annotated[
    str | None,
    typer.Option("--params", metavar="'<5M'", help="Nets of so many parameters: '<5M' '>=1.5M'."),
]
Sort = Annotated[Order, typer.Option("--sort", help="What to sort by, the smallest first.")]

_BOUND = re.compile(r"(<=|>=|<|>)\s*([0-9][0-9_,]*(?:\.[0-9]+)?)\s*([KMGB]?)")
_UNITS = {"": 1, "K": 1_000, "M": 1_000_000, "G": 1_000_000_000, "B": 1_000_000_000}


def command(
    family: Family = None,
    params: Params = None,
    sort: Sort = Order.NAME,
    form: AsTable = TableFormat.TABLE,
) -> int:
    """List the shipped nets by folder: input, params, MACs, layers, source."""
    from cnnspec.cli.output import out_data, out_json
    from cnnspec.report import listing as report
    from cnnspec.report import table

    holds = _bound(params) if params is not None else None
    nets = [net for net in shipped() if family is None or _is_of(net, family)]
    rows = [report.row(net, _folder(net)) for net in nets]
    rows = [net for net in rows if holds is None or holds(net.params)]
    if sort is not Order.NAME:
        rows.sort(key=lambda net: int(getattr(net, sort.value)))
    match form:
        case TableFormat.TABLE | TableFormat.MARKDOWN:
            _show(rows, form)
        case TableFormat.JSON:
            out_json(report.as_json(rows))
        case _:
            out_data(table.write(report.with_folders(rows), form.value))
    return 0


def _show(rows: list[Listed], form: TableFormat) -> None:
    """One table a folder, its name above."""
    from cnnspec.cli.output import out, out_data, out_style
    from cnnspec.report import listing as report
    from cnnspec.report import table

    for number, (folder, group) in enumerate(report.grouped(rows).items()):
        head = report.heading(folder)
        gap = "\n" if number else ""
        nets = report.listing_table(group)
        if form is TableFormat.TABLE:
            out(gap + (f"{head}\n" if head else "") + table.text(nets, out_style()))
        else:
            out_data(gap + (f"### {head}\n\n" if head else "") + table.write(nets, form.value))


def _bound(text: str) -> Callable[[int], bool]:
    """Whether a number is within a bound such as `<5M`. Raises UsageFault."""
    found = _BOUND.fullmatch(text.strip())
    if found is None:
        raise UsageFault(f"--params {text}: a bound is wanted, such as '<5M' or '>=1.5M'")
    sign, number, unit = found.groups()
    limit = float(re.sub("[_,]", "", number)) * _UNITS[unit]
    compare: dict[str, Callable[[int], bool]] = {
        "<": lambda n: n < limit,
        "<=": lambda n: n <= limit,
        ">": lambda n: n > limit,
        ">=": lambda n: n >= limit,
    }
    return compare[sign]


def _is_of(net: Elaborated, family: str) -> bool:
    """Whether a net calls the family, is it, or lies in a file of that name."""
    declaration = net.unit.nets[net.net.name]
    names = (net.net.name, getattr(declaration, "base", ""), Path(net.unit.source.name).stem)
    return family in names


def _folder(net: Elaborated) -> str:
    """The folder of specs/ where the net's file lies; empty for specs/ itself."""
    from cnnspec import resources

    path = Path(net.unit.source.name).resolve().relative_to(resources.specs().resolve())
    return path.parent.as_posix().removeprefix(".")


def shipped() -> list[Elaborated]:
    """Every net of the shipped specs that has all its values, in order of file."""
    from cnnspec import resources
    from cnnspec.analyses.checking import Overrides
    from cnnspec.cli.gate import admitted_files
    from cnnspec.elaborate.workspace import Workspace
    from cnnspec.shipped import spec_files

    try:
        folder = resources.specs()
    except FileNotFoundError as missing:
        raise UsageFault(str(missing)) from None
    return admitted_files(Workspace(), spec_files(str(folder)), Overrides())
