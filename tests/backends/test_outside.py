"""An op that comes from outside the package: one class, and every command knows it (D4)."""

from typing import ClassVar

import pytest
import torch

from cnnspec.backends.torch import check, emit
from cnnspec.elaborate.workspace import Workspace
from cnnspec.ops import op as base
from cnnspec.ops import ops
from cnnspec.ops.reading import Arguments
from tests.backends.harness import load

SPEC = """
net rolled(classes = 10) {
  input 3x8x8
  conv 8, 3x3 -> roll 2 -> relu
  global_avgpool -> flatten -> linear classes
}
"""


@pytest.fixture
def roll(monkeypatch):
    """`roll 2`: the rows of a map, two places on; torch.roll."""
    monkeypatch.setitem(ops()._names, "roll", None)

    @base.op
    class Roll(base.Op):
        """Rows come in again at the top."""

        name: ClassVar[str] = "roll"
        kind: ClassVar[base.Kind] = "shape"
        reads = ("torch.roll(input, shifts, dims)",)
        shift: int

        @classmethod
        def read(cls, said: Arguments) -> base.Reading:
            said.only("dims", 2, "rows")
            return base.Reading(cls(said.integer("shifts")))

        def torch(self, *inputs: base.TorchInput) -> base.TorchForm:
            return base.TorchForm(function=f"torch.roll({{x}}, {self.shift}, 2)")

    yield Roll
    del base.REGISTRY["roll"]


def built():
    workspace = Workspace()
    unit = workspace.read_text(SPEC)
    elaborated = workspace.elaborate(unit, "rolled")
    assert elaborated is not None, [d.message for d in workspace.diagnostics]
    return emit(elaborated)


def test_d4_an_op_is_one_class(roll):
    net = load(built()).rolled().eval()
    x = torch.randn(2, 3, 8, 8)
    y = torch.relu(torch.roll(net.conv1(x), 2, 2)).mean((2, 3))
    assert torch.allclose(net(x), net.linear1(y), atol=1e-6)


def test_d4_an_op_that_does_not_say_what_it_calls_is_refused(roll):
    roll.reads = ()
    with pytest.raises(check.UnexpectedCode, match=r"torch\.roll"):
        built()


@pytest.mark.parametrize("name", [name for name, cls in ops().items() if cls.brings()])
def test_every_op_says_what_its_class_calls(name, monkeypatch):
    """A file that uses this op alone may hold the op's class."""
    monkeypatch.setattr(check, "REGISTRY", {name: ops()[name]})
    imports = "import torch\nfrom torch import Tensor, nn\nfrom torch.nn import functional as F\n"
    check.check(f"{imports}\n\n{ops()[name].brings()}")
