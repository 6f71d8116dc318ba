"""`cnnspec reproduce NAME`: trains the nets of an experiment, and shows its figure and table.

`degradation`: plain against residual nets of 20 and 56 layers (He et al. 2015, figures 1 and 6).
`table6`: 20, 32, 44, 56 and 110 layers on CIFAR-10 (table 6). A run that is there already is
taken as it is, one that was interrupted goes on; further flags go to each training.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import torch

from cnnspec.train.arguments import Parser
from cnnspec.train.checkpoint import replace_file
from cnnspec.train.cli import main as train
from cnnspec.train.device import machine
from cnnspec.train.errors import TrainError, UsageError, unknown
from cnnspec.train.reports.collect import Result, read_result
from cnnspec.train.reports.drawing import draw_errors
from cnnspec.train.reports.page import markdown
from cnnspec.train.run import SETTINGS


@dataclass(frozen=True)
class Experiment:
    """Nets by panel of the figure, and what the page says above them."""

    title: str
    panels: dict[str, tuple[str, ...]]

    @property
    def nets(self) -> list[str]:
        """All nets, in order."""
        return [net for nets in self.panels.values() for net in nets]


EXPERIMENTS = {
    "degradation": Experiment(
        "Degradation: plain against residual nets (He et al. 2015, figures 1 and 6)",
        {"plain": ("plain20", "plain56"), "residual": ("resnet20", "resnet56")},
    ),
    "table6": Experiment(
        "CIFAR-10 by depth (He et al. 2015, table 6)",
        {"residual": ("resnet20", "resnet32", "resnet44", "resnet56", "resnet110")},
    ),
}


def main(argv: list[str]) -> int:
    """Train what is missing, then write NAME.md, NAME.svg and NAME.json."""
    parser = Parser(prog="cnnspec reproduce", description=__doc__, allow_abbrev=False)
    parser.add_argument("experiment", metavar="NAME", help="degradation, table6")
    parser.add_argument("--modules", default="generated", metavar="DIR", help="where NET.py lie")
    parser.add_argument("--out", default="runs/reproduce", metavar="DIR")
    parser.add_argument("--seed", type=int, default=0)
    given, flags = parser.parse_known_args(argv)
    name = given.experiment
    if name not in EXPERIMENTS:
        raise UsageError(f"{name}: {unknown('experiment', name, EXPERIMENTS)}")
    experiment, out = EXPERIMENTS[name], Path(given.out)
    folders = {net: out / net / f"seed{given.seed}" for net in experiment.nets}
    for net, folder in folders.items():
        train_one(Path(given.modules) / f"{net}.py", folder, given.seed, flags)
    write_page(name, experiment, {net: read_result(path) for net, path in folders.items()}, out)
    return 0


def train_one(module: Path, folder: Path, seed: int, flags: list[str]) -> None:
    """Train a net, go on with it, or leave it where it is done."""
    if (folder / SETTINGS).is_file():
        if read_result(folder).result:
            print(f"{folder} is done")
            return
        argv = ["--resume", str(folder)]
    else:
        out, name = str(folder.parent.parent), folder.name
        argv = [str(module), "--seed", str(seed), *flags, "--out", out, "--name", name]
    if status := train(argv, "cnnspec reproduce"):
        raise TrainError(f"{module.stem} ended with {status}: put it right, and call this again")


def write_page(name: str, experiment: Experiment, results: dict[str, Result], out: Path) -> None:
    """Write the page, its figure, and the figures as one JSON line."""
    panels = [(title, [results[net] for net in nets]) for title, nets in experiment.panels.items()]
    figure = draw_errors(panels)
    if figure:
        replace_file(out / f"{name}.svg", figure.encode())
    page = markdown(list(results.values()), experiment.title, f"{name}.svg" if figure else None)
    replace_file(out / f"{name}.md", page.encode())
    line = json.dumps(facts(name, results))
    replace_file(out / f"{name}.json", f"{line}\n".encode())
    print(line)
    print(f"  {out}/  {name}.md  {name}.json" + (f"  {name}.svg" if figure else ""))


def facts(name: str, results: dict[str, Result]) -> dict[str, object]:
    """Return what was measured, beside what is printed."""
    first = next(iter(results.values()))
    return {
        "experiment": name,
        "data": first.data,
        "device": first.device,
        "versions": machine(torch.device("cpu")),
        "nets": {net: {"top1_error": result.error(), "steps": result.steps, "seed": result.seed,
                       "printed": result.printed.top1 if result.printed else None,
                       "train_error": next(iter(result.curve("train")[1][-1:]), None)}
                 for net, result in results.items()},
    }  # fmt: skip
