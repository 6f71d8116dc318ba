"""Commands as typer shows and completes them: in groups, each in one whole line."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup

from cnnspec.records import record

GROUPS: dict[str, dict[str, str]] = {
    "Check and measure": {
        "check": "Check specs: shapes, asserts and claims.",
        "summary": "Show every layer of a net: output shape, params, MACs.",
        "claims": "Show every cited figure beside what is measured.",
        "sizes": "Show which input sizes a net works on.",
        "field": "Show the receptive field of every layer.",
        "diff": "Show what differs between two nets.",
        "sweep": "Measure a family over values of its parameters.",
    },
    "Write": {
        "import": "Write the spec of a PyTorch or ONNX model that exists.",
        "gen": "Write nets as PyTorch modules and ONNX models.",
        "prove": "Say whether a module still is its spec.",
        "draw": "Draw nets as figures and tables for a paper.",
        "fmt": "Write specs in the one layout.",
        "init": "Begin a project: a spec, its checks for CI and commits.",
    },
    "Train": {
        "train": "Train a net, or a generated module.",
        "eval": "Test runs and weights by the papers' protocols.",
        "report": "Set runs beside the papers' figures.",
        "reproduce": "Repeat a paper's experiment.",
        "weights": "Convert files of weights from elsewhere.",
    },
    "Look up": {
        "list": "List the shipped nets.",
        "show": "Print the spec of a shipped net.",
        "explain": "Explain a code, an op, or a metric of claims.",
        "lsp": "Serve an editor: errors, shapes, completion, fixes.",
        "play": "Edit a spec in the browser: errors, shapes, figure, code.",
    },
}
"""Heading -> command -> what it does, at most 64 columns: a line of `cnnspec -h` is whole at 80."""

HELP = {name: line for commands in GROUPS.values() for name, line in commands.items()}


class Program(TyperGroup):
    """`cnnspec`: its help shows the commands in groups."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write a section for each group, all with one column of names."""
        wide = max(map(len, HELP))
        for heading, commands in GROUPS.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(wide), line) for name, line in commands.items()])


@record(frozen=True)
class Word:
    """What a shell is offered; typer reads these fields."""

    value: str
    help: str = ""
    type: str = "plain"


class TrainerCommand(TyperCommand):
    """`cnnspec train`: the flags are the trainer's, and so is what completes them."""

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """The trainer's flags that begin so."""
        from cnnspec.cli.complete import train_flags

        return [Word(flag) for flag in train_flags(incomplete)]
