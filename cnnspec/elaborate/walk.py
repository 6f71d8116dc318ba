"""Chains, layers, forks and outputs, for whoever walks a body (L6, L9, L10, L15, L18, L19).

The elaborator and the PyTorch backend go through the same layers in the same order, give them the
same names, arguments and followers, and start the arms of a fork from one value.  They differ in
what flows (a shape; channels that may be an expression), in what a name is, and in what is made.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Generic, NamedTuple, TypeVar

from cnnspec.diagnostics import fail
from cnnspec.elaborate import beside
from cnnspec.elaborate.arithmetic import symbolic
from cnnspec.elaborate.arms import is_identity
from cnnspec.elaborate.calls import Values
from cnnspec.elaborate.control import Control
from cnnspec.elaborate.evaluate import Poisoned, Read
from cnnspec.elaborate.later import misuse
from cnnspec.elaborate.outgoing import outgoing, shares_outside
from cnnspec.elaborate.paths import Numbering, weights, words_of
from cnnspec.elaborate.scope import BlockValue, Follower, Rule, Scope
from cnnspec.ops import ops
from cnnspec.ops.arguments import signature
from cnnspec.ops.op import Op
from cnnspec.ops.skip import Skip
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.syntax.words import check_attribute
from cnnspec.values import BESIDE, Size, Value, type_name


class Written(NamedTuple):
    """Where an op is written: the call, its arguments, and the default that may add some."""

    call: Span
    spans: dict[str | int, Span]
    rule: Rule | None


Name = TypeVar("Name")
"""What a layer is called: text, or text with open numbers in it."""


class Walk(Control, Generic[Name]):
    """Walks one body; its hooks say what flows and what is made."""

    names: Numbering[Name]
    """The names of the level that the body is."""
    shared: dict[str, str]
    """For each further use of shared layers the path that has their weights."""
    items: list[Any]
    """What was made so far: of the body, or of the arm or output in hand."""
    flowing: Any
    """What flows here, for one who comes back to it."""
    within: Name | None = None
    """The output whose layers are walked here, at the level of the net: they share some of it."""

    # --- flow ---

    def walk_flow(self, statement: t.Flow, scope: Scope) -> None:
        """A chain, then its assertion (L6, L12)."""
        if statement.asserted is None:
            self.chain(statement.layers, scope)
            return
        before = self.before()
        self.chain(statement.layers, scope)
        self.asserted(statement, scope, before)

    def before(self) -> Any:
        """What an assertion wants to know of the place where its chain begins."""
        return None

    @abstractmethod
    def asserted(self, statement: t.Flow, scope: Scope, before: Any) -> None:
        """`=> shape` behind a chain."""

    def chain(self, layers: tuple[t.Layer, ...], scope: Scope) -> None:
        """Layers that follow each other; what they read of `in` is said together."""
        evaluator = self.evaluator
        outer, evaluator.reads = evaluator.reads, []
        for layer in layers:
            try:
                self.layer(layer, scope)
            except self.caught as error:
                self.failed(error, layer, scope)
        reads, evaluator.reads = evaluator.reads, outer
        if len(reads) > 1:
            self.reads_twice(reads)

    def reads_twice(self, reads: list[Read]) -> None:
        """What a chain has read of `in`, more than once."""

    def layer(self, layer: t.Layer, scope: Scope) -> None:
        """One layer of a chain: what it is decides who walks it."""
        form = layer.form
        match form:
            case t.Call():
                callee = self.calls.callee(form.name, form.name_span, scope)
                if isinstance(callee, BlockValue):
                    self.block(layer, form, callee, scope)
                elif callee.identity:
                    self.skip(layer, form, callee, scope)
                elif callee.beside and (arg := beside.argument(callee, form)) is not None:
                    self.two(layer, form, callee, arg, scope)
                else:
                    self.op(layer, form, callee, scope)
            case t.Fork():
                self.fork(layer, form, scope)
            case t.Seq():
                self.nested(layer, form.body, scope, seq=True)
            case t.Group() if layer.label is None:
                self.group(form, scope)
            case t.Group():
                self.nested(layer, form.body, scope, seq=False)
            case t.From():
                self.tap(layer, form, scope)
            case _:
                self.share(layer, form, scope)

    # --- names ---

    def numbers_children(self) -> bool:
        return self.names.seq

    def label(self, layer: t.Layer, scope: Scope) -> Name | None:
        """The label with its `${...}` filled in, or None."""
        if layer.label is None:
            return None
        text = layer.label.text
        if isinstance(text, str):
            return self.spelt([text])
        label = self.filled(text, scope)
        if isinstance(label, str):
            check_key(label, text.span)
        return label

    def filled(self, template: t.Template, scope: Scope) -> Name:
        """`layer${i+1}` with the values of its expressions."""
        return self.spelt(
            [p if isinstance(p, str) else self.number(p, scope) for p in template.parts]
        )

    def number(self, part: t.Expr, scope: Scope) -> Any:
        """A number in a label."""
        return counted(self.evaluator.value(part, scope, self.arriving), part.span)

    @abstractmethod
    def spelt(self, parts: list[Any]) -> Name:
        """A name of words and numbers in turn."""

    def named(self, layer: t.Layer, kind: str, scope: Scope) -> Name:
        """The name of a layer in its level: its label, else the next automatic one (L18)."""
        label = self.label(layer, scope)
        if label is None:
            return self.placed(self.names.automatic(kind, layer.form.span), layer.form.span)
        assert layer.label is not None
        return self.placed(self.names.take(label, layer.label.span), layer.label.span)

    def placed(self, name: Name, span: Span) -> Name:
        """A name as the level has it: behind a dot, where it is one of an output's layers."""
        return name if self.within is None else self.behind(self.within, name, span)

    @abstractmethod
    def behind(self, output: Name, name: Name, span: Span) -> Name:
        """The name of an output's layer at the level of the net: `fine.conv1`."""

    def words(self, path: t.Path, scope: Scope) -> tuple[str, ...]:
        """`scale1[0]` as the words of a path: scale1, 0."""
        words = tuple(
            words_of(
                path,
                lambda template: self.dotted(self.filled(template, scope)),
                lambda part: self.index(part, scope),
            )
        )
        own = () if self.within is None else (*self.dotted(self.within), *words)
        return own if own and self.holds(own) else words

    @abstractmethod
    def holds(self, words: tuple[str, ...]) -> bool:
        """Whether a path begins with a name of this level."""

    @abstractmethod
    def dotted(self, name: Name) -> list[str]:
        """The words between the dots of a name."""

    @abstractmethod
    def index(self, part: t.Expr, scope: Scope) -> str:
        """The word of an index in a path."""

    # --- ops and blocks ---

    def op(self, layer: t.Layer, call: t.Call, cls: type[Op], scope: Scope) -> None:
        """An op as written, then the followers that its default gives it (L19)."""
        if cls.join:
            raise misuse.no_body(call)
        values = Values()
        if call.args:
            values = self.calls.values(call.args, scope, self.arriving, list(signature(cls)))
        name, op, rule = self.built(layer, call, cls, values, scope)
        self.leaf(name, op, call.span, values.spans, rule)
        self.following(layer, call, cls, rule, scope)

    def two(self, layer: t.Layer, call: t.Call, cls: type[Op], arg: t.Arg, scope: Scope) -> None:
        """An op that takes what flows and, by its path, a second value (L39)."""
        path, names = beside.path(arg, cls), list(signature(cls))
        rest = [other for other in call.args if other is not arg]
        values = self.calls.values(rest, scope, self.arriving, names)
        values.keywords[cls.beside], values.spans[cls.beside] = BESIDE, arg.span
        name, op, rule = self.built(layer, call, cls, values, scope)
        self.meets(name, op, path, Written(call.span, values.spans, rule), scope)
        self.following(layer, call, cls, rule, scope)

    def built(
        self, layer: t.Layer, call: t.Call, cls: type[Op], values: Values, scope: Scope
    ) -> tuple[Name, Op, Rule | None]:
        """The name and the op of a call, and the default that it stands under."""
        rule = scope.rule(cls.name)
        op = self.calls.op(cls, values, rule, call.span)
        name = self.named(layer, cls.name, scope)
        if rule is not None and rule.poisoned:
            self.lost(name)
            raise Poisoned
        return name, op, rule

    def following(
        self, layer: t.Layer, call: t.Call, cls: type[Op], rule: Rule | None, scope: Scope
    ) -> None:
        """The layers that a default lets follow an op, unless it is `bare`."""
        if rule is not None and not call.bare:
            for follower in rule.followers:
                self.follower(layer, cls, follower, call.span, scope)

    @abstractmethod
    def meets(self, name: Name, op: Op, path: t.Path, written: Written, scope: Scope) -> None:
        """Put an op into the flow whose second input stands at a path of this level."""

    def follower(
        self, layer: t.Layer, leader: type[Op], follower: Follower, span: Span, scope: Scope
    ) -> None:
        """A layer that a default lets follow; its name is that of its leader and its own."""
        cls = follower.op
        values = Values(list(follower.positional), dict(follower.keywords))
        rule = scope.rule(cls.name)
        op = self.calls.op(cls, values, rule, follower.span)
        label = self.label(layer, scope)
        if label is None:
            name = self.placed(self.names.automatic(cls.name, span), span)
        else:
            name = self.names.follower(label, leader.name, cls.name, span)
            name = self.placed(name, span)
        if rule is not None and rule.poisoned:
            self.lost(name)
            raise Poisoned
        self.leaf(name, op, span, {}, rule, follower.span)

    def lost(self, name: Name) -> None:
        """A name of whose layer nothing is known."""

    @abstractmethod
    def leaf(
        self,
        name: Name,
        op: Op,
        span: Span,
        spans: dict[str | int, Span],
        rule: Rule | None = None,
        follows: Span | None = None,
    ) -> None:
        """Put one op into the flow.

        `spans` are the places of its arguments, `rule` the default that may have given it some,
        and `follows` the place in a default that says that it follows.
        """

    @abstractmethod
    def block(self, layer: t.Layer, call: t.Call, block: BlockValue, scope: Scope) -> None:
        """Put the call of a block into the flow."""

    def called_with(
        self, layer: t.Layer, call: t.Call, block: BlockValue, scope: Scope
    ) -> tuple[Name, Values]:
        """The name of a block's call, and its arguments in the caller's names (L9)."""
        names = [param.name for param in block.block.params]
        values = self.calls.values(call.args, scope, self.arriving, names)
        return self.named(layer, block.name, scope), self.calls.given(block, values)

    @abstractmethod
    def skip(self, layer: t.Layer, call: t.Call, cls: type[Op], scope: Scope) -> None:
        """An identity in the flow."""

    # --- what stands in braces ---

    @abstractmethod
    def group(self, group: t.Group, scope: Scope) -> None:
        """Braces without a label: layers of this level."""

    @abstractmethod
    def nested(self, layer: t.Layer, body: t.Body, scope: Scope, *, seq: bool) -> None:
        """An inline `seq` or a labelled group: a level that still sees the labels around it."""

    def fork(self, layer: t.Layer, fork: t.Fork, scope: Scope) -> None:
        """Each statement of the body is an arm that starts from what arrives (L10)."""
        cls = self.calls.callee(fork.name, fork.name_span, scope)
        if isinstance(cls, BlockValue) or not cls.join:
            joins = ", ".join(f"`{n}`" for n, o in ops().items() if o.join)
            message = f"`{fork.name}` takes no body: {joins} do"
            raise fail("E0116", message, fork.name_span)
        self.join(layer, fork, cls, scope)

    @abstractmethod
    def join(self, layer: t.Layer, fork: t.Fork, cls: type[Op], scope: Scope) -> None:
        """Walk the arms of a fork, and let the flow go on from where they meet."""

    def arms(self, fork: t.Fork, scope: Scope) -> list[Any]:
        """Walk the arms one after another, each from the fork's input."""
        arms, start, outer = [], self.flowing, self.items
        for statement, inner in self.splice(fork.body.statements, scope.inner(), fork):
            self.flowing, self.items = start, []
            if not is_identity(statement):
                self.arm(statement, inner)
            arms.append(self.made(statement))
            self.flowing = start
        self.flowing, self.items = start, outer
        return arms

    def lone(self, layer: t.Layer, cls: type[Op], arm: Any, scope: Scope) -> None:
        """A fork that an `if` left with one arm is that arm; its label names what leaves (L34).

        Its number is taken, so that the names behind it do not hang on the condition.
        """
        self.items += arm.items
        self.goes_on(arm)
        if layer.label is not None:
            self.leaf(self.named(layer, cls.name, scope), Skip(), layer.form.span, {})
        elif not self.names.seq:
            self.named(layer, cls.name, scope)

    @abstractmethod
    def goes_on(self, arm: Any) -> None:
        """Let the flow go on from where an arm ends."""

    @abstractmethod
    def arm(self, statement: t.Statement, scope: Scope) -> None:
        """Walk the statement that is an arm."""

    @abstractmethod
    def made(self, statement: t.Statement) -> Any:
        """What the arm just walked is."""

    # --- paths and outputs ---

    @abstractmethod
    def tap(self, layer: t.Layer, form: t.From, scope: Scope) -> None:
        """`from path`: the flow goes on from an earlier labelled layer (L14)."""

    def share(self, layer: t.Layer, form: t.Share, scope: Scope) -> None:
        """`share path`: those layers once more with the same weights (L17)."""
        words = self.words(form.path, scope)
        path = weights(words, self.shared)
        found = self.shareable(words, path, form)
        self.again(self.named(layer, "share", scope), path, found, form)

    @abstractmethod
    def shareable(self, words: tuple[str, ...], path: str, form: t.Share) -> Any:
        """The layers at a path, whose weights are those at another; refuses what has no use."""

    @abstractmethod
    def again(self, name: Name, path: str, found: Any, form: t.Share) -> None:
        """Put shared layers into the flow once more, by a name of their own."""

    def output(self, statement: t.Output, scope: Scope) -> None:
        """`output` and `aux` leave the flow and do not change it (L15)."""
        statement = self.titled(statement, scope)
        start, outer, self.items = self.flowing, self.items, []
        tap, carrier = outgoing(statement)
        try:
            self.chain(tap, scope)
            self.carry_out(statement, carrier, scope)
            branch = self.branch(statement)
        finally:
            self.flowing, self.items = start, outer
        if branch is not None:
            self.items.append(branch)

    def titled(self, statement: t.Output, scope: Scope) -> t.Output:
        """An output with its name, in which every number is filled in (L33)."""
        name, span = statement.name, statement.name_span
        if isinstance(name, str):
            return statement
        whole = self.whole(self.filled(name, scope), span)
        return t.Output(statement.span, statement.doc, statement.kind, whole, span, statement.flow)

    @abstractmethod
    def whole(self, name: Name, span: Span) -> str:
        """The text of a name in which nothing may be open."""

    def carry_out(self, statement: t.Output, carrier: t.Layer | None, scope: Scope) -> None:
        """What an output does with its value: the layer or braces that carry its name, if any.

        Where they share layers of the net, the braces are none: their layers stand at its level.
        """
        if carrier is None:
            return
        if not shares_outside(carrier):
            self.chain((carrier,), scope)
            return
        outer, self.names = self.names, self.fresh()
        self.within = self.spelt([str(statement.name)])
        assert isinstance(carrier.form, t.Group)
        try:
            self.run(carrier.form.body, scope.inner())
        finally:
            self.names, self.within = outer, None

    @abstractmethod
    def fresh(self) -> Numbering[Name]:
        """The names of a level that nothing stands in yet."""

    def branch(self, statement: t.Output) -> Any:
        """The output just walked; None where an error hides what it is. A block has none."""
        raise NotImplementedError


def check_key(label: str, span: Span) -> None:
    """Refuse what a label with its numbers filled in cannot be (S2)."""
    first, *rest = label.split(".")
    if rest and first.isdigit():
        message = f"`{label}` cannot name a layer: its first word is a number"
        raise fail("E0501", message, span)
    for word in (first, *rest):
        check_attribute(word, span)


def counted(value: Value, span: Span) -> str:
    """A number in a label, as its text."""
    if isinstance(value, Size):
        raise symbolic("a label", value, span)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        came = f"{type_name(value)} came"
        if type(value) is int:
            came = f"{value} is less than 0"
        raise fail("E0201", f"a label is made of whole numbers, and {came}", span)
    return str(value)
