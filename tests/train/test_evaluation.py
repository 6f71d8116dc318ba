"""T13, T14: the papers' protocols, errors in percent, the confusion matrix."""

import json
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import nn

from benchmarks.gpu_proof.mock import mocked_cuda
from cnnspec.train.batches import Batches
from cnnspec.train.cli import guarded
from cnnspec.train.datasets import Request, load_data
from cnnspec.train.device import Compute
from cnnspec.train.evaluation import views
from cnnspec.train.evaluation.__main__ import main
from cnnspec.train.evaluation.classes import class_lines, per_class
from cnnspec.train.evaluation.matrix import draw_confusion
from cnnspec.train.evaluation.scores import Net, averaged, confusion, errors
from cnnspec.train.feed import Finish, Statistics
from cnnspec.train.geometry import Geometry

CROP = (224, 224)


def ramp(width: int = 400, height: int = 300) -> Image.Image:
    return Image.linear_gradient("L").resize((width, height)).convert("RGB")


def test_t13_the_numbers_of_views_are_the_papers() -> None:
    """Each is doubled by its mirror image: 10, 12, 144, 150 and 2."""
    counts = {
        name: len(list(view(ramp(), views.sides_for(sides, CROP), CROP)))
        for name, (view, sides) in {
            "10": (views.ten, views.ONE_SIDE),
            "12": (views.twelve, views.ONE_SIDE),
            "144": (views.one_hundred_and_forty_four, views.SZEGEDY),
            "150": (views.grid, views.SIMONYAN),
            "2": (views.whole, views.ONE_SIDE),
            "multi-scale": (views.whole, views.HE),
        }.items()
    }
    assert counts == {"10": 5, "12": 6, "144": 72, "150": 75, "2": 1, "multi-scale": 5}


def test_t13_crops_are_corners_and_middle_of_the_scaled_image() -> None:
    image = Image.new("RGB", (8, 6))
    for x in range(8):
        for y in range(6):
            image.putpixel((x, y), (x, y, 0))
    shown = [view.getpixel((0, 0)) for view in views.ten(image, (6,), (4, 4))]
    assert shown == [(0, 0, 0), (4, 0, 0), (0, 2, 0), (4, 2, 0), (2, 1, 0)]
    squares = views._squares(image, 6)
    assert [square.getpixel((0, 0)) for square in squares] == [(0, 0, 0), (1, 0, 0), (2, 0, 0)]
    assert [view.size for view in views.whole(image, (3, 12), (4, 4))] == [(4, 3), (16, 12)]
    assert views.sides_for((256, 512), (32, 32)) == [37, 73]


class One:
    """A source of one image."""

    labels = (0,)

    def __len__(self) -> int:
        return 1

    def open(self, index: int) -> Image.Image:
        return ramp(40, 30)

    def place(self, index: int) -> str:
        return "ramp"


def net_of(model: nn.Module) -> Net:
    compute = Compute(torch.device("cpu"), "fp32", False)
    finish = Finish(
        Statistics((0.0,) * 3, (1.0,) * 3), Geometry((16, 16), (16, 16), 0, False, False),
        torch.device("cpu"),
    )  # fmt: skip
    return Net("net", model.eval(), compute, finish, (16, 16), 3)


def test_t13_dense_averages_the_map_of_a_convolutional_head() -> None:
    torch.manual_seed(0)
    head = nn.Conv2d(3, 4, 16)
    found = averaged(net_of(head), "dense", One(), [0], [18])[0]
    image = views.scaled(ramp(40, 30), 18)
    pixels = torch.from_numpy(views.as_pixels(image, 3).copy()).permute(2, 0, 1)[None].float() / 255
    both = [head(view).mean((2, 3)).softmax(1)[0] for view in (pixels, pixels.flip(3))]
    assert torch.allclose(found, ((both[0] + both[1]) / 2).double(), atol=1e-6)


def test_t13_multi_crop_and_dense_averaged_is_the_mean_of_both() -> None:
    net = net_of(nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(12, 4)))
    parts = [averaged(net, name, One(), [0], [16, 20]) for name in ("multi-crop", "dense")]
    both = averaged(net, "multi-crop+dense", One(), [0], [16, 20])
    assert torch.allclose(both, (parts[0] + parts[1]) / 2)
    assert float(both.sum()) == pytest.approx(1.0)


def test_t13_errors_are_percent_and_the_matrix_counts() -> None:
    found = torch.eye(6)[[0, 1, 2, 2]] * 0.5 + torch.linspace(0.1, 0.0, 6)
    labels = torch.tensor([0, 1, 2, 5])
    assert errors(found, labels) == (25.0, 25.0)
    matrix = confusion(found, labels)
    assert (int(matrix.sum()), int(matrix[5, 2])) == (4, 1)
    drawn = draw_confusion(matrix, ["<a>", "b", "c", "d", "e", "f"], "x & y")
    assert drawn is not None
    assert "&lt;a&gt;" in drawn
    assert "x &amp; y" in drawn
    assert draw_confusion(torch.zeros(101, 101), ["a"] * 101, "") is None


def test_n3_each_class_has_its_figures(folder: Path) -> None:
    counts = torch.tensor([[8, 0, 2, 0], [1, 0, 3, 0], [0, 0, 5, 0], [0, 0, 0, 0]])
    found = per_class(counts, ["cat", "dog", "<\x1b", "none"])
    assert [one.facts() for one in found] == [
        {"name": "cat", "images": 10, "top1_error": pytest.approx(20.0), "taken_for": "<\x1b"},
        {"name": "dog", "images": 4, "top1_error": 100.0, "taken_for": "<\x1b"},
        {"name": "<\x1b", "images": 5, "top1_error": 0.0, "taken_for": None},
        {"name": "none", "images": 0, "top1_error": None, "taken_for": None},
    ]
    lines = [line.split() for line in class_lines(found)[1:]]
    assert lines == [["dog", "4", "100.00", "<\\x1b"], ["cat", "10", "20.00", "<\\x1b"],
                     ["<\\x1b", "5", "0.00"], ["none", "0", "–"]]  # fmt: skip


def evaluated(capsys: pytest.CaptureFixture[str], *argv: object) -> tuple[int, str, str]:
    capsys.readouterr()
    status = guarded(lambda: main([str(item) for item in argv]), "cnnspec eval")
    heard = capsys.readouterr()
    return status, heard.out, heard.err


def test_t13_t14_runs_weights_and_an_ensemble(write, train, folder: Path, capsys) -> None:
    write()
    for seed in (0, 1):
        argv = ("--data", "digits", "--epochs", "2", "--seed", seed, "--name", seed)
        assert train("tiny.py", *argv).status == 0
    run = folder / "runs" / "tiny" / "0"
    trained = json.loads((run / "run.json").read_text())["result"]
    status, out, _ = evaluated(capsys, "runs/tiny/0", "--format", "json")
    row = json.loads(out)["errors"][0]
    assert (status, row["top1_error"], row["top5_error"]) == (
        0,
        pytest.approx(trained["top1_error"]),
        pytest.approx(trained["top5_error"]),
    )
    assert (run / "confusion.svg").read_text().startswith("<svg")
    assert json.loads((run / "eval.json").read_text())["images"] == 360
    classes = json.loads((run / "eval.json").read_text())["classes"]
    wrong = sum(one["images"] * one["top1_error"] for one in classes) / 360
    assert (len(classes), wrong) == (10, pytest.approx(trained["top1_error"]))
    table = evaluated(capsys, "runs/tiny/0", "--per-class")[1].splitlines()
    assert table[3].split()[:3] == ["class", "images", "top-1"]
    assert len(table) == 3 + 1 + 10 + 1
    status, out, err = evaluated(
        capsys, "runs/tiny/0", "tiny.py", "--weights", "runs/tiny/1/model.safetensors", "--data",
        "digits", "--protocol", "centre,10-crop", "--limit", "50",
    )  # fmt: skip
    assert status == 0, err
    lines = out.splitlines()
    assert lines[0] == "tiny · digits · 50 images · error in %"
    assert [line.split()[-3] for line in lines[2:8]] == ["centre", "10-crop"] * 3
    assert lines[6].startswith("  ensemble of 2 ")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ((), "name a run"),
        (("a.pth",), "a.pth is no run: name the module too"),
        (("tiny.py", "a.pth", "--data", "digits"), "cannot read a.pth"),
        (("x", "--protocol", "10-crp"), "did you mean `10-crop`"),
        (("x", "--scales", "a"), "write whole numbers"),
    ],
)
def test_s7_wrong_usage_of_eval_is_one_line(
    write, capsys, argv: tuple[str, ...], said: str
) -> None:
    write()
    status, _, err = evaluated(capsys, *argv)
    assert (status, err.count("\n")) == (2, 1)
    assert said in err


def test_t13_a_limit_takes_evenly_spaced_images_under_every_protocol(folder: Path) -> None:
    found = load_data("digits", Request("", folder, (8, 8), 1, 10, 6))
    held = Batches(found, Geometry((8, 8), (8, 8), 0, False, False), 6, 0, torch.device("cpu"))
    chosen = range(0, 360, 7)
    labels = torch.cat([labels for _, labels in held.test(20, chosen)])
    assert torch.equal(labels, found.test.labels[::7])


def test_t13_runs_on_different_sets_are_not_averaged(write, train, capsys) -> None:
    write()
    for name in ("digits", "digits:writers"):
        train("tiny.py", "--data", name, "--steps", "1", "--name", name[-4:])
    status, _, err = evaluated(capsys, "runs/tiny/gits", "runs/tiny/ters")
    assert (status, err.count("\n")) == (2, 1)
    assert "digits and digits:writers: several models are tested on one set" in err


def test_t13_a_net_of_one_size_is_not_tested_densely(write, train, capsys) -> None:
    write()
    train("tiny.py", "--data", "digits", "--epochs", "1", "--name", "a")
    status, _, err = evaluated(capsys, "runs/tiny/a", "--protocol", "dense", "--limit", "2")
    assert (status, err.count("\n")) == (2, 1)
    assert "it is for nets of any size" in err


CONVOLUTIONAL = """
from pathlib import Path

import torch
from torch import Tensor, nn

INPUT_SIZE = (1, 8, 8)
RECIPE: dict[str, object] = {}


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 10, 3)

    def forward(self, x: Tensor) -> Tensor:
        if not self.training and x.shape[2:] != (8, 8):
            with Path("seen.txt").open("a") as file:
                file.write(f"{torch.backends.cudnn.benchmark}\\n")
        logits: Tensor = self.conv(x).mean((2, 3))
        return logits


def net() -> nn.Module:
    return Net()
"""


def test_n1_16_cudnn_does_not_try_every_size_of_a_dense_test(
    write, train, folder: Path, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)
    write("net", text=CONVOLUTIONAL)
    assert train("net.py", "--data", "digits", "--steps", "1", "--name", "a").status == 0
    argv = ("--protocol", "dense", "--scales", "12", "--limit", "2", "--data", "digits", "--gpu")
    with mocked_cuda():
        status, _, err = evaluated(capsys, "runs/net/a", *argv)
    assert status == 0, err
    assert set((folder / "seen.txt").read_text().split()) == {"False"}
