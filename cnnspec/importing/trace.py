"""What was seen of a model while it ran: a tree of module calls whose leaves are ops.

Shapes have no batch axis.  Nothing here knows where the model came from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from cnnspec.importing.errors import Cause
from cnnspec.importing.sizes import IN_TURN, Arguments
from cnnspec.ops.op import Op
from cnnspec.values import Shape


class Rule(NamedTuple):
    """What rates along the depth of a model are: `rate * nth / total`."""

    rate: float
    total: int

    def of(self, number: int) -> float:
        """What the language makes of a number."""
        return self.rate * number / self.total


class Number(int):
    """The number of a rate, which a `rule` makes of it."""

    rule: Rule

    def __new__(cls, value: int, rule: Rule) -> Number:
        """A number of a rule."""
        made = super().__new__(cls, value)
        made.rule = rule
        return made


@dataclass(frozen=True)
class Raw:
    """What a framework does to a tensor and no op of the language is: it must be rewritten away.

    `does` is one of "view" (`data`: both shapes), "axes" (the order of all axes), "share" (the step
    says whose weights), or "missing" (what there is no op for, and what to do).
    """

    does: str
    data: tuple[object, ...] = ()


@dataclass(eq=False, repr=False)
class Value:
    """One tensor that flows, and the step that makes it (None for an input or a constant).

    `constant` says what it is where no step makes it and it is no input, `name` what an input is
    called.
    """

    shape: Shape
    maker: Step | None = field(default=None, repr=False)
    constant: str = ""
    name: str = ""


@dataclass(eq=False, repr=False)
class Step:
    """An op at work.  `path` is its key where a module makes it; `stateful` where it has tensors.

    `shares` is the path of the module whose weights are used once more.  `weight` says that the
    path is a tensor's own key, and the text has a layer there with a `weight`.  Of an op that takes
    a second value by its path (L39) that value is the second of `inputs`.
    """

    op: Op | Raw
    inputs: list[Value]
    output: Value
    scope: Scope = field(repr=False)
    path: str = ""
    where: str = ""
    stateful: bool = False
    shares: str = ""
    weight: bool = False
    line: tuple[str, int] = ("", 0)
    """The file and the line of the model's own code that made it."""
    label: str = ""
    """Its label in the spec, where it has no name in the model and something goes on from it."""
    number: Number | None = None
    """What its rate is made of, where that rises along the model."""


@dataclass(eq=False, repr=False)
class Scope:
    """A call of a module.

    `kind` is the full name of its class, "" where the class says nothing (nn.Sequential).
    `numbered` says that its children are 0, 1, 2.  Of several `outputs` the last is what flows on.
    """

    path: str
    kind: str
    numbered: bool = False
    parent: Scope | None = field(default=None, repr=False)
    doc: str = ""
    body: list[Step | Scope] = field(default_factory=list, repr=False)
    inputs: list[Value] = field(default_factory=list)
    outputs: list[Value] = field(default_factory=list)

    @property
    def input(self) -> Value:
        """What arrives; only of a scope that has one input."""
        return self.inputs[0]

    @property
    def output(self) -> Value:
        """What flows on behind it."""
        return self.outputs[-1]


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of the state_dict: its key, its shape, and whether it is learnt."""

    key: str
    shape: tuple[int, ...]
    learnt: bool = True


@dataclass(eq=False, repr=False)
class Trace:
    """A model as it ran, in training, so that auxiliary heads are there.

    `inputs` are in the order of the model's forward, `arguments` says how it is given them.
    `outputs` are all that came back by name, `main` the one that a spec has as its logits, "" where
    each has a name of its own; `kept` those that exist in evaluation.  `tensors` is the state_dict
    in order.  `renamed` maps keys that no label can be to what they are in the spec.
    """

    name: str
    root: Scope
    inputs: tuple[Value, ...]
    outputs: dict[str, Value]
    main: str
    kept: frozenset[str] = frozenset()
    tensors: tuple[Tensor, ...] = ()
    renamed: dict[str, str] = field(default_factory=dict)
    trained: bool = True
    """Whether it was seen in training, so that it can be compared in training."""
    origin: str = "PyTorch"
    notes: list[str] = field(default_factory=list)
    wider: set[str] = field(default_factory=set)
    """Keys of modules that do more than the layer that the spec has under the key."""
    arguments: Arguments = IN_TURN
    rule: Rule | None = None
    """What makes rates of the numbers of its steps."""

    @property
    def input(self) -> Value:
        """The first input."""
        return self.inputs[0]

    @cached_property
    def order(self) -> dict[str, int]:
        """The place of the first tensor of each module in the state_dict, by the spec's paths."""
        found: dict[str, int] = {}
        for place, tensor in enumerate(self.tensors):
            path = self.renamed.get(tensor.key, tensor.key)
            while path:
                found.setdefault(path, place)
                path = path.rpartition(".")[0]
        return found


def beside(step: Step) -> Value | None:
    """The value that an op looks at and that is no arm of it: what `unpool pool1` goes back to."""
    takes = isinstance(step.op, Op) and step.op.beside and len(step.inputs) > 1
    return step.inputs[1] if takes else None


def measured(step: Step) -> list[Value]:
    """The values whose shapes an op's own rule takes: places of maxima count before their pool."""
    if isinstance(step.op, Op) and step.op.places:
        pool = step.inputs[1].maker
        return [step.inputs[0], *(pool.inputs if pool else [])]
    return step.inputs


def steps(scope: Scope) -> Iterator[Step]:
    """Every step of a scope and of those inside it, in the order of execution."""
    for member in scope.body:
        if isinstance(member, Scope):
            yield from steps(member)
        else:
            yield member


def scopes(scope: Scope) -> Iterator[Scope]:
    """Every scope inside a scope, the innermost first, and the scope itself at the end."""
    for member in scope.body:
        if isinstance(member, Scope):
            yield from scopes(member)
    yield scope


def relative(path: str, scope: str) -> str:
    """A path as seen from a scope."""
    return path[len(scope) + 1 :] if scope and path.startswith(f"{scope}.") else path


def missing(root: Scope) -> list[Cause]:
    """What is left that no op says."""
    return [
        Cause(_said(step.op), step.path or step.scope.path, step.where, _help(step.op))
        for step in steps(root)
        if isinstance(step.op, Raw) and not step.shares
    ]


def _said(op: Raw) -> str:
    if op.does == "missing":
        return str(op.data[0])
    words = {"view": "a view that is no flatten", "axes": "an exchange of axes"}
    return f"{words.get(op.does, op.does)} has no op"


def _help(op: Raw) -> str:
    return str(op.data[1]) if op.does == "missing" and len(op.data) > 1 else ""
