"""Words and marks within a statement that another language has, or one too many or too few."""

from __future__ import annotations

import re

from cnnspec import foreign, translate
from cnnspec.ops import ops
from cnnspec.source import Span
from cnnspec.syntax import deadends
from cnnspec.syntax.deadends import KEYWORDS, Rule
from cnnspec.syntax.finding import VALUES, DeadEnd, Finding, word
from cnnspec.syntax.lalr import BAD, END, Token

_MARKS = {
    "'": "strings stand in double quotes",
    "`": "strings stand in double quotes",
    "\u201c": "strings stand in double quotes",
    "\u201d": "strings stand in double quotes",
    "\u2018": "strings stand in double quotes",
    "\u2019": "strings stand in double quotes",
    '"': 'a string begins and ends with `"`',
    "\u2192": "write `->`",
    "\u21d2": "write `=>`",
    "\u2212": "write `-`",
    "\u2013": "write `-`",
    "\u2264": "write `<=`",
    "\u2265": "write `>=`",
    "\u2260": "write `!=`",
    "\u2248": "write `~`",
    "\u2026": "write out what it stands for",
    "&": "write `and`",
    "|": "write `or`; layers follow each other with `->`",
    "!": "write `not`",
    "$": "a number in a label is written `layer${i}`",
    "\\": "leave it out: a line goes on after a comma, and before `->`",
    "@": "leave it out",
    "?": "write `a if c else b`",
}


def mark(place: DeadEnd) -> Finding | None:
    """A character that begins no word: quotes, arrows and signs of other languages."""
    token = place.token
    if token.type != BAD:
        return None
    text, at = place.source.text, token.start_pos
    span = Span(place.source, at, at + 1)
    if token in "\u00d7\u2715\u2a2f\u0445\u0425":
        begin, end = _stretch(text, at)
        meant = re.sub("[^0-9A-Za-z_/]", "x", text[begin:end])
        return _bad(place, span, f"write `{meant}`, with the letter x")
    help = _MARKS.get(token, "")
    if text[at : at + 2] in ("&&", "||"):
        span = Span(place.source, at, at + 2)
        return _bad(place, span, "write `and`" if token == "&" else "write `or`")
    if token == "|" and "ARROW" in place.wanted:
        return _bad(place, span, "layers follow each other with `->`")
    if help == _MARKS["'"]:
        return _quoted(place, span)
    if not help and token.isalpha():
        help = "names are of the letters a to z, digits and `_`"
    return _bad(place, span, help)


_QUOTED = re.compile(r"['\u2018\u201c`](\w*)['\u2019\u201d`]")


def _quoted(place: DeadEnd, span: Span) -> Finding:
    """A string in other quotes, perhaps for an argument that is none here."""
    quoted = _QUOTED.match(place.source.text, span.start)
    whole = Span(place.source, span.start, quoted.end()) if quoted else span
    advice = _argument(place) if place.before == "=" else ""
    return _bad(place, whole, advice or (_string(quoted[1]) if quoted else _MARKS["'"]))


def _argument(place: DeadEnd) -> str:
    """What to write for an argument that is given as a string elsewhere: `activation='relu'`."""
    keyword = place.tokens[place.at - 2]
    value = re.match(r"\W?(\w*)", place.source.text[place.token.start_pos :])
    word = value[1].lower() if value else ""
    if foreign.role(keyword) == "activation":
        return f"an activation follows: `-> {word}`" if word in ops() else ""
    if foreign.role(keyword) == "pad":
        return {"same": "write `pad=same`", "valid": "write `pad=0`, or leave it out"}.get(word, "")
    return ""


def _string(text: str) -> str:
    if text.lower() == "same":
        return "write `same` without quotes, as in `pad=same`"
    if text.lower() == "valid":
        return "write `pad=0`, or leave it out"
    return f'strings stand in double quotes: `"{text}"`'


def _stretch(text: str, at: int) -> tuple[int, int]:
    """The word around a place, its sizes and signs."""
    begin, end = at, at + 1
    while begin > 0 and (text[begin - 1].isalnum() or text[begin - 1] in "_\u00d7\u2715\u2a2f"):
        begin -= 1
    while end < len(text) and (text[end].isalnum() or text[end] in "_/\u00d7\u2715\u2a2f"):
        end += 1
    return begin, end


def _bad(place: DeadEnd, span: Span, help: str) -> Finding:
    message = f"`{span.text}` cannot stand here"
    return Finding(message, span, (help,) if help else (), code="E0010")


def comment(place: DeadEnd) -> Finding | None:
    """`conv 64, 3x3  // the first layer`."""
    for at in range(place.at, place.begin, -1):
        opener = place.tokens[at]
        if opener == "//" or (opener == "/" and place.tokens[at + 1] == "*"):
            end = place.end
            while place.tokens[end].type not in ("_END", END):
                end += 1
            repair = place.mended(place.tokens[place.begin : at], end)
            help = ("a comment begins with `#`",)
            begins = f"`{'//' if opener == '//' else '/*'}` begins no comment here"
            return Finding(begins, place.span(at), help, repair=repair)
    return None


def parentheses(place: DeadEnd) -> Finding | None:
    """`conv(64, 3x3)`: arguments follow the name."""
    if place.token not in (",", "=", ")", "->", "=>") and place.token.type != "_END":
        return None
    opened = _opened(place)
    if opened is None or opened == place.begin:
        return None
    name = place.tokens[opened - 1]
    flows = opened - 1 == place.begin or place.tokens[opened - 2] in ("->", ":", "bare", "{")
    if name.type != "NAME" or not flows or not _is_call(place, opened):
        return None
    close = _closed(place, opened)
    inside = place.text(opened + 1, close)
    layer = translate.call(str(name), inside)
    return Finding(
        f"`{name}` is called without parentheses",
        place.span(opened - 1),
        (f"write `{layer}`" + ": arguments follow the name, commas between them" * (" " in layer),),
        code="E0018",
    )


def _is_call(place: DeadEnd, opened: int) -> bool:
    """Whether an expression in parentheses could not be meant: `()`, `(a, b)`, `(a=b)`."""
    return place.token in (",", "=") or place.at == opened + 1


def _opened(place: DeadEnd) -> int | None:
    """The parenthesis that is open at the place."""
    depth = 0
    for at in range(place.at - 1, place.begin - 1, -1):
        depth += (place.tokens[at] == ")") - (place.tokens[at] == "(")
        if depth < 0:
            return at
    return None


def _closed(place: DeadEnd, opened: int) -> int:
    """The parenthesis that closes one, or the end of the statement."""
    depth = 0
    for at in range(opened, place.end):
        depth += (place.tokens[at] == "(") - (place.tokens[at] == ")")
        if depth == 0:
            return at
    return place.end


_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?![0-9_,])")


def grouped(place: DeadEnd) -> Finding | None:
    """`claim params = 143,667,240`: the digits of a number stand in groups."""
    text, at = place.source.text, place.before.start_pos
    number = _GROUPED.match(text, at)
    listed = any(t.type in ("SHAPED", "(", "[") for t in place.tokens[place.begin : place.at])
    if place.token != "," or place.head not in KEYWORDS or number is None or listed:
        return None
    if place.head == "input":
        return None
    end = place.at
    while place.tokens[end].start_pos < number.end():
        end += 1
    meant = Token("NUMBER", number[0].replace(",", "_"), at)
    repair = place.mended([*place.tokens[place.begin : place.at - 1], meant], end)
    span = Span(place.source, at, number.end())
    help = f"write `{meant}`: the groups of a number stand apart by `_`"
    return Finding("a comma cannot stand in a number", span, (help,), repair=repair)


def entry(place: DeadEnd) -> Finding | None:
    """`input: 3x64x64`, `input(3, 64, 64)`, `input = ...`, `input x 3x64x64`."""
    if place.head != "input" or place.at == place.begin:
        return None
    text = place.text(place.begin + 1, place.end)
    sizes = [int(n) for n in re.findall(r"\d+", text)]
    name = place.tokens[place.begin + 1]
    if (
        place.token == ":"
        and place.at == place.begin + 1
        and place.after.type in ("DIMS", "NUMBER")
    ):
        repair = place.put(place.at, 1)
        help = f"write `input {place.text(place.at + 1, place.end)}`; a name stands before a colon"
        return Finding(place.cannot(), place.span(place.at), (help,), repair=repair)
    if len(sizes) == 3:
        rows = sizes[:1] if sizes[2] not in (1, 3, 4) or sizes[0] in (1, 3, 4) else sizes[2:]
        rest = [n for i, n in enumerate(sizes) if i != (0 if rows == sizes[:1] else 2)]
        named = f"{name}: " if name.type == "NAME" and place.at == place.begin + 2 else ""
        shape = "x".join(map(str, [*rows, *rest]))
        help = f"write `input {named}{shape}`: channels, rows, columns"
        return Finding(place.cannot(), place.span(place.at), (help,))
    return None


def computed(place: DeadEnd) -> Finding | None:
    """`1x(2 ^ i)` and `(n)x1`: a computed window is a call of `kernel`."""
    token, before = place.token, place.before
    glued = place.at > place.begin and before.end_pos == token.start_pos
    sides = re.fullmatch(r"x(\w*)", token)
    if (
        token.type not in ("NAME",)
        or not glued
        or not sides
        or before.type not in ("NUMBER", "RPAR")
    ):
        return None
    left_at = place.at - 1
    if before == ")":
        depth, left_at = 1, place.at - 1
        while depth and left_at > place.begin:
            left_at -= 1
            depth += (place.tokens[left_at] == ")") - (place.tokens[left_at] == "(")
    left = place.text(left_at, place.at)
    right, end = sides[1], place.at + 1
    if not right and place.after == "(":
        end = _closed(place, place.at + 1) + 1
        right = place.text(place.at + 1, end)
    left, right = (re.sub(r"^\((.*)\)$", r"\1", side) for side in (left, right))
    span = place.span(left_at, end)
    sizes = [size for size in (left, *right.split("x")) if size]
    if place.head == "input" or "=>" in place.tokens[place.begin : place.at] or len(sizes) > 2:
        help = f"a computed shape is a list: `[{', '.join(sizes)}]`"
        return Finding("a computed shape is a list", span, (f"write `[{', '.join(sizes)}]`",))
    help = f"write `kernel({', '.join(sizes)})`, with a stride `kernel({', '.join(sizes)})/2`"
    return Finding("a computed window is a call of `kernel`", span, (help,))


def shape(place: DeadEnd) -> Finding | None:
    """`=> 6, 28, 28` and `=> (6, 28, 28)`."""
    arrows = [i for i in range(place.begin, place.at) if place.tokens[i].type == "SHAPED"]
    if not arrows or place.token not in ("(", ","):
        return None
    sizes = re.findall(r"\w+", place.text(arrows[-1] + 1, place.end))
    if len(sizes) not in (1, 3):
        return None
    numbers = all(n.isdigit() for n in sizes)
    written = "x".join(sizes) if numbers else f"[{', '.join(sizes)}]"
    return Finding(place.cannot(), place.span(place.at), (f"write `=> {written}`",))


def typed(place: DeadEnd) -> Finding | None:
    """`block basic(c: int, int s)`: parameters have no types."""
    if place.head not in ("block", "net") or place.token == ")" or _opened(place) is None:
        return None
    if place.token != ":" and not (place.token.type == "NAME" and place.before.type == "NAME"):
        return None
    opened = _opened(place) or 0
    inside = place.text(opened + 1, _closed(place, opened))
    plain = re.sub(r"\s*:\s*[\w\[\], ]+?(?=\s*(?:[,=)]|$))", "", inside)
    plain = re.sub(r"\b[A-Za-z_]\w*\s+(?=[A-Za-z_])", "", plain)
    name = place.tokens[place.begin + 1]
    help = f"write `{place.head} {name}({plain})`: parameters have no types"
    return Finding(place.cannot(), place.span(place.at), (help,))


def colon(place: DeadEnd) -> Finding | None:
    """`output mask = conv 1, 1x1`: a colon stands where `=` does."""
    if place.token != "=" or place.wanted != ["COLON"]:
        return None
    repair = place.put(place.at, 1, ":")
    begun, rest = place.text(place.begin, place.at), place.text(place.at + 1, place.end)
    return Finding(
        place.cannot(), place.span(place.at), (f"write `{begun}: {rest}`",), repair=repair
    )


def operator(place: DeadEnd) -> Finding | None:
    """`2**i`, `a <> b`, `a = b` in a condition."""
    token, span = place.token, place.span(place.at)
    if token == "*" and place.before == "*":
        return Finding("`**` cannot stand here", place.span(place.at - 1, place.at + 1),
                       ("`^` is the power: `2^i`",))  # fmt: skip
    if place.before == "<" and token == ">":
        return Finding(place.cannot(), span, ("`!=` says that two values differ",))
    if token == "=" and "CMP" in place.wanted and place.head in ("if", "require"):
        return Finding(place.cannot(), span, ("`==` compares two values",))
    return None


def comma(place: DeadEnd) -> Finding | None:
    """A comma too many, or too few."""
    token, span = place.token, place.span(place.at)
    if token == "," and place.at > place.begin and "_END" in place.wanted:
        return _after_a_layer(place)
    if token.type in VALUES and "COMMA" in place.wanted:
        return _between(place)
    if place.before == "," and token.type in ("RPAR", "RSQB", "RBRACE", "COMMA", "_END", END):
        return Finding(place.cannot(), span, ("leave out the comma before it",))
    if token == "=" and "CMP" in place.wanted:
        return Finding(place.cannot(), span, ("`==` compares two values",))
    return None


def _after_a_layer(place: DeadEnd) -> Finding:
    """`relu, bn` and `relu,` at the end of a line."""
    between = place.source.text[place.token.end_pos : place.after.start_pos]
    span = place.span(place.at)
    if "\n" in between or place.after.type in ("_END", END) or place.after == "}":
        repair = place.put(place.at, 1, "\n")
        return Finding(place.cannot(), span, ("leave out the comma: a line ends a statement",),
                       repair=repair)  # fmt: skip
    if place.head in KEYWORDS - {"bare", "from", "share"}:
        return Finding(place.cannot(), span, (*deadends.form(place), "a line holds one statement"))
    line = place.text(place.begin, place.at)
    help = (
        f"layers follow each other with `->`: `{line} -> {place.after}`; a line of its own does too"
    )
    return Finding(place.cannot(), span, (help,))


def _between(place: DeadEnd) -> Finding:
    """Arguments without commas: the line with all of them."""
    end, tokens = place.end, [*place.tokens[place.begin : place.at]]
    written, at = place.text(place.begin, place.at), place.at
    for i in range(place.at, end):
        token, last = place.tokens[i], place.tokens[i - 1]
        apart = last.type in (*VALUES, "RPAR", "RSQB") and token.type in VALUES
        gap = place.source.text[last.end_pos : token.start_pos]
        written += f", {token}" if apart else f"{' ' * bool(gap)}{token}"
        tokens += [word(",", token.start_pos)] * apart + [token]
    repair = place.mended(tokens, end)
    if place.token in ops() or foreign.op_of(place.token) is not None:
        help = f"a line ends a statement: put `{place.token}` on its own, or `->` before it"
        return Finding(place.cannot(), place.span(at), (help,))
    help = f"put a comma before `{place.token}`"
    if repair is not None and len(written) <= 72:
        help += f": `{written}`"
    return Finding(place.cannot(), place.span(at), (help,), repair=repair)


BEFORE: tuple[Rule, ...] = (
    mark, comment, entry, grouped, computed, colon, typed, parentheses, operator,
)  # fmt: skip
AFTER: tuple[Rule, ...] = (shape, comma)
