"""G4: what is called otherwise elsewhere leads to the op here, and never to another function."""

from __future__ import annotations

import re
import tomllib

import onnx.defs
import pytest
import torch
import torch.nn.functional as F

from cnnspec import foreign
from cnnspec.elaborate.unfound import no_op
from cnnspec.ops import ops
from cnnspec.source import Source, Span
from cnnspec.spelling import closest, distance, plain
from tests.language.harness import body, check, fault

TABLE = tomllib.loads(foreign.TABLE.read_text(encoding="utf-8"))
SPAN = Span(Source("net.cnn", "x"), 0, 1)

LATER = """conv_transpose prelu elu selu mish softplus hardsigmoid hardtanh abs instance_norm l2norm
global_maxpool adaptive_maxpool channel_mean channel_max sub mean max times pad crop resize unpool
pixel_shuffle pixel_unshuffle dropout2d""".split()
"""G1: the ops that a later version has."""

EQUAL = {
    "instance_norm": "gn",
    "global_maxpool": "maxpool",
    "resize": "upsample",
}
"""What computes the same where an op is not there."""


def said(word: str) -> str:
    found = no_op(word, SPAN, []).diagnostic
    return " ".join((found.message, found.note, *found.help))


def offered(word: str) -> set[str]:
    """The ops that a message names between backquotes, the word itself left out."""
    quoted = re.findall(r"`([^`]*)`", said(word))
    words = {w for text in quoted for w in re.findall(r"[a-z_]\w*", text)}
    return (words & set(ops())) - {word}


@pytest.mark.parametrize("word", LATER)
def test_g4_an_op_that_is_not_there_yet_is_said_so_and_names_no_other_function(word: str):
    if word in ops():
        assert foreign.op_of(word).op == word
        return
    assert f"`{word}` is " in said(word)
    assert "the language does not have it yet" in said(word)
    assert offered(word) <= {EQUAL.get(word)}


@pytest.mark.parametrize(
    ("word", "never"),
    [
        ("elu", "`relu`"), ("prelu", "`relu`"), ("hardsigmoid", "`sigmoid`"), ("deconv", "`conv`"),
        ("max", "softmax"), ("pad", "`add`"), ("pixel_shuffle", "channel_shuffle"),
        ("unpool", "maxpool"), ("constant", "concat"), ("reshape", "did you mean"),
        ("minpool", "maxpool"), ("softmin", "did you mean"), ("hardtanh", "`tanh`"),
        ("softsign", "softmax"), ("celu", "relu"), ("dropout2d", "`dropout`"),
        ("lppool", "maxpool"), ("logsigmoid", "`sigmoid`"),
    ],
)  # fmt: skip
def test_g4_never_a_suggestion_that_is_another_function(word: str, never: str):
    assert never not in said(word)


TORCH = {
    n for n in dir(torch.nn)
    if isinstance(getattr(torch.nn, n), type) and issubclass(getattr(torch.nn, n), torch.nn.Module)
}  # fmt: skip
FUNCTIONAL = {
    n for n in dir(F)
    if n.islower() and n[0] != "_" and callable(getattr(F, n)) and getattr(F, n).__doc__
} - {"assert_int_or_pair", "boolean_dispatch", "handle_torch_function", "has_torch_function",
     "has_torch_function_unary", "has_torch_function_variadic", "grouped_mm", "scaled_mm",
     "scaled_grouped_mm"}  # fmt: skip
ONNX = {s.name for s in onnx.defs.get_all_schemas() if s.domain == ""}
NO_LAYERS = re.compile(
    r"(Bitwise|Sequence|String|Random|.*Window$|Optional|Is|Col2Im|Regex|TfIdf|Mel|Unique|Multi|"
    r"Concat|Split|Less|Greater|If$|Bernoulli|TensorScatter|Image)"
)
"""Operators of ONNX that no network of images is written with by hand."""


@pytest.mark.parametrize("word", sorted(TORCH | FUNCTIONAL))
def test_g4_every_name_of_torch_is_in_the_table(word: str):
    assert foreign.op_of(word) is not None or plain(word) in map(plain, ops())


@pytest.mark.parametrize("word", sorted(n for n in ONNX if not NO_LAYERS.match(n)))
def test_g4_every_operator_of_onnx_is_in_the_table(word: str):
    assert foreign.op_of(word) is not None or plain(word) in map(plain, ops())


@pytest.mark.parametrize(
    ("typed", "here"),
    [
        ("Conv2d", "conv"), ("Convolution2D", "conv"), ("convolutional", "conv"), ("Conv", "conv"),
        ("BatchNorm2d", "bn"), ("BatchNormalization", "bn"), ("Dense", "linear"),
        ("InnerProduct", "linear"), ("connected", "linear"), ("Gemm", "linear"),
        ("MaxPooling2D", "maxpool"), ("max_pool2d", "maxpool"), ("AveragePool", "avgpool"),
        ("GlobalAveragePooling2D", "global_avgpool"), ("AdaptiveAvgPool2d", "adaptive_avgpool"),
        ("LocalResponseNorm", "lrn"), ("GroupNorm", "gn"), ("layer_norm", "ln"),
        ("LeakyReLU", "leaky_relu"), ("Swish", "silu"), ("h_swish", "hardswish"),
        ("logistic", "sigmoid"), ("Concatenate", "concat"), ("Eltwise", "add"),
        ("Multiply", "mul"), ("Identity", "skip"), ("StochasticDepth", "drop_path"),
        ("UpSampling2D", "upsample"), ("Flatten", "flatten"), ("ReLU", "relu"), ("ReLU6", "relu6"),
        ("Transpose", "permute"), ("ChannelShuffle", "channel_shuffle"), ("SoftMax", "softmax"),
        ("linar", "linear"), ("flaten", "flatten"), ("cnov", "conv"), ("rleu", "relu"),
    ],
)  # fmt: skip
def test_g4_the_names_of_other_tools_lead_here(typed: str, here: str):
    assert f"did you mean `{here}`?" in said(typed)


def test_g4_depthwise_and_separable_show_what_to_write():
    depthwise = fault(body("depthwise_conv 3x3, pad=1"))
    assert depthwise.help == ("write `conv in.channels, 3x3, pad=1, groups=in.channels`",)
    separable = fault(body("separable_conv 64, 3x3"))
    assert separable.help == (
        "write `conv in.channels, 3x3, pad=1, groups=in.channels`, one filter for each channel",
        "write `conv 64, 1x1` on the next line, which mixes the channels",
    )


@pytest.mark.parametrize("op", sorted(ops()))
def test_g4_no_name_of_an_op_here_stands_for_another(op: str):
    meant = foreign.op_of(op)
    assert meant is None or meant.op == op or (op == "input" and meant.entry == "input")


def test_g4_no_word_stands_twice_in_the_table():
    words = [
        word
        for section in ("ops", "absent")
        for name, entry in TABLE[section].items()
        for word in {plain(w) for w in (*entry["names"].split(), *[name] * (section == "ops"))}
    ]
    assert sorted({w for w in words if words.count(w) > 1}) == []


def test_g4_every_line_that_the_table_says_to_write_is_a_line_of_the_language():
    """Each text in backquotes of `write` and `instead` that begins with an op compiles."""
    for name, entry in TABLE["ops"].items():
        for said in [entry.get("write", []), entry.get("instead", [])]:
            lines = [said] if isinstance(said, str) else said
            for text in re.findall(r"`([^`]*)`", " ".join(lines)):
                if " " in text and text.split()[0] in ops() and "early" not in text:
                    vector = "512" if text.startswith("linear") else "64x32x32"
                    found = check(f"net it {{ input {vector}\n{text}\n}}").errors
                    assert not found, (name, text, found)


@pytest.mark.parametrize(
    ("one", "two", "slips"),
    [
        ("relu", "relu", 0), ("rleu", "relu", 1), ("elu", "relu", 1), ("conv", "deconv", 2),
        ("flatten", "flaten", 1), ("abcd", "wxyz", 4), ("ca", "abc", 3),
    ],
)  # fmt: skip
def test_g4_slips_between_two_words(one: str, two: str, slips: int):
    assert distance(one, two, 9) == distance(two, one, 9) == slips


@pytest.mark.parametrize(
    ("typed", "known", "meant"),
    [
        ("clases", ["classes"], "classes"), ("bm", ["bn", "gn"], ""), ("fcc", ["fc"], "fc"),
        ("Max_Pool", ["maxpool"], "maxpool"), ("deconv", ["conv"], ""), ("abs", ["add"], ""),
        ("padding", ["pad"], ""), ("momentun", ["momentum"], "momentum"),
    ],
)  # fmt: skip
def test_g4_did_you_mean_is_for_slips_of_the_hand(typed: str, known: list[str], meant: str):
    assert closest(typed, known) == meant


def test_g4_many_long_words_are_compared_in_no_time():
    """The distance stops where it is too large: 64 letters cost no 64 x 64 steps."""
    one, two = "ab" * 32, "ba" * 31 + "cc"
    assert distance(one, two, 4) <= 4
    assert distance("a" * 64, "b" * 64, 4) == 4


@pytest.mark.parametrize(
    ("line", "help"),
    [
        ("conv 3, 16, 3x3, pad=1", "write `conv 16, 3x3, pad=1`: what arrives is known"),
        ("conv 16, 3", "write `conv 16, 3x3`"),
        ("conv 16, 3, pad=1", "write `conv 16, 3x3, pad=1`"),
        ("conv 3, 64, 7", "write `conv 64, 7x7`: what arrives is known"),
        ("conv 16, [3, 3]", "write `conv 16, 3x3`"),
        ("maxpool 2", "write `maxpool 2x2/2`: the window moves by its own size"),
        ("maxpool 3, 2", "write `maxpool 3x3/2`: the window moves by 2"),
        ('conv 16, 3x3, pad="same"', "write `pad=same`, without quotes"),
        ("bn 64", "what arrives is known: write `bn`"),
        ("global_avgpool -> flatten -> ln 64", "what arrives is known: write `ln`"),
        ("gn 1, 64", "what arrives is known: write `gn 1`"),
    ],
)
def test_g4_arguments_in_the_order_of_other_tools(line: str, help: str):
    assert fault(body(line)).help == (help,)


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("conv 64, kernel_size=7", "the window stands alone: write `7x7`"),
        ("conv 64, 3x3, stride=2", "the stride stands in the window: write `3x3/2`"),
        ('conv 64, 3x3, activation="tanh"', "an activation follows: `-> tanh`"),
        ("conv 64, 3x3, dilation_rate=2", "did you mean `dilation`?"),
        ("upsample scale_factor=2", "did you mean `scale`?"),
        ("resize scale_factor=2", "a map grows by a whole factor with `upsample 2`"),
        ("resize 16x16, mode=bilinear", 'words stand in quotes: `mode="bilinear"`'),
        ("conv 64, 3x3, bias=False", "did you mean `false`?"),
        ("conv 64, 3x3, pad=valid", "`pad=0`, or leave it out, is no padding"),
    ],
)
def test_g4_arguments_of_other_tools(line: str, note: str):
    assert check(body(line)).errors[0].note == note


def test_g4_a_metric_of_another_name_and_one_that_is_none():
    net = "net a { input 8; linear 4\n"
    assert fault(net + "claim parameters = 3 }").note == "did you mean `params`?"
    assert "cnnspec eval" in fault(net + "claim accuracy = 3 }").help[0]
    assert fault(net + "claim zzzzz = 3 }").notes[0].startswith("metrics are params, ")


@pytest.mark.parametrize(
    ("input", "help"),
    [
        (
            "12x5000",
            "1-D maps are outside the language: `12x1x5000` and windows such as `1x7` count alike",
        ),
        ("28x28", "channels come first: `1x28x28` for grey images, `3x28x28` for colour"),
        ("1x3x224x224", "write `3x224x224`: the batch is never written"),
    ],
)
def test_g4_an_input_of_another_number_of_sizes(input: str, help: str):
    assert fault(f"net a {{ input {input}\n relu }}").help[0] == help


@pytest.mark.parametrize("word", ["attention", "reshape", "Conv1d", "Conv3d", "LSTM", "Embedding"])
def test_g4_what_is_outside_the_language_is_said_in_one_line(word: str):
    found = fault(body(word))
    assert "outside the language" in found.message
    assert len(found.help) <= 1


def test_g4_a_window_of_three_sizes():
    found = fault(body("conv 8, 3x3x3"))
    assert found.help == ("3-D maps are outside the language: a window has rows and columns",)


def test_g4_an_input_that_is_mistyped_is_one_mistake():
    assert fault("net a { inpt 3x32x32\n conv 8, 3x3 }").note == "did you mean `input`?"
