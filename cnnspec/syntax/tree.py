"""The syntax tree of a `.cnn` file: what was written, each node with its place.

Expressions of many terms are flat (`Chain`, `Logic`), so nothing recurses deeper than the
nesting limit (S5).  Nodes are never changed once built.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, dataclass_transform

from cnnspec.records import field, record
from cnnspec.source import Span


@dataclass_transform(eq_default=False, field_specifiers=(field,))
class _Record:
    """A class whose annotations are its fields, without a decorator for each."""

    def __init_subclass__(cls) -> None:
        record(eq=False)(cls)


class Node(_Record):
    """Anything that was written at a place."""

    span: Span = field(repr=False)

    def children(self) -> Iterator[Node]:
        """The nodes right below, in the order in which they are written."""
        waiting = list(vars(self).values())[::-1]
        while waiting:
            value = waiting.pop()
            if isinstance(value, Node):
                yield value
            elif isinstance(value, tuple | list) and not isinstance(value, Span):
                waiting += value[::-1]


# --- expressions ------------------------------------------------------------------------------


class Literal(Node):
    """A number, string, `true`, `false`, `none` or `3x3`; `text` is its spelling."""

    value: Any
    text: str


class Name(Node):
    """A reference to a parameter, `let`, block, net, source or metric."""

    name: str


class Incoming(Node):
    """`in`: the shape that arrives at the op it is written at (L13)."""


class ListOf(Node):
    """`[3, 4, 6, 3]`."""

    items: tuple[Expr, ...]


class Attr(Node):
    """`in.channels`, `plain34.params`, `features.conv0`."""

    of: Expr
    name: str


class Index(Node):
    """`depths[0]`; in the path of a claim also `convs.${i}`."""

    of: Expr
    index: Expr


class Slice(Node):
    """`depths[1:]`, `depths[:-1]`: the items from `start` to before `stop` (L36)."""

    of: Expr
    start: Expr | None
    stop: Expr | None


class Apply(Node):
    """`min(a, b)`, `sgd(lr=0.1)`, `shape(layer2)`."""

    function: Expr
    args: tuple[Arg, ...]


class Unary(Node):
    """`-x` or `not x`."""

    operator: str
    operand: Expr


class Chain(Node):
    """Operands of one precedence, from the left: `a + b - c`, `64 * n // 2`.

    `rest` holds (operator, operand) pairs; operators are of `+ -` or of `* / // %`.
    """

    first: Expr
    rest: list[tuple[str, Expr]]


class Power(Node):
    """`base ^ exponent`."""

    base: Expr
    exponent: Expr


class Compare(Node):
    """`left < right`: one comparison of `== != <= >= < >`."""

    left: Expr
    operator: str
    right: Expr


class Logic(Node):
    """`a or b or c`, `a and b`."""

    operator: str
    operands: tuple[Expr, ...]


class Choose(Node):
    """`then if condition else other`."""

    then: Expr
    condition: Expr
    other: Expr


class Template(Node):
    """A label or path word with `${...}` in it: strings and expressions in turn.

    Among expressions it stands in the path of a claim only: `shape(layer${i})`.
    """

    parts: tuple[str | Expr, ...]


Expr = (
    Literal | Name | Incoming | ListOf | Attr | Index | Slice | Apply
    | Unary | Chain | Power | Compare | Logic | Choose | Template
)  # fmt: skip


class Arg(Node):
    """One argument of a call; `keyword` is None for a positional one."""

    keyword: str | None
    value: Expr


# --- flow -------------------------------------------------------------------------------------


class Path(Node):
    """`scale1[0]`, `features.conv0`: words, templates and index expressions (L14)."""

    parts: tuple[str | Template | Expr, ...]


class Call(Node):
    """An op or block with its arguments; `bare` drops the default followers (L9, L19)."""

    name: str
    name_span: Span
    args: tuple[Arg, ...]
    bare: bool = False


class Fork(Node):
    """`add { ... }`: each statement is an arm (L10)."""

    name: str
    name_span: Span
    body: Body


class Seq(Node):
    """`seq { ... }`: children numbered from 0."""

    body: Body


class Group(Node):
    """`{ ... }`: statements as one layer; opens a level only when labelled."""

    body: Body


class From(Node):
    """`from path`: the flow goes on from a labelled layer (L14)."""

    path: Path


class Share(Node):
    """`share path`: the layers at `path` once more, with the same weights (L17)."""

    path: Path


Form = Call | Fork | Seq | Group | From | Share


class Label(Node):
    """What stands before the colon: a word, a template, or a dotted path."""

    text: str | Template


class Layer(Node):
    """One link of a chain: an optional label and what it names."""

    label: Label | None
    form: Form


class ShapeExpr(Node):
    """A shape as written: sizes, with the names of symbolic ones (L24) and where those stand."""

    sizes: tuple[Expr, ...]
    names: tuple[str | None, ...]
    places: tuple[Span | None, ...]


# --- statements -------------------------------------------------------------------------------


class Statement(Node):
    """One statement of a body; `doc` is the `##` text above it."""

    doc: str


class Flow(Statement):
    """A chain of layers with an optional shape assertion (L6, L12)."""

    layers: tuple[Layer, ...]
    asserted: ShapeExpr | None


class Let(Statement):
    """`let name = value`, in a body or at the top of a file."""

    name: str
    name_span: Span
    value: Expr


class Default(Statement):
    """`default conv pad=same -> bn`: arguments and followers of an op in this scope (L19)."""

    call: Call
    followers: tuple[Call, ...]


class Require(Statement):
    """`require condition, "message"` (L23)."""

    condition: Expr
    message: str | None


class Input(Statement):
    """`input 3x224x224`, `input image: [3, H=224, W=224]`."""

    name: str | None
    shape: ShapeExpr


class Output(Statement):
    """`output fine: ...` or `aux aux1: ...` (L15); `kind` is the word."""

    kind: str
    name: str | Template
    name_span: Span
    flow: Flow


class Trained(Statement):
    """`recipe name` in a net (L30)."""

    name: str


class If(Statement):
    """`if`/`else`; `other` is a body, another `If`, or None (L11)."""

    condition: Expr
    body: Body
    other: Body | If | None


class For(Statement):
    """`for a, b in list { ... }` (L11, L21)."""

    names: tuple[str, ...]
    names_span: Span
    iterable: Expr
    body: Body


class Repeat(Statement):
    """`repeat n { ... }`."""

    count: Expr
    body: Body


class But(Node):
    """`but MEASURED because CAUSE "reason"` (L28)."""

    measured: Expr
    cause: Expr
    reason: str


class Claim(Statement):
    """`claim left relation right [within ...] [from ...] [but ...]` (L26 to L28)."""

    left: Expr
    relation: str
    right: Expr
    within: Expr | None
    percent: bool
    source: str | None
    source_span: Span | None
    where: str
    but: But | None


class Body(Node):
    """The statements between braces."""

    statements: tuple[Statement, ...]


# --- declarations -----------------------------------------------------------------------------


class Declaration(Node):
    """One declaration of a file; `doc` is the `##` text above it."""

    doc: str


class Import(Declaration):
    """`import a, b from "x.cnn"`; each name with its place."""

    names: tuple[tuple[str, Span], ...]
    path: str
    path_span: Span


class Cited(Declaration):
    """`source name = paper("...", arxiv="...")`."""

    name: str
    name_span: Span
    value: Expr


class Param(Node):
    """A parameter of a block or net, with its default if it has one."""

    name: str
    default: Expr | None


class Block(Declaration):
    """`block name(params) { ... }`; with `seq` its children are numbered."""

    name: str
    name_span: Span
    params: tuple[Param, ...]
    seq: bool
    body: Body


class Net(Declaration):
    """`net name(params) { ... }`."""

    name: str
    name_span: Span
    params: tuple[Param, ...]
    body: Body


class Variant(Declaration):
    """`net name = base(args) { claims, recipe }` (L29)."""

    name: str
    name_span: Span
    base: str
    base_span: Span
    args: tuple[Arg, ...]
    body: Body | None


class Setting(Node):
    """`key = value` of a recipe."""

    key: str
    value: Expr
    doc: str = ""


class Recipe(Declaration):
    """`recipe name = base { key = value }` (L30)."""

    name: str
    name_span: Span
    base: str | None
    base_span: Span | None
    settings: tuple[Setting, ...]


class Mark(Node):
    """A word of a figure's line: a path or a range of paths, a quoted text, or a measure."""

    text: str
    kind: str
    """`path`, `text` or `measure`."""


class Listed(Node):
    """`[left, right]` behind the `=` of a figure's line."""

    marks: tuple[Mark, ...]


class Look(Node):
    """`label layer1 = "conv2_x"`: one line of a figure."""

    key: str
    key_span: Span
    marks: tuple[Mark, ...]
    values: tuple[Mark | Listed, ...]
    doc: str = ""


class Figure(Declaration):
    """`figure name of net { ... }` (L38)."""

    name: str
    name_span: Span
    net: str
    net_span: Span
    looks: tuple[Look, ...]


class File(Node):
    """A parsed file: declarations in order (`Let` and `Default` are statements, also here).

    `doc` is the `##` text above an import or a default at its head: that of its nets and variants
    that have none of their own.  `stray` are the places of `##` text that documents nothing.
    """

    declarations: tuple[Declaration | Let | Default, ...]
    doc: str = ""
    stray: tuple[Span, ...] = ()
