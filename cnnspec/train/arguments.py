"""The command line: flags for the run, and one for every field of a recipe."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from cnnspec.train.errors import UsageError
from cnnspec.train.recipe import AVERAGE_KEYS, COLORS, MEANS, OPTIMIZER_KEYS, SCHEDULE_KEYS
from cnnspec.train.settings import Settings, settings_of

EPILOG = """\
data sets: digits, digits:writers, mnist, fashion-mnist, cifar10, cifar100,
imagenet, folder:PATH, tar:PATH, wds:PATH, hf:NAME, synthetic.
A recipe's times are in steps where it says steps, else in epochs.
"""


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line, as all others."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError in place of printing the whole usage."""
        raise UsageError(f"{message} (see --help)")


class TrainParser(Parser):
    """Reads `--gpu 1` as a switch and a number, so that `--gpu FILE.py` stays what it is."""

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse, with the number of a GPU apart."""
        return super().parse_known_args(_numbered(args or []), namespace)


def read_arguments(argv: Sequence[str]) -> Settings:
    """Read the command line of `cnnspec train`; raise UsageError where it makes no sense."""
    return settings_of(vars(make_parser().parse_args(list(argv)))).check()


def _numbered(argv: Sequence[str]) -> list[str]:
    found: list[str] = []
    for item in argv:
        before = found[-1] if found else ""
        if item.startswith("--gpu=") or (before == "--gpu" and item.isdigit()):
            found += [*(["--gpu"] if before != "--gpu" else []), "--gpu-number"]
            item = item.partition("=")[2] or item
        found.append(item)
    return found


def make_parser() -> Parser:
    """Return the parser of `cnnspec train`; what is not given is None, the defaults are Settings'.

    A switch that is not given is None too: `resumed` has to tell it from one that is.
    """
    parser = TrainParser(
        prog="cnnspec train",
        description="Train a generated module.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("file", nargs="?", metavar="FILE.py", help="a generated module")
    _add_net_flags(parser.add_argument_group("net and data"))
    _add_recipe_flags(parser.add_argument_group("recipe (what the module says, unless given)"))
    _add_run_flags(parser.add_argument_group("run"))
    return parser


def _add_net_flags(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--set", action="append", metavar="NAME=VALUE", help="a parameter of the net")
    add("--input", metavar="CxHxW", help="another input size than the module's")
    add("--data", metavar="NAME", help="what to train on (below)")
    add("--root", metavar="DIR", help="where data sets lie (default: data)")
    add("--fetch", action="store_true", default=None, help="fetch an absent set from its publisher")
    add("--schemes", type=_words, metavar="NAME,NAME",
        help="addresses that --data may read by fsspec, such as s3")  # fmt: skip
    add("--weights", metavar="FILE", help="begin with these weights (.safetensors, .pth)")
    add("--init-from", metavar="FILE", help="begin with what fits of a trained net, by name")
    add("--by-shape", action="store_true", default=None,
        help="with --init-from: each layer to the first of its shape (VGG)")  # fmt: skip
    add("--freeze", action="append", metavar="PATH", help="leave these weights as they are")
    add("--lr-of", action="append", type=_weight, metavar="PATH=X",
        help="a factor of the rate for these weights")  # fmt: skip


def _add_recipe_flags(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--batch", type=int, metavar="N")
    add("--steps", type=int, metavar="N", help="length in steps")
    add("--epochs", type=int, metavar="N", help="length in epochs")
    add("--optimizer", dest="optimizer.name", choices=tuple(OPTIMIZER_KEYS))
    add("--lr", dest="optimizer.lr", type=float, metavar="X")
    add("--momentum", dest="optimizer.momentum", type=float, metavar="X")
    add("--nesterov", dest="optimizer.nesterov", action=argparse.BooleanOptionalAction)
    add("--weight-decay", dest="optimizer.weight_decay", type=float, metavar="X")
    add("--decay", dest="optimizer.decay", type=float, metavar="X", help="of rmsprop's average")
    add("--eps", dest="optimizer.eps", type=float, metavar="X")
    add("--eps-inside", dest="optimizer.eps_inside", action=argparse.BooleanOptionalAction,
        help="rmsprop in TensorFlow's form, eps under the root")  # fmt: skip
    add("--schedule", dest="schedule.name", choices=tuple(SCHEDULE_KEYS), metavar="NAME",
        help=", ".join(SCHEDULE_KEYS))  # fmt: skip
    add("--at", dest="schedule.at", type=_numbers, metavar="T,T", help="times at which lr drops")
    add("--every", dest="schedule.every", type=float, metavar="T")
    add("--factor", dest="schedule.factor", type=float, metavar="X")
    add("--power", dest="schedule.power", type=float, metavar="X", help="of poly: lr (1 - t/T)^X")
    add("--clip", type=float, metavar="X", help="largest norm of the gradients")
    add("--no-decay", dest="no_decay", type=_words, metavar="KIND,KIND",
        help="no weight decay on bn (scales and shifts) or bias")  # fmt: skip
    add("--warmup", type=float, metavar="T", help="time in which lr rises from 0")
    add("--warmup-lr", dest="warmup_lr", type=float, metavar="X",
        help="this lr for the time of --warmup, in place of a rise")  # fmt: skip
    add("--warmup-until", dest="warmup_until", type=_pair, metavar="LR,ERROR",
        help="this lr until the training error is under ERROR percent")  # fmt: skip
    add("--average", dest="average.name", choices=tuple(AVERAGE_KEYS),
        help="test and keep a running mean of the weights")  # fmt: skip
    add("--average-decay", dest="average.decay", type=float, metavar="X", help="of ema")
    add("--average-start", dest="average.start", type=float, metavar="T")
    add("--label-smoothing", dest="label_smoothing", type=float, metavar="X")
    add("--mixup", dest="transforms.mixup", type=float, metavar="ALPHA")
    add("--cutmix", dest="transforms.cutmix", type=float, metavar="ALPHA")
    add("--randaugment", dest="transforms.randaugment", type=int, metavar="MAGNITUDE")
    add("--erase", dest="transforms.erase", type=float, metavar="CHANCE",
        help="these four by torchvision, where installed")  # fmt: skip
    add("--class-weights", metavar="W,W",
        help="weight of each class in the loss, or `balanced`")  # fmt: skip
    add("--loss", action="append", type=_weight, metavar="OUTPUT=W", help="weight of an output")
    add("--resize", dest="data.resize", type=int, metavar="N", help="side that crops are cut from")
    add("--crop", dest="data.crop", type=int, metavar="N")
    add("--pad", dest="data.pad", type=int, metavar="N", help="border for random crops")
    add("--flip", dest="data.flip", action=argparse.BooleanOptionalAction, help="mirror by chance")
    add("--scale", dest="data.scale", type=_numbers, metavar="LOW,HIGH",
        help="sides to cut from (256,480), or shares of the area (0.08,1)")  # fmt: skip
    add("--color", dest="data.color", choices=COLORS)
    add("--mean", dest="data.mean", choices=MEANS, help="what is subtracted of an image")
    add("--cutout", dest="data.cutout", type=int, metavar="N", help="side of a square left black")


def _add_run_flags(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--gpu", action="store_true", default=None, help="train on the GPU; --gpu 1 on number 1")
    add("--gpu-number", type=int, help=argparse.SUPPRESS)
    add("--gpus", type=int, metavar="N", help="train on N of them (torchrun)")
    add("--processes", type=int, metavar="N", help="train in N processes on the CPU (torchrun)")
    add("--graph", action=argparse.BooleanOptionalAction, help="CUDA graph (default: on a GPU)")
    add("--compile", action=argparse.BooleanOptionalAction, help="torch.compile")
    add("--accumulate", type=int, metavar="N", help="parts that a batch is taken in")
    add("--workers", type=int, metavar="N", help="processes that decode images")
    add("--dry-run", action="store_true", default=None,
        help="say what would be done, and how long it takes")  # fmt: skip
    add("--seed", type=int, metavar="N", help="default: 0")
    add("--threads", type=int, metavar="N", help="on the CPU (default: what torch takes)")
    add("--precision", choices=("auto", "fp32", "bf16"))
    add("--channels-last", action=argparse.BooleanOptionalAction)
    add("--out", metavar="DIR", help="where runs go (default: runs)")
    add("--name", metavar="NAME", help="the run's folder in DIR/NET (default: the time)")
    add("--log-every", type=int, metavar="STEPS")
    add("--eval-every", type=int, metavar="STEPS", help="default: an epoch")
    add("--save-every", type=int, metavar="STEPS", help="checkpoints (default: every minute)")
    add("--keep-best", action=argparse.BooleanOptionalAction,
        help="best.safetensors, by test error (default: yes)")  # fmt: skip
    add("--patience", type=int, metavar="N", help="stop after N tests without a lower error")
    add("--log", type=_words, metavar="NAME,NAME", help="also to csv, tensorboard, wandb")
    add("--profile", action="store_true", default=None,
        help="time some steps by operator: a table and profile.json")  # fmt: skip
    add("--export", choices=("onnx",), help="at the end, by `cnnspec gen`, from the best weights")
    add("--seeds", type=int, metavar="N", help="N runs, one a seed: mean and deviation")
    add("--stop-at", type=int, metavar="STEP", help="save after this step and stop")
    add("--resume", nargs="?", const="", metavar="RUN", help="go on (default: FILE's newest run)")
    add("--format", choices=("text", "json"))


def _numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]


def _words(text: str) -> list[str]:
    return text.split(",")


def _pair(text: str) -> dict[str, object]:
    lr, error = text.split(",")
    return {"name": "until_error", "lr": float(lr), "error": float(error)}


def _weight(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    return name, float(value)


def input_size(text: str | None, default: tuple[int, int, int]) -> tuple[int, int, int]:
    """Read `--input CxHxW`."""
    if text is None:
        return default
    parts = text.lower().split("x")
    if len(parts) != 3 or not all(
        part.isascii() and part.isdigit() and int(part) for part in parts
    ):
        raise UsageError(f"--input {text}: write channels, height and width as 3x224x224")
    channels, height, width = (int(part) for part in parts)
    return channels, height, width


def module_path(file: str | None) -> Path:
    """Return FILE.py; raise UsageError where it is missing."""
    if file is None:
        raise UsageError("name a generated module: cnnspec train generated/NET.py (see --help)")
    return Path(file)
