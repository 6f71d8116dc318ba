"""What a reader of generated code sees: true types, true docstrings, nothing idle (G3 8 to 11)."""

import re

import pytest

from tests.backends.harness import text_of
from tests.fuzz import contract

END = "global_avgpool -> flatten -> linear 10"


def text(net: str) -> str:
    """The generated module of the last net, which is what its spec says."""
    assert contract.check(net).values
    return text_of(net, "it")


def net(body: str, above: str = "", size: str = "3x16x16", end: str = END) -> str:
    return f"{above}\nnet it {{\n  input {size}\n  {body}\n  {end}\n}}\n"


TYPES = {
    "one number": ("u 8, 3x3; u 4, 5x5", "kernel: int)"),
    "rows and columns": ("u 8, 3x1; u 4, 1x3", "kernel: tuple[int, int])"),
    "both": ("u 8, 3x1; u 4, 3x3", "kernel: int | tuple[int, int])"),
    "a stride": ("u 8, 3x3/2; u 4, 5x5", "kernel: int, stride: int = 1)"),
    "two strides": ("u 8, 3x3/2; u 4, 5x5/1x2", "stride: int | tuple[int, int] = 1"),
}


@pytest.mark.parametrize("name", TYPES)
def test_g3_8_a_window_has_the_type_that_its_calls_have(name: str):
    calls, words = TYPES[name]
    assert words in text(net(calls, "block u(c, k) { conv c, k, pad=1 -> relu }"))


def test_g3_8_same_of_an_open_window_is_arithmetic_on_a_number():
    found = text(net("u 8, 3x3; u 4, 5x5", "block u(c, k) { conv c, k, same -> relu }"))
    assert "kernel: int)" in found and "padding=(kernel - 1) // 2" in found


# --- G3-9: docstrings ---


def test_g3_9_a_net_with_outputs_only_says_their_shapes():
    body = "output large: conv 5, 1x1\noutput small: { conv 7, 1x1; relu }"
    found = text(net(f"conv 8, 3x3\n{body}", end=""))
    assert '"""Map [3, 16, 16] to large [5, 14, 14] and small [7, 14, 14]."""' in found


def test_g3_9_a_condition_is_told_in_the_words_of_the_spec():
    block = (
        "block u(c, s) { if s != 1 { add { skip; conv in.channels, 1x1 } } else { relu }\n"
        "conv c, 1x1; relu }"
    )
    found = text(net("p: conv 4, 1x1; u 4, 1; u 8, 2", block.replace("conv c", "last: conv c")))
    assert "self.condition" not in " ".join(re.findall(r'"""(.*?)"""', found, re.S))
    arms = "block u(c, s) { if s != 1 { add { skip; conv c, 1x1 } } else { relu } }"
    found = text(net("conv 4, 1x1; u 4, 1; u 4, 2", arms))
    assert '"""Return x + conv1 if s != 1 else relu(x)."""' in found
    within = (
        "block u(c, s) { add { { if s != 1 { p: conv c, 1x1/s } }; f: conv c, 3x3/s, same }; relu }"
    )
    found = text(net("conv 4, 1x1; u 4, 1; u 4, 2", within))  # as the X block of RegNet
    assert '"""Return relu((p if s != 1 else x) + f)."""' in found


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("add { skip; conv 3, 1x1 }; maxpool 2x2", "Return maxpool(x + conv1)."),
        ("add { skip; conv 3, 1x1 }; upsample 2", "Return upsample(x + conv1)."),
        (
            "mul { skip; { global_avgpool; conv 3, 1x1 -> sigmoid } }",
            "Return x * sigmoid(conv1).",
        ),
        (
            "concat { conv 3, 1x1; maxpool 1x1 }",
            "Concatenate conv1 and maxpool(x) along the channels.",
        ),
    ],
)
def test_g3_9_no_op_is_left_out_of_a_return_line(body: str, words: str):
    assert f'"""{words}"""' in text(net("u; bn", f"block u() {{ {body} }}"))


def test_g3_9_a_truncated_normal_is_called_so():
    found = text(net("conv 8, 3x3, init=trunc_normal(std=0.02)"))
    assert "from N(0, 0.0004) cut off at -2 and 2" in " ".join(found.split())
    assert "cut off" not in text(net("conv 8, 3x3, init=normal(std=0.02)"))


@pytest.mark.parametrize(
    "doc",
    [
        "A net that is described at some length by Karen Simonyan, A. Zisserman et al. in the"
        " year 2014, and again here",
        "The residual units of K. He, X. Zhang, S. Ren and J. Sun, which this comment describes"
        " as Fig. 2 of theirs does",
    ],
)
def test_g3_9_a_summary_line_does_not_end_in_an_abbreviation(doc: str):
    found = text(f"## {doc}\n" + net("conv 8, 3x3").lstrip())
    first = found.split('"""', 1)[1].split("\n", 1)[0]
    assert not re.search(r"\b(al|Fig|[A-Z])\.$", first)


def test_g3_9_the_loss_of_an_outputs_head_is_named():
    found = text(net("a: conv 8, 3x3\noutput seg: conv 4, 1x1 -> sigmoid"))
    words = " ".join(found.split())
    assert "the sigmoid at the end of seg is part of the loss" in words
    assert "F.binary_cross_entropy_with_logits" in words and "torch.sigmoid" not in words


# --- G3-10: as an expert writes ---


def test_g3_10_no_variable_is_set_that_nothing_reads():
    siamese = (
        "net it { input left: [3, 8, 8]\n twin: seq { conv 8, 3x3; relu }\n"
        "input right: [3, 8, 8]\n o: share twin\n add { skip; from twin }; " + END + " }"
    )
    assert "twin = self.twin(left)" in text(siamese).replace("x = twin", "")
    assert "x = twin = " not in text(siamese)
    assert "x = a = self.a(x)" in text(net("a: conv 8, 1x1; conv 8, 1x1; add { skip; from a }"))


def test_g3_10_equal_channels_add_up_to_a_product():
    arms = "conv c, 1x1; conv c, 3x3, same; conv c, 5x5, same; maxpool 3x3/1, 1 -> conv c, 1x1"
    found = text(net("u 4; u 8", f"block u(c) {{ concat {{ {arms} }}; bn }}"))
    assert "nn.BatchNorm2d(4 * c)" in found and "to [4 * c, H, W]" in found


def test_g3_10_a_factor_that_is_divided_away_is_not_written():
    block = "block u(d) { let wide = 2 * d\n conv wide, 1x1; add { skip; conv wide, 1x1 }\n conv "
    found = text(net("u 4; u 8", block + "2 * d // 2, 1x1 }"))
    assert "// 2" not in found


def test_g3_10_an_expression_is_returned_where_it_ends():
    block = "block u(c) { add { skip; { conv c, 1x1; relu } } }"
    assert "        return x + y\n" in text(net("u 3; bn", block))


def test_g3_10_what_mypy_cannot_know_gets_the_name_of_a_tensor_first():
    block = "block u(c) { add { skip; conv c, 1x1 } }"
    found = text(net("u 3; bn", block))
    assert "        x = x + self.conv1(x)\n        return x\n" in found


def test_g3_10_one_condition_is_one_attribute():
    block = (
        "block u(s) { if s != 1 { add { skip; a: conv 3, 1x1 } } else { relu }\n"
        "b: conv 3, 1x1; if s != 1 { add { skip; d: conv 3, 1x1 } } else { tanh } }"
    )
    found = text(net("u 1; u 2", block))
    assert found.count("self.condition = s != 1") == 1 and "condition2" not in found


def test_g3_10_a_class_for_unlabelled_layers_has_their_path():
    found = text(net("seq { add { skip; conv 3, 1x1 }; relu }"))
    assert "Trunk" not in found and "trunk" not in found
    assert 'class Seq1(nn.ModuleDict):\n    """The layers of `seq1`."""' in found


def test_g3_10_a_stride_that_is_always_one_is_no_parameter():
    found = text(net("u 3x3; u 5x5", "block u(k) { conv 8, k, pad=1 -> relu }"))
    assert "stride" not in found


# --- G3-11 ---


@pytest.mark.parametrize("names", [("x", "y"), ("y", "x"), ("z", "y1"), ("w", "x")])
def test_g3_11_inputs_keep_their_names(names: tuple[str, str]):
    first, second = names
    found = text(
        f"net it {{ input {first}: [1, 8, 8]\n a: conv 4, 3x3\n input {second}: [1, 8, 8]\n"
        f"conv 4, 3x3\n add {{ skip; {{ from a; bn }}; {{ from {first}; conv 4, 3x3; bn }} }} }}"
    )
    assert f"def forward(self, {first}: Tensor, {second}: Tensor)" in found
