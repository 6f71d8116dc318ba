"""That nets learn: the generated LeNet-5 and ResNet-20, and what the figures rest on."""

import json
from pathlib import Path

import pytest


def generated(root: Path, name: str) -> Path:
    path = root / "generated" / f"{name}.py"
    if not path.exists():
        pytest.skip(f"generated/{name}.py is not there: cnnspec gen writes it")
    return path


def test_lenet5_learns_the_digits(train, root: Path) -> None:
    argv = ("--data", "digits", "--set", "classes=10", "--epochs", 12, "--format", "json")
    ended = train(generated(root, "lenet5"), *argv)
    assert ended.status == 0, ended.err
    assert json.loads(ended.out)["top1_error"] < 4.0


def test_a_small_net_learns_the_digits(write, train) -> None:
    ended = train(write(), "--data", "digits", "--epochs", 6, "--format", "json")
    assert json.loads(ended.out)["top1_error"] < 25.0


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_t6_resnet20_takes_steps_in_either_precision(train, root: Path, precision: str) -> None:
    argv = ("--data", "synthetic", "--steps", 2, "--batch", 8, "--precision", precision)
    ended = train(generated(root, "resnet20"), *argv)
    assert ended.status == 0, ended.err


def test_resnet34_takes_a_step_on_synthetic_images(train, root: Path) -> None:
    argv = ("--data", "synthetic", "--steps", 1, "--batch", 2, "--input", "3x64x64")
    ended = train(generated(root, "resnet34"), *argv)
    assert ended.status == 0, ended.err


def test_the_committed_figures_meet_their_goals(root: Path) -> None:
    results = root / "benchmarks" / "results"
    digits = json.loads((results / "lenet5_digits.json").read_text())
    assert digits["digits"]["mean"] >= 98.0
    assert len(digits["digits"]["accuracy"]) == len(digits["digits:writers"]["accuracy"]) == 5
    cifar = json.loads((results / "cifar_resnet20.json").read_text())
    assert cifar["data"] == "CIFAR-10-JPEG"
    assert min(cifar["accuracy"]) > 35.0
    assert cifar["resumed_equal"] is True
    fashion = json.loads((results / "accuracy_fashion.json").read_text())
    assert fashion["accuracy"] >= 90.0
    cifar = json.loads((results / "accuracy_cifar.json").read_text())
    assert (cifar["data"], cifar["accuracy"] > 70.0) == ("CIFAR-10-JPEG", True)
    assert json.loads((results / "train_decode.json").read_text())["equal_pixels"] is True
    overhead = json.loads((results / "train_overhead.json").read_text())
    assert overhead["overhead_percent"] <= 3.0
    assert overhead["safety_percent"] <= 1.0
    nets = json.loads((results / "degradation_cpu.json").read_text())["nets"]
    trained = {net: nets[net]["train_error"] for net in nets}
    assert trained["plain56"] > trained["plain20"] + 20.0, "degradation"
    assert trained["resnet56"] <= trained["resnet20"] + 1.0, "and its cure"
