import torch

from tests.ops.harness import check, form, make, module, refused


def test_dropout_is_pytorchs():
    check(make("dropout", 0.4), (3, 4, 5))
    check(make("dropout"), (7,))
    assert form(make("dropout"), (7,)).args == (0.5,)


def test_it_is_an_attribute_because_of_the_training_flag():
    assert form(make("dropout"), (7,)).function == ""
    built = module(make("dropout", 1), (7,)).train()
    assert not built(torch.ones(2, 7)).any()


def test_range_and_label():
    assert refused("E0109", make("dropout", 1.5), (7,)).argument == "p"
    assert make("dropout", 0.4).label() == "dropout 0.4"
