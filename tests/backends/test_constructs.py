"""Every construct in a small net: the module equals the graph, layer by layer, to the bit."""

import importlib.util
import sys
import tomllib
from importlib import resources
from pathlib import Path

import pytest
import torch

from cnnspec import ir
from cnnspec.ops import ops
from tests.backends.harness import CASES, SPECS, elaborate, expected_state, load, reference, text_of

FRAME = """
default conv pad=same
%s
net tested(%s) {
  input 8x8x8
%s
}
"""


def spec(body: str, blocks: str = "", params: str = "classes = 3") -> str:
    return FRAME % (blocks, params, body)


def equals_the_graph(source, name: str = "") -> str:
    """Build, compare keys and outputs in eval with the reference; give the text."""
    elaborated = elaborate(source, name)
    text = text_of(source, name)
    net = getattr(load(text), elaborated.net.name)()
    state = net.state_dict()
    assert {k: tuple(v.shape) for k, v in state.items()} == expected_state(elaborated)
    net.eval()
    inputs = {i.name: torch.randn(2, *map(int, i.shape)) for i in elaborated.net.inputs}
    with torch.no_grad():
        wanted = reference(elaborated, state, {k: v.clone() for k, v in inputs.items()})
        found = net(*inputs.values())
    heads = {b.name for b in elaborated.net.branches if b.kind == "aux"}  # they run in training
    names = ir.graph(elaborated.net).outputs
    wanted = [y for name, y in zip(names, wanted, strict=True) if name not in heads]
    found = found if isinstance(found, tuple) else (found,)
    for a, b in zip(wanted, found, strict=True):
        assert torch.equal(a, b)
    return text


CONSTRUCTS = {
    "chain": spec("conv 4, 3x3 -> bn -> relu -> maxpool 2x2/2 -> flatten -> linear classes"),
    "activations": spec(
        "tanh -> conv 4, 3x3 -> sigmoid -> conv 4, 3x3 -> gelu -> conv 4, 3x3 -> silu\n"
        "hardswish -> leaky_relu -> relu6"
    ),
    "norms": spec("conv 4, 3x3 -> gn 2 -> relu -> ln -> conv 4, 1x1 -> lrn 3 -> relu"),
    "relu first": spec("relu -> conv 4, 3x3 -> relu"),
    "relu reads the input twice": spec("add { relu; conv 8, 3x3; skip } -> relu"),
    "asymmetric padding": spec("conv 4, 2x2, pad=[0, 1, 0, 1] -> relu"),
    "per axis": spec("conv 4, 1x3/1x2, pad=0x1 -> avgpool 2x1/2x1, count_include_pad=false"),
    "dilation and groups": spec("conv 8, 3x3, groups=4, dilation=2 -> conv 8, 1x1, bias=false"),
    "mul of a squeezed arm": spec(
        "mul { skip; global_avgpool -> conv 2, 1x1 -> relu -> conv 8, 1x1 -> sigmoid }"
    ),
    "nested forks": spec(
        "concat { conv 4, 1x1; add { conv 8, 3x3 -> relu; concat { conv 4, 1x1; conv 4, 3x3 } } }"
    ),
    "fork of groups": spec("add { { conv 8, 1x1; relu }; { }; conv 8, 3x3 -> bn }"),
    "arms of a loop": spec("concat { for n in [1, 3, 5] { conv 2, kernel(n, n) } }"),
    "arm of an if": spec(
        "concat { skip; if true { conv 2, 1x1 }; if false { conv 9, 1x1 }; conv 1, 1x1 }"
    ),
    "unrolled loop": spec("for i, c in enumerate([4, 6]) { stage${i}: conv c, 3x3 -> relu }"),
    "repeat": spec("repeat 3 { conv 4, 3x3 -> relu }"),
    "open list": spec(
        "for i, n in enumerate(depths) {\n"
        "  part${i}: seq { repeat n { conv 4 * 2^i, 3x3 -> relu } }\n}",
        params="depths = [2, 1], classes = 3",
    ),
    "open width": spec(
        "conv width, 3x3 -> relu -> conv 2 * width, 3x3 -> flatten -> linear classes",
        params="width = 6, classes = 3",
    ),
    "seq in seq": spec("trunk: seq { seq { conv 4, 3x3; relu }; conv 2, 1x1 }"),
    "labelled braces": spec("stem: { conv 4, 3x3 -> bn -> relu; last: conv 2, 1x1 } -> relu"),
    "followers": spec(
        "conv 4, 3x3\nproj: conv 4, 1x1\nbare conv 4, 3x3\nconv9: conv 4, 1x1",
        "default conv -> bn -> relu",
    ).replace("default conv pad=same\n", ""),
    "taps": spec(
        "first: conv 4, 3x3 -> relu\nsecond: conv 4, 3x3 -> relu\n"
        "concat { from first -> conv 2, 1x1; skip } -> relu"
    ),
    "shared": spec("one: conv 8, 3x3 -> relu -> share one -> relu -> share one"),
    "shared at other sizes": spec(
        "c3: conv 4, 3x3\nc4: conv 4, 3x3/2\nb: seq { conv 4, 3x3/2; relu; conv 4, 1x1 }\n"
        "h: head 4, 3\noutput o4: from c4 -> share h\noutput o3: from c3 -> share h\n"
        "from c3 -> share b -> relu -> share h",
        "block tower(c) { repeat 2 { conv c, 3x3 -> relu } }\n"
        "block head(c, n) {\n  body: tower c\n  add { skip; { conv c, 3x3/2; relu; upsample 2;"
        " resize to=body } }\n  p: maxpool 1x1/1; unpool p; conv n, 3x3\n}",
    ),
    "shared braces at other sizes": spec(
        "a: { one: conv 8, 3x3 -> relu; b: { conv 8, 3x3/2; c: conv 8, 3x3; add { skip;"
        " conv 8, 1x1 } } }\nrelu\nshare a -> relu -> share a.b"
    ),
    "outputs": spec(
        "a: conv 4, 3x3 -> relu\noutput side: from a -> conv classes, 1x1 -> global_avgpool\n"
        "conv 5, 3x3 -> global_avgpool -> flatten -> linear classes -> softmax"
    ),
    "no logits": spec("a: conv 4, 3x3\noutput one: conv 2, 1x1\noutput two: from a -> relu"),
    "crops and resizes to other maps": spec(
        "a: conv 4, 3x3 -> relu\nb: conv 6, 3x3, pad=0 -> relu\n"
        'concat { skip; from a -> crop to=b }\nresize to=image, mode="bilinear"\n'
        "add { skip; { conv 10, 3x3/2 -> resize to=a } } -> relu"
    ),
    "a crop to a map inside a block": spec(
        "a: conv 4, 3x3\nunit\nb: unit\nfrom a -> crop to=b.inner -> relu -> unit",
        "block unit() { conv 4, 1x1 -> relu; inner: conv 4, 3x3/2 -> relu; upsample 2 }",
    ),
    "places of a pool": spec(
        "conv 4, 3x3 -> relu\npool1: maxpool 2x2/2\nconv 6, 3x3\n"
        "pool2: maxpool 2x2/2 -> conv 6, 1x1\n"
        "unpool pool2\nconv 4, 3x3 -> relu -> unpool pool1 -> relu"
    ),
    "places of a pool that leaves rows over": spec(
        "conv 4, 4x4, pad=0\np: maxpool 2x2/2\nconv 4, 3x3 -> relu -> unpool p -> conv 2, 3x3\n"
        "q: maxpool 2x2/2, ceil=true\nadd { from q; skip } -> unpool q"
    ),
    "places of a pool in a block": spec(
        "one: down 4\ntwo: down 6\nconv 6, 3x3\nunpool two.pool\nconv 4, 3x3\nunpool one.pool\n"
        "down 3",
        "block down(c) { conv c, 3x3 -> relu; pool: maxpool 2x2/2 }",
    ),
    "places of a pool in a container": spec(
        "s: seq { conv 4, 3x3; maxpool 2x2/2; relu }\nb: { conv 4, 3x3; p: maxpool 2x2/2; relu }\n"
        "conv 4, 1x1 -> unpool b.p -> conv 4, 1x1 -> unpool s[1]"
    ),
    "second values out of braces": spec(
        "a: conv 8, 3x3\np: maxpool 2x2/2\nb: { conv 8, 1x1; add { skip; conv 8, 1x1 }; unpool p }"
        "\nc: { conv 8, 3x3, pad=0; relu; resize to=a }"
    ),
    "second values in a loop and an if": spec(
        "for i in range(2) { p${i}: maxpool 2x2/2 -> conv 8, 3x3 -> relu }\n"
        "for i in range(2) { unpool p${1 - i} -> conv 8, 3x3 }\n"
        "if classes == 3 { crop to=p0 } else { resize to=p0 }"
    ),
    "second values in a block of several sizes": spec(
        "unit 4\nunit 4\nunit 6, 2",
        "block unit(c, k = 2) {\n  a: conv c, 3x3; p: maxpool kernel(k, k)/k; conv c, 3x3\n"
        "  unpool p; conv c, 1x1/2 -> resize to=a -> crop to=p\n}",
    ),
    "auxiliary head": spec(
        "a: conv 4, 3x3\nb: conv 4, 3x3 -> relu\nflatten -> linear classes\n"
        "aux early: from a -> relu -> flatten -> linear classes"
    ),
    "auxiliary block": spec(
        "a: conv 4, 3x3 -> relu -> flatten -> linear classes\naux early: from a -> side classes",
        "block side(classes) { maxpool 2x2/2 -> flatten -> linear classes }",
    ),
    "dropout": spec("conv 4, 3x3 -> dropout 0.3 -> flatten -> dropout -> linear classes"),
    "shuffle and slice": spec(
        "channel_shuffle 2 -> concat { slice 0, 4 -> conv 4, 3x3; slice 4, 8 } -> relu"
    ),
    "upsample": spec('conv 4, 3x3/2 -> upsample 2 -> conv 2, 3x3 -> upsample 2, mode="bilinear"'),
    "scale": spec("avgpool 2x2/2 -> scale bias=true -> tanh"),
    "block with defaults": spec(
        "squeeze 8\nsqueeze 8, ratio=2\nsqueeze 4, hidden=3",
        "block squeeze(c, ratio = 4, hidden = c // ratio) {\n"
        "  conv hidden, 1x1 -> relu -> conv c, 3x3\n}",
    ),
    "block by name": spec(
        "twice plain, 4\ntwice wide, 4",
        "block plain(c) { conv c, 3x3 -> relu }\nblock wide(c) { conv 2 * c, 3x3 -> relu }\n"
        "block twice(unit, c) seq { unit c; unit c }",
    ),
    "folded booleans": spec(
        "unit 4, true\nunit 4, false\nunit 6, true",
        "block unit(c, normed) { conv c, 3x3; if normed { bn }; relu }",
    ),
    "windows": spec(
        "cbr 4, 3x3, same\ncbr 4, 1x3, same\ncbr 4, 3x3/2, 1\ncbr 2, 1x1",
        "block cbr(c, k, pad = 0) { conv c, k, pad=pad, bias=false -> bn -> relu }",
    ),
    "dense": spec(
        "dense 3, 4\ndense 2, 2\nconv classes, 1x1",
        "block layer(growth) { concat { skip; bn -> relu -> conv growth, 3x3 } }\n"
        "block dense(n, growth) { for i in range(n) { layer${i}: layer growth } }",
    ),
    "channels that halve in a loop": spec(
        "trunk: seq { repeat n { halve } } => 2x8x8\nconv classes, 1x1",
        "block halve() { conv in.channels // 2, 3x3 -> relu }",
        params="n = 2, classes = 3",
    ),
    "undecided if in a seq": spec(
        "shortcut 8, 1\nshortcut 8, 2\nshortcut 4, 1\nconv 3, 1x1",
        "block shortcut(c, s) seq { if s != 1 or in.channels != c { conv c, 1x1/s } }",
    ),
    "undecided else": spec(
        "unit 8, 1\nunit 8, 2",
        "block unit(c, s) seq {\n  if s == 1 { conv c, 3x3; relu }\n"
        "  else { maxpool 2x2/2; conv c, 1x1 }\n}",
    ),
    "arms of different flow": spec(
        "unit 8, 1\nunit 4, 2",
        "block unit(c, s) {\n  if s == 1 { add { skip; a: conv c, 3x3 } }\n"
        "  else { relu\n add { a: conv c, 3x3/s; b: conv c, 1x1/s } }\n  relu\n}",
    ),
    "numbers of labels and automatic names": spec(
        "conv 4, 1x1 -> head: conv 4, 1x1 -> conv 4, 1x1 -> relu -> conv2b: conv 4, 1x1"
    ),
    "names that Python has": spec(
        "unit 4, 2", "block unit(lambda, x) { conv lambda * x, 3x3 -> relu }"
    ),
    "symbolic size": spec("conv 4, 3x3 -> global_avgpool -> flatten -> linear classes").replace(
        "input 8x8x8", "input image: [8, H=8, W=8]"
    ),
    "heights that a block reads": spec(
        "unit\nconv in.height, 1x1", "block unit() { conv 2 * in.height, 1x1 -> relu }"
    ),
    "heights that differ between calls": spec(
        "output a: head classes\nmaxpool 2x2/2\noutput b: outer classes\nconv 4, 3x3\nhead classes",
        "block head(n) { conv 2, 3x3/2 -> avgpool 2x2/1 -> flatten -> linear n }\n"
        "block outer(n) { conv in.height, 1x1 -> relu; head n }",
    ),
    "let in a block": spec(
        "unit 4",
        "block unit(c) { let half = c // 2; conv half, 1x1 -> relu -> conv half + 1, 3x3 }",
    ),
    "lets of one name in two arms": spec(
        "unit 8",
        "block unit(c) {\n  concat {\n    { let h = c // 2; conv h, 1x1 }\n"
        "    { let h = c // 4; conv h, 3x3; conv h + 1, 1x1 }\n  }\n}",
    ),
    "a loop variable with a parameter's name": spec(
        "unit 2, 4\nconv classes, 1x1",
        "block unit(i, n) {\n  for i in range(n) { part${i}: bit i + 2 }\n  after: conv i, 1x1\n}\n"
        "block bit(c) { conv c, 3x3 -> relu }",
    ),
    "a container with a parameter's name": spec(
        "classes_: seq { repeat n { conv 4, 3x3 -> relu } }\nn: seq { repeat n { conv 4, 1x1 } }",
        params="n = 2, classes = 3",
    ),
    "a loop in an arm": spec(
        "unit 2\nconv classes, 1x1",
        "block unit(n) {\n  add {\n    trunk: seq { repeat n { conv 4, 3x3; relu }; conv 8, 1x1 }\n"
        "    conv in.channels, 1x1\n  }\n}",
    ),
    "class names that are taken": spec(
        "tensor 4\npad__channels 5\npad_channels 9",
        "block tensor(c) { conv c, 3x3; relu }\nblock pad__channels(c) { conv c, 3x3; relu }",
    ),
    "a block in two options": spec(
        'unit 4, "A"\nunit 4, "B"\nunit 6, "B"',
        "block unit(c, option) { inner c, option }\n"
        'block inner(c, option) { conv c, 3x3; if option == "A" { bn } else { relu } }',
    ),
    "a default that an argument overrides": spec(
        "unit 4\nunit 4, twice=3",
        "block unit(c, twice = 2 * c) { conv twice, 1x1 -> relu -> conv c, 1x1 }",
    ),
    "min, max and choices": spec(
        "for i, n in enumerate(depths) {\n"
        "  part${i}: unit min(4 * 2^i, n + 3), stride=1 if i == 0 else 2\n}",
        "block unit(c, stride) { conv max(c, 2), 3x3/stride -> relu }",
        params="depths = [2, 3]",
    ),
    "rectangular and computed windows": spec(
        "for n in [1, 3] { concat { conv 2, kernel(1, n); conv 2, kernel(n, 1) } }"
    ),
    "permuted maps": spec(
        "conv 6, 3x3 -> permute [0, 2, 1] -> conv 4, 1x1 -> relu -> permute [1, 0, 2]\n"
        "conv 5, 3x3 -> permute [2, 1, 0] -> flatten -> linear classes"
    ),
    "permuted channels that stay open": spec(
        "turn 6\nturn 4\nconv classes, 1x1",
        "block turn(c) { conv c, 3x3; permute [1, 0, 2]; conv 8, 1x1; permute [1, 0, 2] }",
    ),
    "a long expression": spec(
        "unit 3, 2",
        "block unit(number_of_feature_maps_in, number_of_feature_maps_out) {\n"
        "  let width = (number_of_feature_maps_in * number_of_feature_maps_out + in.channels)"
        " // (number_of_feature_maps_out + 1)\n  conv width, 1x1; conv width, 3x3\n}",
    ),
    "a fork in braces": spec("a: { conv 4, 3x3; add { skip; conv 4, 1x1 } } -> relu"),
    "a fork in a seq": spec(
        "a: seq { conv 4, 3x3; add { skip; conv 4, 1x1 }; relu; conv 3, 1x1 } -> relu"
    ),
    "a fork in a seq block": spec(
        "unit 4\nunit 6",
        "block unit(c) seq { conv c, 3x3 -> relu; concat { skip; conv c, 1x1 }; bn; conv c, 1x1 }",
    ),
    "forks in the levels of a loop": spec(
        "for i, c in enumerate([4, 6, 4]) {\n"
        "  stage${i}: { conv c, 3x3 -> relu; add { skip; conv width * c // width, 1x1 } }\n}",
        params="width = 2, classes = 3",
    ),
    "a fork in braces of a block": spec(
        "unit 4, true\nunit 6, false",
        "block unit(c, normed) {\n"
        "  let half = c // 2\n  stem: { conv half, 1x1; if normed { bn }; relu;"
        " concat { skip; conv c - half, 3x3 } }\n  conv c, 1x1\n}",
    ),
    "a level that taps the level around it": spec(
        "low: conv 6, 3x3/2\nup: seq { upsample 2; concat { skip; from image }; conv 4, 3x3 }\n"
        "last: { conv classes, 3x3; concat { skip; from low -> upsample 2 }; conv 2, 1x1 }"
    ),
    "a tap into a block": spec(
        "a: unit\nb: unit\noutput o: from a.conv1 -> relu\noutput p: from b -> conv 2, 1x1\n"
        "concat { skip; from a.bn1 } -> conv classes, 1x1",
        "block unit() { conv 4, 3x3 -> bn -> relu }",
    ),
    "a tap through two blocks": spec(
        "a: outer 4\noutput o: from a.inner.conv1 -> relu\nconv in.channels, 1x1",
        "block outer(c) { inner: unit c; concat { skip; conv c, 1x1 } }\n"
        "block unit(c) { conv c, 3x3; relu }",
    ),
    "a tap into a seq block with a loop": spec(
        "a: stage 3, 4\noutput o: from a[1] -> conv classes, 1x1\noutput p: from a[0].conv1",
        "block stage(n, c) seq { unit c; conv c, 3x3; repeat n { unit c } }\n"
        "block unit(c) { add { conv c, 1x1; conv c, 3x3 } -> relu }",
    ),
    "a tap into a container with a loop": spec(
        "a: seq { conv 4, 3x3; relu; repeat n { conv 4, 3x3 } }\noutput o: from a[1]\nrelu",
        params="n = 2",
    ),
    "a tap into a fork of braces": spec(
        "a: { conv 4, 3x3; add { skip; conv 4, 1x1 -> relu } }\noutput o: from a.conv2\nrelu"
    ),
    "a loop of many rounds": spec(
        "for i in range(10) { b${i}: conv 4, 3x3 -> relu }\nconv classes, 1x1"
    ),
    "many rounds without labels": spec(
        "conv 4, 1x1\nrepeat 9 { conv 4, 3x3 -> relu; add { skip; conv 4, 1x1 } }\nconv 3, 1x1"
    ),
    "many rounds of a table": spec(
        "for i, c in enumerate([4, 4, 6, 6, 8, 8, 4, 4, 2]) {\n"
        "  if i % 3 == 2 { pool${i}: conv c, 2x2, pad=[0, 1, 0, 1] }\n  b${i}: unit c, i + 1\n}\n"
        "conv classes, 1x1",
        "block unit(c, n) { add { conv c, 1x1; conv c, 3x3 } -> relu }",
    ),
    "many rounds that a tap looks into": spec(
        "for i in range(10) { b${i}: conv 4, 3x3 -> relu }\noutput o: from b7 -> conv classes, 1x1"
    ),
    "an open loop in a net": spec(
        "for i in range(n) { b${i + 1}: conv 8, 3x3 -> relu }\nconv classes, 1x1",
        params="n = 2, classes = 3",
    ),
    "an open loop in a block": spec(
        "unit 3, 4\nunit 2, 6\nconv classes, 1x1",
        "block unit(n, growth) {\n"
        "  for i in range(n) { concat { skip; bn -> relu -> layer${i}: conv growth, 3x3 } }\n"
        "  add { skip; last: conv in.channels, 1x1 }\n}",
    ),
    "an open loop without labels": spec(
        "unit 3\nunit 2",
        "block unit(n) { add { skip; { conv 4, 1x1; repeat n { conv 6, 3x3; relu; conv 4, 1x1 }\n"
        "  last: conv 8, 1x1 } } }",
    ),
    "output and aux": spec(
        "a: conv 4, 3x3\noutput o: conv 2, 1x1\naux early: from a -> conv 3, 1x1\n"
        "output p: from a -> relu\nflatten -> linear classes"
    ),
    "an auxiliary head with a fork": spec(
        "a: conv 4, 3x3 -> relu -> flatten -> linear classes\n"
        "aux early: from a -> relu -> add { skip; conv 4, 1x1 } -> flatten -> linear classes"
    ),
    "two inputs": spec(
        "conv 4, 3x3 -> relu\nleft: conv 4, 3x3\ninput right: 3x8x8\nconv 4, 3x3\n"
        "concat { skip; from left; from right } -> relu -> conv classes, 1x1"
    ),
    "a tap of the image": spec("conv 4, 3x3 -> relu\nconcat { skip; from image } -> relu"),
    "dotted labels": spec(
        "blocks.0.0: conv 4, 3x3 -> relu -> blocks.0.1: conv 4, 3x3 -> blocks.1: conv 4, 1x1\n"
        "inner.one: conv 4, 1x1 -> inner.two: unit\nconcat { skip; from blocks[0][1] }",
        "block unit() { a.0: conv 4, 3x3; relu; a.1: conv 3, 1x1 }",
    ),
    "a number that an open condition decides": spec(
        "unit 8, 1\nunit 8, 2\nunit 6, 1",
        "block unit(c, s) { if s == 1 { conv c, 3x3; relu }; conv c, 1x1/s; bn; conv c, 3x3 }",
    ),
    "numbers that two open conditions decide": spec(
        "unit 8, 1\nunit 8, 2\nunit 6, 3",
        "block unit(c, s) {\n  if s == 1 { conv c, 3x3 }\n  add { skip; conv in.channels, 1x1 }\n"
        "  if s < 3 { conv c, 3x3 } else { conv c, 1x1; relu }\n  conv c, 1x1\n}",
    ),
    "three arms of different flow": spec(
        "unit 8, 1\nunit 8, 2\nunit 8, 3",
        "block unit(c, s) {\n  if s == 1 { add { skip; a: conv c, 3x3 } }\n"
        "  else if s == 2 { relu; a: conv c, 3x3; b: conv c, 1x1 }\n"
        "  else { mul { skip; b: conv c, 1x1 -> sigmoid } }\n}",
    ),
    "unequal padding in a seq": spec("a: seq { conv 4, 2x2, pad=[0, 1, 0, 1]; relu; conv 3, 1x1 }"),
    "unequal padding in braces": spec(
        "a: { relu; conv 4, 2x2, pad=[0, 1, 0, 1] -> relu }\nunit 3\noutput o: from a.conv1",
        "block unit(c) { conv c, 2x2, pad=[1, 0, 0, 1] -> bn -> relu }",
    ),
    "shared layers in a level": spec(
        "a: { one: conv 8, 3x3 -> relu -> share one -> relu } -> relu"
    ),
    "a let that leaves a block": spec(
        "unit 4\nconv classes, 1x1",
        "block unit(c) { let half = c // 2; conv c, 1x1 -> relu -> conv half, 3x3 }",
    ),
    "loss of a name in brackets": spec("conv (classes + 1) * 2, 1x1 -> conv classes - 1, 1x1"),
}


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_construct(name):
    equals_the_graph(CONSTRUCTS[name])


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (SPECS / "lenet5.cnn", "lenet5"),
        (SPECS / "lenet5_book.cnn", "lenet5_book"),
        (SPECS / "resnet20.cnn", "resnet20"),
        (SPECS / "plain20.cnn", "plain20"),
        (SPECS / "resnet34_a.cnn", "resnet34_a"),
        (SPECS / "resnet34_c.cnn", "resnet34_c"),
        (SPECS / "resnet50_paper.cnn", "resnet50_paper"),
        (CASES / "googlenet.cnn", "googlenet"),
        (CASES / "alexnet.cnn", "alexnet_2012"),
        (CASES / "preact.cnn", "resnet20_preact"),
        (CASES / "inception_v3.cnn", "inception_v3"),
        (CASES / "tour.cnn", "tour"),
        (CASES / "vgg_d.cnn", "vgg_c"),
        (CASES / "densenet121.cnn", "densenet121"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_net(path, name):
    narrow = path.read_text(encoding="utf-8").replace("4096", "64")  # wide layers cost time only
    equals_the_graph(narrow if name in ("vgg_c", "alexnet_2012") else path, name)


LOOPS_IN_FORWARD = {
    "many rounds without labels", "many rounds of a table", "an open loop in a net",
    "an open loop in a block", "an open loop without labels", "a loop of many rounds",
    "a tap into a seq block with a loop", "a tap into a container with a loop", "dense",
}  # fmt: skip
"""TorchScript takes no computed name in `getattr`; everything else does."""


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", CONSTRUCTS)
def test_construct_is_traced_and_scripted(name, tmp_path):
    file = tmp_path / f"construct{list(CONSTRUCTS).index(name)}.py"
    equals_when_compiled(CONSTRUCTS[name], file, scripted=name not in LOOPS_IN_FORWARD)


def equals_when_compiled(source: str, file: Path, *, scripted: bool = True) -> None:
    """FX, and TorchScript where it can, give what the module gives."""
    elaborated = elaborate(source)
    file.write_text(text_of(source), encoding="utf-8")
    specification = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(specification)
    sys.modules[file.stem] = module
    specification.loader.exec_module(module)
    net = getattr(module, elaborated.net.name)().eval()
    inputs = [torch.randn(2, *map(int, i.shape)) for i in elaborated.net.inputs]
    compilers = [torch.fx.symbolic_trace, *([torch.jit.script] if scripted else [])]
    with torch.no_grad():
        wanted = net(*inputs)
        for compiler in compilers:
            found = compiler(net)(*inputs)
            pairs = (
                [(wanted, found)] if torch.is_tensor(wanted) else zip(wanted, found, strict=True)
            )
            assert all(torch.equal(a, b) for a, b in pairs)


MANUAL = tomllib.loads(resources.files("cnnspec.ops").joinpath("examples.toml").read_text())


@pytest.mark.parametrize("name", [n for n, cls in ops().items() if not cls.join and n != "skip"])
def test_every_op_can_stand_in_a_seq(name):
    arrives = MANUAL[name]["input"]
    layers = "drop_path 0.2" if name == "drop_path" else MANUAL[name]["example"]  # that has a fork
    text = text_of(f"net tested {{ input {arrives}; a: seq {{ {layers} }} }}")
    made = "A(nn.ModuleDict)" if ops()[name].places else "nn.Sequential("  # a pool of two values
    assert f"self.a = {made}" in text or f"class {made}:" in text
