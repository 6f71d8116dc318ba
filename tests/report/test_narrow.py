"""Tables and pages on a narrow terminal: nothing wider, no figure or shape cut."""

from pathlib import Path

import pytest

import cnnspec
from cnnspec import ir
from cnnspec.analyses.metrics import Metrics
from cnnspec.analyses.sizes import Sizes
from cnnspec.analyses.summary import summarise
from cnnspec.report import listing, sizes, summary, table
from cnnspec.report.style import Style
from cnnspec.report.table import Column, Figure, Table
from cnnspec.report.width import clip, fold, paragraph, width

SPECS = Path(cnnspec.__file__).parent.parent / "specs"
NETS = ("lenet5", "resnet50", "googlenet", "densenet121", "inception_v3", "alexnet_2012")


@pytest.mark.parametrize("columns", [40, 60, 80])
@pytest.mark.parametrize("name", NETS)
def test_13_6_summary_fits_a_narrow_terminal(name, columns):
    net = cnnspec.load(SPECS / f"{name}.cnn")
    page = summary.as_text(summarise(net, None), Style(width=columns))
    assert max(map(width, page.splitlines())) <= columns
    cost = Metrics(net.net).cost
    shapes = [row[3] for row in summary.summary_table(summarise(net, None)).rows]
    assert all(f" {shape}" in page for shape in shapes)
    assert f"FLOPs = 2 MACs = {2 * cost.macs:,}" in " ".join(page.split())
    if columns == 80:
        assert f"{cost.params:,}" in page


def test_13_6_a_wide_terminal_and_a_pipe_change_nothing():
    net = summarise(cnnspec.load(SPECS / "googlenet.cnn"), None)
    assert summary.as_text(net, Style(width=500)) == summary.as_text(net)


def test_13_6_what_gives_way():
    made = Table(
        (
            Column("layer"), Column("op", spare=True), Column("output", kept=True),
            Column("params", right=True),
        ),
        [("features.denseblock1.denselayer1", "conv (shares x)", "64x112x112", 23_512_345)],
    )  # fmt: skip
    assert table.text(made, Style(width=45), rules=False).splitlines() == [
        "  layer               output          params",
        "  …lock1.denselayer1  64x112x112  23,512,345",
    ]
    narrow = table.text(made, Style(width=34), rules=False).splitlines()[1]
    assert narrow == "  …layer1  64x112x112  23,512,345"
    assert "64x112x112  23,512,345" in table.text(made, Style(width=10))


def test_13_6_prose_is_folded_between_words():
    assert fold("the paper leaves the projections out", 14) == [
        "the paper", "leaves the", "projections", "out",
    ]  # fmt: skip
    assert fold("합성곱 신경망", 7) == ["합성곱", "신경망"]
    assert clip("layer1.0.conv1", 8) == "…0.conv1"
    assert [width(clip("합성곱신경망", n)) for n in (3, 4, 12)] == [3, 3, 12]
    assert paragraph("  a bb ccc\n  d\n", 8, "  ") == "  a bb\n    ccc\n  d\n"
    assert paragraph("  a bb ccc\n", None) == "  a bb ccc\n"


@pytest.mark.parametrize("columns", [60, 80])
def test_13_6_other_pages(columns):
    nets = [cnnspec.load(SPECS / f"{name}.cnn") for name in NETS]
    style = Style(width=columns)
    pages = [table.text(listing.listing_table([*map(listing.row, nets)]), style)]
    pages += [sizes.as_text(net, Sizes(net.net, ir.graph(net.net)), style) for net in nets[:3]]
    for page in pages:
        assert max(map(width, page.splitlines())) <= columns


def test_a_figure_is_as_wide_as_its_text():
    made = Table((Column("a", right=True),), [(Figure(1_134_000_000, "1.134 G"),)])
    assert table.text(made, Style(width=40), rules=False) == "        a\n  1.134 G\n"
