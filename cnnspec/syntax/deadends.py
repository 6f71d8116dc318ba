"""Statements that other languages have, or that this one writes otherwise, and what to type."""

from __future__ import annotations

import re
from collections.abc import Callable

from cnnspec import foreign, translate
from cnnspec.spelling import closest
from cnnspec.syntax.finding import DeadEnd, Finding, word
from cnnspec.syntax.lalr import END, Repair, Token
from cnnspec.syntax.words import STATEMENTS

Rule = Callable[[DeadEnd], Finding | None]

KEYWORDS = STATEMENTS | frozenset("import source block net".split())

FORMS = {
    "import": '`import basic from "blocks.cnn"`',
    "source": '`source he2015 = paper("...", arxiv="1512.03385")`',
    "let": "`let c = 64`",
    "default": "`default conv pad=same, bias=false -> bn -> relu`",
    "block": "`block basic(c, stride=1) { conv c, 3x3/stride, pad=1; relu }`",
    "net": "`net lenet5(classes=10) { input 1x32x32; conv 6, 5x5 }`",
    "recipe": "`recipe short { batch = 128; epochs = 10 }`",
    "require": '`require c % 4 == 0, "c is a multiple of four"`',
    "claim": '`claim params ~ 61K from table1 "total"`',
    "input": "`input 3x224x224`: channels, rows, columns",
    "output": "`output mask: conv 1, 1x1`",
    "aux": "`aux side: conv 10, 1x1`",
    "if": "`if stride != 1 { conv c, 1x1/stride } else { skip }`",
    "for": "`for i, n in enumerate([2, 2, 2]) { stage n, 64 * 2^i }`",
    "repeat": "`repeat 3 { conv 64, 3x3, pad=1; relu }`",
    "from": "`from stem -> conv 64, 3x3`",
    "share": "`share stem`",
    "seq": "`seq { conv 64, 3x3; relu }`",
    "bare": "`bare conv 64, 3x3`",
}
"""How each statement is written."""

_LAYERS = "layers stand in the body of a net: `net my_net { input 3x224x224; conv 64, 3x3 }`"
_DECLARED = "a file declares nets and blocks: `net my_net { input 3x224x224; conv 64, 3x3 }`"
_LIBRARIES = ("nn", "F", "torch", "tf", "keras", "layers", "functional", "L", "self", "model")


def form(place: DeadEnd) -> tuple[str, ...]:
    """How the statement that was begun is written."""
    head = str(place.head)
    if place.at == place.begin or head not in FORMS:
        return ()
    article = "an" if head[0] in "aio" else "a"
    return (f"{article} `{head}` is written {FORMS[head]}",)


def keyword(place: DeadEnd) -> Finding | None:
    """`repet 3 {`, `network m() {`: another word would begin a statement that goes on so."""
    head = place.head
    if head.type != "NAME" or head in KEYWORDS:
        return None
    meant = foreign.keyword(head) or closest(head, KEYWORDS)
    if not meant:
        return None
    repair = _instead(place, meant)
    if repair is None:
        return None
    span = place.span(place.begin)
    return Finding(
        f"`{head}` begins no statement", span, note=f"did you mean `{meant}`?", repair=repair
    )


def _instead(place: DeadEnd, meant: str) -> Repair | None:
    """The statement with another first word; `net m() {` needs no more than `net m {`."""
    token = Token("NAME", meant, place.head.start_pos)
    token.end_pos = place.head.end_pos
    rest = place.tokens[place.begin + 1 : place.at]
    return place.mended([token, *rest], max(place.at, place.begin + 1))


def parameters(place: DeadEnd) -> Finding | None:
    """`block unit seq {` and `block unit c, s {`: the parentheses are missing."""
    if place.head != "block" or place.at != place.begin + 2 or place.token == "(":
        return None
    name, end = place.tokens[place.begin + 1], place.end
    if place.token in ("seq", "{"):
        mark = " seq" if place.token == "seq" else ""
        help = f"write `block {name}(){mark} {{`: they stand there without parameters too"
        return _missing(place, help, place.put(place.at, 0, "(", ")"))
    if place.token == ":":
        return None
    seq = place.tokens[end - 1] == "seq"
    inside = place.text(place.at, end - seq)
    return _missing(place, f"write `block {name}({inside}){' seq' * seq} {{`", None)


def _missing(place: DeadEnd, help: str, repair: Repair | None) -> Finding:
    name = place.tokens[place.begin + 1]
    span = place.span(place.begin + 1)
    return Finding(f"the parentheses of `{name}` are missing", span, (help,), repair=repair)


def variant(place: DeadEnd) -> Finding | None:
    """`net vgg11 = vgg [1, 1, 2, 2]`: a variant calls its net with parentheses."""
    words = place.tokens[place.begin : place.begin + 4]
    if len(words) < 4 or words[0] != "net" or words[2] != "=" or place.at != place.begin + 4:
        return None
    end, (_, name, _, base) = place.end, words
    help = f"write `net {name} = {base}({place.text(place.at, end)})`"
    inside = place.tokens[place.at : end]
    closed = [*words, word("(", place.token.start_pos), *inside, word(")", place.token.start_pos)]
    message = f"`{base}` is called without its parentheses"
    span = place.span(place.begin + 3)
    return Finding(message, span, (help,), repair=place.mended(closed, end))


def shape_of_many(place: DeadEnd) -> Finding | None:
    """`repeat 3 { ... } => shape`: a loop is no layer; in braces it can be asserted."""
    head = str(place.head)
    if place.token.type not in ("SHAPED", "ARROW") or head not in ("repeat", "for", "if"):
        return None
    if place.before != "}":
        return None
    body = f"{{ {place.text(place.begin, _brace(place) + 1)} ... }} }}"
    what, tail = f"`{place.token}`", place.text(place.at, place.end)
    help = f"write `{body} {tail}`, with braces around it"
    if place.token.type == "SHAPED":
        help += ", or the shape after the last layer in it"
    repair = Repair(place.at, place.end, []) if place.token.type == "SHAPED" else None
    return Finding(f"{what} cannot follow a `{head}`, only a layer", place.span(place.at), (help,),
                   repair=repair)  # fmt: skip


def _brace(place: DeadEnd) -> int:
    """The first `{` of the statement."""
    return next(i for i in range(place.begin, place.at) if place.tokens[i] == "{")


def assigned(place: DeadEnd) -> Finding | None:
    """`x = conv 64, 3x3`: layers are not assigned; a value is, by `let`."""
    if place.token != "=" or place.at == place.begin:
        return None
    names = place.tokens[place.begin : place.at]
    if names[0].type != "NAME" or any(t.type not in ("NAME", "DOT", "IN") for t in names):
        return None
    label = "".join(n for n in names if n not in ("self", ".")) if len(names) > 1 else names[0]
    end, value = _line_end(place), place.after
    rest = place.text(place.at + 1, end)
    if _adds(place, end):
        return _sum(place)
    layer = value in _LIBRARIES or foreign.op_of(value) is not None or _is_op(value)
    if len(names) == 1 and not layer:
        repair = place.mended(
            [word("let", names[0].start_pos), *place.tokens[place.begin : end]], end
        )
        if repair is not None:
            help = f"write `let {names[0]} = {rest}`"
            return Finding(
                "a value is named by `let`", place.span(place.at), (help,), repair=repair
            )
    if value == "{":
        repair = place.put(place.at, 1, ":")
        help = f"a label stands before its layers, with a colon: `{label}: {{`"
        return Finding(
            "a layer is not assigned to a name", place.span(place.at), (help,), repair=repair
        )
    written = _flat(rest)
    help = f"write `{written}`: what it makes flows on to the next line"
    named = f"with a label, to come back to it: `{label}: {written}`"
    return Finding("a layer is not assigned to a name", place.span(place.at), (help, named))


def _adds(place: DeadEnd, end: int) -> bool:
    """Whether a sum is of layers: of an op, or of what is given a new meaning, `x = x + y`."""
    terms = place.tokens[place.at + 1 : end]
    layers = (t == place.head or _is_op(t) or foreign.op_of(t) for t in terms if t.type == "NAME")
    return "+" in terms and any(layers)


def _is_op(text: str) -> bool:
    from cnnspec.ops import ops

    return text in ops()


def _flat(text: str) -> str:
    """A layer as it is written here: `relu(x)` is `relu`, `nn.Conv2d(...)` without `nn.`."""
    text = re.sub(r"^(?:(?:nn|F|torch|layers|keras|tf|functional)\s*\.\s*)+", "", text)
    name, _, rest = text.partition("(")
    if re.fullmatch(r"\w+ ?", name) and rest.endswith(")"):
        return translate.call(name.strip(), rest[:-1])
    name, _, rest = text.partition(" ")
    return name if rest in ("x", "out", "y", "h") else text


def dotted(place: DeadEnd) -> Finding | None:
    """`nn.ReLU()`, `self.conv1 = ...`, `F.relu(x)`: modules of Python."""
    if place.token != "." or place.at != place.begin + 1:
        return None
    end = _line_end(place)
    text = place.text(place.begin, end)
    left, equals, right = text.partition("=")
    span = place.span(place.begin, place.begin + 3)
    if equals and re.fullmatch(r"[\w. ]+", left):
        label = left.strip().rpartition(".")[2].strip()
        layer = _flat(right.strip())
        help = f"write `{label}: {layer}`: a label stands before its layer, with a colon"
        return Finding("a layer is not assigned to a name", span, (help,))
    if place.head in _LIBRARIES or place.head == "x":
        layer = _flat(text.partition(".")[2].strip())
        return Finding(f"`{place.head}.` cannot stand here", span, (f"write `{layer}`",))
    help = f"a label stands before its layer, with a colon: `{left.split()[0]}: conv 64, 3x3`"
    return Finding(place.cannot(), place.span(place.at), (help,))


def _line_end(place: DeadEnd) -> int:
    """The end of the statement on its line, whatever braces it has."""
    at = place.at
    while place.tokens[at].type not in ("_END", END) and place.tokens[at] != "}":
        at += 1
    return at


def python_body(place: DeadEnd) -> Finding | None:
    """`net lenet5:` and `repeat 3:`, with the body on lines that are indented."""
    head = place.head
    if place.token != ":" or (head not in FORMS and head != "else" and not foreign.keyword(head)):
        return None
    if head in ("input", "output", "aux") or place.after.type != "_END":
        return None
    text = place.text(place.begin, place.at)
    help = f"write `{text} {{`, and `}}` after the last line of the body"
    return Finding("a body stands in braces", place.span(place.at), (help,), repair=_braces(place))


def _braces(place: DeadEnd) -> Repair | None:
    """Braces around the lines that are indented more than the one of the statement."""
    tokens, source = place.tokens, place.source
    margin = source.position(place.head.start_pos)[1]
    end = place.at + 2
    while tokens[end].type != END:
        line, column = source.position(tokens[end].start_pos)
        first = not source.line(line)[: column - 1].strip()
        if first and column <= margin and tokens[end].type != "_END":
            break
        end += 1
    at = tokens[end].start_pos
    after = [] if tokens[end] == "else" else [word("\n", at)]
    body = tokens[place.at + 2 : end]
    new = [word("{", place.token.start_pos), *body, word("}", at), *after]
    if not place.stop.fits([*tokens[place.begin : place.at], new[0]]):
        return None
    return Repair(place.at, end, new)


def python_import(place: DeadEnd) -> Finding | None:
    """`import torch`, `import torch.nn as nn`."""
    if place.head != "import" or place.at != place.begin + 2:
        return None
    help = (
        "leave it out: a spec needs nothing of Python",
        f"blocks of another spec: {FORMS['import']}",
    )
    return Finding("what is imported comes from a spec", place.span(place.begin, place.at), help)


def else_if(place: DeadEnd) -> Finding | None:
    """`elif c {` after the braces of an `if`."""
    if place.token not in ("elif", "elsif", "elseif") or place.head != "if":
        return None
    at, start = place.at, place.token.start_pos
    repair = Repair(at, at + 1, [word("else", start), word("if", start)])
    return Finding(place.cannot(), place.span(at), note="write `else if`", repair=repair)


def misplaced(place: DeadEnd) -> Finding | None:
    """What is no declaration at the top of a file, or begins no statement at all."""
    label = place.at == place.begin + 1 and place.head.type in ("NUMBER", "STRING")
    if place.at != place.begin and not label:
        return None
    token, span = place.head, place.span(place.begin)
    cannot = f"`{token}` cannot stand here" if label else place.cannot()
    if "NET" in place.wanted:
        known = token in KEYWORDS or _is_op(token) or foreign.op_of(token) is not None
        layers = token.type in ("NAME", "DOTTED", "TEMPLATE", "INPUT") or token in KEYWORDS
        lines = [_LAYERS if known and layers else _DECLARED]
        if token == "[" and place.tokens[place.at + 2] == "]":
            lines.append(f"a section `[{place.after}]` of darknet is a line in it")
        return Finding(place.cannot(), span, tuple(lines))
    if token.type in ("NUMBER", "DIMS"):
        help = "a layer begins with its op: `conv 64, 1x1`; `repeat 3 { ... }` repeats layers"
        return Finding(cannot, span, (help,))
    if token.type == "STRING":
        return Finding(cannot, span, ("a line that begins with `##` is documentation",))
    if token == "+":
        return _sum(place)
    return None


def _sum(place: DeadEnd) -> Finding:
    help = (
        "write `add { conv 64, 3x3, pad=1; skip }`: each statement is an arm, `skip` what arrives"
    )
    at = next(i for i in range(place.at, len(place.tokens)) if place.tokens[i] == "+")
    return Finding("layers are not added by `+`", place.span(at), (help,))


RULES: tuple[Rule, ...] = (
    keyword, parameters, variant, shape_of_many, dotted, assigned, python_body, python_import,
    else_if, misplaced,
)  # fmt: skip
"""Each says what is wrong with a statement, or nothing; the first that does is heard."""
