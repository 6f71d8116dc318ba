import torch

from tests.ops.harness import check, form, make, module, refused


def test_dropout2d_is_pytorchs():
    check(make("dropout2d"), (3, 4, 5))
    assert form(make("dropout2d", 0.2), (3, 4, 5)).args == (0.2,)
    assert make("dropout2d").label() == "dropout 2d 0.5"


def test_in_training_whole_maps_are_zero_and_the_others_grow():
    torch.manual_seed(0)
    dropped = module(make("dropout2d", 0.5), (64, 4, 5))(torch.ones(2, 64, 4, 5))
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert (dropped == dropped[..., :1, :1]).all()


def test_errors():
    assert refused("E0109", make("dropout2d", 2), (3, 4, 5)).argument == "p"
    refused("E0303", make("dropout2d"), (3,))
