"""S3: what text from a spec becomes in each format."""

import pytest

from cnnspec.report import escape


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31m", "\\x1b[31m"),
        ("\x9b", "\\x9b"),
        ("a\tb\nc", "a\\x09b\\x0ac"),
        ("\u202e\ufeff\u2066", "<U+202E><U+FEFF><U+2066>"),
        ("\udc80", "\\udc80"),
        ("[/bold] 표 6-1 → é", "[/bold] 표 6-1 → é"),
    ],
)
def test_terminal(raw, shown):
    assert escape.terminal(raw) == shown


def test_markdown():
    assert escape.markdown("a|b *c* [d](e) <f>") == r"a\|b \*c\* \[d\](e) \<f\>"


def test_latex():
    assert escape.latex(r"50% of $x_1 & \input") == r"50\% of \$x\_1 \& \textbackslash{}input"


@pytest.mark.parametrize("raw", ["=1+1", "+1", "-1", "@x"])
def test_csv_is_no_formula(raw):
    assert escape.csv(raw) == f"'{raw}"


def test_github():
    assert escape.github("50%\r\n::error::") == "50%25\\x0d\\x0a::error::"
    assert escape.github_property("a:b,c") == "a%3Ab%2Cc"
