"""The voice and layout of diagnostics: what a person sees."""

from cnnspec.diagnostics import Diagnostic, Label
from cnnspec.report.style import Style
from cnnspec.report.text import render
from cnnspec.source import Source, Span

FITS_NOT = """\
error[E0301]: the windows do not fit: conv 96, 11x11/4 turns 3x224x224 into 96x54x54, and this line says 96x55x55
  --> specs/alexnet.cnn:12:3
   |
 9 |   input 3x224x224
   |         --------- 224 comes from here
12 |   conv 96, 11x11/4                       => 96x55x55
   |   ^^^^^^^^^^^^^^^^                          -------- asserted here
   |
   = floor((224 - 11 + 2*0) / 4) + 1 = 54, with 1 row and column left over
   = help: `input 3x227x227` gives 55, and so does `pad=2`
   = see: cnnspec explain E0301
"""  # noqa: E501

HIDDEN = """\
error[E0021]: a hidden character: U+202E (right-to-left override)
  --> net.cnn:2:9
   |
 2 |     conv 64<U+202E>, 3x3  # 합성곱 → relu
   |            ^^^^^^^^                  ---- not this one
   |            it makes text read differently from what is compiled
   |
   = help: delete it
"""

STRIDE = """\
warning[W0203]: maxpool 2x2 has stride 1
  --> net.cnn:2:11
   |
 2 |   maxpool 2x2
   |           ^^^ write `2x2/2` to halve the map, or `2x2/1` to say that you mean it
"""


def test_labels_on_several_lines_notes_and_help(windows_do_not_fit):
    assert render([windows_do_not_fit]) == FITS_NOT


def test_tabs_wide_and_hidden_characters_stay_aligned(hidden_character):
    assert render([hidden_character]) == HIDDEN


def test_a_warning_with_words_beside_the_carets(stride_one):
    assert render([stride_one]) == STRIDE


def test_an_empty_line_between_two_and_the_page_named_once(windows_do_not_fit, stride_one):
    text = render([windows_do_not_fit, stride_one, windows_do_not_fit])
    assert text.count("see: cnnspec explain") == 1
    assert f"{FITS_NOT}\n{STRIDE}\n" in text


def test_the_end_of_the_file_gets_one_caret():
    source = Source("net.cnn", "block a() {\n\n")
    text = render([Diagnostic("E0012", "never closed", Span(source, 13, 13))])
    assert text.endswith("  --> net.cnn:3:1\n   |\n 3 |\n   | ^\n")


def test_a_label_in_another_file_names_it():
    one, two = Source("a.cnn", "let x = 1\n"), Source("b.cnn", "\nlet x = 2\n")
    text = render(
        [
            Diagnostic(
                "E0111",
                "`x` is declared twice",
                Span(one, 4, 5),
                labels=(Label(Span(two, 5, 6), "first here"),),
            )
        ]
    )
    assert "  --> a.cnn:1:5\n" in text
    assert "  ::: b.cnn:2:5\n   |\n 2 | let x = 2\n   |     - first here\n" in text


def test_marks_that_overlap_stand_on_lines_of_their_own():
    source = Source("a.cnn", "conv 64, 3x3")
    text = render(
        [Diagnostic("E0001", "m", Span(source, 0, 12), labels=(Label(Span(source, 5, 7), "here"),))]
    )
    assert "   | ^^^^^^^^^^^^\n   |      -- here\n" in text


def test_a_long_line_is_clipped_around_the_mark():
    source = Source("a.cnn", "a" * 5000 + " liner " + "b" * 5000)
    lines = render([Diagnostic("E0102", "m", Span(source, 5001, 5006), "here")]).splitlines()
    shown, marks = lines[3], lines[4]
    assert len(shown) < 180
    assert shown[marks.index("^") : marks.rindex("^") + 1] == "liner"


def test_wide_line_numbers_widen_the_gutter():
    source = Source("a.cnn", "\n" * 1233 + "x")
    text = render([Diagnostic("E0101", "m", Span(source, 1233, 1234))])
    assert text == "error[E0101]: m\n    --> a.cnn:1234:1\n     |\n1234 | x\n     | ^\n"


def test_notes_fold_in_a_narrow_terminal(windows_do_not_fit):
    lines = render([windows_do_not_fit], Style(width=50)).splitlines()
    assert "   = floor((224 - 11 + 2*0) / 4) + 1 = 54, with 1" in lines
    assert "     row and column left over" in lines


def test_colour_paints_and_nothing_else(windows_do_not_fit):
    import re

    painted = render([windows_do_not_fit], Style(colour=True))
    assert "\x1b[1;31merror[E0301]" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == FITS_NOT


def test_no_text_of_a_spec_reaches_the_terminal_raw():
    hostile = "\x1b]0;title\x07 \x9b31m \u202e\u200b [/bold] \x00"
    source = Source("a\x1b[2J.cnn", f"conv {hostile}\n")
    diagnostic = Diagnostic(
        "E0101", hostile, Span(source, 0, 4), hostile, (), (hostile,), (hostile,)
    )
    text = render([diagnostic])
    assert all(c == "\n" or c.isprintable() for c in text)
    assert "\\x1b]0;title\\x07 \\x9b31m <U+202E><U+200B> [/bold] \\x00" in text
