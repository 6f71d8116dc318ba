"""What stands for what in the difference of two small nets: every change with its places."""

from __future__ import annotations

import pytest

from tests.analyses.differences import compared, lines

ALIGNED = {
    "equal layers cost nothing, so the new one stands where it was put": (
        "conv 1, 1x1; conv 2, 1x1; conv 3, 1x1; conv 4, 1x1",
        "conv 9, 1x1; conv 2, 1x1; conv 7, 3x3; conv 3, 1x1; conv 8, 1x1",
        [
            "changed conv channels 1 -> 9: conv1 | conv1",
            "added 3×3 conv, 7: | conv3",
            "changed conv channels 4 -> 8: conv4 | conv5",
        ],
    ),
    "another argument is nearer than another op of the kind, before it": (
        "conv 3, 1x1; maxpool 2x2; conv 5, 1x1",
        "conv 4, 1x1; maxpool 3x3; avgpool 2x2; conv 6, 1x1",
        [
            "changed conv channels 3 -> 4: conv1 | conv1",
            "changed maxpool window 2x2 -> 3x3: maxpool1 | maxpool1",
            "added 2×2 avg pool: | avgpool1",
            "changed conv channels 5 -> 6: conv2 | conv2",
        ],
    ),
    "and behind it": (
        "conv 3, 1x1; maxpool 2x2; conv 5, 1x1",
        "conv 4, 1x1; avgpool 2x2; maxpool 3x3; conv 6, 1x1",
        [
            "changed conv channels 3 -> 4: conv1 | conv1",
            "added 2×2 avg pool: | avgpool1",
            "changed maxpool window 2x2 -> 3x3: maxpool1 | maxpool1",
            "changed conv channels 5 -> 6: conv2 | conv2",
        ],
    ),
    "an op of the same kind is a change, also where both weigh little": (
        "relu",
        "sigmoid",
        ["changed ReLU -> sigmoid: relu1 | sigmoid1"],
    ),
    "an op of another kind is not": ("relu", "bn", ["removed ReLU: relu1 |", "added BN: | bn1"]),
    "arguments with all that differs; another window brings its padding": (
        "conv 4, 3x3, same; conv 4, 3x3, pad=1; maxpool 3x3/2, pad=1; conv 4, 1x1, pad=2",
        "conv 4, 3x3; conv 5, 3x3, pad=[1, 0, 1, 0], bias=false; maxpool 2x2/2; conv 4, 1x1/2",
        [
            "changed conv pad 1 -> 0: conv1 | conv1",
            "changed conv channels 4 -> 5, pad 1 -> [1, 0, 1, 0], bias true -> false: "
            "conv2 | conv2",
            "changed maxpool window 3x3/2 -> 2x2/2: maxpool1 | maxpool1",
            "changed conv window 1x1 -> 1x1/2: conv3 | conv3",
        ],
    ),
    "another op by its label and stride": (
        "maxpool 3x3/2",
        "avgpool 2x2/4",
        ["changed 3×3 max pool/2 -> 2×2 avg pool/4: maxpool1 | avgpool1"],
    ),
    "the first layers are not the last": (
        "relu; conv 4, 1x1; bn",
        "tanh; relu; bn",
        ["added tanh: | tanh1", "removed 1×1 conv, 4: conv1 |"],
    ),
    "nor the last the first": (
        "tanh; relu; bn",
        "relu; conv 4, 1x1; bn",
        ["removed tanh: tanh1 |", "added 1×1 conv, 4: | conv1"],
    ),
    "sides of one word are compared inside": (
        "conv 4, 1x1; output x: conv 4, 1x1 -> relu; relu",
        "conv 4, 1x1; output x: conv 5, 1x1 -> tanh; relu",
        [
            "changed conv channels 4 -> 5: x.conv1 | x.conv1",
            "changed ReLU -> tanh: x.relu1 | x.tanh1",
        ],
    ),
    "sides of different words are not": (
        "conv 4, 1x1; output x: conv 4, 1x1 -> relu; relu",
        "conv 4, 1x1; aux x: conv 4, 1x1 -> relu; relu",
        ["removed output x: x |", "added aux x: | x"],
    ),
    "an arm more costs what is in it": (
        "conv 3, 1x1; a: concat { conv 4, 1x1; conv 5, 1x1 }; conv 3, 1x1",
        "conv 4, 1x1; b: concat { conv 4, 1x1; conv 5, 1x1; maxpool 1x1 }\n"
        "a: concat { conv 4, 1x1; conv 5, 1x1 }; conv 5, 1x1",
        [
            "changed conv channels 3 -> 4: conv1 | conv1",
            "added concat of 3 branches: | b",
            "changed conv channels 3 -> 5: conv4 | conv6",
        ],
    ),
    "an arm more is as dear as another argument and what the arm weighs": (
        "a: concat { conv 4, 1x1; conv 5, 1x1 }; conv 3, 1x1",
        "a: concat { conv 4, 1x1; conv 6, 1x1 }\n"
        "b: concat { conv 4, 1x1; conv 5, 1x1; relu }; conv 6, 1x1",
        [
            "added concat of 2 branches: | a",
            "added arm of concat: | b",
            "added ReLU: | relu1",
            "changed conv channels 3 -> 6: conv3 | conv5",
        ],
    ),
    "an arm more": (
        "a: concat { conv 4, 1x1; conv 5, 1x1 }",
        "b: concat { conv 4, 1x1; conv 6, 1x1; relu -> conv 7, 1x1 }",
        [
            "changed conv channels 5 -> 6: conv2 | conv2",
            "added arm of concat: | b",
            "added ReLU: | relu1",
            "added 1×1 conv, 7: | conv3",
        ],
    ),
    "two arms fewer": (
        "a: concat { conv 4, 1x1; conv 4, 3x3, pad=1; conv 5, 1x1; relu -> conv 6, 1x1 }",
        "a: concat { conv 4, 1x1; conv 4, 3x3, pad=1 }",
        [
            "removed arm of concat: a |, a |",
            "removed 1×1 conv, 5: conv3 |",
            "removed ReLU: relu1 |",
            "removed 1×1 conv, 6: conv4 |",
        ],
    ),
    "a skip that becomes a projection, and back": (
        "a: add { conv 4, 1x1 -> relu; skip }; b: add { conv 4, 1x1 -> relu; conv 4, 1x1 }",
        "a: add { conv 4, 1x1 -> relu; conv 4, 1x1 }; b: add { conv 4, 1x1 -> relu; skip }",
        [
            "changed skip -> projection skip (1×1 conv, 4): a | a",
            "changed projection skip (1×1 conv, 4) -> skip: b | b",
        ],
    ),
    "a skip with other layers": (
        "a: add { conv 4, 1x1 -> relu -> bn; conv 4, 1x1 }",
        "a: add { conv 4, 1x1 -> relu -> bn; maxpool 1x1 -> conv 4, 1x1 }",
        ["added 1×1 max pool: | maxpool1"],
    ),
    "another join": (
        "a: add { conv 4, 1x1 -> relu; skip }",
        "a: mul { conv 4, 1x1 -> relu; skip }",
        ["removed skip: a |", "added skip by product: | a"],
    ),
}


@pytest.mark.parametrize("which", ALIGNED)
def test_the_changes_of_two_small_nets(which: str):
    a, b, wanted = ALIGNED[which]
    assert lines(compared(a, b)) == wanted
