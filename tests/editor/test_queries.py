"""Facts of lines, outline, definitions, references, hover and completion (design: live, V0)."""

from __future__ import annotations

from math import prod
from pathlib import Path

import pytest

from cnnspec import ir
from cnnspec.editor.analysis import Analysis, analyse
from cnnspec.editor.completion import complete
from cnnspec.editor.names import names
from cnnspec.editor.queries import definition, folds, hover, references, renamed, symbols
from cnnspec.elaborate.scope import Unit

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").rglob("*.cnn"))
NETS = sorted((ROOT / "specs").glob("*.cnn"))


def opened(path: Path) -> Analysis:
    return analyse(path.read_text(encoding="utf-8"), path.name, str(path))


def unit_of(text: str) -> Unit:
    unit = analyse(text, "net.cnn", str(ROOT / "specs" / "net.cnn")).unit
    assert unit is not None
    return unit


def counted(nets: list[ir.Net]) -> dict[tuple[str, int], list[int]]:
    """Parameters, multiply-adds and layers of each line, from every layer of the flat graph."""
    lines: dict[tuple[str, int], list[int]] = {}
    for net in nets:
        for node in ir.graph(net):
            if not node.layer.inputs:
                continue
            span, arrives = node.layer.span, node.layer.inputs[0]
            row = lines.setdefault((span.source.path, last(span)), [0, 0, 0])
            params = sum(prod(map(int, s)) for s in node.op.params(arrives).values())
            row[0] += 0 if node.shares else params
            row[1] += node.op.macs(arrives, node.shape)
            row[2] += 1
    return lines


def last(span) -> int:
    return span.source.position(max(span.start, span.end - 1))[0]


def lines_of_calls(nets: list[ir.Net]) -> set[tuple[str, int]]:
    """The lines whose facts are of whole blocks, which the flat graph has elsewhere."""
    found = set()
    for net in nets:
        for module in ir.modules(net):
            for item in ir.members(module.items):
                if isinstance(item, ir.Call | ir.Shared):
                    found.add((item.span.source.path, last(item.span)))
    return found


@pytest.mark.parametrize("path", NETS, ids=lambda p: p.stem)
def test_the_facts_of_a_line_are_those_of_its_layers(path: Path):
    analysis = opened(path)
    kept = {id(e.net.body): e.net for e in analysis.elaborated.values()}
    nets = [*kept.values()]
    calls = lines_of_calls(nets)
    said = counted(nets)
    assert said
    for (source, line), row in said.items():
        if (source, line) not in calls:
            facts = analysis.facts.lines[source][line]
            assert [facts.params, facts.macs, facts.uses] == row, (source, line)


def test_a_line_says_the_shape_that_leaves_it():
    text = (
        "block u(c) {\n  repeat 2 { conv c, 3x3; relu }\n}\nnet it {\n  input 3x32x32\n"
        "  add { conv 3, 3x3, pad=1 -> relu; skip }\n  u 8\n  stage: seq {\n    bn\n"
        "    maxpool 2x2/2\n  }\n}\n"
    )
    facts = analyse(text, "net.cnn").facts.lines["net.cnn"]
    shown = {line: f.label() for line, f in facts.items()}
    assert shown == {
        5: "3x32x32",
        6: "3x32x32  84",
        7: "8x28x28  808",
        2: "8x30x30 | 8x28x28  808",
        9: "8x28x28  16",
        10: "8x14x14",
        11: "8x14x14  16",
    }


def test_lines_above_an_error_keep_their_facts():
    text = (ROOT / "specs" / "lenet5.cnn").read_text(encoding="utf-8")
    whole = analyse(text, "lenet5.cnn").facts.lines["lenet5.cnn"]
    for old, new in (("linear 84 ", "linera 84 "), ("linear 84 ", "linear 84, "), ("\n}\n", "\n")):
        analysis = analyse(text.replace(old, new, 1), "lenet5.cnn")
        assert analysis.diagnostics
        facts = analysis.facts.lines["lenet5.cnn"]
        assert all(facts[n].shapes == whole[n].shapes for n in range(9, 17) if n in whole)


@pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem)
def test_every_name_of_a_spec_stands_at_its_place(path: Path):
    unit = opened(path).unit
    assert unit is not None
    found = names(unit)
    text = unit.source.text
    for use in found.uses:
        assert use.span.text.replace("_", "a").isalnum() or "." in use.span.text, use
        if use.target is not None:
            assert use.target.span.text == use.span.text
        else:
            known = (
                "op",
                "argument",
                "metric",
                "key",
                "record",
                "function",
                "symbol",
                "label",
                "keyword",
            )
            assert use.kind in (*known, "attribute", "name"), use
    unresolved = {u.span.text for u in found.uses if u.target is None and u.kind == "name"}
    assert unresolved <= set()
    figures = [s.name for s in symbols(unit) if s.kind == "figure"]
    assert [s.name for s in symbols(unit) if s.name not in figures] == unit.declared
    for offset in range(0, len(text), max(1, len(text) // 40)):
        complete(unit, offset)
        definition(unit, offset)
    assert all(span.line < span.source.position(span.end)[0] for span in folds(unit))


def test_definitions_cross_imports_and_scopes():
    unit = opened(ROOT / "specs" / "resnet34.cnn").unit
    assert unit is not None
    at = unit.source.text.index("= resnet(") + 3
    target = definition(unit, at)
    assert target is not None and target.span.source.path.endswith("families/resnet.cnn")
    assert target.node.span.text.startswith("net resnet(")
    text = (
        "block u(c, n = 1) {\n  let d = c\n  conv d, 3x3\n}\nnet it {\n  input 3x9\n  u 4, n=2\n}"
    )
    unit = unit_of(text)
    (line,) = {definition(unit, text.index("conv d") + 5).span.line}
    assert line == 2
    assert definition(unit, text.index("n=2")).span.line == 1
    assert definition(unit, text.index("= c\n") + 2).kind == "parameter"


def test_references_and_rename():
    text = "block u(c) { conv c, 3x3 }\nnet it { input 3x9x9; a: u 4; u c=4; from a -> relu }"
    unit = unit_of(text)
    block, label = definition(unit, text.index("u(c)")), definition(unit, text.index("from a") + 5)
    assert [s.start for s in references([unit], block)] == [6, text.index("u 4"), text.index("u c")]
    assert len(renamed([unit], label, "stem")) == 2
    assert len(renamed([unit], definition(unit, text.index("c)")), "width")) == 3
    with pytest.raises(ValueError, match="a word of the language"):
        renamed([unit], block, "repeat")
    with pytest.raises(ValueError, match="is declared in"):
        renamed([unit], block, "u")


def test_hover_says_what_a_name_is_and_what_its_line_makes():
    analysis = opened(ROOT / "specs" / "lenet5.cnn")
    said = hover(analysis, analysis.source.text.index("conv 6, 5x5") + 1)
    assert "conv(channels, window, pad = 0" in said and "makes 6x28x28, 156 parameters" in said
    text = "## A block.\nblock u(c) { conv c, 3x3 }\nnet it { input 3x9x9\n  u 4 }"
    said = hover(analyse(text, "net.cnn"), text.index("u 4"))
    assert "block u(c)" in said and "A block." in said and "112 parameters" in said


@pytest.mark.parametrize(
    "before, wanted, not_wanted",
    [
        ("net it {\n  input 3x9x9\n  co", "conv concat upper repeat", "params same"),
        ("net it {\n  input 3x9x9\n  conv 4, 3x3, ", "pad= groups= same width", "relu"),
        ("net it {\n  input 3x9x9\n  conv 4, 3x3 -> ", "relu upper seq", "claim"),
        ("net it {\n  input 3x9x9\n  upper 4, ", "depth= width", "pad="),
        ("net it {\n  input 3x9x9\n  a: relu\n  from ", "a", "conv"),
        ("net it {\n  input 3x9x9\n  claim ", "params macs", "conv"),
        ("net it {\n  input 3x9x9\n  claim params = 3 from ", "he2015", "params"),
        ("recipe r {\n  ", "optimizer batch data", "conv"),
        ("recipe r {\n  optimizer = ", "sgd adamw", "batch"),
        ("recipe r {\n  optimizer = sgd(", "lr= momentum=", "adamw"),
        ("", "net block recipe", "conv"),
        ("default ", "conv", "claim"),
    ],
)
def test_what_can_be_typed(before: str, wanted: str, not_wanted: str):
    head = 'source he2015 = paper("x")\nlet width = 3\nblock upper(depth, c = 4) { conv c, 3x3 }\n'
    unit = unit_of(head + before)
    texts = {item.text for item in complete(unit, len(head + before))}
    assert set(wanted.split()) <= texts
    assert not set(not_wanted.split()) & texts
