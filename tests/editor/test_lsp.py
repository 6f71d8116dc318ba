"""`cnnspec lsp`, asked as an editor asks it: over the streams of a process (design: live, V1)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest

from cnnspec.cli.app import run
from tests.editor.client import Client, Refused

pytest.importorskip("pygls", reason="the language server needs the extra `lsp`")
ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").rglob("*.cnn"))
LENET = ROOT / "specs" / "lenet5.cnn"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    client = Client(ROOT / "specs")
    yield client
    assert client.stop() == 0


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[Client, Path]]:
    """A server on a copy of specs/, for what changes files."""
    copytree(ROOT / "specs", tmp_path / "specs")
    client = Client(tmp_path / "specs")
    yield client, tmp_path / "specs"
    assert client.stop() == 0


def place(text: str, word: str, after: int = 0) -> dict[str, int]:
    at = text.index(word) + after
    return {"line": text.count("\n", 0, at), "character": at - text.rfind("\n", 0, at) - 1}


@pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem)
def test_every_feature_on_every_spec(client: Client, path: Path):
    uri = client.open(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert all(found["severity"] == 2 for found in client.said(uri))
    outline = client.of("documentSymbol", uri)
    assert outline
    assert client.of("formatting", uri, options={"tabSize": 2, "insertSpaces": True}) == []
    for number in range(0, len(lines), max(1, len(lines) // 8)):
        column = len(lines[number]) // 2
        for method in ("hover", "definition", "completion"):
            client.at(method, uri, number, column)
        at = {"line": number, "character": column}
        client.of("codeAction", uri, range={"start": at, "end": at}, context={"diagnostics": []})
    client.at("references", uri, number, column, context={"includeDeclaration": True})
    command = {"command": "cnnspec.figure", "arguments": [{"uri": uri}]}
    drawn = client.ask("workspace/executeCommand", command)
    if path.parent.name == "specs":
        has_layers = any(line.lstrip().startswith("input ") for line in lines)
        assert bool(client.hints(uri)) == has_layers
        assert drawn["svg"].startswith("<?xml") and path.stem in drawn["nets"]
    client.close(uri)


HOSTILE = {
    "nothing": "",
    "braces": "{" * 300,
    "deep": "let n = " + "-" * 5000 + "1",
    "long": "let n = " + "1 + " * 20_000 + "1",
    "hidden": "net it {\n  input 3x9x9\n  conv 4\u202e, 3x3\n}",
    "surrogate pairs": "net it {\n  input 3x9x9  # \U0001f600\n  \U0001f600 conv 4, 3x3\n}",
    "a name of markup": 'net it { input 3x9x9; from "[/bold]<script>" }',
    "many layers": "net it { input 3x9x9; repeat 99999 { relu } ; relu; relu }",
    "over the limit": "net it { input 3x9x9; repeat 1000 { repeat 1000 { relu } } }",
    "large": "# " + "x" * 300_000,
    "many errors": "net it {\n  input 3x9x9\n" + "  rleu\n" * 3000 + "}\n",
    "an import of itself": 'import a from "hostile.cnn"\nnet it { input 3x9x9; relu }',
    "an import outside": 'import a from "../../../../etc/passwd"\nnet it { input 3x9x9; relu }',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_get_what_check_says(
    client: Client, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "hostile.cnn"
    path.write_text(HOSTILE[name], encoding="utf-8")
    run(["check", "--format", "concise", str(path)])
    capsys.readouterr()
    run(["check", "--format", "json", str(path)])
    wanted = json.loads(capsys.readouterr().out)["diagnostics"]
    uri = client.open(path)
    found = client.said(uri)
    assert sorted((d["code"], d["message"].split("\n")[0]) for d in found) == sorted(
        (d["code"], d["message"].split("\n")[0]) for d in wanted
    )
    lines = sorted(d["range"]["start"]["line"] + 1 for d in found)
    assert lines == sorted(d["span"]["start"]["line"] for d in wanted)
    for method in ("hover", "completion", "definition"):
        client.at(method, uri, 0, 3)
    client.hints(uri)
    client.close(uri)
    again = client.open(LENET)
    assert client.said(again) == [] and client.of("documentSymbol", again)
    client.close(again)


@pytest.mark.parametrize("name", ["lenet5", "resnet18"])
def test_typed_key_by_key(client: Client, name: str):
    """After each key an answer; once there is an outline it stays; hints above an error stay."""
    path = ROOT / "specs" / f"{name}.cnn"
    text = path.read_text(encoding="utf-8")
    uri = client.open(path, "")
    begun, most = False, 0
    for cut in range(0, len(text) + 1, 3 if len(text) > 600 else 1):
        client.change(uri, text[:cut])
        outline = client.of("documentSymbol", uri)
        begun = begun or bool(outline)
        assert bool(outline) == begun
        hints = client.hints(uri)
        if name == "lenet5" and cut < len(text):
            most = max(most, len(hints))
            above = text[:cut].count("\n") - 1
            asserted = [n for n in range(11, min(above, 17)) if n in whole_lenet(client, text)]
            assert set(asserted) <= hints.keys()
    client.change(uri, text)
    assert all(d["severity"] == 2 for d in client.said(uri))
    client.close(uri)


_WHOLE: dict[int, str] = {}


def whole_lenet(client: Client, text: str) -> dict[int, str]:
    """The hints of the whole text, asked for once."""
    if not _WHOLE:
        uri = client.open(LENET.with_name("other.cnn"), text)
        _WHOLE.update(client.hints(uri))
        client.close(uri)
    return _WHOLE


def test_hints_of_a_family_are_of_an_open_variant_and_say_which(client: Client):
    family = client.open(ROOT / "specs" / "families" / "resnet.cnn")
    assert client.hints(family) == {}
    variant = client.open(ROOT / "specs" / "resnet34.cnn")
    hints = client.hints(family)
    assert "(resnet34)" in next(iter(hints.values()))
    assert any("64x56x56" in hint for hint in hints.values())
    client.close(variant)
    assert client.hints(family) == {}
    client.close(family)


def test_an_unsaved_import_is_what_its_importers_see(own: tuple[Client, Path]):
    client, specs = own
    net = client.open(specs / "resnet34.cnn")
    assert client.said(net) == []
    path = specs / "families" / "resnet.cnn"
    text = path.read_text(encoding="utf-8")
    family = client.open(path)
    client.change(family, text.replace("maxpool 3x3/2", "maxpol 3x3/2", 1))
    (there,) = [d for d in client.said(family) if d["severity"] == 1]
    (here,) = [d for d in client.said(net) if d["severity"] == 1]
    assert "maxpol" in there["message"] and here["message"].startswith("resnet.cnn:")
    client.change(family, text)
    assert client.said(net) == [] and client.said(family) == []


def test_rename_across_files_keeps_the_figures(own: tuple[Client, Path]):
    client, specs = own
    path = specs / "resnet34.cnn"
    text = path.read_text(encoding="utf-8")
    uri = client.open(path)
    at = place(text, "resnet(", 2)
    edit = client.at("rename", uri, **at, newName="residual_net")
    assert len(edit["changes"]) > 5
    for address, edits in edit["changes"].items():
        file = Path(address.removeprefix("file://"))
        lines = file.read_text(encoding="utf-8").split("\n")
        for one in sorted(edits, key=lambda e: -e["range"]["start"]["character"]):
            number, first = one["range"]["start"].values()
            last = one["range"]["end"]["character"]
            lines[number] = lines[number][:first] + one["newText"] + lines[number][last:]
        file.write_text("\n".join(lines), encoding="utf-8")
    assert run(["check", str(specs)]) == 0
    with pytest.raises(Refused, match="a word of the language"):
        client.at("rename", uri, **at, newName="repeat")


def test_a_fix_is_a_code_action(client: Client):
    text = LENET.read_text(encoding="utf-8").replace("flatten", "flaten", 1)
    uri = client.open(LENET, text)
    (found,) = client.said(uri)
    (action,) = client.of("codeAction", uri, range=found["range"], context={"diagnostics": [found]})
    assert action["isPreferred"] and action["title"] == "replace by `flatten`"
    ((edit,),) = action["edit"]["changes"].values()
    assert edit["newText"] == "flatten"
    client.close(uri)


def test_places_count_in_utf16(client: Client):
    text = 'net it {\n  input 3x9x9\n  require 1 == 1, "\U0001f600"; rleu\n}\n'
    uri = client.open(LENET, text)
    (found,) = client.said(uri)
    line = text.split("\n")[2].encode("utf-16-le")
    start = found["range"]["start"]["character"]
    assert line[2 * start : 2 * start + 8].decode("utf-16-le") == "rleu"
    client.close(uri)


def test_memory_is_flat_over_500_edits(client: Client):
    text = LENET.read_text(encoding="utf-8")
    uri = client.open(LENET)

    def edit(times: int) -> int:
        for number in range(times):
            client.change(
                uri, f"{text}\n# {number}\n" if number % 2 else text.replace("5x5", "5 5")
            )
            client.hints(uri)
        status = Path(f"/proc/{client.process.pid}/status").read_text(encoding="ascii")
        return int(status.split("VmRSS:")[1].split()[0])

    edit(100)
    before = edit(50)
    after = edit(500)
    assert after - before < 4_000, (before, after)
    client.close(uri)
