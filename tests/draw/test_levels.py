"""How much of a net is opened: levels, parts, what is expanded."""

from __future__ import annotations

import re
from math import inf
from typing import Any

import pytest

from cnnspec.draw import THEMES, DrawError, figure
from cnnspec.draw.writers.svg import write_svg


def drawn(picture: Any, net: Any, **options: Any) -> Any:
    return picture(write_svg(figure(net, **options), THEMES["light"]))


def counts(seen: Any) -> dict[str, str]:
    return {frame["group"]: frame["count"] for frame in seen.frames}


def test_level_stage_closes_every_stage(spec: Any, picture: Any, faults: Any) -> None:
    net = spec("resnet34").net
    assert faults(figure(net, level="stage")) == []
    seen = drawn(picture, net, level="stage")
    assert counts(seen) == {f"layer{n}": "1" for n in range(1, 5)}
    assert "6 × basic, stride = 2, then 1" in seen.says()
    assert "6.82 M params · 1.34 G MACs" in seen.says()


def test_level_net_has_a_box_for_every_name(spec: Any, picture: Any, faults: Any) -> None:
    net = spec("resnet34").net
    assert faults(figure(net, level="net")) == []
    assert len(drawn(picture, net, level="net").frames) == 4


def test_depth_opens_names_down_to_it(spec: Any, picture: Any, faults: Any) -> None:
    net = spec("resnet34").net
    assert counts(drawn(picture, net, depth=1)) == counts(drawn(picture, net, level="net"))
    two = figure(net, depth=2)
    assert faults(two) == []
    assert [frame["count"] for frame in drawn(picture, net, depth=2).frames] == [
        "3", "1", "3", "1", "5", "1", "2",
    ]  # fmt: skip
    assert drawn(picture, net, depth=2).skips == []


def test_expand_draws_the_blocks_of_a_stage_one_by_one(spec: Any, picture: Any) -> None:
    net = spec("resnet18").net
    seen = drawn(picture, spec("resnet34").net, expand=("layer2",), width=495)
    assert len([g for g in counts(seen) if g.startswith("layer2.")]) == 4
    opened = counts(drawn(picture, net, level="stage", expand=("layer3",)))
    assert opened == {
        "layer1": "1", "layer2": "1", "layer3.0": "1", "layer3.1": "1", "layer4": "1",
    }  # fmt: skip
    with pytest.raises(DrawError, match="no block at `layer9` to expand"):
        figure(net, expand=("layer9",))


@pytest.mark.parametrize(
    ("only", "groups"),
    [
        ("layer3", ["layer3.0", "layer3.1"]),
        ("layer3.1", []),
        ("layer2..layer3", ["layer2.0", "layer2.1", "layer3.0", "layer3.1"]),
        ("layer4..", ["layer4.0", "layer4.1"]),
        ("..layer1", ["layer1.0"]),
        ("conv1", []),
    ],
)
def test_only_a_part(spec: Any, picture: Any, faults: Any, only: str, groups: list[str]) -> None:
    net = spec("resnet34").net
    assert faults(figure(net, only=only)) == []
    assert list(counts(drawn(picture, net, only=only))) == groups


@pytest.mark.parametrize(
    ("only", "said"),
    [
        ("layer9", "no layer or block at `layer9`"),
        ("layer3..layer1", "`layer3` stands behind `layer1`"),
        ("layer3..layer4.0", "no layer or block at `layer4.0` beside"),
    ],
)
def test_a_part_that_is_none_is_refused(spec: Any, only: str, said: str) -> None:
    with pytest.raises(DrawError, match=said):
        figure(spec("resnet34").net, only=only)


@pytest.mark.parametrize("name", ["resnet34", "resnet152", "lenet5", "googlenet", "densenet121"])
def test_counts_stand_in_the_gutter(spec: Any, faults: Any, name: str) -> None:
    assert faults(figure(spec(name).net, counts=True)) == []


def test_counts_are_those_of_the_stage(spec: Any, picture: Any) -> None:
    said = drawn(picture, spec("resnet34").net, counts=True).says()
    assert "6.82 M params" in said and "642.25 M MACs" in said
    assert not any("MACs" in text for text in drawn(picture, spec("resnet34").net).says()[:-1])


def test_expand_opens_a_module_of_branches(spec: Any, picture: Any, faults: Any) -> None:
    net = spec("googlenet").net
    scene = figure(net, expand=("inception4a",), width=640)
    assert faults(scene) == []
    seen = picture(write_svg(scene, THEMES["light"]))
    arms = {wire.data["dst"] for wire in seen.wires if wire.data["src"] == "maxpool3"}
    assert len(arms) == 4
    assert "1×1 conv, 96" in seen.says()


def test_heads_that_leave_elsewhere_are_left_out(spec: Any, picture: Any) -> None:
    net = spec("googlenet").net
    assert "training only: aux2" in drawn(picture, net, only="inception4a..").says()
    said = drawn(picture, net, only="inception4b..").says()
    assert "training only: aux2" in said and "training only: aux1" not in said
    assert not [text for text in drawn(picture, net, only="inception5a..").says() if "aux" in text]


def test_numbers_in_a_container_keep_its_name(spec: Any, picture: Any) -> None:
    said = drawn(picture, spec("vgg_d").net, only="features.5..features.10").says()
    assert {"features.5", "features.9", "features.10"} <= set(said)


@pytest.mark.parametrize(("name", "width", "height", "said"), [
    ("resnet152", None, None, ""),
    ("resnet18", 244.0, 400.0, "--height none gives that"),
    ("resnet18", 300.0, 200.0, "try --width"),
    ("googlenet", 100.0, inf, "try --width"),
    ("resnet152", 130.0, inf, "try --width"),
])  # fmt: skip
def test_f1_what_is_closed_names_an_option_that_was_not_given(
    name: str, width: float | None, height: float | None, said: str, spec: Any
) -> None:
    given: Any = {"width": width, **({"height": height} if height else {})}
    scene = figure(spec(name).net, **given)
    assert said in scene.note and bool(said) == bool(scene.note)
    assert height != inf or "--height" not in scene.note
    if "--width" in scene.note:
        wide = float(re.search(r"--width (\d+)in", scene.note)[1])  # type: ignore[index]
        assert figure(spec(name).net, width=72 * wide, height=inf).note == ""
    elif said:
        assert figure(spec(name).net, width=width, height=inf).note == ""
