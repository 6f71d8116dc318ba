"""The difference of two nets: golden pairs, a net against itself, one mutated number."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnspec.analyses.diff import Diff, diff
from cnnspec.report.diff import headline
from tests.backends.harness import CASES, SPECS, elaborate, nets


def net(name: str):
    path = SPECS / f"{name}.cnn"
    return elaborate(path if path.exists() else CASES / "vgg_d.cnn", name).net


def said(found: Diff) -> dict[str, list[str]]:
    """Changes in words -> the places, by the path in the first net or else in the second."""
    return {f"{c.kind} {c.what}": [p.a or p.b for p in c.places] for c in found.changes}


def test_plain34_against_resnet34_says_16_skips_3_of_them_projections():
    found = diff(net("plain34"), net("resnet34"))
    assert headline(found) == "16 skips added, 3 of them projections"
    places = said(found)
    assert places["added projection skip (1×1 conv, 128/2)"] == ["layer2.0.add1"]
    assert places["added projection skip (1×1 conv, 256/2)"] == ["layer3.0.add1"]
    assert places["added projection skip (1×1 conv, 512/2)"] == ["layer4.0.add1"]
    assert len(places["added skip"]) == 13 and len(places) == 4


def test_resnet50_against_resnet50_paper_says_where_the_stride_sits():
    stages = ["layer2.0", "layer3.0", "layer4.0"]
    assert said(diff(net("resnet50"), net("resnet50_paper"))) == {
        "changed conv window 1x1 -> 1x1/2": [f"{stage}.conv1" for stage in stages],
        "changed conv window 3x3/2 -> 3x3": [f"{stage}.conv2" for stage in stages],
    }


def test_vgg_c_against_vgg_d_says_three_1x1_became_3x3_and_nothing_else():
    assert said(diff(net("vgg_c"), net("vgg_d"))) == {
        "changed conv window 1x1 -> 3x3": ["features.14", "features.21", "features.28"]
    }


def test_deeper_by_blocks():
    assert headline(diff(net("resnet18"), net("resnet34"))) == "8 blocks added"
    assert headline(diff(net("resnet34"), net("resnet18"))) == "8 blocks removed"
    found = said(diff(net("resnet34"), net("resnet34_c")))
    assert sum(map(len, found.values())) == 13
    assert all(what.startswith("changed skip -> projection skip") for what in found)


@pytest.mark.parametrize(("path", "name"), [pytest.param(p, n, id=n) for p, n in nets()])
def test_a_net_against_itself_is_empty(path, name):
    found = diff(elaborate(path, name).net, elaborate(path, name).net)
    assert not found and headline(found) == "no difference"
    assert all(step.kind == "equal" for step in found.steps)


def test_names_of_layers_are_keys_and_count_names_of_blocks_do_not():
    block = "block {0}() {{ conv 4, 3x3 -> relu }}\n"
    text = block + "net n {{ input 1x9x9\n body: {0}; {1}: conv 2, 1x1 }}"
    one = elaborate(text.format("cell", "head"), "n").net
    assert not diff(one, elaborate(text.format("unit", "head"), "n").net)
    renamed = diff(one, elaborate(text.format("cell", "top"), "n").net)
    assert said(renamed) == {"renamed head -> top": ["head"]}


def test_blocks_against_the_same_layers_without_blocks():
    inside = elaborate(
        "block b() { conv 4, 3x3 -> relu }\nnet n { input 1x9x9\n one: b; two: b }", "n"
    ).net
    outside = elaborate(
        "net n { input 1x9x9\n conv 4, 3x3 -> relu -> conv 4, 3x3 -> relu -> conv 2, 1x1 }", "n"
    ).net
    kinds = {change.kind for change in diff(inside, outside).changes}
    added = [c.what for c in diff(inside, outside).changes if c.kind == "added"]
    assert kinds == {"renamed", "added"} and added == ["1×1 conv, 2"]


LAYER = st.one_of(
    st.tuples(st.just("conv {}, {}x{}, pad={}"), st.integers(1, 9), st.sampled_from([1, 3]),
              st.sampled_from([1, 3]), st.just(1)),
    st.tuples(st.just("maxpool {}x{}"), st.sampled_from([2, 3]), st.sampled_from([2, 3])),
    st.tuples(st.just("conv {0}, 1x1 -> bn -> relu"), st.integers(1, 9)),
    st.tuples(st.just("add {{{{ conv {0}, 3x3, pad=1 -> conv 4, 1x1; conv 4, 1x1 }}}}"
                      .replace("{{{{", "{{").replace("}}}}", "}}")), st.integers(1, 9)),
    st.tuples(st.just("dropout 0.{}"), st.integers(1, 9)),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(layers=st.lists(LAYER, min_size=1, max_size=8), data=st.data())
def test_one_mutated_number_is_exactly_one_change(layers, data):
    which = data.draw(st.integers(0, len(layers) - 1))
    form, *numbers = layers[which]
    place = data.draw(st.integers(0, len(numbers) - 1))
    mutated = [*layers]
    more = 2 if form.startswith("conv {}, {}x{}") and place in (1, 2) else 1
    changed = [n + more if i == place else n for i, n in enumerate(numbers)]
    mutated[which] = (form, *changed)
    a, b = (written(rows) for rows in (layers, mutated))
    found = diff(a, b)
    assert [(c.kind, len(c.places)) for c in found.changes] == [("changed", 1)], said(found)
    assert not diff(a, a)


def written(layers):
    body = "\n".join(form.format(*numbers) for form, *numbers in layers)
    return elaborate(f"net n {{ input 2x64x64\n{body}\n}}", "n").net
