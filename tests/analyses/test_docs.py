"""docs/analyses.md: its commands print what the page shows (`--update-golden` writes it again)."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from cnnspec.analyses.metrics import METRICS
from cnnspec.cli.app import run

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "analyses.md"
OURS = (
    "field", "field_smallest", "field_stride", "field_padding", "min_input_size", "max_input_size",
    "peak_inference_bytes", "training_bytes", "img_s_inference", "img_s_training",
)  # fmt: skip


def printed(line: str, capsys: pytest.CaptureFixture[str]) -> str:
    """The output of `cnnspec ... | tail -n 3`."""
    command, _, tail = line.partition(" | tail -n ")
    run(shlex.split(command)[1:])
    lines = capsys.readouterr().out.splitlines(keepends=True)
    return "".join(lines[-int(tail) :] if tail else lines)


def written(page: str, capsys: pytest.CaptureFixture[str]) -> str:
    """The page with the output of every command, and the table of metrics."""
    parts = page.split("```console\n")
    for at, part in enumerate(parts[1:], start=1):
        block, rest = part.split("```\n", 1)
        commands = [line for line in block.splitlines() if line.startswith("$ ")]
        shown = "\n".join(f"{c}\n{printed(c[2:], capsys)}" for c in commands)
        parts[at] = f"{shown}```\n{rest}"
    head, _, _ = "```console\n".join(parts).partition("|---|---|\n")
    rows = "".join(f"| `{name}` | {METRICS[name]} |\n" for name in OURS)
    return f"{head}|---|---|\n{rows}"


def test_the_page_is_current(capsys, monkeypatch, request):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("NO_COLOR", "1")
    kept = PAGE.read_text(encoding="utf-8")
    fresh = written(kept, capsys)
    if request.config.getoption("--update-golden", default=False):
        PAGE.write_text(fresh, encoding="utf-8", newline="\n")
        return
    assert kept == fresh, "make golden writes docs/analyses.md again"


@pytest.mark.parametrize(
    "command", ["sizes", "field", "diff lenet5", "summary --memory", "summary --device h100"]
)
def test_no_command_loads_torch(command, monkeypatch):
    import subprocess
    import sys

    words = [*command.split(), "resnet1202"]
    code = (
        f"import sys; from cnnspec.cli.app import run; run({words}); print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.splitlines()[-1] == "False"
