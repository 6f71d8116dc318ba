"""The proof: what is right is proved, what is not is refused at its place, and it always ends."""

from __future__ import annotations

import ast

import pytest

from cnnspec import ir
from cnnspec.backends.torch import WrongCode, draft, emit
from cnnspec.backends.torch.proof import Unproved, prove
from cnnspec.backends.torch.proof.expected import Expected
from cnnspec.backends.torch.specialise.folding import Folding
from cnnspec.backends.torch.write.assemble import Assembler
from cnnspec.elaborate.workspace import Elaborated
from tests.backends.harness import CASES, ROOT, SPECS, elaborate, nets
from tests.backends.test_constructs import CONSTRUCTS, spec

ZOO = [(path, name) for path, name in nets() if path.parent == SPECS]
CASE_NETS = [(path, name) for path, name in nets() if path.parent == CASES]
RESNET = (ROOT / "generated" / "resnet18.py").read_text(encoding="utf-8")
GOOGLE = (ROOT / "generated" / "googlenet.py").read_text(encoding="utf-8")


def fault(elaborated: Elaborated, text: str, **values: object) -> Unproved | None:
    """What the proof finds, or None."""
    try:
        prove(elaborated.net, text, args=elaborated.args, recipe=elaborated.recipe, values=values)
    except Unproved as unproved:
        return unproved
    return None


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize(("path", "name"), ZOO, ids=[name for _, name in ZOO])
def test_every_generated_module_is_proved(path, name):
    text = (ROOT / "generated" / f"{name}.py").read_text(encoding="utf-8")
    assert fault(elaborate(path, name), text) is None


@pytest.mark.parametrize(("path", "name"), CASE_NETS, ids=[name for _, name in CASE_NETS])
def test_every_case_is_proved(path, name):
    elaborated = elaborate(path, name)
    assert fault(elaborated, draft(elaborated)) is None


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_every_construct_is_proved(name):
    elaborated = elaborate(CONSTRUCTS[name])
    assert fault(elaborated, draft(elaborated)) is None


def test_a_wrong_module_is_never_written(monkeypatch):
    elaborated = elaborate(CONSTRUCTS["chain"])
    wrong = draft(elaborated).replace("nn.Conv2d(8, 4, 3", "nn.Conv2d(8, 4, 5")
    made = Assembler(elaborated, Folding())
    monkeypatch.setattr("cnnspec.backends.torch.folded", lambda *_: (made, wrong, ast.parse(wrong)))
    with pytest.raises(WrongCode, match="tested is not its spec: line"):
        emit(elaborated)


def test_the_walk_of_the_ir_is_that_of_the_flat_graph():
    """Every level expanded, each path has the op and the inputs that `ir.graph` gives it."""
    for path, name in nets():
        elaborated = elaborate(path, name)
        expected = Expected(elaborated.net)
        expected.open = _Everything()
        level, terms = expected.whole(), expected.terms
        found: list[int] = []
        for node in ir.graph(elaborated.net):
            if not node.layer.inputs:
                found.append(terms.number("input", node.path, ()))
                continue
            op, inputs = terms.of(node.layer), tuple(found[i] for i in node.inputs)
            pad = getattr(op, "pad", None)
            if pad is not None and not pad.symmetric:
                op, inputs = terms.unpadded(op), (terms.pad(pad, inputs[0]),)
            has = bool(expected.entries(node.layer)) or op.passes
            found.append(terms.apply(op, (node.shares or node.path) if has else "", inputs))
            assert level.ends[node.path] == found[-1], (name, node.path)


class _Everything(set[int]):
    def __contains__(self, item: object) -> bool:
        return True


# --- modules that somebody edited -----------------------------------------------------------------

EDITED = {
    "a padding": (
        "resnet18", "7, stride=2, padding=3", "7, stride=2, padding=2",
        "conv1", "`conv 64, 7x7/2, pad=3, bias=false`", "`conv 64, 7x7/2, pad=2, bias=false`",
    ),
    "a width in the middle": (
        "resnet18", "depths[1], channels=128", "depths[1], channels=130",
        "layer2.0.conv1", "`conv 128, 3x3/2, pad=1, bias=false`",
        "`conv 130, 3x3/2, pad=1, bias=false`",
    ),
    "a default of the function": (
        "resnet18", "resnet18(classes: int = 1000)", "resnet18(classes: int = 10)",
        "fc", "`linear 1000`", "`linear 10`",
    ),
    "a relu left out": (
        "resnet18", "return F.relu(y + self.downsample(x), inplace=True)",
        "return y + self.downsample(x)",
        "layer1.0", "`relu`, of add", "`add`, of bn2 and downsample",
    ),
    "the names of a layer": (
        "resnet18", "bn2", "norm2",
        "layer1.0", "`bn` at bn2, of conv2", "`bn` at norm2, of conv2",
    ),
    "initial weights": (
        "resnet18", ', mode="fan_out", nonlinearity="relu"', "",
        "conv1", "weight begin by kaiming_normal(\"fan_out\")", 'kaiming_normal("fan_in")',
    ),
    "a recipe": (
        "resnet18", '"batch": 256', '"batch": 512', "RECIPE 'batch'", "256", "512",
    ),
    "an input size": (
        "resnet18", "(3, 224, 224)\n", "(3, 227, 227)\n",
        "INPUT_SIZE", "(3, 224, 224)", "(3, 227, 227)",
    ),
    "the order of a concatenation": (
        "googlenet", "[y1, y2, y3, y4]", "[y1, y3, y2, y4]",
        "inception3a", "the block at branch2, of the input", "the block at branch3, of the input",
    ),
    "the aux heads exchanged": (
        "googlenet", "self.aux1(inception4a), self.aux2(inception4d)",
        "self.aux2(inception4d), self.aux1(inception4a)",
        "aux1", "the block at aux1, of inception4a", "the block at aux2, of inception4d",
    ),
    "a dropout": (
        "googlenet", "self.dropout1 = nn.Dropout(0.4)", "self.dropout1 = nn.Dropout(0.5)",
        "dropout1", "`dropout p=0.4`", "`dropout`",
    ),
}  # fmt: skip
"""What was edited -> net, text, edited text; the difference: path, spec's, module's."""


@pytest.mark.parametrize("what", EDITED)
def test_an_edit_is_found_with_what_the_spec_and_the_module_have(what):
    name, old, new, *difference = EDITED[what]
    text = (ROOT / "generated" / f"{name}.py").read_text(encoding="utf-8")
    assert old in text
    found = fault(elaborate(SPECS / f"{name}.cnn", name), text.replace(old, new))
    assert found is not None
    assert [found.path, found.spec, found.module] == difference
    assert found.line or found.path.startswith(("RECIPE", "INPUT_SIZE"))


def test_a_fault_has_its_line_its_place_in_the_spec_and_the_classes_around_it():
    text = RESNET.replace("128, stride=2", "130, stride=2")
    found = fault(elaborate(SPECS / "resnet18.cnn", "resnet18"), text)
    assert found is not None and found.span is not None
    assert found.within == ["Basic", "Stage"]
    assert found.line == line_of(text, "self.conv1 = nn.Conv2d(in_channels")
    assert found.span.source.name.endswith("families/resnet.cnn")
    assert str(found) == f"line {found.line}: {found.message}"


def test_an_edit_that_says_the_same_is_proved():
    """Other spellings of one module: what PyTorch cannot tell apart, the proof does not."""
    elaborated = elaborate(SPECS / "resnet18.cnn", "resnet18")
    for old, new in (
        ("7, stride=2, padding=3", "(7, 7), (2, 2), (3, 3)"),
        ("return F.relu(y + self.downsample(x), inplace=True)",
         "y = y + self.downsample(x)\n        return F.relu(y)"),
        ("y = self.bn2(self.conv2(y))", "z = self.conv2(y)\n        y = self.bn2(z)"),
        ("self.fc = nn.Linear(512,", "n = 256 * 2\n        self.fc = nn.Linear(n,"),
        ("import torch\nfrom torch import Tensor, nn\nfrom torch.nn import functional as F",
         "import torch\nimport torch.nn as nn, torch.nn.functional as F\nfrom torch import Tensor"),
        ("torch.flatten(x, 1)", "x.flatten(1)"),
        ("# 512x7x7", "# the last stage, as before"),
        ("padding=3, bias=False)", "padding=3, bias=False)  # 7x7 of old"),
    ):  # fmt: skip
        assert old in RESNET, old
        assert (found := fault(elaborated, RESNET.replace(old, new))) is None, found


def test_comments_with_shapes_are_proved():
    elaborated = elaborate(SPECS / "resnet18.cnn", "resnet18")
    stale = RESNET.replace("# 512x7x7", "# 512x8x8")
    assert str(fault(elaborated, stale)) == (
        f"line {line_of(stale, '# 512x8x8')}: the comment says 512x8x8, and the value has 512x7x7"
    )
    stale = RESNET.replace("# classes", "# classes + 1")
    assert "the comment says 1001" in str(fault(elaborated, stale))
    stale = RESNET.replace(
        "        x = self.layer1(x)", "        # 64x55x55\n        x = self.layer1(x)"
    )
    stale = stale.replace("x = self.layer1(x)  # 64x56x56", "x = self.layer1(x)")
    assert "the comment says 64x55x55" in str(fault(elaborated, stale))


def test_other_values_are_proved_with_the_factory_s_arguments():
    text = (ROOT / "generated" / "densenet121.py").read_text(encoding="utf-8")
    from cnnspec.elaborate.workspace import Workspace

    workspace = Workspace()
    unit = workspace.read(str(SPECS / "densenet121.cnn"))
    assert unit is not None
    other = workspace.elaborate(unit, "densenet121", set={"growth": 12, "classes": 7})
    assert other is not None
    assert fault(other, text, growth=12, classes=7) is None
    found = fault(other, text, growth=13, classes=7)
    assert found is not None and found.path.startswith("features")


def test_several_inputs_keep_their_names():
    source = spec("conv 4, 3x3").replace("input 8x8x8", "input left: 8x8x8\n  input right: 8x8x8")
    source = source.replace("conv 4, 3x3", "add { from left; from right } -> conv 4, 3x3")
    elaborated = elaborate(source)
    text = draft(elaborated)
    assert fault(elaborated, text) is None
    swapped = text.replace("left", "LEFT").replace("right", "left").replace("LEFT", "right")
    assert "the inputs: the spec has left, right" in str(fault(elaborated, swapped))


def test_the_text_is_one_that_python_reads():
    elaborated = elaborate(CONSTRUCTS["chain"])
    assert "no Python" in str(fault(elaborated, "def tested(:\n"))
    assert "no Python" in str(fault(elaborated, "x = 1\0"))
    assert "longer than" in str(fault(elaborated, "#" * (5 * 2**20)))
    assert "there is no function tested" in str(fault(elaborated, ""))
    assert ast.parse(draft(elaborated))
