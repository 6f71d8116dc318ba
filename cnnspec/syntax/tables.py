"""`cnn.lark` compiled by lark to `tables.json`, the data that `lalr.py` runs (`make tables`).

lark's own cache is a pickle, which a tool for untrusted files should not load; this is plain data,
the same on every machine.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnspec.syntax.lalr import TABLES

if TYPE_CHECKING:
    from lark import Lark
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

GRAMMAR = Path(__file__).with_name("cnn.lark")
OPTIONS: dict[str, Any] = {
    "parser": "lalr",
    "lexer": "contextual",
    "start": ["file", "expr"],
    "keep_all_tokens": True,
    "maybe_placeholders": True,
}


def compile_grammar(*, strict: bool = False) -> str:
    """The grammar's tables as JSON text, as `tables.json` holds them."""
    from lark import Lark

    lark = Lark(GRAMMAR.read_text(encoding="utf-8"), strict=strict, **OPTIONS)
    tables = _tokens(lark) | _machine(lark)
    return json.dumps(tables, sort_keys=True, separators=(",", ":")) + "\n"


def write_tables(path: Path = TABLES) -> None:
    """Compile the grammar, which must be without conflict, and write its tables."""
    path.write_text(compile_grammar(strict=True), encoding="utf-8")


def _tokens(lark: Lark) -> dict[str, Any]:
    """`pattern`: one expression with a group for each terminal, in the order lark tries them.

    `spellings`: the terminals that a text can be, for texts that are spelt out in the grammar:
    `net` is NET where the grammar wants one, else NAME.
    """
    terminals = sorted(lark.terminals, key=_tried_first)
    spelt = {t.pattern.value: t.name for t in terminals if t.pattern.type == "str"}
    shaped = [t for t in terminals if t.pattern.type == "re"]
    spellings = {
        text: [name, *(t.name for t in shaped if re.fullmatch(t.pattern.to_regexp(), text))]
        for text, name in spelt.items()
    }
    words = {text for text, names in spellings.items() if "NAME" in names}
    groups = [
        f"(?P<{_group(t, lark)}>{t.pattern.to_regexp()})"
        for t in terminals
        if t.pattern.value not in words
    ]
    return {"pattern": "|".join(groups), "spellings": spellings}


def _tried_first(terminal: TerminalDef) -> tuple[Any, ...]:
    pattern = terminal.pattern
    return -terminal.priority, -pattern.max_width, -len(pattern.value), terminal.name


def _group(terminal: TerminalDef, lark: Lark) -> str:
    return "BLANK" if terminal.name in lark.ignore_tokens else terminal.name


def _machine(lark: Lark) -> dict[str, Any]:
    """`states`: symbol -> state to shift to (from 0), or -1 - the rule to reduce by."""
    table: Any = lark.parser.parser._parse_table
    states = _reached(table)
    used = {arg for row in table.states.values() for _, arg in row.values()} - set(states)
    rules = sorted(used, key=lambda rule: (rule.origin.name, str(rule)))
    reductions = {rule: -1 - number for number, rule in enumerate(rules)}
    moves: dict[Any, int] = states | reductions
    rows = {states[s]: {k: moves[arg] for k, (_, arg) in table.states[s].items()} for s in states}
    return {
        "rules": [_rule(rule) for rule in rules],
        "states": [rows[number] for number in range(len(rows))],
        "start": {name: states[state] for name, state in table.start_states.items()},
        "end": {name: states[state] for name, state in table.end_states.items()},
    }


def _reached(table: Any) -> dict[int, int]:
    """The number that lark gave a state -> ours: in the order in which the start states lead there.

    Those of lark numbers depend on where objects lie in memory.
    """
    waiting = [table.start_states[name] for name in sorted(table.start_states)]
    states: dict[int, int] = {}
    for state in waiting:
        if state not in states:
            states[state] = len(states)
            row = table.states[state]
            waiting += [row[k][1] for k in sorted(row) if isinstance(row[k][1], int)]
    return states


def _rule(rule: Rule) -> list[Any]:
    """[origin, length, callback, whether a single child replaces it, children].

    children: for each symbol [how many absent optional ones stand before it, whether its own
    children take its place], and at the end how many absent ones follow.
    """
    absent, before = rule.options.empty_indices or (), 0
    children: list[Any] = []
    symbols = iter(rule.expansion)
    for missing in absent or (False,) * len(rule.expansion):
        if missing:
            before += 1
            continue
        symbol = next(symbols)
        children.append([before, not symbol.is_term and symbol.name.startswith("_")])
        before = 0
    single = bool(rule.options.expand1) and not rule.alias
    origin = rule.origin.name
    return [
        str(origin),
        len(rule.expansion),
        rule.alias or str(origin),
        single,
        [*children, before],
    ]
