"""The names of one `forward`, and the value that is on its way through its lines."""

from __future__ import annotations

from collections.abc import Callable

from cnnspec import ir
from cnnspec.analyses.heap import Heap, Storage
from cnnspec.nesting import stays_open


class Locals:
    """The local names of a function that runs, and what each holds."""

    def __init__(self, heap: Heap) -> None:
        self.heap = heap
        self.names: dict[str, Storage] = {}

    def bind(self, name: str, storage: Storage) -> None:
        """`name = ...`: what the name held is free to go."""
        old = self.names.get(name)
        self.names[name] = storage
        if old is not None:
            self.heap.drop(old)


class Stream:
    """A value on its way through lines: the name it is assigned to, and the open expression."""

    def __init__(self, local: Locals, name: str, read: str) -> None:
        self.local, self.heap = local, local.heap
        self.name, self.read = name, read
        self.value: Storage | None = None
        self.last, self.heavy, self.functions = "", False, False
        self.turns: list[ir.Turn] = []

    @property
    def open(self) -> bool:
        """Whether an expression has begun that no name holds yet."""
        return self.value is not None

    def stays_open(self, kind: str) -> bool:
        """Whether the next layer nests around the open expression, as the torch backend has it."""
        return stays_open(kind, self.last, heavy=self.heavy, functions=self.functions)

    def turn(self, layer: ir.Layer) -> None:
        """A turn of a loop ends the line before it, and its own."""
        turns = [turn for turn in layer.turns if turn.loop in self.heap.loops]
        if turns != self.turns:
            self.flush()
            self.turns = turns

    def apply(self, function: Callable[[Storage], Storage], kind: str = "") -> None:
        """One op more around the expression, or a call, which has no kind."""
        before = self.value
        result = function(before if before is not None else self.local.names[self.read])
        if before is not None:
            self.heap.drop(before)
        self.value, self.last = result, kind

    def put(self, value: Storage, kind: str, functions: bool) -> None:
        """The expression is a value that was made elsewhere."""
        self.value, self.last, self.functions = value, kind, functions

    def flush(self) -> None:
        """End the line: the expression gets its name."""
        if self.value is not None:
            self.local.bind(self.name, self.value)
            self.read = self.name
        self.value, self.last, self.heavy, self.functions = None, "", False, False

    def take(self) -> Storage:
        """The value with a holder of its own, for who reads it next."""
        if self.value is not None:
            value, self.value = self.value, None
            return value
        return self.heap.hold(self.local.names[self.read])
