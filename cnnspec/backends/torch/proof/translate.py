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
from cnnspec.backends.torch.proof.faults import PLAIN, Unproved
from cnnspec.backends.torch.proof.runtime import BUILTINS, Runtime
from cnnspec.backends.torch.proof.values import Dotted, Env, Tensor

Run = Callable[[Env], Any]
Gather = Callable[[Env], tuple[tuple[Any, ...], dict[str, Any]]]
"""The arguments of a call, by position and by name."""
EXHAUST = {"list", "tuple", "min", "max", "sum"}
"""What runs through a generator before anything else happens."""


def stored(target: ast.expr) -> Iterator[str]:
    """The names that an assignment to a target gives values to."""
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Tuple):
        for part in target.elts:
            yield from stored(part)


def _plain(given: list[Run], words: list[tuple[str, Run]]) -> Gather:
    """Arguments without stars; most calls have one, and no keywords."""
    if words:
        return lambda env: (tuple([a(env) for a in given]), {k: w(env) for k, w in words})
    if len(given) != 1:
        return lambda env: (tuple([a(env) for a in given]), {})
    (only,) = given
    return lambda env: ((only(env),), {})


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
        way = WAYS.get(type(node))
        if way is None:
            raise self.refuse(node)
        return way(self, node)

    def constant(self, node: ast.Constant) -> Run:
        """A literal: a number, a string, True, False or None."""
        value = node.value
        if type(value) not in PLAIN:
            raise self.refuse(node)
        self.meter.bounded(value)
        return lambda env: value

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

    def name(self, node: ast.Name) -> Run:
        """A local variable, else a name of the file or of Python, looked up when it is read."""
        meter, names, line, name = self.meter, self.runtime.names, node.lineno, node.id
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

    def attribute(self, node: ast.Attribute) -> Run:
        """`of.name`; what is imported, as `nn.Conv2d`, is known at once."""
        if full := self.static(node):
            self.meter.line = node.lineno
            dotted = self.runtime.imported(full)
            return lambda env: dotted
        value, name, get = self.run(node.value), node.attr, self.runtime.attribute
        meter, line = self.meter, node.lineno

        def run(env: Env) -> Any:
            found = value(env)
            meter.line = line
            return get(found, name)

        return run

    def call(self, node: ast.Call) -> Run:
        """A call: of what is imported, of a method, or of a value."""
        target, runtime, line = node.func, self.runtime, node.lineno
        gather, meter, receiver = self.arguments(node), self.meter, self.receiver
        act: Callable[[Any, tuple[Any, ...], dict[str, Any]], Any]
        match target:
            case ast.Attribute(ast.Call(ast.Name("super"), [], []), "__init__") if receiver:
                of, act = self.run(ast.Name(receiver, lineno=line)), runtime.begin
            case ast.Name("getattr"):
                of, act = _nothing, lambda _, a, k: runtime.get_attribute(a, k)
            case ast.Name("hasattr"):
                of, act = _nothing, lambda _, a, k: runtime.has_attribute(a, k)
            case ast.Name("isinstance"):
                of, act = _nothing, lambda _, a, k: runtime.is_instance(a, k)
            case _ if full := self.static(target):
                known = runtime.known(full)
                of, act = _nothing, lambda _, a, k: known(a, k)
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

    def arguments(self, node: ast.Call) -> Gather:
        """The arguments of a call; `*values` are spread, `**values` refused."""
        exhausts = isinstance(node.func, ast.Name) and node.func.id in EXHAUST
        given = [self.argument(a, exhausts) for a in node.args]
        if any(k.arg is None for k in node.keywords):
            raise self.refuse(node)
        words = [(str(k.arg), self.run(k.value)) for k in node.keywords]
        if not any(starred for starred, _ in given):
            return _plain([run for _, run in given], words)
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

    def binary(self, node: ast.BinOp) -> Run:
        """Arithmetic of numbers and lists; of tensors `+`, `-`, `*` and a mean's `/`."""
        sign, meter, line, runtime = type(node.op), self.meter, node.lineno, self.runtime
        if sign not in BINARY:
            raise self.refuse(node)
        left, right = self.run(node.left), self.run(node.right)

        def run(env: Env) -> Any:
            x, y = left(env), right(env)
            meter.line = line
            if type(x) is Tensor or type(y) is Tensor:
                return runtime.join(sign, x, y)
            return binary(meter, sign, x, y)

        return run

    def unary(self, node: ast.UnaryOp) -> Run:
        """`-x`, `not x`."""
        sign, operand = type(node.op), self.run(node.operand)
        return lambda env: unary(self.meter, sign, operand(env))

    def boolean(self, node: ast.BoolOp) -> Run:
        """`and`, `or`: the last value that was asked, as in Python."""
        every, values = isinstance(node.op, ast.And), [self.run(value) for value in node.values]
        meter = self.meter

        def run(env: Env) -> Any:
            value: Any = every
            for part in values:
                value = part(env)
                if truth(meter, value) != every:
                    break
            return value

        return run

    def compare(self, node: ast.Compare) -> Run:
        """A comparison, also a chain such as `0 < n <= 3`."""
        pairs = zip(node.ops, node.comparators, strict=True)
        first, rows = self.run(node.left), [(type(sign), self.run(other)) for sign, other in pairs]
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

    def choice(self, node: ast.IfExp) -> Run:
        """`then if test else other`."""
        test, then, other = self.run(node.test), self.run(node.body), self.run(node.orelse)
        return lambda env: then(env) if truth(self.meter, test(env)) else other(env)

    # --- lists and what stands in them ---

    def sequence(self, node: ast.Tuple | ast.List) -> Run:
        """A tuple or list; `*values` in it are spread."""
        kind = tuple if isinstance(node, ast.Tuple) else list
        given = [self.argument(e, False) for e in node.elts]
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

    def mapping(self, node: ast.Dict) -> Run:
        """A dict; its keys are plain values."""
        rows = []
        for name, value in zip(node.keys, node.values, strict=True):
            if name is None:
                raise self.refuse(node)
            rows.append((self.run(name), self.run(value)))
        key = self.runtime.key
        return lambda env: {key(k(env)): v(env) for k, v in rows}

    def text(self, node: ast.JoinedStr) -> Run:
        """An f-string without formats, bounded in length."""
        runs: list[Run] = []
        for part in node.values:
            match part:
                case ast.Constant(str()):
                    runs.append(self.run(part))
                case ast.FormattedValue(value, -1, None):
                    runs.append(self.run(value))
                case _:
                    raise self.refuse(node)
        shown, bounded = self.runtime.shown, self.meter.bounded
        return lambda env: bounded("".join([shown(part(env)) for part in runs]))

    def comprehension(self, node: ast.ListComp) -> Run:
        """A list comprehension."""
        return self.listed(node, node.elt, node.generators)

    def listed(self, node: ast.expr, element: ast.expr, loops: list[ast.comprehension]) -> Run:
        """A comprehension, or a generator that is run through at once."""
        outer, rows = self.own, []
        for loop in loops:
            if loop.is_async:
                raise self.refuse(node)
            over = self.run(loop.iter)
            self.own |= frozenset(stored(loop.target))
            rows.append((over, self.target(loop.target), [self.run(t) for t in loop.ifs]))
        value, iterate, meter = self.run(element), self.runtime.iterate, self.meter
        self.own = outer

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

    def subscript(self, node: ast.Subscript) -> Run:
        """`of[index]`, `of[start:stop]`, and channels of a tensor as `x[:, start:stop]`."""
        of, index = self.run(node.value), node.slice
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
        """One end of a slice; None where it is left out."""
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
        """What `a, b = value` does: as many values as names."""
        runtime, meter = self.runtime, self.meter

        def assign(env: Env, value: Any) -> None:
            values = runtime.elements(value)
            if len(values) != len(targets):
                raise meter.fault(f"{len(values)} values for {len(targets)} names")
            for target, one in zip(targets, values, strict=True):
                target(env, one)

        return assign


WAYS: dict[type[ast.expr], Callable[[Expressions, Any], Run]] = {
    ast.Constant: Expressions.constant,
    ast.Name: Expressions.name,
    ast.Attribute: Expressions.attribute,
    ast.Call: Expressions.call,
    ast.BinOp: Expressions.binary,
    ast.UnaryOp: Expressions.unary,
    ast.BoolOp: Expressions.boolean,
    ast.Compare: Expressions.compare,
    ast.IfExp: Expressions.choice,
    ast.Tuple: Expressions.sequence,
    ast.List: Expressions.sequence,
    ast.Dict: Expressions.mapping,
    ast.JoinedStr: Expressions.text,
    ast.ListComp: Expressions.comprehension,
    ast.Subscript: Expressions.subscript,
}
"""The kinds of expression that are interpreted."""
