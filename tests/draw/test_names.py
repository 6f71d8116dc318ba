"""Names that mean something to a format are only names in a figure."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from cnnspec.draw import THEMES, draw, figure
from cnnspec.draw.writers.dot import write_dot
from cnnspec.draw.writers.pdf import write_pdf
from cnnspec.draw.writers.svg import escape, write_svg
from cnnspec.ir import Layer, Net

NASTY = [
    '<script>alert("1")</script>',
    "]]>&amp;&#0;",
    "back\\slash\\n'quote\"",
    "</title></text>",
    "%(name)s {0} $x$ \\input{a}",
    "\x1b[31mred\x00",
    "\N{HANGUL SYLLABLE HAN}\N{HANGUL SYLLABLE GEUL}",
    "a" * 60,
]


def renamed(net: Net, name: str) -> Net:
    """The net and its layers under another name."""
    items = tuple(
        replace(item, name=f"{name}{index}") if isinstance(item, Layer) else item
        for index, item in enumerate(net.body.items)
    )
    entry = replace(net.inputs[0], name=name)
    return replace(net, name=name, inputs=(entry,), body=replace(net.body, items=items))


@pytest.mark.parametrize("name", NASTY)
def test_svg_stays_well_formed(spec: Any, picture: Any, name: str) -> None:
    scene = figure(renamed(spec("lenet5").net, name))
    svg = write_svg(scene, THEMES["light"])
    drawn = picture(svg)
    tags = {element.tag.rpartition("}")[2] for element in drawn.root.iter()}
    assert tags <= set("svg title desc g rect path circle text tspan".split())
    kept = "".join("\ufffd" if ord(char) < 32 else char for char in name)
    assert drawn.root[0].text == f"{kept}, block level"
    assert drawn.texts_outside() == [] and drawn.texts_over_texts() == []


@pytest.mark.parametrize("name", NASTY)
def test_pdf_and_dot_take_any_name(spec: Any, name: str) -> None:
    net = renamed(spec("lenet5").net, name)
    assert write_pdf(figure(net), THEMES["light"]).endswith(b"%%EOF\n")
    assert write_dot(net).count(" -> n") == 13


def test_dot_reads_back_as_written(spec: Any) -> None:
    pygraphviz = pytest.importorskip("pygraphviz")
    name = 'back\\slash "quoted" <b>bold</b>'
    source = write_dot(renamed(spec("lenet5").net, name))
    graph = pygraphviz.AGraph(string=source)
    assert graph.number_of_nodes() == 14
    label = graph.get_node("n1").attr["label"]
    assert label.startswith('back\\\\slash "quoted" <b>bold</b>')


def test_a_long_name_is_cut_in_the_middle_and_kept_whole_in_a_title(spec: Any) -> None:
    net = renamed(spec("lenet5").net, "head" + "x" * 60 + "tail")
    root = ElementTree.fromstring(write_svg(figure(net), THEMES["light"]))
    texts = [element for element in root.iter() if element.tag.endswith("}text") and len(element)]
    assert texts
    shown, whole = (texts[0][0].tail or ""), (texts[0][0].text or "")
    assert shown.startswith("head") and "…" in shown
    assert whole.startswith("headxxx") and "tail" in whole


def test_escape_covers_what_xml_forbids() -> None:
    assert escape("<a b=\"1\" c='2'>&\x00\x0b\x85\ud800\ufffe") == (
        "&lt;a b=&quot;1&quot; c=&#39;2&#39;&gt;&amp;" + "\ufffd" * 5
    )


@pytest.mark.parametrize("style", ["block", "columns", "module", "volumes"])
@pytest.mark.parametrize("name", NASTY)
def test_every_style_takes_any_name(spec: Any, faults: Any, style: Any, name: str) -> None:
    net = renamed(spec("lenet5").net, name)
    assert faults(figure(net, style=style)) == []


@pytest.mark.parametrize("form", ["svg", "pdf", "png", "tex", "html", "json", "dot"])
@pytest.mark.parametrize("name", NASTY)
def test_every_format_takes_any_name(spec: Any, tmp_path: Path, form: str, name: str) -> None:
    net = replace(spec("lenet5"), net=renamed(spec("lenet5").net, name))
    if form == "png":
        pytest.importorskip("resvg_py")
    draw([net], tmp_path / f"a.{form}")
    data = (tmp_path / f"a.{form}").read_bytes()
    draw([net], tmp_path / f"a.{form}")
    assert (tmp_path / f"a.{form}").read_bytes() == data
    raw = {"svg": b"<script>alert", "html": b"<script>alert", "tex": b"\\input{a}"}
    assert form not in raw or raw[form] not in data
    if form == "json":
        assert json.loads(data)["graphs"][0]["id"] == name
