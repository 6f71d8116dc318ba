"""Statements and functions of a module, translated; see `translate`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from cnnspec.backends.torch.proof.arithmetic import BINARY, binary, truth
from cnnspec.backends.torch.proof.comments import Comments
from cnnspec.backends.torch.proof.faults import STEPS_MAX
from cnnspec.backends.torch.proof.runtime import BUILTINS, Runtime
from cnnspec.backends.torch.proof.translate import Expressions, stored
from cnnspec.backends.torch.proof.values import Env, Function, Tensor

Step = Callable[[Env], tuple[Any] | None]
"""A statement: None where the function goes on, what it returns in a tuple of one."""

PLAIN_TYPES = frozenset("int float bool str tuple list dict object None".split())


def function(
    runtime: Runtime, comments: Comments, node: ast.FunctionDef, method: bool = False
) -> Function:
    """A function of the file. Raises Unproved for what is not interpreted."""
    given = node.args
    runtime.meter.line = node.lineno
    plain = not (given.vararg or given.kwarg or given.kwonlyargs or given.posonlyargs)
    if node.decorator_list or not plain:
        raise runtime.meter.fault(f"{node.name} is decorated, or takes more than plain parameters")
    names = tuple(a.arg for a in given.args)
    if set(names) & BUILTINS.keys():
        raise runtime.meter.fault(f"a parameter of {node.name} hides a function of Python")
    inner = Statements(
        runtime, frozenset({*names, *_stored(node.body)}), names[0] if method and names else ""
    )
    inner.comments = comments
    late = names[len(names) - len(given.defaults) :]
    defaults = {n: inner.literal(d) for n, d in zip(late, given.defaults, strict=True)}
    hints = [a.annotation for a in given.args] + [node.returns]
    known_hints(runtime, [h for h in hints if h is not None])
    return Function(node.name, names, defaults, node.lineno, inner.block(node.body))


def _stored(body: Sequence[ast.stmt]) -> Iterator[str]:
    """The names that statements give values to: a function's locals."""
    for node in body:
        match node:
            case ast.Assign(targets):
                for target in targets:
                    yield from stored(target)
            case ast.AnnAssign(target) | ast.AugAssign(target):
                yield from stored(target)
            case ast.For(target, _, inner):
                yield from stored(target)
                yield from _stored(inner)
            case ast.If(_, then, other):
                yield from _stored(then)
                yield from _stored(other)


def known_hints(runtime: Runtime, nodes: Sequence[ast.expr]) -> None:
    """Names in type hints must be known: Python looks them up when the file is loaded."""
    for hint in nodes:
        for node in (hint,) if type(hint) is ast.Name else ast.walk(hint):
            if isinstance(node, ast.Name) and not {node.id} & (PLAIN_TYPES | runtime.names.keys()):
                raise runtime.meter.fault(f"nothing is called {node.id}")


class Statements(Expressions):
    """Translates the statements of one function."""

    comments: Comments

    def block(self, body: Sequence[ast.stmt]) -> Step:
        """Statements one after another, up to a `return`."""
        rows = [(node.lineno, self.statement(node)) for node in body if not _idle(node)]
        meter = self.meter

        def run(env: Env) -> tuple[Any] | None:
            for line, step in rows:
                meter.line = line
                meter.steps += 1
                if meter.steps > STEPS_MAX:
                    meter.spend(0)
                found = step(env)
                if found is not None:
                    return found
            return None

        return run

    def statement(self, node: ast.stmt) -> Step:
        """A statement as a step. Raises Unproved for what is not interpreted."""
        match node:
            case ast.Assign(targets, value):
                return self.assign(node, targets, value)
            case ast.AnnAssign(target, hint, value) if value is not None:
                known_hints(self.runtime, [hint])
                return self.assign(node, [target], value)
            case ast.AugAssign(ast.Name(name), sign, value) if type(sign) in BINARY:
                return self.augment(name, type(sign), value)
            case ast.Expr(value):
                return self.effect(value)
            case ast.Return(value):
                result = self.end(value)
                return lambda env: (result(env),)
            case ast.If(test, then, other):
                return self.branch(test, self.block(then), self.block(other))
            case ast.For(target, over, body, [], _):
                return self.loop(target, over, body)
        raise self.refuse(node)

    def assign(self, node: ast.stmt, targets: list[ast.expr], value: ast.expr) -> Step:
        """`a = b = value`; a shape in the comment behind it is checked."""
        result, comment = self.run(value), self.comments.at(node, self.runtime)
        assigns = [self.target(target) for target in targets]
        meter, line, check = self.meter, node.lineno, self.comments.check

        def run(env: Env) -> None:
            found = result(env)
            for assign in assigns:
                assign(env, found)
            if comment is not None and meter.depth == 1:  # in the net's own forward
                check(comment, found, line)

        return run

    def augment(self, name: str, sign: type[ast.operator], value: ast.expr) -> Step:
        """`a += value`, which changes a list where it lies."""
        get, result = self.run(ast.Name(name, lineno=value.lineno)), self.run(value)
        meter, elements = self.meter, self.runtime.elements

        def run(env: Env) -> None:
            old, new = get(env), result(env)
            if type(old) is Tensor:
                raise meter.fault("a tensor is changed where it lies")
            if type(old) is list and sign is ast.Add:
                old += elements(new)
                meter.bounded(old)
            else:
                env[name] = binary(meter, sign, old, new)

        return run

    def effect(self, value: ast.expr) -> Step:
        """An expression for what it does."""
        result = self.run(value)

        def run(env: Env) -> None:
            result(env)

        return run

    def branch(self, test: ast.expr, then: Step, other: Step) -> Step:
        """`if`: a tensor has no truth, so the condition is a number's."""
        value, meter = self.run(test), self.meter
        return lambda env: then(env) if truth(meter, value(env)) else other(env)

    def loop(self, target: ast.expr, over: ast.expr, body: list[ast.stmt]) -> Step:
        """`for`: over values, or over `modules()` and `children()` to set initial weights."""
        assign, iterate = self.target(target), self.runtime.iterate
        match over:
            case ast.Call(ast.Attribute(of, "modules" | "children" as name), [], []):
                self.only_initialises(body)
                owner, walk = self.run(of), self.runtime.walk
                values: Callable[[Env], Any] = lambda env: walk(owner(env), name)  # noqa: E731
            case _:
                given = self.run(over)
                values = lambda env: iterate(given(env))  # noqa: E731
        inner = self.block(body)

        def run(env: Env) -> tuple[Any] | None:
            for value in values(env):
                assign(env, value)
                found = inner(env)
                if found is not None:
                    return found
            return None

        return run

    def only_initialises(self, body: list[ast.stmt]) -> None:
        """A loop over modules may do the same with each: equal blocks are one tree here."""
        for node in body:
            match node:
                case ast.If(_, then, other):
                    self.only_initialises(then)
                    self.only_initialises(other)
                case ast.Expr(ast.Call(target)) if self.static(target).startswith("nn.init."):
                    pass
                case _:
                    raise self.refuse(node, "a loop over modules that does more than nn.init")

    def literal(self, node: ast.expr) -> Any:
        """A default of a parameter: a plain value that nothing can change."""
        try:
            value = ast.literal_eval(node)
        except ValueError:
            raise self.refuse(node) from None
        if self.meter.exact((value,)) is None:
            raise self.refuse(node)
        return value


def _idle(node: ast.stmt) -> bool:
    """A docstring, or `pass`."""
    match node:
        case ast.Pass() | ast.Expr(ast.Constant(str())):
            return True
    return False
