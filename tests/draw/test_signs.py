"""Joins with a sign: the right one in every style, what it means, and which arm is taken away."""

import pytest

from cnnspec.draw import figure
from cnnspec.draw.page.labels import op_words
from cnnspec.draw.page.scene import Path, Rect, Scene, Text
from cnnspec.draw.page.signs import strokes
from cnnspec.draw.parts.parts import Row, walk
from cnnspec.ops import ops
from tests.draw.conftest import SPECS, load
from tests.draw.flow.judge import Seen, wrong
from tests.fuzz.nets import elaborate

SIGNS = {"add": "+", "mul": "×", "sub": "−", "mean": "µ", "max": "∨"}
JOINS = {name: op.sign for name, op in ops().items() if op.join}

BESIDE = "{ f: conv 8, 3x3, same; g: conv 8, 3x3, same }"
FORKS = {
    "a skip behind": ("{ " + BESIDE + "; skip }", "{source} {join}"),
    "a skip before": ("{ skip; " + BESIDE + " }", "g {join}"),
    "branches": ("{ c: conv 8, 1x1; " + BESIDE + " }", "g {join}"),
    "two branches": ("{ " + BESIDE + "; { c: conv 8, 1x1; d: conv 8, 3x3, same } }", "d {join}"),
    "a projection": ("{ " + BESIDE + "; c: conv 8, 1x1 }", "c {join}"),
}


def net_of(body: str):
    text = f"block b() {{ {body} }}\nnet it {{ input 8x16x16; stem: conv 8, 3x3, same\n{body}\n"
    return elaborate(text + "b\nconv 3, 1x1 }").net


def drawn(scene: Scene, sign: str, scale: float = 1) -> list[tuple[float, float]]:
    """The middles of a sign in a scene."""
    found = []
    for shape in scene.shapes:
        if isinstance(shape, Path) and shape.stroke == "ink" and shape.segments:
            (first, *_), (x, y) = shape.segments, strokes(sign, (0, 0), scale)[0][1]
            at = first[1][0] - x, first[1][1] - y
            same = strokes(sign, at, scale)
            if len(same) == len(shape.segments) and all(
                one[0] == other[0] and one[1] == pytest.approx(other[1])
                for one, other in zip(same, shape.segments, strict=True)
            ):
                found.append(at)
    return found


def said(scene: Scene) -> str:
    return " | ".join(shape.text for shape in scene.shapes if isinstance(shape, Text))


def test_every_join_but_a_concat_has_a_sign_of_its_own() -> None:
    assert JOINS == {**SIGNS, "concat": ""}
    assert len({strokes(sign, (0, 0)) for sign in SIGNS.values()}) == len(SIGNS)


@pytest.mark.parametrize("fork", FORKS)
@pytest.mark.parametrize("join", SIGNS)
def test_f4_a_join_is_drawn_by_its_sign_and_by_no_other(join: str, fork: str) -> None:
    net = net_of(f"{join} {FORKS[fork][0]}")
    for options in ({"direction": "right"}, {"direction": "down"}, {"style": "volumes"}):
        scene = figure(net, **options)
        key = join not in ("add", "mul")
        for name, sign in SIGNS.items():
            assert len(drawn(scene, sign)) == (2 + key if name == join else 0), (name, options)
        words = {"sub": "difference", "mean": "mean", "max": "maximum"}
        assert not key or words[join] in said(scene)
        assert f"{join}, 8" not in said(scene)


@pytest.mark.parametrize("direction", ["down", "right"])
@pytest.mark.parametrize("fork", FORKS)
def test_f4_the_arm_that_a_difference_takes_away_has_a_minus(fork: str, direction: str) -> None:
    """The mark is beside the head of that arm's wire, nearer than to any other head."""
    scene = figure(net_of(f"sub {FORKS[fork][0]}"), direction=direction)
    marks = drawn(scene, "−", 0.5)
    assert len(marks) == 2
    for mark, inside in zip(sorted(marks, key=lambda at: at[::-1]), ("", "b1."), strict=True):
        wires = [s for s in scene.shapes if isinstance(s, Path) and dict(s.data).get("dst", "")]
        nearest = min(wires, key=lambda wire: apart(mark, wire.segments[-1][1]))
        assert apart(mark, nearest.segments[-1][1]) < 9
        source = {"": "stem", "b1.": "sub1"}[inside]
        ends = FORKS[fork][1].format(source=source, join=f"{inside}sub1").split()
        ends[0] = ends[0] if ends[0] in ("stem", "sub1") else inside + ends[0]
        found = dict(nearest.data)
        via = found.get("via", found["src"]) if fork == "a projection" else found["src"]
        assert [via.split()[-1], found["dst"]] == ends, (fork, inside)


def apart(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    return abs(one[0] - other[-2]) + abs(one[1] - other[-1])


def test_what_is_fused_to_a_sign_is_in_the_key() -> None:
    net = elaborate(
        """net it { input left: 8x16x16; input right: 8x16x16
        sub { from left; from right } -> abs
        conv 8, 3x3, same; conv 3, 1x1 }"""
    ).net
    seen = Seen(net)
    assert wrong(seen) == []
    assert "difference | then abs" in said(seen.scene)
    circles = [s for s in seen.scene.shapes if isinstance(s, Rect) and s.width == s.height == 11]
    assert len(circles) == 1


NETS = {
    "siamese": "siamese", "cbam": "cbam_resnet18", "yolov3": "yolov3_416",
    "fractalnet": "fractalnet_20", "dpn": "dpn92",
}  # fmt: skip


@pytest.mark.parametrize("file", NETS)
def test_the_key_says_every_op_that_no_box_shows(file: str) -> None:
    """Norms and activations behind convs, joins, fully connected layers and pools.

    What is in an inset that says so itself is said there.
    """
    seen = Seen(load(SPECS / "more" / f"{file}.cnn", NETS[file]).net)
    assert seen.drawing is not None
    rows = [part for part in walk(tuple(seen.drawing.parts)) if isinstance(part, Row)]
    fused = {
        op_words(layer)[0] for row in rows if row.main >= 0 for layer in (*row.lead, *row.tail)
    }
    first, last = seen.scene.foot
    key = " | ".join(s.text for s in seen.scene.shapes[first:last] if isinstance(s, Text))
    key = " | ".join([key, *(inset.note for inset in seen.drawing.insets.shown)])
    assert fused and not {word for word in fused if word not in key}


@pytest.mark.parametrize("where", ["conv 4, 3x3, same", "add { conv 4, 3x3, same; skip }"])
def test_a_key_of_many_words_has_room_in_one_column(where: str) -> None:
    acts = "relu relu6 tanh elu gelu silu mish softplus hardsigmoid hardswish abs".split()
    body = "\n".join(f"{where} -> {act}" for act in acts)
    net = elaborate(f"net it {{ input 4x8x8\n{body}\nconv 3, 1x1 }}").net
    scene = figure(net, direction="right", width=245.0)
    assert scene.width <= 245.01
    assert "norms and activations" in said(scene)


def test_a_sum_with_something_behind_it_is_in_a_ring() -> None:
    """Of HRNet's sums some have a ReLU: a key that said "ReLU or nothing" told no reader which."""
    net = elaborate(
        """net it { input 4x16x16
        a: conv 4, 3x3, same; b: conv 4, 3x3, same
        add { skip; from a } -> relu; c: conv 4, 1x1
        add { skip; from b }; conv 3, 1x1; output other: from c -> conv 2, 1x1 }"""
    ).net
    seen = Seen(net)
    assert wrong(seen) == []
    circles = [
        s for s in seen.scene.shapes if isinstance(s, Rect) and abs(s.width - s.height) < 0.1
    ]
    assert sorted(round(s.width, 1) for s in circles) == [6.2, 8.4, 8.8, 11, 11]
    assert "then ReLU" in said(seen.scene)
