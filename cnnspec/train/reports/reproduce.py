"""`cnnspec reproduce NAME`: trains the nets of an experiment, and shows its figure and table."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnspec.train.checkpoint import replace_file
from cnnspec.train.cli import main as train
from cnnspec.train.errors import TrainError, UsageError, unknown
from cnnspec.train.reports.arguments import Reproduction
from cnnspec.train.reports.collect import Result, read_result
from cnnspec.train.reports.drawing import BOTH, Panel, draw_errors
from cnnspec.train.reports.page import markdown, paper_table
from cnnspec.train.run import SETTINGS

PLAIN, RESIDUAL = ("plain20", "plain56"), ("resnet20", "resnet56")
DEPTHS = ("resnet20", "resnet32", "resnet44", "resnet56", "resnet110")
Part = tuple[str, tuple[str, ...], tuple[str, ...]]  # a panel's title, nets, and splits


@dataclass(frozen=True)
class Experiment:
    """Figures, each of panels, and what the page says above them."""

    title: str
    figures: dict[str, tuple[Part, ...]]  # by what stands under it

    @property
    def nets(self) -> list[str]:
        """All nets, in order, each once."""
        parts = [part for parts in self.figures.values() for part in parts]
        return list(dict.fromkeys(net for _, nets, _ in parts for net in nets))


EXPERIMENTS = {
    "degradation": Experiment(
        "Degradation: plain against residual nets (He et al. 2015, figures 1 and 6)",
        {
            "As in figure 6: errors of plain (left) and residual nets.":
                (("plain", PLAIN, BOTH), ("residual", RESIDUAL, BOTH)),
            "As in figure 1: the deeper plain net is worse already in training.":
                (("training error", PLAIN, ("train",)), ("test error", PLAIN, ("test",))),
        },
    ),
    "table6": Experiment(
        "CIFAR-10 by depth (He et al. 2015, table 6)",
        {"As in figure 6: errors of residual nets.": (("residual", DEPTHS, BOTH),)},
    ),
}  # fmt: skip


def reproduce_command(given: Reproduction) -> int:
    """Train what is missing, then write NAME.md, NAME.svg and NAME.json."""
    name = given.experiment
    if name not in EXPERIMENTS:
        raise UsageError(f"{name}: {unknown('experiment', name, EXPERIMENTS)}")
    experiment, out = EXPERIMENTS[name], Path(given.out)
    folders = {net: out / net / f"seed{given.seed}" for net in experiment.nets}
    for net, folder in folders.items():
        train_one(Path(given.modules) / f"{net}.py", folder, given.seed, given.flags)
    if "--dry-run" in given.flags:
        return 0
    write_page(name, experiment, {net: read_result(path) for net, path in folders.items()}, out)
    return 0


def train_one(module: Path, folder: Path, seed: int, flags: Sequence[str]) -> None:
    """Train a net, go on with it, or leave it where it is done."""
    if (folder / SETTINGS).is_file():
        if read_result(folder).result:
            print(f"{folder} is done")
            return
        kept = [flag for flag in flags if flag == "--dry-run"]
        argv = ["--resume", str(folder), *kept]
    else:
        out, name = str(folder.parent.parent), folder.name
        argv = [str(module), "--seed", str(seed), *flags, "--out", out, "--name", name]
    if status := train(argv, "cnnspec reproduce"):
        raise TrainError(f"{module.stem} ended with {status}: put it right, and call this again")


def write_page(name: str, experiment: Experiment, results: dict[str, Result], out: Path) -> None:
    """Write the page, its figure, and the figures as one JSON line."""
    drawn = draw_figures(name, experiment, results, out)
    replace_file(out / f"{name}.md", page(experiment, results, drawn).encode())
    line = json.dumps(facts(name, results))
    replace_file(out / f"{name}.json", f"{line}\n".encode())
    print(line)
    print("  ".join([f"  {out}/", f"{name}.md", f"{name}.json", *drawn]))


def draw_figures(
    name: str, experiment: Experiment, results: dict[str, Result], out: Path
) -> dict[str, str]:
    """Write the figures and return their names with what stands under them."""
    drawn = {}
    for number, (words, parts) in enumerate(experiment.figures.items()):
        panels = [Panel(title, [results[net] for net in nets], splits)
                  for title, nets, splits in parts]  # fmt: skip
        file = f"{name}.svg" if number == 0 else f"{name}-{number + 1}.svg"
        if figure := draw_errors(panels):
            replace_file(out / file, figure.encode())
            drawn[file] = words
    return drawn


def page(experiment: Experiment, results: dict[str, Result], drawn: dict[str, str]) -> str:
    """Return the page: the paper's table with what was measured, the figures, all runs."""
    lines = [f"# {experiment.title}", "", *paper_table(list(results.values())), ""]
    for file, words in drawn.items():
        lines += [f"![{words}]({file})", "", words, ""]
    rest = markdown(list(results.values()), "The runs", None).replace("# The runs", "## The runs")
    return "\n".join([*lines, rest])


def facts(name: str, results: dict[str, Result]) -> dict[str, object]:
    """Return what was measured, beside what is printed."""
    first = next(iter(results.values()))
    return {
        "experiment": name,
        "data": first.data,
        "machine": first.machine,
        "nets": {net: {"top1_error": result.error(), "steps": result.steps, "seed": result.seed,
                       "printed": result.printed.top1 if result.printed else None,
                       "train_error": next(iter(result.curve("train")[1][-1:]), None)}
                 for net, result in results.items()},
    }  # fmt: skip
