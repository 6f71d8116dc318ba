"""Nets of the literature that nobody here drew the language for: they compile, open where they can.

Each is compared with the graph layer by layer on a small image; what its classes are written for
stands beside it, so that no change folds more than today.
"""

import re
from pathlib import Path

import pytest
import torch

from cnnspec.backends.torch import emit
from cnnspec.elaborate.workspace import Elaborated, Workspace
from tests.backends.harness import expected_state, load, reference

FOLDER = Path(__file__).parent / "cases" / "literature"

WRITTEN = {
    "darknet53": [],
    "efficientnet": ["size = 224"],
    "hourglass": ["stacks = 1"],
    "hrnet": [],
    "mnasnet": [],
    "mobilenet_v2": [],
    "regnet_y": [],
    "repvgg": [],
    "res2net": [],
    "se_resnext50": [],
    "shufflenet_v2": [],
    "unet": ["depth = 4"],
    "wide_resnet": [],
    "xception": [],
    "yolo_c3": [],
}
"""What is folded: sizes of the input, and numbers that decide which layers there are."""

SMALL = {"wide_resnet": (3, 32, 32), "hrnet": (3, 32, 32), "xception": (3, 71, 71)}


def small(name: str) -> Elaborated:
    """A net on an image as small as its strides allow."""
    workspace = Workspace()
    unit = workspace.read(str(FOLDER / f"{name}.cnn"))
    assert unit is not None
    found = workspace.elaborate(unit, name, input=SMALL.get(name, (3, 64, 64)))
    assert found is not None, [d.message for d in workspace.diagnostics]
    return found


def test_every_net_of_the_folder_is_listed():
    assert {path.stem for path in FOLDER.glob("*.cnn")} == {*WRITTEN}


@pytest.mark.parametrize("name", WRITTEN)
def test_house_a_net_of_the_literature_compiles(name):
    elaborated = small(name)
    text = emit(elaborated)
    assert re.findall(r"Written for ([^\"\n]*)\.", text) == WRITTEN[name]
    net = getattr(load(text), name)().eval()
    state = net.state_dict()
    assert {k: tuple(v.shape) for k, v in state.items()} == expected_state(elaborated)
    (entry,) = elaborated.net.inputs
    x = torch.randn(1, *map(int, entry.shape))
    with torch.no_grad():
        wanted = reference(elaborated, state, x.clone())
        found = net(x)
    for ours, theirs in zip(found if isinstance(found, tuple) else (found,), wanted, strict=True):
        assert torch.equal(ours, theirs)
