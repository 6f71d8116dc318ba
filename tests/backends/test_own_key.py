"""L40: a parameter of the module itself, wherever its layer stands."""

import re

import numpy as np
import onnx
import pytest
import torch
from torch import Tensor, nn

from cnnspec import import_, ir
from cnnspec.backends.onnx.flatten import flatten
from cnnspec.backends.onnx.model import protobuf
from cnnspec.backends.torch import emit
from cnnspec.backends.torch.proof import Unproved, prove
from cnnspec.cli.weights import target
from cnnspec.statedict import entries
from tests.fuzz.nets import compare, elaborate, module_of, unproved

EVERYWHERE = """
block unit(gain, n, wide) {
  first: scale value=gain, own_key=true
  add { { conv in.channels, 3x3, same; gamma: scale own_key=true }; scale own_key=true; skip }
  for i in range(n) { s${i}: scale own_key=true }
  row: seq { conv 4, 1x1; scale own_key=true; relu }
  in1: { conv 4, 1x1; k: scale own_key=true; relu }
  if wide { more: scale own_key=true; held.z: scale own_key=true; held.y: conv 4, 1x1 }
}
block row() seq { conv 4, 1x1; scale own_key=true; "a-b": scale own_key=true; relu; skip }
net it(depth = 2) {
  input 3x8x8
  stem: conv 4, 3x3
  unit 1, depth, true
  unit 0.5, 2, false
  row: row
  a.k: scale own_key=true
  a.c: conv 4, 3x3
  a.b.z: scale own_key=true
  g.0: conv 4, 1x1
  g.1: scale own_key=true
  g.2: conv 4, 1x1
  last: scale value=1e-6, own_key=true
  share last
  share g[1]
  again: share row
  output o: { from stem; conv 2, 1x1; z: scale own_key=true }
  conv 10, 1x1
}
"""


@pytest.fixture(scope="module")
def everywhere():
    return elaborate(EVERYWHERE)


def test_it_stands_everywhere_and_is_what_pytorch_makes_of_it(everywhere):
    """Keys in order, initial values, outputs: beside a reference that multiplies by hand."""
    compare(everywhere, (3, 8, 8))
    made = module_of(emit(everywhere))
    tensors = entries(ir.graph(everywhere.net))
    assert [(t.name, t.shape) for t in tensors] == [
        (key, tuple(one.shape)) for key, one in made.state_dict().items()
    ]
    state = made.state_dict()
    assert {float(state[key].mean()) for key in ("unit1.first", "unit2.first")} == {1.0, 0.5}
    assert float(state["last"][0]) == pytest.approx(1e-6)
    assert "row.1" in state
    assert not any("row.1." in key for key in state)


def test_no_torch_module_holds_it(everywhere):
    text = emit(everywhere)
    assert "class Scale" not in text
    made = module_of(text)
    assert {"last", "unit1.first", "row.1", "a.k"}.isdisjoint(dict(made.named_modules()))


def test_onnx_has_the_tensor_by_its_key(everywhere):
    onnxruntime = pytest.importorskip("onnxruntime")
    made = module_of(emit(everywhere))
    flat = flatten(everywhere)
    weights = {}
    with torch.no_grad():
        for key, tensor in made.state_dict().items():
            tensor.uniform_(-1, 1)
            weights[key] = tensor.numpy().astype(np.float32)
    assert {"last", "g.1"} < {*flat.state}
    model = protobuf(flat, weights, "it", "")
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    x = torch.randn(2, 3, 8, 8)
    found = session.run(None, {session.get_inputs()[0].name: x.numpy()})
    with torch.no_grad():
        for mine, theirs in zip(found, made(x), strict=True):
            np.testing.assert_allclose(mine, theirs.numpy(), rtol=1e-4, atol=1e-5)


NET = """
block unit() { add { { block: seq { conv in.channels, 1x1 }; gamma: scale own_key=true }; skip } }
net it { input 4x8x8; unit; unit; conv 1, 1x1 }
"""


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("self.gamma * y", "self.gamma(y)", "is a parameter, and is called"),
        ("self.gamma * y", "y * y", "mul"),
        ("self.gamma * y", "self.block * y", "is a module, and is multiplied"),
        ("(in_channels, 1, 1), 1.0", "(in_channels, 1, 1), 1", "a size and a float"),
        ("(in_channels, 1, 1), 1.0", "(in_channels, 1, 1), 0.5", "scale"),
        ("(in_channels, 1, 1), 1.0", "(in_channels,), 1.0", "[channels, 1, 1]"),
        ("(in_channels, 1, 1), 1.0", "(2 * in_channels, 1, 1), 1.0", "8 channels"),
        ("self.gamma", "self.beta", "gamma"),
        ("torch.full((in_channels, 1, 1), 1.0)", "in_channels", "torch.full(size, value)"),
        ("self.gamma = ", "self.block = ", "is set twice"),
        ("self.gamma = nn.Parameter", "self.training = nn.Parameter", "attribute of nn.Module"),
        ("self.gamma = ", "gamma = ", "gamma"),
        ("super().__init__()\n        self.block", "self.block", ""),
        ("nn.Conv2d(in_channels, in_channels, 1)", "self.gamma", "gamma"),
        ("self.gamma = nn.Parameter(", "self.gamma = nn.Sequential(", "is no module"),
    ],
)
def test_the_proof_refuses_what_pytorch_would_or_what_is_another_net(right, wrong, says):
    net = elaborate(NET)
    text = emit(net)
    assert right in text
    with pytest.raises(Unproved, match=re.escape(says) if says else None):
        prove(net.net, text.replace(right, wrong), args=net.args, recipe=net.recipe)


def test_what_pytorch_writes_the_other_way_round_is_the_same():
    net = elaborate(NET)
    text = emit(net).replace("self.gamma * y", "y * self.gamma")
    prove(net.net, text, args=net.args, recipe=net.recipe)


def test_weights_are_mapped_to_its_key():
    names = list(target("specs/torchvision/convnext.cnn:convnext_tiny", []).shapes)
    at = names.index("features.1.0.layer_scale")
    assert names[at + 1] == "features.1.0.block.0.weight"


class Scaled(nn.Module):
    """A block with a bare parameter, as torchvision's ConvNeXt has one."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.full((4, 1, 1), 1e-6))
        self.block = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.GELU())

    def forward(self, x: Tensor) -> Tensor:
        return self.gain * self.block(x) + x


def test_an_imported_module_keeps_the_key_its_shape_and_its_place():
    found = import_(nn.Sequential(Scaled(), Scaled(), nn.Conv2d(4, 2, 1)), input=(4, 8, 8))
    assert "gain: scale own_key=true" in str(found)
    assert not any("order" in note for note in found.notes)


PRODUCTS = {
    "mul { relu; skip; scale own_key=true; tanh }": "F.relu(x) * x * (self.scale1 * x) * torch",
    "mul { relu; scale own_key=true }": "F.relu(x) * (self.scale1 * x)",
    "mul { g: scale own_key=true; relu }\nmul { relu; share g }": "self.g * x * F.relu(x)",
    "sub { relu; scale own_key=true }": "F.relu(x) - self.scale1 * x",
}


@pytest.mark.parametrize("statements", PRODUCTS)
def test_l40_a_gain_in_a_product_stands_in_brackets(statements: str):
    """Without them the last factor would be a gain of all that stands before it."""
    net = elaborate(f"net it {{\ninput 4x6x6\n{statements}\n}}\n")
    assert PRODUCTS[statements] in emit(net)
    compare(net, (4, 6, 6))


CONDITIONAL = {
    "if n == 2 { d.x: scale own_key=true }": 'd.register_parameter("x"',
    "if n == 1 { conv 4, 1x1 } else { d.1: scale own_key=true }": 'd.register_parameter("1"',
    "if n == 2 { d.x.y: scale own_key=true }": 'd["x"].register_parameter("y"',
    "if n == 2 { d.x: scale own_key=true }\nd.y: conv 4, 1x1": 'd["y"] = ',
    "d.y: conv 4, 1x1\nif n == 2 { d.x: scale own_key=true }": 'd.register_parameter("x"',
}


@pytest.mark.parametrize("statements", CONDITIONAL)
def test_l40_a_container_is_made_before_a_gain_that_a_condition_puts_in_it(statements: str):
    """At the first draft, with the condition open."""
    net = elaborate(f"net it(n = 2) {{\ninput 4x6x6\n{statements}\nconv 3, 1x1\n}}\n")
    assert CONDITIONAL[statements] in emit(net)
    assert not unproved(net)
    compare(net, (4, 6, 6))
