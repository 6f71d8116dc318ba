"""An inset that stands for several calls prints no number that is wrong for one of them (F4)."""

import re
from collections.abc import Iterator
from fractions import Fraction

import pytest

from cnnspec.draw.flow.drawing import Drawing, Page
from cnnspec.draw.flow.fit import Fitter
from cnnspec.draw.flow.insetpage import Inset
from cnnspec.draw.flow.letters import Letters
from cnnspec.draw.flow.rung import Rung
from cnnspec.draw.flow.steps import flow_of
from cnnspec.draw.flow.study import Study
from cnnspec.draw.page.labels import op_text
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Scene, Text
from cnnspec.draw.parts.parts import Chain
from cnnspec.draw.parts.sized import sized
from cnnspec.ir import Net, graph
from tests.draw.conftest import SPECS, load
from tests.draw.flow.judge import Seen, wrong
from tests.fuzz.nets import elaborate

PREDICT = """
block unit(c, s) {
  add { { conv c, 1x1 -> relu -> conv 2 * c, 3x3/s, 1 }; conv 2 * c, 1x1/s }
}
block head(c) { conv c, 3x3, same; conv 7, 1x1 }
net it {
  input 3x64x64
  conv 16, 3x3/2, 1
  unit 16, 1; unit 32, 2; unit 24, 2
  output a: head 64
  avgpool 2x2
  output b: head 96
  avgpool 2x2
  output e: head 40
  conv 5, 1x1
}
"""

_LETTER = re.compile(r"(?<![a-z])(\d*)([cwvutrs])(?:/(\d+))?(?![a-z])")


def boxes(inset: Inset) -> Iterator[tuple[tuple[str, ...], str]]:
    """What every box of an inset prints, with the paths of its layers."""
    scene = Scene(0, 0, "", "")
    inset.body.paint(Pen(scene), 0, 0, inset.source)
    for group in scene.groups:
        if group.kind == "box":
            inside = scene.shapes[group.first : group.last]
            texts = [shape.text.strip() for shape in inside if isinstance(shape, Text)]
            yield group.paths, " ".join(texts).replace(" ,", ",")


def of_call(said: str, inset: Inset, at: int) -> str:
    """What a text with letters says of one of the calls, as a pattern; a range is any number."""

    def value(match: re.Match[str]) -> str:
        times, letter, parts = match.groups()
        number = inset.letters[letter][at]
        if letter == "s":
            return number
        return str(int(times or 1) * int(number) // int(parts or 1))

    said = re.sub(r" ?/s\b", lambda _: ("", " /2")[inset.letters["s"][at] == "2"], said)
    said = re.escape(_LETTER.sub(value, said))
    return said if said.startswith("slice") else re.sub(r"\d+–\d+", r"(\\d+)", said)


def faults(net: Net, inset: Inset) -> Iterator[str]:
    nodes = {node.path: node for node in graph(net).nodes}
    for stands, said in boxes(inset):
        for at, call in enumerate(inset.calls):
            paths = [call.path + path.removeprefix(inset.calls[0].path) for path in stands]
            layers = [nodes[path].layer for path in paths]
            right = [op_text(layer) for layer in layers] + [", ".join(map(op_text, layers))]
            if layers[0].op.join and not layers[0].op.sign:
                right += [f"{layers[0].op.name}, {layers[0].shape[0]}"]
                right += [" ".join(str(shape[0]) for shape in layers[0].inputs)]
            right += [f"SE, {one.shape[0]}" for one in layers if one.op.kind == "conv"][:1]
            plain = said.replace(",", "")  # rows on one skip stand under each other
            found = [re.fullmatch(of_call(plain, inset, at), one.replace(",", "")) for one in right]
            ends = [(int(a), int(b)) for a, b in re.findall(r"(\d+)–(\d+)", said)]
            if said and not any(match and _within(match.groups(), ends) for match in found):
                yield f"{said!r} of {call.path}, which is {right[0]!r}"


def _within(numbers: tuple[str, ...], ends: list[tuple[int, int]]) -> bool:
    pairs = zip(numbers, ends, strict=False)
    return all(low <= int(number) <= high for number, (low, high) in pairs)


def drawing_of(net: Net) -> Drawing:
    """The net with its blocks by name, or as its figure has it where that cannot be."""
    told = sized(net)
    found = Fitter(Study(told, flow_of(told), {}), Page(485, 900, 34)).named() or Seen(net).drawing
    assert found is not None
    return found


def test_numbers_of_calls_with_other_channels_and_strides() -> None:
    net = elaborate(PREDICT).net
    shown = {inset.body.title: inset for inset in drawing_of(net).insets.shown}
    assert {*shown} == {"unit", "head"}
    assert [fault for inset in shown.values() for fault in faults(net, inset)] == []
    unit, head = ({text for _, text in boxes(shown[name])} for name in ("unit", "head"))
    assert unit == {"1×1 conv, c/2", "3×3 conv, c /s", "1×1 conv, c /s", ""}
    assert head == {"3×3 conv, w", "1×1 conv, 7"}
    assert shown["head"].letters == {"w": ("64", "96", "40")}
    assert shown["unit"].letters == {"c": ("32", "64", "48"), "s": ("1", "2", "2")}


NETS = {
    "yolov3": "yolov3_416", "res2net": "res2net50_26w_4s", "pyramidnet": "pyramidnet_110_48",
    "ssd": "ssd300", "ghostnet": "ghostnet_1_0",
}  # fmt: skip


@pytest.mark.parametrize("file", NETS)
def test_numbers_in_the_insets_of_the_literature(file: str) -> None:
    net = load(SPECS / "more" / f"{file}.cnn", NETS[file]).net
    shown = drawing_of(net).insets.shown
    assert shown
    assert [fault for inset in shown for fault in faults(net, inset)] == []


def test_blocks_of_one_size_that_grow_are_one_card_where_there_are_many() -> None:
    """A pyramidal net's units: `unit2` to `unit9` give 17 to 24 channels."""
    net = load(SPECS / "more" / "pyramidnet.cnn", "pyramidnet_110_48").net
    seen = Seen(net)
    assert wrong(seen) == [] and seen.drawing is not None
    cards = [vertex for vertex in seen.drawing.graph.vertices if vertex.kind == "card"]
    assert [card.count for card in cards] == [1, 8] * 6
    assert cards[1].among == (17, 18, 19, 20, 21, 22, 23, 24)
    texts = [shape.text for shape in seen.scene.shapes if isinstance(shape, Text)]
    assert {"unit2–9", "unit b, 17–24", "c = 17–64"} <= set(texts)


@pytest.mark.parametrize("differs", ["/2", ", groups=2", " -> tanh", ""])
def test_what_differs_in_more_than_channels_is_no_run(differs: str) -> None:
    """The fifth of thirty blocks has another stride, groups, op or another body around it."""
    block = "block b(c) { a: conv c, 3x3, same; from a; conv c, 1x1 }"
    other = f"block o(c) {{ a: conv c, 3x3{differs or ', same'}; from a; conv c, 1x1 }}"
    other = other.replace("3x3,", "3x3, same,") if differs == ", groups=2" else other
    calls = "\n".join(f"{'o' if at == 4 else 'b'} {8 + 2 * at}" for at in range(30))
    net = elaborate(f"{block}\n{other}\nnet it {{ input 8x32x32\n{calls}\nconv 3, 1x1 }}").net
    told = sized(net)
    graph = Fitter(Study(told, flow_of(told), {}), Page(485, 600, 34)).placed(Rung(1), "down")
    assert graph is not None
    assert [v.count for v in graph.graph.vertices if v.kind == "card"] == [4, 1, 25]


@pytest.mark.parametrize("file", ["sknet", "dpn", "res2net"])
def test_a_block_whose_flow_is_a_knot_has_an_inset_that_is_true(file: str) -> None:
    """Its layers stand under each other, with what they read beside them."""
    name = {"sknet": "sknet50", "dpn": "dpn92", "res2net": "res2net50_26w_4s"}[file]
    net = load(SPECS / "more" / f"{file}.cnn", name).net
    seen = Seen(net)
    assert wrong(seen) == [] and seen.drawing is not None
    shown = seen.drawing.insets.shown
    assert {" a", " b"} <= {inset.body.title[-2:] for inset in shown}
    assert any(isinstance(part, Chain) for inset in shown for part in inset.parts)
    assert [fault for inset in shown for fault in faults(net, inset)] == []


def test_more_numbers_than_letters_are_ranges_and_a_slice_says_none() -> None:
    texts = [(f"1×1 conv, {a}", f"1×1 conv, {a + 1 + a % 5}") for a in (11, 17, 23, 31, 41, 53, 67)]
    letters = Letters((Fraction(8), Fraction(8)), [text for text in texts for _ in range(2)])
    said = [letters.said(text) for text in texts]
    assert said[:5] == [f"1×1 conv, {letter}" for letter in "wvutr"]
    assert said[5:] == ["1×1 conv, 53–57", "1×1 conv, 67–70"]
    assert letters.said(("slice 0–53", "slice 0–57")) == "slice"
    assert letters.said(("slice 0–11", "slice 0–13")) == "slice 0–w"
    assert letters.said(("relu", "tanh")) == "relu or tanh"
    assert [letters.stride(("/2", "")), letters.stride(("", "/2"))] == ["/s", "/1 or /2"]
    assert letters.stride(("×2", "")) == "×s"


def test_f4_rates_of_drop_paths_are_no_letters() -> None:
    """EfficientNet-B7 said `drop path w` with `w = 91/25000`; three digits of each end say it."""
    texts = [("drop path 0.00364", "drop path 0.00727"), ("3×3 dw conv, 32", "3×3 dw conv, 32")]
    letters = Letters((Fraction(32), Fraction(32)), texts)
    assert letters.said(texts[0]) == "drop path 0.00364–0.00727" and not letters.used
