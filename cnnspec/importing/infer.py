"""Which numbers of a block are parameters, and what the others follow from.

Holes of one kind with equal values are one number.  Channels are looked at in rising order, so that
a bottleneck's narrow width is the parameter and `4 * channels` its output: equal to what arrives, a
fraction or multiple of it, a multiple or fraction of a parameter that is there, else a parameter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from cnnspec.importing.holes import (
    ANY,
    Caller,
    Comparison,
    Expression,
    First,
    Fixed,
    Hole,
    Incoming,
    Listed,
    Param,
    Product,
    Quotient,
    holes,
    parts,
)
from cnnspec.importing.items import Call, Case, Fork, Item, Leaf, Loop, everything
from cnnspec.importing.predicates import MULTIPLES, predicate
from cnnspec.importing.runs import COUNTED

EXPANSIONS = 3
"""The most different factors that a parameter `expand` has."""


def infer(items: list[Item], arriving: Sequence[int], optional: bool) -> list[Param]:
    """Give every hole an expression; the parameters.

    `arriving` are the channels that reach each call; `optional` says that the block stands for a
    part that not all calls around it have.
    """
    return _Inference(items, arriving, optional).run()


class _Inference:
    def __init__(self, items: list[Item], arriving: Sequence[int], optional: bool) -> None:
        self.items, self.arriving, self.optional = items, arriving, optional
        self.callers: list[Caller] = [*range(len(arriving))]
        self.groups: list[Param] = []
        self.truths: list[Hole] = []
        self.params: list[Param] = []
        cases = (one for one in everything(items) if isinstance(one, Case))
        self.conditions = {id(one.condition): one for one in cases}
        self.shortcuts = dict(_shortcuts(items))
        label_holes(items)
        self.end = leaving(items)

    def run(self) -> list[Param]:
        found = sorted(holes(self.items), key=lambda hole: len(self.callers) - len(hole.known))
        for hole in found:
            self._group(hole)
        self._channels()
        for group in self.groups:
            if group.kind != "channels":
                group.expression = group
                self.params.append(group)
        self._in_order()
        for group in self.groups:
            for hole in group.holes:
                hole.expression = group.expression
        for hole in self.truths:
            self._truth(hole)
        for param in self.params:
            self._fill(param)
        return self.params

    # --- groups of equal holes ---

    def _group(self, hole: Hole) -> None:
        values = [*hole.known.values()]
        if all(value == values[0] for value in values):
            self._constant(hole, values)
        elif id(hole) in self.conditions:
            self.truths.append(hole)
        else:
            self._join(hole)

    def _constant(self, hole: Hole, values: list[Any]) -> None:
        """A number that all calls that use it agree on; a parameter that agrees says more."""
        hole.expression = Fixed(values[0] if values else None)
        whole = len(values) == len(self.callers)
        if self.optional and hole.kind == "stride" and values and values[0] != 1 and whole:
            self.groups.append(Param(dict(hole.values), hole.kind, [hole], hole.hint))
        elif not whole and hole.kind in ("stride", "channels") and values:
            for group in self.groups:
                if group.kind == hole.kind and _agree(group.values, hole.known, all_of=True):
                    group.holes.append(hole)
                    return

    def _join(self, hole: Hole) -> None:
        kind = f"list of {hole.kind}" if isinstance(hole, Listed) else hole.kind
        for group in self.groups:
            if group.kind == kind and _agree(group.values, hole.known):
                for caller, value in hole.known.items():
                    group.values[caller] = value
                group.holes.append(hole)
                return
        values = {caller: hole.values.get(caller, ANY) for caller in self.callers}
        self.groups.append(Param(values, kind, [hole], hole.hint))

    # --- channels ---

    def _channels(self) -> None:
        wide = [group for group in self.groups if group.kind == "channels"]
        wide.sort(key=lambda group: (group.least, not self._leaves(group)))
        for group in wide:
            group.expression = self._of_input(group)
        for group in wide:
            group.expression = group.expression or self._of_param(group) or self._expanded(group)
            if group.expression is None:
                group.expression = group
                self.params.append(group)

    def _leaves(self, group: Param) -> bool:
        """Whether it is the width of what leaves the block."""
        return any(hole is self.end for hole in group.holes)

    def _of_input(self, group: Param) -> Expression | None:
        pairs = [(v, self.arriving[c]) for c, v in group.values.items() if v is not ANY]
        if all(value == x for value, x in pairs):
            return Incoming()
        ratio = _ratio(pairs)
        if ratio is None or len({x for _, x in pairs}) < 2:
            return None
        if ratio > 1:
            return None if self._leaves(group) else Product(Fixed(int(ratio)), Incoming())
        return Quotient(Incoming(), Fixed(round(1 / ratio)))

    def _of_param(self, group: Param) -> Expression | None:
        for param in self.params:
            known = {c: v for c, v in group.values.items() if v is not ANY}
            if param.kind != "channels" or any(param.values[c] is ANY for c in known):
                continue
            ratio = _ratio([(value, param.values[caller]) for caller, value in known.items()])
            if ratio == 1:
                return param
            if ratio is not None and ratio > 1:
                return Product(Fixed(int(ratio)), param)
            if ratio is not None:
                return Quotient(param, Fixed(round(1 / ratio)))
        return None

    def _expanded(self, group: Param) -> Expression | None:
        """`expand * in.channels`: few whole factors for many widths."""
        known = {c: v for c, v in group.values.items() if v is not ANY}
        if self._leaves(group) or any(v % self.arriving[c] for c, v in known.items()):
            return None
        factors = {c: v // self.arriving[c] for c, v in known.items()}
        few = len({*factors.values()})
        if few > EXPANSIONS or few >= len({*known.values()}):
            return None
        values = {c: factors.get(c, ANY) for c in self.callers}
        for param in self.params:
            if param.kind == "ratio" and _agree(param.values, factors, all_of=True):
                return Product(param, Incoming())
        expand = Param(values, "ratio", group.holes, "expand")
        self.params.append(expand)
        return Product(expand, Incoming())

    # --- conditions, order, and calls that use no value ---

    def _truth(self, hole: Hole) -> None:
        shortcut = self.shortcuts.get(id(hole))
        factors = dict.fromkeys((*MULTIPLES, *self._factors()))
        hole.expression = predicate(hole, self.params, self.arriving, shortcut, factors)
        hole.expression = hole.expression or self._nothing(hole)
        if hole.expression is None:
            values = {caller: hole.values.get(caller, ANY) for caller in self.callers}
            param = Param(values, "bool", [hole], hole.hint)
            self.params.append(param)
            hole.expression = param

    def _nothing(self, hole: Hole) -> Expression | None:
        """`squeezed > 0`: a part whose own width no call without it uses has none there."""
        case = self.conditions[id(hole)]
        inside = set() if case.other else {id(one) for one in holes(case.then)}
        without = {caller for caller, value in hole.known.items() if not value}
        for param in self.params:
            unused = {c for c in hole.known if param.values.get(c, ANY) is ANY}
            own = param.kind == "channels" and all(id(one) in inside for one in param.holes)
            if own and unused == without:
                param.values |= dict.fromkeys(without, 0)
                return Comparison(param, ">", Fixed(0))
        return None

    def _factors(self) -> Iterator[int]:
        """What a parameter is multiplied by in the block."""
        for hole in holes(self.items):
            match hole.expression:
                case Product(Fixed(factor), Param()):
                    yield factor

    def _in_order(self) -> None:
        first: dict[int, int] = {}
        for place, hole in enumerate(holes(self.items)):
            first.setdefault(id(hole), place)
        self.params.sort(key=lambda param: min(first[id(hole)] for hole in param.holes))

    def _fill(self, param: Param) -> None:
        """What no call says has the commonest value."""
        known = [value for value in param.values.values() if value is not ANY]
        common = Counter(map(_Same, known)).most_common(1)[0][0].value
        param.common = common
        param.free = {c for c in self.callers if param.values.get(c, ANY) is ANY}
        for caller in param.free:
            param.values[caller] = common


class _Same:
    """A value that counts as equal by what it shows, so that 1 and true differ."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __hash__(self) -> int:
        return hash(repr(self.value))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and repr(self.value) == repr(other.value)


def _agree(values: dict[Caller, Any], known: dict[Caller, Any], all_of: bool = False) -> bool:
    """Whether two rows of values are equal where both have some."""
    both = [c for c in known if values.get(c, ANY) is not ANY]
    if not both or (all_of and len(both) < len(known)):
        return False
    return all(values[caller] == known[caller] for caller in both)


def _ratio(pairs: Sequence[tuple[int, int]]) -> float | None:
    """The one whole number, or its inverse, that all pairs differ by."""
    a, b = pairs[0] if pairs else (0, 0)
    if not a or not b or (a % b and b % a):
        return None
    if any(x * b != y * a for x, y in pairs):
        return None
    return a / b


def leaving(items: list[Item]) -> Hole | None:
    """The hole of the channels that leave."""
    for item in reversed(items):
        match item:
            case Leaf() if item.op.kind in ("conv", "linear"):
                return _hole(item.args.get("channels", item.args.get("features")))
            case Call():
                return _hole(item.args.get("channels"))
            case Fork():
                if item.op.stacks:
                    return None
                found = filter(None, map(leaving, item.arms))
                return next(found, None)
            case Case() if inside := leaving(item.then) or leaving(item.other):
                return inside
            case Loop() if inside := leaving(item.body):
                return inside
    return None


def _hole(slot: Any) -> Hole | None:
    if isinstance(slot, First):
        return slot.tail
    return slot if type(slot) is Hole else None


def _shortcuts(items: list[Item]) -> Iterator[tuple[int, bool]]:
    """The conditions of shortcuts, by identity: whether they hold where a shape changes.

    There an arm of a sum has a projection; where the shape stays a sum has a bare arm.
    """
    for item in everything(items):
        if isinstance(item, Fork) and item.op.sums:
            for arm in item.arms:
                if len(arm) == 1 and isinstance(case := arm[0], Case) and not case.other:
                    yield id(case.condition), True
        elif isinstance(item, Case) and _keeps_shape(item.then[0]):
            yield id(item.condition), False


def _keeps_shape(item: Item) -> bool:
    """Whether an item is a sum of what arrives and something else."""
    return isinstance(item, Fork) and item.op.sums and any(not arm for arm in item.arms)


def label_holes(items: list[Item]) -> None:
    """Tell holes the label of the layer whose number they are: a name for a parameter."""
    for item, label in _labelled(items):
        for slot in item.args.values():
            for hole in parts(slot):
                hole.label = hole.label or label


def _labelled(items: list[Item]) -> Iterator[tuple[Leaf | Call, str]]:
    for item in items:
        match item:
            case Leaf() | Call():
                wide = [v for v in item.args.values() if getattr(v, "kind", "") == "channels"]
                label = item.label.replace(".", "_").replace(COUNTED, "")
                named = isinstance(item, Call) and len(item.key) == 1
                several = named and len(wide) > 1
                yield item, "" if label[:1].isdigit() or several else label
            case Fork():
                for arm in item.arms:
                    yield from _labelled(arm)
            case Loop():
                yield from _labelled(item.body)
            case Case():
                yield from _labelled(item.then)
                yield from _labelled(item.other)
