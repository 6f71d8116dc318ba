"""Which tensors are alive: storages with the names that hold them, and what one op does to them."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from cnnspec.ops.op import TorchInput
from cnnspec.records import field, record

if TYPE_CHECKING:
    from cnnspec import ir
    from cnnspec.ops.op import TorchForm
    from cnnspec.source import Span
    from cnnspec.values import Shape


@record(eq=False)
class Storage:
    """The memory of one tensor and of its views; `holders` counts the names that hold it.

    `learns` says that a weight has a part in it: nothing is kept for a gradient of the images.
    """

    size: int
    holders: int
    learns: bool = False


@record(frozen=True)
class Kept:
    """What autograd keeps of one layer: storages, and bytes of its own."""

    path: str
    storages: tuple[Storage, ...]
    extra: int


@record
class Done:
    """What one layer did: the storage of its output, and the bytes that it newly took."""

    output: Storage
    new: int


@record
class Heap:
    """Bytes alive now and at most, for a batch of images in numbers of `size` bytes."""

    batch: int
    size: int
    training: bool = False
    now: int = 0
    peak: int = 0
    where: str = ""
    """The layer at which the peak was reached."""
    images: list[Storage] = field(default_factory=list)
    """The inputs: their owner holds them to the end."""
    heads: set[int] = field(default_factory=set)
    """Identities of the softmax and sigmoid layers that the module leaves out (L16)."""
    kept: list[Kept] = field(default_factory=list)
    layers: dict[str, Done] = field(default_factory=dict)
    loops: set[Span] = field(default_factory=set)
    """The loops of the spec that the module has as loops."""
    wanted: dict[str, str] = field(default_factory=dict)
    """Path of every value that a tap reads -> prefix of the level whose `forward` holds it."""
    taps: dict[tuple[str, int], str] = field(default_factory=dict)
    """(prefix of its level, identity of the tap) -> path that it reads."""
    tapped: dict[str, Storage] = field(default_factory=dict)
    """What blocks gave beside their outputs, by path."""
    _forms: dict[int, TorchForm] = field(default_factory=dict)

    def new(self, size: int) -> Storage:
        """A storage with one holder."""
        self.now += size
        return Storage(size, 1)

    def tensor(self, shape: Shape) -> Storage:
        """A storage for a batch of a shape."""
        return self.new(self.batch * self.size * int(prod(shape)))

    def hold(self, storage: Storage) -> Storage:
        """One more name for a storage."""
        storage.holders += 1
        return storage

    def drop(self, storage: Storage) -> None:
        """One name less; without any the memory is free."""
        storage.holders -= 1
        if storage.holders == 0:
            self.now -= storage.size

    def reached(self, path: str, beside: int = 0) -> None:
        """Note what is alive now, with `beside` bytes more."""
        if self.now + beside > self.peak:
            self.peak, self.where = self.now + beside, path

    def form(self, layer: ir.Layer) -> TorchForm:
        """How PyTorch says a layer."""
        if id(layer) not in self._forms:
            inputs = [TorchInput(int(s[0]), s) for s in layer.inputs]
            self._forms[id(layer)] = layer.op.torch(*inputs)
        return self._forms[id(layer)]

    def run(self, layer: ir.Layer, path: str, x: Storage, inplace: bool) -> Storage:
        """A layer of one input at work; its result has one holder more."""
        op = layer.op
        padded = self._padded(layer, path)
        source = padded or x
        if inplace or op.view or (op.passes and not self.training):
            y, new = self.hold(source), 0
        else:
            y = self.tensor(layer.shape)
            new = y.size
        self.reached(path, self.batch * op.scratch(self.size, *layer.inputs))
        self.note(layer, path, (source,), y, new + (padded.size if padded else 0))
        if padded is not None:
            self.drop(padded)
        return y

    def _padded(self, layer: ir.Layer, path: str) -> Storage | None:
        """The copy with unequal padding that PyTorch needs before a convolution."""
        pad = self.form(layer).pad
        if pad is None:
            return None
        channels, rows, columns = layer.inputs[0]
        top, bottom, left, right = pad
        padded = self.tensor((channels, rows + top + bottom, columns + left + right))
        self.reached(path)
        return padded

    def places(self, layer: ir.Layer) -> Storage:
        """The places of a pool's maxima, of 8 bytes each, while a name holds them."""
        return self.new(self.batch * 8 * int(prod(layer.shape)))

    def join(self, layer: ir.Layer, path: str, arms: tuple[Storage, ...]) -> Storage:
        """The end of a fork; a sum or product of many arms goes pair by pair."""
        arms, new = arms[: layer.op.carries], 0
        if layer.op.view:
            y = self.hold(arms[0])
        else:
            y = self.tensor(layer.shape)
            new = y.size
        self.reached(path)
        self.note(layer, path, arms, y, new)
        return y

    def shared_out(self, layer: ir.Layer, path: str, total: Storage) -> Storage:
        """A mean is a second map beside the sum of its arms."""
        if not layer.op.scratch(self.size, *layer.inputs):
            return total
        y = self.tensor(layer.shape)
        y.learns = total.learns
        self.reached(path)
        self.layers[path] = Done(y, y.size)
        self.drop(total)
        return y

    def note(
        self, layer: ir.Layer, path: str, inputs: tuple[Storage, ...], y: Storage, new: int
    ) -> None:
        """Enter what the layer did, and what autograd keeps of it."""
        self.layers[path] = Done(y, new)
        learns = any(x.learns for x in inputs) or bool(layer.op.params(layer.inputs[0]))
        y.learns = y.learns or learns
        if self.training and learns:
            saved = layer.op.saved(self.size, *layer.inputs)
            storages = (inputs if saved.inputs else ()) + ((y,) if saved.output else ())
            extra = self.batch * saved.extra + saved.fixed
            if storages or extra:
                self.kept.append(Kept(path, storages, extra))
