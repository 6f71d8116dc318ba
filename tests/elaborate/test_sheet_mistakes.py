"""F3: each line of an author's sheet that is written in another way is told how it is written."""

import pytest

from tests.language.harness import check

NET = "net n { input 3x8x8; a: conv 4, 3x3; b: conv 4, 3x3 }\nfigure f of n { %s }\n"
WRITTEN = {
    "level a = block": "`level` is written `level = ...`",
    "width = a": "`width` is written `width = 6.9in`",
    "depth = 3pt": "`depth` is written `depth = 2`",
    "only = 3pt": "`only` is written `only = layer3`",
    "label a = b": '`label` is written `label layer1 = "conv2_x"`',
    "note = a": "`note` is written",
    "colour = accent": "`colour` is written `colour layer3 = accent`",
    "colour a = acent": "a colour is one of",
    "highlight = a": "`highlight` is written `highlight layer4.0.downsample`",
    "hide = bn": "`hide` is written `hide bn, relu, shapes`",
    "hide bm": "`hide` knows no `bm`",
    "group a = b": '`group` is written `group "encoder" = enc1..enc4`',
    'group "x" = 3pt': '`group` is written `group "encoder" = enc1..enc4`',
    "font a = 8pt": "`font` is written `font = 8pt`",
    "font = a": "`font` is a face",
    "order a = [a]": "`order` is written `order = [left, right]`",
    'aspect = "wide"': '`aspect` is written `aspect = "16:9"`',
}


@pytest.mark.parametrize("line", WRITTEN)
def test_a_line_is_told_how_it_is_written(line: str):
    (error, *_) = check(NET % line).errors
    assert WRITTEN[line] in error.message


def test_a_figure_is_no_value():
    (error, *_) = check(NET % "level = block" + "net m { input 3x8x8; conv f, 3x3 }\n").errors
    assert error.message.endswith("and f (a figure) came")
