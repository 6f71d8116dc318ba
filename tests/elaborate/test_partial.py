"""What an editor gets of unsaved files, and of nets that have errors (design: live, V0)."""

from __future__ import annotations

from pathlib import Path

from cnnspec import ir
from cnnspec.elaborate.files import from_disk
from cnnspec.elaborate.workspace import Workspace

LENET = (Path(__file__).parents[2] / "specs" / "lenet5.cnn").read_text(encoding="utf-8")


def layers(text: str, net: str, *, recovering: bool = False) -> list[str]:
    """The layers there are of a net with errors, each with its shape."""
    workspace = Workspace(recovering=recovering)
    unit = workspace.read_text(text)
    assert unit is not None
    assert workspace.elaborate(unit, net) is None and workspace.diagnostics.errors
    made = workspace.partial[id(unit.nets[net]), net].made
    found = [item for items in made for item in ir.members(items) if isinstance(item, ir.Layer)]
    return [f"{layer.op.name} {'x'.join(map(str, layer.shape))}" for layer in found]


def test_one_misspelt_op_leaves_the_shapes_of_the_other_layers():
    made = layers(LENET.replace("linear 84 ", "linera 84 "), "lenet5")
    assert made[0] == "conv 6x28x28"
    assert len(made) > 10


def test_layers_of_a_block_and_of_arms_with_an_error_are_there():
    block = "block u(c) { conv c, 3x3; rleu }\nnet it { input 3x8x8; u 4 }"
    assert layers(block, "it") == ["conv 4x6x6"]
    arms = "net it { input 4x8x8; add { conv 4, 3x3; skip }; relu }"
    assert layers(arms, "it") == ["conv 4x6x6"]


def test_a_text_with_a_syntax_error_is_elaborated_without_that_statement():
    text = "net it {\n  input 3x8x8\n  conv 4, 3x3\n  bn = , 3\n  rleu\n}\n"
    assert layers(text, "it", recovering=True) == ["conv 4x6x6"]
    assert Workspace().read_text(text) is None


def test_imports_come_through_the_reader(tmp_path: Path):
    block, net = tmp_path / "block.cnn", tmp_path / "net.cnn"
    block.write_text("block u(c) { conv c, 3x3 }")
    net.write_text('import u from "block.cnn"\nnet it { input 3x8x8; u 4 }')
    unsaved = {block.resolve(): b"block u(c) { conv c, 5x5 }"}

    def read(path: Path) -> bytes:
        found = unsaved.get(path.resolve())
        return from_disk(path) if found is None else found

    for workspace, size in ((Workspace(), 6), (Workspace(read), 4)):
        unit = workspace.read(str(net))
        assert unit is not None
        made = workspace.elaborate(unit, "it")
        assert made is not None and made.net.logits == (4, size, size)
