"""The lazy public API, and where the shipped files lie."""

import subprocess
import sys

import pytest

import cnnspec
from cnnspec import resources


def test_importing_the_package_costs_nothing():
    code = "import sys, cnnspec; print(sorted(n for n in sys.modules if n.startswith('cnnspec')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['cnnspec']\n"


def test_check_and_load_and_measure(folder):
    result = cnnspec.check("specs/lenet5.cnn")
    assert result.ok
    assert result.nets[0].params == 61_026
    net = cnnspec.load("specs/lenet5.cnn", classes=10)
    assert cnnspec.measure(net).value("shape") == (10,)


def test_load_raises_what_is_wrong_with_the_spec(folder):
    (folder / "w.cnn").write_text("net w { input 1x8x8\n liner 3 }\n")
    with pytest.raises(cnnspec.SpecErrors, match="did you mean `linear`"):
        cnnspec.load("w.cnn")
    with pytest.raises(LookupError, match="not nix"):
        cnnspec.load("specs/lenet5.cnn", "nix")
    assert not cnnspec.check("w.cnn").ok


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nix"):
        cnnspec.nix  # noqa: B018
    assert "check" in dir(cnnspec)


def test_the_shipped_specs_are_found():
    assert (resources.specs() / "lenet5.cnn").is_file()
    with pytest.raises(FileNotFoundError):
        resources.folder("nix")


def test_a_wheel_keeps_them_beside_the_code(tmp_path, monkeypatch):
    (tmp_path / "cnnspec" / "_data" / "specs").mkdir(parents=True)
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "cnnspec")
    assert resources.specs() == tmp_path / "cnnspec" / "_data" / "specs"
