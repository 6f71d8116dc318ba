"""Time by roofline: the traffic of small nets counted by hand, limits known from elsewhere."""

from __future__ import annotations

import json

import pytest

from cnnspec import ir
from cnnspec.analyses.devices import Device, DeviceError, device, devices
from cnnspec.analyses.roofline import roofline, timing
from tests.backends.harness import SPECS, elaborate

SLOW = Device("slow", 1.0, {"float32": 1e9}, "a test")
BLOCK = """net n { input 2x4x4
 conv 3, 3x3, pad=1, bias=false -> bn -> relu -> conv 3, 3x3, pad=1, bias=false
 add { conv 3, 1x1, bias=false; skip } -> relu }
"""


def graph(text: str) -> ir.Graph:
    return ir.graph(elaborate(text).net)


def moved(text: str, **how: bool) -> dict[str, float]:
    """Bytes of each layer for a batch of one, in numbers of 4 bytes."""
    found = roofline(graph(text), SLOW, batch=1, dtype="float32", **how)
    return {layer.path: layer.bytes / 4 for layer in found.layers}


def test_eager_inference_reads_and_writes_every_layer():
    x, y = 2 * 16, 3 * 16
    assert moved(BLOCK) == {
        "conv1": x + 54 + y, "bn1": 2 * y + 6, "relu1": 2 * y, "conv2": 2 * y + 81,
        "conv3": 2 * y + 9, "add1": 3 * y, "relu2": 2 * y,
    }  # fmt: skip


def test_fused_inference_works_while_a_map_is_written():
    x, y = 2 * 16, 3 * 16
    assert moved(BLOCK, fused=True) == {
        "conv1": x + 54 + y, "bn1": 6, "relu1": 0, "conv2": 2 * y + 81,
        "conv3": 2 * y + 9, "add1": y, "relu2": 0,
    }  # fmt: skip


def test_training_counts_the_backward_pass():
    x, y = 2 * 16, 3 * 16
    found = moved("net n { input 2x4x4\n conv 3, 3x3, pad=1, bias=false -> relu }", training=True)
    # Behind the image no gradient of the input is made.
    assert found["conv1"] == (x + 54 + y) + (y + x + 2 * 54)
    assert found["relu1"] == 2 * y + 3 * y
    flops = roofline(graph(BLOCK), SLOW, batch=5, dtype="float32", training=True).layers
    inference = roofline(graph(BLOCK), SLOW, batch=5, dtype="float32").layers
    times = {a.path: a.flops / b.flops for a, b in zip(flops, inference, strict=True) if b.flops}
    assert times == {"conv1": 2, "conv2": 3, "conv3": 3}


JOINED = """net n { input 2x4x4
 conv 3, 3x3, pad=1, bias=false -> bn -> relu -> dropout
 concat { skip; sigmoid; maxpool 1x1 } -> relu -> flatten -> linear 5 }
"""
X, Y, Z, LINEAR = 2 * 16, 3 * 16, 9 * 16, 9 * 16 * 5 + 5
FORWARD = {
    "conv1": (X + Y, 54), "bn1": (2 * Y, 6), "relu1": (2 * Y, 0), "dropout1": (0, 0),
    "sigmoid1": (2 * Y, 0), "maxpool1": (2 * Y, 0), "concat1": (2 * Z, 0), "relu2": (2 * Z, 0),
    "linear1": (Z + 5, LINEAR),
}  # fmt: skip
"""The numbers of maps and of weights that a layer moves."""
TRAINING = {
    "conv1": (2 * X + 2 * Y, 3 * 54),
    "bn1": (3 * Y + 5 * Y, 6),  # read for the statistics; backwards gradient and input come twice
    "relu1": (2 * Y + 3 * Y, 0),
    "dropout1": (2 * Y + 2 * Y + Y / 4, 0),  # its mask has a byte for each number
    "sigmoid1": (2 * Y + 3 * Y, 0),
    "maxpool1": (2 * Y + 3 * Y + 2 * Y, 0),  # where each maximum stood: 8 bytes
    "concat1": (2 * Z, 0),  # hands out views of its gradient
    "relu2": (2 * Z + 3 * Z, 0),
    "linear1": (3 * Z + 3 * 5, 3 * LINEAR),
}
FUSED = {"bn1": (0, 6), "relu1": (0, 0), "relu2": (0, 0)}
FUSED_TRAINING = {"bn1": (2 * Y + 5 * Y, 6), "relu1": (Y, 0), "relu2": (Z, 0)}


@pytest.mark.parametrize(
    ("training", "fused", "wanted"),
    [
        (False, False, FORWARD),
        (False, True, FORWARD | FUSED),
        (True, False, TRAINING),
        (True, True, TRAINING | FUSED_TRAINING),
    ],
)
def test_every_layer_in_every_mode(training, fused, wanted):
    """A map that several read is written before they work; a concat is no work of its own."""
    found = roofline(
        graph(JOINED), SLOW, batch=3, dtype="float32", training=training, fused=fused
    ).layers
    assert {row.path: row.bytes / 4 for row in found} == {
        path: 3 * maps + weights for path, (maps, weights) in wanted.items()
    }
    flops = {row.path: row.flops for row in found if row.flops}
    macs = {"conv1": 3 * 54 * 16, "linear1": 3 * 9 * 16 * 5}
    share = {"conv1": 2, "linear1": 3} if training else {"conv1": 1, "linear1": 1}
    assert flops == {path: 2 * n * share[path] for path, n in macs.items()}
    assert {row.path for row in found if row.bound == "nothing"} == {
        path for path, moved in wanted.items() if moved == (0, 0)
    }
    assert all(row.seconds == row.bytes for row in found)


def test_what_comes_from_the_image_is_no_work_to_hang_on():
    found = moved("net n { input 2x4x4\n relu -> conv 1, 1x1 }", fused=True)
    assert found == {"relu1": 2 * 32, "conv1": 32 + 16 + 3}


def test_a_head_runs_in_training_only():
    text = """net n { input 1x4x4\n a: conv 2, 1x1 -> relu -> flatten -> linear 3
      aux side: from a -> flatten -> linear 2 }"""
    assert list(moved(text)) == ["a", "relu1", "linear1"]
    assert list(moved(text, training=True)) == ["a", "relu1", "linear1", "side.linear1"]
    # Fused, the ReLU hangs on the convolution only while nothing else reads that.
    assert moved(text, fused=True)["relu1"] == 0
    assert moved(text, fused=True, training=True)["relu1"] == 5 * 32


def test_the_longer_of_arithmetic_and_traffic():
    fast = Device("fast", 1e18, {"float32": 1.0}, "a test")
    (conv,) = roofline(
        graph("net n { input 1x4x4\n conv 1, 1x1 }"), fast, batch=1, dtype="float32"
    ).layers
    assert (conv.bound, conv.flops, conv.seconds) == ("compute", 32, 32)
    (conv,) = roofline(
        graph("net n { input 1x4x4\n conv 1, 1x1 }"), SLOW, batch=1, dtype="float32"
    ).layers
    assert (conv.bound, conv.seconds) == ("memory", 4 * (16 + 16 + 2))
    even = Device("even", 136.0, {"float32": 32.0}, "a test")
    (conv,) = roofline(
        graph("net n { input 1x4x4\n conv 1, 1x1 }"), even, batch=1, dtype="float32"
    ).layers
    assert (conv.bound, conv.seconds) == ("memory", 1)


@pytest.mark.parametrize(
    ("name", "eager", "fused"), [("resnet20", 353_000, 570_000), ("resnet50", 6_200, 9_600)]
)
def test_training_limits_that_were_worked_out_by_hand(name, eager, fused):
    measured = Device("H100, measured", 3.0e12, {"bfloat16": 798e12}, "")
    net = ir.graph(elaborate(SPECS / f"{name}.cnn", name).net)
    modes = timing(net, measured, batch=256, dtype="bfloat16").modes
    assert modes["training eager"].images == pytest.approx(eager, rel=0.11)
    assert modes["training fused"].images == pytest.approx(fused, rel=0.11)
    assert modes["inference fused"].images > modes["inference eager"].images


def test_tf32_is_stored_as_float32():
    h100 = devices()["h100"]
    net = graph("net n { input 64x8x8\n conv 64, 3x3 }")
    (full,) = roofline(net, h100, batch=64, dtype="float32").layers
    (short,) = roofline(net, h100, batch=64, dtype="tf32").layers
    assert (short.bytes, short.flops) == (full.bytes, full.flops)
    assert short.seconds < full.seconds


def test_the_rates_name_their_source():
    for known in devices().values():
        assert known.source.startswith("NVIDIA") and known.bandwidth > 1e12
    assert device("A100").flops["bfloat16"] == 312e12


def test_a_file_describes_a_device(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"name": "mine", "bandwidth": 1e12, "flops": {"float32": 1e13}}))
    mine = device(str(path))
    assert (mine.name, mine.bandwidth, mine.flops) == ("mine", 1e12, {"float32": 1e13})
    for wrong in ("{", "[]", '{"flops": {}}', '{"bandwidth": 0, "flops": {"float32": 1}}'):
        path.write_text(wrong)
        with pytest.raises(DeviceError):
            device(str(path))
    form = (
        'a device is {"name": text, "bandwidth": bytes/s, "flops": {"bfloat16": FLOP/s}, '
        '"source": text}'
    )
    for wrong in ("{}", "no", "true", '"1e12"', '{"float32": 0}', '{"int8": 1}', '{"tf32": true}'):
        path.write_text(f'{{"bandwidth": 1, "flops": {wrong}}}')
        with pytest.raises(DeviceError) as error:
            device(str(path))
        assert str(error.value) == f"{path} describes no device: {form}"
    rates = dict.fromkeys(["float64", "float32", "tf32", "float16", "bfloat16"], 0.5)
    path.write_text(json.dumps({"bandwidth": 0.5, "flops": rates}))
    assert device(str(path)).flops == rates
    with pytest.raises(DeviceError, match="h100, a100, rtx4090"):
        device("tpu")


def test_claims_reach_the_limit(metrics):
    m = metrics("net n { input 3x32x32\n conv 64, 3x3 -> relu }")
    assert m.value("img_s_inference", "h100") > m.value("img_s_training", "h100") > 0
