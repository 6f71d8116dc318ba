"""G3 13: one mistake in a whole file is one error, wherever it is made and whatever follows."""

import random
from functools import cache
from pathlib import Path

import pytest

from cnnspec.analyses.checking import check_unit
from cnnspec.diagnostics import PLACES_MAX, Diagnostic
from cnnspec.elaborate.workspace import Workspace
from cnnspec.source import Source
from cnnspec.syntax.parser import tokens_of
from tests.language.harness import body, check, place, said

FOLDER = Path(__file__).with_name("nets")
NETS = sorted(path.stem for path in FOLDER.glob("*.cnn"))


@cache
def text_of(net: str) -> str:
    return (FOLDER / f"{net}.cnn").read_text(encoding="utf-8")


def found_in(text: str) -> list[Diagnostic]:
    """Everything that `cnnspec check` says of a file."""
    workspace = Workspace()
    unit = workspace.read_text(text, "net.cnn")
    if unit is not None:
        check_unit(workspace, unit)
    workspace.finish()
    return list(workspace.diagnostics)


@pytest.mark.parametrize("net", NETS)
def test_the_nets_are_right(net):
    assert found_in(text_of(net)) == []


MISTAKES = [
    # in a block that is called, or its declaration
    ("retinanet", "block smooth(c)", "block smoth(c)", "E0102"),
    ("retinanet", "block smooth(c)", "block smooth(c, c)", "E0114"),
    ("retinanet", "block smooth(c)", "block smooth(c, d)", "E0107"),
    ("retinanet", "block lateral(c) { conv c", "block lateral(c) { cnov c", "E0102"),
    ("retinanet", "block lateral(c) { conv c", "block lateral(c) { bn c", "E0108"),
    ("retinanet", "let out = 4 * width", "let out = 4 * widht", "E0101"),
    ("retinanet", "let out = 4 * width", "let out = 4 / width", "E0108"),
    ("retinanet", "conv_bn(c, k = 3, s = 1)", "conv_bn(c, k = 3, stride = 1)", "E0101"),
    ("retinanet", "pad = k // 2", "padding = k // 2", "E0103"),
    ("retinanet", "pad = k // 2", "pad = k / 2", "E0108"),
    ("retinanet", "conv out, 1x1/stride", "conv out, 1x1", "E0310"),
    ("resnets", "block conv_bn(", "block con_bn(", "E0102"),
    ("resnets", "block basic(c, stride = 1", "block basic(c, strides = 1", "E0101"),
    ("resnets", "block basic(c, stride = 1", "block basic(ch, stride = 1", "E0101"),
    ("resnets", "if stride != 1 or in.channels != c", "if stride != 1 or in.chanels != c", "E0207"),
    ("resnets", "if stride != 1 or in.channels != c", "if stride or in.channels != c", "E0201"),
    ("inception", "block module(", "block modul(", "E0102"),
    ("inception", "b3: branch5 c5, r5\n", "", "E0301"),
    ("inception", "b4: pooled p\n", "b4: poled p\n", "E0102"),
    ("mobile", "block gate(c)", "block gate(c, d)", "E0107"),
    ("mobile", "conv c, 1x1 -> sigmoid", "conv c // 2, 1x1 -> sigmoid", "E0312"),
    # in a loop
    ("retinanet", "repeat depth {", "repeat dept {", "E0101"),
    ("retinanet", "repeat n - 1 {", "repeat n - 10 {", "E0109"),
    ("unet", "for i in range(1, depth) {", "for i in rang(1, depth) {", "E0102"),
    ("unet", "for i in range(1, depth) {", "for i in depth {", "E0201"),
    ("unet", "for i in range(1, depth) {", "for j in range(1, depth) {", "E0101"),
    ("unet", "enc${i}: down c", "enc${ii}: down c", "E0101"),
    ("unet", "enc${i}: down c", "enc${i / 2}: down c", "E0201"),
    ("unet", "enc${i}: down c", "enc${i}: downs c", "E0102"),
    ("unet", "for d in [1, 2, 4] {", "for d, e in [1, 2, 4] {", "E0211"),
    ("resnets", "in enumerate(depths)", "in enumerate(depth)", "E0101"),
    ("mobile", "for n, c, t, k, s, se in rows", "for n, c, t, k, s, se, x in rows", "E0211"),
    # in a default
    ("unet", "default conv pad=same", "default conv pad=sme", "E0101"),
    ("unet", "default conv pad=same", "default conv padd=same", "E0103"),
    ("unet", "default conv pad=same", "default cnov pad=same", "E0102"),
    ("unet", "default conv pad=same", 'default conv pad="same"', "E0108"),
    ("unet", "-> bn -> relu", "-> bn -> relo", "E0102"),
    ("inception", "default conv -> relu", "default conv -> reLU6", "E0102"),
    # in a let
    ("unet", "let base = 16", "let basis = 16", "E0101"),
    ("unet", "let base = 16", "let base = 16 *", "E0001"),
    ("unet", "let base = 16", 'let base = "16"', "E0108"),
    ("unet", "let base = 16", "let base = 33 / 2", "E0108"),
    ("unet", "let depth = 4", "let depth = 4.5", "E0201"),
    ("unet", "let c = width * 2^i", "let c = width * two^i", "E0101"),
    ("unet", "let k = depth - 1 - i", "let k = depth - 2 - i", "E0311"),
    ("resnets", "let widths = [64, 128, 256, 512]", "let widths = [64, 128, 256]", "E0210"),
    ("resnets", "let out = expand * c", "let ouput = expand * c", "E0101"),
    ("mobile", "let ratio = 4", "let ratio = four", "E0101"),
    ("mobile", "let mid = max(c // ratio, 8)", "let mid = maks(c // ratio, 8)", "E0102"),
    # in a label, an input, an argument
    ("retinanet", "c3: stage 4, 128", "c33: stage 4, 128", "E0118"),
    ("retinanet", "c3: stage 4, 128", "c3: stge 4, 128", "E0102"),
    ("retinanet", "c3: stage 4, 128", "c${n}: stage 4, 128", "E0101"),
    ("retinanet", "c4: stage 6, 256, stride=2 ", "c4: stage 6, 256, stride=4 ", "E0301"),
    ("retinanet", "input 3x256x256", "input 3x256xsize", "E0001"),
    ("retinanet", "input 3x256x256", "input [3, 256, size]", "E0101"),
    ("retinanet", "anchors = 9, pyramid", "anchor = 9, pyramid", "E0101"),
    ("resnets", "net resnet(unit,", "net resnt(unit,", "E0102"),
    ("resnets", "block bottle(", "block bottles(", "E0101"),
]  # fmt: skip


@pytest.mark.parametrize(("net", "old", "new", "code"), MISTAKES)
def test_g3_13_one_mistake_is_one_error(net, old, new, code):
    assert text_of(net).count(old) >= 1
    found = found_in(text_of(net).replace(old, new, 1))
    assert [d.code for d in found] == [code], said(found)


@pytest.mark.parametrize(("name", "code"), [("_smooth", "E0501"), ("concat", "E0114")])
def test_g3_13_a_block_that_cannot_have_its_name_is_one_error(name, code):
    found = found_in(text_of("retinanet").replace("smooth", name))
    assert [d.code for d in found] == [code], said(found)


def test_g3_13_a_block_called_double_is_none():
    assert found_in(text_of("retinanet").replace("smooth", "double")) == []


def misspelt(net: str) -> list[str]:
    """A net with one of its names misspelt, each of them once."""
    text = text_of(net)
    ends = [t.end_pos for t in tokens_of(Source("net.cnn", text)) if t.type == "NAME"]
    return [f"{text[:end]}q{text[end:]}" for end in ends]


@pytest.mark.parametrize("net", NETS)
def test_g3_13_a_misspelt_name_is_at_most_one_error(net):
    """Of all 680 names none makes more; some of them are tried here."""
    for text in random.Random(13).sample(misspelt(net), 16):
        found = [d for d in found_in(text) if d.code.startswith("E")]
        assert len(found) <= 1, said(found)


def test_the_further_places_of_a_mistake_are_shown_and_counted():
    text = "block unit(c) { conv c, 1x1 }\n" + body("\n".join(["unt 8"] * 6))
    (found,) = check(text).errors
    assert (found.code, place(found.span)) == ("E0102", "3:1")
    places = [(place(label.span), label.message) for label in found.labels]
    assert places == [("4:1", "and here"), ("5:1", "and here"), ("6:1", "and here")]
    assert len(places) == PLACES_MAX
    assert found.notes == ("and at 2 more places",)


def test_values_that_stand_in_the_text_are_mistakes_of_their_own():
    found = check(body("conv 8.5, 1x1 => 8x32x32\nconv 9.5, 1x1")).errors
    assert [(d.code, place(d.span)) for d in found] == [("E0108", "2:6"), ("E0108", "3:6")]


def test_what_came_by_a_name_is_one_mistake_and_says_the_rest_beside_it():
    found = check(body("let n = 8.5\nconv n, 1x1 => 8x32x32\nflatten\nlinear 2 * n")).errors
    assert [(d.code, place(d.span)) for d in found] == [("E0108", "3:6")]
    (label,) = found[0].labels
    assert (place(label.span), label.message[:12]) == ("5:8", "also: linear")


def test_two_files_with_one_mistake_each_are_two():
    workspace = Workspace()
    for name in ("one.cnn", "two.cnn"):
        unit = workspace.read_text(body("cnov 8, 3x3"), name)
        assert unit is not None
        check_unit(workspace, unit)
    assert [d.span.source.name for d in workspace.diagnostics] == ["one.cnn", "two.cnn"]
