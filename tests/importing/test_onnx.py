"""ONNX files: from PyTorch's exporter and from our own backend; hostile ones are one line (S20)."""

from __future__ import annotations

import warnings
from pathlib import Path

import onnx
import pytest
import torch
from onnx import TensorProto, helper

from cnnspec.cli.app import run
from cnnspec.importing.errors import Refused
from cnnspec.importing.onnx.source import import_onnx
from cnnspec.importing.options import Options
from cnnspec.importing.torch.capture import capture
from cnnspec.importing.torch.source import import_module
from tests.importing import awkward, several

SIZE = (3, 32, 32)


def exported(model: torch.nn.Module, path: Path, *images: torch.Tensor, **words: object) -> Path:
    given = images or (torch.zeros(1, *SIZE),)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model.eval(), given, str(path), dynamo=False, **words)
    return path


KEPT = {"do_constant_folding": False, "training": torch.onnx.TrainingMode.PRESERVE}


@pytest.mark.parametrize(
    "kind", [awkward.SharedAct, awkward.UNet, awkward.ViewSize, awkward.Gate, awkward.Identity]
)
def test_a_file_of_pytorch_is_read_exactly(kind, tmp_path):
    found = import_onnx(exported(kind(), tmp_path / "net.onnx", **KEPT), Options(), "net")
    assert found.difference is not None and found.difference <= 1e-5
    assert not found.flat


def test_where_names_survived_the_layers_are_those_of_the_model(tmp_path):
    file = import_onnx(exported(awkward.UNet(), tmp_path / "u.onnx", **KEPT), Options(), "u_net")
    model = import_module(awkward.UNet(), SIZE, "u_net")
    strip = [line for line in model.text.splitlines() if not line.startswith("##")]
    assert [line for line in file.text.splitlines() if not line.startswith("##")] == strip


def test_a_file_with_norms_folded_in_is_read_too(tmp_path):
    found = import_onnx(exported(awkward.UNet(), tmp_path / "u.onnx"), Options(), "u_net")
    assert found.difference <= 1e-5 and "bn" not in found.text.replace("subnet", "")


def test_our_own_files_come_back(tmp_path, monkeypatch, capsys):
    (tmp_path / "small.cnn").write_text(
        "default conv pad=same, bias=false -> bn -> relu\n"
        "net small(classes = 10) {\n  input 3x32x32\n  stem: conv 8, 3x3\n"
        "  add { conv 8, 3x3; skip }\n  global_avgpool -> flatten\n  fc: linear classes\n}\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CNNSPEC_CACHE", str(tmp_path / "cache"))
    assert run(["gen", "--target", "onnx", "small.cnn", "-o", "."]) == 0
    assert run(["import", "small.onnx", "--input", "3x32x32", "-o", "back.cnn"]) == 0
    assert run(["diff", "small.cnn", "back.cnn"]) == 0


@pytest.mark.parametrize("kind", [several.Siamese, several.TwoStream, several.Names])
def test_a_file_of_several_inputs_is_read(kind, tmp_path):
    shapes = capture(kind(), several.MODELS[kind], "net_a").inputs
    images = tuple(torch.zeros(1, *value.shape) for value in shapes)
    names = [value.name for value in shapes]
    path = exported(kind(), tmp_path / "n.onnx", *images, input_names=names, **KEPT)
    found = import_onnx(path, Options(), "net_a")
    assert found.difference <= 1e-5 and not found.flat
    assert found.text.count("  input ") == 2
    assert import_onnx(path, Options(size={names[1]: shapes[1].shape}), "net_a").text == found.text
    with pytest.raises(Refused, match="the file has no input other"):
        import_onnx(path, Options(size={"other": (1, 8, 8)}), "net_a")


def test_s20_an_open_size_is_asked_for(tmp_path):
    axes = {"x": {2: "h", 3: "w"}}
    path = exported(awkward.Gate(), tmp_path / "n.onnx", input_names=["x"], dynamic_axes=axes)
    with pytest.raises(Refused, match="open"):
        import_onnx(path, Options(), "n")
    assert import_onnx(path, Options(size=SIZE), "n").difference <= 1e-5


def model(nodes: list[object], initializers: tuple[object, ...] = (), opset: int = 17) -> object:
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 8])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "g", [x], [y], [*initializers])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])


def outside(location: str, length: int) -> object:
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4, 3, 1, 1])
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("length", str(length))):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value
    return tensor


CONV = helper.make_node("Conv", ["x", "w"], ["y"])
HOSTILE = {
    "a cycle": (lambda: model([helper.make_node("Add", ["x", "y"], ["y"])]), "nothing makes yet"),
    "an unknown opset": (
        lambda: model([helper.make_node("Relu", ["x"], ["y"])], opset=999), "opset 999",
    ),
    "data outside": (lambda: model([CONV], (outside("../secret", 48),)), "outside the folder"),
    "an absolute path": (lambda: model([CONV], (outside("/etc/passwd", 48),)), "outside"),
    "more than is there": (lambda: model([CONV], (outside("data.bin", 10**12),)), "longer than"),
    "an unknown op": (
        lambda: model([helper.make_node("Frobnicate", ["x"], ["y"], domain="x")]), "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_s20_a_hostile_file_is_one_line(name, tmp_path):
    make, said = HOSTILE[name]
    (tmp_path / "data.bin").write_bytes(b"\0" * 48)
    onnx.save(make(), str(tmp_path / "n.onnx"))
    with pytest.raises(Refused) as refused:
        import_onnx(tmp_path / "n.onnx", Options(), "n")
    (line,) = refused.value.lines()
    assert said in line and "\n" not in line


@pytest.mark.parametrize("data", [b"", b"no protobuf", b"\x80\x04cos\nsystem\n", b"\xff" * 1000])
def test_s20_what_is_no_file_of_onnx_is_one_line(data, tmp_path):
    (tmp_path / "n.onnx").write_bytes(data)
    with pytest.raises(Refused) as refused:
        import_onnx(tmp_path / "n.onnx", Options(), "n")
    assert len([*refused.value.lines()]) == 1


def test_s20_no_more_than_2_gib_is_read(tmp_path):
    with (tmp_path / "n.onnx").open("wb") as file:
        file.truncate(2 * 2**30 + 1)
    with pytest.raises(Refused, match="2 GiB"):
        import_onnx(tmp_path / "n.onnx", Options(), "n")
