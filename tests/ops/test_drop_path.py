import torch

from tests.ops.harness import check, form, make, module, refused


def test_drop_path_does_nothing_at_inference():
    check(make("drop_path", 0.4), (3, 4, 5))
    check(make("drop_path", 0.4), (7,))


def test_in_training_it_drops_whole_images_and_scales_the_others():
    torch.manual_seed(0)
    built = module(make("drop_path", 0.25), (3, 2, 2)).train()
    output = built(torch.ones(4000, 3, 2, 2)).flatten(1)
    assert (output == output[:, :1]).all()
    kept = output[:, 0] != 0
    assert abs(kept.float().mean() - 0.75) < 0.03
    torch.testing.assert_close(output[kept], torch.full_like(output[kept], 1 / 0.75))


def test_it_is_an_attribute_because_of_the_training_flag():
    assert form(make("drop_path", 0.1), (7,)).function == ""


def test_range_and_label():
    assert refused("E0109", make("drop_path", 1.5), (7,)).argument == "p"
    assert make("drop_path", 0.1).label() == "drop path 0.1"
