"""module.md, M7: the keys of a recipe, their types, and the flags laid over them (T2)."""

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.optim import SGD
from torch.optim.lr_scheduler import (
    ConstantLR,
    CosineAnnealingLR,
    LRScheduler,
    MultiStepLR,
    ReduceLROnPlateau,
    StepLR,
)

from cnnspec.train.errors import UsageError
from cnnspec.train.optim import Schedule
from cnnspec.train.recipe import parse, resolve

CIFAR = {
    "data": {"name": "cifar10", "pad": 4, "crop": 32, "flip": True},
    "batch": 128,
    "steps": 64_000,
    "optimizer": {"name": "sgd", "lr": 0.1, "momentum": 0.9, "weight_decay": 1e-4},
    "schedule": {"name": "step", "at": [32_000, 48_000], "factor": 0.1},
}


def test_m7_the_papers_recipe_is_read() -> None:
    recipe = parse(CIFAR, "x.py")
    assert (recipe.batch, recipe.steps, recipe.epochs) == (128, 64_000, None)
    assert recipe.schedule.unit == "steps"
    assert recipe.data.flip is True
    assert recipe.optimizer.nesterov is False


def test_m3_an_empty_recipe_is_the_trainers_defaults() -> None:
    recipe = parse({}, "x.py")
    assert recipe.is_default
    assert (recipe.optimizer.name, recipe.optimizer.lr, recipe.epochs) == ("sgd", 0.05, 30)


def test_m7_an_optimizer_of_a_recipe_gets_nothing_that_it_does_not_say() -> None:
    recipe = parse({"optimizer": {"name": "sgd", "lr": 0.01}}, "x.py")
    assert (recipe.optimizer.momentum, recipe.optimizer.weight_decay) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (
            {"bach": 3},
            "x.py: there is no key `bach` (did you mean `batch`?); known: average",
        ),
        ({"optimizer": {"name": "sgd", "momentun": 1}}, "did you mean `momentum`"),
        ({"optimizer": {"name": "sgd", "eps": 1}}, "x.py, optimizer sgd: there is no key `eps`"),
        ({"optimizer": {"name": "adam"}}, "should be 'sgd' or 'rmsprop' or 'adamw'"),
        ({"optimizer": {"name": "sgd", "nesterov": True}}, "nesterov needs a momentum"),
        ({"data": {"mirror": True}}, "x.py, data: there is no key `mirror`"),
        ({"data": {"color": "red"}}, "should be 'pca' or 'jitter' or 'none'"),
        ({"schedule": {"name": "step"}}, "step takes `at` (a list) or `every`"),
        ({"schedule": {"name": "step", "at": [5, 3]}}, "a list that rises"),
        ({"schedule": {"name": "cosine", "factor": 0.1}}, "there is no key `factor`"),
        ({"batch": 0}, "batch is 0 and should be a whole number of at least 1"),
        ({"batch": True}, "batch is True"),
        ({"batch": 2.5}, "batch is 2.5"),
        ({"optimizer": {"name": "sgd", "lr": float("nan")}}, "should be a number at least 0"),
        ({"label_smoothing": 2}, "should be a number from 0 to 1"),
        ({"steps": 3, "epochs": 4}, "a run ends once"),
        ([], "should be a dict"),
        ({"loss": [1]}, "should be a dict"),
    ],
)
def test_m7_wrong_recipes_name_key_and_file(raw: object, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(raw, "x.py")
    assert said in str(caught.value)


def test_t2_flags_are_laid_over_the_recipe() -> None:
    recipe = resolve(CIFAR, {"batch": 32, "optimizer": {"lr": 0.2}, "data": {"flip": False}}, "x")
    assert (recipe.batch, recipe.optimizer.lr, recipe.optimizer.momentum) == (32, 0.2, 0.9)
    assert (recipe.data.pad, recipe.data.flip) == (4, False)


def test_t2_epochs_replace_steps_and_the_schedule_keeps_its_unit() -> None:
    recipe = resolve(CIFAR, {"epochs": 2}, "x")
    assert (recipe.steps, recipe.epochs, recipe.schedule.unit) == (None, 2, "steps")
    given = resolve(CIFAR, {"epochs": 2, "schedule": {"at": [1.0]}}, "x")
    assert given.schedule.unit == "epochs"


def test_t2_another_optimizer_starts_afresh() -> None:
    recipe = resolve(CIFAR, {"optimizer": {"name": "adamw"}}, "x")
    assert (recipe.optimizer.lr, recipe.optimizer.weight_decay) == (0.001, 0.01)
    recipe = resolve({}, {"optimizer": {"lr": 0.3}}, "x")
    assert (recipe.optimizer.lr, recipe.optimizer.momentum) == (0.3, 0.9)


def schedule(raw: dict[str, object], steps_per_unit: int = 10, warmup: int = 0) -> Schedule:
    recipe = parse({"schedule": raw, "epochs": 10}, "x").schedule
    return Schedule(recipe, 1.0, warmup, 100, steps_per_unit)


def test_t2_step_schedule_drops_after_the_step_it_names() -> None:
    at = schedule({"name": "step", "at": [3, 5], "factor": 0.1})
    assert [at.at(step) for step in (0, 29, 30, 49, 50)] == pytest.approx([1, 1, 0.1, 0.1, 0.01])
    every = schedule({"name": "step", "every": 8, "factor": 0.96}, steps_per_unit=1)
    assert [every.at(step) for step in (7, 8, 16)] == pytest.approx([1, 0.96, 0.9216])


def test_t2_exponential_cosine_constant_and_warmup() -> None:
    exponential = schedule({"name": "exponential", "every": 2, "factor": 0.94})
    assert [exponential.at(step) for step in (19, 20, 40)] == pytest.approx([1, 0.94, 0.8836])
    cosine = schedule({"name": "cosine"})
    assert [cosine.at(step) for step in (0, 50, 100)] == pytest.approx([1, 0.5, 0])
    warm = schedule({"name": "constant"}, warmup=4)
    assert [warm.at(step) for step in (0, 1, 3, 4)] == pytest.approx([0.25, 0.5, 1, 1])


def test_t2_plateau_drops_after_five_tests_without_progress_and_remembers() -> None:
    plateau = schedule({"name": "on_plateau", "factor": 0.1})
    for error in (50.0, 40.0, 41.0, 40.0, 40.0, 42.0):
        plateau.observe(error)
    assert plateau.at(0) == 1.0
    again = schedule({"name": "on_plateau", "factor": 0.1})
    again.remember(plateau.memory())
    again.observe(40.0)
    assert again.at(0) == pytest.approx(0.1)


ORACLES: list[tuple[dict[str, object], Callable[..., LRScheduler]]] = [
    ({"name": "step", "at": [3, 5]}, lambda o: MultiStepLR(o, [30, 50], 0.1)),
    ({"name": "step", "every": 2, "factor": 0.5}, lambda o: StepLR(o, 20, 0.5)),
    ({"name": "exponential", "every": 2, "factor": 0.94}, lambda o: StepLR(o, 20, 0.94)),
    ({"name": "cosine"}, lambda o: CosineAnnealingLR(o, 100)),
    ({"name": "constant"}, lambda o: ConstantLR(o, 1.0)),
]


@pytest.mark.parametrize(("raw", "theirs"), ORACLES)
def test_t2_every_schedule_is_torchs_at_every_step(raw, theirs) -> None:
    mine, optimizer = schedule(raw), SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    oracle = theirs(optimizer)
    for step in range(100):
        assert mine.at(step) == pytest.approx(optimizer.param_groups[0]["lr"], abs=1e-9), step
        optimizer.step()
        oracle.step()


def test_t2_the_plateau_is_torchs() -> None:
    mine, optimizer = schedule({"name": "on_plateau"}), SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    oracle = ReduceLROnPlateau(optimizer, patience=4, threshold=1e-3, threshold_mode="abs", eps=0)
    errors = 50 * torch.rand(60, generator=torch.Generator().manual_seed(0)) + 10
    for error in errors.tolist():
        mine.observe(error)
        oracle.step(error)
        assert mine.at(0) == pytest.approx(optimizer.param_groups[0]["lr"])
    assert mine.drops > 3
