"""`report` and `reproduce`: runs beside the papers' figures; a small reproduction on the CPU."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cnnspec.train.cli import guarded
from cnnspec.train.reports.__main__ import main
from cnnspec.train.reports.papers import PRINTED

DIGITS = ("--data", "digits", "--epochs", "1")


def call(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    capsys.readouterr()
    status = guarded(lambda: main(list(argv)), f"cnnspec {argv[0]}")
    heard = capsys.readouterr()
    return status, heard.out, heard.err


def test_a_report_sets_runs_beside_printed_figures(write, train, folder: Path, capsys) -> None:
    text = write().read_text().replace("def tiny(", "def resnet20(")
    write("resnet20", text=text)
    assert train("resnet20.py", *DIGITS, "--name", "a").status == 0
    run = folder / "runs" / "resnet20" / "a"
    status, out, _ = call(capsys, "report", "runs/resnet20/a")
    assert status == 0
    row = next(line for line in out.splitlines() if line.startswith("| resnet20"))
    assert row.split("|")[6].strip() == "–"  # on the digits the paper has no figure
    settings = json.loads((run / "run.json").read_text())
    settings["data"]["name"] = "cifar10"
    settings["result"]["top1_error"] = 9.0
    (run / "run.json").write_text(json.dumps(settings))
    assert call(capsys, "report", "runs/resnet20/a", "-o", "page.md")[0] == 0
    page = (folder / "page.md").read_text()
    assert "| 8.75 | +0.25 | He et al. 2015, arXiv:1512.03385, table 6; test |" in page
    assert "![errors over the steps](page.svg)" in page
    assert "<svg" in (folder / "page.svg").read_text()
    assert call(capsys, "report", "runs/resnet20/a", "-o", "page.html", "--title", "<x>")[0] == 0
    assert "<h1>&lt;x&gt;</h1>" in (folder / "page.html").read_text()


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("report", "nowhere"), "nowhere is no run"),
        (("report", "nowhere", "-o", "x.pdf"), "a report is .md or .html"),
        (("reproduce", "degradatoin"), "did you mean `degradation`"),
        (("reproduce", "table6", "--modules", "none"), "cannot read none/resnet20.py"),
    ],
)
def test_s7_wrong_usage_is_one_line(folder: Path, capsys, argv: tuple[str, ...], said: str) -> None:
    status, _, err = call(capsys, *argv)
    assert status in (1, 2)
    assert said in err


def test_a_small_degradation_is_trained_collected_and_drawn(
    folder: Path, root: Path, capsys
) -> None:
    """The paper's nets on digits for a few steps: what it shows is that every part works."""
    argv = ("reproduce", "degradation", "--modules", str(root / "generated"), "--data", "digits")
    flags = ("--input", "3x8x8", "--batch", "32", "--steps", "2", "--precision", "fp32")
    status, out, err = call(capsys, *argv, *flags)
    assert status == 0, err
    place = folder / "runs" / "reproduce"
    facts = json.loads((place / "degradation.json").read_text())
    assert list(facts["nets"]) == ["plain20", "plain56", "resnet20", "resnet56"]
    assert all(net["top1_error"] > 0 for net in facts["nets"].values())
    page = (place / "degradation.md").read_text()
    assert page.count("| digits | 0 |") == 4
    svg = (place / "degradation.svg").read_text()
    assert all(word in svg for word in ("plain-56", "residual", "ResNet-56"))
    assert "training error" in (place / "degradation-2.svg").read_text()
    assert "| ResNet-56 | 56 | 0.85M |" in page
    assert page.count("not on digits") == 4
    assert page.count("![As in figure") == 2
    status, out, _ = call(capsys, *argv, *flags)  # again: nothing is trained anew
    assert out.count(" is done") == 4


def test_the_papers_figures_name_their_source() -> None:
    assert [PRINTED[f"resnet{n}"].top1 for n in (20, 32, 44, 56, 110)] == [
        8.75, 7.51, 7.17, 6.97, 6.43,
    ]  # fmt: skip
    assert PRINTED["plain56"].about
    assert all("arXiv" in printed.source for printed in PRINTED.values())


def test_the_command_line_hands_on_what_it_is_given(folder: Path, root: Path) -> None:
    pytest.importorskip("typer", reason="the trainer is tested without the compiler")
    ended = subprocess.run(
        [sys.executable, "-m", "cnnspec", "report", "nowhere"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (
        2,
        "cnnspec report: nowhere is no run: it has no run.json\n",
    )
