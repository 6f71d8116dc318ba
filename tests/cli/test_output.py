"""Where the output goes: a full disk, a closed pipe, a terminal without UTF-8."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = {
    "check": ("check", "lenet5"),
    "check json": ("check", "lenet5", "--format", "json"),
    "summary": ("summary", "lenet5"),
    "csv": ("summary", "lenet5", "--format", "csv"),
    "explain": ("explain", "conv"),
    "fmt": ("fmt", "--check", "specs/lenet5.cnn"),
    "gen": ("gen", "lenet5"),
    "help": ("-h",),
    "gen help": ("gen", "-h"),
    "version": ("--version",),
}
FULL = Path("/dev/full")


def run(*arguments: str, **streams: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "cnnspec", *arguments]
    return subprocess.run(command, check=False, timeout=60, **streams)  # type: ignore[call-overload]


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_13_6_a_full_disk_is_one_line(folder, arguments):
    with FULL.open("w") as full:
        done = run(*arguments, stdout=full, stderr=subprocess.PIPE)
    name = f" {arguments[0]}" if not arguments[0].startswith("-") else ""
    line = f"cnnspec{name}: cannot write the output: No space left on device\n"
    assert (done.returncode, done.stderr.decode()) == (2, line)


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_13_6_messages_to_a_full_disk_end_quietly(folder):
    with FULL.open("w") as full:
        done = run("summary", "nix", stdout=subprocess.PIPE, stderr=full)
    assert (done.returncode, done.stdout) == (2, b"")


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_13_6_a_closed_pipe_is_no_fault(folder, arguments):
    reader, writer = os.pipe()
    os.close(reader)
    done = run(*arguments, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert done.stderr == b""
    assert done.returncode in (141, 1)


@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
@pytest.mark.parametrize("streams", [">&-", "2>&-", ">&- 2>&-"])
def test_13_6_a_closed_stream_is_no_fault(folder, streams):
    for arguments, status in (("check lenet5", 0), ("summary nix", 2)):
        script = f"{sys.executable} -m cnnspec {arguments} {streams}"
        done = subprocess.run(["sh", "-c", script], capture_output=True, check=False)
        assert done.returncode == status
        assert b"fault" not in done.stderr


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "", "LC_ALL": "C"},
        {"PYTHONIOENCODING": "", "LC_ALL": "", "LC_CTYPE": "", "LANG": "POSIX"},
    ],
    ids=lambda e: "-".join(filter(None, e.values())),
)
def test_13_6_a_terminal_without_utf_8_gets_ascii_rules(process, folder, environment):
    text = (folder / "specs" / "lenet5.cnn").read_text(encoding="utf-8")
    (folder / "specs" / "lenet5.cnn").write_text(
        text.replace("표 6-1 LeNet-5 예제 신경망 상세", "Table 6-1"), encoding="utf-8"
    )
    for arguments in (
        ("check", "lenet5"), ("summary", "lenet5"), ("field", "lenet5"), ("list",),
        ("diff", "lenet5", "specs/lenet5.cnn"), ("claims", "lenet5"), ("sizes", "lenet5"),
        ("summary", "lenet5", "--device", "h100"), ("summary", "lenet5", "--memory"),
    ):  # fmt: skip
        done = process(*arguments, **environment)
        assert (done.status, done.err) == (0, "")
        text = done.out if arguments != ("list",) else done.out.splitlines()[1]
        assert text.isascii(), text
        assert "\\u" not in text
    assert "1x32x32 -> 2 " in process("check", "lenet5", **environment).out


def cnnspec_formatted(spec: str) -> str:
    from cnnspec.source import Source
    from cnnspec.syntax.format import formatted

    return formatted(Source("lenet5.cnn", spec))


def test_13_6_data_stays_as_it_is(process, folder):
    """What a program reads is UTF-8, whatever the locale."""
    for environment in ({"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "", "LC_ALL": "C"}):
        done = process("list", "--format", "json", **environment)
        nets = json.loads(done.out)["nets"]
        assert "표 6-2 AlexNet 구조 상세" in [net["source"] for net in nets]
        assert "표 6-2" in process("list", "--format", "csv", **environment).out
    spec = (folder / "specs" / "lenet5.cnn").read_text(encoding="utf-8")
    assert process("fmt", "-", stdin=spec, PYTHONIOENCODING="ascii").out == cnnspec_formatted(spec)


def test_a_picture_s_line_does_not_stand_in_the_data(cnnspec, folder):
    done = cnnspec("diff", "lenet5", "lenet5", "-o", "a.svg", "--format", "json")
    assert json.loads(done.out)["differ"] is False
    assert done.err.startswith("a.svg  ")
    done = cnnspec("field", "lenet5", "--layer", "conv1", "-o", "b.svg", "--format", "csv")
    assert done.out.startswith("layer,")
    assert done.err.startswith("b.svg  ")
