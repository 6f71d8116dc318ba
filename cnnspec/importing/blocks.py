"""From module calls to blocks: which calls are of one block, and what that block is.

`fold` finds runs and parameters, from the innermost classes outwards.  `flat` has one block for
each kind of call that is equal to the last number: longer, and always faithful.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from cnnspec.importing.errors import refuse
from cnnspec.importing.holes import ANY, Param, Template, parts
from cnnspec.importing.infer import infer
from cnnspec.importing.items import Call, Case, Fork, Item, Key, Leaf, Loop, Run, everything
from cnnspec.importing.naming import name_params
from cnnspec.importing.runs import COUNTED, alike, fold, forced, without_number
from cnnspec.importing.structure import structure, structure_net
from cnnspec.importing.trace import Scope, Trace, relative, scopes
from cnnspec.importing.unify import Unifier, layers, outline
from cnnspec.importing.units import Units

Blocks = dict[Key, Template]
Named = Sequence[Trace]
"""Models that are written into one file."""


def root_key(name: str) -> Key:
    """The key of a net."""
    return (f"net {name}",)


def is_root(key: Key) -> bool:
    """Whether a key is that of a net."""
    return len(key) == 1 and key[0].startswith("net ")


# --- one block for each kind of call ------------------------------------------------------------


def flat(traces: Named) -> Blocks:
    """Blocks without parameters, the innermost first; a net is the last of its own."""
    found: Blocks = {}
    seen: dict[Any, Key] = {}
    keys: dict[Scope, Key] = {}
    for trace in traces:
        for scope in scopes(trace.root):
            items = _items(trace, scope)
            for call in _calls(items):
                assert call.scope is not None
                call.key = keys[call.scope]
            signature = (scope.kind, scope.numbered, *(alike(item, True) for item in items))
            signature = (*signature, tuple(_labels(items)))
            new = root_key(trace.name) if scope.parent is None else (f"{trace.name} {scope.path}",)
            key = seen.setdefault((signature, scope.parent is None and trace.name), new)
            keys[scope] = key
            if key in found:
                found[key].calls += 1
            else:
                made = Template(key, _name(scope, ()), scope.numbered, items, doc=scope.doc)
                made.nets = (trace,) if scope.parent is None else ()
                found[key] = made
    return found


def _labels(items: list[Item]) -> list[str]:
    return [item.label for item in everything(items) if isinstance(item, Leaf | Call)]


# --- one block for each class -------------------------------------------------------------------


def folded(traces: Named, family: str = "") -> Blocks:
    """Blocks with loops and parameters, the innermost first; nets are the last.

    With a name of a `family` all models are one net with parameters.
    """
    split: set[Key] = set()
    while True:
        builder = _Builder(traces, family, frozenset(split))
        again = builder.run()
        if again is None:
            return builder.found
        split.add(again)


class _Builder:
    def __init__(self, traces: Named, family: str, split: frozenset[Key]) -> None:
        self.traces, self.family, self.split = traces, family, split
        self.found: Blocks = {}
        self.args: dict[Scope, dict[str, Any]] = {}
        self.keys: dict[Scope, Key] = {}
        self.members: dict[Key, list[Scope]] = {}
        self.trace = {scope: trace for trace in traces for scope in scopes(trace.root)}
        self.units = Units(self.found)
        self.levels = _levels(self.trace)

    def run(self) -> Key | None:
        """Make every block; a key whose calls are to be told apart first, if there is one."""
        if self.family:
            self.units.find(self.trace)
        for scope in [*self.trace][::-1]:
            self.keys[scope] = self._key(scope)
        for scope in self.trace:
            self.members.setdefault(self.keys[scope], []).append(scope)
        for key in self._order():
            if (again := self._block(key)) is not None:
                return again
        return None

    # --- keys ---

    def _key(self, scope: Scope) -> Key:
        """The class; of an nn.Sequential its place in the block around it."""
        if scope.parent is None:
            return root_key(self.family or self.trace[scope].name)
        if scope.kind:
            level = self.levels.get(scope.kind, {}).get(scope, 0)
            kind = f"{scope.kind}{COUNTED}{level}" if level else scope.kind
            return (kind, scope.path) if (kind,) in self.split else (kind,)
        around = self.keys[scope.parent]
        label = relative(scope.path, scope.parent.path)
        if scope.parent.numbered:
            return (*around, f"#{self._content(scope)}")
        key = (*around, without_number(label) or "#")
        return (*around, label) if key in self.split else key

    def _content(self, scope: Scope) -> str:
        """What kinds of members an nn.Sequential in another has."""
        inner = {self.units.kind(one) for one in scope.body if isinstance(one, Scope)}
        return "+".join(sorted(inner)) if inner else "ops"

    def _order(self) -> list[Key]:
        """Keys, each behind those that its members call."""
        heights: dict[Scope, int] = {}
        for scope in self.trace:
            inner = [heights[one] for one in scope.body if isinstance(one, Scope)]
            heights[scope] = 1 + max(inner, default=0)
        highest = {key: max(heights[s] for s in found) for key, found in self.members.items()}
        return sorted(self.members, key=lambda key: highest[key])

    # --- blocks ---

    def _block(self, key: Key) -> Key | None:
        members = self.members[key]
        unifier = Unifier(lambda called: self.found[called].params)
        items = unifier.lists([*range(len(members))], self._rows(members))
        arriving = [scope.inputs[0].shape[0] if scope.inputs else 0 for scope in members]
        if is_root(key[:1]) and self.family and any(map(_other_net, everything(items))):
            raise refuse("models that are no family: their layers differ")
        params = infer(items, arriving, self._optional(key, members))
        if self._wants_split(key, members, items, params):
            return key
        name_params(params, items, arriving)
        template = Template(key, _name(members[0], key), members[0].numbered, items, params)
        template.calls, template.doc = self._calls(members), members[0].doc
        template.nets = tuple(self.traces_of(members)) if is_root(key) else ()
        _defaults(params, len(members))
        params.sort(key=lambda param: param.default is not ANY)
        self.found[key] = template
        for place, scope in enumerate(members):
            self.args[scope] = {p.name: ANY if place in p.free else p.values[place] for p in params}
        return None

    def traces_of(self, members: list[Scope]) -> list[Trace]:
        """The models that members are of."""
        return [self.trace[scope] for scope in members]

    def _calls(self, members: list[Scope]) -> int:
        """How many of the members are in one model, at most."""
        return max(Counter(map(id, self.traces_of(members))).values())

    def _optional(self, key: Key, members: list[Scope]) -> bool:
        """Whether these are a part of a block that not all of its calls have."""
        parent = members[0].parent
        return (
            len(key) > 1
            and parent is not None
            and len(members) < len(self.members[self.keys[parent]])
        )

    def _rows(self, members: list[Scope]) -> list[list[Item]]:
        """The items of each member, all folded alike or none."""
        rows = [fold(self._items(scope), self._calls(members) == 1) for scope in members]
        if len(members) > 1 and len({_runs_in(row) for row in rows}) > 1:
            rows = [fold(self._items(scope), False, labelled=False) for scope in members]
            tried = [forced(row) for row in rows]
            alike_now = len({tuple(map(_brief, row)) for row in tried}) == 1
            if len({len(row) for row in rows}) > 1 and alike_now:
                rows = tried
        return _single_runs(rows)

    def _items(self, scope: Scope) -> list[Item]:
        items = _items(self.trace[scope], scope)
        for call in _calls(items):
            assert call.scope is not None
            key = self.keys[call.scope]
            call.key, call.args = self.units.call(key, self.args[call.scope])
        return items

    def _wants_split(
        self, key: Key, members: list[Scope], items: list[Item], params: list[Param]
    ) -> bool:
        """Whether calls have too little in common to be one block."""
        if len(members) == 1 or key in self.split or is_root(key):
            return False
        if len(key) > 1:
            parent = members[0].parent
            ends = {scope.path.rsplit(".", 1)[-1] for scope in members}
            unexplained = any(param.kind == "bool" and param.hint != "act" for param in params)
            return unexplained and len(ends) > 1 and parent is not None and not parent.numbered
        return _nothing_common(items)


def _levels(every: Iterable[Scope]) -> dict[str, dict[Scope, int]]:
    """For classes that call themselves, as a tree does: how deep each call goes down in it."""
    found: dict[str, dict[Scope, int]] = {}
    for scope in every:  # the innermost first
        outer = scope.parent
        while scope.kind and outer is not None:
            if outer.kind == scope.kind:
                levels = found.setdefault(scope.kind, {})
                levels[outer] = max(levels.get(outer, 0), levels.get(scope, 0) + 1)
                break
            outer = outer.parent
    return found


def _items(trace: Trace, scope: Scope) -> list[Item]:
    return structure(scope, trace.order) if scope.parent is not None else structure_net(trace)


def _calls(items: list[Item]) -> list[Call]:
    return [item for item in everything(items) if isinstance(item, Call)]


def _runs_in(items: Sequence[Item]) -> tuple[Any, ...]:
    """Where labelled runs stand in items."""
    found: list[Any] = []
    for item in items:
        if isinstance(item, Fork):
            found.append(tuple(_runs_in(arm) for arm in item.arms))
        else:
            found.append(isinstance(item, Run) and item.start is not None)
    return tuple(found)


def _brief(item: Item) -> tuple[Any, ...]:
    if isinstance(item, Run):
        return ("run", tuple(alike(one, False)[:2] for one in item.turns[0]))
    return alike(item, False)[:2]


def _single_runs(rows: list[list[Item]]) -> list[list[Item]]:
    """A single call beside runs of the same block is a run of one."""
    kinds = {
        alike(run.turns[0][0], False)[:2]
        for row in rows
        for run in row
        if isinstance(run, Run) and run.start is None and len(run.turns[0]) == 1
        and isinstance(run.turns[0][0], Call)
    }  # fmt: skip
    return [
        [
            Run([[item]])
            if isinstance(item, Call) and not item.label and alike(item, False)[:2] in kinds
            else item
            for item in row
        ]
        for row in rows
    ]


def _nothing_common(items: list[Item]) -> bool:
    """Whether every item is one that some calls have and the others do not."""
    if not items:
        return False
    for item in items:
        if isinstance(item, Loop):
            if not _nothing_common(item.body):
                return False
        elif not (isinstance(item, Case) and item.other and not _shared_call(item)):
            return False
    return True


def _other_net(item: Item) -> bool:
    """Whether some models have a part where others have another."""
    return isinstance(item, Case) and bool(item.other) and not _shared_call(item)


def _shared_call(case: Case) -> bool:
    """Whether a layer with weights or numbers is the same in both branches."""
    then, other = (layers(side) for side in (case.then, case.other))
    return any(_same_layer(a, b) for a in then for b in other)


def _same_layer(a: Leaf | Call, b: Leaf | Call) -> bool:
    if outline(a) != outline(b) or not (a.args or isinstance(a, Call)):
        return False
    return all(
        x is y
        for name, slot in a.args.items()
        for x, y in zip(parts(slot), parts(b.args[name]), strict=True)
    )


def _defaults(params: list[Param], calls: int) -> None:
    """A value that most calls have is a default, for what a reader expects to have one."""
    for param in params:
        usual = param.kind == "bool" or param.hint in ("groups", "act", "dilation", "pad")
        often = sum(value == param.common for value in param.values.values())
        if not usual or often * 2 < calls:
            param.default = ANY
        else:
            param.default = param.common


def _name(scope: Scope, key: Key) -> str:
    """A name for a block: of the class, or of what an nn.Sequential is for."""
    if scope.parent is None or scope.kind:
        return scope.kind.rsplit(".", 1)[-1]
    around = scope.parent
    while not around.kind and around.parent is not None:
        around = around.parent
    label = re.sub(r"\W+", "_", relative(scope.path, around.path)).strip("_")
    outer = around.kind.rsplit(".", 1)[-1] if around.parent is not None else ""
    return f"{outer}_{re.sub(r'_?[0-9]+$', '', label)}".strip("_") or "stage"
