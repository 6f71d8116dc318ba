"""The committed tables are the grammar's, and the grammar is LALR(1) without ambiguity."""

import json

from cnnspec.syntax.tables import GRAMMAR, TABLES, compile_grammar, write_tables


def test_the_committed_tables_are_current():
    assert compile_grammar() == TABLES.read_text(encoding="utf-8"), "run `make tables`"


def test_strict_mode_finds_no_conflict_and_no_two_terminals_that_collide(tmp_path):
    write_tables(tmp_path / "tables.json")
    assert (tmp_path / "tables.json").read_bytes() == TABLES.read_bytes()


def test_compiling_twice_gives_the_same_bytes():
    assert compile_grammar() == compile_grammar()


def test_the_tables_are_plain_data():
    tables = json.loads(TABLES.read_text(encoding="utf-8"))
    assert set(tables) == {"end", "pattern", "rules", "spellings", "start", "states"}
    assert set(tables["start"]) == {"expr", "file"}


def test_no_terminal_matches_digits_or_letters_beyond_ascii():
    text = GRAMMAR.read_text(encoding="utf-8")
    assert not [c for c in (r"\d", r"\w", r"\s") if c in text]
