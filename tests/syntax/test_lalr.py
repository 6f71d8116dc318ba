"""The driver against lark's own: the same trees, the same texts refused."""

import random
from pathlib import Path

import pytest
from lark import Lark, Transformer
from lark import Token as LarkToken
from lark.exceptions import LarkError, VisitError

from cnnspec.diagnostics import SpecError
from cnnspec.source import Source
from cnnspec.syntax.build import TreeBuilder
from cnnspec.syntax.lalr import Parser, Token
from cnnspec.syntax.lines import read_lines
from cnnspec.syntax.parser import SyntaxFaults, parse
from cnnspec.syntax.tables import GRAMMAR, OPTIONS
from tests.syntax.test_tree import dump

SPECS = sorted(Path("specs").rglob("*.cnn"))


class LarkBuilder(Transformer):
    """The builder as lark's driver calls it: with our tokens for lark's."""

    def __init__(self) -> None:
        super().__init__()
        self.builder = TreeBuilder()

    def __getattr__(self, rule: str) -> object:
        method = getattr(self.builder, rule)
        return lambda children: method([ours(x) for x in children])


def ours(child: object) -> object:
    if isinstance(child, LarkToken):
        return Token(child.type, str(child), child.start_pos)
    return child


BUILDER = LarkBuilder()
LARK = Lark(GRAMMAR.read_text(encoding="utf-8"), transformer=BUILDER, **OPTIONS)


def by_lark(text: str) -> object:
    source = Source("net.cnn", text)
    BUILDER.builder.begin(source)
    lines = read_lines(source)
    assert not lines.faults
    return dump(LARK.parse(lines.text, start="file"))


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_every_spec_gives_the_tree_that_lark_gives(path: Path):
    text = path.read_text(encoding="utf-8")
    assert dump(parse(Source("net.cnn", text))) == by_lark(text)


def words(path: Path) -> list[str]:
    text = read_lines(Source("net.cnn", path.read_text(encoding="utf-8"))).text
    return list(Parser(TreeBuilder()).tokens(text))[:-1]


def mutants(count: int) -> list[str]:
    """Specs with one token left out, doubled, exchanged with its neighbour or with another's.

    A blank stands between all of them: only lark's driver reads `netlenet` as `net lenet`.
    """
    choose = random.Random(5)
    small = [words(path) for path in SPECS if path.stat().st_size < 2500]
    out = []
    while len(out) < count:
        text = list(choose.choice(small))
        at = choose.randrange(len(text) - 1)
        match choose.randrange(4):
            case 0:
                del text[at]
            case 1:
                text.insert(at, text[at])
            case 2:
                text[at], text[at + 1] = text[at + 1], text[at]
            case _:
                text[at] = choose.choice(text)
        out.append(" ".join(text))
    return out


def test_a_changed_spec_is_refused_exactly_when_lark_refuses_it():
    refused = 0
    for text in mutants(600):
        if read_lines(Source("net.cnn", text)).faults:
            continue
        try:
            expected = by_lark(text)
        except (LarkError, VisitError, SpecError):
            refused += 1
            with pytest.raises(SyntaxFaults):
                parse(Source("net.cnn", text))
        else:
            assert dump(parse(Source("net.cnn", text))) == expected
    assert refused > 50


def test_a_keyword_does_not_end_inside_a_word():
    with pytest.raises(SyntaxFaults) as caught:
        parse(Source("net.cnn", "netit { input 3x8x8 }"))
    assert caught.value.diagnostics[0].message == "`netit` cannot stand here"
