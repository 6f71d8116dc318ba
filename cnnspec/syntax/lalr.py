"""An LALR(1) parser over the tables that lark made of `cnn.lark`.

It reduces by calling one method a rule on a builder, bottom-up, so nothing recurses.  After an
error it goes on with what was meant, where that is plain, else at the next statement of the nearest
body: one run says all that is wrong.  Lark's own driver gives the same trees (a test compares them)
but takes 80 ms to import.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

from cnnspec.diagnostics import SpecError

TABLES = Path(__file__).with_name("tables.json")
"""The grammar, compiled by `tables.py`."""

END = "$END"
BAD = "BAD"
"""The type of a character that begins no token."""

Row = dict[str, int]


class Token(str):
    """A word of the text, as the grammar calls it, with its place."""

    __slots__ = ("end_pos", "start_pos", "type")
    type: str
    start_pos: int
    end_pos: int

    def __new__(cls, kind: str, text: str, start: int) -> Token:
        token = super().__new__(cls, text)
        token.type, token.start_pos, token.end_pos = kind, start, start + len(text)
        return token


class Unexpected(Exception):
    """A token that cannot stand where it does; `wanted` are the terminals that can."""

    def __init__(self, token: Token, wanted: list[str]) -> None:
        super().__init__(token)
        self.token, self.wanted = token, wanted


class Repair(NamedTuple):
    """Tokens to read instead: `tokens` for those from `begin` to before `end`.

    `begin` is the first of the statement, or the one that could not stand where it does.
    """

    begin: int
    end: int
    tokens: list[Token]


class Stop:
    """Where a parse could not go on: token `at` of `tokens`, in a statement that has begun."""

    def __init__(self, run: _Run, tokens: list[Token], at: int) -> None:
        self._run, self.tokens, self.at = run, tokens, at

    @property
    def token(self) -> Token:
        """The token that could not stand here."""
        return self.tokens[self.at]

    @cached_property
    def begin(self) -> int:
        """The first token of the statement."""
        depth, at = 0, self.at - 1
        while at >= 0:
            token = self.tokens[at]
            depth += (token == "}") - (token == "{")
            if depth < 0 or (depth == 0 and token.type == "_END"):
                break
            at -= 1
        return at + 1

    @cached_property
    def end(self) -> int:
        """The token after the statement, or after its head where a body follows."""
        ends = (
            at
            for at in range(self.at, len(self.tokens))
            if self.tokens[at].type in ("_END", END) or self.tokens[at] in ("{", "}")
        )
        return next(ends, len(self.tokens) - 1)

    @property
    def again(self) -> bool:
        """Whether the statement can be read once more: no body of it was read already."""
        return "}" not in self.tokens[self.begin : self.at]

    def fits(self, tokens: Sequence[Token]) -> bool:
        """Whether the statement could begin with these tokens."""
        return self._run.fits(tokens)


OnError = Callable[[SpecError | Unexpected, Stop], Repair | None]


class Rule:
    """What a reduction does: how many values it takes, and what it makes of them."""

    __slots__ = ("absent", "call", "inlined", "length", "origin", "passes", "plain")

    def __init__(self, row: list[Any], builder: object) -> None:
        self.origin, self.length, name, single, children = row
        *self.inlined, self.absent = children
        self.plain = not self.absent and all(child == [0, False] for child in self.inlined)
        self.passes = self.plain and single and self.length == 1
        """Whether the one value of the right side stays: most rules are steps of precedence."""
        # a rule with `_` has no node: its values become those of the rule that uses it
        self.call: Callable[[list[Any]], Any] | None = getattr(builder, name, None)

    def reduce(self, values: list[Any]) -> Any:
        """The value of the rule's left side from those of its right side."""
        if not self.plain:
            values = self.children(values)
        return values if self.call is None else self.call(values)

    def children(self, values: list[Any]) -> list[Any]:
        """The values, with None for what is absent and with lists taken apart."""
        out: list[Any] = []
        for value, (absent, inline) in zip(values, self.inlined, strict=True):
            out += [None] * absent
            if not inline:
                out.append(value)
            elif out:
                out += value
            else:
                out = value  # a list that grows stays itself, or a long body would cost n^2
        return out + [None] * self.absent if self.absent else out


@cache
def _tables() -> dict[str, Any]:
    """What `tables.json` says, read once for all parsers."""
    data: dict[str, Any] = json.loads(TABLES.read_text(encoding="utf-8"))
    return data


class Parser:
    """The tables, and a builder whose methods are named as the rules."""

    def __init__(self, builder: object) -> None:
        data = _tables()
        self.pattern = re.compile(f"{data['pattern']}|(?P<{BAD}>.)", re.DOTALL)
        self.spellings: dict[str, list[str]] = data["spellings"]
        self.states: list[Row] = data["states"]
        self.rules = [Rule(row, builder) for row in data["rules"]]
        self.start: Row = data["start"]
        self.end: Row = data["end"]

    @cached_property
    def statements(self) -> set[int]:
        """The states in which a statement can begin: after `{` or the end of another."""
        found = {row.get(kind, -1) for row in self.states for kind in ("LBRACE", "_END")}
        return {state for state in found if state >= 0}

    def tokens(self, text: str) -> Iterator[Token]:
        """The tokens of a text, ending with END."""
        for match in self.pattern.finditer(text):
            kind = match.lastgroup or ""
            if kind != "BLANK":
                yield Token(kind, match.group(), match.start())
        yield Token(END, "", len(text))

    def parse(self, tokens: Iterable[Token], start: str, on_error: OnError) -> Any:
        """The builder's value for a text's tokens, whose types are settled on the way.

        `on_error` may raise, or return to go on after it, with what is to be read instead.

        The value is None when the text ends in an error.
        """
        return _Run(self, start).parse([*tokens], on_error)


class _Run:
    """One parse: the states passed through, and the value of each symbol since."""

    def __init__(self, parser: Parser, start: str) -> None:
        self.parser, self.end = parser, parser.end[start]
        self.states = [parser.start[start]]
        self.values: list[Any] = []

    def parse(self, tokens: list[Token], on_error: OnError) -> Any:
        at = 0
        while True:
            try:
                if self.feed(tokens[at]):
                    return self.values[-1]
                at += 1
            except (SpecError, Unexpected) as error:
                repair = on_error(error, Stop(self, tokens, at))
                if repair is not None:
                    at = self.repaired(repair, tokens, at)
                elif tokens[at].type == END:
                    return None
                else:
                    at = self.recover(at, tokens)

    def repaired(self, repair: Repair, tokens: list[Token], at: int) -> int:
        """Put the tokens in, go back to where they begin: the token to go on with."""
        if repair.begin < at:
            begun = self.begun()
            del self.states[begun:], self.values[begun - 1 :]
        tokens[repair.begin : repair.end] = repair.tokens
        return repair.begin

    def feed(self, token: Token) -> bool:
        """Shift a token, after every reduction it asks for; true at the end of the text."""
        states, values = self.states, self.values
        rows, rules = self.parser.states, self.parser.rules
        if token in self.parser.spellings:
            self.choose(token)
        while (move := rows[states[-1]].get(token.type)) is not None:
            if move >= 0:
                states.append(move)
                values.append(token)
                return False
            rule = rules[-1 - move]
            if rule.passes:
                states[-1] = rows[states[-2]][rule.origin]
            else:
                kept = len(values) - rule.length
                value = rule.reduce(values[kept:])
                del states[kept + 1 :], values[kept:]
                states.append(rows[states[-1]][rule.origin])
                values.append(value)
            if token.type == END and states[-1] == self.end:
                return True
        raise Unexpected(token, self.wanted())

    def choose(self, token: Token) -> None:
        """Of the terminals that a text can be, the first that this state takes."""
        row = self.parser.states[self.states[-1]]
        for kind in self.parser.spellings[token]:
            if kind in row:
                token.type = kind
                return

    def wanted(self) -> list[str]:
        """The terminals that could stand here, whatever reductions they ask for first."""
        row = self.parser.states[self.states[-1]]
        return sorted(kind for kind in row if self.takes(kind))

    def takes(self, kind: str) -> bool:
        """Whether a terminal can stand here, whatever reductions it asks for first."""
        move = self.reduced(list(self.states), kind)
        return move is not None and kind.lstrip("_").isupper()

    def reduced(self, states: list[int], kind: str) -> int | None:
        """Reduce `states` as a token of `kind` asks: the state that takes it then, or None.

        Of END there is nothing to take: the state that ends the text.
        """
        rows = self.parser.states
        while (move := rows[states[-1]].get(kind)) is not None and move < 0:
            rule = self.parser.rules[-1 - move]
            del states[len(states) - rule.length :]
            states.append(rows[states[-1]][rule.origin])
            if kind == END and states[-1] == self.end:
                return self.end
        return move

    def fits(self, tokens: Sequence[Token]) -> bool:
        """Whether the statement that was begun could begin with these tokens instead."""
        states = self.states[: self.begun()]
        return all(self.shifts(states, token) for token in tokens)

    def shifts(self, states: list[int], token: Token) -> bool:
        """Whether a token can follow in `states`, which it is then entered into."""
        kinds = self.parser.spellings.get(token, [token.type])
        kind = next((k for k in kinds if k in self.parser.states[states[-1]]), "")
        move = self.reduced(states, kind)
        if move is not None:
            states.append(move)
        return move is not None

    def recover(self, at: int, tokens: list[Token]) -> int:
        """Drop the statement in which an error was found: the token after it."""
        begun = self.begun()
        del self.states[begun:], self.values[begun - 1 :]
        depth = 0
        while (token := tokens[at]).type != END:
            if token == "{":
                depth += 1
            elif token == "}" and depth > 0:
                depth -= 1
            elif depth == 0 and token.type == "_END":
                return at + 1
            elif token == "}" and "RBRACE" in self.parser.states[self.states[-1]]:
                return at
            at += 1
        return at

    def begun(self) -> int:
        """How many states were passed through when the statement began, not one of its bodies."""
        statements, kept = self.parser.statements, len(self.states)
        closed = 0
        while closed or (self.states[kept - 1] not in statements and kept > 1):
            kept -= 1
            value = self.values[kept - 1]
            if isinstance(value, Token):
                closed += (value == "}") - (value == "{")
        return kept
