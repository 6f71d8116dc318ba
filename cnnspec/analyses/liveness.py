"""The forward pass of the generated module, with the names that hold tensors: its peak memory.

A tensor is alive as long as a name holds it, and Python's names decide that, not the last reader.
A call holds its arguments until it returns.  A `Sequential` holds the map between two children.  In
a `forward` the flow has a name, `x`, and arms have names of their own (`y`, `y1`); the name lets go
of its map when the line that makes the next one has run.  A line ends where the torch backend ends
it: an activation, a norm and a convolution nest, but not from one turn of a Python loop into the
next.  A ReLU behind a fresh map works in place.

The order and the names are those of `cnnspec gen`; the tests compare them with PyTorch's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from cnnspec import ir
from cnnspec.analyses.heap import Done, Heap, Storage
from cnnspec.analyses.looked import look, tapped
from cnnspec.analyses.stream import Locals, Stream
from cnnspec.analyses.torchsummary import is_chain
from cnnspec.nesting import FRESH, nests

FLOW = ""
"""The name of what flows through a body, in the module `x`: no label is empty."""


def run(net: ir.Net, heap: Heap) -> Storage:
    """Run the forward pass on one heap; returns the storage of the logits (or the last output).

    The images stay: their owner holds them.
    """
    heap.images = [heap.tensor(entry.shape) for entry in net.inputs]
    heap.reached(net.inputs[-1].name)
    look(net, heap)
    heads = [net.head, *(branch.head for branch in net.branches)]
    heap.heads = {id(head) for head in heads if head is not None}
    forward = _Forward(heap, "", net.body.items)
    for entry, image in zip(net.inputs, heap.images, strict=True):
        heap.layers[entry.name] = Done(image, image.size)
        forward.names[entry.name] = heap.hold(image)
        if entry.name in heap.wanted:
            heap.tapped[entry.name] = heap.hold(image)
    return forward.whole(heap.images[0])


def plain(items: Iterable[ir.Item]) -> Iterator[ir.Item]:
    """Items with plain braces opened."""
    for item in items:
        if isinstance(item, ir.Group):
            yield from plain(item.items)
        else:
            yield item


def call(heap: Heap, module: ir.Module, path: str, x: Storage) -> Storage:
    """A block or container called on `x`, which the call holds."""
    heap.hold(x)
    looked_into = any(tapped.startswith(path + ".") for tapped in heap.wanted)
    if is_chain(module.items) and not looked_into:
        items = [item for item in plain(module.items) if id(item) not in heap.heads]
        y = _sequential(heap, items, path + ".", x)
    else:
        y = _Forward(heap, path + ".", module.items).whole(x)
    heap.drop(x)
    return y


def _sequential(heap: Heap, items: list[ir.Item], prefix: str, x: Storage) -> Storage:
    """`for module in self: input = module(input)`."""
    x = heap.hold(x)
    before: ir.Item | None = None
    for item in items:
        assert isinstance(item, ir.Layer | ir.Call)
        if isinstance(item, ir.Call):
            y = call(heap, item.module, prefix + item.name, x)
        else:
            y = heap.run(item, prefix + item.name, x, _in_place(heap, item, before))
        heap.drop(x)
        x, before = y, item
    return x


def _in_place(heap: Heap, item: ir.Layer, before: ir.Item | None) -> bool:
    fresh = isinstance(before, ir.Layer) and before.op.kind in FRESH
    return fresh and heap.form(item).inplace and not heap.form(before).function  # type: ignore[arg-type]


class _Forward(Locals):
    """One `forward` at work: its names, and the expression that is open."""

    def __init__(self, heap: Heap, prefix: str, items: Iterable[ir.Item]) -> None:
        super().__init__(heap)
        self.prefix = prefix
        self.items = list(plain(items))
        self.tapped = tapped(self.items)
        self.depth = 0
        self.leaves = False
        """Whether a tap follows the item in hand: what flows is read by its own name alone."""

    def whole(self, x: Storage) -> Storage:
        """Run the body; its names let go at the end."""
        self.names[FLOW] = self.heap.hold(x)
        stream = Stream(self, FLOW, FLOW)
        self.row(self.items, stream)
        y = stream.take()
        mine = [path for path in self.heap.tapped if self.heap.wanted[path] == self.prefix]
        for storage in [*self.names.values(), *map(self.heap.tapped.pop, mine)]:
            self.heap.drop(storage)
        return y

    def row(self, items: list[ir.Item], stream: Stream) -> None:
        """Items one after another."""
        for item, following in zip(items, [*items[1:], None], strict=False):
            self.leaves = isinstance(following, ir.Tap)
            self.item(item, stream)

    def item(self, item: ir.Item, stream: Stream) -> None:
        match item:
            case ir.Layer():
                self.layer(item, stream)
            case ir.Call():
                self.block(item, stream)
            case ir.Fork():
                self.fork(item, stream)
            case ir.Tap():
                self.tap(item, stream)
            case ir.Shared():
                self.shared(item, stream)
            case ir.Branch():
                self.branch(item, stream)
            case ir.Group():
                for inner in item.items:
                    self.item(inner, stream)

    def tap(self, item: ir.Tap, stream: Stream) -> None:
        """Go on from a name of this `forward`, or from what a block gave beside its output."""
        stream.flush()
        stream.read = item.read
        if item.up or stream.read not in self.names:
            whole = self.heap.taps[self.prefix, id(item)]
            self.bind(stream.read, self.heap.hold(self.heap.tapped[whole]))

    def layer(self, item: ir.Layer, stream: Stream) -> None:
        if id(item) in self.heap.heads:
            return
        form, kind = self.heap.form(item), item.op.kind
        stream.turn(item)
        nesting = nests(kind, attribute=not form.function)
        if stream.open and not (nesting and stream.stays_open(kind)):
            stream.flush()
        inplace = form.inplace and stream.last in FRESH
        path = self.prefix + item.name
        stream.apply(lambda x: self.heap.run(item, path, x, inplace), kind)
        stream.heavy = stream.heavy or kind in ("conv", "linear")
        stream.functions = stream.functions or "F." in form.function or form.pad is not None
        self.placed(item, item.name, stream)
        self.alias(item.name, stream)

    def placed(self, item: ir.Layer | ir.Call, name: str, stream: Stream) -> None:
        """The places of a pool's maxima have a name of their own, where an `unpool` reads them."""
        places = f"{name}.{ir.PLACES}"
        if places in self.tapped or self.prefix + places in self.heap.wanted:
            assert isinstance(item, ir.Layer)
            storage = self.heap.places(item)
            stream.flush()
            if self.prefix + places in self.heap.wanted:
                self.heap.tapped[self.prefix + places] = self.heap.hold(storage)
            if places in self.tapped:
                self.bind(places, storage)
            else:
                self.heap.drop(storage)

    def alias(self, name: str, stream: Stream) -> None:
        """A tapped value keeps a name of its own."""
        if name in self.tapped and self.leaves and stream.open:
            self.bind(name, stream.take())
            stream.read = name
            stream.flush()
        elif name in self.tapped:
            stream.flush()
            self.bind(name, self.heap.hold(self.names[stream.name]))
        if self.prefix + name in self.heap.wanted:  # by a block below, beside what reads it here
            stream.flush()
            read = name if name in self.tapped else stream.name
            self.heap.tapped[self.prefix + name] = self.heap.hold(self.names[read])

    def block(self, item: ir.Call, stream: Stream) -> None:
        stream.flush()
        inside = [path for path in self.tapped if path.startswith(item.name + ".")]
        places = any(path.endswith(f".{ir.PLACES}") for path in inside)  # then it is a class
        if inside and not places and not item.module.block and is_chain(item.module.items):
            self.opened(item, stream)
            return
        path = self.prefix + item.name
        stream.apply(lambda x: call(self.heap, item.module, path, x))
        self.alias(item.name, stream)

    def opened(self, item: ir.Call, stream: Stream) -> None:
        """A container that a tap looks into: its children one by one, each on its line."""
        for child in plain(item.module.items):
            assert isinstance(child, ir.Layer | ir.Call)
            name = f"{item.name}.{child.name}"
            stream.flush()
            stream.apply(partial(self.child, child, self.prefix + name))
            self.alias(name, stream)
        self.alias(item.name, stream)

    def child(self, child: ir.Layer | ir.Call, path: str, x: Storage) -> Storage:
        if isinstance(child, ir.Call):
            return call(self.heap, child.module, path, x)
        return self.heap.run(child, path, x, inplace=False)

    def shared(self, item: ir.Shared, stream: Stream) -> None:
        stream.flush()
        path = self.prefix + item.name
        stream.apply(lambda x: self.child(item.item, path, x))
        self.alias(item.name, stream)

    def branch(self, item: ir.Branch, stream: Stream) -> None:
        """A further output keeps its value under its name; heads run in training only."""
        if item.kind == "aux" and not self.heap.training:
            return
        stream.flush()
        own = Stream(self, item.name, stream.read)
        for inner in plain(item.items):
            self.item(inner, own)
        own.flush()

    def fork(self, item: ir.Fork, stream: Stream) -> None:
        """Lines for the arms that are longer than one call, then the expression that joins them."""
        stream.flush()
        arms = [list(plain(arm)) for arm in item.arms]
        apart = not item.join.op.stacks
        inline = [apart and self.one_call(arm) for arm in arms]
        named = [bool(arm) and not one for arm, one in zip(arms, inline, strict=True)]
        values: list[Stream] = []
        for number, arm in enumerate(arms):
            own = Stream(self, self.arm_name(named, number), stream.read)
            if named[number]:
                self.arm(arm, own)
            values.append(own)
        results = self.joined(item, arms, inline, values)
        within = any(own.functions for own, one in zip(values, inline, strict=True) if one)
        stream.turn(item.join)
        stream.put(results, item.join.op.name, within)
        self.alias(item.join.name, stream)

    def one_call(self, arm: list[ir.Item]) -> bool:
        """An arm of one layer, call or tap, whose value nothing else reads."""
        if len(arm) != 1 or isinstance(arm[0], ir.Fork | ir.Group):
            return False
        if isinstance(arm[0], ir.Tap):
            return True
        whole = self.prefix + arm[0].name
        read = [*(self.prefix + path for path in self.tapped), *self.heap.wanted]
        return not any(path == whole or path.startswith(f"{whole}.") for path in read)

    def arm_name(self, named: list[bool], number: int) -> str:
        """What the module calls `y`, or `y1` and `y2` where several arms have names."""
        depth = f"{self.depth}:"
        return depth if sum(named) == 1 else f"{depth}{sum(named[: number + 1])}"

    def arm(self, arm: list[ir.Item], own: Stream) -> None:
        self.depth += 1
        self.row(arm, own)
        self.depth -= 1
        own.flush()

    def joined(
        self,
        fork: ir.Fork,
        arms: list[list[ir.Item]],
        inline: list[bool],
        values: list[Stream],
    ) -> Storage:
        """`y1 + self.downsample(x) + y2`, from the left; a concat takes all at once."""
        path = self.prefix + fork.join.name
        taken: list[Storage] = []
        pairwise = not fork.join.op.stacks
        for number, (arm, own) in enumerate(zip(arms, values, strict=True)):
            if inline[number]:
                self.item(arm[0], own)
            taken.append(own.take())
            if pairwise and len(taken) == 2 and number + 1 < len(arms):
                taken = [self.meet(fork.join, path, taken)]
        total = self.meet(fork.join, path, taken)
        return self.heap.shared_out(fork.join, path, total)

    def meet(self, join: ir.Layer, path: str, taken: list[Storage]) -> Storage:
        y = self.heap.join(join, path, tuple(taken))
        for storage in taken:
            self.heap.drop(storage)
        return y
