"""Nets to lay out that are no chain, of the literature and made up: what each is there for."""

from __future__ import annotations

from random import Random

HRNET = """
default conv pad=same, bias=false
block branch(c) { conv c, 3x3 -> bn -> relu; repeat 2 { unit c } }
block unit(c) { add { { conv c, 3x3 -> bn -> relu -> conv c, 3x3 -> bn }; skip } -> relu }
block down(c) { conv c, 3x3/2 -> bn }
block up(c, s) { conv c, 1x1 -> bn -> upsample s }
net it() {
  input image: 3x128x128
  conv 64, 3x3/2 -> bn -> relu
  stem: conv 64, 3x3/2
  a1: branch 18
  from stem
  t2: down 36
  a2: branch 36
  f1: add { from a1; { from a2 -> up 18, 2 } }
  f2: add { { from a1 -> down 36 }; from a2 }
  t3: down 72
  from f1
  b1: branch 18
  from f2
  b2: branch 36
  from t3
  b3: branch 72
  g1: add { from b1; { from b2 -> up 18, 2 }; { from b3 -> up 18, 4 } }
  g2: add { { from b1 -> down 36 }; from b2; { from b3 -> up 36, 2 } }
  g3: add { { from b1 -> down 18 -> relu -> down 72 }; { from b2 -> down 72 }; from b3 }
  concat { from g1; { from g2 -> upsample 2 }; { from g3 -> upsample 4 } }
  conv 19, 1x1
}
"""

NASNET = """
default conv pad=same, bias=false
block separable(c, k) {
  conv c, k, groups=c -> conv c, 1x1 -> bn -> relu
  conv c, k, groups=c -> conv c, 1x1 -> bn
}
net it() {
  input image: 3x32x32
  stem: conv 96, 3x3 -> bn
  left: conv 44, 1x1
  from stem
  right: conv 44, 1x1
  one: add { { from left -> separable 44, 3x3 }; from left }
  two: add { { from right -> separable 44, 3x3 }; { from left -> separable 44, 5x5 } }
  three: add { { from left -> avgpool 3x3/1, pad=1 }; from right }
  four: add { { from right -> avgpool 3x3/1, pad=1 }; { from right -> avgpool 3x3/1, pad=1 } }
  five: add { { from right -> separable 44, 5x5 }; { from right -> separable 44, 3x3 } }
  concat { from one; from two; from three; from four; from five; from right }
  global_avgpool -> flatten
  linear 10
}
"""

YOLO = """
default conv pad=same, bias=false
block dark(c) {
  add { { conv c // 2, 1x1 -> bn -> leaky_relu; conv c, 3x3 -> bn -> leaky_relu }; skip }
}
block stage(n, c) { conv c, 3x3/2 -> bn -> leaky_relu; repeat n { dark c } }
block neck(c) { conv c, 1x1; conv 2*c, 3x3; conv c, 1x1; conv 2*c, 3x3; conv c, 1x1 }
block head(c) { conv c, 3x3; conv 255, 1x1 }
net it() {
  input image: 3x416x416
  conv 32, 3x3 -> bn -> leaky_relu
  stage1: stage 1, 64
  stage2: stage 2, 128
  stage3: stage 8, 256
  stage4: stage 8, 512
  stage5: stage 4, 1024
  neck1: neck 512
  output large: from neck1 -> head 1024
  from neck1
  concat { { conv 256, 1x1 -> upsample 2 }; from stage4 }
  neck2: neck 256
  output medium: from neck2 -> head 512
  from neck2
  concat { { conv 128, 1x1 -> upsample 2 }; from stage3 }
  neck3: neck 128
  output small: from neck3 -> head 256
}
"""

ENCODER_DECODER = """
default conv pad=same -> relu
net it() {
  input image: 3x64x64
  conv 16, 3x3 -> maxpool 2x2/2 -> conv 32, 3x3 -> maxpool 2x2/2 -> conv 64, 3x3
  upsample 2 -> conv 32, 3x3 -> upsample 2 -> bare conv 2, 3x3
}
"""

INPUTS = """
default conv pad=same -> relu
net it() {
  input colour: 3x32x32
  input depth: 1x32x32
  input flow: 2x32x32
  a: { from colour -> conv 8, 3x3 -> conv 8, 3x3 }
  b: { from depth -> conv 8, 3x3 }
  c: { from flow -> conv 8, 3x3 -> conv 8, 3x3 -> conv 8, 3x3 }
  concat { from a; from b; from c; { from depth -> conv 8, 3x3 } }
  global_avgpool -> flatten -> linear 5
}
"""

NETS = {
    "hrnet of three lanes": HRNET,
    "nasnet": NASNET,
    "yolo": YOLO,
    "encoder and decoder": ENCODER_DECODER,
    "three inputs": INPUTS,
}


def tangle(count: int, seed: int) -> str:
    """A net of convolutions that read each other at random, every second one a join."""
    random = Random(seed)
    lines = ["t0: conv 4, 1x1"]
    for at in range(1, count):
        one, two = random.randrange(max(at - 9, 0), at), random.randrange(at)
        if at % 2:
            lines.append(f"t{at}: add {{ from t{one}; from t{two} }}")
        else:
            lines.append(f"from t{one}\n  t{at}: conv 4, 1x1")
    body = "\n  ".join(lines)
    return f"net it() {{\n  input image: 4x8x8\n  {body}\n}}\n"


def chain(count: int) -> str:
    """Unequal convolutions in a row, none of which can be counted."""
    random = Random(count)
    body = "\n  ".join(f"conv {random.randint(1, 9)}, 1x1" for at in range(count))
    return f"net it() {{\n  input image: 4x8x8\n  {body}\n}}\n"


def blocks(count: int) -> str:
    """Residual blocks in a row, of which no two neighbours are equal."""
    unit = "block unit(c) { add { { conv c, 3x3, same -> relu -> conv 4, 1x1 }; skip } }\n"
    body = "\n  ".join(f"unit {1 + at % 7}" for at in range(count))
    return f"{unit}net it() {{\n  input image: 4x8x8\n  {body}\n}}\n"
