"""The steps of the layout by themselves: widths, labels, rows, equal blocks, columns."""

from __future__ import annotations

from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnspec.draw.block.columns import partition
from cnnspec.draw.page.fontwidths import advance, shorten, text_width
from cnnspec.draw.page.labels import fitted, joined, plain, runs, words
from cnnspec.draw.page.palette import THEMES
from cnnspec.draw.parts.builder import plan
from cnnspec.draw.parts.equality import Keys
from cnnspec.draw.parts.parts import Band, Frame, Row, amount
from cnnspec.ir import Call


def test_widths_are_those_of_the_embedded_fonts() -> None:
    ttlib = pytest.importorskip("fontTools.ttLib")
    for bold, face in enumerate(("Regular", "Bold")):
        path = str(files("cnnspec.draw").joinpath("fonts", f"Arimo-{face}.ttf"))
        font = ttlib.TTFont(path)
        for code, glyph in font.getBestCmap().items():
            if code in (0xA0, 0xAD):
                continue
            assert advance(chr(code), bool(bold)) == round(font["hmtx"][glyph][0] / 2.048)
        font.close()


def test_unknown_characters_are_taken_as_wide() -> None:
    assert advance("한") == 1000
    assert advance("\u0301") == 0


@given(st.text(max_size=80), st.floats(8, 200))
def test_a_shortened_name_fits(text: str, width: float) -> None:
    cut = shorten(text, 7, width)
    assert cut == text or "…" in cut
    assert text_width(cut, 7) <= width or cut == "…"


def test_contrast_of_ink_on_every_fill() -> None:
    def luminance(colour: str) -> float:
        parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    for colours in THEMES.values():
        for role in ("background", "conv1", "conv2", "conv3", "conv4", "pool", "linear", "cell"):
            ink = luminance(colours.get(f"{role}-ink", colours["ink"]))
            low, high = sorted((ink, luminance(colours[role])))
            assert (high + 0.05) / (low + 0.05) >= 4.5, role


def test_labels_keep_their_weights() -> None:
    label = joined([words("1×1 conv, 128") + words("/2", bold=True), words("BN")])
    assert plain(label) == "1×1 conv, 128 /2, BN"
    assert [run.bold for run in runs(label)] == [False, True, False]


def test_long_labels_break_at_the_comma_then_lose_their_adjective() -> None:
    label = words("3×3 conv, 128")
    assert [plain(line) for line in fitted(label, 6.5, 30)] == ["3×3 conv,", "128"]
    pool = words("5×5 max pool")
    assert [plain(line) for line in fitted(pool, 6.5, 32)] == ["5×5 max", "pool"]
    assert [plain(line) for line in fitted(pool, 6.5, 23)] == ["5×5", "pool"]


def test_rows_hold_conv_norm_and_activation(written: Any) -> None:
    net = written(
        "net x() {\n input 3x8x8\n conv 4, 3x3 -> bn -> relu\n maxpool 2x2/2\n flatten\n"
        " linear 5 -> relu\n dropout 0.5\n linear 2 -> softmax\n}\n"
    )
    drawn = plan(net, "block")
    rows = [[layer.op.name for layer in row.layers] for row in drawn.parts if isinstance(row, Row)]
    assert rows == [
        ["conv", "bn", "relu"],
        ["maxpool"],
        ["linear", "relu"],
        ["dropout"],
        ["linear", "softmax"],
    ]
    assert drawn.hidden[0] == "flatten1"


def test_pre_activation_leads_its_conv(written: Any) -> None:
    net = written(
        "block unit() {\n add { skip; { bn -> relu -> conv 3, 1x1 -> bn -> relu -> conv 3, 1x1 } }"
        "\n}\nnet x() {\n input 3x8x8\n unit\n}\n"
    )
    (frame,) = plan(net, "block").parts
    assert isinstance(frame, Frame)
    arm = frame.parts[0].arms[1]  # type: ignore[union-attr]
    names = [[layer.op.name for layer in row.layers] for row in arm]
    assert names == [["bn", "relu", "conv"]] * 2


def test_stages_become_bands_and_equal_blocks_one_frame(spec: Any) -> None:
    parts = plan(spec("resnet34").net, "block").parts
    kinds = [type(part).__name__ for part in parts]
    assert kinds == ["Row", "Row", "Band", "Band", "Band", "Band", "Row", "Row"]
    band = parts[4]
    assert isinstance(band, Band)
    assert [(part.first, part.count) for part in band.parts if isinstance(part, Frame)] == [
        (1, 1), (2, 5),
    ]  # fmt: skip


def test_equality_is_of_structure_not_of_names(spec: Any) -> None:
    keys = Keys()
    stage = next(
        item for item in spec("resnet34").net.body.items
        if isinstance(item, Call) and item.name == "layer2"
    )  # fmt: skip
    blocks = [item.module for item in stage.module.items if isinstance(item, Call)]
    numbers = [keys.module(block) for block in blocks]
    assert numbers[0] != numbers[1]
    assert len(set(numbers[1:])) == 1


@given(st.lists(st.floats(1, 100), min_size=1, max_size=12), st.integers(1, 5))
def test_columns_keep_the_order_and_balance(heights: list[float], columns: int) -> None:
    runs_ = partition(heights, columns, 0)
    assert [at for run in runs_ for at in run] == list(range(len(heights)))
    assert 1 <= len(runs_) <= columns
    tallest = max(sum(heights[at] for at in run) for run in runs_)
    assert tallest <= _best(heights, columns) + 0.1


def _best(heights: list[float], columns: int) -> float:
    """The least height of the tallest column, by trying everything."""
    from itertools import combinations

    total = len(heights)
    options = []
    for cuts in combinations(range(1, total), min(columns, total) - 1):
        edges = [0, *cuts, total]
        options.append(max(sum(heights[a:b]) for a, b in pairwise(edges)))
    return min(options)


def test_amounts_have_two_decimals() -> None:
    assert [amount(n) for n in (61_026, 21_797_672, 3_663_761_408, 12)] == [
        "61.03 k", "21.80 M", "3.66 G", "12",
    ]  # fmt: skip
