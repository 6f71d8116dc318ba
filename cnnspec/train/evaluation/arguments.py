"""The command line of `cnnspec eval`."""

import argparse
from dataclasses import dataclass

from cnnspec.train.arguments import Parser
from cnnspec.train.errors import UsageError, unknown

PROTOCOLS = {
    "centre": "the middle of the image, as in training's own tests",
    "10-crop": "corners and middle, mirrored (Krizhevsky et al. 2012)",
    "12-crop": "of the middle square: corners, middle, the whole; mirrored",
    "144-crop": "4 scales x 3 squares x 6 crops, mirrored (Szegedy 2015)",
    "multi-crop": "3 scales x 5x5 grid, mirrored (Simonyan 2014)",
    "dense": "whole images at one scale, mirrored; scores averaged",
    "multi-scale": "dense at 5 scales (He et al. 2015)",
    "multi-crop+dense": "the mean of both, dense at multi-crop's scales",
}
EPILOG = "protocols:\n" + "\n".join(f"  {name:<17} {text}" for name, text in PROTOCOLS.items())


@dataclass(frozen=True)
class Asked:
    """What the command line of `cnnspec eval` says; `sides` are those of --scales."""

    file: str | None
    models: tuple[str, ...]
    protocols: tuple[str, ...]
    sides: tuple[int, ...]
    data: str | None = None
    root: str | None = None
    set: tuple[str, ...] = ()
    input: str | None = None
    limit: int | None = None
    gpu: bool = False
    per_class: bool = False
    output: str | None = None
    as_json: bool = False


def make_parser() -> Parser:
    """Return the parser."""
    parser = Parser(
        prog="cnnspec eval",
        description="Test runs, or weights of a generated module; several make an ensemble.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("targets", nargs="*", metavar="RUN_OR_FILE", help="runs, weights, and a module for these")
    add("--weights", action="append", default=[], metavar="FILE", help=".safetensors or .pth")
    add("--protocol", default="centre", metavar="NAME,NAME", help="default: centre")
    add("--scales", metavar="N,N", help="shorter sides for dense and multi (default: the papers')")
    add("--data", metavar="NAME", help="default: what was trained on")
    add("--root", metavar="DIR", help="where data sets lie")
    add("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the net")
    add("--input", metavar="CxHxW", help="another input size than the module's")
    add("--limit", type=int, metavar="N", help="only so many images, evenly spaced")
    add("--gpu", action="store_true", help="on the GPU")
    add("--per-class", action="store_true", help="also each class: its error, what it is taken for")
    add("-o", "--output", metavar="DIR", help="for eval.json and confusion.svg (default: the run)")
    add("--format", choices=("text", "json"), default="text")
    return parser


def parse(argv: list[str]) -> Asked:
    """Read the command line; raise UsageError where it makes no sense."""
    given = make_parser().parse_args(argv)
    modules = [target for target in given.targets if target.endswith(".py")]
    models = [target for target in given.targets if target not in modules] + given.weights
    if len(modules) > 1 or not models:
        raise UsageError("name a run, or NET.py with --weights FILE: cnnspec eval runs/NET/NAME")
    if given.limit is not None and given.limit < 1:
        raise UsageError(f"--limit {given.limit}: give at least 1")
    return Asked(
        file=modules[0] if modules else None,
        models=tuple(models),
        protocols=_protocols(given.protocol),
        sides=_sides(given.scales),
        data=given.data,
        root=given.root,
        set=tuple(given.set),
        input=given.input,
        limit=given.limit,
        gpu=given.gpu,
        per_class=given.per_class,
        output=given.output,
        as_json=given.format == "json",
    )


def _protocols(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    for name in names:
        if name not in PROTOCOLS:
            raise UsageError(f"--protocol {name}: {unknown('protocol', name, PROTOCOLS)}")
    return names


def _sides(text: str | None) -> tuple[int, ...]:
    try:
        return tuple(int(side) for side in (text or "").split(",") if side)
    except ValueError as error:
        raise UsageError(f"--scales {text}: write whole numbers, as 256,384") from error
