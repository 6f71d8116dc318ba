"""The one layout: the tree stays, comments stay, and a second run changes nothing."""

import random
import re
from pathlib import Path

import pytest

from cnnspec.source import Source
from cnnspec.syntax.format import formatted
from cnnspec.syntax.lines import read_lines
from cnnspec.syntax.parser import SyntaxFaults, parse, tokens_of
from tests.syntax.test_lalr import SPECS, mutants
from tests.syntax.test_tree import dump


def fmt(text: str) -> str:
    return formatted(Source("net.cnn", text))


def same_meaning(one: str, other: str) -> bool:
    return dump(parse(Source("net.cnn", one))) == dump(parse(Source("net.cnn", other)))


def comments(text: str) -> list[str]:
    """What follows `#` on each line, outside strings."""
    without = re.sub(r'"[^"\n]*"', lambda match: "-" * len(match.group()), text)
    return [text[m.start() : m.end()].rstrip() for m in re.finditer(r"#[^\n]*", without)]


MESSY = """\
import resnet ,resnet2015   from "families/resnet.cnn" ;import q from "x.cnn"


## Doc
source  s=paper( "T" ,arxiv = "1" )
source longer = book("U")
block b( c,k=3 ) seq{conv c,k,pad = same;relu ;  # tail
#own
}
net  a(depths=[1,2,3],n = 3){ input [C=3,H,32]



  conv (n+1)*2,3x3/2 , pad=  (k - 1)/2->relu   # why
    -> x:b  2*n , k = 2*n+1 + 4 => 4x5
  conv 4  =>  4x5 # wherefore
  module1: inception 64, 8,16
  maxpool 3x3/2
  module10: inception 128, 16,32
  add{conv 3; seq{ relu } ;{} }
  for i,d in enumerate( depths ){layer${i+1} : stage d, w[0] [1] , sgd( lr = -0.1 )
  }
  if not a and - b<3{relu}else{relu
  }
  claim params=3 from s
  claim shape( conv1 ) ~ 4x5  within 2  percent from longer "x"
  # last

}
recipe r=q{lr=0.1
 optimizer=sgd(
lr=0.1,
 momentum=-n^2
) }
"""

TIDY = """\
import resnet, resnet2015 from "families/resnet.cnn"; import q from "x.cnn"

## Doc
source s      = paper("T", arxiv="1")
source longer = book("U")
block b(c, k = 3) seq {
  conv c, k, pad=same; relu  # tail
  #own
}
net a(depths = [1, 2, 3], n = 3) {
  input [C=3, H, 32]

  conv (n + 1)*2, 3x3/2, pad=(k - 1)/2 -> relu  # why
    -> x: b 2*n, k = 2*n + 1 + 4   => 4x5
  conv 4                           => 4x5  # wherefore
  module1:  inception  64,  8, 16
  maxpool 3x3/2
  module10: inception 128, 16, 32
  add { conv 3; seq { relu }; {} }
  for i, d in enumerate(depths) {
    layer${i+1}: stage d, w[0][1], sgd(lr=-0.1)
  }
  if not a and -b < 3 { relu } else {
    relu
  }
  claim params       = 3 from s
  claim shape(conv1) ~ 4x5 within 2 percent from longer "x"
  # last
}
recipe r = q {
  lr        = 0.1
  optimizer = sgd(
    lr=0.1,
    momentum=-n^2
  )
}
"""


def test_a_messy_file_becomes_tidy():
    assert fmt(MESSY) == TIDY
    assert same_meaning(MESSY, TIDY)


@pytest.mark.parametrize(
    "last",
    [
        "default conv bias=false",
        "let x = 2",
        "net a { input 3; conv 4, pad=1 }",
        "recipe r { batch = 3 }",
    ],
)
def test_a_file_may_end_without_a_line_end(last: str):
    assert fmt(last) == fmt(f"{last}\n") == f"{last}\n"


HEADS = [
    "for c in [8,\n16] {",
    "for c, n in [\n[8, 1],\n[16, 2]\n] {",
    "for i, row in enumerate([[1, 2,\n3], [4,\n5, 6]]) {",
    "for i,\nrow in enumerate(rows) {",
    "repeat max(\n1, 2) {",
    "if min(\n1, 2) == 1 {",
    "if a {\nrelu\n} else if min(\n1, 2) == 1 {",
    "if a {\nrelu\n} else {",
]


@pytest.mark.parametrize("head", HEADS)
def test_g3_14_a_body_stands_one_step_inside_its_statement(head: str):
    for last in ("", "relu\n"):
        lines = fmt(f"net it {{\ninput 3x8x8\n{head}\nconv c, 1x1\n}}\n{last}}}\n").splitlines()
        at = lines.index("    conv c, 1x1")
        assert lines[at + 1] == "  }"


@pytest.mark.parametrize("head", ["block b(c,\nk = 3) {", "net a(\nc = 1) {", "recipe r =\nq {"])
def test_g3_14_so_does_that_of_a_declaration(head: str):
    inside = "batch = 3" if head.startswith("recipe") else "relu"
    assert fmt(f"{head}\n{inside}\n}}\n").splitlines()[-2:] == [f"  {inside}", "}"]


def test_crlf_and_trailing_blanks_go():
    windows = MESSY.replace("\n", " \t\r\n")
    assert fmt(windows) == TIDY


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_every_spec_is_in_the_layout(path: Path):
    text = path.read_text(encoding="utf-8")
    assert fmt(text) == text, "run `cnnspec fmt`"


def changed(count: int) -> list[str]:
    """Specs with blanks, line ends, comments and `;` put where they mean nothing."""
    choose = random.Random(7)
    out = []
    for _ in range(count):
        source = Source("net.cnn", choose.choice(SPECS).read_text(encoding="utf-8"))
        text, at, words = read_lines(source).text, 0, []
        for token in tokens_of(source):
            gap = text[at : token.start_pos]
            if words and words[-1] in ("{", "(", "[", ",", "=", "->", "=>") and gap != "":
                gap = choose.choice([" ", "  ", "\n", "  # note\n", "\n\n\n", "\t"])
            elif gap:
                gap = " " * choose.randint(1, 4)
            words += [gap, str(token)]
            if token == "\n":
                words.append(choose.choice(["", "", "\n\n", "# more\n", ";"]))
            at = token.end_pos
        out.append("".join(words))
    return out


@pytest.mark.parametrize("text", changed(60))
def test_a_changed_layout_keeps_its_tree_and_its_comments(text: str):
    tidy = fmt(text)
    assert same_meaning(text, tidy)
    assert comments(tidy) == comments(text)
    assert fmt(tidy) == tidy
    assert not re.search(r"[ \t]$|\n\n\n|{\n\n|\n\n *}", tidy, re.MULTILINE)


def test_a_changed_spec_that_still_parses_keeps_its_tree():
    parsed = 0
    for text in mutants(2000):
        try:
            tidy = fmt(text)
        except SyntaxFaults:
            continue
        parsed += 1
        assert same_meaning(text, tidy)
        assert fmt(tidy) == tidy
    assert parsed > 200
