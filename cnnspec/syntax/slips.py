"""Words and marks within a statement that another language has, or one too many or too few."""

from __future__ import annotations

import re

from cnnspec import foreign, translate
from cnnspec.ops import ops
from cnnspec.source import Span
from cnnspec.syntax import deadends
from cnnspec.syntax.deadends import KEYWORDS, Rule
from cnnspec.syntax.finding import VALUES, DeadEnd, Finding, word
from cnnspec.syntax.lalr import END, Token
from cnnspec.syntax.marks import comment, mark


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
