"""The extension for VS Code: its package, and what a workspace may set (safety: S22)."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.editor.client import Client, Refused

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "editors" / "vscode"
PACKAGE = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
VSX = "{http://schemas.microsoft.com/developer/vsx-schema/2011}"


def packer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("package", FOLDER / "package.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> zipfile.ZipFile:
    """The package; where npm has not built the client, with its source in the client's place."""
    pack = packer()
    if not pack.FILES["dist/extension.js"].is_file():
        monkeypatch.setitem(pack.FILES, "dist/extension.js", FOLDER / "extension.js")
    pack.pack(tmp_path / "one.vsix")
    pack.pack(tmp_path / "two.vsix")
    assert (tmp_path / "one.vsix").read_bytes() == (tmp_path / "two.vsix").read_bytes()
    return zipfile.ZipFile(tmp_path / "one.vsix")


def test_the_package_has_the_layout_of_a_vsix(archive: zipfile.ZipFile):
    names = archive.namelist()
    root = ElementTree.fromstring(archive.read("extension.vsixmanifest"))
    identity = root.find(f".//{VSX}Identity")
    assert identity is not None
    assert (identity.get("Id"), identity.get("Version")) == ("cnnspec", PACKAGE["version"])
    assert identity.get("Publisher") == PACKAGE["publisher"]
    assets = [asset.get("Path") for asset in root.iter(f"{VSX}Asset")]
    assert assets and set(assets) <= set(names)
    types = ElementTree.fromstring(archive.read("[Content_Types].xml"))
    endings = {one.get("Extension") for one in types}
    assert {f".{name.rpartition('.')[2]}" for name in names} - {".xml"} <= endings


def test_the_package_has_every_file_that_it_names(archive: zipfile.ZipFile):
    package = json.loads(archive.read("extension/package.json"))
    named = [package["main"]]
    named += [language["configuration"] for language in package["contributes"]["languages"]]
    named += [grammar["path"] for grammar in package["contributes"]["grammars"]]
    names = set(archive.namelist())
    assert {f"extension/{path.removeprefix('./')}" for path in named} <= names
    assert package["version"] == json.loads(archive.read("extension/package.json"))["version"]
    grammar = archive.read("extension/syntaxes/cnn.tmLanguage.json").decode()
    assert grammar == (FOLDER / "syntaxes" / "cnn.tmLanguage.json").read_text(encoding="utf-8")


def test_the_client_is_one_file_that_loads():
    """The bundle asks for nothing but VS Code itself and what Node has."""
    built, node = FOLDER / "dist" / "extension.js", shutil.which("node")
    if node is None or not built.is_file():
        pytest.skip("the client is not built: `make playground`, which needs npm")
    script = f"""
    const Module = require("module"), load = Module._load, asked = [];
    const thing = () => new Proxy(class {{}}, {{
      get: (target, key) => key in target || typeof key === "symbol" || key === "prototype"
        ? target[key] : thing() }});
    Module._load = (name, ...rest) => {{
      asked.push(name);
      return name === "vscode" ? thing() : load(name, ...rest);
    }};
    const extension = require({json.dumps(str(built))});
    const foreign = asked.slice(1).filter((n) => n !== "vscode" && !Module.isBuiltin(n));
    console.log(JSON.stringify([Object.keys(extension).sort(), foreign]));
    """
    done = subprocess.run([node, "-e", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-1500:]
    assert json.loads(done.stdout) == [["activate", "deactivate"], []]


def settings() -> dict[str, Any]:
    found: dict[str, Any] = PACKAGE["contributes"]["configuration"]["properties"]
    return found


def test_s22_no_workspace_says_what_is_executed():
    """A setting that names a program is the machine's: a folder that is opened cannot set it."""
    assert settings().keys() == {"cnnspec.command"}
    assert settings()["cnnspec.command"]["scope"] == "machine"
    source = (FOLDER / "extension.js").read_text(encoding="utf-8")
    assert source.count("getConfiguration") == 1 and "shell" not in source
    assert "enableScripts: false" in source


def test_s22_the_server_executes_nothing_from_settings(tmp_path: Path):
    """Whatever settings say, and whatever command is asked for: nothing is started or written."""
    pytest.importorskip("pygls", reason="the language server needs the extra `lsp`")
    mark = tmp_path / "mark"
    hostile = {"cnnspec": {"command": f"touch {mark}", "path": str(mark), "python": sys.executable}}
    file = tmp_path / "it.cnn"
    file.write_text("net it {\n  input 3x9x9\n  relu\n}\n", encoding="utf-8")
    client = Client(tmp_path)
    client.tell("workspace/didChangeConfiguration", {"settings": hostile})
    uri = client.open(file)
    assert client.said(uri) == []
    for command in (f"touch {mark}", "cnnspec.run", "python"):
        with pytest.raises(Refused):
            client.ask("workspace/executeCommand", {"command": command, "arguments": [hostile]})
    wanted = {"uri": uri, "style": f"$(touch {mark})", "theme": "../../light"}
    with pytest.raises(Refused):
        client.ask("workspace/executeCommand", {"command": "cnnspec.figure", "arguments": [wanted]})
    assert client.of("documentSymbol", uri)
    assert client.stop() == 0
    assert not mark.exists()


def test_s22_files_outside_are_read_through_imports_alone(tmp_path: Path):
    """A file beyond the folder of the spec: neither an import nor a question gives its text."""
    pytest.importorskip("pygls", reason="the language server needs the extra `lsp`")
    secret = tmp_path / "secret.cnn"
    secret.write_text("block hidden_word() { relu }\n", encoding="utf-8")
    folder = tmp_path / "specs"
    folder.mkdir()
    file = folder / "it.cnn"
    file.write_text('import hidden_word from "../secret.cnn"\nnet it { input 3x9x9; relu }\n')
    client = Client(folder)
    uri = client.open(file)
    (found, *_) = client.said(uri)
    assert found["code"] in ("E0121", "E0122", "E0123") and "relu }" not in json.dumps(found)
    assert client.at("definition", uri, 0, 10) is None
    with pytest.raises(Refused):  # what was never opened has no answers
        client.of("documentSymbol", secret.as_uri())
    assert client.stop() == 0
