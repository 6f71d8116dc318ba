"""The blocks at work as intervals of execution order: what closing any of them leaves is acyclic.

Every call is an interval of steps and every step reads earlier ones.  So whatever disjoint
intervals are closed, the graph that is left is already in topological order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

from cnnspec.draw.flow.stacks import Stack
from cnnspec.draw.flow.steps import Flow, Step, containers
from cnnspec.draw.parts.equality import alike
from cnnspec.ir import Call, Module, Net, Shared, members


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """The steps `first` to `last` of the call at `path`.

    `height` is how many calls of several steps are nested in it, itself included; `clean` says
    that one value flows in and only what its last step gives flows out.
    """

    path: str
    first: int
    last: int
    height: int = 1
    clean: bool = True
    module: Module | None = None
    stack: Stack | None = None
    """What it is, where it is no call but equal stretches behind each other."""

    def __len__(self) -> int:
        return self.last - self.first + 1

    def holds(self, other: Span) -> bool:
        """Whether another span lies in this one."""
        return self.first <= other.first and other.last <= self.last


def spans_of(flow: Flow, net: Net) -> dict[str, Span]:
    """Every call of more than one step, one stretch of the order of execution, by its path."""
    modules = _modules(net)
    found = {path: ends for path, ends in stretches(flow).items() if ends[0] < ends[1]}
    heights = _heights(found)
    return {
        path: Span(path, *ends, heights[path], clean(flow, *ends), modules.get(path))
        for path, ends in found.items()
    }


def stretches(flow: Flow) -> dict[str, tuple[int, int]]:
    """The first and the last step of every call that is one stretch, by its path."""
    found: dict[str, tuple[int, int]] = {}
    steps: Counter[str] = Counter()
    for index, step in enumerate(flow.steps):
        for path in containers(step.row.paths[0]):
            first, _ = found.get(path, (index, index))
            found[path] = (first, index)
            steps[path] += 1
    return {path: ends for path, ends in found.items() if ends[1] - ends[0] < steps[path]}


def spans_of_stacks(stacks: Iterable[Stack]) -> list[Span]:
    """Each stack as one closed stretch."""
    return [
        Span(f"{stack.first}–{stack.last}", stack.first, stack.last, clean=False, stack=stack)
        for stack in stacks
    ]


def _heights(found: dict[str, tuple[int, int]]) -> dict[str, int]:
    """How deep calls are nested; one that only wraps another counts as that."""
    heights = dict.fromkeys(found, 1)
    for path in sorted(found, key=lambda path: -path.count(".")):
        around = next((outer for outer in containers(path) if outer in found), None)
        if around is not None:
            more = heights[path] + (found[around] != found[path])
            heights[around] = max(heights[around], more)
    return heights


def clean(flow: Flow, first: int, last: int) -> bool:
    """Whether one value flows into the steps, and out only what the last of them gives."""
    inside = range(first, last + 1)
    entries = {source for at in inside for source in flow.steps[at].feeds if source < first}
    if len(entries) > 1 or any(first <= at < last for at in flow.outputs.values()):
        return False
    return not any(reader > last for at in inside[:-1] for reader in flow.steps[at].readers)


def _modules(net: Net) -> dict[str, Module]:
    """The module of every call by its path."""
    out: dict[str, Module] = {}
    waiting = [("", net.body)]
    while waiting:
        prefix, module = waiting.pop()
        for item in members(module.items):
            inner = item.item if isinstance(item, Shared) else item
            if isinstance(inner, Call):
                path = prefix + item.name
                out[path] = inner.module
                waiting.append((path + ".", inner.module))
    return out


def step_key(step: Step) -> Hashable:
    """Equal for steps that are drawn alike, whatever weights they share."""
    ops = tuple((alike(layer.op), layer.inputs, layer.shape) for layer in step.row.layers)
    return ops, step.row.main, step.training


class Likeness:
    """Numbers stretches of steps by their structure, with what is read relative to its begin.

    So are weights that a step shares with an earlier one: every CBAM has a small net that it uses
    twice.  Weights from before a stretch are told by their path.
    """

    def __init__(self, flow: Flow, key: Callable[[Step], Hashable] = step_key) -> None:
        self.flow = flow
        self._steps: dict[Hashable, int] = {}
        places = {path: at for at, step in enumerate(flow.steps) for path in step.row.paths}
        self._owners = [places.get(step.row.shares, -1) for step in flow.steps]
        """The step that has the weights which a step shares; -1 for none of the flow."""
        self._kinds = [self._number(key(step)) for step in flow.steps]
        self._numbers = [
            self._number((kind, step.row.shares))
            for kind, step in zip(self._kinds, flow.steps, strict=True)
        ]
        self._known: dict[tuple[int, int], Hashable] = {}

    def _number(self, key: Hashable) -> int:
        return self._steps.setdefault(key, len(self._steps))

    def number(self, at: int) -> int:
        """Equal for steps that are drawn alike."""
        return self._numbers[at]

    def same(self, at: int, other: int) -> bool:
        """Whether two steps are drawn alike."""
        return self._numbers[at] == self._numbers[other]

    def of(self, first: int, last: int) -> Hashable:
        """Equal for stretches that compute the same from what flows into them."""
        if (first, last) not in self._known:
            entries: dict[int, int] = {}
            rows = []
            for at in range(first, last + 1):
                feeds = self.flow.steps[at].feeds
                reads = tuple(
                    source - first if source >= first else ~entries.setdefault(source, len(entries))
                    for source in feeds
                )
                own = self._owners[at] >= first
                shares = self._owners[at] - first if own else self.flow.steps[at].row.shares
                rows.append((self._kinds[at], reads, shares))
            self._known[first, last] = self._number(tuple(rows))
        return self._known[first, last]
