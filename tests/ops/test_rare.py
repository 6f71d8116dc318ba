"""What ops say to callers that few nets bring: memory of norms and means, sizes not known yet."""

import pytest

from cnnspec.ops import torch
from cnnspec.ops.reach import Reach
from cnnspec.ops.sliding import resolve
from cnnspec.ops.torch import form
from cnnspec.values import TF_SAME, Dims, Padding, Window
from tests.ops.harness import make

FLOAT = 4
"""Bytes of an element."""


@pytest.mark.parametrize(
    ("op", "shape", "bytes_"),
    [
        (make("instance_norm"), (3, 4, 5), 2 * 4 * 3),  # mean and deviation of each map, in float32
        (make("l2norm"), (3, 4, 5), 2 * FLOAT * 20),  # the length at each place, and at least 1e-12
        (make("mean"), (3, 4, 5), FLOAT * 60),  # the sum
    ],
)
def test_scratch(op, shape, bytes_):
    assert op.scratch(FLOAT, shape) == bytes_


def test_a_crop_and_a_resize_are_told_the_size_that_a_label_stands_for():
    beside = make("resize", to=None, size=Dims((9, 7)))
    assert beside.told((3, 5, 6)) is beside
    assert make("relu").told((3, 5, 6)) == make("relu")


@pytest.mark.parametrize(("name", "channels"), [("pixel_shuffle", 2), ("pixel_unshuffle", 32)])
def test_channels_that_leave_where_only_channels_are_known(name, channels):
    assert make(name, 2).channels_out(8) == channels
    assert make(name, 2).channels_out(None) is None


def test_l5_tf_same_is_that_of_a_stride_of_1_where_the_size_is_open():
    window = Window((3, 3), (2, 2))
    assert resolve(TF_SAME, window) == Padding(1, 1, 1, 1)
    assert resolve(TF_SAME, window, x=(3, 8, 8)) == Padding(0, 1, 0, 1)


def test_a_resize_may_see_all_that_arrives():
    assert make("resize", 3).reach() == Reach(None)


def test_a_loaded_op_is_indexed_when_it_is_asked_for(monkeypatch):
    monkeypatch.setattr(torch, "_INDEXED", set())
    monkeypatch.setattr(torch, "_FOUND", {})
    assert torch.form("nn.Conv2d", loaded=True) is not None


def test_no_op_has_a_form_of_this_name():
    assert form("nn.Nonsense") is None
    assert form("nn.Nonsense", loaded=True) is None
