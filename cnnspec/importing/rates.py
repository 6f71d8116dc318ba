"""Rates that rise from layer to layer, as what they were made of: `0.2 * nth / 16`.

The rates of stochastic depth are `rate * nth / total` in every model, number by number along
its depth (Huang et al. 2016, equation 4).  As whole numbers they go into parameters, columns and
`nth + i` exactly; as decimals they would not, for 0.2 * 6 / 16 is 0.07500000000000001.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from cnnspec.importing.trace import Number, Rule, Step, Trace, steps
from cnnspec.ops.op import Op

FEWEST = 3
"""So many different rates show what they are made of."""


def count(traces: Sequence[Trace]) -> None:
    """Give steps the numbers of their rates, where all models of a file have one rule."""
    rules = {find({rate for _, rate in _rates(trace)}) for trace in traces}
    rule = rules.pop() if len(rules) == 1 else None
    for trace in traces:
        trace.rule = rule
        for step, rate in _rates(trace):
            step.number = Number(number(rate, rule), rule) if rule else None


def _rates(trace: Trace) -> Iterator[tuple[Step, float]]:
    for step in steps(trace.root):
        if isinstance(step.op, Op) and step.op.varies:
            yield step, getattr(step.op, step.op.varies)


def find(rates: Collection[float]) -> Rule | None:
    """The plainest rule that gives rates to the last bit."""
    highest = max(rates, default=0)
    if len({*rates} - {0}) < FEWEST - 1 or len(rates) < FEWEST:
        return None
    for rate in _plain(highest):
        for total in range(len(rates) - 1, 2 * len(rates) + FEWEST):
            rule = Rule(rate, total)
            if all(rule.of(number(one, rule)) == one for one in rates):
                return rule
    return None


def number(rate: float, rule: Rule) -> int:
    """The number that comes closest to a rate."""
    return round(rate * rule.total / rule.rate)


def _plain(least: float) -> Iterator[float]:
    """Rates of one digit, then of two, from a `least` one on."""
    for digits in (1, 2, 3):
        whole = 10**digits
        for part in range(1, whole + 1):
            if part / whole >= least and (digits == 1 or part % 10):
                yield part / whole
