"""Blocks that stand as names alone, each structure drawn once beside or under the figure.

Two blocks have one structure when they compute the same up to channels and strides; the drawing
then says what holds for all of them (`varied.py`), and every card its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Sequence
from math import ceil
from typing import Protocol

from cnnspec.draw.block.box import Box
from cnnspec.draw.flow.calls import Span
from cnnspec.draw.flow.cards import CardBody
from cnnspec.draw.flow.explain import Explain, title_of
from cnnspec.draw.flow.held import Held
from cnnspec.draw.flow.insetpage import Inset, Insets
from cnnspec.draw.flow.insides import Insides
from cnnspec.draw.flow.key import fused
from cnnspec.draw.flow.letters import by_cards
from cnnspec.draw.flow.quotient import Vertex
from cnnspec.draw.flow.steps import Flow
from cnnspec.draw.parts.parts import Part

WIDE, HIGH = 300.0, 340.0
"""The most room for one inset."""
_WIDER = _HIGHER = 480.0
"""The same where its blocks stand as names: what is left then has no smaller form."""


class Bodies(Protocol):
    """Who knows what a closed call holds, and the boxes of that."""

    flow: Flow
    insides: Insides
    insets: Insets

    def boxes(self, parts: Iterable[Part]) -> list[Box]:
        """Boxes of the block style's engine."""
        ...


def fill(
    vertices: Iterable[Vertex], bodies: Bodies, explain: Explain, laid: Sequence[Held]
) -> None:
    """One inset for every structure among the named blocks, or among the blocks that these hold.

    `laid` are the insets that are laid out like a figure; they have their names here.
    """
    out, known = bodies.insets, bodies.insides.spans
    cards = [v for v in vertices if v.kind == "card" and v.span and v.span.module]
    aside = {span.path for held in laid for span in held.calls}
    whole: dict[int, list[Span]] = {}
    unseen: set[str] = set()
    for vertex in cards:
        assert vertex.span and vertex.span.module
        if vertex.shares and not vertex.span.module.block:
            continue  # it says whose weights it uses
        if vertex.span.path in aside or explain.whole(vertex.span):
            whole[vertex.index] = [known[path] for path in vertex.members]
        elif runs := explain.runs(vertex.span):
            out.runs[vertex.index] = runs
        else:
            unseen.add(title_of(vertex.span))
    shown = [span for spans in whole.values() for span in spans]
    shown += [span for runs in out.runs.values() for run in runs for span in run.spans]
    others = [span for held in laid for span in held.inner if span.path not in aside]
    shown += [root for span in others for root in explain.roots(span)]
    reached = [span for span in explain.reached(shown) if span.path not in aside]
    _name(reached, bodies, explain, laid, unseen)
    drawn = out.called.keys()
    out.names = {at: out.called[one.path] for at, (one, *_) in whole.items() if one.path in drawn}
    out.runs = {
        at: runs
        for at, runs in out.runs.items()
        if any(run.spans and run.spans[0].path in drawn for run in runs)
    }


def _name(
    shown: Sequence[Span],
    bodies: Bodies,
    explain: Explain,
    laid: Sequence[Held],
    unseen: Collection[str],
) -> None:
    """Name the inset of every block, then make the insets of rows.

    Structures of one block have letters, also where another one is `unseen`: in no inset.
    """
    groups: dict[tuple[str, Hashable], list[Span]] = {(h.block, id(h)): [*h.calls] for h in laid}
    shared: list[tuple[tuple[str, Hashable], Span]] = []
    for span in shown:
        key = (title_of(span), explain.structure(span))
        if bodies.flow.steps[span.first].row.shares:
            shared.append((key, span))
        else:
            groups.setdefault(key, []).append(span)
    for key, span in shared:  # what it prints is said by the call whose weights it uses
        if key not in groups:
            groups[key] = [span]
    several, known = Counter(block for block, _ in groups), Counter[str]()
    called, names = bodies.insets.called, list[str]()
    bodies.insets.lettered += [(held.letters, held.calls) for held in laid]
    for (block, _), members in groups.items():
        known[block] += 1
        letter = several[block] > 1 or block in unseen
        names.append(f"{block} {lettered(known[block])}" if letter else block)
        called.update((span.path, names[-1]) for span in members)
    by_key = dict(zip(groups, names, strict=True))
    called.update((span.path, by_key[key]) for key, span in shared)
    for name, members in [*zip(names, groups.values(), strict=True)][len(laid) :]:
        inset = _inset(name, members, bodies, explain)
        wide, high = (_WIDER, _HIGHER) if explain.nested else (WIDE, HIGH)
        if inset.body.width <= wide and inset.body.height <= high:
            bodies.insets.shown.append(inset)
            if by_cards(inset.letters):
                bodies.insets.lettered.append((inset.letters, inset.calls))
        else:
            for path in [path for path, one in called.items() if one == name]:
                del called[path]


def lettered(number: int) -> str:
    """`a` to `z`, then `aa`."""
    number, last = divmod(number - 1, 26)
    return (lettered(number) if number else "") + chr(97 + last)


def _inset(name: str, members: Sequence[Span], bodies: Bodies, explain: Explain) -> Inset:
    """The block of the first card, with what it prints for all of them."""
    steps, first = bodies.flow.steps, members[0]
    said = explain.varied(members)
    inside = list(range(first.first, first.last + 1))
    shown = Vertex(-1, "card", name, inside, steps[first.last].shape)
    boxes = bodies.boxes(said.parts)
    note = fused(said.parts) if bodies.insets.noted else ""
    body = CardBody(shown, boxes, name, said.captions(boxes, note))
    body.width, body.height = ceil(body.width), ceil(body.height)
    source = steps[steps[first.first].feeds[0]].row.paths[-1]
    return Inset(body, said.parts, source, tuple(members), said.letters, note)
