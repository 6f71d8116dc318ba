"""What names a model, and what is run for it (I1, S20)."""

import pytest

from cnnspec.importing.sources import BadSource, model_source

MODELS = {
    "torchvision:resnet50": ("torchvision", "torchvision", "resnet50"),
    "timm:resnet50.a1_in1k": ("timm", "timm", "resnet50.a1_in1k"),
    "model.py:Net": ("file", "model.py", "Net"),
    "a/b/model.py:make.small": ("file", "a/b/model.py", "make.small"),
    "package.module:factory": ("package", "package.module", "factory"),
    "net.onnx": ("onnx", "net.onnx", ""),
    "a:b/net.onnx": ("onnx", "a:b/net.onnx", ""),
}
SPECS = (
    "resnet34",
    "specs/resnet.cnn",
    "specs/resnet.cnn:resnet18",
    "a.b.cnn:net",
    "package:x",
    "-",
    "C:x",
)


@pytest.mark.parametrize("text", MODELS)
def test_i1_a_source_is_known_by_what_stands_before_its_colon(text):
    found = model_source(text)
    assert (found.kind, found.place, found.target) == MODELS[text]


@pytest.mark.parametrize("text", SPECS)
def test_i1_anything_else_is_a_spec(text):
    assert model_source(text) is None


def test_s20_arguments_are_literals():
    found = model_source("m.py:Net(3, [1, 2], depth=(4,), act='relu', bias=False, x=-1.5, y=None)")
    assert found.args == (3, [1, 2])
    assert found.keywords == {"depth": (4,), "act": "relu", "bias": False, "x": -1.5, "y": None}


@pytest.mark.parametrize(
    "arguments",
    ["(__import__('os'))", "(open('x'))", "(a=b)", "(**{})", "(*[1])", "(1)(2)", "(lambda: 1)",
     "(x := 1)", "(" + "[" * 5000, "(1", "(f'{1}')", "()[0]", "(1).real"],
)  # fmt: skip
def test_s20_anything_else_in_them_is_refused(arguments):
    with pytest.raises(BadSource):
        model_source(f"m.py:Net{arguments}")


@pytest.mark.parametrize("target", ["", "a b", "1x", "os.system('x')", "x;y", "../x"])
def test_s20_a_target_is_a_name(target):
    try:
        found = model_source(f"m.py:{target}")
    except BadSource:
        return
    assert found.target == "os.system"  # a name, looked up in m.py alone


def test_a_net_is_called_as_its_source():
    assert model_source("model.py:MyNet(3)").name == "my_net"
    assert model_source("some/file-2.onnx").name == "file_2"
    assert model_source("timm:resnet50.a1_in1k").name == "resnet50"
