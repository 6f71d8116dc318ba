"""docs/howto: fine-tuning helps, from torchvision-shaped weights to a folder of four classes."""

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

SIZE = 32


def gratings(folder: Path, classes: range, counts: dict[str, int]) -> Path:
    """Noisy gratings; a class is an orientation and a width of stripes."""
    numbers = np.random.default_rng(len(classes))
    down, across = np.mgrid[0:SIZE, 0:SIZE]
    for split, count in counts.items():
        for label in classes:
            place = folder / split / f"class{label}"
            place.mkdir(parents=True)
            angle, width = math.pi * (label % 5) / 5, 5 if label < 5 else 9
            for index in range(count):
                phase = numbers.uniform(0, 2 * math.pi)
                wave = np.sin(2 * math.pi * (across * math.cos(angle) + down * math.sin(angle))
                              / width + phase)  # fmt: skip
                pixels = 128 + 50 * wave[..., None] + numbers.normal(0, 20, (SIZE, SIZE, 3))
                image = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
                image.save(place / f"{index:02}.png")
    return folder


def error(run: Path) -> float:
    return float(json.loads((run / "run.json").read_text())["result"]["top1_error"])


def test_n3_fine_tuning_is_better_than_from_scratch_at_equal_steps(
    train, folder: Path, root: Path
) -> None:
    text = (root / "generated" / "resnet18.py").read_text()
    # ImageNet's recipe scales and mirrors, and these classes are widths and orientations
    text = re.sub(r"RECIPE: .*?\n}\n", "RECIPE: dict[str, object] = {}\n", text, flags=re.DOTALL)
    Path("resnet18.py").write_text(text)
    gratings(folder / "six", range(6), {"train": 24, "val": 2})
    gratings(folder / "four", range(6, 10), {"train": 16, "val": 16})
    same = ("--input", "3x32x32", "--batch", "16", "--schedule", "constant", "--threads", "1")
    same += ("--optimizer", "adamw", "--weight-decay", "0", "--eval-every", "100",
             "--no-keep-best")  # fmt: skip
    first = train("resnet18.py", "--data", "folder:six", "--set", "classes=6", *same, "--steps",
                  "30", "--lr", "0.001", "--name", "six")  # fmt: skip
    assert first.status == 0, first.err
    weights = load_file(folder / "runs/resnet18/six/model.safetensors")
    torch.save(weights, "resnet18.pth")  # the form in which torchvision gives its own
    argv = ("resnet18.py", "--data", "folder:four", "--set", "classes=4", *same, "--steps", "12")
    argv += ("--lr", "0.0005", "--lr-of", "fc=5")
    refused = train(*argv, "--weights", "resnet18.pth")
    assert "--init-from resnet18.pth takes all that fits" in refused.err
    tuned = train(*argv, "--init-from", "resnet18.pth", "--name", "tuned")
    assert tuned.status == 0, tuned.err
    assert "new: fc.weight, fc.bias" in tuned.out
    assert train(*argv, "--name", "scratch").status == 0
    runs = folder / "runs" / "resnet18"
    assert error(runs / "tuned") < error(runs / "scratch") - 10


@pytest.mark.parametrize("page", ["fine-tuning.md", "slurm.md"])
def test_n3_the_flags_of_the_pages_are_there(root: Path, page: str) -> None:
    from cnnspec.train.arguments import make_parser

    known = {flag for action in make_parser()._actions for flag in action.option_strings}
    text = (root / "docs" / "howto" / page).read_text()
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))
    others = {"--target", "--nodes", "--ntasks-per-node", "--gpus-per-node", "--cpus-per-task",
              "--time", "--signal", "--requeue", "--nnodes", "--nproc-per-node", "--rdzv-id",
              "--rdzv-backend", "--rdzv-endpoint"}  # fmt: skip
    assert named <= known | others
