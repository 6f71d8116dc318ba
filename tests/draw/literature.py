"""Nets of the literature, written for the tests of figures: what no spec of the seeds has."""

from __future__ import annotations

UNET = """
default conv pad=same -> relu
block two(c) { conv c, 3x3 -> conv c, 3x3 }
block up(c) { upsample 2 -> bare conv c, 1x1 }
net x() {
  input 1x64x64
  down1: two 16
  maxpool 2x2/2
  down2: two 32
  maxpool 2x2/2
  bottom: two 64
  up 32
  concat { from down2; skip }
  two 32
  up 16
  concat { from down1; skip }
  two 16
  bare conv 2, 1x1 -> softmax
}
"""

SE_RESNET = """
default conv pad=same, bias=false
block squeeze(c, r) {
  mul { skip; { global_avgpool -> conv c // r, 1x1 -> relu -> conv c, 1x1 -> sigmoid } }
}
block unit(c, s = 1) {
  add {
    { conv c, 3x3/s -> bn -> relu -> conv c, 3x3 -> bn -> squeeze c, 4 }
    if s != 1 { conv c, 1x1/s -> bn } else { skip }
  }
  relu
}
block stage(n, c, s) seq { unit c, s; repeat n - 1 { unit c } }
net x() {
  input 3x32x32
  conv 16, 3x3 -> bn -> relu
  layer1: stage 3, 16, 1
  layer2: stage 3, 32, 2
  global_avgpool -> flatten
  linear 10 -> softmax
}
"""

SIAMESE = """
default conv pad=same -> relu
block tower() { conv 8, 3x3 -> maxpool 2x2/2 -> conv 16, 3x3 -> global_avgpool -> flatten }
net x() {
  input left: 1x28x28
  input right: 1x28x28
  from left
  twin: tower
  from right
  other: share twin
  concat { from twin; from other }
  linear 1 -> sigmoid
}
"""

FPN = """
default conv pad=same
block lateral(c) { conv c, 1x1 }
net x() {
  input 3x64x64
  c2: conv 16, 3x3/2 -> relu
  c3: conv 32, 3x3/2 -> relu
  c4: conv 64, 3x3/2 -> relu
  p4: conv 24, 1x1
  p3: add { upsample 2; { from c3 -> conv 24, 1x1 } }
  p2: add { upsample 2; { from c2 -> conv 24, 1x1 } }
  output out2: from p2 -> conv 24, 3x3
  output out3: from p3 -> conv 24, 3x3
  output out4: from p4 -> conv 24, 3x3
}
"""

MOBILENET_V3 = """
default conv pad=same, bias=false
block gate(c, r) {
  mul { skip; { global_avgpool -> conv r, 1x1, bias=true -> relu -> conv c, 1x1, bias=true
    -> sigmoid } }
}
block mid(e, c, s = 1) {
  conv e, 1x1 -> bn -> hardswish
  conv e, 3x3/s, groups=e -> bn -> hardswish
  gate e, e // 4
  conv c, 1x1 -> bn
}
block bneck(e, c, s = 1) {
  if s == 1 and in.channels == c { add { mid e, c, s; skip } } else { mid e, c, s }
}
net x() {
  input 3x32x32
  conv 16, 3x3/2 -> bn -> hardswish
  bneck 16, 16
  bneck 64, 24, 2
  bneck 72, 24
  bneck 72, 24
  conv 96, 1x1 -> bn -> hardswish
  global_avgpool -> conv 128, 1x1, bias=true -> hardswish -> flatten -> dropout 0.2
  linear 10
}
"""

INCEPTION_RESNET = """
default conv pad=same -> relu
block a(s) {
  add {
    skip
    {
      concat { conv 8, 1x1; { conv 8, 1x1 -> conv 8, 3x3 };
               { conv 8, 1x1 -> conv 12, 3x3 -> conv 16, 3x3 } }
      bare conv 32, 1x1 -> scale value=s
    }
  }
  relu
}
net x() {
  input 32x16x16
  repeat 3 { a 0.17 }
  maxpool 3x3/2
  repeat 2 { a 0.1 }
  global_avgpool -> flatten
  linear 10
}
"""

TWO_INPUTS = """
net x() {
  input image: 3x32x32
  input depth: 1x32x32
  from image
  colour: conv 8, 3x3, same -> relu
  from depth
  shape: conv 8, 3x3, same -> relu
  concat { from colour; from shape }
  conv 16, 3x3/2, same -> relu
  global_avgpool -> flatten
  linear 4
}
"""

OUTPUTS = """
default conv pad=same -> relu
net x() {
  input 3x32x32
  stem: conv 16, 3x3
  body: conv 32, 3x3/2
  conv 32, 3x3
  output edges: from stem -> bare conv 1, 1x1 -> sigmoid
  output depth: from body -> upsample 2 -> bare conv 1, 3x3 -> tanh
  aux early: from body -> global_avgpool -> flatten -> linear 32 -> relu -> linear 5
  global_avgpool -> flatten
  linear 10 -> softmax
}
"""

MLP = """
net x() {
  input 784
  linear 300 -> relu
  linear 100 -> relu -> dropout 0.5
  linear 10 -> softmax
}
"""

MLP_SKIP = """
net x() {
  input 64
  linear 64 -> relu
  add { { linear 32 -> relu -> linear 64 }; skip }
  concat { skip; linear 16 }
  linear 10
}
"""

GENERATOR = """
net x() {
  input 100x1x1
  conv 64, 1x1 -> bn -> relu
  upsample 4
  repeat 3 { upsample 2; conv 32, 3x3, same -> bn -> relu }
  conv 3, 3x3, same -> tanh
}
"""

DENSE = """
default conv pad=same, bias=false
block layer(g) { concat { skip; { bn -> relu -> conv 4*g, 1x1 -> bn -> relu -> conv g, 3x3 } } }
block transition() { bn -> relu -> conv in.channels // 2, 1x1 -> avgpool 2x2/2 }
net x() {
  input 16x32x32
  block1: seq { repeat 4 { layer 8 } }
  trans1: transition
  block2: seq { repeat 6 { layer 8 } }
  bn -> relu -> global_avgpool -> flatten
  linear 10
}
"""

SSD = """
default conv pad=same -> relu
net x() {
  input 3x75x75
  conv 8, 3x3
  maxpool 2x2/2
  a: conv 16, 3x3
  maxpool 2x2/2
  b: conv 24, 3x3, dilation=6
  conv 24, 1x1
  c: conv 32, 3x3/2
  output loc_a: from a -> bare conv 16, 3x3
  output conf_a: from a -> bare conv 84, 3x3
  output loc_b: from b -> bare conv 24, 3x3
  output conf_b: from b -> bare conv 126, 3x3
  output loc_c: from c -> bare conv 24, 3x3
  output conf_c: from c -> bare conv 126, 3x3
}
"""

SSD300 = """
default conv pad=same -> relu
block pair(c, d, s = 2) { conv c, 1x1 -> conv d, 3x3/s }
net x() {
  input 3x300x300
  repeat 2 { conv 64, 3x3 }
  maxpool 2x2/2
  repeat 2 { conv 128, 3x3 }
  maxpool 2x2/2
  repeat 3 { conv 256, 3x3 }
  maxpool 2x2/2, ceil=true
  repeat 2 { conv 512, 3x3 }
  conv4_3: conv 512, 3x3
  output loc1: bare conv 16, 3x3
  output conf1: bare conv 84, 3x3
  maxpool 2x2/2
  repeat 3 { conv 512, 3x3 }
  maxpool 3x3/1, pad=1
  fc6: conv 1024, 3x3, dilation=6
  fc7: conv 1024, 1x1
  output loc2: bare conv 24, 3x3
  output conf2: bare conv 126, 3x3
  extra8: pair 256, 512
  output loc3: bare conv 24, 3x3
  output conf3: bare conv 126, 3x3
  extra9: pair 128, 256
  output loc4: bare conv 24, 3x3
  output conf4: bare conv 126, 3x3
  extra10: pair 128, 256
  output loc5: bare conv 16, 3x3
  output conf5: bare conv 84, 3x3
  extra11: pair 128, 256
  output loc6: bare conv 16, 3x3
  output conf6: bare conv 84, 3x3
}
"""

INNER_BLOCKS = """
default conv pad=same -> relu
block sep(c) { conv in.channels, 3x3, groups=in.channels; conv c, 1x1 }
block cell(c) {
  conv c, 1x1
  sep c
  sep 2*c
  conv c, 7x7
  maxpool 2x2/2
}
net x() {
  input 8x32x32
  first: cell 16
  second: cell 32
  global_avgpool -> flatten
  linear 10
}
"""

SHUFFLE = """
default conv pad=same, bias=false
block unit(c) {
  concat {
    slice 0, c
    { slice c, 2*c -> conv c, 1x1 -> bn -> relu -> conv c, 3x3, groups=c -> bn
      -> conv c, 1x1 -> bn -> relu }
  }
  channel_shuffle 2
}
net x() {
  input 16x16x16
  repeat 4 { unit 8 }
  global_avgpool -> flatten
  linear 10
}
"""

RBF = """
net x() {
  input 1x28x28
  conv 6, 5x5, pad=2 -> tanh
  avgpool 2x2/2
  flatten
  linear 84 -> tanh
  rbf 10
}
"""

NETS = {
    name.lower().replace("_", "-"): text
    for name, text in globals().items()
    if name.isupper() and isinstance(text, str)
}
"""Every net by its name; each is the net `x` of its text."""
