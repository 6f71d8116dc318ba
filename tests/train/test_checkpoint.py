"""T9 and T12: a checkpoint is whole or absent, a damaged one is noticed, nothing is unpickled."""

import ast
import errno
import json
import os
from pathlib import Path

import pytest
import torch

from cnnspec.train import checkpoint as checkpoints
from cnnspec.train.checkpoint import load_checkpoint, save_checkpoint
from cnnspec.train.errors import TrainError


def tensors(value: float) -> dict[str, torch.Tensor]:
    return {"w": torch.full((3, 4), value), "n": torch.tensor(7)}


def save_two(folder: Path) -> None:
    save_checkpoint(folder, 1, tensors(1.0), {"step": 1})
    save_checkpoint(folder, 2, tensors(2.0), {"step": 2})


def test_t9_the_newest_is_loaded_and_two_are_kept(folder: Path) -> None:
    save_two(folder)
    save_checkpoint(folder, 10, tensors(10.0), {"step": 10})
    found = load_checkpoint(folder)
    assert found.values == {"step": 10}
    assert torch.equal(found.tensors["w"], torch.full((3, 4), 10.0))
    assert sorted(path.name for path in folder.iterdir()) == ["step-00000002", "step-00000010"]


@pytest.mark.parametrize("name", ["state.safetensors", "state.json", "sha256.txt"])
@pytest.mark.parametrize("fault", ["bit", "cut", "gone"])
def test_t9_a_damaged_one_is_named_and_the_previous_used(
    folder: Path, name: str, fault: str
) -> None:
    save_two(folder)
    file = folder / "step-00000002" / name
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    if fault == "gone":
        file.unlink()
    else:
        file.write_bytes(data if fault == "bit" else data[: len(data) // 2])
    found = load_checkpoint(folder)
    assert found.values == {"step": 1}
    assert len(found.damaged) == 1
    assert "step-00000002 is damaged" in found.damaged[0]


def test_t9_every_bit_of_a_small_checkpoint_counts(folder: Path) -> None:
    save_checkpoint(folder, 1, tensors(1.0), {"step": 1})
    for file in sorted((folder / "step-00000001").iterdir()):
        data = file.read_bytes()
        file.write_bytes(data[:-1])
        with pytest.raises(TrainError, match="no sound checkpoint"):
            load_checkpoint(folder)
        for place in range(0, len(data), 7):
            wrong = bytearray(data)
            wrong[place] ^= 1 << place % 8
            file.write_bytes(wrong)
            with pytest.raises(TrainError, match="no sound checkpoint"):
                load_checkpoint(folder)
        file.write_bytes(data)
    assert load_checkpoint(folder).damaged == []


def test_t9_none_at_all_is_one_line(folder: Path) -> None:
    with pytest.raises(TrainError, match="there is no checkpoint"):
        load_checkpoint(folder)


@pytest.mark.parametrize("call", range(8))
def test_t9_t11_a_full_disk_leaves_the_earlier_ones(
    folder: Path, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    """The disk refuses at the first, second, ... fsync or rename of a save."""
    save_two(folder)
    calls = 0

    def refusing(real):
        def wrapped(*args):
            nonlocal calls
            calls += 1
            if calls == call + 1:
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(*args)

        return wrapped

    monkeypatch.setattr(os, "fsync", refusing(os.fsync))
    monkeypatch.setattr(Path, "rename", refusing(Path.rename))
    if call < 6:  # three files, their folder, the rename, the folder around it
        with pytest.raises(TrainError, match="No space left on device; earlier ones are untouched"):
            save_checkpoint(folder, 3, tensors(3.0), {"step": 3})
    else:
        save_checkpoint(folder, 3, tensors(3.0), {"step": 3})
    monkeypatch.undo()
    found = load_checkpoint(folder)
    assert found.damaged == []
    assert found.values["step"] in (2, 3)
    assert not list(folder.glob("tmp-*"))


def test_t9_what_a_killed_save_left_is_swept_away(folder: Path) -> None:
    save_two(folder)
    (folder / "tmp-00000003").mkdir()
    (folder / "tmp-00000003" / "state.json").write_text("{")
    assert load_checkpoint(folder).values == {"step": 2}
    save_checkpoint(folder, 4, tensors(4.0), {"step": 4})
    assert not list(folder.glob("tmp-*"))


def test_t9_a_damaged_one_of_the_same_step_is_replaced(folder: Path) -> None:
    save_two(folder)
    (folder / "step-00000002" / "state.json").write_text(json.dumps({"step": 9}))
    save_checkpoint(folder, 2, tensors(2.0), {"step": 2})
    found = load_checkpoint(folder)
    assert (found.values, found.damaged) == ({"step": 2}, [])


def test_t12_the_package_never_unpickles_nor_runs_text() -> None:
    """Two exceptions: importlib in module.py, which loads a generated module, and the interpreter
    that export.py starts, with a list of words and no shell."""
    package = Path(checkpoints.__file__).parent
    refused_modules = {"pickle", "marshal", "shelve", "yaml", "dill", "joblib", "subprocess"}
    refused_calls = {"eval", "exec", "compile", "__import__"}
    for file in package.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = {item.name.partition(".")[0] for item in node.names}
            elif isinstance(node, ast.ImportFrom):
                names = {(node.module or "").partition(".")[0]}
            else:
                names = set()
            allowed = {"subprocess"} if file.name == "export.py" else set()
            assert not names & refused_modules - allowed, file
            assert not (isinstance(node, ast.keyword) and node.arg == "shell"), file
            if isinstance(node, ast.Call):
                called = node.func
                assert not (isinstance(called, ast.Name) and called.id in refused_calls), file
                if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
                    name = (called.value.id, called.attr)
                    assert name not in {("np", "load"), ("os", "system")}, file
                    if name == ("torch", "load"):
                        assert "weights_only=True" in ast.unparse(node), file
            if isinstance(node, ast.Attribute) and node.attr == "exec_module":
                assert file.name == "module.py"
