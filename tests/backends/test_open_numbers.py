"""The numbers that stay are free: other values give the net that the spec gives for them."""

import inspect

import pytest
import torch

from cnnspec.backends.torch import emit
from cnnspec.elaborate.workspace import Workspace
from tests.backends.harness import CASES, SPECS, expected_state, load
from tests.backends.test_constructs import CONSTRUCTS


def workspace_of(source):
    workspace = Workspace()
    unit = workspace.read_text(source) if isinstance(source, str) else workspace.read(str(source))
    return workspace, unit


def plus_one(value):
    """Another value of a number or of a list."""
    return tuple(n + 1 for n in value) if isinstance(value, tuple) else value + 1


def compare(source, name: str) -> int:
    """Change every free number in turn; how many could be changed."""
    workspace, unit = workspace_of(source)
    elaborated = workspace.elaborate(unit, name)
    module = load(emit(elaborated))
    changed = 0
    for parameter, value in elaborated.free.items():
        if parameter not in inspect.signature(getattr(module, name)).parameters:
            continue  # folded, or a default that another parameter gives
        other, again = workspace_of(source)
        wanted = other.elaborate(again, name, set={parameter: plus_one(value)})
        if wanted is None:  # a claim or shape of the spec forbids it
            continue
        with torch.device("meta"):
            net = getattr(module, name)(**{parameter: plus_one(value)})
        found = {key: tuple(v.shape) for key, v in net.state_dict().items()}
        assert found == expected_state(wanted), parameter
        changed += 1
    return changed


@pytest.mark.parametrize("name", [n for n, text in CONSTRUCTS.items() if "tested()" not in text])
def test_constructs_with_other_numbers(name):
    compare(CONSTRUCTS[name], "tested")


@pytest.mark.parametrize(
    ("path", "name", "numbers"),
    [
        (SPECS / "resnet34.cnn", "resnet34", 1),
        (SPECS / "resnet20.cnn", "resnet20", 1),
        (CASES / "densenet121.cnn", "densenet121", 2),
        (CASES / "tour.cnn", "tour", 2),
        (CASES / "googlenet.cnn", "googlenet", 1),
        (CASES / "inception_v3.cnn", "inception_v3", 1),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_nets_with_other_numbers(path, name, numbers):
    assert compare(path, name) == numbers
