"""The items of one module call: joins become forks, values that are read twice become taps.

Every value has an immediate dominator: the last value that all ways to it pass.  A join is a fork
at the dominator of what it reads; each arm is the way from there, in the order of the arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cnnspec.importing.errors import Refused, refuse
from cnnspec.importing.heads import Side, placed, tail
from cnnspec.importing.items import Again, At, Call, Fork, Head, Item, Leaf, Tap, begins, everything
from cnnspec.importing.straight import in_order, line, needed, places, reads_ahead
from cnnspec.importing.tapped import label_of, named, numbered
from cnnspec.importing.trace import Scope, Step, Trace, Value, beside, relative, steps
from cnnspec.ops.op import Op
from cnnspec.records import fields
from cnnspec.values import SAME, Padding, Shape, Window


def structure(scope: Scope, order: Mapping[str, int]) -> list[Item]:
    """The items of a call of a block; `order` is the place of each module's first tensor."""

    def nested() -> _Found:
        made, end = _Structure(scope, scope.input), scope.output
        items = made.with_unread(made.chain(end, scope.input), end, [end])
        return _Found(items, made.lacks(end) or reads_ahead(items), not in_order(items, order))

    def straight() -> _Found:
        items = line(_Structure(scope, scope.input), scope.output, order)
        return _Found(items, reads_ahead(items), not in_order(items, order))

    items = _best(scope, order, nested, straight)
    read_again(items)
    return items


def structure_net(trace: Trace) -> list[Item]:
    """The items of the model itself, with its further outputs where their layers begin."""

    def straight() -> _Found:
        made = _of_net(trace)
        main = trace.outputs[trace.main] if trace.main else None
        outputs = [
            (name, "output" if name in trace.kept else "aux", value)
            for name, value in trace.outputs.items()
            if name != trace.main
        ]
        items = line(made, main, trace.order, outputs)
        return _Found(items, reads_ahead(items), not in_order(items, trace.order))

    items = _best(trace.root, trace.order, lambda: _nested_net(trace), straight)
    last = trace.inputs[-1].name
    if isinstance(first := items[0], Tap) and first.target is None and first.path == last:
        items = items[1:]  # the flow is there: it begins at the last input
    items = _without_idle(items)
    read_again(items)
    return items


def _of_net(trace: Trace) -> _Structure:
    several = len(trace.inputs) > 1
    return _Structure(trace.root, Value(()) if several else trace.input, trace.inputs)


def _nested_net(trace: Trace) -> _Found:
    made, outputs = _of_net(trace), trace.outputs
    last = trace.main or max(sorted(trace.kept), key=lambda one: len(needed(made, outputs[one])))
    end = outputs[last]
    items = made.with_unread(made.chain(end, made.start), end, [*outputs.values()])
    heads = {
        name: made.side(value, name, "output" if name in trace.kept else "aux")
        for name, value in outputs.items()
        if name != last
    }
    hidden = sum(not side.begins_at(items) for side in heads.values())
    if not trace.main:
        items, heads[last] = made.cut(items, last, end, [*heads.values()])
    sides = [heads[name] for name in outputs if name in heads]
    back = (lambda: made.tap(end)) if trace.main else None
    items = placed(items, sides, back, trace.order, [value.name for value in trace.inputs])
    lacks = made.lacks(end) or reads_ahead(items)
    return _Found(items, lacks, not in_order(items, trace.order), hidden)


@dataclass(frozen=True)
class _Found:
    """Items, and what speaks against them: the first of it is the worst.

    Whether they lack a layer that another looks at, whether keys come in another order than in the
    model, and how many outputs begin inside arms.
    """

    items: list[Item]
    lacks: bool
    moves: bool
    hidden: int = 0

    @property
    def faults(self) -> tuple[bool, bool, int]:
        """The less the better."""
        return self.lacks, self.moves, self.hidden


def _best(
    scope: Scope,
    order: Mapping[str, int],
    nested: Callable[[], _Found],
    straight: Callable[[], _Found],
) -> list[Item]:
    """Items with arms in arms, or in one line where that has less faults."""
    free = [step for step in steps(scope) if not step.label]
    first = nested()
    if first.moves:
        first = _exchanged(first, order)
    if not any(first.faults):
        return first.items
    labels = _labels_of(free)
    try:
        second = straight()
        if second.faults < first.faults:
            return second.items
    except Refused:
        pass
    for step, label in zip(free, labels, strict=True):
        step.label = label
    return first.items


def _exchanged(found: _Found, order: Mapping[str, int]) -> _Found:
    """The same with the arms of sums as the model registers them, where no other fault comes of it.

    Many a residual block registers its shortcut first and adds it last.
    """
    forks = [one for one in everything(found.items) if isinstance(one, Fork) and _exchanges(one)]
    turns = [_registered(fork.arms, order) for fork in forks]
    for fork, turn in zip(forks, turns, strict=True):
        _turn(fork, turn)
    if in_order(found.items, order) and (found.lacks or not reads_ahead(found.items)):
        return replace(found, moves=False)
    for fork, turn in zip(forks, turns, strict=True):
        _turn(fork, sorted(range(len(turn)), key=turn.__getitem__))
    return found


def _exchanges(fork: Fork) -> bool:
    """Whether two arms may change places: of three sums differ in the last bit."""
    free = len(fork.arms) == 2 and fork.op.exchanges()
    return free and fork.step is not None and len(fork.step.inputs) == 2


def _turn(fork: Fork, turn: Sequence[int]) -> None:
    """Give arms, and what the join reads, other places."""
    assert fork.step is not None
    fork.arms = [fork.arms[at] for at in turn]
    fork.step.inputs = [fork.step.inputs[at] for at in turn]


def _registered(arms: list[list[Item]], order: Mapping[str, int]) -> list[int]:
    """Arms by the first of their layers in the model; one without a layer keeps its place."""
    firsts = [min(places(arm, order), default=None) for arm in arms]
    keyed = iter(sorted((n, at) for at, n in enumerate(firsts) if n is not None))
    return [at if n is None else next(keyed)[1] for at, n in enumerate(firsts)]


def _labels_of(steps_of: Sequence[Step]) -> list[str]:
    """The labels that steps got, which are taken from them."""
    found = [step.label for step in steps_of]
    for step in steps_of:
        step.label = ""
    return found


def _without_idle(items: list[Item]) -> list[Item]:
    """Items without a `from` that nothing goes on from, because the next is a `from` too."""
    found: list[Item] = []
    idle = False
    for item in reversed(items):
        taps = isinstance(item, Tap)
        if not (taps and idle):
            found.append(item)
        idle = taps or (idle and isinstance(item, Head) and item.tap is not None)
    return found[::-1]


def read_again(items: list[Item]) -> None:
    """Mark the ops whose labels others read, so that they are written."""
    every = [*everything(items)]
    taps = [item.tap if isinstance(item, Head) else item for item in every]
    _count_again(every, [tap for tap in taps if isinstance(tap, Tap)])
    for item in every:
        if isinstance(item, Leaf | Fork | Again) and item.step is not None and item.step.label:
            item.label = item.step.label
    paths = {tap.path for tap in taps if isinstance(tap, Tap | Again)}
    paths |= {at.path for item in every for at in _looked_at(item)}
    for item in every:
        if isinstance(item, Leaf):
            item.read = item.label in paths or bool(item.step and item.step.label)


def _count_again(every: Sequence[Item], taps: Sequence[Tap]) -> None:
    """Let the numbers of labels rise as they stand: they were given from the end."""
    made = [one.step for one in every if isinstance(one, Leaf | Fork | Again) and one.step]
    own = [step for step in made if numbered(step) and not _leaves(step)]
    labels = [step.label for step in own]
    new = dict(zip(labels, sorted(labels, key=lambda label: (len(label), label)), strict=True))
    for step in own:
        step.label = new[step.label]
    for tap in taps:
        tap.path = new.get(tap.path, tap.path)
    for item in every:
        if isinstance(item, Leaf):
            looked = {name: at for name, at in item.args.items() if isinstance(at, At)}
            item.args |= {name: At(new.get(at.path, at.path)) for name, at in looked.items()}


def _leaves(step: Step) -> bool:
    """Whether others read a value beside the output of its module."""
    return step.scope.parent is not None and step.output in step.scope.outputs[:-1]


class _Structure:
    """One scope: its members by what they make, and the tree of dominators.

    `start` is above everything: what arrives at a block, the input of a net, or of several
    `inputs` what would be above them all.
    """

    def __init__(self, scope: Scope, start: Value, inputs: Sequence[Value] = ()) -> None:
        self.scope, self.start, self.inputs = scope, start, inputs
        self.made: dict[Value, Step | Scope] = {}
        self.inner: dict[Value, Step | Scope] = {}
        """Values that leave a member beside its output."""
        self.holders: dict[Value, Step | Scope] = {}
        self.above: dict[Value, Value | None] = {**dict.fromkeys(inputs, start), start: None}
        self.depth = {**dict.fromkeys(inputs, 1), start: 0}
        self.done: set[Step | Scope] = set()
        self.starts: dict[Fork, Value] = {}
        """What the arms of a join begin at, where that has a label or can get one."""
        self.straight: set[Fork] = set()
        """Joins whose skip connection is a `from`."""
        for member in scope.body:
            self._enter(member)

    def _enter(self, member: Step | Scope) -> None:
        self._check(member)
        second = beside(member) if isinstance(member, Step) else None
        above = self._common(member.inputs[:1] if second else member.inputs)
        outputs = member.outputs if isinstance(member, Scope) else [member.output]
        self.holders |= dict.fromkeys(outputs, member)
        end = outputs[-1]
        self.made[end] = member
        self.above[end], self.depth[end] = above, self.depth[above] + 1
        for value in outputs[:-1]:
            self.inner[value] = _outermost(value, member)
            self.above[value], self.depth[value] = end, self.depth[end] + 1

    def _check(self, member: Step | Scope) -> None:
        first = member if isinstance(member, Step) else next(steps(member))
        for value in member.inputs:
            if value not in self.above:
                what = value.constant or "a value that nothing makes"
                raise refuse(
                    f"arithmetic with {what}, which is no tensor that flows",
                    self.scope.path,
                    first.where,
                    "move the normalisation into the data recipe",
                )

    def _common(self, values: list[Value]) -> Value:
        """The last value that all ways to `values` pass."""
        if not values:
            raise refuse("a step that reads nothing", self.scope.path)
        common = values[0]
        for other in values[1:]:
            while common is not other:
                if self.depth[common] >= self.depth[other]:
                    common = self._up(common)
                else:
                    other = self._up(other)
        return common

    def _up(self, value: Value) -> Value:
        above = self.above[value]
        assert above is not None
        return above

    def chain(self, value: Value, stop: Value) -> list[Item]:
        """The items from `stop` to `value`."""
        found: list[Item] = []
        while value is not stop:
            if not self._begun(value):
                value = self._before(value, found)
                continue
            found.append(self.tap(value))
            if not self._yet(value, stop):
                break
            value = self._up(value)
        return found[::-1]

    def _yet(self, value: Value, stop: Value) -> bool:
        """Whether the module that gives a value beside its output stands behind `stop` yet."""
        if value not in self.inner:
            return False
        end = self._up(value)
        return self.made[end] not in self.done and self.depth[end] > self.depth[stop]

    def side(self, value: Value, name: str = "", kind: str = "") -> Side:
        """What leads from a value that is there already to one that the flow does not pass."""
        items: list[Item] = []
        end = value
        while not self._begun(value):
            value = self._before(value, items)
        taps = (lambda: self.tap(value)), (lambda: self.tap(end))
        return Side(items[::-1], self._begin(value), *taps, name, kind)

    def _begin(self, value: Value) -> Step | Scope | Value | None:
        """What a side begins with: None for what arrives, where that is one."""
        if value is self.start:
            return None
        return value if value in self.inputs else self._member(value)

    def lacks(self, end: Value) -> bool:
        """Whether a layer that a value needs is among no items."""
        return not needed(self, end) <= self.done

    def cut(
        self, items: list[Item], name: str, end: Value, others: Sequence[Side]
    ) -> tuple[list[Item], Side]:
        """Items without those that belong to the output that they lead to, and that output."""
        place = tail(items, name, {side.start for side in others})
        start = items[place - 1] if place else None
        member = getattr(start, "scope", None) or getattr(start, "step", None)
        if start is not None and member is None:
            place = len(items)
        own, value = items[place:], member.output if member else self.start
        if not own:
            value, member = end, None if end is self.start else self._member(end)
        side = Side(own, member, lambda: self.tap(value), lambda: self.tap(end), name, "output")
        return items[:place], side

    def with_unread(self, items: list[Item], end: Value, kept: Sequence[Value]) -> list[Item]:
        """Items with what nobody reads: each where the flow is at what it begins with."""
        read = {value for step in steps(self.scope) for value in step.inputs}.union(kept)
        found = [*items]
        for member in reversed(self.scope.body):
            gives = member.outputs if isinstance(member, Scope) else [member.output]
            if member in self.done or read.intersection(gives):
                continue
            side = self.side(member.output)
            place = side.behind(found)
            if place is not None and place < len(found):
                found[place:place] = [*side.items, side.tap()]
            else:
                found += [side.tap(), *side.items, self.tap(end)]
        return found

    def _begun(self, value: Value) -> bool:
        """Whether a value is there already: the start, or what an item gave that stands before."""
        known = value is self.start or value in self.inputs or value in self.inner
        return known or self.made[value] in self.done

    def _before(self, value: Value, found: list[Item]) -> Value:
        """Add the item that gives a value; what it goes on from."""
        member = self.made[value]
        self.done.add(member)
        if isinstance(member, Step) and len(member.inputs) > 1 and not beside(member):
            return self._fork(member, value, found)
        found.append(self.item(member))
        return member.inputs[0]

    def _fork(self, step: Step, value: Value, found: list[Item]) -> Value:
        start = self._up(value)
        arms = [self.chain(one, start) for one in step.inputs]
        assert isinstance(step.op, Op)
        fork = Fork(type(step.op), arms, step, value.shape)
        if start is self.start and len(self.inputs) > 1:
            found += reversed(self._beside(fork, step.inputs))
            return start
        if start is not self.start or self.scope.parent is None:
            self.starts[fork] = start
        straight = self._nested(fork) or self._looks_ahead(fork)
        found += reversed(self._unwound(fork) if straight else [fork])
        return start

    def _beside(self, fork: Fork, ends: Sequence[Value]) -> list[Item]:
        """A join of what comes from several inputs: its long arms stand before it, in turn."""
        long = [place for place, arm in enumerate(fork.arms) if not _light(arm)]
        if all(_brief(arm, fork.arms) for arm in fork.arms):
            long = []
        before = [item for place in long for item in fork.arms[place]]
        for place in long[:-1]:
            fork.arms[place] = [self.tap(ends[place])]
        for place in long[-1:]:
            fork.arms[place] = []  # the flow is there
        return [*before, fork]

    # --- skip connections over skip connections: a U ---

    def _nested(self, fork: Fork) -> bool:
        """Whether a skip connection passes by another one: in a U-Net as deep as its levels."""
        inner = [item for item in self._below(fork) if isinstance(item, Fork)]
        return any(one in self.straight or self._below(one) for one in inner)

    def _below(self, fork: Fork) -> list[Item]:
        """What a skip connection passes by, where that goes through smaller maps."""
        short, below = self._arms(fork)
        dips = any(_smaller(item, fork) for item in below)
        plain = len(short) <= LATERAL and all(isinstance(one, Leaf | Call) for one in short)
        return below if dips and (plain or self._looks_ahead(fork)) else []

    def _arms(self, fork: Fork) -> tuple[list[Item], list[Item]]:
        """Two arms that begin at what can have a label: what stands behind the other, and that.

        That is the shorter, or the one that takes a size that the other gives.
        """
        if fork not in self.starts or len(fork.arms) != 2:
            return [], []
        short, long = sorted(fork.arms, key=len)
        return (long, short) if _looks(long, short) else (short, long)

    def _looks_ahead(self, fork: Fork) -> bool:
        """Whether an arm takes a size that the other gives: a crop to what comes up."""
        return _looks(*self._arms(fork))

    def _unwound(self, fork: Fork) -> list[Item]:
        """The items of nested skip connections in one line, each `from` what it begins at."""
        short, long = self._arms(fork)
        flow: list[Item] = []
        for item in long:
            inner = isinstance(item, Fork) and bool(self._below(item))
            flow += self._unwound(item) if inner and isinstance(item, Fork) else [item]
        keeps = short or not isinstance(flow[-1], Leaf | Call)
        last = [] if keeps else [flow.pop()]
        tap = self.tap(self.starts[fork])
        fork.arms = [last if arm is long else [tap, *short] for arm in fork.arms]
        self.straight.add(fork)
        return [*flow, fork]

    def item(self, member: Step | Scope) -> Item:
        """A member of one input as an item."""
        label = "" if self.scope.numbered else relative(member.path, self.scope.path)
        if isinstance(member, Scope):
            return Call((), {}, label, member, member.output.shape)
        if member.shares:
            return Again(relative(member.shares, self.scope.path), member.output.shape, member)
        assert isinstance(member.op, Op)
        label = label if member.stateful else ""
        found = Leaf(type(member.op), arguments(member.op), label, member, member.output.shape)
        if member.number is not None:
            found.args[member.op.varies] = member.number
        if (second := beside(member)) is not None:
            found.args[member.op.beside] = At(self._looked_at(member, second))
        return found

    def _looked_at(self, step: Step, value: Value) -> str:
        """The path of what a step looks at: a block, or for places of maxima the pool itself."""
        assert isinstance(step.op, Op)
        return self._inside(value.maker) if step.op.places and value.maker else self.tap(value).path

    def _inside(self, step: Step) -> str:
        """The path of a step, which may be inside a member."""
        if named(step):
            return relative(step.path, self.scope.path)
        inner = "" if step.scope is self.scope else relative(step.scope.path, self.scope.path)
        return ".".join(filter(None, (inner, label_of(step))))

    def tap(self, value: Value) -> Tap:
        """The flow goes on from what gives a value, or from a part of it."""
        if value in self.inputs:
            return Tap(None, value.name)
        if value is self.start and self.inputs:  # above several: what begins there is a join
            return Tap(None, self.inputs[-1].name)
        if value is self.start:
            raise refuse("what arrives at a block has no label in it", self.scope.path)
        member = self._member(value)
        if isinstance(member, Scope):
            return Tap(member, relative(member.path, self.scope.path))
        return Tap(member, self._inside(member))

    def _member(self, value: Value) -> Step | Scope:
        return self.made.get(value) or self.inner[value]


LATERAL = 2
"""The most layers of a skip connection past smaller maps: a U-Net has none, an FPN one."""
LIGHT, BRIEF = 3, 4
"""The most items, the first of them `from`, of an arm that stands in a join of several inputs."""


def _light(arm: list[Item]) -> bool:
    """Whether an arm that begins `from` an input stands in a join beside others that do not."""
    return (
        len(arm) <= LIGHT
        and not any(isinstance(one, Call | Fork) for one in arm[1:])
        and (not any(isinstance(one, Leaf) and begins(one) for one in arm))
    )


def _brief(arm: list[Item], arms: Sequence[list[Item]]) -> bool:
    """Whether an arm is one line: few layers, one with weights, or a call as in another arm."""
    match arm[1:]:
        case [Call(scope=scope)] if scope is not None:
            calls = [one for arm in arms for one in arm if isinstance(one, Call)]
            return bool(scope.kind) and all(
                one.scope is not None and one.scope.kind == scope.kind for one in calls
            )
    plain = all(isinstance(one, Leaf | Again) for one in arm[1:])
    return len(arm) <= BRIEF and plain and sum(map(begins, arm[1:])) < 2


def _looks(arm: list[Item], other: list[Item]) -> bool:
    looked = {at.path for one in everything(arm) for at in _looked_at(one)}
    return bool(looked) and any(_label(one) in looked for one in everything(other))


def _looked_at(item: Item) -> list[At]:
    """Whose size or places a layer takes beside what flows into it."""
    values = item.args.values() if isinstance(item, Leaf) else ()
    return [value for value in values if isinstance(value, At)]


def _label(item: Item) -> str:
    step = getattr(item, "step", None)
    return getattr(item, "label", "") or getattr(step, "label", "")


def _smaller(item: Item, fork: Fork) -> bool:
    """Whether a layer gives a map of less rows than a join."""
    shape: Shape = getattr(item, "shape", None) or ()
    whole: Shape = fork.shape or ()
    return len(shape) == len(whole) == 3 and shape[1:] < whole[1:]


def _outermost(value: Value, within: Step | Scope) -> Step | Scope:
    """The largest scope inside another that gives a value, else the step that makes it."""
    assert value.maker is not None
    found: Step | Scope = value.maker
    scope: Scope | None = value.maker.scope
    while scope is not None and scope is not within and scope.output is value:
        found, scope = scope, scope.parent
    return found


def arguments(op: Op) -> dict[str, Any]:
    """The arguments of an op by name; padding that is D(F - 1)/2 is `same`."""
    found = {one.name: getattr(op, one.name) for one in fields(op)}
    window, pad = found.get("window"), found.get("pad")
    if isinstance(window, Window):
        found["window"] = Window(window.kernel, window.stride)
        if isinstance(pad, Padding) and _is_same(window, pad, found):
            found["pad"] = SAME
    return found


def _is_same(window: Window, pad: Padding, found: dict[str, Any]) -> bool:
    """Whether a padding is `same`; a pool with a stride has it in numbers."""
    spans = [d * (k - 1) for d, k in zip(found.get("dilation", (1, 1)), window.kernel, strict=True)]
    if any(span % 2 for span in spans) or ("channels" not in found and window.stride != (1, 1)):
        return False
    rows, columns = (span // 2 for span in spans)
    return pad == Padding(rows, rows, columns, columns) and (
        "channels" in found or pad != Padding(0, 0, 0, 0)
    )
