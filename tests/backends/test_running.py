"""Generated modules at work: gradients, in-place ReLU, parameters, and PyTorch's own compilers."""

import pytest
import torch

from tests.backends.harness import CASES, SPECS, build, load, text_of

SMALL = [
    (SPECS / "lenet5.cnn", "lenet5"),
    (SPECS / "resnet20.cnn", "resnet20"),
    (SPECS / "plain20.cnn", "plain20"),
    (CASES / "preact.cnn", "resnet20_preact"),
    (CASES / "tour.cnn", "tour"),
]
IDS = [name for _, name in SMALL]


def outputs(net, x):
    result = net(x)
    return result if isinstance(result, tuple) else (result,)


@pytest.mark.parametrize(("path", "name"), SMALL, ids=IDS)
class TestSmallNets:
    def test_every_parameter_gets_a_gradient(self, path, name):
        module = load(text_of(path, name))
        net = getattr(module, name)()
        sum(y.square().mean() for y in outputs(net, torch.randn(2, *module.INPUT_SIZE))).backward()
        assert all(p.grad is not None and p.grad.isfinite().all() for p in net.parameters())

    def test_relu_in_place_changes_no_gradient(self, path, name):
        text = text_of(path, name)
        assert "inplace=True" in text
        plain = text.replace(", inplace=True", "").replace("inplace=True", "")
        x = torch.randn(2, *load(text).INPUT_SIZE)
        one, two = build(text, name), build(plain, name)
        two.load_state_dict(one.state_dict())
        for net in (one, two):
            sum(y.square().mean() for y in outputs(net, x)).backward()
        for a, b in zip(one.parameters(), two.parameters(), strict=True):
            assert torch.equal(a.grad, b.grad)

    def test_fx_and_export_give_equal_outputs(self, path, name):
        module = load(text_of(path, name))
        net = getattr(module, name)().eval()
        x = torch.randn(2, *module.INPUT_SIZE)
        batch = torch.export.Dim("batch", min=1, max=64)
        wanted = outputs(net, x)
        for other in (
            torch.fx.symbolic_trace(net),
            torch.export.export(net, (x,), dynamic_shapes={"x": {0: batch}}).module(),
        ):
            for a, b in zip(wanted, outputs(other, x), strict=True):
                assert torch.equal(a, b)


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        (SPECS / "resnet34.cnn", 120),
        (SPECS / "resnet50.cnn", 125),
        (CASES / "vgg_d.cnn", 80),
        (CASES / "googlenet.cnn", 160),
        (CASES / "inception_v3.cnn", 330),
        (CASES / "densenet121.cnn", 130),
    ],
    ids=lambda value: getattr(value, "stem", str(value)),
)
def test_files_are_short(path, lines):
    assert text_of(path, path.stem).count("\n") <= lines


def test_classes_reach_every_head():
    text = text_of(CASES / "googlenet.cnn", "googlenet")
    with torch.device("meta"):
        net = build(text, "googlenet", classes=7)
        assert [y.shape for y in net(torch.zeros(2, 3, 224, 224))] == [(2, 7)] * 3


def test_numbers_that_stay_are_free():
    text = text_of(CASES / "densenet121.cnn", "densenet121")
    with torch.device("meta"):
        net = build(text, "densenet121", growth=48, classes=3)
        assert net(torch.zeros(2, 3, 64, 64)).shape == (2, 3)
        assert net.features.conv0.out_channels == 96


def test_initial_weights_are_the_paper_s():
    net = build(text_of(SPECS / "resnet20.cnn"), "resnet20")
    weight = net.layer3[1].conv1.weight
    assert weight.std().item() == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.05)
    net = build(text_of(CASES / "tour.cnn", "tour"), "tour")
    assert net.scale3[0][0].conv1.weight.abs().max() > 0.08


def test_a_tapped_value_is_not_changed_in_place():
    text = text_of(
        """
net taps(classes = 3) {
  default conv pad=same -> relu
  input 3x8x8
  first: bare conv 4, 3x3
  relu
  conv 4, 3x3
  output low: from first -> bare conv classes, 1x1
  trunk: seq { bare conv 4, 3x3; relu; bare conv 4, 3x3 }
  output mid: from trunk[0] -> bare conv classes, 1x1
  global_avgpool -> flatten
  linear classes
}
"""
    )
    plain = text.replace(", inplace=True", "").replace("inplace=True", "")
    assert text.count("inplace=True") == 1  # behind conv2 only
    x = torch.randn(1, 3, 8, 8)
    one, two = build(text, "taps"), build(plain, "taps")
    two.load_state_dict(one.state_dict())
    for a, b in zip(one(x), two(x), strict=True):
        assert torch.equal(a, b)
