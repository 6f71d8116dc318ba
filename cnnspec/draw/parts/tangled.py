"""A body whose flow goes back, as one line of parts: every part says what feeds it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

from cnnspec.draw.parts.parts import Band, Chain, Feed, Frame, Mark, Part, Row, Split, walk
from cnnspec.draw.parts.paths import paths_in
from cnnspec.draw.parts.rows import Token
from cnnspec.draw.parts.taps import Flows, leaving
from cnnspec.ir import Branch, Call, Fork, Group, Item, Tap
from cnnspec.values import Shape

_ENTRY = ""
"""Stands for what flows into the body."""


class Makes(Protocol):
    """What makes the parts of the bodies inside: bodies nest, so it and the chain take turns."""

    flows: Flows

    def tokens(self, items: tuple[Item, ...], prefix: str, *, outer: bool) -> Iterator[Token]:
        """The layers, with their paths, and the parts of a body at `prefix`, in order."""

    def fused(self, tokens: list[Token]) -> list[Part]:
        """Neighbouring layers as rows."""

    def head(self, branch: Branch, prefix: str, at: str) -> None:
        """Put a head aside that leaves from the layer at the path `at`."""

    def shape(self, path: str) -> Shape:
        """What the layer or input at a path gives."""

    def whole(self, prefix: str) -> bool:
        """Whether the body at `prefix` is all that the figure shows."""


@dataclass(slots=True)
class _Run:
    """Tokens that follow each other, and the layers that feed the first."""

    sources: tuple[str, ...]
    tokens: list[Token] = field(default_factory=list)
    end: str = ""


class Chainer:
    """Walks a body in order of execution and notes where the flow stands."""

    def __init__(self, builder: Makes, prefix: str, entry: str, *, outer: bool) -> None:
        self.builder, self.flows, self.outer = builder, builder.flows, outer
        self.entry, self.root = entry, prefix
        self.runs: list[_Run] = []
        self.at = _ENTRY

    def chain(self, items: tuple[Item, ...]) -> tuple[Part, ...]:
        """The parts of the body; those before the first wire that goes back stand free."""
        self.flow(items, self.root)
        if not self.runs or self.runs[-1].end != self.at:
            self.add((self.at,), [Mark("", "", (), "end")], self.at)
        return _cut(*self.joined())

    def flow(self, items: tuple[Item, ...], prefix: str) -> None:
        """Walk a body: items that go straight on become one run, a tap or a join begins another."""
        plain: list[Item] = []
        for item in items:
            if not self.flows.tangled((item,), prefix) and not isinstance(item, Branch):
                plain.append(item)
                continue
            self.plain(tuple(plain), prefix)
            plain = []
            self.item(item, prefix)
        self.plain(tuple(plain), prefix)

    def plain(self, items: tuple[Item, ...], prefix: str) -> None:
        """Items that follow each other and need no wire of their own."""
        tokens = list(self.builder.tokens(items, prefix, outer=self.outer))
        if tokens:
            self.add((self.at,), tokens, self.end(tokens[-1]))

    def end(self, token: Token) -> str:
        """The path of the layer that gives what leaves a token."""
        match token:
            case (_, str(path)):
                return path
            case Row():
                return token.paths[-1]
            case Split():
                return token.join.paths[-1]
            case Frame() | Band():
                last = token.last if isinstance(token, Frame) else token.path
                return self.flows.end(paths_in(last)[-1])
        return self.at

    def add(self, sources: tuple[str, ...], tokens: list[Token], end: str) -> None:
        """Put tokens on the line, behind the last ones where those feed them alone."""
        if self.runs and sources == (self.runs[-1].end,) and not self.fresh(tokens):
            self.runs[-1].tokens += tokens
        else:
            self.runs.append(_Run(sources, list(tokens)))
        self.runs[-1].end = self.at = end

    def fresh(self, tokens: list[Token]) -> bool:
        """Whether they begin a row of their own: behind a layer that something else reads."""
        return isinstance(tokens[0], Mark) or self.runs[-1].end in self.flows.exposed

    def item(self, item: Item, prefix: str) -> None:
        """Walk an item whose flow goes back somewhere."""
        match item:
            case Tap():
                self.at = self.flows.source(prefix, item)
            case Call():
                self.flow(item.module.items, f"{prefix}{item.name}.")
            case Group():
                self.flow(item.items, prefix)
            case Fork():
                self.fork(item, prefix)
            case Branch():
                self.branch(item, prefix)

    def fork(self, fork: Fork, prefix: str) -> None:
        """The arms after each other, then the join."""
        start, ends = self.at, list[str]()
        for arm in fork.arms:
            self.at = start
            self.flow(arm, prefix)
            ends.append(self.at)
        path = prefix + fork.join.name
        self.runs.append(_Run(tuple(ends), [(fork.join, path)], path))
        self.at = path

    def branch(self, branch: Branch, prefix: str) -> None:
        """A head stands aside, or on the line where its own flow goes back."""
        if not self.flows.tangled(leaving(branch), prefix):
            self.builder.head(branch, prefix, self.at)
            return
        start = self.at
        self.flow(branch.items, prefix)
        said = "training only" if branch.kind == "aux" else "output"
        mark = Mark(branch.name, f"{said}: {branch.name}", branch.shape, branch.kind)
        self.runs.append(_Run((self.at,), [mark], prefix + branch.name))
        self.at = start

    def joined(self) -> tuple[list[Part], list[tuple[Feed, ...]]]:
        """All parts in order with what feeds them; sources that are not there get a mark."""
        parts: list[Part] = []
        feeds: list[tuple[Feed, ...]] = []
        places = _Places(self)
        for run in self.runs:
            missing = [s for s in run.sources if places.find(s) is None]
            for path in dict.fromkeys(missing):
                parts.append(Mark(path, path, self.builder.shape(path), "input"))
                feeds.append(())
                places.add(parts[-1], len(parts) - 1)
            found = tuple(f for s in run.sources if (f := places.find(s)) is not None)
            for index, part in enumerate(self.builder.fused(run.tokens)):
                before = Feed(len(parts) - 1, "")
                parts.append(_shown(part, self.root))
                feeds.append((before,) if index else found)
                places.add(parts[-1], len(parts) - 1)
        return parts, feeds


class _Places:
    """Which part of a chain the layer at a path stands in."""

    def __init__(self, chainer: Chainer) -> None:
        self.chainer = chainer
        self.at: dict[str, Feed] = {}

    def add(self, part: Part, index: int) -> None:
        """A further part of the chain, and all that it shows or stands for."""
        if isinstance(part, Mark):
            self.at.update({part.name: Feed(index, part.name)} if part.kind == "input" else {})
            return
        end = self.chainer.end(part)
        for inner in walk((part,)):
            if isinstance(inner, Frame) and " " not in inner.path:
                self.at.update(dict.fromkeys((inner.path, inner.last), Feed(index, "")))
        for row in (inner for inner in walk((part,)) if isinstance(inner, Row)):
            self.at.update({path: Feed(index, path, path == end) for path in row.paths})

    def find(self, path: str) -> Feed | None:
        """The part that holds a layer, or that has a frame which stands for it."""
        own = self.chainer
        if path == _ENTRY or (path == own.entry and own.builder.whole(own.root)):
            return Feed(-1, path)
        if path in self.at:
            return self.at[path]._replace(path=path)
        names = path.split(".")
        around = (".".join(names[:depth]) for depth in range(len(names) - 1, 0, -1))
        found = next((self.at[name] for name in around if name in self.at), None)
        return found and Feed(found.at, path)


def _shown(part: Part, root: str) -> Part:
    """A stage on the line is a frame round its blocks, a row in braces has its whole name."""
    if isinstance(part, Row) and part.name == part.layer.name:
        return replace(part, name=part.paths[max(part.main, 0)].removeprefix(root))
    if isinstance(part, Band):
        return Frame(part.name, part.path, part.path, part.parts, part.shape)
    return part


def _cut(parts: list[Part], feeds: list[tuple[Feed, ...]]) -> tuple[Part, ...]:
    """The chain from the first part that a far wire leaves to the last that one enters.

    Frames stand in it too, so that all are of one width.
    """
    far = [
        (feed.at, index)
        for index, found in enumerate(feeds)
        for feed in found
        if feed.at != index - 1 or not feed.whole or len(found) > 1
    ]
    far += [(index - 1, index) for index, found in enumerate(feeds) if not found]
    if not far:
        return tuple(parts)
    frames = [index for index, part in enumerate(parts) if isinstance(part, Frame)]
    low = max(min([*frames, *(at for at, _ in far)]), 0)
    high = max([*frames, *(index for _, index in far)])
    moved = tuple(tuple(_from(feed, low) for feed in found) for found in feeds[low : high + 1])
    inner = tuple(parts[low : high + 1])
    return (*parts[:low], Chain(inner, moved, _shape(inner, moved)), *parts[high + 1 :])


def _shape(parts: tuple[Part, ...], feeds: tuple[tuple[Feed, ...], ...]) -> Shape:
    """What leaves a chain."""
    last, fed = parts[-1], feeds[-1]
    if isinstance(last, Mark) and last.kind == "end" and fed and fed[0].at >= 0:
        return parts[fed[0].at].shape
    return last.shape


def _from(feed: Feed, low: int) -> Feed:
    """The feed with its part counted from `low`."""
    return feed._replace(at=max(feed.at - low, -1))
