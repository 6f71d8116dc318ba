"""There and back, a sample: `python -m benchmarks.importing.roundtrip` does all of specs/."""

from pathlib import Path

import pytest

from cnnspec.elaborate.workspace import Elaborated, Workspace
from tests.backends.harness import elaborate as small
from tests.fuzz.nets import elaborate
from tests.fuzz.strategies import drawn
from tests.importing.roundtrip import differences, imported, moved, there_and_back

SPECS = Path(__file__).resolve().parents[2] / "specs"
NETS = (
    "resnet18", "googlenet_bn", "alexnet_book", "vgg_a", "plain18", "resnet20", "factorised_3x3",
    "lenet5_1998", "figures/fpn_2017", "figures/segnet_2015:segnet_upsampled",
    "more/yolov3:yolov3_320",
    "torchvision/convnext:convnext_tiny",
)  # fmt: skip


def net(name: str) -> Elaborated:
    """A net of a file of specs/, or the one behind a colon."""
    file, _, word = name.partition(":")
    workspace = Workspace()
    unit = workspace.read(str(SPECS / f"{file}.cnn"))
    assert unit is not None
    found = workspace.elaborate(unit, word or file.rpartition("/")[2])
    assert found is not None
    return found


def is_back(before: Elaborated, *, flat: bool = False) -> bool:
    """Whether a net comes back as it was, with its keys in order."""
    back = there_and_back(before, flat=flat).net
    return differences(before.net, back) == [] == moved(before.net, back)


@pytest.mark.parametrize("name", NETS)
def test_what_gen_wrote_comes_back(name):
    assert is_back(net(name))


CAUSES = {
    "an output ends in shared layers": """
        a: conv 4, 3x3; output b: from a -> conv 3, 1x1 -> share a
        relu
    """,
    "a gain with a bias, whose class does not keep its channels": """
        conv 4, 3x3 -> relu -> scale; conv 4, 3x3 -> scale bias=true -> tanh
    """,
    "a layer has the name that an op without tensors would get": """
        conv 2, 1x3 -> n: instance_norm eps=0.1 -> instance_norm affine=true
        from n -> conv 3, 1x1 -> a: relu -> relu1: prelu -> add1: bn
        b: add { skip; from a }
    """,
    "a parameter of the net is used twice": """
        a: scale own_key=true -> share a -> gelu
    """,
    "a sequence runs whole after it ran part by part": """
        a: seq { prelu shared=true; silu }
        leaky_relu
        output b: from a[0] -> conv 3, 1x1 -> share a -> conv 2, 1x1
        global_maxpool
    """,
    "a layer is looked at alone, and not read": """
        a: avgpool 3x3/2
        conv 2, 1x1 -> b: dropout 0.25
        from a -> conv 4, 3x3/2 -> resize to=b -> relu
    """,
    "an unpool goes back to the pool at the end of a block": """
        down: seq { for i in range(2) { stage 4 * (i + 1) } }
        unpool down[1].pool; conv 4, 3x3, same
        unpool down[0].pool; conv 3, 3x3, same
    """,
    "outputs alone, and no logits": """
        a: conv 4, 3x3/2; b: conv 4, 3x3/2
        c: add { upsample 2; { from a -> conv 4, 1x1, pad=[0, 1, 0, 1] -> crop 4x4 } }
        output fine: from c -> conv 2, 1x1
        output coarse: from b -> conv 2, 1x1
    """,
    "layers in the order of their registration, not of arms": """
        a: conv 4, 3x3, same; b: conv 4, 3x3, same; c: conv 2, 1x1
        add { from a; from b -> conv 4, 1x1; from c -> conv 4, 1x1 }
        relu
    """,
    "an output of another's layers that run again": """
        a: conv 4, 3x3/2; b: conv 4, 3x3/2
        output x: from a -> head; output y: from a -> head
        output x2: from b -> share x; output y2: from b -> share y
    """,
    "two outputs come from one layer, without others between": """
        a: conv 4, 3x3; output b: from a -> relu
        adaptive_maxpool 1
    """,
    "a dropout hands on the map itself in evaluation": """
        conv 3, 3x3; a: maxpool 2x2/2; dropout -> dropout; unpool a
        conv 4, 1x1; output b: from a -> avgpool 2x2/1
        relu
    """,
    "logits before the last output": """
        a: seq { elu 0.5; conv 3, 1x1 }
        add { conv 3, 1x1; from a -> relu }
        output b: from a[0] -> conv 2, 1x1
        c: conv 3, 3x3
        output d: from a -> global_avgpool
    """,
    "a sequence with a name in quotes, which ran part by part": """
        "a b": seq { relu; instance_norm affine=true; maxpool 3x2/3 }
        conv 5, 3x1, pad=1; from "a b"[0] -> avgpool 1x1/2
    """,
    "an output has the name of a module without tensors": """
        a: seq { conv 4, 5x5; linear 2, over="last" }
        output b: from a[0] -> scaled_tanh
        output c: from a -> pixel_shuffle 2
        maxpool 1x2
    """,
    "a convolution that runs again has a border before it": """
        a: conv 3, 3x3/1x2, pad=[3, 1, 2, 1] -> share a -> relu
    """,
    "rates along the depth": """
        seq { for i in range(5) { unit 0.2 * i / 7 } }
    """,
    "rates that follow no rule": """
        for p in [0.1 / 3, 0.30000000000000004, 0.017] { unit p }
    """,
    "a map is brought to its own size": """
        a: conv 4, 3x3; crop to=a -> conv 3, 1x1 -> b: relu -> resize to=b -> conv 2, 1x1
    """,
}  # fmt: skip
BLOCKS = """
block stage(channels) { conv channels, 3x3, same -> relu; pool: maxpool 2x2/2 }
block unit(p) { add { { conv 3, 3x3, same -> drop_path p }; skip } }
block head() { conv 4, 3x3, same -> relu; conv 2, 1x1 }
"""


def written(which: str) -> str:
    """The text of a small net."""
    return f"{BLOCKS}net it {{\n  input 3x14x14\n{CAUSES[which]}}}\n"


@pytest.mark.parametrize("which", CAUSES)
@pytest.mark.parametrize("flat", [False, True], ids=["readable", "flat"])
def test_a_small_net_comes_back(which, flat):
    """Each was refused once, or came back as something else."""
    assert is_back(small(written(which)), flat=flat)


def test_rates_are_said_by_what_they_are_made_of():
    before = small(written("rates along the depth"))
    text = imported(before).text
    assert "drop_path 0.2*nth/7" in text and "range(5) { unit i }" in text


def test_random_nets_come_back():
    """Which nets are drawn is no matter, and like ones come together."""
    nets = [elaborate(spec.text) for spec in drawn(850, 20)]
    assert [net for net in nets if not is_back(net)] == []


def test_a_net_of_two_inputs_comes_back():
    assert is_back(net("more/siamese"))


def test_another_net_is_no_round_trip():
    a, b = net("resnet18").net, net("resnet34").net
    assert differences(a, b) and moved(a, b)


def test_ops_without_tensors_are_not_compared_by_their_names():
    """The second pool of the module `b` is the first in the spec that has a number for its name."""
    text = "u: maxpool 3x3/1, ceil=true -> conv 4, 1x1 -> maxpool 1x1/2x1, ceil=true"
    before = small(f"net it {{\n input 1x9x9\n b: {{ {text} }}\n}}")
    assert imported(before, verify=True).difference == 0
