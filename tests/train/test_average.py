"""Running means of the weights: torch's own are the oracle; what is tested and kept is the mean."""

import json
import math
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_avg_fn, get_swa_avg_fn

from cnnspec.train.device import Compute
from cnnspec.train.errors import UsageError
from cnnspec.train.graph import Graphed
from cnnspec.train.optim import make_optimizer
from cnnspec.train.recipe import parse
from cnnspec.train.step import Step
from cnnspec.train.world import World

CPU = torch.device("cpu")
MEANS = [{"name": "ema", "decay": 0.8}, {"name": "swa"}, {"name": "swa", "start": 3}]


def made(average: dict[str, object]) -> Step:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(144, 3))
    recipe = parse({"average": average, "steps": 9}, "x")
    optimizer = make_optimizer(recipe.optimizer, model, CPU)
    meter = torch.zeros(4, dtype=torch.float64)
    assert recipe.average is not None
    start = int(recipe.average.start)
    return Step(model, optimizer, recipe, Compute(CPU, "fp32", False), meter, World(), 1, start)


def take(step: Step, number: int, factor: float = 1.0) -> None:
    generator = torch.Generator().manual_seed(number)
    step.set(number, 0.1)
    step.run(torch.randn(8, 1, 8, 8, generator=generator) * factor, torch.arange(8) % 3)


def held(step: Step) -> list[Tensor]:
    return [
        value.clone() for value in step.model.state_dict().values() if value.is_floating_point()
    ]


@pytest.mark.parametrize("average", MEANS)
def test_the_mean_is_torchs(average: dict[str, object]) -> None:
    step = made(average)
    function = get_ema_avg_fn(0.8) if average["name"] == "ema" else get_swa_avg_fn()
    theirs = AveragedModel(step.model, avg_fn=function, use_buffers=True)
    for number in range(8):
        take(step, number)
        if number >= average.get("start", 0):
            theirs.update_parameters(step.model)
    before = held(step)
    with step.tested():
        wanted = [value for value in theirs.module.state_dict().values() if value.dim()]
        for mine, other in zip(held(step), wanted, strict=True):
            assert torch.allclose(mine, other, atol=1e-6)
        assert not torch.equal(held(step)[0], before[0])
    assert all(torch.equal(a, b) for a, b in zip(held(step), before, strict=True))


def test_t11_a_bad_loss_leaves_the_mean_and_a_capture_leaves_nothing() -> None:
    step = made({"name": "ema", "decay": 0.5})
    take(step, 0)
    before = [value.clone() for value in step.average.tensors]  # type: ignore[union-attr]
    images, labels = torch.randn(8, 1, 8, 8), torch.arange(8) % 3
    Graphed(step, images, labels, capture=lambda one: one)
    take(step, 1, math.nan)
    take(step, 2)
    assert step.is_bad()
    after = step.average.tensors  # type: ignore[union-attr]
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


def test_what_a_run_tests_and_keeps_is_the_mean(write, train, folder: Path) -> None:
    argv = ("--data", "digits", "--epochs", "1", "--name")
    assert train(write(), *argv, "plain").status == 0
    ended = train("tiny.py", *argv, "mean", "--average", "swa")
    assert "cosine, weights averaged (swa), batch 64" in ended.out
    runs = folder / "runs" / "tiny"
    one, two = (load_file(runs / name / "model.safetensors") for name in ("plain", "mean"))
    assert not torch.equal(one["fc.weight"], two["fc.weight"])
    results = [json.loads((runs / name / "run.json").read_text()) for name in ("plain", "mean")]
    assert results[0]["result"]["test_loss"] != results[1]["result"]["test_loss"]


def test_m7_wrong_averages_are_one_line() -> None:
    with pytest.raises(UsageError, match="average swa: there is no key `decay`"):
        parse({"average": {"name": "swa", "decay": 0.9}}, "x")
    with pytest.raises(UsageError, match="name is 'mean' and should be 'ema' or 'swa'"):
        parse({"average": {"name": "mean"}}, "x")
