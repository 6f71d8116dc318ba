"""What weights begin with: the rules of a net, of a class, and of single layers."""

import pytest
import torch
from torch import nn

from cnnspec import ir
from tests.backends.harness import build, elaborate, text_of
from tests.backends.test_constructs import equals_the_graph, spec

ONES, ZEROS = "init=ones()", "init=zeros()"

NETS = {
    "neighbours": spec(
        f"a: conv 4, 3x3, {ONES}\nb: conv 4, 3x3, bias=false, {ZEROS}\nconv 4, 3x3, bias=false"
    ),
    "a fork": spec(f"add {{ a: conv 8, 3x3, {ONES}; {{ b: conv 8, 1x1, {ZEROS} }} }}"),
    "a seq block": spec(
        "unit 4",
        f"block unit(c) seq {{ conv c, 3x3, {ONES}; conv c, 3x3, bias=false, {ZEROS}; relu }}",
    ),
    "a seq block with a forward": spec(
        f"unit 8\nconv 8, 1x1, {ZEROS}",
        f"block unit(c) seq {{\n  conv c, 3x3, {ONES}\n"
        f"  add {{ skip; seq {{ conv c, 3x3, {ONES} }} }}; relu\n}}",
    ),
    "a seq in a seq": spec(
        f"a: seq {{ seq {{ conv 8, 3x3, {ONES}; relu }}; relu }}\nconv 8, 1x1, {ZEROS}"
    ),
    "braces": spec(
        f"a: {{ conv 8, 3x3, {ZEROS}; relu; conv 8, 1x1, {ONES} }}\nb: conv 8, 1x1, {ONES}"
    ),
    "dotted labels": spec(
        f"inner.0: conv 8, 3x3, {ONES}\ninner.1: conv 8, 1x1, {ZEROS}\n"
        f"outer.0: seq {{ conv 8, 3x3, {ONES} }}"
    ),
    "a loop that agrees": spec(
        f"for i in range(n) {{ b${{i}}: conv 8, 3x3, {ONES} }}\nunit 8",
        f"block unit(c) {{ conv c, 3x3, {ZEROS} }}",
        "n = 2",
    ),
    "an arm that agrees": spec(
        "unit 8, 1\nunit 8, 2\nother 8",
        f"block unit(c, s) {{ if s == 1 {{ conv c, 3x3, {ONES} }} }}\n"
        f"block other(c) {{ conv c, 3x3, {ZEROS} }}",
    ),
}


def written(source: str, word: str) -> int:
    """How many layers the spec gives an initialiser, counted in its text."""
    return source.count(f"init={word}()")


@pytest.mark.parametrize("name", NETS)
def test_every_layer_begins_as_the_spec_says(name):
    text = equals_the_graph(NETS[name])
    net = build(text, "tested")
    convs = [m for m in net.modules() if isinstance(m, nn.Conv2d)]
    rounds = 2 if name == "a loop that agrees" else 1
    for word, value in (("ones", 1.0), ("zeros", 0.0)):
        begun = [m for m in convs if (m.weight == value).all()]
        assert len(begun) == written(NETS[name], word) * (rounds if word == "ones" else 1)
        assert all((m.bias == 0).all() for m in begun if m.bias is not None)


DISTRIBUTIONS = {
    "uniform(low=-0.1, high=0.2)": ("from U(-0.1, 0.2)", 0.05, 0.3 / 12**0.5),
    "uniform()": ("from U(0.0, 1.0)", 0.5, 1 / 12**0.5),
    "normal(std=0.01)": ("from N(0, 0.0001), 0.0001 the variance", 0.0, 0.01),
    "xavier()": ("as Glorot and Bengio 2010", 0.0, (2 / (1000 + 200)) ** 0.5),
    "he_normal(fan=\"out\")": ("as He et al. 2015 (fan out)", 0.0, (2 / 200) ** 0.5),
    "ones()": ("with ones", 1.0, 0.0),
}  # fmt: skip


@pytest.mark.parametrize("init", DISTRIBUTIONS)
def test_weights_are_drawn_as_the_docstring_says(init):
    words, mean, deviation = DISTRIBUTIONS[init]
    text = text_of(
        f"net tested(classes = 200) {{\n  input 1000\n  linear classes, bias=false, init={init}\n}}"
    )
    assert f"to [classes]; initialise {words}." in text
    weight = build(text, "tested").linear1.weight
    assert weight.mean().item() == pytest.approx(mean, abs=4e-3)
    assert weight.std().item() == pytest.approx(deviation, rel=0.02, abs=1e-7)
    assert torch.isfinite(weight).all()


FOLDED = {
    "a layer under a condition": spec(
        "unit 4, 1\nunit 4, 2",
        f"block unit(c, s) {{ conv c, 3x3, {ZEROS}; if s == 1 {{ a: conv c, 3x3, {ONES} }} }}",
    ),
    "a layer under a condition in a fork": spec(
        "unit 4, 1",
        f"block unit(c, s) {{\n  conv c, 3x3, {ZEROS}\n"
        f"  add {{ skip; {{ if s == 1 {{ a: conv c, 3x3, {ONES} }}; relu }} }}\n}}",
    ),
    "a layer in a loop": spec(
        f"for i in range(n) {{ b${{i}}: conv 8, 3x3, {ONES} }}\nconv 8, 1x1, {ZEROS}",
        params="n = 2",
    ),
    "a container in a loop": spec(
        f"for i in range(n) {{ b${{i}}: seq {{ conv 8, 3x3, {ONES}; relu }} }}\n"
        f"conv 8, 1x1, {ZEROS}",
        params="n = 2",
    ),
}


@pytest.mark.parametrize("name", FOLDED)
def test_house_what_begins_otherwise_in_a_loop_or_under_a_condition_begins_as_the_spec_says(name):
    net = build(text_of(FOLDED[name]), "tested")
    graph = ir.graph(elaborate(FOLDED[name]).net)
    inits = {node.path: node.op.init for node in graph if node.op.name == "conv"}
    assert {str(init.name) for init in inits.values()} >= {"ones"}
    for path, init in inits.items():
        conv = net.get_submodule(path)
        assert (conv.weight == (1.0 if init.name == "ones" else 0.0)).all()
