"""The subset of Python that modules are written in, turned into functions that run on locals.

A function of the file is translated once and run as often as it is called: an expression becomes
a closure from the locals to a value, a statement one that gives None, or what it returns in a tuple
of one.  What is not listed here is Unproved with its line; nothing is guessed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from cnnspec.backends.torch.proof.arithmetic import BINARY, COMPARE, binary, compare, truth, unary
from cnnspec.backends.torch.proof.faults import Unproved
from cnnspec.backends.torch.proof.runtime import BUILTINS, Runtime
from cnnspec.backends.torch.proof.values import Dotted, Env, Tensor

Run = Callable[[Env], Any]
EXHAUST = {"list", "tuple", "min", "max", "sum"}
"""What runs through a generator before anything else happens."""


def _nothing(env: Env) -> None:
    """What stands before a call of something imported."""


class Expressions:
    """Translates the expressions of one function; `own` are its local names."""

    def __init__(self, runtime: Runtime, own: frozenset[str], receiver: str = "") -> None:
        self.runtime, self.meter, self.own = runtime, runtime.meter, own
        self.receiver = receiver
        """The first parameter of a method: `self`."""

    def refuse(self, node: ast.AST, why: str = "") -> Unproved:
        """The fault for what is not interpreted."""
        self.meter.line = getattr(node, "lineno", self.meter.line)
        text = ast.unparse(node).partition("\n")[0]
        return self.meter.fault(why or f"`{text[:60]}` is Python that no proof covers")

    def run(self, node: ast.expr) -> Run:
        """An expression as a function of the locals."""
        match node:
            case ast.Constant(value):
                if type(value) not in (int, float, bool, str, type(None)):
                    raise self.refuse(node)
                self.meter.bounded(value)
                return lambda env: value
            case ast.Name(name):
                return self.name(node, name)
            case ast.Attribute(of, name):
                return self.attribute(node, of, name)
            case ast.Call():
                return self.call(node)
            case ast.BinOp(left, sign, right):
                return self.binary(node, left, type(sign), right)
            case ast.UnaryOp(sign, operand):
                return self.unary(type(sign), self.run(operand))
            case ast.BoolOp(sign, values):
                return self.boolean(isinstance(sign, ast.And), [self.run(v) for v in values])
            case ast.Compare(left, signs, others):
                return self.compare(node, self.run(left), signs, [self.run(n) for n in others])
            case ast.IfExp(test, then, other):
                return self.choice(self.run(test), self.run(then), self.run(other))
            case ast.Tuple(elements) | ast.List(elements):
                return self.sequence(tuple if isinstance(node, ast.Tuple) else list, elements)
            case ast.Dict(keys, values):
                return self.mapping(node, keys, values)
            case ast.JoinedStr(parts):
                return self.text(node, parts)
            case ast.ListComp(element, loops):
                return self.listed(node, element, loops)
            case ast.Subscript(of, index):
                return self.subscript(node, self.run(of), index)
        raise self.refuse(node)

    # --- names, attributes and calls ---

    def static(self, node: ast.expr) -> str:
        """The full name of something imported, `nn.Conv2d`, or "" for anything else."""
        if isinstance(node, ast.Name):
            found = None if node.id in self.own else self.runtime.names.get(node.id)
            return found.name if isinstance(found, Dotted) else ""
        if isinstance(node, ast.Attribute):
            outer = self.static(node.value)
            return self.runtime.full(f"{outer}.{node.attr}") if outer else ""
        return ""

    def name(self, node: ast.Name, name: str) -> Run:
        meter, names, line = self.meter, self.runtime.names, node.lineno
        if name in self.own:

            def local(env: Env) -> Any:
                try:
                    return env[name]
                except KeyError:
                    meter.line = line
                    raise meter.fault(f"{name} has no value yet") from None

            return local

        def outer(env: Env) -> Any:
            try:
                return names[name]
            except KeyError:
                meter.line = line
                raise meter.fault(f"nothing is called {name}") from None

        return outer

    def attribute(self, node: ast.Attribute, of: ast.expr, name: str) -> Run:
        if full := self.static(node):
            dotted = Dotted(full)
            return lambda env: dotted
        value, get, meter, line = self.run(of), self.runtime.attribute, self.meter, node.lineno

        def run(env: Env) -> Any:
            found = value(env)
            meter.line = line
            return get(found, name)

        return run

    def call(self, node: ast.Call) -> Run:
        target, runtime, line = node.func, self.runtime, node.lineno
        gather, meter, receiver = self.arguments(node), self.meter, self.receiver
        act: Callable[[Any, tuple[Any, ...], dict[str, Any]], Any]
        match target:
            case ast.Attribute(ast.Call(ast.Name("super"), [], []), "__init__") if receiver:
                of, act = self.run(ast.Name(receiver, lineno=line)), runtime.begin
            case ast.Name("getattr"):
                of, act = _nothing, lambda _, a, k: runtime.get_attribute(a, k)
            case ast.Name("isinstance"):
                of, act = _nothing, lambda _, a, k: runtime.is_instance(a, k)
            case _ if full := self.static(target):
                of, act = _nothing, lambda _, a, k: runtime.known(full, a, k)
            case ast.Attribute(value, name):
                of, act = self.run(value), lambda it, a, k: runtime.method(it, name, a, k)
            case _:
                of, act = self.run(target), runtime.apply

        def run(env: Env) -> Any:
            value = of(env)
            args, words = gather(env)
            meter.line = line
            return act(value, args, words)

        return run

    def arguments(self, node: ast.Call) -> Callable[[Env], tuple[tuple[Any, ...], dict[str, Any]]]:
        exhausts = isinstance(node.func, ast.Name) and node.func.id in EXHAUST
        given = [self.argument(a, exhausts) for a in node.args]
        if any(k.arg is None for k in node.keywords):
            raise self.refuse(node)
        words = [(str(k.arg), self.run(k.value)) for k in node.keywords]
        if not any(starred for starred, _ in given):
            plain = [run for _, run in given]
            return lambda env: (tuple([a(env) for a in plain]), {k: w(env) for k, w in words})
        elements = self.runtime.elements

        def run(env: Env) -> tuple[tuple[Any, ...], dict[str, Any]]:
            args: list[Any] = []
            for starred, value in given:
                if starred:
                    args += elements(value(env))
                else:
                    args.append(value(env))
            return tuple(args), {k: w(env) for k, w in words}

        return run

    def argument(self, node: ast.expr, exhausts: bool) -> tuple[bool, Run]:
        """An argument, and whether it is starred; a generator only where it runs at once."""
        starred = isinstance(node, ast.Starred)
        value = node.value if isinstance(node, ast.Starred) else node
        if isinstance(value, ast.GeneratorExp) and (starred or exhausts):
            return starred, self.listed(value, value.elt, value.generators)
        return starred, self.run(value)

    # --- operators ---

    def binary(self, node: ast.BinOp, a: ast.expr, sign: type[ast.operator], b: ast.expr) -> Run:
        if sign not in BINARY:
            raise self.refuse(node)
        left, right, meter, line = self.run(a), self.run(b), self.meter, node.lineno
        runtime = self.runtime

        def run(env: Env) -> Any:
            x, y = left(env), right(env)
            meter.line = line
            if type(x) is Tensor or type(y) is Tensor:
                return runtime.join(sign, x, y)
            return binary(meter, sign, x, y)

        return run

    def unary(self, sign: type[ast.unaryop], operand: Run) -> Run:
        return lambda env: unary(self.meter, sign, operand(env))

    def boolean(self, every: bool, values: list[Run]) -> Run:
        meter = self.meter

        def run(env: Env) -> Any:
            value: Any = every
            for part in values:
                value = part(env)
                if truth(meter, value) != every:
                    break
            return value

        return run

    def compare(
        self, node: ast.Compare, first: Run, signs: list[ast.cmpop], others: list[Run]
    ) -> Run:
        rows = [(type(sign), other) for sign, other in zip(signs, others, strict=True)]
        if any(sign not in COMPARE for sign, _ in rows):
            raise self.refuse(node)
        meter, line = self.meter, node.lineno

        def run(env: Env) -> bool:
            left = first(env)
            for sign, other in rows:
                right = other(env)
                meter.line = line
                if not compare(meter, sign, left, right):
                    return False
                left = right
            return True

        return run

    def choice(self, test: Run, then: Run, other: Run) -> Run:
        return lambda env: then(env) if truth(self.meter, test(env)) else other(env)

    # --- lists and what stands in them ---

    def sequence(self, kind: type, elements: list[ast.expr]) -> Run:
        given = [self.argument(e, False) for e in elements]
        spread = self.runtime.elements

        def run(env: Env) -> Any:
            found: list[Any] = []
            for starred, value in given:
                if starred:
                    found += spread(value(env))
                else:
                    found.append(value(env))
            return kind(found)

        return run

    def mapping(self, node: ast.Dict, keys: list[ast.expr | None], values: list[ast.expr]) -> Run:
        if any(key is None for key in keys):
            raise self.refuse(node)
        rows = [
            (self.run(k), self.run(v)) for k, v in zip(keys, values, strict=True) if k is not None
        ]
        key = self.runtime.key
        return lambda env: {key(k(env)): v(env) for k, v in rows}

    def text(self, node: ast.JoinedStr, parts: list[ast.expr]) -> Run:
        runs: list[Run] = []
        for part in parts:
            match part:
                case ast.Constant(str()):
                    runs.append(self.run(part))
                case ast.FormattedValue(value, -1, None):
                    runs.append(self.run(value))
                case _:
                    raise self.refuse(node)
        shown, bounded = self.runtime.shown, self.meter.bounded
        return lambda env: bounded("".join([shown(part(env)) for part in runs]))

    def listed(self, node: ast.expr, element: ast.expr, loops: list[ast.comprehension]) -> Run:
        """A comprehension, or a generator that is run through at once."""
        rows = []
        for loop in loops:
            if loop.is_async:
                raise self.refuse(node)
            tests = [self.run(t) for t in loop.ifs]
            rows.append((self.run(loop.iter), self.target(loop.target), tests))
        value, iterate, meter = self.run(element), self.runtime.iterate, self.meter

        def turns(env: Env, depth: int) -> Iterator[None]:
            if depth == len(rows):
                yield
                return
            over, assign, tests = rows[depth]
            for turn in iterate(over(env)):
                assign(env, turn)
                if all(truth(meter, test(env)) for test in tests):
                    yield from turns(env, depth + 1)

        def run(env: Env) -> list[Any]:
            inner = dict(env)
            return [value(inner) for _ in turns(inner, 0)]

        return run

    def subscript(self, node: ast.Subscript, of: Run, index: ast.expr) -> Run:
        meter, line, runtime = self.meter, node.lineno, self.runtime
        match index:
            case ast.Tuple([ast.Slice(None, None, None), ast.Slice(start, stop, None)]):
                first, last = self.end(start), self.end(stop)
                return lambda env: runtime.channels(of(env), first(env), last(env))
            case ast.Slice(start, stop, None):
                first, last = self.end(start), self.end(stop)
                return lambda env: runtime.part(of(env), first(env), last(env))
            case ast.Slice() | ast.Tuple():
                raise self.refuse(node)
        at = self.run(index)

        def run(env: Env) -> Any:
            value, place = of(env), at(env)
            meter.line = line
            return runtime.item(value, place)

        return run

    def end(self, node: ast.expr | None) -> Run:
        return (lambda env: None) if node is None else self.run(node)

    # --- what is assigned to ---

    def target(self, node: ast.expr) -> Callable[[Env, Any], None]:
        """What `node = value` does with a value."""
        runtime = self.runtime
        match node:
            case ast.Name(name) if name not in BUILTINS:
                return lambda env, value: env.__setitem__(name, value)
            case ast.Tuple(parts):
                return self.unpacking([self.target(part) for part in parts])
            case ast.Attribute(of, name):
                holder = self.run(of)
                return lambda env, value: runtime.set_attribute(holder(env), name, value)
            case ast.Subscript(of, index) if not isinstance(index, ast.Slice | ast.Tuple):
                holder, at = self.run(of), self.run(index)
                return lambda env, value: runtime.set_item(holder(env), at(env), value)
        raise self.refuse(node)

    def unpacking(self, targets: list[Callable[[Env, Any], None]]) -> Callable[[Env, Any], None]:
        runtime, meter = self.runtime, self.meter

        def assign(env: Env, value: Any) -> None:
            values = runtime.elements(value)
            if len(values) != len(targets):
                raise meter.fault(f"{len(values)} values for {len(targets)} names")
            for target, one in zip(targets, values, strict=True):
                target(env, one)

        return assign
