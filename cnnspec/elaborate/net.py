"""A net's body: inputs, outputs, heads, claims and recipe around the flow (L6, L15, L16)."""

from __future__ import annotations

from typing import Literal, cast

from cnnspec import ir
from cnnspec.diagnostics import Label, SpecError, fail
from cnnspec.elaborate import lint
from cnnspec.elaborate.body import Body
from cnnspec.elaborate.evaluate import Poisoned
from cnnspec.elaborate.foresee import ahead
from cnnspec.elaborate.later import misuse
from cnnspec.elaborate.level import Level
from cnnspec.elaborate.outgoing import shares_outside
from cnnspec.elaborate.paths import Names
from cnnspec.elaborate.scope import Scope
from cnnspec.elaborate.session import Session
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.syntax.words import check_attribute
from cnnspec.values import Shape, Size, Sizes, dims


class NetBody(Body):
    """Elaborates the body of a net; `override` replaces sizes of its inputs (`--input`)."""

    def __init__(self, session: Session, origin: Span, override: Sizes) -> None:
        super().__init__(session, Level(Names()), None, origin)
        self.sizes = {name: shape for name, shape in override if name}
        self.next_sizes = [shape for name, shape in override if not name]
        self.inputs: list[ir.Input] = []
        self.begun = False
        """Whether an `input` stood anywhere, right or wrong; a missing one is said once."""
        self.symbols: dict[str, tuple[int, int, Span]] = {}
        """For each symbol of the inputs its size as written, its size here, and its place."""
        self.claims: list[tuple[t.Claim, Scope]] = []
        self.recipe: t.Trained | None = None
        self.ends_in_output = False
        self.handlers |= {
            t.Input: self.input,
            t.Output: self.output,
            t.Claim: self.claim,
            t.Trained: self.trained,
        }

    def walk_flow(self, statement: t.Flow, scope: Scope) -> None:
        if not self.begun:
            self.begun = True
            if misuse.input_meant(statement):
                raise Poisoned
            raise fail(
                "E0120",
                "the flow begins before any `input`",
                statement.span,
                help=("write `input 3x224x224` first",),
            )
        self.ends_in_output = False
        super().walk_flow(statement, scope)

    def input(self, statement: t.Input, scope: Scope) -> None:
        """`input 3x224x224`: starts the flow; named sizes stay symbolic (L24)."""
        self.begun = True
        name = statement.name or "image"
        check_attribute(name, statement.span, "an input")
        declared = shape = self.written_shape(statement.shape, scope)
        shape = self.overridden(name, shape, statement.span)
        shape = self.open(statement.shape, declared, shape)
        self.session.open_sizes |= any(statement.shape.names)
        self.session.turned = lint.rows_first(shape, statement.shape) or self.session.turned
        if self.session.turned is not None:
            self.session.diagnostics.add(self.session.turned)
        self.level.names.take(name, statement.span)
        self.inputs.append(ir.Input(name, shape, statement.span))
        if len(self.inputs) > 1:
            self.session.leaves = True
            self.items.append(ir.Tap(name, shape, statement.span))
        self.shape, self.origin = shape, statement.shape.span
        self.level.end(name, shape, None)

    def open(self, written: t.ShapeExpr, declared: Shape, shape: Shape) -> Shape:
        """A shape with its symbols; one symbol is one size at every input (L24)."""
        sizes: list[int] = list(shape)
        for axis, (symbol, place) in enumerate(zip(written.names, written.places, strict=True)):
            if symbol is None or place is None:
                continue
            first = self.symbols.setdefault(symbol, (declared[axis], shape[axis], place))
            if first[0] != declared[axis] and first[2] not in written.places:
                message = f"`{symbol}` is {first[0]} at another input, and {declared[axis]} here"
                help = (f"another size needs another name: `{symbol}2={declared[axis]}`",)
                label = Label(first[2], f"{first[0]} here")
                raise fail("E0114", message, place, labels=(label,), help=help)
            sizes[axis] = Size(first[1], symbol)
        return tuple(sizes)

    def overridden(self, name: str, shape: Shape, span: Span) -> Shape:
        """The shape that `--input` gives; refuses one of another number of axes (E0121)."""
        given = self.sizes.pop(name, None) or (self.next_sizes.pop(0) if self.next_sizes else shape)
        if len(given) != len(shape):
            message = f"--input {dims(given)} where the net takes {dims(shape)}"
            form = "channels x height x width" if len(shape) == 3 else "the number of features"
            raise fail("E0121", message, span, help=(f"give {form}: `--input {dims(shape)}`",))
        return given

    def left(self, span: Span) -> None:
        """Refuse what `--input` gives and no input takes (E0121)."""
        name = next(iter(self.sizes), "")
        if not (name or self.next_sizes) or self.stopped:
            return
        given = f"{name}={dims(self.sizes[name])}" if name else dims(self.next_sizes[0])
        takes = ", ".join(f"{one.name} {dims(one.shape)}" for one in self.inputs)
        message = f"--input {given}, and no input is left for it"
        help = (f"the net takes {takes}",)
        raise fail("E0121", message, span, help=help)

    def output(self, statement: t.Output, scope: Scope) -> None:
        """`output` and `aux` leave the flow and do not change it (L15)."""
        statement = self.titled(statement, scope)
        name = str(statement.name)
        if name[0].isdigit():
            message = f"`{name}` cannot name an output: it begins with a number"
            raise fail("E0501", message, statement.name_span)
        check_attribute(name, statement.name_span, "an output")
        if name == "logits":
            message = "`logits` is the end of the net: another output needs another name"
            raise fail("E0114", message, statement.name_span)
        super().output(statement, scope)
        if statement.kind == "aux":
            self.level.aux.add(name)
        self.ends_in_output = statement.kind == "output"

    def carry_out(self, statement: t.Output, carrier: t.Layer | None, scope: Scope) -> None:
        """One layer takes the output's name, more stand in a level of it (L18)."""
        before = self.before()
        super().carry_out(statement, carrier, scope)
        name = str(statement.name)
        if carrier is None:
            self.level.names.take(name, statement.name_span)
        if carrier is None or shares_outside(carrier):
            self.level.end(name, self.shape, None)
        if statement.flow.asserted is not None:
            self.asserted(statement.flow, scope, before)

    def branch(self, statement: t.Output) -> ir.Branch | None:
        if self.shape is None:
            return None
        kind = cast(Literal["output", "aux"], statement.kind)
        end, name = head(self.items), str(statement.name)
        if end is None:
            lint.buried_head(self.session.diagnostics, name, self.items)
        return ir.Branch(name, kind, tuple(self.items), self.shape, end, statement.span)

    def claim(self, statement: t.Claim, scope: Scope) -> None:
        """Keep a claim with its scope; it is measured when the net is complete."""
        self.claims.append((statement, scope))

    def trained(self, statement: t.Trained, scope: Scope) -> None:
        """Keep the recipe; a second one is an error (E0114)."""
        if self.recipe is not None:
            first = Label(self.recipe.span, "the first is here")
            raise fail("E0114", "a second recipe", statement.span, labels=(first,))
        self.recipe = statement

    def guarded(self, statement: t.Statement, scope: Scope) -> None:
        """As in a block, but a wrong claim or recipe does not poison the flow."""
        shape = self.shape
        super().guarded(statement, scope)
        if isinstance(statement, t.Claim | t.Trained | t.Output):
            self.shape = shape


def head(items: list[ir.Item]) -> ir.Layer | None:
    """The softmax or sigmoid at the end, if there is one (L16)."""
    last = items[-1] if items else None
    if isinstance(last, ir.Call) and last.module.block == "":
        return head(list(last.module.items))
    if isinstance(last, ir.Group):
        return head(list(last.items))
    return last if isinstance(last, ir.Layer) and last.op.head else None


def elaborate_net(
    session: Session,
    family: t.Net,
    args: dict[str, object],
    scope: Scope,
    name: str,
    override: Sizes,
) -> tuple[ir.Net | None, NetBody]:
    """Run the body of a net whose parameters stand in `scope`."""
    ahead(session.limits, session.foresight, family, scope)
    body = NetBody(session, family.name_span, override)
    body.open_names = {param.name for param in family.params}
    with session.evaluator.reading():
        body.run(family.body, scope)
        body.left(family.name_span)
    if not body.begun and not body.stopped:
        help = ("write `input 3x224x224` first",)
        fault = fail("E0120", f"net `{family.name}` has no `input`", family.name_span, help=help)
        session.diagnostics.add(fault.diagnostic)
        return None, body
    if session.poisonings or body.shape is None or not body.inputs:
        return None, body
    items = tuple(body.items)
    module = ir.Module(
        family.name, tuple(args.items()), items, body.inputs[0].shape, body.shape, False,
        family.span, family.doc,
    )  # fmt: skip
    logits = None if body.ends_in_output else body.shape
    end = None if logits is None else head([i for i in items if not isinstance(i, ir.Branch)])
    if logits is not None and end is None:
        lint.buried_head(session.diagnostics, "logits", items)
    lint.inner_softmax(session.diagnostics, "logits", items)
    net = ir.Net(
        name, family.name, module, tuple(body.inputs), logits, end, family.span, family.doc
    )
    if session.leaves or logits is None:
        lint.unused_layers(session.diagnostics, net)
    return net, body


__all__ = ["NetBody", "Poisoned", "SpecError", "elaborate_net"]
