"""N1 13, 14: weights of runs under way, the best weights, and fine-tuning."""

import argparse
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from cnnspec.train.average import Average
from cnnspec.train.errors import UsageError
from cnnspec.train.evaluation.__main__ import main as evaluate
from cnnspec.train.export import spec_of
from cnnspec.train.groups import freeze, groups
from cnnspec.train.module import load
from cnnspec.train.optim import Schedule, make_optimizer
from cnnspec.train.recipe import parse
from cnnspec.train.weights import init_from, read_weights
from tests.train.test_resume import weights

DIGITS = ("--data", "digits", "--steps", "12")
CPU = torch.device("cpu")


@pytest.mark.parametrize("average", [(), ("--average", "ema", "--average-decay", "0.5")])
def test_n1_13_an_interrupted_run_is_tested_and_begun_with(
    write, train, folder: Path, average: tuple[str, ...]
) -> None:
    """Its weights are the mean where it takes one, as in model.safetensors."""
    write()
    train("tiny.py", *DIGITS, *average, "--name", "a")
    run = folder / "runs" / "tiny" / "a"
    whole = load_file(run / "model.safetensors")
    (run / "model.safetensors").unlink()
    for place in (run, run / "checkpoint" / "step-00000012"):
        found, facts = read_weights(place)
        assert found.keys() == whole.keys()
        assert all(torch.equal(found[key], whole[key]) for key in whole)
        assert len(facts["mean"]) == 1  # type: ignore[arg-type]
        assert evaluate([str(run)]) == 0
    result = json.loads((run / "run.json").read_text())["result"]
    tested = json.loads((run / "eval.json").read_text())["errors"][0]
    assert tested["top1_error"] == pytest.approx(result["top1_error"], abs=1e-12)
    for place in (run, run / "checkpoint" / "step-00000012"):
        assert train("tiny.py", *DIGITS, "--weights", place).status == 0


def test_n1_13_the_best_weights_are_those_of_the_lowest_test_error(
    write, train, folder: Path
) -> None:
    write()
    argv = ("tiny.py", "--data", "digits", "--steps", "40", "--eval-every", "4", "--lr", "0.5",
            "--precision", "bf16")  # fmt: skip
    ended = train(*argv, "--name", "a")
    run = folder / "runs" / "tiny" / "a"
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    tests = {line["step"]: line["top1_error"] for line in lines if line["split"] == "test"}
    best = min(tests, key=lambda step: (tests[step], step))
    assert best < 40, tests
    assert f"(lowest {tests[best]:.2f} % at step {best})" in ended.out
    facts = read_weights(run / "best.safetensors")[1]
    assert (facts["step"], facts["top1_error"]) == (best, tests[best])
    assert evaluate([str(run / "best.safetensors"), "-o", "tested"]) == 0  # in the run's precision
    tested = json.loads(Path("tested/eval.json").read_text())["errors"][0]
    assert tested["top1_error"] == pytest.approx(tests[best], abs=1e-12)
    train(*argv, "--name", "b", "--stop-at", str(best + 2))
    train("--resume", "runs/tiny/b")
    assert (run.parent / "b" / "best.safetensors").read_bytes() == (
        run / "best.safetensors").read_bytes()  # fmt: skip
    train(*argv, "--no-keep-best", "--name", "c")
    assert not (run.parent / "c" / "best.safetensors").exists()


def test_n1_13_means_are_kept_under_the_names_of_what_they_are_of(
    write, train, folder: Path
) -> None:
    write()
    train("tiny.py", *DIGITS, "--average", "swa", "--name", "a")
    state = load_file(folder / "runs/tiny/a/checkpoint/step-00000012/state.safetensors")
    names = {name.removeprefix("average.") for name in state if name.startswith("average.")}
    assert names == {"conv.weight", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var",
                     "fc.weight", "fc.bias"}  # fmt: skip
    assert Average  # what makes them is tested in test_average


def test_n1_14_init_from_takes_every_tensor_of_equal_name_and_shape(
    write, train, folder: Path
) -> None:
    """Ten classes become three: batch norm comes along, the last layer is new, and one line."""
    write()
    train("tiny.py", *DIGITS, "--name", "a")
    before = load_file(folder / "runs/tiny/a/model.safetensors")
    place = folder / "few"
    for split in ("train", "val"):
        for label in "abc":
            (place / split / label).mkdir(parents=True)
            for index in range(8):
                from PIL import Image

                shade = 60 * "abc".index(label) + 3 * index
                Image.new("L", (12, 12), shade).save(place / split / label / f"{index}.png")
    argv = ("tiny.py", "--data", "folder:few", "--set", "classes=3", "--batch", "8", "--steps", "3")
    refused = train(*argv, "--weights", "runs/tiny/a")
    assert (refused.status, refused.err.count("\n")) == (2, 1)
    assert "fc.weight is 10x144, and 3x144 is wanted; --init-from runs/tiny/a takes" in refused.err
    ended = train(*argv, "--init-from", "runs/tiny/a", "--freeze", "conv", "--freeze", "bn",
                  "--lr-of", "fc=10", "--name", "b")  # fmt: skip
    assert ended.status == 0, ended.err
    assert "6 of 8 tensors from runs/tiny/a; new: fc.weight, fc.bias" in ended.out
    assert "44 weights frozen (conv, bn)" in ended.out
    after = load_file(folder / "runs/tiny/b/model.safetensors")
    for key in ("conv.weight", "bn.weight", "bn.running_mean", "bn.num_batches_tracked"):
        assert torch.equal(before[key], after[key]), key
    train(*argv, "--init-from", "runs/tiny/a", "--name", "c")
    moved = load_file(folder / "runs/tiny/c/model.safetensors")
    assert not torch.equal(before["bn.running_mean"], moved["bn.running_mean"])


def test_n1_14_a_frozen_run_goes_on_to_the_bit(write, train, folder: Path) -> None:
    write()
    argv = ("tiny.py", *DIGITS, "--eval-every", "4", "--freeze", "bn", "--lr-of", "fc=0.1")
    train(*argv, "--name", "a")
    train(*argv, "--name", "b", "--stop-at", "7")
    assert train(*argv, "--name", "b", "--resume").status == 0
    assert weights(folder / "runs/tiny/a") == weights(folder / "runs/tiny/b")


def test_n1_14_paths_that_are_none_are_named() -> None:
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    with pytest.raises(UsageError, match=r"--freeze 7: the net has no such .* it has 0, 1"):
        freeze(model, ["7"])
    with pytest.raises(UsageError, match=r"--lr-of 1.scale: the net has no such"):
        groups(model, factors=[("1.scale", 2.0)])
    with pytest.raises(UsageError, match="--freeze 0, 1: nothing is left to train"):
        freeze(model, ["0", "1"])


def test_n1_14_the_longest_path_decides_the_rate() -> None:
    model = nn.Sequential(nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1)), nn.Linear(1, 1))
    found = groups(model, factors=[("0", 0.1), ("0.1", 0.5)])
    assert [(group.factor, len(group.weights)) for group in found] == [(0.1, 2), (0.5, 2), (1.0, 2)]


def test_n3_no_decay_leaves_norms_and_biases_out() -> None:
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(2, 2))
    recipe = parse({"optimizer": {"name": "sgd", "lr": 0.1, "weight_decay": 0.5},
                    "no_decay": ["bn"]}, "x")  # fmt: skip
    optimizer = make_optimizer(recipe.optimizer, model, CPU, recipe.no_decay)
    sizes = {group["weight_decay"]: len(group["params"]) for group in optimizer.param_groups}
    assert sizes == {0.5: 4, 0.0: 2}
    both = make_optimizer(recipe.optimizer, model, CPU, ("bn", "bias"))
    sizes = {group["weight_decay"]: len(group["params"]) for group in both.param_groups}
    assert sizes == {0.5: 2, 0.0: 4}


def test_n1_14_counters_that_older_files_lack_are_not_new() -> None:
    model = nn.Sequential(nn.BatchNorm2d(2))
    old = {key: value + 1 for key, value in model.state_dict().items() if "tracked" not in key}
    assert init_from(model, old) == (list(old), [])


def test_n1_14_what_a_checkpoint_holds_besides_is_named(folder: Path) -> None:
    torch.save({"model_state": {"a": torch.zeros(1)}, "epoch": 3}, "plain.pth")
    assert list(read_weights(Path("plain.pth"))[0]) == ["a"]
    torch.save({"model_state": {"a": torch.zeros(1)}, "args": argparse.Namespace(lr=1)}, "ns.pth")
    with pytest.raises(UsageError, match=r"plain values: argparse.Namespace. Write the weights"):
        read_weights(Path("ns.pth"))
    torch.save({"weights": {"a": torch.zeros(1)}, "epoch": 3}, "other.pth")
    with pytest.raises(UsageError, match="tensors by name, not `weights`, `epoch`"):
        read_weights(Path("other.pth"))
    save_file({"x": torch.zeros(1)}, "x.safetensors")
    (folder / "nothing").mkdir()
    with pytest.raises(UsageError, match="nothing holds no weights: it is no run"):
        read_weights(folder / "nothing")


def test_n3_biases_begin_with_what_the_recipe_says(write, train, folder: Path) -> None:
    bias = {"name": "constant", "value": 1.0, "at": ["fc"]}
    argv = ("--data", "digits", "--steps", "1", "--lr", "0", "--weight-decay", "0", "--name", "a")
    assert train(write("tiny", {"bias": bias}), *argv).status == 0
    found = load_file(folder / "runs/tiny/a/model.safetensors")
    assert found["fc.bias"].tolist() == [1.0] * 10
    ended = train(write("tiny", {"bias": bias | {"at": ["conv"]}}), *argv[:-1], "b")
    assert (ended.status, "the net has no layer conv with a bias" in ended.err) == (2, True)


def test_n3_gradients_are_clipped_to_a_norm(write, train, folder: Path) -> None:
    """One step of plain SGD at a rate of 1 moves all weights by at most the norm, together."""
    argv = ("tiny.py", "--data", "digits", "--steps", "1", "--lr", "1", "--momentum", "0",
            "--weight-decay", "0", "--schedule", "constant")  # fmt: skip
    write()
    train(*argv, "--lr", "0", "--name", "still")
    moves = {}
    for name, flags in (("free", ()), ("clipped", ("--clip", "0.01"))):
        train(*argv, *flags, "--name", name)
        runs = folder / "runs" / "tiny"
        still, moved = (load_file(runs / each / "model.safetensors") for each in ("still", name))
        squares = [float(((still[key] - moved[key]) ** 2).sum()) for key in still
                   if "running" not in key and "tracked" not in key]  # fmt: skip
        moves[name] = sum(squares) ** 0.5
    assert moves["free"] > 0.05
    assert moves["clipped"] == pytest.approx(0.01, rel=1e-3)


def test_n3_a_polynomial_falls_to_nothing() -> None:
    recipe = parse({"schedule": {"name": "poly", "power": 0.5}, "steps": 100}, "x")
    schedule = Schedule(recipe.schedule, 0.4, 0, 100, 1)
    rates = [schedule.at(step) for step in (0, 75, 100)]
    assert rates == pytest.approx([0.4, 0.2, 0.0])


def test_n3_eval_subtracts_the_mean_image_that_was_trained_with(write, train, folder: Path) -> None:
    argv = ("tiny.py", "--data", "digits", "--steps", "22", "--mean", "pixel", "--name", "a")
    write()
    assert train(*argv).status == 0
    run = folder / "runs" / "tiny" / "a"
    result = json.loads((run / "run.json").read_text())["result"]
    evaluate([str(run)])
    tested = json.loads((run / "eval.json").read_text())["errors"][0]
    assert tested["top1_error"] == pytest.approx(result["top1_error"], abs=1e-12)
    train(*argv[:-4], "--name", "b")
    assert weights(run) != weights(run.parent / "b")


def test_n3_a_run_ends_with_an_onnx_model(write, train, folder: Path) -> None:
    """The compiler is asked as a program; without a spec the line says so."""
    pytest.importorskip("onnx")
    pytest.importorskip("lark", reason="the trainer is tested without the compiler")
    from cnnspec.cli.app import run

    spec = "net small(classes = 10) {\n  input 1x8x8\n  conv 4, 3x3 -> bn -> relu\n"
    spec += "  global_avgpool -> flatten\n  linear classes\n}\n"
    (folder / "small.cnn").write_text(spec)
    assert run(["gen", "small.cnn", "-o", "."]) == 0
    argv = ("--data", "digits", "--steps", "3", "--export", "onnx", "--name", "a")
    ended = train("small.py", *argv)
    assert (ended.status, "small.onnx has the weights of best.safetensors" in ended.err) == (
        0, True), ended.err  # fmt: skip
    assert (folder / "runs/small/a/small.onnx").stat().st_size > 1000
    ended = train(write(), *argv)
    assert (ended.status, "no ONNX model: " in ended.err) == (0, True)


@pytest.mark.parametrize(
    ("written", "place"),
    [("net.cnn", "net.cnn"), ("nets.cnn", "nets.cnn:net"), (None, "net")],
)
def test_n3_the_compiler_is_told_where_the_net_is(
    write, folder: Path, written: str | None, place: str
) -> None:
    """A net of the zoo has its spec in the package, and no specs/ where a user works."""
    text = "from torch import nn\nINPUT_SIZE = (1, 8, 8)\nRECIPE = {}\ndef net(): ...\n"
    net = load(write("net", text=f'"""Generated by cnnspec from {written or "specs/net.cnn"}"""\n'
                     + text))  # fmt: skip
    if written:
        (folder / written).touch()
    assert spec_of(net) == place
