"""Deliberate mistakes: each gives exactly one error that says what, where, why and what to type."""

from pathlib import Path

import pytest

from cnnspec.diagnostics import Diagnostic
from tests.language.harness import check, check_file, fault, place, said

LENET = """\
net lenet5(classes = 2) {
  default conv -> relu
  default linear -> relu

  input 1x32x32

  conv 6, 5x5                      => 6x28x28
  maxpool 2x2/2                    => 6x14x14
  conv 16, 5x5                     => 16x10x10
  maxpool 2x2/2                    => 16x5x5
  flatten
  linear 120                       => 120
  linear 84                        => 84
  bare linear classes -> softmax   => [classes]

  claim layers = 5
}
"""


def lenet(*changes: tuple[str, str]) -> str:
    text = LENET
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def labels(found: Diagnostic) -> list[str]:
    return [f"{place(label.span)} {label.message}" for label in found.labels]


def head(found: Diagnostic) -> str:
    return f"{found.code} {found.span.source.name}:{place(found.span)} {found.message}"


def test_without_a_mistake_there_is_nothing_to_say():
    assert not check(LENET).found


def test_a_kernel_too_large():
    found = fault(lenet(("conv 16, 5x5 ", "conv 16, 15x15 ")))
    assert head(found) == (
        "E0306 net.cnn:9:12 the window of conv 15x15 is larger than the map: "
        "15 against a height of 14 in 6x14x14"
    )
    assert labels(found) == ["8:3 made 6x14x14 here"]
    assert found.help == ("`pad=1` makes room, or a larger input, or a smaller window",)


def test_a_missing_flatten():
    found = fault(lenet(("  flatten\n", "")))
    assert head(found) == "E0302 net.cnn:11:3 linear needs a vector, and 16x5x5 arrives"
    assert labels(found) == ["10:3 made 16x5x5 here"]
    assert found.help == ("put `flatten` before it: 16 * 5 * 5 = 400 features",)


RESIDUAL = """\
block basic(c, s) {
  add {
    conv c, 3x3/s, pad=1 -> relu -> conv c, 3x3, pad=1
    skip
  }
  relu
}
block stage(n, c, s) seq {
  basic c, s
  repeat n - 1 { basic c, 1 }
}
net it {
  input 64x56x56
  layer1: stage 2, c=64, s=1
  layer2: stage 2, c=128, s=2
}
"""


def test_wrong_channels_at_an_add():
    found = fault(RESIDUAL)
    assert head(found) == "E0310 net.cnn:2:3 the arms of this add differ: 128x28x28 and 64x56x56"
    assert labels(found) == [
        "3:5 this arm is 128x28x28",
        "4:5 this arm is 64x56x56: the add's own input",
    ]
    assert found.help == ("a projection makes them equal: `conv c, 1x1/s` in place of `skip`",)


def test_an_error_in_a_block_shows_the_calls_that_led_to_it():
    assert fault(RESIDUAL).notes == (
        "in basic(c = 128, s = 2), called at net.cnn:9:3",
        "from stage(n = 2, c = 128, s = 2), called at net.cnn:15:11",
    )


def test_many_calls_are_folded():
    text = "block b0() { linear 3 }\n"
    text += "".join(f"block b{n}() {{ b{n - 1} }}\n" for n in range(1, 9))
    notes = fault(text + "net it { input 3x8x8; b8 }").notes
    assert notes == (
        "in b0(), called at net.cnn:2:14",
        "from b1(), called at net.cnn:3:14",
        "... 6 more calls",
        "from b8(), called at net.cnn:10:23",
    )


def test_an_unknown_argument():
    found = fault(lenet(("conv 16, 5x5 ", "conv 16, 5x5, padd=1 ")))
    assert head(found) == "E0103 net.cnn:9:17 conv has no argument `padd`"
    assert found.span.text == "padd=1"
    assert found.note == "did you mean `pad`?"
    assert found.notes[0].startswith("conv(channels, window, pad = 0, groups = 1, dilation = 1")


def test_a_misspelt_op():
    found = fault(lenet(("linear 84", "liner 84")))
    assert head(found) == "E0102 net.cnn:13:3 there is no op, block or net called `liner`"
    assert found.span.text == "liner"
    assert found.note == "did you mean `linear`?"


def test_an_unknown_name():
    found = fault(lenet(("bare linear classes", "bare linear clases")))
    assert head(found) == "E0101 net.cnn:14:15 there is nothing called `clases`"
    assert found.note == "did you mean `classes`?"


def test_a_wrong_claim():
    found = fault(lenet(("claim layers = 5", "claim params = 60_000")))
    assert head(found) == (
        "E0401 net.cnn:16:3 claim fails: params is 61,026, and the claim says 60_000"
    )
    assert found.notes == (
        "the difference is 1,026 (1.7 %)",
        "the largest parts: linear1 48.12K, linear2 10.16K, conv2 2.42K, linear3 170",
    )


def test_two_mistakes_give_two_errors():
    text = lenet(("linear 84 ", "liner 84 "), ("conv 6, 5x5 ", "conv 6, 5x5, padd=1 "))
    found = check(text).found
    assert [head(d)[:22] for d in found] == ["E0103 net.cnn:7:16 con", "E0102 net.cnn:13:3 the"]


def test_a_shape_mistake_and_a_wrong_claim_of_another_net():
    text = lenet(("  flatten\n", "")) + "net two { input 3; linear 4; claim params = 17 }\n"
    found = check(text).found
    assert [(d.code, place(d.span)) for d in found] == [("E0302", "11:3"), ("E0401", "17:30")]


def test_two_shape_mistakes_with_an_assertion_between_them():
    text = lenet(("conv 6, 5x5  ", "conv 6, 55x55"), ("  flatten\n", ""))
    assert [(d.code, place(d.span)) for d in check(text).found] == [
        ("E0306", "7:11"), ("E0302", "11:3"),
    ]  # fmt: skip


def test_what_follows_from_a_mistake_is_not_said():
    text = lenet(("conv 6, 5x5                      => 6x28x28", "cnov 6, 5x5"), ("=> 6x14x14", ""))
    assert [d.code for d in check(text).found] == ["E0102"]


def test_a_mistake_in_a_block_called_often_is_said_once():
    text = RESIDUAL.replace("relu\n}", "rleu\n}")
    assert [head(d) for d in check(text).found][:1] == [
        "E0102 net.cnn:6:3 there is no op, block or net called `rleu`"
    ]
    assert len(check(text).found) == 1


# --- the voice of errors: the other examples of it ---


def test_windows_that_do_not_fit():
    text = "net a {\n  input 3x224x224\n\n  conv 96, 11x11/4                       => 96x55x55\n}\n"
    found = fault(text)
    assert head(found) == (
        "E0301 net.cnn:4:3 the windows do not fit: conv 96, 11x11/4 turns 3x224x224 into "
        "96x54x54, and this line says 96x55x55"
    )
    assert labels(found) == ["4:45 asserted here", "2:9 3x224x224 comes from here"]
    assert found.notes == ("floor((224 - 11 + 2*0) / 4) + 1 = 54, with 1 row and column left over",)
    assert found.help == (
        "`input 3x227x227` gives 55, and so does `pad=2` (floor((224 - 11 + 2*2) / 4) + 1 = 55)",
        "if the layers are right, write `=> 96x54x54`",
    )


def test_groups_that_do_not_divide():
    found = fault("net a {\n  input 64x8x8\n  conv 96, 3x3, pad=1, groups=3\n}\n")
    assert head(found) == "E0304 net.cnn:3:24 groups = 3 does not divide 64 input channels"
    assert found.span.text == "groups=3"
    assert found.help == (
        "leave `groups` out, or write one of these: 1, 2, 4, 8, 16, 32 divide both 64 and 96",
    )


def test_a_figure_that_differs_from_the_source():
    found = fault(
        'source he2015 = paper("T")\nnet a {\n  input 100; linear 1000\n'
        '  claim params ~ 100K from he2015 "Table 1"\n}\n'
    )
    assert head(found) == (
        "E0401 net.cnn:4:3 claim fails: params is 101,000, and the claim says that "
        '"Table 1" prints 100K'
    )
    assert found.notes == (
        "100K stands for 99,500 to 100,500; the difference is 1,000 (1.0 %)",
        "the largest parts: linear1 101.00K",
    )
    assert found.help == (
        "if the figure is mistyped here, write `101_000`",
        'if the source is wrong, record it with its cause: `but 101_000 because misprint "..."`',
    )


def test_a_disagreement_that_no_longer_holds():
    found = fault(
        "net a {\n  input 100; linear 1000\n"
        '  claim params ~ 101K but 101_000 because misprint "x"\n}\n'
    )
    assert head(found) == (
        "E0402 net.cnn:3:23 a recorded disagreement no longer holds: the claim is true now"
    )
    assert found.note == "measured 101,000, which rounds to 101K"
    assert found.help == ("delete from `but` on",)


def test_a_block_that_was_never_closed():
    found = fault("net a { input 3x8x8; u 3 }\n\nblock u(c) {\n  relu\n\n")
    assert head(found) == "E0012 net.cnn:3:12 this block was never closed"
    assert (found.note, labels(found)) == ("opened here", ["4:6 the file ends"])


def test_a_hidden_character():
    found = fault("net a {\n  input 3x8x8\n  conv 64\u202e, 3x3\n}\n")
    assert head(found) == ("E0021 net.cnn:3:10 a hidden character: U+202E (right-to-left override)")
    assert found.note == "it makes text read differently from what is compiled"
    assert found.help == ("delete it",)


def test_a_name_that_the_class_inherits():
    found = fault("net a {\n  input 3x8x8\n  forward: conv 64, 3x3\n}\n")
    assert head(found) == (
        "E0501 net.cnn:3:3 `forward` cannot name a layer: "
        "the generated class inherits it from torch.nn.Module"
    )
    assert found.note == "choose another, such as `forward_conv`"


def test_a_pool_without_a_stride():
    found = fault("net a {\n  input 3x8x8\n  maxpool 2x2\n}\n")
    assert head(found) == "W0203 net.cnn:3:11 maxpool 2x2 has stride 1"
    assert found.note == "write `2x2/2` to move by the window, or `2x2/1` to say it"


@pytest.mark.parametrize("name", ["resnet34", "lenet5", "resnet50_paper"])
def test_the_specs_have_none(name: str):
    root = Path(__file__).resolve().parents[2]
    result = check_file(str(root / "specs" / f"{name}.cnn"))
    assert not result.found, said(result.found)
