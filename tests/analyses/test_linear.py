"""G3 21: measures of a net of twice the layers cost at most 2.3 times as much."""

from __future__ import annotations

from random import Random

import pytest

from cnnspec.analyses.diff import diff
from cnnspec.analyses.fieldrows import field_rows
from cnnspec.analyses.metrics import Metrics
from cnnspec.cli.app import run
from cnnspec.ir import Net
from tests.backends.harness import elaborate
from tests.fuzz.doubling import counted

FACTOR = 2.3
LAYERS = 600
OPS = ["conv 8, 3x3, same", "conv 8, 1x1", "relu", "tanh", "maxpool 3x3, pad=1"]


def net(layers: int, kind: str, seed: int = 0) -> str:
    """A net of so many layers on one line, of random ones, or of steps down and up."""
    random = Random(seed)
    body = {
        "chain": " -> ".join(["conv 8, 3x3, same -> relu"] * (layers // 2)),
        "random": "\n".join(random.choice(OPS) for _ in range(layers)),
        "down and up": "\n".join(
            ["maxpool 2x2/2 -> conv 8, 3x3, same -> upsample 2"] * (layers // 3)
        ),
        "forks": "\n".join(["add { skip; conv 8, 3x3, same }"] * (layers // 2)),
    }[kind]
    return f"net n {{ input 8x16x16\n{body}\n}}"


def peak(measured: Net) -> None:
    assert Metrics(measured).peak_inference


MEASURES = {
    "field": lambda measured: field_rows(Metrics(measured)),
    "sizes": lambda measured: Metrics(measured).input_sizes.square(),
    "memory": peak,
    "totals": lambda measured: (Metrics(measured).sizes, Metrics(measured).layers),
}


def calls(function, *args) -> int:
    """How many calls of Python functions it makes once warm: the same on every machine."""
    function(*args)
    return counted(lambda: function(*args))


@pytest.mark.parametrize("kind", ["chain", "random", "down and up", "forks"])
@pytest.mark.parametrize("name", MEASURES)
def test_g3_21_a_measure_of_twice_the_layers(name, kind):
    small, large = (elaborate(net(n, kind)).net for n in (LAYERS, 2 * LAYERS))
    MEASURES[name](elaborate(net(9, kind)).net)
    assert calls(MEASURES[name], large) <= FACTOR * calls(MEASURES[name], small)


def test_g3_21_a_diff_of_nets_that_differ_everywhere():
    small, large = (
        calls(diff, *(elaborate(net(n, "chain").replace("relu", w)).net for w in ("relu", "tanh")))
        for n in (LAYERS, 2 * LAYERS)
    )
    assert large <= FACTOR * small


@pytest.mark.parametrize("layers", [1200, 4800])
def test_g3_21_a_diff_of_random_nets_costs_a_fixed_number_of_calls_a_layer(layers):
    """Where the rows agree by chance decides how long the pieces are: at most 256 by 256 parts."""
    pair = (elaborate(net(layers, "random", seed)).net for seed in (1, 2))
    assert calls(diff, *pair) <= 1000 * layers


def test_g3_21_a_diff_of_long_nets_finds_what_was_put_in():
    lines = [OPS[Random(n).randrange(len(OPS))] for n in range(3000)]
    more = [*lines[:700], "softmax", *lines[700:1500], *lines[1510:], "sigmoid"]
    one, other = (f"net n {{ input 8x16x16\n{chr(10).join(rows)} }}" for rows in (lines, more))
    found = diff(elaborate(one).net, elaborate(other).net)
    counted = sum(len(change.places) for change in found.changes)
    assert counted == 12


@pytest.mark.parametrize("command", [["field"], ["sizes"], ["summary", "--format", "json"]])
def test_g3_21_a_line_of_ten_thousand_layers(command, tmp_path, capsys):
    path = tmp_path / "n.cnn"
    path.write_text(net(10_000, "chain"))
    assert run([command[0], str(path), *command[1:]]) == 0
    assert "relu5000" in capsys.readouterr().out or command == ["sizes"]
