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


BIFPN = """
default conv pad=same, bias=false
block fuse(c) { relu -> conv c, 3x3, groups=c -> conv c, 1x1 -> bn }
net it() {
  input image: 3x256x256
  conv 32, 3x3/2 -> bn -> relu
  conv 48, 3x3/2 -> bn -> relu
  c3: { conv 64, 3x3/2 -> bn -> relu }
  c4: { conv 96, 3x3/2 -> bn -> relu }
  c5: { conv 128, 3x3/2 -> bn -> relu }
  p0_5: { conv 64, 1x1 -> bn }
  p0_4: { from c4 -> conv 64, 1x1 -> bn }
  p0_3: { from c3 -> conv 64, 1x1 -> bn }
  for n in range(3) {
    m${n}: { add { from p${n}_4; { from p${n}_5 -> upsample 2 } } -> fuse 64 }
    p${n+1}_3: { add { from p${n}_3; { from m${n} -> upsample 2 } } -> fuse 64 }
    p${n+1}_4: { add { from p${n}_4; from m${n}; { from p${n+1}_3 -> maxpool 2x2/2 } } -> fuse 64 }
    p${n+1}_5: { add { from p${n}_5; { from p${n+1}_4 -> maxpool 2x2/2 } } -> fuse 64 }
  }
  output fine: from p3_3 -> conv 36, 3x3
  output middle: from p3_4 -> conv 36, 3x3
  output coarse: from p3_5 -> conv 36, 3x3
}
"""

GRID = """
default conv pad=same
block up(c) { upsample 2 -> conv c, 3x3 }
block lateral(c) { add { { conv c, 3x3 -> relu -> conv c, 3x3 }; skip } }
net it() {
  input image: 3x96x96
  g0_0: { conv 32, 3x3 -> relu }
  g0_1: { conv 64, 3x3/2 -> relu }
  g0_2: { conv 96, 3x3/2 -> relu }
  for n in range(3) {
    g${n+1}_0: { from g${n}_0 -> lateral 32 }
    g${n+1}_1: add { { from g${n}_1 -> lateral 64 }; { from g${n+1}_0 -> conv 64, 3x3/2 -> relu } }
    g${n+1}_2: add { { from g${n}_2 -> lateral 96 }; { from g${n+1}_1 -> conv 96, 3x3/2 -> relu } }
  }
  for n in range(3, 6) {
    g${n+1}_2: { from g${n}_2 -> lateral 96 }
    g${n+1}_1: add { { from g${n}_1 -> lateral 64 }; { from g${n+1}_2 -> up 64 } }
    g${n+1}_0: add { { from g${n}_0 -> lateral 32 }; { from g${n+1}_1 -> up 32 } }
  }
  from g6_0
  conv 3, 3x3
}
"""

SCALES = """
default conv pad=same, bias=false -> bn -> relu
net it() {
  input image: 3x64x64
  s0_0: { conv 32, 3x3 }
  s0_1: { conv 64, 3x3/2 }
  s0_2: { conv 64, 3x3/2 }
  for n in range(5) {
    s${n+1}_0: { from s${n}_0 -> conv 16, 1x1 -> conv 32, 3x3 }
    s${n+1}_1: {
      concat { { from s${n}_0 -> conv 32, 3x3/2 }; { from s${n}_1 -> conv 32, 3x3 } }
      conv 64, 1x1
    }
    s${n+1}_2: {
      concat { { from s${n}_1 -> conv 32, 3x3/2 }; { from s${n}_2 -> conv 32, 3x3 } }
      conv 64, 1x1
    }
  }
  output early: from s5_1 -> global_avgpool -> flatten -> linear 10
  from s5_2
  global_avgpool -> flatten
  linear 10
}
"""

CELLS = """
default conv pad=same, bias=false
block separable(c, k) { relu -> conv c, k, groups=c -> conv c, 1x1 -> bn }
net it() {
  input image: 3x32x32
  h0: { conv 44, 3x3 -> bn }
  h1: { conv 44, 3x3 -> bn }
  for n in range(6) {
    l${n}: { from h${n+1} -> conv 44, 1x1 -> bn }
    p${n}: { from h${n} -> conv 44, 1x1 -> bn }
    a${n}: add { { from l${n} -> separable 44, 3x3 }; from l${n} }
    b${n}: add { { from p${n} -> separable 44, 3x3 }; { from l${n} -> separable 44, 5x5 } }
    c${n}: add { { from l${n} -> avgpool 3x3/1, pad=1 }; from p${n} }
    concat { from a${n}; from b${n}; from c${n} }
    h${n+2}: conv 44, 1x1
  }
  global_avgpool -> flatten
  linear 10
}
"""

STACKED = {
    "weighted pyramids": BIFPN,
    "a grid of lanes": GRID,
    "layers of three scales": SCALES,
    "cells that read two": CELLS,
}
"""Nets in which a stretch with several values in and out comes again and again."""


def stack(seed: int) -> str:
    """Lanes that meet at random in modules which come several times, each lane of its own size."""
    random = Random(seed)
    lanes, times, halves = random.randint(2, 4), random.randint(2, 4), random.random() < 0.7
    widths = [8 * 2**at if halves else 8 for at in range(lanes)]
    stride = "/2" if halves else ""
    chains = [random.randint(1, 2) for _ in range(lanes)]
    meets = [sorted({at, *random.sample(range(lanes), random.randint(1, lanes))})
             for at in range(lanes)]  # fmt: skip
    lines = [f"x0_0: conv {widths[0]}, 3x3"]
    lines += [f"x0_{at}: conv {widths[at]}, 3x3{stride}" for at in range(1, lanes)]
    for turn in range(times):
        for at in range(lanes):
            body = " -> ".join([f"conv {widths[at]}, 3x3"] * chains[at])
            lines.append(f"b{turn}_{at}: {{ from x{turn}_{at} -> {body} }}")
        for at in range(lanes):
            arms = (_way(turn, other, at, widths, halves) for other in meets[at])
            lines.append(f"x{turn + 1}_{at}: add {{ {'; '.join(arms)}; from b{turn}_{at} }}")
    kept = random.sample(range(lanes), random.randint(1, lanes))
    lines += [f"output o{at}: from x{times}_{at} -> conv 3, 1x1" for at in kept[1:]]
    lines += [f"from x{times}_{kept[0]}", "conv 5, 1x1"]
    text = "\n  ".join(lines)
    return f"default conv pad=same\nnet it() {{\n  input image: 8x64x64\n  {text}\n}}\n"


def _way(turn: int, start: int, end: int, widths: list[int], halves: bool) -> str:
    """How a value of one lane comes to another one."""
    convs = " -> ".join(f"conv {widths[at]}, 3x3/2" for at in range(start + 1, end + 1))
    if start == end or not halves:
        return f"{{ from b{turn}_{start} -> conv {widths[end]}, 1x1 }}"
    up = f"conv {widths[end]}, 1x1 -> upsample {2 ** (start - end)}"
    return f"{{ from b{turn}_{start} -> {convs or up} }}"


def deep_u(count: int, depth: int = 8) -> str:
    """A U of so many unequal convolutions on all of its levels together, joined at every level."""
    random = Random(count)
    each = count // (2 * depth + 1)
    levels = [f"e{at}" for at in range(depth)]
    lines = []
    for at in range(depth):
        body = "; ".join(f"conv {random.randint(1, 9)}, 3x3" for _ in range(each - 1))
        lines += [f"e{at}: {{ {body}; conv 4, 3x3 }}", "maxpool 2x2/2"]
    lines.append("; ".join(f"conv {random.randint(1, 9)}, 3x3" for _ in range(each)))
    for at, level in reversed(list(enumerate(levels))):
        lines.append(f"concat {{ {{ upsample 2 -> conv 4, 3x3 }}; from {level} }}")
        body = "; ".join(f"conv {random.randint(1, 9)}, 3x3" for _ in range(each))
        lines.append(f"d{at}: {{ {body} }}")
    text = "\n  ".join(lines)
    size = 2 ** (depth + 1)
    return f"default conv pad=same\nnet it() {{\n  input image: 3x{size}x{size}\n  {text}\n}}\n"


def arms(count: int) -> str:
    """A sum of so many unequal arms side by side."""
    random = Random(count)
    ways = (f"{{ conv {random.randint(1, 9)}, 1x1 -> relu -> conv 4, 1x1 }}" for _ in range(count))
    text = "; ".join(ways)
    return f"net it() {{\n  input image: 4x8x8\n  conv 4, 1x1\n  add {{ {text} }}\n}}\n"


def rows(count: int) -> str:
    """Inception modules of which no two neighbours are equal, of so many rows in all."""
    block = (
        "block mix(a, b) {\n"
        "  concat { conv a, 1x1; conv a, 1x1 -> conv b, 3x3; "
        "conv a, 1x1 -> conv b, 5x5; maxpool 3x3/1, pad=1 -> conv b, 1x1 }\n}\n"
    )
    body = "\n  ".join(f"mix {1 + at % 7}, {2 + at % 5}" for at in range(count // 8))
    return f"default conv pad=same\n{block}net it() {{\n  input image: 4x8x8\n  {body}\n}}\n"


def nest(depth: int) -> str:
    """A call in a call in a call, so many levels deep, with a convolution on each."""
    blocks = ["block b0() { conv 4, 1x1 }"]
    blocks += [f"block b{at}() {{ conv {1 + at % 7}, 1x1; b{at - 1} }}" for at in range(1, depth)]
    text = "\n".join(blocks)
    return f"{text}\nnet it() {{\n  input image: 4x8x8\n  b{depth - 1}\n}}\n"
