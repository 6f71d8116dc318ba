"""A training step of small nets to the byte: PyTorch's live tensors, and rows counted by hand."""

from __future__ import annotations

import pytest
import torch

from cnnspec import ir
from cnnspec.analyses.memory import LayerMemory, Memory, memory, recipe_optimizer
from tests.analyses.live import Live
from tests.analyses.test_memory import kept_by_autograd
from tests.backends.harness import elaborate, load, text_of

TAIL = "relu -> flatten -> linear 5 }"
NETS = {
    "vectors": "net n { input 6\n linear 5 -> relu -> linear 4 -> relu -> linear 3 }",
    "a chain": "net n { input 3x8x8\n conv 4, 3x3 -> relu -> conv 6, 3x3 -> " + TAIL,
    "batch norm and pool": "net n { input 3x8x8\n conv 4, 3x3, bias=false -> bn -> relu\n"
    "maxpool 2x2/2 -> conv 6, 3x3 -> " + TAIL,
    "a concat": "net n { input 3x8x8\n conv 4, 3x3, pad=1 -> relu\n"
    "concat { skip; conv 4, 3x3, pad=1 -> bn } -> " + TAIL,
    "a pool of the image": "net n { input 3x8x8\n maxpool 2x2/2 -> conv 4, 3x3, pad=1 -> " + TAIL,
    "as large as the image": "net n { input 3x8x8\n relu -> conv 4, 3x3, pad=1 -> " + TAIL,
    "a small map": "net n { input 30x8x8\n conv 1, 3x3 -> flatten -> linear 50 }",
    "a shared layer": "net n { input 3x8x8\n conv 4, 3x3 -> one: conv 4, 3x3, pad=1 -> relu\n"
    "share one -> " + TAIL,
    "the image beside a map": "net n { input 3x8x8\n conv 4, 3x3, pad=1 -> relu\n"
    "concat { from image; skip } -> conv 4, 1x1 -> " + TAIL,
    "unequal padding": "net n { input 3x8x8\n conv 4, 2x2, pad=[0, 1, 0, 1] -> " + TAIL,
}
LOSS = 8
"""Bytes of the sum that the test takes for a loss, and of its gradient."""


def found(text: str, **how: object) -> Memory:
    net = elaborate(text).net
    return memory(net, ir.graph(net), **how)


def made(text: str, batch: int) -> tuple[torch.nn.Module, list[torch.Tensor]]:
    """The generated module and its images, without numbers."""
    with torch.device("meta"):
        net = load(text_of(text)).n().train()
        shapes = [map(int, entry.shape) for entry in elaborate(text).net.inputs]
        return net, [torch.zeros(batch, *shape) for shape in shapes]


@pytest.mark.parametrize("batch", [2, 3])
@pytest.mark.parametrize("name", NETS)
def test_a_training_step_to_the_byte(name, batch):
    net, (image,) = made(NETS[name], batch)
    live = Live(net)
    live.see(image)
    with live:
        logits = net(image)
        logits.sum().backward()
    step = found(NETS[name], batch=batch)
    assert step.peak_training == live.peak - LOSS
    assert step.kept == kept_by_autograd(
        *made(NETS[name], batch)[:1], made(NETS[name], batch)[1][0]
    )


def test_two_images_stay_to_the_end():
    text = (
        "net n { input a: 3x8x8\n input b: 4x8x8\n concat { from a; from b } -> conv 4, 1x1\n"
        + TAIL
    )
    net, images = made(text, 2)
    live = Live(net)
    for image in images:
        live.see(image)
    with live:
        logits = net(*images)
        logits.sum().backward()
    assert found(text, batch=2).peak_training == live.peak - LOSS


BLOCKS = """
block unit(c) seq { conv c, 3x3, pad=1, bias=false; bn; relu }
net n {
  input 3x8x8
  a: unit 4
  b: { maxpool 2x2/2; inner: seq { conv 6, 1x1; relu } }
  dropout
  flatten -> linear 5 -> softmax
  aux side: from a -> global_avgpool -> flatten -> linear 2
}
"""


@pytest.mark.parametrize("batch", [2, 5])
def test_the_rows_of_every_layer(batch):
    """Numbers of 2 bytes; batch norm keeps two float32 a channel, dropout a byte a number, and a
    pool 8 bytes a maximum.  A ReLU behind a fresh map takes nothing.
    """
    image, a, pooled, b = 2 * 3 * 64, 2 * 4 * 64, 2 * 4 * 16, 2 * 6 * 16
    step = found(BLOCKS, batch=batch, dtype="float16", optimizer="adam")
    assert step.layers == tuple(
        LayerMemory(path, batch * taken, batch * kept + fixed)
        for path, taken, kept, fixed in [
            ("image", image, 0, 0),
            ("a.0", a, image, 0),
            ("a.1", a, a, 2 * 4 * 4),
            ("a.2", 0, a, 0),
            ("b.maxpool1", pooled, 8 * 4 * 16, 0),
            ("b.inner.0", b, pooled, 0),
            ("b.inner.1", 0, b, 0),
            ("dropout1", b, 6 * 16, 0),
            ("flatten1", 0, 0, 0),
            ("linear1", 2 * 5, b, 0),
            ("softmax1", 0, 0, 0),
            ("side.global_avgpool1", 2 * 4, 0, 0),
            ("side.flatten1", 0, 0, 0),
            ("side.linear1", 2 * 2, 2 * 4, 0),
        ]
    )
    assert step.kept == sum(row.kept for row in step.layers)
    params = 108 + 8 + 30 + 485 + 10
    assert (step.params, step.buffers, step.state) == (2 * params, 2 * 8 + 8, 4 * params)
    assert step.inference == step.params + step.buffers + step.peak_inference
    assert step.training == step.params + step.buffers + step.state + step.peak_training
    assert (step.batch, step.dtype, step.optimizer) == (batch, "float16", "adam")


def test_a_padded_copy_is_taken_by_its_convolution():
    rows = found("net n { input 3x8x8\n conv 4, 3x3, pad=[1, 2, 3, 5] }").layers
    assert rows[1] == LayerMemory("conv1", 4 * (3 * 11 * 16 + 4 * 9 * 14), 4 * 3 * 11 * 16)


def test_where_the_peaks_are():
    assert found("net n { input 2\n linear 9 -> relu -> linear 1 }", batch=64).where == (
        "linear2",
        "relu1",
    )
    text = "net n { input 2\n linear 20 -> tanh -> linear 20 -> tanh -> linear 90 -> softmax }"
    assert found(text, batch=64).where == ("linear3", "linear3")


def test_an_optimizer_without_a_name_is_sgd():
    assert recipe_optimizer({"optimizer": {"lr": 0.1}}) == "sgd"
    assert recipe_optimizer({"optimizer": {"name": "rmsprop"}}) == "rmsprop"
    assert recipe_optimizer({"optimizer": {"momentum": 0.9}}) == "momentum"
    assert recipe_optimizer({"optimizer": "adam"}) == "momentum"
