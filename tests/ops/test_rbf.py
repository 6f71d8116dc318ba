import torch

from tests.ops.harness import check, form, make, module, refused


def test_rbf_has_a_buffer_and_nothing_to_learn():
    check(make("rbf", 10), (84,))
    assert make("rbf", 10).params((84,)) == {}
    assert make("rbf", 10).buffers((84,)) == {"codes": (10, 84)}


def test_the_nearest_code_wins_with_distance_zero():
    built = module(make("rbf", 10), (84,))
    said = built(built.codes)
    assert said.argmax(1).tolist() == list(range(10))
    torch.testing.assert_close(said.diagonal(), torch.zeros(10))


def test_codes_differ_in_about_half_of_their_places():
    codes = module(make("rbf", 10), (84,)).codes
    assert set(codes.unique().tolist()) == {-1.0, 1.0}
    differ = (codes[:, None] != codes).sum(-1)[~torch.eye(10, dtype=torch.bool)]
    assert differ.min() >= 36 and differ.max() <= 48


def test_form_and_errors():
    said = form(make("rbf", 10), (84,))
    assert (said.module, said.args) == ("RBF", (84, 10))
    assert make("rbf", 10).label() == "RBF, 10"
    refused("E0302", make("rbf", 10), (120, 1, 1))
    refused("E0109", make("rbf", 0), (84,))
