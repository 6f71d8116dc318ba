"""Tables in every format."""

import pytest

from cnnspec.report import table
from cnnspec.report.numbers import counted, figure, short
from cnnspec.report.table import Column, Figure, Table, percent

TABLE = Table(
    (Column("layer"), Column("params", right=True)),
    [("image", None), ("합성곱_1", 1234), ("a|b", 0)],
    [("total", 1234)],
)


def test_text_aligns_wide_letters():
    assert table.text(TABLE) == (
        "  layer     params\n"
        " ──────────────────\n"
        "  image          –\n"
        "  합성곱_1   1,234\n"
        "  a|b            0\n"
        " ──────────────────\n"
        "  total      1,234\n"
    )


def test_csv_keeps_numbers_plain():
    assert table.as_csv(TABLE) == "layer,params\nimage,\n합성곱_1,1234\na|b,0\ntotal,1234\n"


def test_13_6_csv_has_numbers_bare_and_text_escaped():
    made = Table(
        (Column("a"), Column("b"), Column("c"), Column("d")),
        [
            (Figure(1134000000, "1.134 G"), percent(0.0152481), Figure(-449, "-449"), "-449"),
            (Figure(None, "all"), -3, -0.5, "=1+1"),
            (Figure("-3x-1", "-3x-1"), None, 1234, "@x"),
        ],
    )
    assert table.as_csv(made) == (
        "a,b,c,d\n1134000000,0.015248,-449,'-449\n,-3,-0.5,'=1+1\n-3x-1,,1234,'@x\n"
    )
    assert table.text(made, rules=False).splitlines()[1].split() == [
        "1.134", "G", "1.5", "%", "-449", "-449",
    ]  # fmt: skip


def test_markdown():
    assert table.as_markdown(TABLE).splitlines()[:5] == [
        "| layer | params |",
        "| --- | ---: |",
        "| image | – |",
        r"| 합성곱\_1 | 1,234 |",
        r"| a\|b | 0 |",
    ]


def test_latex():
    lines = table.as_latex(TABLE).splitlines()
    assert lines[0] == r"\begin{tabular}{lr}"
    assert r"  합성곱\_1 & 1,234 \\" in lines


def test_a_cell_of_several_lines():
    two = Table((Column("a"), Column("b")), [("x", "1\n2")])
    assert table.text(two, rules=False) == "  a  b\n  x  1\n     2\n"


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (0, "0"), (999, "999"), (1000, "1.000 K"), (415_848, "415.8 K"), (999_960, "1.000 M"),
        (3_663_761_408, "3.664 G"), (11_513_626_624, "11.51 G"), (12_345_678_901_234, "12,346 G"),
    ],
)  # fmt: skip
def test_short_has_four_digits(n, text):
    assert short(n) == text


def test_figures():
    assert [figure(v) for v in (21797672, (64, 28, 28), 19.469512939, 2.0)] == [
        "21,797,672", "64x28x28", "19.4695", "2",
    ]  # fmt: skip
    assert [counted(n, "claim") for n in (0, 1, 2)] == ["0 claims", "1 claim", "2 claims"]
