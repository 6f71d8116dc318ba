"""When a measured figure satisfies a printed one (L26), and causes of disagreement (L28)."""

from __future__ import annotations

from fractions import Fraction

from cnnspec.diagnostics import fail
from cnnspec.elaborate.arithmetic import compare
from cnnspec.records import record
from cnnspec.source import Span
from cnnspec.values import Printed, Value, dims, type_name


@record(frozen=True)
class Relation:
    """The right side of a claim: `~ 21.8M`, `= 34`, `<= 2M`, `~ 30M within 50 percent`.

    `text` is the spelling when the right side is a printed number, else empty.
    """

    operator: str
    value: Value
    text: str
    within: Fraction | None
    percent: bool

    @property
    def printed(self) -> Printed:
        """The number with the unit of its last printed digit; a computed one has the unit 1."""
        if self.text:
            return Printed.parse(self.text)
        value = number(self.value)
        return Printed("", value, Fraction(1))

    @property
    def margin(self) -> Fraction:
        """How far from the value a figure may lie and still satisfy it."""
        if self.within is None:
            return self.printed.unit / 2
        return abs(self.printed.value) * self.within / 100 if self.percent else self.within


def number(value: Value) -> Fraction:
    """A number exactly."""
    return Fraction(value)


def tolerance(value: Value, span: Span) -> Fraction:
    """What stands behind `within`: a number that is not negative."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or value < 0:
        came = f"{value}" if is_number else type_name(value)
        raise fail("E0406", f"`within` takes a number from 0 on, and {came} came", span)
    return number(value)


def satisfies(relation: Relation, measured: Value, span: Span) -> bool:
    """Whether a figure or shape is what the right side says."""
    wanted = relation.value
    if type(measured) is tuple:
        for side in (measured, wanted):
            sizes = side if type(side) is tuple else (side,)
            if any(isinstance(n, bool) or not isinstance(n, int) for n in sizes):
                message = f"a shape is compared with a shape, and here is {type_name(side)}"
                raise fail("E0406", message, span)
        wanted = wanted if type(wanted) is tuple else (wanted,)
        if relation.operator != "=":
            message = f"a shape is compared with `=`, not `{relation.operator}`"
            raise fail("E0406", message, span, help=(f"write `= {dims(measured)}`",))
        return bool(measured == wanted)
    for side in (measured, wanted):
        if isinstance(side, bool) or not isinstance(side, int | float):
            raise fail("E0406", f"a claim compares numbers, and here is {type_name(side)}", span)
    if relation.operator == "~" or relation.within is not None:
        return abs(number(measured) - relation.printed.value) <= relation.margin
    if relation.operator in ("=", "=="):
        return bool(measured == wanted)
    if relation.operator == "!=":
        return bool(measured != wanted)
    return compare(relation.operator, measured, wanted)


def stands_for(relation: Relation, measured: Value) -> list[str]:
    """The range that the printed digits stand for, and how far off the figure is."""
    if type(measured) is tuple or relation.operator not in ("~", "="):
        return []
    printed, margin = relation.printed, relation.margin
    off = abs(number(measured) - printed.value)
    share = f" ({float(100 * off / abs(printed.value)):.1f} %)" if printed.value else ""
    difference = f"the difference is {_text(off)}{share}"
    if relation.operator == "=" and relation.within is None:
        return [difference]
    low, high = printed.value - margin, printed.value + margin
    name = relation.text or _text(printed.value)
    return [f"{name} stands for {_text(low)} to {_text(high)}; {difference}"]


def _text(value: Fraction) -> str:
    return f"{int(value):,}" if value.denominator == 1 else f"{float(value):,.6g}"


def truncates(relation: Relation, measured: Value) -> bool:
    """Whether the printed digits are the measured ones cut off instead of rounded."""
    if type(measured) is tuple:
        return False
    printed = relation.printed
    return number(measured) // printed.unit * printed.unit == printed.value


UNITS = {
    "1024 for 1000": Fraction(1024, 1000),
    "1024^2 for 1000^2": Fraction(1024**2, 1000**2),
    "1024^3 for 1000^3": Fraction(1024**3, 1000**3),
    "bits for bytes": Fraction(8),
    "4-byte numbers for bytes": Fraction(4),
    "FLOPs for MACs": Fraction(2),
}
"""Confusions of units that a printed figure may be due to."""


def unit_fits(relation: Relation, measured: Value) -> str | None:
    """The confusion of units under which the figure satisfies the claim, or None."""
    if type(measured) is tuple:
        return None
    for name, factor in UNITS.items():
        for scaled in (number(measured) * factor, number(measured) / factor):
            if abs(scaled - relation.printed.value) <= relation.margin:
                return f"unit: {name}"
    return None


__all__ = [
    "Relation",
    "dims",
    "number",
    "satisfies",
    "stands_for",
    "tolerance",
    "truncates",
    "unit_fits",
]
