"""N2: the proof on a GPU, rehearsed: every stage runs on a CPU with CUDA mocked."""

import io
import json
import tarfile
from pathlib import Path

import pytest
import torch
from PIL import Image

from benchmarks.gpu_proof import predict
from benchmarks.gpu_proof.mock import mocked_cuda
from benchmarks.gpu_proof.proof import PREDICTED, Proof
from benchmarks.gpu_proof.runner import STAGES, Stage, run_stage
from benchmarks.gpu_proof.table import NOTHING, table
from tests.train import gpu_checks
from tests.train.forked import Program

BEGIN, END = "<!-- gpu_proof -->\n", "<!-- end of gpu_proof -->"


def write_archives(folder: Path) -> Path:
    """Ten classes of ten and of five images, in the form of the CIFAR archives."""
    for split, count in (("train", 10), ("test", 5)):
        with tarfile.open(folder / f"cifar10-jpeg-{split}.tar.xz", "w:xz") as tar:
            for number in range(10 * count):
                data = io.BytesIO()
                Image.new("RGB", (32, 32), (25 * (number // count), number, 0)).save(data, "JPEG")
                member = tarfile.TarInfo(f"{split}/class{number // count}/{number:03}.jpg")
                member.size = len(data.getvalue())
                tar.addfile(member, io.BytesIO(data.getvalue()))
    return folder


def test_n2_the_rehearsal_runs_every_stage(folder: Path) -> None:
    data = write_archives(folder)
    argv = ("--rehearse", "--out", folder / "out", "--data", data)
    ended = Program(*argv, module="benchmarks.gpu_proof").ended(500)
    assert ended.status == 0, ended.out + ended.err
    lines = [json.loads(line) for line in (folder / "out/proof.jsonl").read_text().splitlines()]
    assert [line["stage"] for line in lines[:-1]] == [stage.name for stage in STAGES]
    assert {line["status"] for line in lines[:-1]} == {"ok"}
    found = {line["stage"]: line["found"] for line in lines[:-1]}
    assert found["data"]["images"] == [100, 50]
    assert set(found["checks"]["checks"].values()) == {"ok"}
    goals = {"losses within 1e-5 of a loop by hand", "the file's error is the reported one",
             "nothing is lost", "no host waits inside an epoch", "all checks hold"}  # fmt: skip
    assert goals <= set(lines[-1]["met"])
    page = (folder / "out/table.md").read_text()
    assert "rehearsal: no figure is one" in page
    assert "| resnet20 128 | " in page


def _hangs(proof: Proof, name: str) -> None:
    import time

    (proof.out / f"{name}.json").write_text('{"before": 1}')
    time.sleep(60)


def test_n2_a_stage_that_hangs_is_ended_and_keeps_what_it_found(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from benchmarks.gpu_proof import runner

    monkeypatch.setattr(runner, "_work", _hangs)
    monkeypatch.setattr(runner, "GRACE", 0.2)
    proof = Proof(folder, None, True, 1e12)
    line = run_stage(proof, Stage("slow", 0.5))
    assert (line["status"], line["found"]) == ("too long", {"before": 1})
    late = run_stage(Proof(folder, None, True, 0.0), Stage("late", 10.0))
    assert late["status"] == "no time"


def test_n2_a_stage_that_fails_says_why(folder: Path) -> None:
    line = run_stage(Proof(folder, None, True, 1e12), Stage("no_such_stage", 10.0))
    assert line["status"] == "failed"
    assert "ModuleNotFoundError" in line["found"]["error"]


def test_n2_a_mocked_capture_refuses_to_be_asked() -> None:
    with mocked_cuda(), pytest.raises(RuntimeError, match="capturing"):  # noqa: SIM117
        with torch.cuda.graph(torch.cuda.CUDAGraph()):
            float(torch.zeros(1))


def test_n2_the_predictions_are_the_compilers() -> None:
    pytest.importorskip("lark", reason="the trainer is tested without the compiler")
    told = json.loads(PREDICTED.read_text())
    memory = predict.summary("resnet20", "--memory", "--dtype", "float32", "--batch", "1024",
                             "--optimizer", "momentum")["memory"]  # fmt: skip
    assert told["nets"]["resnet20"]["training_bytes"] == memory["training_bytes"]


def test_n2_the_table_of_the_docs_is_made_from_the_results(root: Path) -> None:
    text = (root / "docs" / "training.md").read_text()
    shown = text[text.index(BEGIN) + len(BEGIN) : text.index(END)]
    assert shown == table(root / "benchmarks" / "results" / "gpu_proof.jsonl")
    assert NOTHING in table(Path("nothing"))


@pytest.mark.parametrize("optimizer", gpu_checks.OPTIMIZERS)
def test_n1_10_every_weight_of_the_gpus_checks_has_a_gradient(optimizer) -> None:
    """A bias before a batch norm has none: AdamW would divide noise by noise, and be compared."""
    with mocked_cuda():
        step = gpu_checks.made(optimizer)
        step.set(0, 0.0)
        step.run(*gpu_checks.batch(0))
        largest = {name: float(weight.grad.abs().max())
                   for name, weight in step.model.named_parameters()}  # fmt: skip
    assert min(largest.values()) > 1e-4, largest
