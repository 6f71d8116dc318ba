"""What other people's nets brought to light: growth.md G3, its rows 3, 4, 6, 13, 17, 19 and 20."""

import pytest

from cnnspec.backends.torch import emit
from tests.language.harness import body, check, fault, paths, place, said

# --- 3: statements of a loop, and lone activations, as arms -----------------------------------

ARMS = [
    (
        "add {\nrepeat 3 { relu; conv 64, 1x1 }\nskip\n}",
        "3:1",
        "{ repeat 3 { relu; conv 64, 1x1 } }",
    ),
    ("add {\nfor i in [1, 2] { conv 64, 1x1; bn }\nskip\n}", "3:1", "for i in [1, 2] { { conv"),
    ("add {\nrepeat 3 {\nrelu\nconv 64, 1x1\n}\n}", "3:1", "`{ repeat 3 { ... } }`"),
    (
        "if true { add { skip; repeat 2 { repeat 3 { bn; bn } } } }",
        "2:34",
        "{ repeat 3 { bn; bn } }",
    ),
    ("add { skip; repeat 2 { if true { bn; bn } else { bn } } }", "2:13", "{ repeat 2 { if"),
    ("add { conv 64, 1x1; relu; skip }", "2:21", "`{ conv 64, 1x1; relu }`"),
    (
        "add { relu; conv 64, 1x1 }",
        "2:7",
        "`{ relu; conv 64, 1x1 }`; where it is meant, write `{ r",
    ),
    ("concat { if true { a: relu }; bn; skip }", "2:20", "one arm: `{ a: relu; bn }`"),
    ("concat { repeat 2 { relu }; bn; skip }", "2:21", "one arm"),
]


@pytest.mark.parametrize(("text", "where", "help"), ARMS)
def test_g3_3_statements_that_were_probably_to_be_one_arm(text, where, help):
    found = fault(body(text, "64x8x8"))
    assert (found.code, place(found.span)) == ("W0211", where)
    assert help in found.help[0] + found.help[-1] + found.help[len(found.help) // 2]


@pytest.mark.parametrize(
    "text",
    [
        "add { { repeat 3 { relu; conv 64, 1x1 } }; skip }",
        "add { repeat 3 { { relu; conv 64, 1x1 } }; skip }",
        "concat { for k in [1, 3] { conv 8, kernel(k, k), same } }",
        "concat { for k in [1, 3] { for d in [1, 2] { conv 8, kernel(k, k), same, dilation=d } } }",
        "concat { for k in [1, 3] { if k > 1 { conv 8, 3x3, same } else { conv 8, 1x1 } } }",
        "concat { for k in [1, 3] { let c = 4*k; conv c, 1x1 } }",
        "concat { for k in [1, 3] { { conv k, 1x1 }; { bn } } }",
        "mul { skip; sigmoid }",
        "concat { relu; tanh; skip }",
        "a: conv 64, 1x1\nadd { relu; from a }",
        "concat { { conv 8, 1x1 }; relu }",
        "add { conv 64, 1x1 -> relu; { relu } }",
        "repeat 3 { relu; conv 64, 1x1 }",
        "add { bn; conv 64, 1x1, bias=false -> bn }",
    ],
)
def test_g3_3_arms_that_are_meant(text):
    assert check(body(text, "64x8x8")).codes == []


def test_g3_3_a_block_called_as_an_activation_is_none():
    block = "block relu_block() { conv 64, 1x1 }\n"
    assert check(block + body("add { conv 64, 1x1; relu_block }", "64x8x8")).codes == []


# --- 4: documentation above what has none ----------------------------------------------------

NET = "net it {\n  input 3x8x8\n  conv 8, 3x3\n}\n"


def docstring(text: str) -> str:
    result = check(text)
    assert not result.found, said(result.found)
    return emit(result.elaborated).split('"""')[1]


@pytest.mark.parametrize(
    "head",
    [
        "## Of the paper.\ndefault conv pad=1\n",
        "## Of the paper.\n\ndefault conv pad=1\n\n",
        "let c = 3\n## Of the paper.\ndefault conv pad=1\n",
        "## Of\ndefault conv pad=1\n## the paper.\ndefault linear -> relu\n",
    ],
)
def test_g3_4_documentation_at_the_head_is_that_of_the_file(head):
    assert " ".join(docstring(head + NET).split()).startswith("Of the paper.")
    own = docstring(f"{head}## Its own.\n{NET}")
    assert own.strip().startswith("Its own.") and "paper" not in own


def test_g3_4_so_it_is_above_an_import(tmp_path):
    (tmp_path / "blocks.cnn").write_text("block unit() { conv 8, 3x3 }\n")
    text = '## Of the paper.\nimport unit from "blocks.cnn"\nnet it { input 3x8x8; unit }\n'
    result = check(text, path=str(tmp_path / "net.cnn"))
    assert not result.found, said(result.found)
    assert emit(result.elaborated).startswith('"""Of the paper.')


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (f"{NET}## Lost.\ndefault conv pad=1\n", "5:1"),
        (
            "net it {\n  input 3x8x8\n  ## Lost.\n  ## Two.\n  default conv pad=1\n"
            "  conv 3, 3x3\n}\n",
            "3:3",
        ),
        (f"{NET}## Lost.\n", "5:1"),
        ("net it {\n  input 3x8x8\n  relu\n  ## Lost.\n}\n", "4:3"),
        ("net it {\n  input 3x8x8\n  add { relu; skip; ## Lost.\n}\n}\n", "3:21"),
        (f"recipe r {{\n  batch = 3\n  ## Lost.\n}}\n{NET}", "3:3"),
    ],
)
def test_g3_4_documentation_of_nothing_is_a_warning(text, where):
    found = fault(text)
    assert (found.code, place(found.span)) == ("W0212", where)
    assert "Lost." in found.span.text


@pytest.mark.parametrize(
    "text",
    [
        "relu\n## Lost.\n-> conv 8, 3x3",
        "if true { relu }\n## Lost.\nelse { conv 8, 3x3 }",
        "conv 8,\n## Lost.\n3x3",
        "conv 8, 3x3  ## Lost.",
        "let c = [1,\n## Lost.\n2]",
    ],
)
def test_g3_4_documentation_inside_a_statement_takes_no_layer_along(text):
    """The line end behind it is none: the words of the next line belonged to the text."""
    found = fault(body(text))
    assert (found.code, found.span.text) == ("E0001", "## Lost.")
    assert found.help == ("write `#` for a comment",)


# --- 6: names that end in a digit -------------------------------------------------------------


def test_g3_6_the_first_relu6_is_not_the_sixty_first_relu():
    found = paths(body("repeat 61 { relu }\nrelu6\nrelu6"))
    assert found[59:] == ["relu60", "relu61", "relu6_1", "relu6_2"]


def test_g3_6_blocks_are_numbered_alike():
    declared = "block unit(c) { conv c, 1x1 }\nblock unit1(c) { conv c, 1x1 }\n"
    found = paths(declared + body("repeat 11 { unit 8 }\nunit1 8\nunit1 8"))
    assert found[10:] == ["unit11.conv1", "unit1_1.conv1", "unit1_2.conv1"]


@pytest.mark.parametrize(
    ("default", "label", "names"),
    [
        ("default conv -> relu6", "conv1: conv 8, 1x1", ["conv1", "relu6_1"]),
        ("default conv -> relu6", "conv1_2: conv 8, 1x1", ["conv1_2", "relu6_1_2"]),
        ("default conv -> relu6", "conv: conv 8, 1x1", ["conv", "relu6"]),
        ("default conv -> relu6", "conv_a: conv 8, 1x1", ["conv_a", "relu6_a"]),
        ("default conv -> relu6", "proj: conv 8, 1x1", ["proj", "proj_relu6"]),
        ("default conv -> relu6", "convert: conv 8, 1x1", ["convert", "convert_relu6"]),
        ("default conv -> relu6", "a.conv1: conv 8, 1x1", ["a.conv1", "a.relu6_1"]),
        ("default relu6 -> bn", "relu6_1: relu6", ["relu6_1", "bn1"]),
        ("default relu6 -> bn", "relu61: relu6", ["relu61", "bn1"]),
        ("default relu6 -> bn", "relu6_a: relu6", ["relu6_a", "bn_a"]),
        ("default relu6 -> bn", "relu6: relu6", ["relu6", "bn"]),
        ("let i = 3\ndefault conv -> relu6", "conv${i}: conv 8, 1x1", ["conv3", "relu6_3"]),
    ],
)
def test_g3_6_followers_exchange_names_that_end_in_a_digit(default, label, names):
    assert paths(body(f"{default}\n{label}")) == names


# --- 17: an input with its channels last ------------------------------------------------------


@pytest.mark.parametrize(
    ("input", "right"),
    [
        ("224x224x3", "3x224x224"),
        ("image: 224x224x3", "3x224x224"),
        ("[224, 224, 3]", "3x224x224"),
        ("[size, size, 3]", "3x32x32"),
        ("28x28x1", "1x28x28"),
        ("480x640x3", "3x480x640"),
        ("64x64x4", "4x64x64"),
    ],
)
def test_g3_17_rows_and_columns_first(input, right):
    found = fault(f"net it(size = 32) {{ input {input}; relu }}")
    assert found.code == "W0210"
    assert found.message.endswith("rows and columns first?")
    assert f"`input {right}`" in found.help[0]


def test_g3_17_open_sizes_too():
    found = fault("net it { input image: [H=32, W=48, 3]; relu }")
    assert (found.code, found.help[0][:32]) == ("W0210", "write `input [3, H=32, W=48]` fo")


@pytest.mark.parametrize(
    "input", ["3x224x224", "64x3x3", "12x1x5000", "64x5000x1", "512x16x4", "256x7x7", "3x3x3", "64"]
)
def test_g3_17_is_not_said_of_maps_and_signals(input):
    assert check(f"net it {{ input {input}; relu }}").codes == []


def test_g3_17_is_said_of_the_size_given_on_the_command_line():
    result = check("net it { input 3x32x32; conv 8, 3x3 }", input=(64, 64, 3))
    assert result.codes == ["W0210"]


# --- 19: one name for two sizes -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("net it { input image: [3, H=64, H=32]; relu }", "1:33"),
        ("net it { input [3, H=64, H=64]; relu }", "1:26"),
        ("net it(n) { input [3, H=n, H=2*n]; relu }", "1:28"),
        ("net it { input [3, H=64, W=32]; relu => [3, H=64, H=32] }", "1:51"),
    ],
)
def test_g3_19_the_second_size_of_a_name_is_an_error(text, where):
    found = fault(text)
    assert (found.code, place(found.span), found.span.text) == ("E0114", where, "H")
    assert found.labels[0].span.text == "H"


def test_g3_19_two_inputs_of_one_size_and_of_two():
    text = (
        "net it {{ input a: [3, H=64, W=64]; input b: [3, H={}, W=64]; add {{ from a; from b }} }}"
    )
    assert check(text.format(64)).codes == []
    found = fault(text.format(32))
    assert (found.code, place(found.span)) == ("E0114", "1:49")
    assert found.help == ("another size needs another name: `H2=32`",)


def test_g3_19_a_size_given_on_the_command_line_holds_at_every_input():
    text = "net it { input a: [3, H=64, W=64]; input b: [3, H=64, W=64]; add { skip; from a } }"
    result = check(text, input=(3, 96, 80))
    assert result.codes == []
    assert [entry.shape for entry in result.net.inputs] == [(3, 96, 80)] * 2
