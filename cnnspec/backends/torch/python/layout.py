"""Statements as `ruff format` lays them out, at 100 columns.

An expression that is too long is split at its last bracket pair: the content on one line of its own
if it fits there, else one element a line with a trailing comma.  A bracket that is marked open asks
for the latter at once, and so does a list or dict that does not fit.  Arithmetic and choices break
before their loosest operators, in brackets of their own where they have none.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from cnnspec.backends.torch.python.flat import (
    ATOM,
    BINARY,
    binds,
    flat,
    listed,
    loop,
    operands,
    target,
    within,
)

WIDTH = 100


@dataclass
class Item:
    """What stands between the commas of a bracket: text before a value, and how it must bind."""

    before: str
    value: ast.expr

    @property
    def text(self) -> str:
        """The element on one line."""
        return self.before + flat(self.value)


@dataclass
class Bracket:
    """A bracket pair that can open, with what stands before and behind it in its expression."""

    node: ast.AST
    head: str
    """Up to the opening bracket, which is its last character."""
    items: list[Item]
    close: str
    """From the closing bracket on."""

    @property
    def called(self) -> bool:
        """Whether this is a call or subscript, not a tuple, list, dict or pair of brackets."""
        return isinstance(self.node, ast.Call | ast.Subscript)


def is_open(node: ast.AST) -> bool:
    """Whether each element of a bracket has a line of its own, whatever fits."""
    return getattr(node, "open", False)


def asks(node: ast.AST) -> bool:
    """Whether a bracket in an expression is marked open."""
    return getattr(node, "asks", False)


def bracket(node: ast.expr) -> Bracket | None:
    """The pair that closes last, with something in it."""
    match node:
        case ast.Call(func=function, args=args, keywords=words) if args or words:
            items = [*(Item("", a) for a in args), *(Item(f"{k.arg}=", k.value) for k in words)]
            return Bracket(node, f"{within(function, ATOM)}(", items, ")")
        case ast.Subscript(value=value, slice=index):
            parts = index.elts if isinstance(index, ast.Tuple) and index.elts else [index]
            return Bracket(node, f"{within(value, ATOM)}[", [Item("", p) for p in parts], "]")
        case ast.List(elts=parts) if parts:
            return Bracket(node, "[", [Item("", part) for part in parts], "]")
        case ast.Tuple(elts=parts) if parts:
            return Bracket(node, "(", [Item("", part) for part in parts], ")")
        case ast.Dict(keys=keys, values=values) if values:
            pairs = zip(keys, values, strict=True)
            return Bracket(node, "{", [Item(f"{flat(k)}: ", v) for k, v in pairs if k], "}")
        case ast.Attribute(value=value, attr=name):
            return _behind(bracket(value), f".{name}")
        case ast.Call(func=function):
            return _behind(bracket(function), "()")
        case ast.Starred(value=ast.GeneratorExp() as turns):
            return Bracket(turns, "*(", [Item("", turns)], ")")
        case ast.Starred(value=value):
            return _before("*", bracket(value))
        case ast.UnaryOp(op=ast.USub(), operand=value):
            return _before("-", bracket(value))
        case ast.UnaryOp(operand=value) if binds(value) < ATOM:
            return Bracket(value, "not (", [Item("", value)], ")")
        case ast.UnaryOp(operand=value):
            return _before("not ", bracket(value))
    return None


def _behind(found: Bracket | None, tail: str) -> Bracket | None:
    return found and Bracket(found.node, found.head, found.items, found.close + tail)


def _before(sign: str, found: Bracket | None) -> Bracket | None:
    return found and Bracket(found.node, sign + found.head, found.items, found.close)


def lay(node: ast.expr, indent: int, before: str = "", behind: str = "") -> list[str]:
    """Lines of an expression, `indent` columns in, with text before and behind it."""
    pad, asked = " " * indent, asks(node)
    if not asked:
        text = f"{pad}{before}{flat(node)}{behind}"
        if len(text) <= WIDTH:
            return [text]
    if isinstance(node, ast.GeneratorExp):
        return [*lay(node.elt, indent, before), f"{pad}{loop(node)}{behind}"]
    parts = operands(node)
    if parts and not asked:
        last = len(parts) - 1
        return [
            line
            for n, (sign, part, level) in enumerate(parts)
            for line in _operand(
                part, level, indent, sign if n else before, behind if n == last else ""
            )
        ]
    found = bracket(node)
    if found is None:
        return [f"{pad}{before}{flat(node)}{behind}"]
    return _opened(found, indent, before, behind)


def _operand(node: ast.expr, level: int, indent: int, before: str, behind: str) -> list[str]:
    """An operand, in brackets where it binds less tightly than what is around it."""
    if binds(node) >= level:
        return lay(node, indent, before, behind)
    text = f"{' ' * indent}{before}({flat(node)}){behind}"
    if len(text) <= WIDTH:
        return [text]
    group = Bracket(ast.Tuple(elts=[]), "(", [Item("", node)], ")")
    return _opened(group, indent, before, behind)


def _opened(found: Bracket, indent: int, before: str, behind: str) -> list[str]:
    """A bracket pair with its content on lines of their own."""
    pad, asked = " " * indent, is_open(found.node)
    head, close = f"{pad}{before}{found.head}", f"{pad}{found.close}{behind}"
    single = len(found.items) == 1 and not asked
    group = single and found.head.endswith("(") and not found.called
    if not (asked or any(asks(item.value) for item in found.items)) and (found.called or group):
        body = ", ".join(item.text for item in found.items)
        if indent + 4 + len(body) <= WIDTH:
            return [head, f"{pad}    {body}", close]
    comma = "" if group or (single and _stands_alone(found.items[0].value)) else ","
    lines = [head]
    for item in found.items:
        lines += lay(item.value, indent + 4, item.before, comma)
    return [*lines, close]


def _stands_alone(node: ast.expr) -> bool:
    """What has no comma behind it where it is alone in a call."""
    return isinstance(node, ast.GeneratorExp | ast.Starred)


def laid(node: ast.stmt, indent: int, word: str = "") -> list[str]:
    """Lines of a statement, or of the head of a compound one; `word` is `elif` for an `if`."""
    match node:
        case ast.Assign(targets=targets, value=value):
            return _value(value, indent, "".join(f"{target(t)} = " for t in targets))
        case ast.AnnAssign(target=name, annotation=kind, value=None):
            return [f"{' ' * indent}{flat(name)}: {flat(kind)}"]
        case ast.AnnAssign(target=name, annotation=kind, value=value) if value:
            return _value(value, indent, f"{flat(name)}: {flat(kind)} = ")
        case ast.AugAssign(target=name, op=sign, value=value):
            return _value(value, indent, f"{flat(name)} {BINARY[type(sign)][0]}= ")
        case ast.Return(value=ast.Tuple(elts=parts)) if _fits(parts, indent):
            return [f"{' ' * indent}return {listed(parts)}"]
        case ast.Return(value=value) if value:
            return _value(value, indent, "return ")
        case ast.Expr(value=value):
            return lay(value, indent)
        case ast.If(test=test):
            return _value(test, indent, f"{word or 'if'} ", ":")
        case ast.For(target=name, iter=over):
            return _value(over, indent, f"for {target(name)} in ", ":")
        case ast.FunctionDef():
            return _signature(node, indent)
        case ast.Pass():
            return [f"{' ' * indent}pass"]
    raise AssertionError(ast.dump(node))


def _fits(parts: list[ast.expr], indent: int) -> bool:
    return indent + len("return ") + len(listed(parts)) <= WIDTH


def _value(node: ast.expr, indent: int, before: str, behind: str = "") -> list[str]:
    """A value behind `x = ` or `return `: what breaks at operators is put into brackets."""
    if asks(node) or indent + len(before) + len(flat(node)) + len(behind) <= WIDTH:
        return lay(node, indent, before, behind)
    parts = operands(node)
    if not parts:
        return lay(node, indent, before, behind)
    if len(parts) == 2 and (lines := _in_own_brackets(node, indent, before, behind)):
        return lines
    pad = " " * indent
    return [f"{pad}{before}(", *lay(node, indent + 4), f"{pad}){behind}"]


def _in_own_brackets(node: ast.expr, indent: int, before: str, behind: str) -> list[str]:
    """`f(a) + b` breaks inside the call's own brackets, where they begin or end the value.

    From the left each bracket opens whose content does not fit; nothing where a line stays long.
    """
    pieces = [*_pieces(node), behind]
    groups = [n for n, piece in enumerate(pieces) if isinstance(piece, Bracket)]
    if not groups or not (_ends(pieces, groups[-1]) or _begins(pieces, groups[0])):
        return []
    lines, line, room = [], " " * indent + before, WIDTH
    for n, piece in enumerate(pieces):
        if isinstance(piece, str):
            line += piece
            continue
        text = _text(piece)
        following = next((at for at in groups if at > n), len(pieces))
        rest = "".join(_text(p) for p in pieces[n + 1 : following])
        if following < len(pieces):
            rest += _text(pieces[following])[: len(_head(pieces[following]))]
        start = len(piece.head) - 1
        if len(line) + len(text) + len(rest) <= WIDTH:
            line += text
            continue
        room = min(room, WIDTH - len(line) - start - 1)
        opened = _opened(piece, indent, "", "")
        lines += [line + piece.head, *opened[1:-1]]
        line = " " * indent + piece.close
    lines.append(line)
    return lines if min(room, WIDTH - len(line)) >= 0 else []


Piece = str | Bracket


def _text(piece: Piece) -> str:
    if isinstance(piece, str):
        return piece
    return piece.head + ", ".join(item.text for item in piece.items) + piece.close


def _head(piece: Piece) -> str:
    return piece if isinstance(piece, str) else piece.head


def _ends(pieces: list[Piece], last: int) -> bool:
    """Whether the value ends in a bracket; behind it stands a colon at most."""
    piece = pieces[last]
    return last == len(pieces) - 2 and isinstance(piece, Bracket) and piece.close == ")"


def _begins(pieces: list[Piece], first: int) -> bool:
    """Whether nothing but a name stands before a bracket."""
    piece = pieces[first]
    name = _head(piece)[:-1].replace(".", "_")
    return not "".join(map(_head, pieces[:first])) and (not name or name.isidentifier())


def _pieces(node: ast.expr) -> list[Piece]:
    """The text of an expression, with its outermost round brackets apart."""
    parts = operands(node)
    if parts:
        found: list[Piece] = []
        for n, (sign, part, level) in enumerate(parts):
            found.append(f" {sign}" if n else "")
            if binds(part) < level:
                found.append(Bracket(ast.Tuple(elts=[]), "(", [Item("", part)], ")"))
            else:
                found += _pieces(part)
        return [piece for piece in found if piece]
    own = bracket(node)
    return [own] if own is not None and own.head.endswith("(") else [flat(node)]


def _signature(node: ast.FunctionDef, indent: int) -> list[str]:
    """The `def` line of a method or function."""
    pad, args = " " * indent, node.args.args
    defaults = [None] * (len(args) - len(node.args.defaults)) + [*node.args.defaults]
    heads = [a.arg + (f": {flat(a.annotation)}" if a.annotation else "") for a in args]
    words = [h if d is None else f"{h} = {flat(d)}" for h, d in zip(heads, defaults, strict=True)]
    assert node.returns is not None
    head, close = f"{pad}def {node.name}(", f") -> {flat(node.returns)}:"
    body = ", ".join(words)
    if len(head) + len(body) + len(close) <= WIDTH or not args:
        return [head + body + close]
    if indent + 4 + len(body) <= WIDTH:
        return [head, f"{pad}    {body}", pad + close]
    lines = [head]
    for before, default in zip(heads, defaults, strict=True):
        if default is None:
            lines.append(f"{pad}    {before},")
        else:
            lines += lay(default, indent + 4, f"{before} = ", ",")
    return [*lines, pad + close]


def commented(node: ast.stmt, indent: int, comment: str = "", word: str = "") -> list[str]:
    """A statement with a comment at the end of its line, or above it where that is too long."""
    lines = laid(node, indent, word)
    if not comment:
        return lines
    if len(lines) == 1 and len(lines[0]) + 2 + len(comment) + 2 <= WIDTH:
        return [f"{lines[0]}  # {comment}"]
    return [f"{' ' * indent}# {comment}", *lines]
