"""A syntax tree as text, in the layout of `cnnspec fmt`."""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec.importing.labels import quoted
from cnnspec.source import Source
from cnnspec.syntax import tree as t
from cnnspec.syntax.format import formatted

WIDTH = 96
"""A longer chain is broken before its arrows."""
SHORT = 76
"""A body that is no longer stands on the line of its brace."""
LISTED = 76
"""Longer lists of arguments are broken at a comma."""
LONE = 88
"""The same for a body of one statement."""

_LEVELS = {"or": 1, "and": 2, "not": 3, "compare": 4, "+": 5, "-": 5, "*": 6, "/": 6, "//": 6}


def text(file: t.File) -> str:
    """The text of a file."""
    parts: list[str] = []
    for declaration in file.declarations:
        apart = not isinstance(declaration, t.Default | t.Let)
        parts.append(("\n" if apart and parts else "") + _declaration(declaration))
    return formatted(Source("import.cnn", "\n".join(parts) + "\n"))


def _declaration(node: t.Node) -> str:
    match node:
        case t.Block():
            head = f"block {node.name}({_params(node.params)}) {'seq ' if node.seq else ''}"
            few = len(node.body.statements) < 3
            return _doc(node.doc) + head + _braces(node.body, WIDTH - len(head) if few else 1)
        case t.Net():
            params = f"({_params(node.params)})" if node.params else ""
            return _doc(node.doc) + f"net {node.name}{params} " + _lines(node.body)
        case t.Variant():
            given = ", ".join(map(_arg, node.args))
            head = _doc(node.doc) + f"net {node.name} = {node.base}({given})"
            return head + (f" {_lines(node.body)}" if node.body else "")
        case t.Statement():
            return _statement(node)
    raise AssertionError(node)


def _doc(doc: str) -> str:
    return "".join(f"## {line}\n" for line in doc.splitlines())


def _params(params: Sequence[t.Param]) -> str:
    return _listed(
        [p.name if p.default is None else f"{p.name} = {expression(p.default)}" for p in params]
    )


def _listed(words: Sequence[str]) -> str:
    """Words with commas, in lines that are not too long."""
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + len(word) > LISTED:
            lines.append("")
        lines[-1] += f"{word}, "
    return "\n".join(lines).removesuffix(", ")


# --- statements ---------------------------------------------------------------------------------


def _lines(body: t.Body) -> str:
    inside, before = "", None
    for one in body.statements:
        inside += ("\n" if _apart(before, one) else "") + _statement(one) + "\n"
        before = one
    return f"{{\n{inside}}}"


def _apart(before: t.Statement | None, one: t.Statement) -> bool:
    """Whether an empty line stands between two statements."""
    begins = isinstance(one, t.Claim) and not isinstance(before, t.Claim)
    first = isinstance(before, t.Input) and not isinstance(one, t.Input)
    return before is not None and (first or begins)


def _braces(body: t.Body, most: int = 0) -> str:
    """A body on one line where it is short, and holds no body that is not."""
    written = [_statement(one) for one in body.statements]
    one = f"{{ {'; '.join(written)} }}"
    most = most or (SHORT if len(written) > 1 else LONE)
    if written and "\n" not in one and len(one) <= most:
        return one
    return _lines(body)


def _statement(node: t.Statement) -> str:
    match node:
        case t.Flow():
            return _flow(node)
        case t.Let():
            return f"let {node.name} = {expression(node.value)}"
        case t.Default():
            return " -> ".join(["default " + _call(node.call), *map(_call, node.followers)])
        case t.Input():
            return f"input {f'{node.name}: ' if node.name else ''}{_shape(node.shape)}"
        case t.Output():
            return f"{node.kind} {node.name}: {_flow(node.flow)}"
        case t.If():
            return _if(node)
        case t.For():
            over = f"for {', '.join(node.names)} in "
            over += _table(node.iterable, WIDTH - len(over)) + " "
            body = _braces(node.body)
            long = "\n" not in over + body and len(over + body) > WIDTH
            return over + (_lines(node.body) if long else body)
        case t.Repeat():
            return f"repeat {expression(node.count)} {_braces(node.body)}"
        case t.Claim():
            return f"claim {expression(node.left)} {node.relation} {expression(node.right)}"
    raise AssertionError(node)


def _table(node: t.Expr, most: int) -> str:
    """A list to go through; rows that are too long for a line have one each."""
    text = expression(node)
    if len(text) <= most or not isinstance(node, t.ListOf):
        return text
    rows = "".join(f"{expression(row)},\n" for row in node.items)
    return f"[\n{rows}]"


def _if(node: t.If) -> str:
    text = f"if {expression(node.condition)} {_braces(node.body)}"
    if node.other is None:
        return text
    if isinstance(node.other, t.If):
        return f"{text} else {_if(node.other)}"
    other = _braces(node.other)
    if "\n" in text or ("\n" not in other and len(f"{text} else {other}") <= WIDTH):
        return f"{text} else {other}"
    if len(text) <= WIDTH:
        return f"{text}\nelse {other}"
    return f"if {expression(node.condition)} {_lines(node.body)} else {other}"


def _flow(node: t.Flow) -> str:
    links = [_layer(one) for one in node.layers]
    chain = _filled(links)
    return chain + (f" => {_shape(node.asserted)}" if node.asserted else "")


def _filled(links: Sequence[str]) -> str:
    """A chain, broken before an arrow where a line would be too long."""
    lines = [links[0]]
    for link in links[1:]:
        last = lines[-1].rpartition("\n")[2]
        if "\n" not in link and len(last) + len(link) + 4 > WIDTH:
            lines.append(link)
        else:
            lines[-1] += f" -> {link}"
    return "\n  -> ".join(lines)


def _shape(shape: t.ShapeExpr) -> str:
    sizes = [expression(size) for size in shape.sizes]
    plain = all(isinstance(size, t.Literal) for size in shape.sizes)
    return "x".join(sizes) if plain else f"[{', '.join(sizes)}]"


def _layer(layer: t.Layer) -> str:
    label = f"{_template(layer.label.text)}: " if layer.label else ""
    return label + _form(layer.form)


def _form(form: t.Form) -> str:
    match form:
        case t.Call():
            return _call(form)
        case t.Fork():
            pair = len(form.body.statements) == 2
            return f"{form.name} {_braces(form.body, LONE if pair else SHORT)}"
        case t.Seq():
            return f"seq {_braces(form.body)}"
        case t.Group():
            return _braces(form.body)
        case t.From():
            return f"from {_path(form.path)}"
        case t.Share():
            return f"share {_path(form.path)}"
    raise AssertionError(form)


def _call(call: t.Call) -> str:
    args = _listed([*map(_arg, call.args)])
    return ("bare " if call.bare else "") + call.name + (f" {args}" if args else "")


def _arg(arg: t.Arg) -> str:
    return (f"{arg.keyword}=" if arg.keyword else "") + expression(arg.value)


def _template(word: str | t.Template) -> str:
    return quoted(word) if isinstance(word, str) else quoted(_open(word), _open(word, "0"))


def _open(word: t.Template, number: str = "") -> str:
    """A template as it is written, or with a number in the place of its expressions."""
    return "".join(
        part if isinstance(part, str) else number or f"${{{expression(part)}}}"
        for part in word.parts
    )


def _path(path: t.Path) -> str:
    found = ""
    for part in path.parts:
        if isinstance(part, str | t.Template):
            found += ("." if found else "") + _template(part)
        else:
            found += f"[{expression(part)}]"
    return found


# --- expressions --------------------------------------------------------------------------------


def expression(node: t.Expr, level: int = 0) -> str:
    """An expression, in parentheses where `level` binds tighter."""
    text, own = _expression(node)
    return f"({text})" if own < level else text


def _expression(node: t.Expr) -> tuple[str, int]:
    """The text and how tightly it binds."""
    match node:
        case t.Literal():
            return node.text, 9
        case t.Name():
            return node.name, 9
        case t.Incoming():
            return "in", 9
        case t.ListOf():
            return f"[{', '.join(expression(item) for item in node.items)}]", 9
        case t.Attr():
            return f"{expression(node.of, 9)}.{node.name}", 9
        case t.Index():
            return f"{expression(node.of, 9)}[{expression(node.index)}]", 9
        case t.Slice():
            ends = ("" if end is None else expression(end) for end in (node.start, node.stop))
            return f"{expression(node.of, 9)}[{':'.join(ends)}]", 9
        case t.Template():
            return f'"{_open(node)}"', 9
        case t.Apply():
            return f"{expression(node.function)}({', '.join(map(_arg, node.args))})", 9
        case t.Unary():
            return f"{node.operator} {expression(node.operand, 3)}", 3
        case t.Chain():
            return _chain(node)
        case t.Power():
            return f"{expression(node.base, 9)}^{expression(node.exponent, 8)}", 8
        case t.Compare():
            sides = expression(node.left, 5), expression(node.right, 5)
            return f"{sides[0]} {node.operator} {sides[1]}", 4
        case t.Logic():
            own = _LEVELS[node.operator]
            return f" {node.operator} ".join(expression(o, own + 1) for o in node.operands), own
        case t.Choose():
            then, test = expression(node.then, 1), expression(node.condition, 1)
            return f"{then} if {test} else {expression(node.other, 1)}", 0


def _product_of_words(node: t.Chain) -> bool:
    """Whether a chain only multiplies numbers and names, `4*channels`, `0.2*nth/16`."""
    signs, operands = zip(*node.rest, strict=True)
    brief = all(isinstance(one, t.Literal | t.Name | t.Attr) for one in (node.first, *operands))
    return brief and "*" in signs and {*signs} <= {"*", "/"}


def _chain(node: t.Chain) -> tuple[str, int]:
    own = min(_LEVELS[sign] for sign, _ in node.rest)
    kernel = isinstance(node.first, t.Apply) and node.rest[0][0] == "/"
    tight = kernel or (isinstance(node.first, t.Literal) and "x" in node.first.text)
    tight = tight or _product_of_words(node)
    found = expression(node.first, own)
    for sign, operand in node.rest:
        gap = "" if tight else " "
        found += f"{gap}{sign}{gap}{expression(operand, 9 if tight else own + 1)}"
    return found, own
