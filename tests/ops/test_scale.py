import torch

from tests.ops.harness import check, form, make, module, refused, tensors


def test_scale_counts_its_parameters():
    check(make("scale"), (6, 4, 5))
    check(make("scale", bias=True), (6, 4, 5))
    assert make("scale", bias=True).params((6, 14, 14)) == {"weight": (6,), "bias": (6,)}


def test_it_is_a_gain_and_a_bias_for_each_channel():
    built = module(make("scale", True, 0.5), (3, 4, 5))
    (x,) = tensors((3, 4, 5))
    torch.testing.assert_close(built(x), 0.5 * x)
    with torch.no_grad():
        built.weight.copy_(torch.tensor([1.0, 2.0, 3.0]))
        built.bias.copy_(torch.tensor([0.0, 1.0, 0.0]))
    torch.testing.assert_close(built(x)[:, 1], 2 * x[:, 1] + 1)


def test_form_and_errors():
    said = form(make("scale", bias=True), (6, 4, 5))
    assert (said.module, said.args, said.keywords) == ("Scale", (6,), (("bias", True),))
    refused("E0303", make("scale"), (6,))


def test_i4_its_own_key_makes_the_gain_a_parameter_of_the_module_around_it():
    gain = make("scale", value=0.5, own_key=True)
    assert gain.params((6, 4, 5)) == {"": (6, 1, 1)}
    said = form(gain, (6, 4, 5))
    assert (said.module, said.args, said.function) == ("torch.full", ((6, 1, 1), 0.5), "")
    assert said.own == "{own} * {x}"
    assert refused("E0109", make("scale", bias=True, own_key=True), (6, 4, 5)).argument == "bias"
