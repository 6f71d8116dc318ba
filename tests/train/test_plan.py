"""T2, T5, T14: the dry run, beginning with other weights, warm-up until an error, accumulation."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from cnnspec.train.errors import UsageError
from cnnspec.train.optim import Schedule
from cnnspec.train.recipe import parse, resolve
from cnnspec.train.weights import init_by_shape, put_weights, read_weights

DIGITS = ("--data", "digits", "--epochs", "1")


def test_t2_a_dry_run_says_all_and_writes_nothing(write, train, folder: Path) -> None:
    ended = train(write(), *DIGITS, "--dry-run", "--cutout", "3", "--flip")
    assert ended.status == 0, ended.err
    words = [line.split()[0] for line in ended.out.splitlines()[1:]]
    assert words == ["augmentation", "steps", "schedule", "parameters", "memory", "time"]
    assert "crop 12x12, from 12x12, mirrored by chance, cutout 3" in ended.out
    assert "22 steps of 64, 1 epochs of 22; test every 22" in ended.out
    assert not (folder / "runs").exists()
    facts = json.loads(train("tiny.py", *DIGITS, "--dry-run", "--format", "json").out)
    assert (facts["schema"], facts["steps"], facts["parameters"]) == ("cnnspec.plan/1", 22, 1494)
    assert facts["seconds"] > 0


def test_t6_noise_is_not_decoded_by_workers(write, train) -> None:
    recipe = {"data": {"crop": 12, "scale": [16, 24]}, "epochs": 1}
    ended = train(write("tiny", recipe), "--data", "synthetic", "--dry-run")
    assert ended.status == 0, ended.err
    assert "crop 12x12, from 14x14" in ended.out
    assert "workers" not in ended.out


def test_t2_warmup_until_the_training_error_is_low_enough() -> None:
    raw = {"warmup": {"name": "until_error", "lr": 0.01, "error": 80.0}, "steps": 64_000}
    recipe = parse(raw, "x")
    schedule = Schedule(recipe.schedule, 0.1, 0, 64_000, 1, warmup=recipe.warmup)
    schedule.recipe = parse({"schedule": {"name": "constant"}}, "x").schedule
    assert schedule.at(500) == 0.01
    schedule.trained(80.0)
    assert schedule.at(500) == 0.01
    schedule.trained(79.9)
    assert schedule.at(500) == 0.1
    again = Schedule(schedule.recipe, 0.1, 0, 64_000, 1, warmup=recipe.warmup)
    again.remember(schedule.memory())
    assert again.at(501) == 0.1
    with pytest.raises(UsageError, match="warmup until_error: there is no key `rate`"):
        parse({"warmup": {"name": "until_error", "rate": 1}}, "x")


def test_t2_warmup_until_is_a_flag(write, train, folder: Path) -> None:
    recipe = {"schedule": {"name": "constant"}}
    argv = (*DIGITS, "--warmup-until", "0.01,85", "--log-every", "2", "--name", "a")
    assert train(write("tiny", recipe), *argv).status == 0
    lines = (folder / "runs" / "tiny" / "a" / "metrics.jsonl").read_text().splitlines()
    train_lines = [line for line in map(json.loads, lines) if line["split"] == "train"]
    low = [line["lr"] == 0.01 for line in train_lines]
    first = next(i for i, line in enumerate(train_lines) if line["top1_error"] < 85)
    assert low == [True] * (first + 1) + [False] * (len(low) - first - 1)
    assert False in low
    assert resolve({}, {"warmup": 3.0}, "x").warmup.time == 3.0


def test_t2_warmup_at_a_low_rate_for_a_time(write, train) -> None:
    recipe = {"schedule": {"name": "constant"}}
    ended = train(write("tiny", recipe), *DIGITS, "--warmup", "1", "--warmup-lr", "0.01",
                  "--dry-run")  # fmt: skip
    assert "constant: 0.01 at 1, 0.01 at 6," in ended.out
    ended = train("tiny.py", *DIGITS, "--warmup-until", "0.01,80", "--dry-run")
    assert "0.01 until the training error is under 80 %, then constant: 0.05 at 1," in ended.out
    raw = {"warmup": {"name": "constant", "lr": 0.01, "time": 400}, "steps": 64_000}
    warmup = parse(raw, "x").warmup
    schedule = Schedule(parse({}, "x").schedule, 0.1, 400, 64_000, 1, warmup=warmup)
    assert [schedule.at(step) for step in (0, 399, 400)] == pytest.approx([0.01, 0.01, 0.1])


def test_t2_accumulation_trains_and_must_be_even(write, train) -> None:
    assert train(write(), *DIGITS, "--accumulate", "4").status == 0
    ended = train("tiny.py", *DIGITS, "--accumulate", "5")
    assert (ended.status, "not taken in 5 even parts" in ended.err) == (2, True)


def test_t14_weights_of_a_run_and_of_pth_files(write, train, folder: Path) -> None:
    write()
    train("tiny.py", *DIGITS, "--name", "a")
    run = folder / "runs" / "tiny" / "a"
    weights, facts = read_weights(run)
    assert (facts["net"], facts["data"]) == ("tiny", "digits")
    torch.save({"state_dict": {f"module.{key}": value for key, value in weights.items()}}, "a.pth")
    for number, file in enumerate((run / "model.safetensors", Path("a.pth"))):
        argv = ("--weights", file, "--lr", "0", "--weight-decay", "0", "--name", f"b{number}")
        assert train("tiny.py", *DIGITS, *argv).status == 0
        again = read_weights(run.parent / f"b{number}")[0]
        assert torch.equal(again["conv.weight"], weights["conv.weight"])


def test_t12_t14_other_files_are_refused_in_one_line(write, train, folder: Path) -> None:
    write()
    torch.save(nn.Linear(1, 1), "module.pth")
    torch.save([1, 2], "list.pth")
    save_file({"x": torch.zeros(2)}, "other.safetensors")
    Path("broken.safetensors").write_bytes(b"12345678nonsense")
    for name, said in (
        ("module.pth", "is not read: it is damaged, or holds more than tensors"),
        ("list.pth", "is no state_dict"),
        ("other.safetensors", "has no conv.weight and 6 more: it is of another net"),
        ("broken.safetensors", "cannot read broken.safetensors"),
        ("absent.pth", "cannot read absent.pth"),
        ("x.bin", "weights are .safetensors, .pth, .pt, or a run"),
    ):
        ended = train("tiny.py", *DIGITS, "--weights", name)
        assert (ended.status, ended.err.count("\n")) == (2, 1)
        assert said in ended.err


def test_t13_fully_connected_weights_go_into_a_convolution_of_as_many() -> None:
    dense, conv = nn.Linear(18, 4), nn.Conv2d(2, 4, 3)
    x = torch.randn(1, 2, 3, 3)
    left = put_weights(conv, dense.state_dict() | {"aux.weight": torch.zeros(1)}, "x")
    assert left == ["aux.weight"]
    assert torch.allclose(conv(x).flatten(), dense(x.flatten(1)).flatten(), atol=1e-6)
    with pytest.raises(UsageError, match="weight is 4x18, and 4x2x2x2 is wanted"):
        put_weights(nn.Conv2d(2, 4, 2), dense.state_dict(), "x")


def test_t2_init_from_copies_each_layer_to_the_first_of_its_shape(write, train) -> None:
    small = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Conv2d(4, 4, 3), nn.Linear(8, 2))
    deep = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.Conv2d(4, 6, 3), nn.Conv2d(4, 4, 3), nn.Linear(8, 2)
    )
    copied = init_by_shape(deep, small.state_dict())
    assert copied == [("0", "0"), ("1", "2"), ("2", "3")]
    assert torch.equal(deep[2].bias, small[1].bias)
    write()
    train("tiny.py", *DIGITS, "--name", "a")
    ended = train("tiny.py", *DIGITS, "--init-from", "runs/tiny/a", "--by-shape", "--name", "b")
    assert "2 layers from runs/tiny/a: conv, fc" in ended.out
    save_file({"conv.weight": torch.zeros(9, 9, 9, 9)}, "other.safetensors")
    ended = train("tiny.py", *DIGITS, "--init-from", "other.safetensors", "--by-shape")
    assert (ended.status, "no layer of it fits" in ended.err) == (2, True)
    ended = train("tiny.py", *DIGITS, "--init-from", "other.safetensors")
    assert (ended.status, "no tensor of it has a name and shape of the net's" in ended.err) == (
        2, True)  # fmt: skip
