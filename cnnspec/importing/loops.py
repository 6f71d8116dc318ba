"""A run as text: `repeat`, a head and a `repeat`, `for i in range(n)`, `for` over rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, count
from typing import Any, Protocol

from cnnspec.importing import nodes
from cnnspec.importing.expressions import Values, listed, slot_value, value_of
from cnnspec.importing.holes import First, Fixed, Hole, Listed, Param, Steady, slots
from cnnspec.importing.items import Call, Item, Loop
from cnnspec.importing.place import Place
from cnnspec.importing.runs import regularity
from cnnspec.syntax import tree as t

SHORT = {
    "channels": "c",
    "size": "k",
    "depth": "n",
    "window": "w",
    "stride": "s",
    "expand": "t",
}
"""What one or two columns of a loop are called, by the parameter that they fill."""
TABLE = 3
"""From so many columns on they have whole words, as the head of a paper's table has."""
COUNTERS = ("i", "j", "k", "i2", "j2", "k2", "i3", "j3", "k3")
"""What counters of loops in loops are called."""
GROUPED = 5
"""From so many calls on, rows with a count are tried."""


class Writes(Protocol):
    """What writes the body of a loop."""

    def statements(self, items: list[Item], place: Place) -> list[t.Statement]:
        """Items as statements."""

    def parameters(self, values: Values) -> set[str]:
        """The names that parameters have where these values hold."""


def write_loop(writer: Writes, loop: Loop, place: Place) -> list[t.Statement]:
    """The statements of a run."""
    return _Loop(writer, loop, place).statements()


class _Loop:
    def __init__(self, writer: Writes, loop: Loop, place: Place) -> None:
        self.writer, self.loop, self.place = writer, loop, place
        self.values: Values = place.values
        self.open = _changing(loop, self.values)
        self.count = slot_value(loop.count, self.values)
        self.counter = self.values.free(*COUNTERS)
        self.turns = self.count.value if isinstance(self.count, t.Literal) else None

    def inner(self, turns: Mapping[int, t.Expr], names: Sequence[str] = ()) -> list[t.Statement]:
        """The body with names for what changes."""
        values = self.values.with_turns(turns, self.loop.start, self.counter, names)
        before = Counter(self.place.numbers)
        found = self.writer.statements(self.loop.body, self.place.deeper(values))
        if self.place.numbered:
            self.place.numbers.clear()
            self.place.numbers.update(before)
        return found

    def statements(self) -> list[t.Statement]:
        if self.loop.start is None:
            firsts = [slot for slot in self.open if isinstance(slot, First)]
            steady = [slot for slot in self.open if isinstance(slot, Steady)]
            if not self.open:
                return self._repeated()
            if len(firsts) == len(self.open):
                return self._head_and_rest()
            if len(firsts) + len(steady) == len(self.open) and firsts:
                return self._head_and_counted(steady)
            if grouped := self._grouped():
                return grouped
        return self._counted()

    # --- the ways ---

    def _repeated(self) -> list[t.Statement]:
        body = self.inner({})
        if self.turns == 1:
            return body
        if self.turns == 2 and len(body) == 1 and isinstance(body[0], t.Flow):
            return [*body, *self.inner({})]
        return [nodes.repeat(self.count, body)]

    def _heads(self) -> dict[int, t.Expr]:
        return {id(s): slot_value(s.head, self.values) for s in self.open if isinstance(s, First)}

    def _tails(self) -> dict[int, t.Expr]:
        return {id(s): slot_value(s.tail, self.values) for s in self.open if isinstance(s, First)}

    def _head_and_rest(self) -> list[t.Statement]:
        head = self.inner(self._heads())
        if self.turns == 1:
            return head
        rest = self.inner(self._tails())
        if self.turns == 2:
            return [*head, *rest]
        return [*head, nodes.repeat(nodes.less_one(self.count), rest)]

    def _head_and_counted(self, steady: Sequence[Steady]) -> list[t.Statement]:
        bases = {id(slot): slot_value(slot.base, self.values) for slot in steady}
        head = self.inner({**self._heads(), **bases})
        if self.turns == 1:
            return head
        steps = {id(slot): self._at(slot) for slot in steady}
        rest = self.inner({**self._tails(), **steps})
        over = nodes.applied("range", nodes.literal(1), self.count)
        return [*head, nodes.loop([self.counter], over, rest)]

    def _at(self, slot: Steady) -> t.Expr:
        """`base + step * i`."""
        product = nodes.product(nodes.literal(slot.step), nodes.name(self.counter))
        return nodes.total(slot_value(slot.base, self.values), product)

    # --- loops with a counter, or over columns ---

    def _counted(self) -> list[t.Statement]:
        turns: dict[int, t.Expr] = {}
        columns: dict[int, tuple[Any, ...]] = {}
        for slot in self.open:
            self._turn(slot, turns, columns)
        if columns and self.loop.start is None:
            self._as_columns(turns, columns)
        uses_counter = self.loop.start is not None or bool(turns)
        lists = self._parameters()
        if lists and (written := self._over_parameters(lists, columns, turns)):
            return written
        names = self._names(columns, turns)
        body = self.inner(turns, names)
        every = [*dict.fromkeys(columns.values())]
        if not every:
            return [nodes.loop([self.counter], nodes.applied("range", self.count), body)]
        if len(every) == 1:
            column = listed(every[0])
            if uses_counter:
                over = nodes.applied("enumerate", column)
                return [nodes.loop([self.counter, *names], over, body)]
            return [nodes.loop(names, column, body)]
        table = dict(zip(names, every, strict=True))
        counted = {self.counter: tuple(range(len(every[0])))} if uses_counter else {}
        return [_over_rows(counted | _as_read(table, body), body)]

    def _parameters(self) -> dict[Param, list[Any]]:
        """The slots whose turns are a list that is a parameter, by the parameter."""
        found: dict[Param, list[Any]] = {}
        for slot in self.open:
            if isinstance(slot, Listed) and isinstance(slot.expression, Param):
                found.setdefault(slot.expression, []).append(slot)
        return found

    def _over_parameters(
        self,
        lists: Mapping[Param, list[Any]],
        columns: dict[int, tuple[Any, ...]],
        turns: dict[int, t.Expr],
    ) -> list[t.Statement]:
        """`for i, n in enumerate(depths)`; beside others `for n, c in zip(depths, [...])`."""
        words: list[str] = []
        own: dict[int, t.Expr] = {}
        for slots_of in lists.values():
            words.append(self._word(slots_of[0].hint, words))
            own |= {id(slot): nodes.name(words[-1]) for slot in slots_of}
        counted = self.loop.start is not None or bool(turns.keys() - own.keys())
        several = len(lists) > 1 or bool(columns)
        if counted and several:
            return []
        for column in dict.fromkeys(columns.values()):
            slots_of = [slot for slot in self.open if columns.get(id(slot)) == column]
            words.append(self._word(_hint(slots_of[0]), words))
            own |= {id(slot): nodes.name(words[-1]) for slot in slots_of}
        over = [slot_value(slots_of[0], self.values) for slots_of in lists.values()]
        over += map(listed, dict.fromkeys(columns.values()))
        body = self.inner(turns | own, words)
        if counted:
            return [nodes.loop([self.counter, *words], nodes.applied("enumerate", *over), body)]
        return [nodes.loop(words, nodes.applied("zip", *over) if several else over[0], body)]

    def _turn(
        self, slot: Any, turns: dict[int, t.Expr], columns: dict[int, tuple[Any, ...]]
    ) -> None:
        """What a slot is in a turn: an expression of the counter, or a column of its own."""
        numbered = self.loop.start is not None
        if isinstance(slot, Steady):
            turns[id(slot)] = self._at(slot)
        elif isinstance(slot, First):
            turns[id(slot)] = self._choice(slot)
        elif isinstance(slot, Listed) and isinstance(slot.expression, Fixed):
            column = slot.expression.value
            way = regularity(column) if slot.kind == "channels" and numbered else "listed"
            if way == "growing":
                counter = nodes.name(self.counter)
                turns[id(slot)] = _power(column[0], column[1] // column[0], counter)
            else:
                columns[id(slot)] = column
        else:
            listed = slot_value(slot, self.values)
            turns[id(slot)] = t.Index(nodes.NOWHERE, listed, nodes.name(self.counter))

    def _as_columns(self, turns: dict[int, t.Expr], columns: dict[int, tuple[Any, ...]]) -> None:
        """Beside columns of others, what only the first turn has differently is one as well."""
        for slot in self.open:
            column = self._column(slot) if isinstance(slot, First) else None
            if column is not None:
                columns[id(slot)] = column
                turns.pop(id(slot), None)

    def _choice(self, slot: First) -> t.Expr:
        head, tail = (slot_value(hole, self.values) for hole in (slot.head, slot.tail))
        first = t.Compare(nodes.NOWHERE, nodes.name(self.counter), "==", nodes.literal(0))
        return t.Choose(nodes.NOWHERE, head, first, tail)

    def _names(self, columns: dict[int, tuple[Any, ...]], turns: dict[int, t.Expr]) -> list[str]:
        """A name for each column; equal ones are one."""
        found: dict[tuple[Any, ...], str] = {}
        hints = {id(slot): _hint(slot) for slot in self.open}
        whole = len({*columns.values()}) >= TABLE
        for slot, column in columns.items():
            if column not in found:
                found[column] = self._word(hints[slot], found.values(), whole)
            turns[slot] = nodes.name(found[column])
        return [*found.values()]

    # --- rows with a count ---

    def _grouped(self) -> list[t.Statement]:
        """`for t, s, c, n in rows`: in each row only the first call may differ."""
        one_call = len(self.loop.body) == 1 and isinstance(self.loop.body[0], Call)
        if not one_call or self.turns is None or self.turns < GROUPED:
            return []
        columns = {id(slot): self._column(slot) for slot in self.open}
        if any(column is None for column in columns.values()):
            return []
        full = {slot: column for slot, column in columns.items() if column is not None}
        heads, tails, groups = _best_groups(full, self.turns)
        if len(groups) > self.turns * 0.7 or all(count == 1 for _, count in groups):
            return []
        words: list[str] = []
        for hint in (*(_hint(slot) for slot in self.open), "depth"):
            words.append(self._word(hint, words, len(full) + 1 >= TABLE))
        depth = words[-1]
        named = {slot: nodes.name(word) for slot, word in zip(full, words, strict=False)}
        body = self.inner(named, words)
        if heads:
            fixed = {slot: value_of(tail) for slot, tail in zip(heads, tails, strict=True)}
            rest = self.inner(named | fixed, words)
            body = [*body, nodes.repeat(nodes.less_one(nodes.name(depth)), rest)]
        else:
            body = [nodes.repeat(nodes.name(depth), body)]
        columns_of = [tuple(column[at] for at, _ in groups) for column in full.values()]
        columns_of.append(tuple(count for _, count in groups))
        return [_over_rows(_as_read(dict(zip(words, columns_of, strict=True)), body), body)]

    def _word(self, hint: str, others: Iterable[str], whole: bool = False) -> str:
        """A name for a column that nothing else has, a `whole` word where there are many."""
        base = SHORT.get(hint, hint)
        taken = {self.counter, *others, *self.values.taken, *self.writer.parameters(self.values)}
        numbered = (f"{base}{number}" for number in count(2))
        words = chain([hint] if whole else [], [base], numbered)
        return next(word for word in words if word not in taken)

    def _column(self, slot: Any) -> tuple[Any, ...] | None:
        """The values of all turns, where they are plain numbers."""
        if isinstance(slot, Listed) and isinstance(slot.expression, Fixed):
            return tuple(slot.expression.value)
        if isinstance(slot, First) and self.turns is not None:
            ends = [slot.head.expression, slot.tail.expression]
            if all(isinstance(end, Fixed) for end in ends):
                head, tail = (end.value for end in ends if isinstance(end, Fixed))
                return (head, *[tail] * (self.turns - 1))
        if isinstance(slot, Steady) and self.turns is not None:
            base = slot.base.expression
            if isinstance(base, Fixed) and isinstance(base.value, int):
                return tuple(base.value + slot.step * turn for turn in range(self.turns))
        return None


def _changing(loop: Loop, values: Values) -> list[Any]:
    """The slots of a body that differ from turn to turn, without those of loops around."""
    found: list[Any] = []
    for slot in slots(loop.body):
        changes = isinstance(slot, First | Steady | Listed)
        if changes and id(slot) not in values.turns and not any(slot is one for one in found):
            found.append(slot)
    return found


def _hint(slot: Any) -> str:
    if isinstance(slot, Hole):
        return slot.hint
    return slot.head.hint if isinstance(slot, First) else slot.base.hint


def _power(base: int, factor: int, counter: t.Expr) -> t.Expr:
    power = t.Power(nodes.NOWHERE, nodes.literal(factor), counter)
    return nodes.product(nodes.literal(base), power)


def _over_rows(table: Mapping[str, tuple[Any, ...]], body: list[t.Statement]) -> t.Statement:
    """`for expand, channels, depth in [[1, 16, 1], ...]`; `table` are its columns by name."""
    rows = zip(*table.values(), strict=True)
    listed = tuple(t.ListOf(nodes.NOWHERE, tuple(map(value_of, row))) for row in rows)
    return nodes.loop([*table], t.ListOf(nodes.NOWHERE, listed), body)


def _as_read(
    table: Mapping[str, tuple[Any, ...]], body: Sequence[t.Node]
) -> dict[str, tuple[Any, ...]]:
    """Columns in the order in which a body reads them."""
    read = [name for name in dict.fromkeys(_names(body)) if name in table]
    return {name: table[name] for name in (*read, *table)}


def _names(nodes_of: Iterable[t.Node]) -> Iterator[str]:
    for node in nodes_of:
        if isinstance(node, t.Name):
            yield node.name
        yield from _names(node.children())


def _best_groups(
    full: Mapping[int, tuple[Any, ...]], turns: int
) -> tuple[list[int], list[Any], list[tuple[int, int]]]:
    """Which columns may differ in the first call of a row, their rest, and the rows."""
    slots = [*full]
    found: list[tuple[int, list[int], list[Any], list[tuple[int, int]]]] = []
    for mask in range(2 ** len(slots)):
        heads = [slot for bit, slot in enumerate(slots) if mask >> bit & 1]
        if len(heads) > 2:
            continue
        tails = [Counter(full[slot]).most_common(1)[0][0] for slot in heads]
        groups = _groups(full, heads, tails, turns)
        cost = len(groups) * (len(slots) + 1) + 3 * len(heads)
        found.append((cost, heads, tails, groups))
    return min(found, key=lambda one: one[0])[1:]


def _groups(
    full: Mapping[int, tuple[Any, ...]], heads: list[int], tails: list[Any], turns: int
) -> list[tuple[int, int]]:
    """Rows as (first turn, number of turns)."""
    found, at = [], 0
    while at < turns:
        end = at + 1
        while end < turns and all(
            full[slot][end] == (tails[heads.index(slot)] if slot in heads else full[slot][at])
            for slot in full
        ):
            end += 1
        found.append((at, end - at))
        at = end
    return found
