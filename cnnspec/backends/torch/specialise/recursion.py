"""A block that calls itself as one class that makes itself (L37).

While such a class is made it is wanted in itself, and what it gives is not known yet.  So it is
*assumed*, from what the IR has seen the block give, and the class is made on that assumption; where
the class then gives what was assumed, it is right for every depth, by induction over the depth.
Where no assumption holds, the numbers that change from one level to the next are folded, and there
is one class for each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from itertools import chain

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.flow import Flow, Result
from cnnspec.backends.torch.program.items import ClassPlan, Item
from cnnspec.backends.torch.python.symbols import Code, Var, expand
from cnnspec.backends.torch.specialise.folding import Folding
from cnnspec.backends.torch.specialise.observe import Observed, plain, size_of
from cnnspec.backends.torch.specialise.parameters import Bound
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.values import Value


@dataclass
class Begun:
    """A class in the making, and what it is where it is wanted in itself."""

    declared: t.Block
    start: Flow
    guesses: Iterator[Result]
    """What it may be assumed to give."""
    assumed: Result | None = None
    """What it was assumed to give; None while it has not called itself, or where nothing is."""
    plan: ClassPlan | None = None
    """The class as it calls itself, unfinished."""
    error: BackendError | None = None
    """What to fold where no assumption holds."""
    changing: set[str] = field(default_factory=set)
    """The numbers that change from one level to the next."""
    items: list[Item] = field(default_factory=list)
    """What the walk in hand has made of its body."""

    def again(self, bound: Bound, span: Span, *, direct: bool) -> ClassPlan:
        """The unfinished class, for a call in itself; `direct` where no class is between.

        Raises BackendError, with the numbers to fold, where nothing can be assumed of it.
        """
        self.changing |= {name for name, value in bound.inside.items() if value != Var(name)}
        what = f"`{self.declared.name}` calls itself"
        self.error = BackendError(what, span, numbers=self.changing)
        self.error.owner = self.declared
        if self.plan is None and direct:
            self.assumed = next(self.guesses, None)
        if self.assumed is None or not direct:
            raise self.error
        self.plan = self.plan or self._unfinished(self.assumed)
        self.plan.items = self.items
        return self.plan

    def _unfinished(self, gives: Result) -> ClassPlan:
        leaves = Flow(gives.channels, expand(gives.channels), gives.size, gives.scale)
        block = self.declared
        return ClassPlan(
            block.name, "module", "", [], self.items, gives, self.start, leaves, block, block,
            found=self._hidden,
        )  # fmt: skip

    def _hidden(self, path: tuple[str, ...], span: Span) -> Flow:
        """What flows inside of a class that is not finished."""
        raise BackendError(f"`{'.'.join(path)}` stands in a block that calls itself", span)

    def finished(self, made: ClassPlan) -> ClassPlan:
        """The class that was made; it is one object with the one that it calls."""
        if self.plan is None:
            return made
        for each in fields(ClassPlan):
            setattr(self.plan, each.name, getattr(made, each.name))
        return self.plan


def closed(
    make: Callable[[Begun], ClassPlan],
    declared: t.Block,
    start: Flow,
    guesses: Iterator[Result],
    folding: Folding,
) -> ClassPlan:
    """A class; where it makes itself, on the first assumption that it fulfils.

    Raises BackendError with what to fold where it fulfils none.
    """
    tried: list[Result] = []
    while True:
        begun = Begun(declared, start, guesses)
        try:
            made = make(begun)
        except BackendError as error:
            if begun.assumed is None or error.owner not in (None, declared):
                raise
            continue
        if begun.assumed in (None, made.result):
            if begun.plan is not None:
                folding.itself[id(declared)] = frozenset(begun.changing)
            return begun.finished(made)
        assert begun.assumed is not None
        tried.append(begun.assumed)
        if made.result.channels == begun.assumed.channels and made.result not in tried:
            guesses = chain([made.result], guesses)  # only its size was another


def assumptions(
    bound: Bound, values: dict[str, Value], observed: Observed, start: Flow
) -> Iterator[Result]:
    """What a block may give, by its modules in the IR.

    A parameter's channels, as many as arrive, or always as many; and of `values` those inside.
    """
    modules = observed.modules
    if not modules:
        return
    gives, takes = [plain(m.output) for m in modules], [plain(m.input) for m in modules]
    same = all(a[1:] == b[1:] for a, b in zip(gives, takes, strict=True))
    size = start.size if same else size_of(gives)
    rows = [dict(m.args) for m in modules]
    open_names = [name for name in bound.declared if isinstance(values.get(name), Var)]
    seen: list[tuple[Code, list[Value]]] = [(values[n], [r[n] for r in rows]) for n in open_names]
    seen.append((start.channels, [shape[0] for shape in takes]))
    seen.append((gives[0][0], [gives[0][0]] * len(gives)))
    for channels, numbers in seen:
        if numbers == [shape[0] for shape in gives]:
            yield Result(channels, 1 if same else None, size)
