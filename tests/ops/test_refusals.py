"""What each op accepts and what it says when it does not, at both sides of every limit.

`refusals.md` holds the answers: `pytest tests/ops/test_refusals.py --update-golden` writes them
again; read the difference as somebody who has never seen the language.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnspec.ops import ops
from cnnspec.ops.arguments import signature_text
from cnnspec.values import dims
from tests.language.harness import check

GOLDEN = Path(__file__).with_name("refusals.md")

ASKED = {
    "3x8x8": """
        conv 8, 3x3, bias=1
        conv 8, 3x3, bias=0
        conv 8, 3x3, bias=2
        conv 8, 3x3, bias="a"
        conv 0, 3x3
        conv 1, 3x3
        conv 8, 3x3, dilation="a"
        conv 8, 3x3, dilation=0
        conv 8, 3x3, dilation=2x0
        conv 8, 0x3
        conv 8, 2147483647x1
        conv 8, 3x3, pad=[1, 2]
        conv 8, 3x3, pad="all"
        conv 8, 3x3, init=5
        conv 8, 3x3, init=he()
        conv 8, 3x3, init=he_normal(fan="up")
        conv 8, 3x3, init=he_normal(fan="in")
        conv 8, 3x3, init=he_normal(fan="out")
        conv 8, 3x3, init=he_normal(std=1)
        conv 8, 3x3, init=he_uniform(fan="in")
        conv 8, 3x3, init=xavier()
        conv 8, 3x3, init=xavier_normal()
        conv 8, 3x3, init=uniform(low=0, high=1)
        conv 8, 3x3, init=trunc_normal(std=0.02)
        conv 8, 3x3, init=zeros()
        conv 8, 3x3, init=ones()
        conv 8, 3x3, init=kaiming()
        conv 8, 3x3, init=normal(std="a")
        conv 8, 3x3, init=normal(std=-1)
        conv 8, 3x3, init=normal(std=0)
        conv 8, 3x3, init=normal(0.1)
        conv 8, 3x3, connections=none
        conv 8, 3x3, init=none
        conv 8, 3x3, connections=5
        conv 2, 3x3, connections=[0, 1]
        conv 2, 3x3, connections=[[true], [1]]
        conv 2, 3x3, connections=[[0], [1]]
        conv 3, 3x3, connections=[[0], [1], [2]], groups=3
        conv 2, 3x3, connections=[[0], [1]], dilation=2
        conv 8, 9x9
        conv 8, 3x10, pad=1
        conv 8, 13x3, pad=1
        conv 8, 3x13, pad=1x2
        conv 8, 5x3, dilation=2x1
        conv 8, 2x2, same
        conv 8, 3x4, same
        conv 8, 3x3, same
        conv 9, 3x3, groups=2
        conv 9, 3x3, groups=3
        conv 10, 3x3, groups=3
        maxpool 2x2/2, pad=1
        maxpool 2x2/2, pad=2
        maxpool 3x2/2, pad=0x2
        avgpool 5x5/2, pad=2
        avgpool 5x5/2, pad=3
        maxpool 9x9
        maxpool 9x9/3
        maxpool 9x9/3, ceil=true
        maxpool 16x16, pad=1
        maxpool 16x16/9, pad=2
        maxpool 17x8
        maxpool 8x19/2
        avgpool 9x9
        maxpool 8x9
        adaptive_avgpool 0
        adaptive_avgpool 2x3
        bn eps=0
        bn momentum=-0.1
        bn momentum=0
        bn momentum=1
        bn momentum=1.1
        gn 2
        gn 3
        gn 3, eps=0
        ln eps=0
        lrn 0
        lrn 1
        dropout 0
        dropout 1
        dropout -1
        dropout 1.5
        dropout 4
        dropout 10
        dropout 40
        dropout 99
        dropout 100
        drop_path 4
        gelu approximate="erf"
        gelu approximate=1
        leaky_relu -1
        leaky_relu 0
        elu -1
        conv 8, 3x3/2, tf_same
        conv 8, 2x2/3, pad=tf_same
        conv 8, 3x3, pad=tf_same, pad_mode="reflect"
        conv 2, 3x3, pad=tf_same, connections=[[0], [1]]
        conv 8, 99x99, pad=tf_same
        maxpool 2x2/1, pad=tf_same
        maxpool 2x2/2, pad=tf_same, ceil=true
        avgpool 3x3/2, pad=tf_same, count_include_pad=false
        conv_transpose 8, 3x3/2, pad=tf_same
        crop 8
        crop 8x9
        crop 1
        crop 0
        resize 8x9
        resize 0
        resize 5, mode="cubic"
        resize 5, align_corners=true
        linear 5, over="last"
        linear 5, over="rows"
        ln over="last"
        ln over=2
        conv 8, 3x3, pad=1, pad_mode="reflect"
        conv 8, 3x3, pad=1, pad_mode="mirror"
        conv 8, 3x3, pad=[0, 1, 0, 1], pad_mode="reflect"
        conv 8, 9x9, pad=7, pad_mode="reflect"
        conv 8, 9x9, pad=8, pad_mode="reflect"
        conv 8, 9x9, pad=8, pad_mode="circular"
        conv 8, 9x9, pad=9, pad_mode="circular"
        conv 2, 3x3, connections=[[0], [1]], pad_mode="reflect"
        pad 1
        pad 0
        pad [1, 2, 3, 4]
        pad 1x2
        pad [1, 1]
        pad same
        pad 1, mode="mirror"
        pad 7, mode="reflect"
        pad 8, mode="reflect"
        pad 1x8, mode="reflect"
        pad 9, mode="circular"
        pad 9, mode="replicate"
        sub { skip; conv 3, 1x1 }
        sub { skip; relu; tanh }
        sub { skip; conv 8, 1x1 }
        sub { skip }
        sub
        mean { skip; conv 3, 3x3 }
        max { skip; conv 3, 1x1/2 }
        max { skip; relu; tanh }
        conv_transpose 8, 3x3
        conv_transpose 8, 2x2/2
        conv_transpose 0, 2x2/2
        conv_transpose 8, 4x4/2, same
        conv_transpose 8, 3x3/2, same
        conv_transpose 8, 3x3/2, pad=[0, 1, 0, 1]
        conv_transpose 8, 3x3/2, output_pad=1
        conv_transpose 8, 3x3/2, output_pad=2
        conv_transpose 8, 3x3/2x1, output_pad=1
        conv_transpose 8, 3x3/2x1, output_pad=1x0
        conv_transpose 8, 3x3/2, output_pad=[0, 1, 0, 1]
        conv_transpose 8, 3x3/2, output_pad=same
        conv_transpose 8, 3x3, output_pad=1, dilation=2
        conv_transpose 8, 1x1, pad=3
        conv_transpose 8, 1x1, pad=4
        conv_transpose 8, 1x1, pad=3x4
        conv_transpose 9, 3x3, groups=2
        conv_transpose 8, 2
        elu 0
        hardtanh 1, 1
        hardtanh 1, 2
        prelu 0.25
        prelu shared=true
        pixel_shuffle 2
        pixel_shuffle 0
        pixel_shuffle 1
        pixel_unshuffle 2
        pixel_unshuffle 3
        pixel_unshuffle 0
        instance_norm
        instance_norm eps=0
        instance_norm 3
        global_maxpool
        global_maxpool -> instance_norm
        adaptive_maxpool 0
        dropout2d 2
        times 1e400
        times
        times 2x2
        linear 10
        rbf 10
        permute [1, 0]
        permute [0, 0, 1]
        permute [1, 2, 0]
        permute 5
        permute ["a", 1, 2]
        pad_channels 2
        pad_channels 3
        slice 0, 3
        slice 0, 4
        slice 2, 2
        slice 3, 4
        slice 2, 3
        channel_shuffle 2
        channel_shuffle 3
        upsample 0
        upsample 1
        upsample 2, mode="cubic"
        scale value=0.5
        add { skip; conv 4, 1x1 }
        add { skip; conv 3, 1x1/2 }
        add { skip; conv 3, 1x1/4x2 }
        add { skip; conv 3, 3x3 }
        add { skip; conv 3, 3x2 }
        add { skip; conv 4, 3x3 }
        add { skip; conv 3, 2x2 }
        add { skip; conv 3, 5x3 }
        add { skip; a: { conv 3, 3x3 } }
        add { skip; conv 3, 8x8/8 }
        add { skip; global_avgpool -> flatten }
        concat { skip; conv 4, 1x1/2 }
        concat { skip; conv 4, 1x1/2x4 }
        concat { skip; conv 4, 3x3 }
        concat { skip; conv 4, 2x2 }
        concat { skip; flatten }
        mul { skip; conv 1, 1x1 }
        mul { skip; conv 4, 1x1 }
        mul { skip; conv 1, 1x1/2 }
        mul { skip; global_avgpool }
    """,
    "3x30x32": """
        add { skip; conv 3, 13x13 }
        add { skip; conv 3, 15x15 }
        add { skip; conv 3, 1x1/2 }
        add { skip; conv 3, 2x1/2x1 }
        concat { skip; conv 3, 13x13 }
        concat { skip; conv 3, 1x1/2x1 }
        concat { skip; conv 3, 1x1/1x2 }
        mul { skip; conv 3, 1x1/30x1 }
        mul { skip; conv 3, 1x1/1x32 }
        maxpool 31x31
        maxpool 30x33
        maxpool 32x33/2, ceil=true
        conv 8, 3x3/2 -> conv 8, 3x3/2 -> conv 8, 9x9
    """,
    "3x12x40": """
        add { skip; conv 3, 1x1/3x1 }
        add { skip; conv 3, 1x1/1x4 }
        add { skip; conv 3, 2x3/2 }
        add { skip; conv 3, 3x2/2 }
        add { conv 3, 1x1/3x1; skip }
        concat { skip; conv 3, 1x1/3 }
        concat { skip; conv 3, 1x1/4 }
        concat { skip; conv 3, 1x1/3x1 }
        concat { skip; conv 3, 3x2/2 }
        mul { skip; conv 3, 3x3 }
    """,
    "60x4x4": """
        gn 7
        gn 16
        conv 64, 1x1, groups=7
        conv 60, 1x1, groups=7
        channel_shuffle 7
        dropout 2
    """,
    "120x4x4": """
        gn 7
        conv 64, 1x1, groups=7
    """,
    "240x4x4": """
        gn 7
        conv 240, 1x1, groups=7
        conv 241, 1x1, groups=2
        gn 0
    """,
    "7x1x1": """
        gn 2
        pad_channels 4
    """,
    "10": """
        linear 0
        linear 1
        rbf 0
        rbf 1
        lrn 5
        ln
        ln eps=0
        scale
        upsample 2
        permute [2, 0, 1]
        slice 8, 12
        slice 12, 13
        slice 0, 10
        conv 8, 1x1
        maxpool 2x2/2
        global_avgpool
        flatten
        bn
        l2norm
        times 2
        instance_norm
        channel_mean
        channel_max
        dropout2d
        global_maxpool
        pad 1
        adaptive_maxpool 2
        pixel_shuffle 2
        pixel_unshuffle 2
        gn 2
        channel_shuffle 2
        pad_channels 12
        adaptive_avgpool 2
        add { skip; linear 5 }
        concat { skip; linear 5 }
        mul { skip; linear 5 }
        softmax
    """,
}


def answers() -> str:
    """Every signature; for each input the layers, with the shape made or what is said."""
    lines = ["What each op says, at both sides of every limit. Written by the tests.\n"]
    lines += ["```text", *(signature_text(cls) for cls in ops().values()), "```", ""]
    for arriving, asked in ASKED.items():
        lines += [f"## input {arriving}", "", "```text"]
        for line in asked.strip().splitlines():
            lines += [line.strip(), *answer(arriving, line.strip())]
        lines += ["```", ""]
    return "\n".join(lines)


def answer(arriving: str, layer: str) -> list[str]:
    result = check(f"net it {{\n  input {arriving}\n  {layer}\n}}\n")
    if not result.errors:
        assert result.net is not None
        return [f"    => {dims(result.net.body.output)}"]
    (error,) = result.errors
    labels = (f"{label.span.text}: {label.message}" for label in error.labels)
    said = [("label", labels), ("note", error.notes), ("help", error.help)]
    return [
        f"    {error.code} at `{error.span.text}`: {error.message}",
        *([f"      there: {error.note}"] if error.note else []),
        *(f"      {kind}: {text}" for kind, texts in said for text in texts),
    ]


def test_l20_s8_s9_what_an_op_accepts_and_says(request: pytest.FixtureRequest):
    found = answers()
    if request.config.getoption("--update-golden"):
        GOLDEN.write_text(found, encoding="utf-8")
    assert found == GOLDEN.read_text(encoding="utf-8")
