"""How the layers of `forward` nest, as people nest them: conv, norm and activation in one line.

A line ends after an activation, pool, dropout, flatten, block or fork.  Before a convolution a norm
and its activation stay open, so that pre-activation reads `self.conv1(F.relu(self.norm1(x)))`.
"""

from __future__ import annotations

from cnnspec.backends.torch.program.attributes import needs_attribute
from cnnspec.backends.torch.program.flow import Flow, Name, Words
from cnnspec.backends.torch.program.items import LayerItem
from cnnspec.backends.torch.write.stream import Lines, Stream, brief
from cnnspec.ir import PLACES
from cnnspec.nesting import FRESH, nests, stays_open
from cnnspec.values import Padding

AND = "\1"
"""Parts the names of concatenated arms until the docstring is written."""


class Nesting(Lines):
    """Writes one op into the open expression, or on a line of its own."""

    def applied(self, stream: Stream, function: str, kind: str, words: str, after: Flow) -> None:
        """Put the stream through an attribute."""
        stream.text = f"{function}({stream.text})"
        stream.last, stream.words, stream.flow = kind, words, after

    def layer(self, item: LayerItem, stream: Stream) -> None:
        """One op: an attribute's call or a function; where the line ends is decided here."""
        if item.head:
            return
        kind = item.op.kind
        attribute = needs_attribute(item)
        if item.op.identity and not attribute:
            if alias := self.alias(item.name.fixed):
                self.flush(stream, alias)
            return
        nesting = nests(kind, attribute=attribute)
        if not stream.bare and not (nesting and self.stays_open(stream, kind)):
            self.flush(stream)
        inplace = item.form.inplace and stream.last in FRESH
        if item.form.pad is not None:
            stream.text = padding(item.form.pad, stream.text)
        if item.form.own:
            self.multiplied(item, item.name, stream, item.after)
        elif attribute:
            self.applied(stream, self.refs.read(item.name), kind, spoken(item.name), item.after)
        else:
            self.function(item, stream, kind, inplace)
        if kind in ("conv", "linear"):
            stream.heavy = True
        if item.places:
            self.placed(tuple((item.name.fixed or "").split(".")), stream)
        self.end_line(item, stream, nesting)

    def multiplied(self, item: LayerItem, name: Name, stream: Stream, after: Flow) -> None:
        """Put the stream through a parameter of the module itself."""
        own = self.refs.read_parameter(name)
        stream.text = item.form.own.format(own=own, x=stream.text)
        stream.last, stream.words, stream.flow = item.op.kind, spoken(name), after

    def placed(self, path: Words, stream: Stream) -> None:
        """The line of a pool that gives the places of its maxima too."""
        places = (*path, PLACES)
        name = self.kept_in(places) if places in self.tapped else "_"
        self.line(f"{stream.var}, {name}", stream)
        stream.text, stream.last, stream.heavy, stream.flow = stream.var, "", False, None

    def stays_open(self, stream: Stream, kind: str) -> bool:
        """Whether the next layer nests around the open expression."""
        functions = "F." in stream.text
        return stays_open(kind, stream.last, heavy=stream.heavy, functions=functions)

    def function(self, item: LayerItem, stream: Stream, kind: str, inplace: bool) -> None:
        """An op as a call of a function, `F.relu(...)`, around the open expression."""
        text = item.form.function.format(stream.text, x=stream.text)
        if inplace:
            text = f"{text[:-1]}, inplace=True)"
        words = brief(f"{item.op.name}({stream.words.replace(AND, ', ')})")
        stream.text, stream.last, stream.words = text, kind, words
        stream.flow = item.after

    def end_line(self, item: LayerItem, stream: Stream, nests: bool) -> None:
        """Close the line where its rule says so, or a tap needs the value."""
        alias = self.alias(item.name.fixed)
        if alias:
            self.flush(stream, alias)
        elif not nests and not item.places:
            stream.last = stream.last or "other"


def spoken(name: Name) -> str:
    """What a docstring calls a layer."""
    return f"layer {name.text}" if name.text[:1].isdigit() else name.text


def padding(pad: Padding | None, text: str) -> str:
    """A map with zeros around it, in the order of F.pad."""
    top, bottom, left, right = pad or (0, 0, 0, 0)
    return f"F.pad({text}, ({left}, {right}, {top}, {bottom}))"
