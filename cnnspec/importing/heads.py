"""Further outputs: what belongs to a head goes into it, and every output gets a name of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from cnnspec.importing.flow import consumers, remove
from cnnspec.importing.items import Call, Head, Item, Leaf, Tap, everything
from cnnspec.importing.trace import Scope, Step, Trace, Value
from cnnspec.syntax.words import MODULE_ATTRIBUTES, RESERVED


def absorb(trace: Trace) -> None:
    """Ops without weights behind the module of a head become its last: an enlarged map, say.

    Where one head needs it, all of its class do.
    """
    if len(trace.outputs) < 2:
        return
    tails = {name: _tail(trace, value) for name, value in trace.outputs.items()}
    wanted = {s.kind for name, (s, _) in tails.items() if s is not None and name != trace.main}
    for scope, tail in tails.values():
        if scope is not None and tail and scope.kind in wanted:
            for step in tail:
                _move(step, scope)


def _tail(trace: Trace, value: Value) -> tuple[Scope | None, list[Step]]:
    """The module that an output comes from, and the ops in the net itself that follow it."""
    readers = consumers(trace.root)
    found: list[Step] = []
    while (step := value.maker) is not None and step.scope is trace.root:
        if (
            step.stateful
            or step.shares
            or len(step.inputs) != 1
            or len(readers.get(value, [])) > (1 if found else 0)
        ):
            return None, []
        found.append(step)
        value = step.inputs[0]
    scope = value.maker.scope if value.maker else None
    while scope is not None and scope.parent is not trace.root:
        scope = scope.parent
    return scope, found[::-1]


def _move(step: Step, scope: Scope) -> None:
    remove(step)
    step.path = f"{scope.path}.{len(scope.body)}" if scope.numbered else ""
    step.scope = scope
    scope.body.append(step)


def placed(
    main: list[Item], heads: Sequence[Head], end: Tap, order: Mapping[str, int]
) -> list[Item]:
    """The items of the net with its heads: what is more than one layer stands in the flow, behind.

    A head of one module stands where the model registers it; `order` is the place of each module's
    first tensor.  A flow that left for a head comes back to `end`, what the net's own output is.
    """
    taken = {item.label for item in everything(main) if isinstance(item, Leaf | Call)}
    found, simple = [*main], []
    for head in heads:
        if not head.items or _one_module(head.items):
            head.name = head.name if head.items else _free(head.name, taken)
            simple.append(head)
            continue
        last = _member(head.items[-1])
        found += [
            head.tap,
            *head.items,
            Head(head.kind, _free(head.name, taken), Tap(last, last.path), []),
        ]
    items = found[: len(main)]
    for head in simple:
        items.insert(_registered(head, items, order), head)
    ends = items[-1]
    left = len(found) > len(main) or (isinstance(ends, Head) and ends.kind == "output")
    back = [end] if left else []  # or the last statement would be an output, and no logits
    return [*items, *found[len(main) :], *back]


def _registered(head: Head, items: Sequence[Item], order: Mapping[str, int]) -> int:
    """Where a head stands: behind what its model registers before it, and what it reads."""
    own = _first([head], order)
    place = 0
    for behind, item in enumerate(items, 1):
        first = _first([item], order)
        reads = not isinstance(item, Head) and _member_of(item) is head.tap.target
        if reads or (first is not None and (own is None or first < own)):
            place = behind
    return place if own is not None and place else len(items)


def _first(items: list[Item], order: Mapping[str, int]) -> int | None:
    """The place of the first tensor of items in the state_dict."""
    members = [_member_of(item) for item in everything(items)]
    paths = [one.path for one in members if one is not None and one.path]
    return min((order[path] for path in paths if path in order), default=None)


def _member_of(item: Item) -> Step | Scope | None:
    return getattr(item, "scope", None) or getattr(item, "step", None)


def _one_module(items: list[Item]) -> bool:
    """Whether a head is one module, whose name the output then has."""
    first = items[0]
    named = isinstance(first, Call | Leaf) and bool(first.label) and "." not in first.label
    return len(items) == 1 and named


def _member(item: Item) -> Step | Scope:
    member = getattr(item, "scope", None) or getattr(item, "step", None)
    assert isinstance(member, Step | Scope)
    return member


def _free(name: str, taken: set[str]) -> str:
    """A name for an output that no layer has."""
    word = re.sub(r"\W", "_", name, flags=re.ASCII).strip("_")
    word = word if word[:1].isalpha() else f"out{word}"
    while word in taken or word in RESERVED or word in MODULE_ATTRIBUTES or word == "logits":
        word = f"{word}_out"
    taken.add(word)
    return word
