"""After a syntax error the parser goes on at the next statement: one run says all that is wrong."""

import pytest

from cnnspec.source import Source
from cnnspec.syntax.lines import FAULTS_MAX
from cnnspec.syntax.parser import SyntaxFaults, parse

BROKEN = """\
source p = = paper("X")

block b(c,, d) {
  conv c, 3x3 => relu
}

net a {
  input 3x8x8
  conv(64, 3x3)
  x: y: relu
  relu
  conv 64 3x3
  add {
    conv 64, , 3x3
    seq { relu -> -> relu }
  }
  let let = 3
  ? relu
  repeat 3 { conv 07, 3x3 }
  layer${i +}: relu
  linear
}
recipe r { lr = }
"""


def faults(text: str) -> list[str]:
    """Code and place of each."""
    with pytest.raises(SyntaxFaults) as caught:
        parse(Source("net.cnn", text))
    return [f"{d.code} {d.span.line}:{d.span.column}" for d in caught.value.diagnostics]


def test_every_statement_that_is_wrong_is_said_once():
    assert faults(BROKEN) == [
        "E0001 1:12",
        "E0001 3:11",
        "E0018 9:3",
        "E0001 10:7",
        "E0001 12:11",
        "E0001 14:14",
        "E0001 15:19",
        "E0110 17:7",
        "E0010 18:3",
        "E0011 19:19",
        "E0001 20:12",
        "E0001 23:17",
    ]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("net a { conv 1 2 }", ["E0001 1:16"]),
        ("net a { conv 1 2 }\nnet b { conv 1 2", ["E0012 2:7"]),
        ("net a conv { relu -> }\nnet b { conv 1 2 }", ["E0001 1:7", "E0001 2:16"]),
        ("net a { add { conv 1 2; relu }; relu relu - }", ["E0001 1:22", "E0001 1:45"]),
        ("net a { relu } net b { relu }\nlet = 3", ["E0001 1:16", "E0001 2:5"]),
        ("let a = 07", ["E0011 1:9"]),
        ("let a = 07\n", ["E0011 1:9"]),
        ("let a =", ["E0001 1:7"]),
        ("let a = (1 + 07) * 08\nlet b = 09", ["E0011 1:14", "E0011 2:9"]),
    ],
)
def test_where_it_goes_on(text: str, places: list[str]):
    assert faults(text) == places


def test_a_file_of_errors_says_the_first():
    assert len(faults("let = 1\n" * 1000)) == FAULTS_MAX


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("net a { conv 64 3x3 }", "put a comma before `3x3`: `conv 64, 3x3`"),
        ("net a { conv 64, 3x3, }", "leave out the comma before it"),
        ("net a { conv 64, 3x3,\n}", "leave out the comma before it"),
        ("net a { conv 64,, 3x3 }", "leave out the comma before it"),
        ("let a = f(3,)", "leave out the comma before it"),
        ("net a { relu => [3,] }", "leave out the comma before it"),
        ("net a { if b <> 3 { relu } }", "`!=` says that two values differ"),
        ("net a { if b = 3 { relu } }", "`==` compares two values"),
        (
            "net a { require 2 => 3 }",
            'a `require` is written `require c % 4 == 0, "c is a multiple of four"`',
        ),
        (
            "block b() {\n  add { skip\n}\nnet a { relu }\n",
            "by the indentation it ends before line 3: put a `}` there",
        ),
        ("block b() {\n  relu\n", ""),
    ],
)
def test_what_was_probably_meant_is_proposed(text: str, help: str):
    with pytest.raises(SyntaxFaults) as caught:
        parse(Source("net.cnn", text))
    assert "".join(caught.value.diagnostics[0].help) == help


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("net a { conv(64, 3x3) }", "E0018"),
        ("net a { conv((1), 3) }", "E0018"),
        ("net a { conv(\n64, 3x3) }", "E0018"),
        ("net a { conv 3 + (64, 3x3) }", "E0001"),
        ("block b(c,, d) { relu }", "E0001"),
    ],
)
def test_a_call_with_parentheses_is_told_from_other_commas(text: str, code: str):
    assert faults(text)[0].startswith(code)
