"""The command lines of `report` and `reproduce`: understood before torch is imported."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from cnnspec.train.arguments import Parser
from cnnspec.train.errors import UsageError

REPRODUCE = """\
Train the nets of an experiment, and show its figure and table.

degradation  plain against residual nets of 20 and 56 layers
             (He et al. 2015, figures 1 and 6)
table6       20, 32, 44, 56 and 110 layers on CIFAR-10 (table 6)

A run that is there already is taken as it is, one that was interrupted goes
on; further flags go to each training: --gpu trains on a GPU, --dry-run says
for each net how long it will take.
"""


@dataclass(frozen=True)
class Page:
    """What the command line of `report` says: folders of runs, and where the page goes."""

    runs: tuple[str, ...]
    output: str | None
    title: str
    curves: bool = False


@dataclass(frozen=True)
class Reproduction:
    """What the command line of `reproduce` says; `flags` are those for each training."""

    experiment: str
    modules: str
    out: str
    seed: int
    flags: tuple[str, ...]


def report(argv: list[str]) -> Page:
    """Read the command line of `report`."""
    parser = Parser(prog="cnnspec report", description="Runs beside the papers' figures.")
    parser.add_argument("runs", nargs="+", metavar="RUN", help="folders: runs/NET/NAME")
    parser.add_argument("-o", "--output", metavar="FILE", help=".md or .html (default: print)")
    parser.add_argument("--title", default="Runs beside the papers' figures")
    parser.add_argument("--curves", action="store_true", help="print the curves as text instead")
    given = parser.parse_args(argv)
    if given.curves and given.output:
        raise UsageError("--curves and -o: a page has its figure; give one of them")
    if given.output and Path(given.output).suffix not in (".md", ".html"):
        raise UsageError(f"-o {given.output}: a report is .md or .html")
    return Page(tuple(given.runs), given.output, given.title, given.curves)


def reproduce(argv: list[str]) -> Reproduction:
    """Read the command line of `reproduce`."""
    parser = Parser(
        prog="cnnspec reproduce",
        description=REPRODUCE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("experiment", metavar="NAME", help="degradation, table6")
    parser.add_argument("--modules", default="generated", metavar="DIR", help="where NET.py lie")
    parser.add_argument("--out", default="runs/reproduce", metavar="DIR")
    parser.add_argument("--seed", type=int, default=0)
    given, flags = parser.parse_known_args(argv)
    return Reproduction(given.experiment, given.modules, given.out, given.seed, tuple(flags))
