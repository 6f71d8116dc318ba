"""Expressions on one line, spaced and bracketed as ruff format leaves them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from cnnspec.backends.torch.python.literals import write_plain

BINARY: dict[type[ast.operator], tuple[str, int]] = {
    ast.BitOr: ("|", 5), ast.Add: ("+", 6), ast.Sub: ("-", 6), ast.Mult: ("*", 7),
    ast.Div: ("/", 7), ast.FloorDiv: ("//", 7), ast.Mod: ("%", 7), ast.Pow: ("**", 9),
}  # fmt: skip
"""Signs, and how tightly they bind."""

COMPARED: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in",
}  # fmt: skip

CHOICE, OR, AND, NOT, COMPARISON, NEGATIVE, ATOM = 0, 1, 2, 3, 4, 8, 10


def binds(node: ast.expr) -> int:
    """How tightly the outermost operator binds; what has none is an atom."""
    match node:
        case ast.BinOp(op=sign):
            return BINARY[type(sign)][1]
        case ast.IfExp() | ast.GeneratorExp():
            return CHOICE
        case ast.BoolOp(op=sign):
            return OR if isinstance(sign, ast.Or) else AND
        case ast.Compare():
            return COMPARISON
        case ast.UnaryOp(op=sign):
            return NOT if isinstance(sign, ast.Not) else NEGATIVE
    return ATOM


def within(node: ast.expr, level: int) -> str:
    """An operand, in brackets where it binds less tightly than what is around it."""
    text = flat(node)
    return text if binds(node) >= level else f"({text})"


def flat(node: ast.expr) -> str:
    """The text of an expression on one line."""
    return _WRITERS[type(node)](node)


def target(node: ast.expr) -> str:
    """What a statement assigns to: a tuple stands without brackets."""
    return listed(node.elts) if isinstance(node, ast.Tuple) else flat(node)


def listed(nodes: Sequence[ast.expr]) -> str:
    """Expressions with commas between them."""
    return ", ".join(map(flat, nodes))


def keyword(node: ast.keyword) -> str:
    """`stride=2`."""
    return f"{node.arg}={flat(node.value)}"


def arguments(node: ast.Call) -> str:
    """What stands in the brackets of a call."""
    return ", ".join([*map(flat, node.args), *map(keyword, node.keywords)])


def operands(node: ast.expr) -> list[tuple[str, ast.expr, int]]:
    """The operands of the loosest operators: (sign before it, operand, how it must bind)."""
    match node:
        case ast.BinOp(left=left, op=sign, right=right):
            return _binary(left, *BINARY[type(sign)], right)
        case ast.IfExp(test=test, body=body, orelse=other):
            chosen = [("", body, OR), ("if ", test, OR)]
            if isinstance(other, ast.IfExp):  # `a if b else c if d else e` is one chain
                (_, first, level), *rest = operands(other)
                return [*chosen, ("else ", first, level), *rest]
            return [*chosen, ("else ", other, CHOICE)]
        case ast.BoolOp(op=sign, values=values):
            level, word = (OR, "or ") if isinstance(sign, ast.Or) else (AND, "and ")
            return [(word if n else "", value, level + 1) for n, value in enumerate(values)]
        case ast.Compare(left=left, ops=[sign], comparators=[right]):
            return [("", left, COMPARISON + 1), (f"{COMPARED[type(sign)]} ", right, COMPARISON + 1)]
    return []


def _binary(
    left: ast.expr, sign: str, level: int, right: ast.expr
) -> list[tuple[str, ast.expr, int]]:
    """`a + b - c` has three operands; a power is bracketed the other way."""
    if sign == "**":
        return [("", left, level + 1), ("** ", right, level)]
    same = isinstance(left, ast.BinOp) and binds(left) == level
    return [*(operands(left) if same else [("", left, level)]), (f"{sign} ", right, level + 1)]


def _power(node: ast.BinOp) -> str:
    """Simple operands hug: `2**i`, `2 ** (i + 1)`."""
    hug = all(isinstance(side, ast.Name | ast.Constant) for side in (node.left, node.right))
    gap = "" if hug else " "
    return f"{within(node.left, NEGATIVE + 2)}{gap}**{gap}{within(node.right, NEGATIVE)}"


def _operation(node: ast.BinOp) -> str:
    sign, level = BINARY[type(node.op)]
    if sign == "**":
        return _power(node)
    return f"{within(node.left, level)} {sign} {within(node.right, level + 1)}"


def _operators(node: ast.expr) -> str:
    return " ".join(f"{sign}{within(part, level)}" for sign, part, level in operands(node))


def _unary(node: ast.UnaryOp) -> str:
    if isinstance(node.op, ast.Not):
        return f"not {within(node.operand, NOT)}"
    return f"-{within(node.operand, NEGATIVE)}"


def _subscript(node: ast.Subscript) -> str:
    index = node.slice
    inner = target(index) if isinstance(index, ast.Tuple) and index.elts else flat(index)
    return f"{within(node.value, ATOM)}[{inner}]"


def _slice(node: ast.Slice) -> str:
    ends = ["" if end is None else flat(end) for end in (node.lower, node.upper)]
    plain = ast.Name | ast.Constant | ast.UnaryOp | None
    simple = all(isinstance(e, plain) for e in (node.lower, node.upper))
    return ":".join(ends) if simple else " : ".join(ends).strip()


def _tuple(node: ast.Tuple) -> str:
    return f"({flat(node.elts[0])},)" if len(node.elts) == 1 else f"({listed(node.elts)})"


def entry(key: ast.expr | None, value: ast.expr) -> str:
    """`"conv0": nn.Conv2d(3, 64, 7)`."""
    assert key is not None
    return f"{flat(key)}: {flat(value)}"


def _dict(node: ast.Dict) -> str:
    pairs = zip(node.keys, node.values, strict=True)
    return f"{{{', '.join(entry(key, value) for key, value in pairs)}}}"


def _formatted(node: ast.JoinedStr) -> str:
    parts = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            parts.append(f"{{{flat(part.value)}}}")
        else:
            assert isinstance(part, ast.Constant)
            parts.append(str(part.value).replace("{", "{{").replace("}", "}}"))
    return f'f"{"".join(parts)}"'


def loop(node: ast.GeneratorExp) -> str:
    """`for width in widths`, behind the element."""
    (turn,) = node.generators
    return f"for {target(turn.target)} in {flat(turn.iter)}"


def _starred(node: ast.Starred) -> str:
    return f"*{within(node.value, CHOICE + 1)}"


_WRITERS: dict[type[ast.expr], Callable[[Any], str]] = {
    ast.Name: lambda node: str(node.id),
    ast.Constant: lambda node: write_plain(node.value) if node.value is not ... else "...",
    ast.Attribute: lambda node: f"{within(node.value, ATOM)}.{node.attr}",
    ast.Call: lambda node: f"{within(node.func, ATOM)}({arguments(node)})",
    ast.BinOp: _operation,
    ast.IfExp: _operators,
    ast.BoolOp: _operators,
    ast.Compare: _operators,
    ast.UnaryOp: _unary,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.Tuple: _tuple,
    ast.List: lambda node: f"[{listed(node.elts)}]",
    ast.Dict: _dict,
    ast.JoinedStr: _formatted,
    ast.Starred: _starred,
    ast.GeneratorExp: lambda node: f"{flat(node.elt)} {loop(node)}",
}  # fmt: skip
