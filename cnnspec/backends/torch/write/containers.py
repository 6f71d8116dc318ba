"""Chains: what fills an nn.Sequential, as attributes, by `append`, or from a list or dict."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.flow import Name, Words
from cnnspec.backends.torch.program.items import (
    AssignItem,
    ContainerItem,
    IfItem,
    Item,
    LayerItem,
    LoopItem,
    Plain,
    has_state,
    is_plain,
)
from cnnspec.backends.torch.python.names import identifier, safe
from cnnspec.backends.torch.python.symbols import Binary, Code, Var
from cnnspec.backends.torch.python.writing import write
from cnnspec.backends.torch.write.expressions import Expressions, is_fresh
from cnnspec.backends.torch.write.model import Line, Statement, Suite
from cnnspec.backends.torch.write.refs import Tree, is_dotted, is_list, is_parameter

Put = Callable[[Sequence[Plain]], list[Statement]]
"""Writes a row of layers in the way of its container."""


class Containers(Expressions):
    """Writes chains."""

    def chain(self, items: Sequence[Item], put: Put) -> list[Statement]:
        """The statements of a chain, its layers written by `put`."""
        found: list[Statement] = []
        for plain, group in groupby(items, is_plain):
            row = list(group)
            if plain:
                found += put([item for item in row if is_plain(item)])
            else:
                for item in row:
                    found += self.control(item, put)
        return found

    def control(self, item: Item, put: Put) -> list[Statement]:
        """An assignment, loop or conditional between layers."""
        if isinstance(item, AssignItem):
            return [assignment(item)]
        if isinstance(item, LoopItem):
            return [Suite(f"{item.head}:", self.chain(item.items, put))]
        assert isinstance(item, IfItem)  # forks, taps and outputs make a class with a `forward`
        return list(self.conditional(item, put))

    def conditional(self, item: IfItem, put: Put) -> Iterator[Statement]:
        """`if`, `elif`, `else` around layers."""
        word = "if"
        for condition, items in item.arms:
            head = "else:" if condition is None else f"{word} {write(condition)}:"
            yield Suite(head, self.chain(items, put))
            word = "elif"

    def attributes(self, items: Sequence[Plain]) -> list[Statement]:
        """`self.norm = ...`, one line a layer."""
        found: list[Statement] = []
        before: Item | None = None
        for item in items:
            if (pad := padded(item)) and item.name.fixed is not None:
                found.append(Line(self.refs.written(Name((f"{item.name.fixed}_pad",)), pad)))
            found += self.attribute(item, before)
            before = item
        return found

    def attribute(self, item: Plain, before: Item | None = None) -> list[Statement]:
        """One attribute."""
        if isinstance(item, ContainerItem) and not item.listed:
            return self.built(item)
        text = self.expression(item, inplace=is_fresh(before))
        if not is_dotted(item):
            written = self.refs.parameter if is_parameter(item) else self.refs.written
            return [Line(written(item.name, text))]
        words = tuple((item.name.fixed or "").split("."))
        if is_parameter(item):
            return self.held_parameter(item, words, text)
        if words[0] not in self.refs.filled:
            return self.holder(words[0]) if self.refs.first[words[0]] == id(item) else []
        if not has_state(item) and words[0] in self.refs.keeping:
            what = "where a condition fills a container, a layer without tensors has no place"
            raise BackendError(what, item.span)
        made = [s for end in range(1, len(words)) for s in self.emptied(words[:end])]
        return [*made, Line(self.refs.written(item.name, text))]

    def held_parameter(self, item: Plain, words: Words, text: str) -> list[Statement]:
        """A parameter of a container that dotted labels make, behind the container itself."""
        if words[0] in self.refs.filled:
            made = [s for end in range(1, len(words)) for s in self.emptied(words[:end])]
        else:
            made = self.holder(words[0])
        return [*made, Line(self.refs.parameter(item.name, text))]

    def holder(self, word: str) -> list[Statement]:
        """The container of dotted labels, where the first of them stands."""
        if (word,) in self.refs.held:
            return []
        self.refs.held.add((word,))
        return [Line(f"{self.refs.root(word)} = {self.held_in(self.refs.holders[word])}")]

    def emptied(self, words: Words) -> list[Statement]:
        """A container that a condition fills, made where the first layer in it stands."""
        refs = self.refs
        if words in refs.held:
            return []
        refs.held.add(words)
        line = Line(refs.emptied(words))
        return [Suite(refs.absent(words), [line])] if words in refs.maybe else [line]

    def held_in(self, level: Plain | Tree) -> str:
        """`nn.ModuleList([...])`, or a dict where the words are no numbers."""
        if not isinstance(level, dict):
            return self.expression(level)
        if not level:
            return "nn.ModuleDict()"
        parts = {word: self.held_in(inner) for word, inner in level.items()}
        if is_list(level):
            return f"nn.ModuleList([{', '.join(parts.values())}])"
        entries = ", ".join(f'"{word}": {text}' for word, text in parts.items())
        return f"nn.ModuleDict({{{entries}}})"

    def appended(self, items: Sequence[Plain]) -> list[Statement]:
        """`self.append(...)`."""
        return [Line(f"self.append({text})") for text in self.row(items)]

    def built(self, item: ContainerItem) -> list[Statement]:
        """A list or dict of layers, then `self.features = nn.Sequential(...)` of it."""
        fixed = item.name.fixed or ""
        word = identifier(fixed)
        name = safe(f"layer{word}" if self.refs.numbered or not word.isidentifier() else word)
        while name in self.reserved:
            name += "_"
        lead = list(_leading(item.items))
        texts = self.row(lead, item)
        rest = item.items[len(lead) :]
        if item.seq:
            first = Line(f"{name}: list[nn.Module] = [{', '.join(texts)}]")
            body = self.chain(rest, self._adding(name, item))
            made = f"nn.Sequential(*{name})"
        else:
            pairs = [pair for n, x in enumerate(lead) for pair in entries_of(x, texts[n])]
            entries = "".join(f"{word}: {text}, " for word, text in pairs).rstrip()
            first = Line(f"{name}: dict[str, nn.Module] = {{{entries}}}")
            body = self.chain(rest, self._setting(name, item))
            made = f"nn.Sequential(OrderedDict({name}))"
        return [first, *body, Line(self.refs.written(item.name, made))]

    def _adding(self, name: str, within: ContainerItem) -> Put:
        def put(items: Sequence[Plain]) -> list[Statement]:
            return [Line(f"{name} += [{', '.join(self.row(items, within))}]")]

        return put

    def _setting(self, name: str, within: ContainerItem) -> Put:
        def put(items: Sequence[Plain]) -> list[Statement]:
            row = self.row(items, within)
            pairs = [pair for n, item in enumerate(items) for pair in entries_of(item, row[n])]
            return [Line(f"{name}[{word}] = {text}") for word, text in pairs]

        return put

    def passed(self, items: Sequence[Item]) -> list[Statement] | None:
        """`super().__init__(...)` of a numbered chain, where every child can stand in it."""
        words: list[str] = []
        before: Item | None = None
        for item in items:
            if is_plain(item):
                words.append(self.expression(item, inplace=self.closed and is_fresh(before)))
            elif isinstance(item, LoopItem) and len(item.items) == 1 and is_plain(item.items[0]):
                words.append(f"*({self.expression(item.items[0])} {item.head})")
            else:
                return None
            before = item
        return [Line(f"super().__init__({', '.join(words)},)")] if words else None


def entries_of(item: Plain, text: str) -> list[tuple[str, str]]:
    """The entries of a dict for one layer: before it the padding that it cannot do itself."""
    word, pad = item.name.code(), padded(item)
    return [(f'{word[:-1]}_pad"', pad), (word, text)] if pad else [(word, text)]


def padded(item: Item) -> str:
    """`nn.ZeroPad2d(...)` for a layer with unequal padding, which its own argument cannot say."""
    if not isinstance(item, LayerItem) or item.form.pad is None:
        return ""
    top, bottom, left, right = item.form.pad
    return f"nn.ZeroPad2d({write((left, right, top, bottom))})"


def assignment(item: AssignItem) -> Line:
    """`stem = 2 * growth`, `in_channels += growth`."""
    value: Code = item.value
    if isinstance(value, Binary) and value.left == Var(item.target) and value.sign in _AUGMENTED:
        return Line(f"{item.target} {value.sign}= {write(value.right)}")
    return Line(f"{item.target} = {write(value)}", local=item.target)


_AUGMENTED = ("+", "-", "*", "//", "%")


def _leading(items: Sequence[Item]) -> Iterator[Plain]:
    """The layers before the first loop, condition or assignment."""
    for item in items:
        if not is_plain(item):
            return
        yield item
