import torch

from tests.ops.harness import check, function, make, refused


def test_channel_shuffle_is_pytorchs():
    check(make("channel_shuffle", 3), (6, 4, 5))


def test_it_deals_the_groups_out_in_turn():
    x = torch.arange(6.0).view(1, 6, 1, 1)
    assert function(make("channel_shuffle", 2), x).flatten().tolist() == [0, 3, 1, 4, 2, 5]


def test_errors_and_label():
    refused("E0304", make("channel_shuffle", 4), (6, 4, 5))
    refused("E0303", make("channel_shuffle", 3), (6,))
    assert make("channel_shuffle", 3).label() == "channel shuffle, 3 groups"
