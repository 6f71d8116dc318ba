"""The proof sees what is wrong: each control is a text or a module with one thing changed."""

import re

import pytest
import torch

from cnnspec.api import emit
from cnnspec.importing.importer import prepare
from cnnspec.importing.prove import Unequal, elaborate, keys, prove
from cnnspec.importing.torch.capture import capture
from cnnspec.importing.torch.source import import_module
from cnnspec.importing.torch.verify import verify
from tests.importing import awkward

SIZE = (3, 32, 32)


class Net(torch.nn.Module):
    """A residual block with all that may go wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(8, eps=1e-3)
        self.conv2 = torch.nn.Conv2d(8, 8, 3, padding=1)
        self.drop = torch.nn.Dropout(0.3)
        self.fc = torch.nn.Linear(16, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.bn1(self.conv1(x)))
        x = torch.cat([self.conv2(x), x], 1)
        return self.fc(self.drop(x.mean((2, 3))))


def traced():
    trace = capture(Net(), SIZE, "net_model")
    prepare(trace)
    return trace


TEXT = import_module(Net(), SIZE, "net_model").text


def test_the_text_is_proved():
    prove(traced(), elaborate(TEXT, "net_model"))


CHANGES = {
    "eps": (r"eps=0.001", "eps=0.01"),
    "dropout": (r"dropout 0.3", "dropout 0.31"),
    "order of the arms": (r"concat \{ (conv 8, 3x3, same); skip \}", r"concat { skip; \1 }"),
    "activation": (r"relu", "silu"),
    "name": (r"fc: ", "head: "),
    "bias": (r"bias=false", "bias=true"),
    "window": (r"3x3", "5x5"),
    "pool": (r"global_avgpool", "global_maxpool"),
    "nothing": (r"\}\n$", "conv oops\n}\n"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_i2_a_text_that_says_another_net_is_seen(change):
    pattern, new = CHANGES[change]
    text = re.sub(pattern, new, TEXT, count=1)
    assert text != TEXT
    text = re.sub(r" *claim.*\n", "", text)
    with pytest.raises(Unequal):
        prove(traced(), elaborate(text, "net_model"))


def test_i2_a_first_convolution_1_5_times_too_large_is_seen():
    trace, net = traced(), elaborate(TEXT, "net_model")
    code = emit(net)
    assert verify(Net(), code, trace, keys(trace)) == 0
    wrong = code.replace("self.conv1(x)", "(self.conv1(x) * 1.5)", 1)
    assert wrong != code
    with pytest.raises(Unequal, match=r"bn1 differs|differs"):
        verify(Net(), wrong, trace, keys(trace))


def test_i2_a_wrong_key_is_seen():
    trace = traced()
    names = keys(trace)
    names["conv1.weight"] = "other.weight"
    with pytest.raises(Unequal, match="other tensors"):
        verify(Net(), emit(elaborate(TEXT, "net_model")), trace, names)


def test_importing_leaves_the_model_as_it_was():
    model = awkward.AuxInTraining().train()
    model.body.eval()
    before = {key: value.clone() for key, value in model.state_dict().items()}
    modes = [module.training for module in model.modules()]
    import_module(model, SIZE, "net_model")
    after = model.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[key], after[key]) for key in before)
    assert [module.training for module in model.modules()] == modes
    assert {p.device.type for p in model.parameters()} == {"cpu"}
    hooks = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks")
    assert not any(getattr(module, name) for module in model.modules() for name in hooks)
    assert torch.nn.functional.dropout.__module__ == "torch.nn.functional"


def test_no_weight_is_copied_by_the_capture(monkeypatch):
    model = awkward.UNet()
    monkeypatch.setattr(
        torch.Tensor, "__deepcopy__", lambda *a, **k: pytest.fail("a tensor was copied")
    )
    assert capture(model, SIZE, "u_net").tensors
