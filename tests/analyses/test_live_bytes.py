"""The bytes alive after every op of a forward pass, against PyTorch's live tensors."""

from __future__ import annotations

import pytest
import torch

from cnnspec.analyses.heap import Heap
from cnnspec.analyses.liveness import run
from tests.analyses.live import Live
from tests.backends.harness import elaborate, load, text_of
from tests.backends.test_constructs import CONSTRUCTS, spec

PEAK_ONLY = {"norms", "scale", "permuted maps", "arms of different flow"}
"""LRN and scale are several ops of PyTorch, a turned map is copied by `flatten`, and what one class
decides at run time works in place in no branch: at such places the module has a step more.
"""


class Steps(Heap):
    """A heap that writes down the bytes alive after each op that took memory."""

    def __init__(self, *, training: bool = False) -> None:
        super().__init__(2, 4, training)
        self.steps: list[int] = []
        self.taken = False

    def tensor(self, shape):
        self.taken = True
        return super().tensor(shape)

    def reached(self, path, beside=0):
        super().reached(path, beside)
        if self.taken:
            self.steps.append(self.now + beside)
        self.taken = False


def live(text: str, *, training: bool = False) -> Live:
    """What PyTorch holds while the generated module works on two images."""
    net = elaborate(text).net
    with torch.device("meta"):
        made = getattr(load(text_of(text)), net.name)().train(training)
        images = [torch.zeros(2, *map(int, entry.shape)) for entry in net.inputs]
    found = Live(made)
    for image in images:
        found.see(image)
    with torch.no_grad(), found:
        made(*images)
    return found


def steps(text: str, *, training: bool = False) -> Steps:
    heap = Steps(training=training)
    run(elaborate(text).net, heap)
    return heap


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_the_bytes_alive_in_every_construct(name):
    """Taps into blocks, several inputs, open loops: every body that a module can have."""
    found, wanted = steps(CONSTRUCTS[name]), live(CONSTRUCTS[name])
    assert found.peak == wanted.peak, found.where
    if name not in PEAK_ONLY:
        assert found.steps[1:] == wanted.steps  # the first are the images


BODIES = {
    "what nests around a linear layer": spec(
        "flatten -> tanh -> linear 50 -> bn -> tanh -> linear 40 -> tanh\n"
        "linear 30 -> bn -> tanh -> linear 20 -> tanh -> linear 19 -> relu -> linear 9"
    ),
    "what nests around a convolution": spec(
        "tanh -> conv 9, 3x3 -> bn -> tanh -> conv 6, 3x3 -> maxpool 2x2/2 -> conv 5, 3x3 -> bn\n"
        "tanh -> conv 4, 2x2, pad=[0, 1, 0, 1] -> bn -> tanh -> conv 3, 3x3 -> gn 3 -> tanh"
    ),
    "what nests around joins": spec(
        "concat { conv 9, 3x3; skip } -> tanh -> conv 8, 3x3 -> bn -> tanh\n"
        "add { conv 8, 3x3; skip } -> tanh -> conv 5, 3x3 -> bn -> tanh\n"
        "mul { conv 5, 3x3; skip } -> tanh -> conv 4, 3x3 -> bn -> tanh"
    ),
    "functions in the arms of a join": spec(
        "add { relu; conv 8, 3x3 } -> tanh -> conv 9, 3x3 -> bn -> tanh -> conv 6, 1x1"
    ),
    "a head within": spec(
        "gate\nconv 3, 1x1 -> sigmoid -> conv 4, 1x1 -> flatten -> linear 3 -> softmax",
        "block gate() { mul { skip; conv 8, 1x1 -> sigmoid }; conv 7, 1x1 -> sigmoid }",
    ),
    "forks in forks": spec(
        "add { skip; { conv 8, 3x3; add { conv 8, 1x1; { conv 7, 3x3; concat { conv 6, 1x1; {\n"
        "conv 9, 1x1; concat { skip; { conv 5, 3x3; concat { conv 3, 1x1; { conv 2, 3x3\n"
        "conv 2, 1x1 } } } } } }; conv 8, 1x1 } } } }"
    ),
    "one fork after the other": spec(
        "add { conv 9, 3x3 -> conv 6, 1x1; conv 6, 1x1 } -> relu\n"
        "add { conv 9, 3x3 -> conv 6, 1x1; conv 7, 1x1 -> conv 6, 1x1; skip }\n"
        "concat { conv 3, 3x3; conv 2, 1x1; skip } -> conv 3, 1x1"
    ),
    "labels that are the names of variables": spec(
        "x: conv 9, 3x3 -> relu\ny: conv 20, 3x3 -> relu -> conv 2, 1x1\n"
        "add { conv 8, 1x1 -> conv 2, 1x1; conv 7, 1x1 -> conv 2, 1x1 }\n"
        "concat { skip; from y -> conv 9, 1x1; from x -> conv 3, 1x1 } -> conv 2, 1x1"
    ).replace("input 8x8x8", "input x1: 8x8x8"),
    "a level that taps the one around it": spec(
        "conv 3, 1x1\nouter: { first: conv 9, 3x3 -> relu -> conv 5, 3x3\n"
        "inner: { conv 4, 3x3; concat { skip; from first }; conv 3, 1x1 } }"
    ),
    "an arm of one layer that a later arm taps": spec(
        "add { a: conv 8, 1x1; conv 8, 3x3, 1 -> add { skip; from a } }; from a\n"
        "concat { c: relu; d: relu; add { from c; from d } } -> conv 3, 1x1"
    ),
    "four paddings": spec("conv 4, 3x3, pad=[1, 2, 3, 5] -> tanh -> conv 2, 1x1"),
    "a shared block": spec(
        "one: unit\ntanh\nshare one\nconv 9, 1x1", "block unit() { conv 9, 3x3; tanh; conv 8, 1x1 }"
    ),
    "a tap beside a block in a container": spec(
        "a: seq { unit; conv 5, 3x3; tanh; unit }\noutput o: from a[1] -> conv 2, 1x1\nconv 3, 1x1",
        "block unit() { conv 9, 3x3; tanh; conv 8, 1x1 }",
    ),
    "a tap of a shared layer": spec(
        "one: conv 8, 3x3 -> relu -> share one -> tanh -> conv 3, 1x1\nconcat { from one; skip }"
    ),
}


def test_l16_the_softmax_of_every_output_is_left_out():
    text = """net n { input 3x8x8
      a: conv 4, 1x1
      output side: from a -> conv 2, 1x1 -> sigmoid
      output mid: from a -> { conv 9, 1x1; gate: seq { conv 3, 1x1; sigmoid } }
      relu -> conv 5, 1x1 -> end: seq { flatten; linear 50; softmax } }"""
    assert steps(text).steps[1:] == live(text).steps


@pytest.mark.parametrize("name", BODIES)
def test_the_bytes_alive_after_every_op(name):
    assert steps(BODIES[name]).steps[1:] == live(BODIES[name]).steps


UNIT = "bn -> conv 64, 1x1, bias=false -> conv 16, 3x3, pad=same"
LOOPS = {
    "a loop of eight turns, written out": f"repeat 8 {{ {UNIT} }}",
    "a loop of ten turns": f"repeat 10 {{ {UNIT} }}",
    "loops in loops": f"repeat 9 {{ repeat 2 {{ {UNIT} }}; relu; repeat 12 {{ {UNIT} }} }}",
    "what follows a loop": f"repeat 10 {{ {UNIT} }}; bn -> relu -> conv 7, 1x1 -> bn",
    "an activation that begins a turn": "repeat 9 { tanh -> conv 64, 3x3, same; conv 16, 1x1 }",
    "a ReLU that begins a turn": "repeat 9 { relu -> conv 64, 3x3, same; conv 16, 1x1 }",
    "forks that end a turn": "repeat 9 { tanh; add { skip; conv 16, 3x3, same -> bn } }",
    "a for": f"for i in range(2, 14) {{ {UNIT} }}",
    "a for over numbers": (
        "for i, c in enumerate([8, 9, 7, 8, 9, 7, 8, 9, 6]) {\n"
        "b${i}: bn -> c${i}: conv 64, 1x1, bias=false -> d${i}: conv c, 3x3, same }"
    ),
    "a loop of the net's parameter": f"let m = n + 1; repeat m {{ {UNIT} }}; last: bn",
    "a block of a parameter": "body 2; body 3",
    "a block of the net's parameter": "body n",
    "a block of a number": "body 2; body 2",
    "a loop that a tap looks into": (
        "for i in range(9) { b${i}: bn -> c${i}: conv 64, 1x1, bias=false -> conv 16, 3x3, same }\n"
        "concat { skip; from c3 }"
    ),
}  # fmt: skip
BODY = "block body(n) { add { skip; conv 16, 3x3, same }; repeat n { UNIT }; last: bn; end: relu }"


@pytest.mark.parametrize("name", LOOPS)
def test_d3_a_loop_ends_the_lines_of_its_turns(name):
    text = f"{BODY.replace('UNIT', UNIT)}\nnet n(n = 3) {{ input 16x64x64\n{LOOPS[name]} }}"
    found, wanted = steps(text), live(text)
    assert found.peak == wanted.peak
    assert found.steps[1:] == wanted.steps
