"""What an import does, counted: nothing twice, no weight copied, no more than twice for twice."""

import gc
import sys
from collections import Counter

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import cnnspec
from cnnspec.importing import importer
from cnnspec.importing.importer import Model, prepare, write
from cnnspec.importing.prove import Unequal, elaborate, keys
from cnnspec.importing.sources import model_source
from cnnspec.importing.torch.beside import Beside
from cnnspec.importing.torch.build import built
from cnnspec.importing.torch.capture import capture
from cnnspec.importing.torch.products import products
from cnnspec.importing.torch.source import import_module
from cnnspec.importing.torch.verify import build, verify
from cnnspec.importing.torch.weights import materialised, share

SIZE = (3, 16, 16)
TWICE = 2.3
"""What twice the blocks may cost (I6)."""


class Block(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(x + self.bn(self.conv(x)))


class Net(nn.Module):
    """Equal blocks, one behind the other."""

    def __init__(self, depth: int, channels: int = 4) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, channels, 3, padding=1)
        self.blocks = nn.Sequential(*(Block(channels) for _ in range(depth)))
        self.fc = nn.Linear(channels, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(self.blocks(self.stem(x)).mean((2, 3)))


@pytest.fixture
def calls(monkeypatch):
    """How often functions of PyTorch ran, by name and device."""
    found: Counter[tuple[str, str]] = Counter()
    for module, name in ((F, "conv2d"), (torch, "batch_norm")):
        run = getattr(module, name)

        def counted(x, *args, _name=name, _run=run, **words):
            found[_name, x.device.type] += 1
            return _run(x, *args, **words)

        monkeypatch.setattr(module, name, counted)
    return found


def traced(model: nn.Module):
    trace = capture(model, SIZE, "chain")
    prepare(trace)
    return trace


def test_equal_layers_run_once_on_meta(calls):
    capture(Net(12), SIZE, "chain")
    assert calls["conv2d", "meta"] == 2  # the stem and one of twelve, in both modes
    assert calls["batch_norm", "meta"] == 1


def test_a_layer_that_differs_in_one_attribute_runs_itself(calls):
    model = Net(3)
    model.blocks[1].conv = nn.Conv2d(4, 4, 3, padding=1, dilation=1, bias=True)
    model.blocks[2].conv = nn.Conv2d(4, 4, 5, padding=2, bias=False)
    capture(model, SIZE, "chain")
    assert calls["conv2d", "meta"] == 4


def test_what_both_compute_alike_is_computed_once(calls):
    model = Net(3)
    code = cnnspec.emit(elaborate(import_module(model, SIZE, "chain").text, "chain"))
    trace = traced(model)
    calls.clear()
    ran = Counter()
    model.blocks[0].conv.register_forward_hook(lambda *a: ran.update(["model"]))
    assert verify(model, code, trace, keys(trace)) == 0
    assert ran["model"] == 2  # of the copy: in training and in evaluation
    assert calls["batch_norm", "cpu"] == 3 * 2 * 2  # they have a state of their own


def test_behind_a_fault_nothing_is_taken_for_known():
    """The convolution behind it has another input: its own output is compared."""
    model = Net(2)
    code = cnnspec.emit(elaborate(import_module(model, SIZE, "chain").text, "chain"))
    assert "self.stem(x)" in code
    wrong = code.replace("self.stem(x)", "self.stem(x).mul(2)")
    trace = traced(model)
    with pytest.raises(Unequal, match=r"blocks\.0\.conv differs"):
        verify(model, wrong, trace, keys(trace))


def test_weights_have_one_memory_for_both_and_the_model_none():
    model = Net(6, 32)
    code = cnnspec.emit(elaborate(import_module(model, SIZE, "chain").text, "chain"))
    theirs, ours = materialised(model), build(code, "chain")
    share(theirs, ours, keys(traced(model)))
    kernels = [one for one in theirs.parameters() if one.dim() > 1]
    assert len({one.untyped_storage().data_ptr() for one in kernels}) < len(kernels)
    assert len({one.data_ptr() for one in kernels}) == len(kernels)
    own = dict(ours.named_parameters())
    for name, one in theirs.named_parameters():
        assert own[name].data_ptr() == one.data_ptr()


@pytest.mark.parametrize("change", ["exchanged", "turned", "rows"])
def test_kernels_in_one_memory_are_told_apart(change):
    """Equal shapes have other numbers: what stands in the wrong place gives other outputs."""
    model = Net(2, 8)
    theirs, ours = materialised(model), materialised(model)
    names = {path: path for path, _ in theirs.named_modules()}
    share(theirs, ours, {key: key for key in theirs.state_dict()})
    x = torch.randn(2, *SIZE)
    with torch.no_grad():
        assert Beside(theirs.eval(), ours.eval(), names).run(x)[2] == 0
        first, second = (one.conv.weight for one in ours.blocks)
        wrong = {
            "exchanged": second,
            "turned": first.transpose(0, 1),
            "rows": first.roll(1, 0),
        }[change]
        ours.blocks[0].conv.weight.data = wrong.clone()
        with pytest.raises(Unequal, match=r"blocks\.0\.conv differs"):
            Beside(theirs, ours, names).run(x)


def test_a_net_is_elaborated_and_written_once(monkeypatch):
    from cnnspec.backends import torch as backend

    ran: Counter[str] = Counter()
    for module, name in ((importer, "elaborate"), (importer, "folded"), (backend, "emit")):
        run = getattr(module, name)

        def counted(*args, _name=name, _run=run, **words):
            ran[_name] += 1
            return _run(*args, **words)

        monkeypatch.setattr(module, name, counted)
    import_module(Net(3), SIZE, "chain")
    assert ran == {"elaborate": 1, "folded": 1, "emit": 1}


def test_no_text_is_proved_twice(monkeypatch):
    proved = []

    def never(trace, elaborated):
        raise Unequal("never")

    monkeypatch.setattr(
        importer, "elaborate", lambda text, name: proved.append(text) or elaborate(text, name)
    )
    monkeypatch.setattr(importer, "prove", never)
    with pytest.raises(importer.Refused):
        write([Model(traced(nn.Sequential(nn.Conv2d(3, 4, 3))))])
    assert proved and len(set(proved)) == len(proved)


def test_twice_the_blocks_are_twice_the_work():
    few, many = (counted(lambda n=n: import_module(Net(n), SIZE, "chain")) for n in (20, 40))
    assert many <= TWICE * few


def counted(work) -> int:
    """How many calls of functions in Python some work is."""
    work()  # what is found once only
    calls = 0

    def count(frame, event, arg):
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return calls


def test_a_deep_net_does_not_overflow_in_evaluation():
    """With weights drawn anew the maps of ResNet-1202 grow to infinity, and prove nothing."""
    assert import_module(Net(200), (3, 8, 8), "chain").difference == 0


def test_no_garbage_is_looked_for_and_then_as_before():
    seen = []

    class Asks(Net):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            seen.append(gc.isenabled())
            return super().forward(x)

    collected = gc.isenabled()
    cnnspec.import_(Asks(1), SIZE, "chain")
    assert seen and not any(seen)
    assert gc.isenabled() == collected


WIDTHS = '''
import torch
from torch import nn


class Net(nn.Sequential):
    """Widths computed with tensors, as RegNet's are."""

    made = 0

    def __init__(self):
        Net.made += 1
        super().__init__(*(nn.Conv2d(3, int(w), 1) for w in torch.arange(1, 2) * 512))
'''


def test_a_model_that_computes_its_widths_is_built_without_memory(tmp_path):
    (tmp_path / "widths.py").write_text(WIDTHS)
    model, _ = built(model_source(f"{tmp_path}/widths.py:Net"))
    assert all(one.is_meta for one in model.parameters())
    assert type(model).made == 2


class Padded(nn.Module):
    """Zeros beside the map that stand before the convolution, as TensorFlow's nets have them."""

    def __init__(self) -> None:
        super().__init__()
        self.pad, self.conv = nn.ZeroPad2d(1), nn.Conv2d(3, 4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(self.pad(x))


def test_a_convolution_that_takes_up_a_padding_is_the_same():
    found = import_module(Padded(), SIZE, "chain")
    assert found.difference == 0 and "pad" in found.text


@pytest.mark.parametrize(
    "conv",
    [
        nn.Conv2d(1024, 1024, 1),
        nn.Conv2d(1024, 1024, 1, stride=2, bias=False),
        nn.Conv2d(512, 1024, (3, 2), stride=(2, 1), padding=(1, 1), groups=2),
        nn.Conv2d(512, 512, 3, padding=2, dilation=2),
    ],
    ids=str,
)
def test_a_large_kernel_on_a_small_map_is_a_product(conv, monkeypatch):
    x = torch.randn(2, conv.in_channels, 2, 2)
    with torch.no_grad():
        wanted = conv(x)
        with products([conv]):
            monkeypatch.setattr(conv, "_conv_forward", lambda *a: pytest.fail("convolved"))
            found = conv(x)
    assert found.shape == wanted.shape
    assert (found - wanted).abs().max() <= 1e-5 * wanted.abs().max()
    assert "forward" not in vars(conv)


def test_on_a_larger_map_or_with_other_edges_it_is_no_product():
    torch.manual_seed(0)
    for conv, side in ((nn.Conv2d(1024, 1024, 1), 8), (nn.Conv2d(512, 512, 3, 1, 1), 4),
                       (nn.Conv2d(512, 512, 3, 1, 1, padding_mode="reflect"), 2),
                       (nn.Conv2d(512, 512, 3, padding="same"), 2)):  # fmt: skip
        x = torch.randn(2, conv.in_channels, side, side)
        with torch.no_grad():
            wanted = conv(x)
            with products([conv]):
                assert torch.equal(conv(x), wanted)
