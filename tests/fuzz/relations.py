"""Two texts that must mean the same net, and what is compared of it."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path

from cnnspec import ir
from cnnspec.analyses.metrics import Metrics
from cnnspec.backends.errors import BackendError
from cnnspec.backends.torch import emit
from cnnspec.elaborate.workspace import Elaborated
from tests.fuzz import layout
from tests.fuzz.nets import elaborate, same
from tests.fuzz.strategies import Spec

OWN = re.compile(r"zz(?=[a-z])")
"""Begins every name that a strategy gives: net, blocks, labels, parameters, lets."""


@dataclass(frozen=True)
class Meaning:
    """What a net is: every layer with its place, inputs and shape, and the figures."""

    layers: tuple[tuple[object, ...], ...]
    outputs: tuple[tuple[str, int], ...]
    figures: tuple[int, ...]


def meaning(elaborated: Elaborated) -> Meaning:
    graph, metrics = ir.graph(elaborated.net), Metrics(elaborated.net)
    layers = tuple(
        (n.path, n.op, n.inputs, tuple(map(int, n.shape)), n.training, n.shares) for n in graph
    )
    cost = metrics.cost
    figures = (cost.params, cost.params_all, cost.weights, cost.macs, metrics.layers)
    return Meaning(layers, tuple(graph.outputs.items()), figures)


def generated(elaborated: Elaborated) -> str:
    """The emitted module, or why there is none."""
    try:
        return emit(elaborated)
    except BackendError as error:
        return f"refused: {error.message}"


def unrolled(spec: Spec) -> None:
    """`repeat` and `for` are what they stand for."""
    same("unrolled", meaning(elaborate(spec.unrolled)), meaning(elaborate(spec.text)))


def renamed(spec: Spec) -> None:
    """Other names change the names and nothing else."""
    there = meaning(elaborate(OWN.sub("qu_", spec.text)))
    here = meaning(elaborate(spec.text))
    moved = [
        (OWN.sub("qu_", str(row[0])), *row[1:-1], OWN.sub("qu_", str(row[-1])))
        for row in here.layers
    ]
    same("renamed", list(there.layers), moved)
    same("figures renamed", there.figures, here.figures)


def imported(spec: Spec, folder: Path) -> None:
    """Blocks in a file of their own are the same blocks."""
    if not spec.blocks:
        return
    (folder / "blocks.cnn").write_text(spec.defaults + spec.library, encoding="utf-8")
    text = f'import {", ".join(spec.blocks)} from "blocks.cnn"\n{spec.net}'
    there = elaborate(text, str(folder / "net.cnn"))
    here = elaborate(spec.text)
    same("imported", meaning(there), meaning(here))
    same("emitted from an import", body(generated(there)), body(generated(here)))


def body(text: str) -> str:
    """A module without its head: that names the file."""
    return text.partition('"""\n')[2] or text


def twice(spec: Spec) -> None:
    """Two runs give the same bytes."""
    same("twice", generated(elaborate(spec.text)), generated(elaborate(spec.text)))


def respelled(spec: Spec, seed: int) -> None:
    """CRLF is LF; blanks at line ends, empty lines and comments are nothing."""
    rng = random.Random(seed)
    here = elaborate(spec.text)
    wanted = meaning(here), body(generated(here))
    for name, text in (
        ("CRLF", spec.text.replace("\n", "\r\n")),
        ("trailing blanks", re.sub(r"\n", lambda _: rng.choice(("\n", " \n", "\t \n")), spec.text)),
        ("comments", re.sub(r"\n", lambda _: rng.choice(COMMENTS), spec.text)),
        ("indented", re.sub(r"\n", lambda _: "\n" + " " * rng.randrange(5), spec.text)),
        ("BOM", "\ufeff" + spec.text),
        ("no newline at the end", spec.text.rstrip("\n")),
    ):
        assert layout.check(text)
        found = elaborate(text)
        same(f"layers with {name}", meaning(found), wanted[0])
        same(f"module with {name}", body(generated(found)), wanted[1])


COMMENTS = ("\n", "  # net {\n", "\n\n\n", "\n# -> relu\n", "\n  \t\n", '\n# "\n#\n')


def check(spec: Spec, seed: int, folder: Path) -> None:
    """All relations; raises Mismatch where one does not hold."""
    unrolled(spec)
    renamed(spec)
    imported(spec, folder)
    twice(spec)
    respelled(spec, seed)
