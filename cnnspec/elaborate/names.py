"""Names checked without elaborating: every body, also of blocks that nothing calls (L25, L31)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cnnspec.diagnostics import Diagnostics, Label, SpecError, fail
from cnnspec.elaborate import arms, beside, lint, recipes
from cnnspec.elaborate.arithmetic import Poison
from cnnspec.elaborate.evaluate import unknown_name
from cnnspec.elaborate.functions import FUNCTIONS
from cnnspec.elaborate.later import misuse, rewrite, unfound
from cnnspec.elaborate.records import RECORDS
from cnnspec.elaborate.scope import BlockValue, Missing, Scope
from cnnspec.elaborate.signature import header
from cnnspec.ops import ops
from cnnspec.ops.arguments import signature, signature_text
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.syntax.words import check_attribute
from cnnspec.values import KEYWORDS

if TYPE_CHECKING:
    from cnnspec.elaborate.scope import Unit

__all__ = ["Poison", "check"]


def check(unit: Unit, diagnostics: Diagnostics) -> None:
    """Report names that nothing has and arguments that nothing takes, in every body."""
    for place in unit.file.stray:
        diagnostics.add(lint.stray_documentation(place))
    checker = _Checker(diagnostics, unit.used, followers(unit.file))
    for declaration in unit.file.declarations:
        match declaration:
            case t.Block() | t.Net():
                scope = unit.scope.inner()
                for param in declaration.params:
                    checker.expression(param.default, scope)
                    scope.values[param.name] = Poison()
                checker.claims = unit.claims.setdefault(declaration.name, [])
                checker.body(declaration.body, scope)
            case t.Variant():
                checker.expressions(tuple(arg.value for arg in declaration.args), unit.scope)
            case t.Let():
                checker.expression(declaration.value, unit.scope)


def concrete(net: t.Net | t.Variant) -> bool:
    """Whether a net has all its values; else it is a family, for others to call (L25)."""
    return isinstance(net, t.Variant) or all(param.default is not None for param in net.params)


def unused_blocks(units: Iterable[Unit], diagnostics: Diagnostics) -> None:
    """W0206: blocks that nothing calls, in files with a net of their own.

    After an error nothing is said: the call that is missing may be what is wrong.
    """
    if diagnostics.errors:
        return
    for unit in units:
        if not any(map(concrete, unit.nets.values())):
            continue
        for block in unit.file.declarations:
            if isinstance(block, t.Block) and block.name not in unit.used:
                diagnostics.add(lint.unused_block(block))


def followers(file: t.File) -> set[str]:
    """The ops that the defaults of a file let follow others."""
    found = set()
    waiting: list[t.Node] = list(file.declarations)
    while waiting:
        node = waiting.pop()
        if isinstance(node, t.Default):
            found |= {call.name for call in node.followers}
        elif not isinstance(node, t.Flow):
            waiting += node.children()
    return found


def _called(node: t.Node) -> set[str]:
    """The ops and blocks that a statement writes, at any depth; a default only says how."""
    if isinstance(node, t.Default):
        return set()
    own = {node.name} if isinstance(node, t.Call | t.Fork | t.Name) else set()
    return own.union(*map(_called, node.children()))


def lets(statements: Iterable[t.Node]) -> dict[str, Span]:
    """The place of each `let` among statements: above it, its name has no value yet."""
    return {s.name: s.span for s in statements if isinstance(s, t.Let)}


def _written(name: str | t.Template) -> tuple[t.Expr, ...]:
    """The expressions in a name."""
    parts = () if isinstance(name, str) else name.parts
    return tuple(part for part in parts if not isinstance(part, str))


class _Checker:
    """Walks bodies with scopes that hold names but no values."""

    def __init__(self, diagnostics: Diagnostics, used: set[str], following: set[str]) -> None:
        self.diagnostics, self.used, self.following = diagnostics, used, following
        self.claims: list[tuple[t.Claim, Scope]] = []

    def report(self, error: SpecError) -> None:
        self.diagnostics.add(error.diagnostic)

    def body(self, body: t.Body, scope: Scope) -> None:
        scope.later = lets(body.statements)
        for number, statement in enumerate(body.statements):
            self.statement(statement, scope)
            if isinstance(statement, t.Default):
                self.reaches(statement, body.statements[number + 1 :])

    def reaches(self, default: t.Default, below: Iterable[t.Statement]) -> None:
        """Warn of a default under which nothing is written; a follower falls under it too."""
        name = default.call.name
        if name in ops() and name not in self.following.union(*map(_called, below)):
            self.diagnostics.add(lint.idle_default(default))

    def statement(self, statement: t.Statement, scope: Scope) -> None:
        match statement:
            case t.Let():
                self.expression(statement.value, scope)
                scope.values[statement.name] = Poison()
            case t.Default():
                for call in (statement.call, *statement.followers):
                    self.call(call, scope)
            case t.Require():
                self.expression(statement.condition, scope)
            case t.Flow():
                self.flow(statement, scope)
            case t.Output():
                self.expressions(_written(statement.name), scope)
                self.flow(statement.flow, scope)
            case t.If():
                self.conditional(statement, scope)
            case t.For():
                self.expression(statement.iterable, scope)
                inner = scope.inner()
                inner.values.update(dict.fromkeys(statement.names, Poison()))
                self.body(statement.body, inner)
            case t.Repeat():
                self.expression(statement.count, scope)
                self.body(statement.body, scope.inner())
            case t.Input():
                self.shape(statement.shape, scope)
            case t.Claim():
                self.claims.append((statement, scope))
            case t.Trained() if scope.find(statement.name) is Missing:
                self.report(recipes.unknown(statement.name, scope, statement.span))
            case _:
                pass

    def conditional(self, statement: t.If, scope: Scope) -> None:
        branch: t.If | t.Body | None = statement
        while isinstance(branch, t.If):
            self.expression(branch.condition, scope)
            self.body(branch.body, scope.inner())
            branch = branch.other
        if branch is not None:
            self.body(branch, scope.inner())

    def flow(self, flow: t.Flow, scope: Scope) -> None:
        for layer in flow.layers:
            if layer.label is not None:
                self.label(layer.label, scope)
            match layer.form:
                case t.Call():
                    self.call(layer.form, scope)
                case t.Fork():
                    self.callee(layer.form, scope)
                    self.body(layer.form.body, scope.inner())
                    self.arms(layer.form, scope)
                case t.Seq() | t.Group():
                    self.body(layer.form.body, scope.inner())
                case _:
                    self.path(layer.form.path, scope)
        if flow.asserted is not None:
            self.shape(flow.asserted, scope)

    def arms(self, fork: t.Fork, scope: Scope) -> None:
        """W0211: statements that were probably to be one arm."""

        def is_activation(name: str) -> bool:
            free = name != "" and scope.find(name) is Missing and name in ops()
            return free and ops()[name].kind == "activation"

        for warning in arms.warnings(fork, is_activation):
            self.diagnostics.add(warning)

    def shape(self, shape: t.ShapeExpr, scope: Scope) -> None:
        """A name stands for one size of a shape: two would be one symbol with two values (L24)."""
        self.expressions(shape.sizes, scope)
        first: dict[str, Span] = {}
        for name, place in zip(shape.names, shape.places, strict=True):
            if name is None or place is None:
                continue
            if name in first:
                label = Label(first[name], "the first is here")
                message = f"`{name}` names two sizes of one shape"
                self.report(fail("E0114", message, place, labels=(label,)))
            first.setdefault(name, place)

    def label(self, label: t.Label, scope: Scope) -> None:
        if isinstance(label.text, t.Template):
            self.template(label.text, scope)
            return
        try:
            for word in label.text.split("."):
                check_attribute(word, label.span)
        except SpecError as error:
            self.report(error)

    def template(self, template: t.Template, scope: Scope) -> None:
        self.expressions(_written(template), scope)

    def path(self, path: t.Path, scope: Scope) -> None:
        for part in path.parts:
            if isinstance(part, t.Template):
                self.template(part, scope)
            elif not isinstance(part, str):
                self.expression(part, scope)

    def callee(self, called: t.Call | t.Fork, scope: Scope) -> None:
        self.used.add(called.name)
        if scope.find(called.name) is Missing and called.name not in ops():
            self.unknown_call(called, scope)

    def call(self, call: t.Call, scope: Scope) -> None:
        self.used.add(call.name)
        value = scope.find(call.name)
        if isinstance(value, BlockValue):
            known = [p.name for p in value.params]
            text = header(value.name, value.params)
            self.arguments(call, known, text, "parameter", scope)
        elif value is Missing and call.name in ops():
            cls = ops()[call.name]
            if cls.join:
                self.report(misuse.no_body(call))
                return
            self.arguments(call, list(signature(cls)), signature_text(cls), "argument", scope)
        else:
            if value is Missing:
                self.unknown_call(call, scope)
            if value is not Missing or not unfound.of_another_tool(call.name):
                self.expressions(tuple(arg.value for arg in call.args), scope)

    def arguments(self, call: t.Call, known: list[str], text: str, word: str, scope: Scope) -> None:
        """An unknown keyword is one error, whatever stands behind it; a path is no value (L39)."""
        path = beside.argument(ops()[call.name], call) if word == "argument" else None
        for arg in call.args:
            if arg is path:
                self.path(beside.path(arg, ops()[call.name]), scope)
                continue
            if arg.keyword is None or arg.keyword in known:
                self.expression(arg.value, scope)
                continue
            self.report(
                fail(
                    "E0103",
                    f"{call.name} has no {word} `{arg.keyword}`",
                    arg.span,
                    note=rewrite.argument(arg, call, known),
                    notes=(text,),
                )
            )

    def unknown_call(self, call: t.Call | t.Fork, scope: Scope) -> None:
        blocks = [n for n in scope.names() if isinstance(scope.find(n), BlockValue | Poison)]
        self.report(unfound.no_op(call.name, call.name_span, blocks))

    def expression(self, expr: t.Node | None, scope: Scope) -> None:
        match expr:
            case t.Name():
                self.name(expr.name, expr.span, scope)
            case t.Apply():
                if isinstance(expr.function, t.Name):
                    self.function(expr.function, expr, scope)
                self.expressions(tuple(a.value for a in expr.args), scope)
            case t.Node():
                for child in expr.children():
                    self.expression(child, scope)

    def expressions(self, exprs: tuple[t.Expr, ...], scope: Scope) -> None:
        for expr in exprs:
            self.expression(expr, scope)

    def name(self, name: str, span: Span, scope: Scope) -> None:
        self.used.add(name)
        if name not in KEYWORDS and scope.find(name) is Missing:
            self.report(unknown_name(name, span, scope))

    def function(self, name: t.Name, expr: t.Apply, scope: Scope) -> None:
        """A function, a record, or a block with arguments bound (L35)."""
        if name.name in FUNCTIONS or name.name in RECORDS:
            return
        value = scope.find(name.name)
        self.used.add(name.name)
        if isinstance(value, BlockValue):
            known, given = {param.name for param in value.params}, set[str]()
            for arg in expr.args:
                if arg.keyword not in known or arg.keyword in given:
                    self.report(misuse.binding(value, arg, given))
                given.add(arg.keyword or "")
        elif not isinstance(value, Poison):
            self.report(unfound.no_function(name.name, name.span))
