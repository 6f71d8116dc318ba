"""`cnnspec fmt`: files, a filter, `--check`, `--diff`; a file with errors stays as it is."""

import os
import stat
from pathlib import Path

import pytest

MESSY = "net a{input 3x8x8\n conv 4,3x3,pad = 1 # why\n}\n"
TIDY = "net a {\n  input 3x8x8\n  conv 4, 3x3, pad=1  # why\n}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "own" / "a.cnn"
    path.parent.mkdir()
    path.write_text(MESSY, encoding="utf-8")
    return path


def test_a_file_is_rewritten_once(cnnspec, file: Path):
    file.chmod(0o640)
    first, second = cnnspec("fmt", str(file)), cnnspec("fmt", str(file))
    assert file.read_text(encoding="utf-8") == TIDY
    assert first.out == f"{file} formatted\n1 file formatted, 0 left as they are\n"
    assert second.out == "0 files formatted, 1 left as they are\n"
    assert first.status == second.status == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [p.name for p in file.parent.iterdir()] == ["a.cnn"]


def test_check_and_diff_write_nothing_and_exit_with_1(cnnspec, file: Path):
    check, diff = cnnspec("fmt", "--check", str(file)), cnnspec("fmt", "--diff", str(file))
    assert file.read_text(encoding="utf-8") == MESSY
    assert (check.status, diff.status) == (1, 1)
    assert check.out.startswith(f"{file} would be formatted\n1 file would be formatted")
    assert "+  conv 4, 3x3, pad=1  # why\n" in diff.out
    file.write_text(TIDY, encoding="utf-8")
    assert cnnspec("fmt", "--check", str(file)).status == 0


def test_standard_input_is_filtered(process):
    result = process("fmt", "-", stdin=MESSY)
    assert (result.status, result.out, result.err) == (0, TIDY, "")
    wrong = process("fmt", "-", stdin=MESSY.replace("4,", "4,,"))
    assert (wrong.status, wrong.out) == (1, "")
    assert "error[E0001]" in wrong.err


def test_an_error_is_said_and_the_file_stays(cnnspec, file: Path):
    broken = MESSY.replace("4,", "4,,")
    file.write_text(broken, encoding="utf-8")
    other = file.with_name("b.cnn")
    other.write_text(MESSY, encoding="utf-8")
    result = cnnspec("fmt", str(file.parent))
    assert result.status == 1
    assert "error[E0001]" in result.err
    assert result.out.endswith("1 file formatted, 0 left as they are, 1 with errors\n")
    assert file.read_text(encoding="utf-8") == broken
    assert other.read_text(encoding="utf-8") == TIDY


def test_a_missing_file_is_one_line(cnnspec, tmp_path: Path):
    result = cnnspec("fmt", str(tmp_path / "no.cnn"))
    assert result.status == 2
    assert result.err.count("\n") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes into every folder")
def test_a_folder_that_cannot_be_written_is_one_line(cnnspec, file: Path):
    file.parent.chmod(0o555)
    result = cnnspec("fmt", str(file))
    file.parent.chmod(0o755)
    assert result.status == 2
    assert file.read_text(encoding="utf-8") == MESSY
