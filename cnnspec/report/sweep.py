"""The table of `cnnspec sweep` in every format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnspec.report.table import Cell, Column, Figure, Table
from cnnspec.values import dims, show

if TYPE_CHECKING:
    from cnnspec.analyses.sweep import Sweep


def sweep_table(sweep: Sweep) -> Table:
    """One row a combination: the values, then the figures."""
    names = (*sweep.parameters, *sweep.metrics)
    rows = [
        (
            *(_value(name, point.values[name]) for name in sweep.parameters),
            *(_figure(point.figures[name]) for name in sweep.metrics),
        )
        for point in sweep.points
    ]
    return Table(tuple(Column(name, right=True) for name in names), [*rows])


def _value(name: str, value: object) -> Cell:
    """Numbers as the language writes them, without groups."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Figure(value, value_text(name, value))
    return value_text(name, value)


def value_text(name: str, value: object) -> str:
    """A parameter's value as the language writes it; an input as 3x224x224."""
    return dims(value) if name == "input" and isinstance(value, tuple) else show(value)


def _figure(value: object) -> Cell:
    if isinstance(value, tuple):
        return dims(value)
    if isinstance(value, float):
        return int(value) if value == int(value) else float(f"{value:.6g}")
    return value if isinstance(value, int) else str(value)


def as_json(sweep: Sweep) -> dict[str, Any]:
    """The shape `cnnspec.sweep/1`."""
    return {
        "schema": "cnnspec.sweep/1",
        "family": sweep.family,
        "parameters": list(sweep.parameters),
        "metrics": list(sweep.metrics),
        "points": [
            {
                "values": {k: _plain(v) for k, v in point.values.items()},
                "figures": {k: _plain(v) for k, v in point.figures.items()},
            }
            for point in sweep.points
        ],
    }


def _plain(value: object) -> Any:
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if type(value) is tuple:
        return [_plain(item) for item in value]
    return show(value)
