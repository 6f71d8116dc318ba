"""There and back, a sample: `python -m benchmarks.importing.roundtrip` does all of specs/."""

from pathlib import Path

import pytest

from cnnspec.elaborate.workspace import Elaborated, Workspace
from cnnspec.importing.errors import Refused
from tests.fuzz.nets import elaborate
from tests.fuzz.strategies import drawn
from tests.importing.roundtrip import differences, same_layers, there_and_back

SPECS = Path(__file__).resolve().parents[2] / "specs"
EQUAL = (
    "resnet18", "googlenet_bn", "alexnet_book", "vgg_a", "plain18", "resnet20", "factorised_3x3",
    "lenet5_1998",
)  # fmt: skip
IN_OTHER_BLOCKS = ("figures/fpn_2017",)
"""Nets whose layers are the same, and stand in other blocks and forks than in the spec."""


def net(name: str):
    workspace = Workspace()
    unit = workspace.read(str(SPECS / f"{name}.cnn"))
    assert unit is not None
    found = workspace.elaborate(unit, name.rpartition("/")[2])
    assert found is not None
    return found


@pytest.mark.parametrize("name", EQUAL)
def test_what_gen_wrote_comes_back(name):
    before = net(name)
    assert differences(before.net, there_and_back(before).net) == []


@pytest.mark.parametrize("name", IN_OTHER_BLOCKS)
def test_its_layers_come_back(name):
    before = net(name)
    assert same_layers(before.net, there_and_back(before).net)


def came_back(net: Elaborated) -> bool:
    try:
        return not differences(net.net, there_and_back(net).net)
    except Refused:
        return False


def test_an_output_that_ends_in_shared_layers_comes_back():
    """Its layers stand in the flow, and what it hands out has a label."""
    net = elaborate(
        "net it {\n  input 3x8x8\n  a: conv 4, 3x3\n  output b: from a -> conv 3, 1x1 -> share a\n"
        "  relu\n}\n"
    )
    assert there_and_back(net).net.outputs.keys() >= {"logits"}


def test_random_nets_come_back():
    """Most are the same spec: which nets are drawn is no matter, and like ones come together.

    Of 3,260 nets four were refused, for labels that meet: they count as different here.
    """
    nets = [net for spec in drawn(850, 20) if len((net := elaborate(spec.text)).net.inputs) == 1]
    equal = [came_back(net) for net in nets]
    assert sum(equal) >= len(nets) * 3 // 4


def test_another_net_is_no_round_trip():
    a, b = net("resnet18").net, net("resnet34").net
    assert differences(a, b) and not same_layers(a, b)


def test_a_gain_comes_back_with_its_bias():
    """Its class does not keep the number of its channels."""
    workspace = Workspace()
    unit = workspace.read_text(
        "net gains {\n  input 3x8x8\n  conv 4, 3x3 -> relu -> scale\n"
        "  conv 4, 3x3 -> scale bias=true -> tanh\n}\n"
    )
    assert unit is not None
    before = workspace.elaborate(unit, "gains")
    assert before is not None
    assert differences(before.net, there_and_back(before).net) == []
