"""The tree: documentation reaches its node, spans are those of the text, nothing is lost."""

from collections.abc import Iterator

import pytest

from cnnspec.source import Source, Span
from cnnspec.syntax import tree as t
from cnnspec.syntax.expressions import parse_expression
from cnnspec.syntax.parser import SyntaxFaults, parse


def read(text: str) -> t.File:
    return parse(Source("net.cnn", text))


def value(text: str) -> t.Expr:
    """An expression that stands alone."""
    return parse_expression(Source("value", text), text, 0)


def nodes(node: object) -> Iterator[t.Node]:
    """Every node of a tree."""
    waiting = [node]
    while waiting:
        match waiting.pop():
            case t.Node() as found:
                yield found
                waiting += vars(found).values()
            case list() | tuple() as several if not isinstance(several, Span):
                waiting += several


def dump(node: object) -> object:
    """A tree without its places, to compare two."""
    match node:
        case t.Node():
            fields = [name for name in node.__match_args__ if "span" not in name]
            return type(node).__name__, *(dump(getattr(node, name)) for name in fields)
        case Span():
            return "span"
        case list() | tuple():
            return [dump(x) for x in node]
    return node


def test_a_node_shows_what_it_holds():
    assert repr(value("a.b")) == "Attr(of=Name(name='a'), name='b')"


TEXT = """\
## A source.
source s = paper("T")

## The net,
## in two lines.
net it(n = 2) {
  input 3x8x8
  ## The stem.
  stem: conv 8, 3x3/2 -> relu => 8x3x3
  # a comment
  relu   # another
  output fine: from stem
  claim params ~ 1.5K within 2 percent from s "Table" but 3 because rounding "r"
}
"""


def test_l03_documentation_reaches_its_node():
    source, net = read(TEXT).declarations
    assert (source.doc, net.doc) == ("A source.", "The net,\nin two lines.")
    docs = [s.doc for s in net.body.statements]
    assert docs == ["", "The stem.", "", "", ""]


def test_l03_spans_are_those_of_the_text():
    net = read(TEXT).declarations[1]
    _, stem, relu, output, claim = net.body.statements
    assert stem.span.text == "stem: conv 8, 3x3/2 -> relu => 8x3x3"
    assert (stem.span.line, stem.span.column) == (9, 3)
    assert relu.span.text == "relu"
    assert output.span.text == "output fine: from stem"
    assert output.name_span.text == "fine"
    assert claim.span.text.endswith('because rounding "r"')
    assert claim.source_span.text == "s"
    assert claim.but.measured.text == "3"
    assert net.name_span.text == "it"


def test_every_node_lies_in_the_text_and_in_its_parent():
    file = read(TEXT)
    for node in nodes(file):
        assert 0 <= node.span.start <= node.span.end <= len(TEXT)
        for child in vars(node).values():
            if isinstance(child, t.Node) and not isinstance(node, t.Apply):
                assert node.span.start <= child.span.start, (node, child)
                assert child.span.end <= node.span.end, (node, child)


def test_precedence_is_in_the_tree():
    assert dump(value("1 + 2 * 3")) == dump(value("1 + (2 * 3)"))
    assert dump(value("-2 ^ 2")) == dump(value("-(2 ^ 2)"))
    assert dump(value("not a and b or c")) == dump(value("((not a) and b) or c"))
    assert dump(value("a - b - c")) != dump(value("a - (b - c)"))


@pytest.mark.parametrize("text", ["1 +", "", "f(", "1 2", "[1, 2", '"a', "a.1", "(1"])
def test_a_value_that_stands_alone_is_an_error_and_no_traceback(text: str):
    from cnnspec.diagnostics import SpecError

    with pytest.raises((SpecError, SyntaxFaults)):
        value(text)


def test_a_template_is_parsed_where_it_stands():
    file = read("net it { input 3x8x8\n  layer${i + 1}_x${j}: relu }")
    label = file.declarations[0].body.statements[1].layers[0].label.text
    words = [p if isinstance(p, str) else p.span.text for p in label.parts]
    assert words == ["layer", "i + 1", "_x", "j"]
    (place,) = {(n.span.line, n.span.column) for n in nodes(label) if n.span.text == "j"}
    assert place == (2, 20)


def test_an_error_in_a_template_is_at_its_place():
    with pytest.raises(SyntaxFaults) as caught:
        read("net it { input 3x8x8\n  layer${i +}: relu }")
    (fault,) = caught.value.diagnostics
    assert (fault.code, fault.message) == ("E0001", "the expression ends too early")
    assert (fault.span.line, fault.span.column) == (2, 12)


def test_an_error_in_a_file_leaves_the_next_parse_alone():
    with pytest.raises(SyntaxFaults):
        read("net it { layer${i +}: relu }")
    assert len(read(TEXT).declarations) == 2


def test_a_larger_expression_begins_and_ends_at_parentheses():
    (net,) = read("net a() {\n  claim (1 + params) * (2 + macs) = 3\n}\n").declarations
    assert net.body.statements[0].left.span.text == "(1 + params) * (2 + macs)"
