"""Every op reads the PyTorch it writes: `Op.read` against `Op.torch` and PyTorch's signatures."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import json
import random
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from cnnspec.ops import ops
from cnnspec.ops.op import Op, OpError, TorchInput, call
from cnnspec.ops.reading import Filled, Unread
from cnnspec.ops.torch import form, forms, helper, parse
from cnnspec.values import BESIDE, SAME, TF_SAME, Keyword, Padding, Window
from tests.ops.harness import names

DEMANDED = {"dim": "nn.Softmax and F.softmax guess an axis, deprecated"}
"""Arguments that PyTorch has a default for and `reads` asks for: why."""


def theirs(name: str) -> inspect.Signature:
    """PyTorch's signature; functions in C have theirs in the docstring."""
    space = {"nn": nn, "F": F, "torch": torch}
    if "." not in name:
        space = names(forms()[name].op.brings())
    found = eval(name, space)
    if not isinstance(found, type) and "." not in name:  # ours: `x` stands for `input`
        return inspect.signature(lambda input, like: None)
    try:
        signature = inspect.signature(found)
        if "args" not in signature.parameters:
            return signature
    except ValueError:
        pass
    if isinstance(found, type):  # nn.Identity takes anything
        return inspect.Signature()
    if name in ("F.max_pool2d", "F.adaptive_max_pool2d"):
        return inspect.signature(getattr(F, f"{name[2:]}_with_indices"))
    if name == "torch.mean":  # its docstring begins with the mean of everything
        return parse_text("(input, dim, keepdim=False, *, dtype=None, out=None)")
    if name == "F.gelu":  # its docstring writes a bare 'none'
        return parse_text("(input, *, approximate='none')")
    text = next(row for row in found.__doc__.strip().split("\n") if "(" in row)
    return parse_text(text[text.index("(") :].partition(" -> ")[0])


def parse_text(text: str) -> inspect.Signature:
    space: dict[str, Any] = {}
    exec(f"def f{text}: ...", space)
    return inspect.signature(space["f"])


@pytest.mark.parametrize("name", forms())
def test_arguments_stand_as_in_pytorch_s_own_signature(name):
    mine, signature = forms()[name], theirs(name)
    order = [p.name for p in signature.parameters.values() if p.kind is not p.KEYWORD_ONLY]
    for at, argument in enumerate(mine.names):
        assert argument in signature.parameters, argument
        if at < mine.positional:
            assert order[at] == argument
        default = signature.parameters[argument].default
        if argument in mine.defaults:
            if name == "F.max_pool2d" and argument == "stride":
                assert default in (None, inspect.Parameter.empty)
                continue
            if (name, argument) == ("F.interpolate", "mode"):
                assert default == "nearest"
            assert default == mine.defaults[argument]
        elif default is not inspect.Parameter.empty and argument not in DEMANDED:
            assert default is None, argument  # scale_factor: one of two must be there


def test_an_argument_left_out_has_pytorch_s_default_or_is_refused():
    with pytest.raises(Unread, match="padding_modes='reflect' is nothing that a spec can say"):
        form("nn.Conv2d").read((3, 8, 3), {"padding_modes": "reflect"})
    with pytest.raises(Unread, match="gets no kernel_size"):
        form("nn.Conv2d").read((3, 8), {})
    with pytest.raises(Unread, match="gets in_channels twice"):
        form("nn.Conv2d").read((3, 8, 3), {"in_channels": 3})
    with pytest.raises(Unread, match="10 arguments by position"):
        form("nn.Conv2d").read((1,) * 10, {})
    assert form("nn.ReLU").inplace and not form("nn.Tanh").inplace
    assert form("nn.Conv3d") is None


@pytest.mark.parametrize(
    ("name", "args", "keywords"),
    [
        ("nn.Conv2d", (True, 8, 3), {}),
        ("nn.Conv2d", (3, 8, 3.0), {}),
        ("nn.Conv2d", (3, 8, (3, 3, 3)), {}),
        ("nn.Conv2d", (3, 8, 3), {"padding": "same"}),
        ("nn.Conv2d", (3, 8, 3), {"bias": None}),
        ("nn.BatchNorm2d", (8,), {"eps": "1e-5"}),
        ("nn.Softmax", (), {"dim": -1}),
        ("nn.Softmax", (), {"dim": True}),
        ("nn.Flatten", (0,), {}),
        ("torch.flatten", (None,), {}),
        ("nn.Flatten", (1, 2), {}),
        ("nn.Upsample", (), {"scale_factor": 1.5}),
        ("nn.GELU", (), {"approximate": None}),
        ("Permute", ((0, 2.0, 1),), {}),
    ],
)
def test_a_value_that_no_spec_says_is_unread(name, args, keywords):
    with pytest.raises(Unread):
        form(name).read(args, keywords)


R = random.Random(7)


def value(annotation: str, name: str, cls: type[Op]) -> Any:
    """Some value of a field, from its annotation."""
    if name == "connections" or "Beside" in annotation:
        return None
    if name == "order":
        return tuple(R.sample(range(3), 3))
    if name == "pad_mode" or (name == "mode" and cls.name == "pad"):
        return R.choice(["zeros", "reflect", "replicate", "circular"])
    if name == "mode":
        return R.choice(["nearest", "bilinear"])
    if name == "approximate":
        return R.choice(["none", "tanh"])
    if name == "over":
        return R.choice(["channels", "last"])
    if name == "sides":
        return Padding(*(R.randint(0, 3) for _ in range(4)))
    if name == "output_pad":
        return R.choice([Padding(0, 0, 0, 0), Padding(1, 1, 0, 0)])
    if "Window" in annotation:
        size = R.choice([(1, 1), (3, 3), (2, 3), (5, 1)])
        return Window(size, R.choice([(1, 1), (2, 2), (2, 1)]), R.random() < 0.5)
    if "Padding" in annotation:
        rows, columns = R.randint(0, 2), R.randint(0, 2)
        return R.choice([SAME, TF_SAME, Padding(0, 0, 0, 0), Padding(rows, rows, columns, columns)])
    if "Record" in annotation:
        return None
    if "tuple[int, int]" in annotation:
        return R.choice([(1, 1), (2, 2), (1, 3)])
    if "bool" in annotation:
        return R.random() < 0.5
    if "float" in annotation:
        return R.choice([0.25, 1e-6, 1, 0.5])
    return R.choice([1, 2, 4, 8])


def some(cls: type[Op]) -> Op:
    fields = dataclasses.fields(cls)
    return cls(**{f.name: value(str(f.type), f.name, cls) for f in fields})


def read(text: str, placeholder: str = "x") -> Op:
    """The op of a text such as `nn.Conv2d(3, 8, 3)` or `F.relu(x)`."""
    node = ast.parse(text, mode="eval").body
    assert isinstance(node, ast.Call)
    args = [None if ast.unparse(a) == placeholder else ast.literal_eval(a) for a in node.args]
    keywords = {str(k.arg): ast.literal_eval(k.value) for k in node.keywords}
    return form(ast.unparse(node.func)).read(tuple(args), keywords)


@pytest.mark.parametrize("name", [n for n in ops() if not ops()[n].join and n != "unpool"])
def test_what_an_op_writes_it_reads_back(name):
    """Random arguments, on a map and on a vector, as a module and as a function."""
    cls, seen = ops()[name], 0
    for _ in range(300):
        op = some(cls)
        shape = R.choice([(8, 12, 12), (8,)])
        try:
            op.shape(shape)
            said = op.torch(TorchInput(8, shape))
        except (OpError, ValueError):
            continue
        seen += 1
        made = call(said.module, *said.args, **dict(said.keywords))
        if said.own:
            found = form("nn.Parameter").read((Filled(*said.args),), {})
        else:
            found = read(made if said.module else said.function.format("x", x="x"))
        assert found.op.canonical() == found.op  # what is read back is canonical
        assert found.op == op.on(shape).canonical(), said
        assert found.channels in (None, shape[op.axis])
        assert found.axes in (0, len(shape))
        if said.function and said.function.startswith(("F.", "torch.")):
            assert read(said.function.format("x", x="x")).op == op.on(shape).canonical()
        assert op.torch(TorchInput(8, shape)).helper in cls.brings()
    assert seen > 5


@pytest.mark.parametrize(
    ("text", "op"),
    [
        ("center_crop(x, like)", "crop to=a"),
        ('F.interpolate(x, size=like, mode="nearest")', "resize to=a"),
        ('F.interpolate(x, size=like, mode="bilinear", align_corners=True)',
         'resize mode="bilinear", align_corners=true, to=a'),
    ],
)  # fmt: skip
def test_a_second_tensor_is_a_label(text, op):
    """What stands for the other tensor is `Beside`, as in a call of the spec."""
    name, _, words = op.partition(" ")
    fields = {key: json.loads(value) for key, value in
              (word.split("=") for word in words.split(", ")) if key != "to"}  # fmt: skip
    wanted = ops()[name](**fields, to=BESIDE)
    node = ast.parse(text, mode="eval").body
    args = [BESIDE if a.id == "like" else None for a in node.args]
    keywords = {
        k.arg: BESIDE if isinstance(k.value, ast.Name) else ast.literal_eval(k.value)
        for k in node.keywords
    }
    assert form(ast.unparse(node.func)).read(tuple(args), keywords).op == wanted
    other = {key: "x" if key == "size" else value for key, value in keywords.items()}
    with pytest.raises(Unread, match=r"needs (a tensor|an integer|integers)"):
        form(ast.unparse(node.func)).read((None, "x")[: len(args)], other)


def test_a_convolution_by_a_table_reads_back():
    table = ((0, 1), (1, 2), (0,))
    conv = ops()["conv"](3, Window((3, 3)), Keyword("same"), connections=table)
    said = conv.torch(TorchInput(3, (3, 8, 8)))
    found = read(call(said.module, *said.args, **dict(said.keywords)))
    assert (found.op, found.channels) == (conv.canonical(), 3)


def test_a_field_that_is_added_later_is_compared():
    """Equality is the dataclass's own: no field can be forgotten."""
    conv = ops()["conv"](3, Window((3, 3)))
    for name, other in {"channels": 4, "groups": 3, "bias": False, "dilation": (2, 2)}.items():
        changed = type(conv)(**{**vars(conv), name: other})
        assert changed.canonical() != conv.canonical(), name
    assert type(conv)(3, Window((3, 3), written=True)).canonical() == conv.canonical()


def test_a_signature_is_parsed():
    found = parse("nn.Thing(a, b=2, *, c, d='x')", ops()["relu"])
    assert (found.name, found.names, found.positional) == ("nn.Thing", ("a", "b", "c", "d"), 2)
    assert dict(found.defaults) == {"b": 2, "d": "x"}


def test_every_helper_class_is_read_by_the_op_that_brings_it():
    brought = {name for name in forms() if "." not in name}
    classes = [node for n in ops() for node in ast.parse(ops()[n].brings()).body]
    assert brought == {node.name for node in classes}
    assert all(helper(forms()[name].op.brings(), name)[0].name == name for name in brought)
    assert len(brought) == len(classes) == 19
