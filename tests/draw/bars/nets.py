"""U-Nets and their kin that nobody here chose: what each is there for."""

from __future__ import annotations

from random import Random

TWO = "block two(c) { conv c, 3x3 -> conv c, 3x3 }\n"
SAME = "default conv pad=same, bias=false -> bn -> relu\n"


def unet(
    depth: int = 4,
    *,
    size: int = 256,
    wide: int = 64,
    up: str = "conv_transpose {c}, 2x2/2",
    join: str = "concat",
    down: str = "maxpool 2x2/2",
    end: str = "bare conv 3, 1x1",
    two: str = "conv c, 3x3 -> conv c, 3x3",
    skip: str = "",
    before: str = "",
) -> str:
    """A U-Net of so many levels: each word is an op of it, `{c}` its channels."""
    lines = []
    for at in range(depth):
        c = wide * 2**at
        lines += [f"down{at}: two {c}", before.format(c=c), down.format(c=c)]
    lines += [f"bottom: two {wide * 2**depth}"]
    for at in reversed(range(depth)):
        c = wide * 2**at
        arm = f"from down{at} -> {skip.format(c=c)}" if skip else f"from down{at}"
        lines += [up.format(c=c), f"{join} {{ {{ {arm} }}; skip }}", f"up{at}: two {c}"]
    lines.append(end)
    body = "\n  ".join(line for line in lines if line)
    block = f"block two(c) {{ {two} }}\n"
    return f"{SAME}{block}net it() {{\n  input image: 3x{size}x{size}\n  {body}\n}}\n"


NOT_PADDED = """
default conv init=he_normal() -> relu
block two(c) { conv c, 3x3 -> conv c, 3x3 }
net it() {
  input tile: 1x188x188
  a: two 32
  maxpool 2x2/2
  b: two 64
  maxpool 2x2/2
  two 128
  u: conv_transpose 64, 2x2/2
  concat { from b -> crop to=u; skip }
  two 64
  v: conv_transpose 32, 2x2/2
  concat { skip; from a -> crop to=v }
  two 32
  bare conv 2, 1x1
}
"""

TWO_OUTPUTS = unet(3, end="features: { conv 16, 3x3 }").replace(
    "features: { conv 16, 3x3 }",
    "features: { conv 16, 3x3 }\n  output mask: from features -> bare conv 1, 1x1 -> sigmoid\n"
    "  output edges: from features -> bare conv 1, 1x1 -> sigmoid",
)

DEEP_SUPERVISION = unet(3, end="output full: bare conv 2, 1x1").replace(
    "up1: two 128", "up1: two 128\n  output coarse: from up1 -> bare conv 2, 1x1\n  from up1"
)

ODD = """
default conv pad=same -> relu
net it() {
  input image: 3x97x131
  a: conv 16, 3x3
  conv 24, 3x3/2
  b: conv 24, 3x3
  conv 40, 3x3/2
  conv 40, 3x3
  resize to=b
  concat { from b; skip }
  conv 24, 3x3
  resize to=a
  concat { from a; skip }
  conv 16, 3x3
  bare conv 1, 1x1 -> sigmoid
}
"""

RESIDUAL = """
default conv pad=same, bias=false -> bn -> relu
block unit(c, s = 1) {
  add {
    { conv c, 3x3/s; bare conv c, 3x3 -> bn }
    if s != 1 { bare conv c, 1x1/s -> bn } else { skip }
  }
  relu
}
net it() {
  input image: 3x128x128
  a: { conv 32, 3x3; unit 32 }
  b: { unit 64, 2; unit 64 }
  c: { unit 128, 2; unit 128 }
  conv_transpose 64, 2x2/2
  concat { from b; skip }
  conv 64, 3x3
  conv_transpose 32, 2x2/2
  concat { from a; skip }
  conv 32, 3x3
  bare conv 5, 1x1
}
"""

ATTENTION = """
default conv pad=same -> relu
block two(c) { conv c, 3x3 -> conv c, 3x3 }
net it() {
  input image: 1x64x64
  a: two 16
  maxpool 2x2/2
  two 32
  g: conv_transpose 16, 2x2/2
  weight: add { { from a -> bare conv 8, 1x1 }; { from g -> bare conv 8, 1x1 } }
  relu -> bare conv 1, 1x1 -> sigmoid
  w: mul { from a; skip }
  concat { from w; from g }
  two 16
  bare conv 1, 1x1
}
"""

AUTOENCODER = """
default conv pad=same -> relu
net it() {
  input image: 1x32x32
  conv 16, 3x3 -> maxpool 2x2/2 -> dropout 0.2
  conv 8, 3x3 -> maxpool 2x2/2
  conv 8, 3x3 -> upsample 2
  conv 16, 3x3 -> upsample 2
  bare conv 1, 3x3 -> sigmoid
}
"""

STYLE = """
default conv pad=same, bias=false -> instance_norm -> relu
block unit() { add { { conv 128, 3x3; bare conv 128, 3x3 -> instance_norm }; skip } }
net it() {
  input image: 3x256x256
  conv 32, 9x9
  conv 64, 3x3/2
  conv 128, 3x3/2
  repeat 5 { unit }
  upsample 2 -> conv 64, 3x3
  upsample 2 -> conv 32, 3x3
  bare conv 3, 9x9 -> tanh
}
"""

TWO_VALLEYS = """
default conv pad=same -> relu
net it() {
  input image: 3x64x64
  a: conv 16, 3x3
  maxpool 2x2/2
  conv 32, 3x3
  upsample 2
  concat { from a; skip }
  b: conv 16, 3x3
  maxpool 2x2/2
  conv 32, 3x3
  upsample 2
  concat { from b; skip }
  bare conv 2, 1x1
}
"""

LATE = """
default conv pad=same -> relu
block two(c) { conv c, 3x3 -> conv c, 3x3 }
net it() {
  input image: 3x128x128
  a: two 32
  maxpool 2x2/2
  b: two 64
  maxpool 2x2/2
  two 128
  conv_transpose 64, 2x2/2
  two 64
  concat { from b; skip }
  two 64
  upsample 2
  two 32
  conv 32, 3x3
  add { skip; from a }
  two 32
  bare conv 2, 1x1
}
"""

BARS = {
    "late": LATE,
    "padded": unet(),
    "upsampled": unet(up="upsample 2 -> bare conv {c}, 1x1"),
    "bilinear": unet(up='upsample 2, mode="bilinear"', wide=32),
    "dropout": unet(before="dropout 0.3"),
    "dropout within": unet(3, two="conv c, 3x3 -> dropout 0.1 -> conv c, 3x3"),
    "sums": unet(join="add"),
    "two levels": unet(2),
    "six levels": unet(6, wide=16, size=512),
    "strided": unet(down="conv {c}, 3x3/2"),
    "converted skips": unet(3, skip="conv {c}, 1x1"),
    "not padded": NOT_PADDED,
    "two outputs": TWO_OUTPUTS,
    "deep supervision": DEEP_SUPERVISION,
    "odd": ODD,
    "residual": RESIDUAL,
    "autoencoder": AUTOENCODER,
    "style": STYLE,
    "two valleys": TWO_VALLEYS,
}

CARDS = {"attention": ATTENTION}


def drawn(seed: int) -> str:
    """A net that goes down and up again, made up: every level of its own."""
    say = Random(seed)
    depth, size = say.randint(1, 5), say.choice([64, 96, 100, 128, 250, 572])
    downs = ("maxpool 2x2/2", "avgpool 2x2/2", "conv {c}, 3x3/2", "maxpool 3x3/2, pad=1",
             "conv {c}, 2x2/2, pad=0 -> dropout 0.1")  # fmt: skip
    ups = ("upsample 2", "conv_transpose {c}, 2x2/2", "upsample 2 -> conv {c}, 3x3",
           'upsample 2, mode="bilinear" -> bare conv {c}, 1x1')  # fmt: skip
    joins = say.choice(["concat", "add", "none", "mixed"])
    wide = [say.choice([8, 16, 24, 64]) * 2 ** (at // say.randint(1, 2)) for at in range(depth + 1)]
    lines = [f"a0: {{ {_level(say, wide[0])} }}"]
    for at in range(depth):
        lines += [
            say.choice(downs).format(c=wide[at]),
            f"a{at + 1}: {{ {_level(say, wide[at + 1])} }}",
        ]
    for at in reversed(range(depth)):
        c = wide[at]
        lines += [say.choice(ups).format(c=c), f"resize to=a{at}"]
        join = say.choice(["concat", "add", "max", "none"]) if joins == "mixed" else joins
        arm = say.choice([f"from a{at}", f"from a{at}", f"{{ from a{at} -> conv {c}, 1x1 }}"])
        if join != "none":
            lines += [f"conv {c}, 1x1"] if join != "concat" else []
            lines += [
                f"{join} {{ {arm}; skip }}" if say.random() < 0.7 else f"{join} {{ skip; {arm} }}"
            ]
        lines.append(_level(say, c))
    lines.append(
        say.choice(["bare conv 2, 1x1", "bare conv 1, 3x3 -> sigmoid", "conv 4, 1x1 -> softmax"])
    )
    body = "\n  ".join(lines)
    return f"{SAME}net it() {{\n  input image: 3x{size}x{size}\n  {body}\n}}\n"


def _level(say: Random, c: int) -> str:
    """What stands on a level: convolutions, dropout, blocks with a sum."""
    residual = f"add {{ {{ conv {c}, 3x3; bare conv {c}, 3x3 -> bn }}; skip }} -> relu"
    ops = [f"conv {c}, 3x3"] * 2
    ops += [f"bare conv {c}, 1x1", "dropout 0.2", f"conv {c}, 3x3, groups={c}", residual]
    return "; ".join([f"conv {c}, 3x3", *say.choices(ops, k=say.randint(0, 3))])
