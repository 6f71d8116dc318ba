"""SARIF: what GitHub and others read, by the schema of the standard."""

import json
from pathlib import Path

import jsonschema
import pytest

from cnnspec.codes import pages
from cnnspec.diagnostics import Diagnostic, Label
from cnnspec.report import manual
from cnnspec.report.sarif import log
from cnnspec.source import Source, Span

SCHEMA = json.loads(
    Path(__file__).with_name("schemas").joinpath("sarif-2.1.0-rtm.5.json").read_text("utf-8")
)
VALIDATOR = jsonschema.Draft4Validator(SCHEMA)


def valid(found: list[Diagnostic]) -> dict:
    data = json.loads(json.dumps(log(found, "1.0")))
    assert [error.message for error in VALIDATOR.iter_errors(data)] == []
    return data["runs"][0]


def test_the_schema_refuses_what_is_wrong():
    data = log(manual.diagnose(pages()["E0301"]), "1.0")
    data["runs"][0]["results"][0]["level"] = "fatal"
    assert list(VALIDATOR.iter_errors(data))


def test_nothing_found_is_valid():
    assert valid([])["results"] == []


CHECKED = [code for code, page in pages().items() if not page.command]


@pytest.mark.parametrize("code", CHECKED)
def test_every_code_is_valid(code):
    run = valid(manual.diagnose(pages()[code]))
    (rule,) = run["tool"]["driver"]["rules"]
    (result,) = run["results"]
    assert (rule["id"], result["ruleId"], result["ruleIndex"]) == (code, code, 0)
    assert f"cnnspec explain {code}" in rule["help"]["text"]
    level = "warning" if code.startswith("W") else "error"
    assert (result["level"], rule["defaultConfiguration"]["level"]) == (level, level)


def test_all_codes_in_one_run_are_valid():
    found = [d for page in pages().values() for d in manual.diagnose(page)]
    run = valid([*found, *found])
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == CHECKED
    assert [rules[r["ruleIndex"]]["id"] for r in run["results"]] == 2 * CHECKED


@pytest.mark.parametrize(
    "name", ["<stdin>", "a b.cnn", "c:\\specs\\a.cnn", "합성곱.cnn", "a\udcff.cnn"]
)
def test_any_file_name_is_a_valid_uri(name):
    source = Source(name, "net a {\n")
    span = Span(source, 0, 3)
    run = valid([Diagnostic("E0101", "m\x1b", span, labels=(Label(Span(source, 8, 8), "l"),))])
    location = run["results"][0]["locations"][0]["physicalLocation"]
    uri = location["artifactLocation"]["uri"]
    assert uri.isascii()
    assert " " not in uri
    assert "\\" not in uri


def test_fixes_are_valid_and_say_what_to_put_where(tmp_path, capsys):
    from cnnspec.cli.app import run

    file = tmp_path / "it.cnn"
    file.write_text("net it {\n  input 3x8x8\n  conv 4 3x3\n}\n", encoding="utf-8")
    assert run(["check", "--format", "sarif", str(file)]) == 1
    data = json.loads(capsys.readouterr().out)
    assert [error.message for error in VALIDATOR.iter_errors(data)] == []
    (result,) = data["runs"][0]["results"]
    (fix,) = result["fixes"]
    (change,) = fix["artifactChanges"]
    (replacement,) = change["replacements"]
    assert replacement["insertedContent"] == {"text": "conv 4, 3x3"}
    assert replacement["deletedRegion"]["startLine"] == 3
    assert (
        change["artifactLocation"] == result["locations"][0]["physicalLocation"]["artifactLocation"]
    )
