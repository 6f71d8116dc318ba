"""The ONNX models: sound, named as the language names, and equal to PyTorch's outputs."""

from __future__ import annotations

import subprocess
import sys

import numpy
import pytest
import torch
from safetensors.torch import save_file

from cnnspec.backends.onnx import BackendError, emit
from cnnspec.backends.onnx.weights import WeightsError
from tests.backends.harness import CASES, ROOT, SPECS, elaborate, expected_state, load, text_of

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

FAMILIES = [
    (SPECS / "lenet5.cnn", "lenet5"),
    (SPECS / "resnet20.cnn", "resnet20"),
    (SPECS / "plain20.cnn", "plain20"),
    (SPECS / "lenet5_1998.cnn", "lenet5_1998"),
    (SPECS / "inception_module.cnn", "inception_module"),
    (SPECS / "factorised_5x5.cnn", "factorised_5x5"),
    (SPECS / "resnet34_a.cnn", "resnet34_a"),
    (SPECS / "densenet_40_12.cnn", "densenet_40_12"),
    (SPECS / "inception_module_naive.cnn", "inception_module_naive"),
    (SPECS / "factorised_3x3.cnn", "factorised_3x3"),
    (SPECS / "googlenet_bn.cnn", "googlenet_bn"),
    (SPECS / "inception_v2.cnn", "inception_v2"),
    (CASES.parent / "rules" / "deep.cnn", "deep"),
    (CASES / "preact.cnn", "resnet20_preact"),
    (CASES / "tour.cnn", "tour"),
    (CASES / "googlenet.cnn", "googlenet"),
    (CASES / "inception_v3.cnn", "inception_v3"),
]
"""A small member of every family; AlexNet and VGG have their own test."""

FLATTENED = ("lenet5", "lenet5_1998", "googlenet", "inception_v2", "deep")
"""Nets whose weights depend on height and width: those are numbers in the model."""

WIDE = [(CASES / "alexnet.cnn", "alexnet_2012"), (CASES / "vgg_d.cnn", "vgg_a")]


def session(content: bytes) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])


def state_of(model: onnx.ModelProto) -> dict[str, torch.Tensor]:
    """The tensors that have names of the state_dict."""
    made = {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}
    return {name: torch.tensor(value) for name, value in made.items() if "/" not in name}


def sound(content: bytes) -> onnx.ModelProto:
    """The model after the full checker and strict inference, which also compares the shapes."""
    model = onnx.load_from_string(content)
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    return model


def fill(net: torch.nn.Module, model: onnx.ModelProto) -> torch.nn.Module:
    """The generated module with the model's weights; what is left are counters and aux heads."""
    left = net.load_state_dict(state_of(model), strict=False)
    assert not left.unexpected_keys
    heads = ("num_batches_tracked",)
    aux = ("aux", "Aux", "early.")
    assert all(key.endswith(heads) or key.startswith(aux) for key in left.missing_keys)
    return net.eval()


def compare(net: torch.nn.Module, content: bytes, x: torch.Tensor) -> None:
    with torch.inference_mode():
        wanted = net(x)
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    runner = session(content)
    found = runner.run(None, {runner.get_inputs()[0].name: x.numpy()})
    for a, b in zip(wanted, found, strict=True):
        assert numpy.abs(a.numpy() - b).max() <= 1e-4 * numpy.abs(a.numpy()).max()


@pytest.mark.parametrize(("path", "name"), FAMILIES, ids=[n for _, n in FAMILIES])
def test_a_model_is_sound_and_equals_pytorch(path, name):
    content = emit(elaborate(path, name))
    model = sound(content)
    module = load(text_of(path, name))
    net = fill(getattr(module, name)(), model)
    sizes = model.graph.input[0].type.tensor_type.shape.dim
    assert sizes[0].dim_param == "batch"
    free = [d.dim_param for d in sizes][2:] == ["height", "width"]
    assert free is (name not in FLATTENED)
    channels, height, width = module.INPUT_SIZE
    if free and height > 100:
        height, width = 96, 99
    compare(net, content, torch.randn(2, channels, height, width))


@pytest.mark.parametrize(("path", "name"), WIDE, ids=[n for _, n in WIDE])
def test_nets_with_wide_layers_made_narrow(path, name):
    text = path.read_text(encoding="utf-8").replace("4096", "64")
    content = emit(elaborate(text, name))
    module = load(text_of(text, name))
    net = fill(getattr(module, name)(), sound(content))
    compare(net, content, torch.randn(1, *module.INPUT_SIZE))


def test_two_inputs_and_a_further_output_beside_an_auxiliary_one():
    elaborated = elaborate(CASES.parent / "rules" / "ladder.cnn")
    content = emit(elaborated)
    net = fill(load(text_of(CASES.parent / "rules" / "ladder.cnn")).ladder(), sound(content))
    inputs = {entry.name: torch.randn(2, 3, 16, 16) for entry in elaborated.net.inputs}
    with torch.inference_mode():
        wanted = net(**inputs)
    found = session(content).run(None, {name: x.numpy() for name, x in inputs.items()})
    for a, b in zip(wanted, found, strict=True):
        assert numpy.abs(a.numpy() - b).max() <= 1e-4 * numpy.abs(a.numpy()).max()


def test_names_are_the_language_s_paths():
    elaborated = elaborate(SPECS / "resnet20.cnn")
    model = onnx.load_from_string(emit(elaborated))
    state = expected_state(elaborated)
    kept = {k: v for k, v in state.items() if not k.endswith("num_batches_tracked")}
    assert {k: tuple(v.shape) for k, v in state_of(model).items()} == kept
    names = {node.name for node in model.graph.node}
    assert {"conv1", "bn1", "layer1.0.conv1", "layer3.2.add1", "fc"} <= names
    assert [v.name for v in model.graph.output] == ["logits"]
    assert [v.name for v in model.graph.input] == ["image"]
    assert model.opset_import[0].version == 22
    assert model.doc_string.startswith("Generated by cnnspec from specs/resnet20.cnn (sha256 ")


def test_bytes_are_equal_each_time_and_follow_the_seed():
    elaborated = elaborate(SPECS / "lenet5.cnn")
    assert emit(elaborated) == emit(elaborate(SPECS / "lenet5.cnn"))
    assert emit(elaborated, seed=1) != emit(elaborated)


def test_weights_of_a_file_and_what_does_not_fit(tmp_path):
    elaborated = elaborate(SPECS / "resnet20.cnn")
    net = load(text_of(SPECS / "resnet20.cnn")).resnet20().eval()
    path = tmp_path / "weights.safetensors"
    save_file(net.state_dict(), path)
    compare(net, emit(elaborated, path), torch.randn(1, 3, 32, 32))
    state = {k: v.half() if v.is_floating_point() else v for k, v in net.state_dict().items()}
    del state["conv1.weight"]
    save_file({**state, "fc.bias": torch.zeros(3), "extra": torch.zeros(1)}, path)
    with pytest.raises(WeightsError) as caught:
        emit(elaborated, path)
    assert str(caught.value) == (
        f"{path} does not fit the net: fc.bias is [3] and should be [10], no conv1.weight, "
        "unknown extra"
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff" * 8,
        b"\x02\0\0\0\0\0\0\0{}"[:9],
        b"\x02\0\0\0\0\0\0\0[]",
        b'\x3d\0\0\0\0\0\0\0{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}    ',
        b'\x3d\0\0\0\0\0\0\0{"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0,-4]}}    ',
    ],
)
def test_broken_files_of_weights_are_one_line(tmp_path, content):
    path = tmp_path / "broken.safetensors"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"is no safetensors file"):
        emit(elaborate(SPECS / "lenet5.cnn"), path)


def test_initial_weights_are_the_spec_s_and_pytorch_s_without_one():
    model = onnx.load_from_string(emit(elaborate(SPECS / "resnet20.cnn")))
    state = state_of(model)
    weight = state["layer3.1.conv1.weight"]
    assert weight.std().item() == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.05)
    assert state["bn1.running_var"].eq(1).all() and state["bn1.bias"].eq(0).all()
    plain = state_of(onnx.load_from_string(emit(elaborate(SPECS / "lenet5.cnn"))))
    bound = (16 * 25) ** -0.5
    assert 0.95 * bound < plain["linear1.weight"].abs().max().item() <= bound


INITIAL = """
net inits {{
  input 4x8x8
  conv 64, 3x3, init={init}
}}
"""


@pytest.mark.parametrize(
    ("init", "call"),
    [
        ("he_normal()", "kaiming_normal_(w)"),
        ('he_uniform(fan="out")', 'kaiming_uniform_(w, mode="fan_out", nonlinearity="relu")'),
        ("xavier()", "xavier_uniform_(w)"),
        ("xavier_normal()", "xavier_normal_(w)"),
        ("normal(std=0.1, mean=2)", "normal_(w, 2, 0.1)"),
        ("uniform(low=2, high=3)", "uniform_(w, 2, 3)"),
        ("trunc_normal(std=1.5)", "trunc_normal_(w, std=1.5)"),
        ("ones()", "ones_(w)"),
    ],
)
def test_every_initialiser_has_the_distribution_of_torch_s(init, call):
    state = state_of(onnx.load_from_string(emit(elaborate(INITIAL.format(init=init)))))
    w = torch.empty(64, 4, 3, 3)
    eval(f"torch.nn.init.{call}", {"torch": torch, "w": w})
    ours = state["conv1.weight"]
    assert ours.mean().item() == pytest.approx(w.mean().item(), abs=0.12 * w.std().item() + 1e-6)
    assert ours.std().item() == pytest.approx(w.std().item(), rel=0.08, abs=1e-6)
    assert ours.abs().max().item() == pytest.approx(w.abs().max().item(), rel=0.25)
    assert state["conv1.bias"].eq(0).all()


def test_sizes_are_fixed_where_the_spec_reads_one():
    body = "net a { input 3x8x8\n %s\n conv 4, 3x3\n global_avgpool -> flatten }"
    for line, free in (("let c = in.channels", True), ("let h = in.height", False)):
        model = onnx.load_from_string(emit(elaborate(body % line)))
        assert (model.graph.input[0].type.tensor_type.shape.dim[2].dim_param != "") is free


def test_shared_weights_are_one_tensor_and_an_input_may_be_an_output():
    text = """
net a {
  input 3x8x8
  output twin: dropout
  first: conv 3, 3x3, pad=1
  share first
  output twice: dropout
  dropout
}
"""
    elaborated = elaborate(text)
    model = sound(emit(elaborated))
    assert list(state_of(model)) == ["first.weight", "first.bias"]
    assert [v.name for v in model.graph.output] == ["logits", "twin", "twice"]
    x = torch.randn(2, 3, 8, 8)
    conv = torch.nn.Conv2d(3, 3, 3, padding=1)
    conv.load_state_dict({k[6:]: v for k, v in state_of(model).items()})
    wanted = [conv(conv(x)), x, conv(conv(x))]
    found = session(emit(elaborated)).run(None, {"image": x.numpy()})
    for a, b in zip(wanted, found, strict=True):
        torch.testing.assert_close(a, torch.from_numpy(b))


def test_a_shared_block_that_shares_has_its_weights_once():
    spec = (
        "block again() { c: conv 2, 3x3, pad=1 -> relu; share c }\n"
        "net it { input 2x6x8; two: again; share two; conv 2, 1x1 }"
    )
    content = emit(elaborate(spec))
    model = sound(content)
    assert list(state_of(model)) == ["two.c.weight", "two.c.bias", "conv1.weight", "conv1.bias"]
    compare(fill(load(text_of(spec)).it(), model), content, torch.randn(2, 2, 6, 8))


def test_a_layer_with_the_name_of_an_output_gives_way():
    spec = (
        "net it { input 3x8x8; logits: conv 4, 3x3; relu\n"
        "output fine: conv 2, 1x1 -> relu -> conv 2, 3x3\nconv 3, 1x1 -> bn }"
    )
    content = emit(elaborate(spec))
    net = fill(load(text_of(spec)).it(), sound(content))
    compare(net, content, torch.randn(2, 3, 8, 8))
    assert [o.name for o in session(content).get_outputs()] == ["logits", "fine"]


def test_second_values_at_every_size():
    """A crop, a resize and the places of a pool, at the declared size and at another (L39)."""
    spec = (
        "net it { input image: [3, H=24, W=20]; a: conv 4, 3x3, same; p: maxpool 2x2/2\n"
        "b: conv 4, 3x3; add { skip; from p -> crop to=b }; conv 4, 3x3, pad=2; unpool p\n"
        'add { skip; from a }; conv 3, 3x3/2; resize to=image, mode="bilinear" }'
    )
    content = emit(elaborate(spec))
    net = fill(load(text_of(spec)).it(), sound(content))
    for size in ((24, 20), (18, 32)):
        compare(net, content, torch.randn(2, 3, *size))
    kinds = {node.op_type for node in sound(content).graph.node}
    assert {"MaxUnpool", "Slice", "Resize"} <= kinds


def test_a_pool_that_leaves_rows_over_is_undone_by_its_places():
    spec = "net it { input 3x9x7; p: maxpool 2x2/2, ceil=true; conv 3, 1x1; unpool p; conv 2, 1x1 }"
    content = emit(elaborate(spec))
    net = fill(load(text_of(spec)).it(), sound(content))
    compare(net, content, torch.randn(2, 3, 9, 7))
    assert "ScatterElements" in {node.op_type for node in sound(content).graph.node}


def test_what_has_no_form_is_one_line_with_its_place():
    with pytest.raises(BackendError, match=r":1:\d+: lrn over an even number of channels"):
        emit(elaborate("net a { input 3x8x8; lrn 4 }"))


def test_the_backend_imports_no_torch():
    code = (
        "import sys; from cnnspec.api import load\n"
        "from cnnspec.elaborate.workspace import Workspace\n"
        "from cnnspec.backends.onnx import emit\n"
        "w = Workspace(); u = w.read('specs/lenet5.cnn'); emit(w.elaborate(u, 'lenet5'))\n"
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
