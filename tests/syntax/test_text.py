"""S1: what a text may hold; S2: names that become code."""

import keyword

import pytest

from cnnspec.elaborate.workspace import Workspace
from cnnspec.source import Source
from cnnspec.syntax.parser import parse
from cnnspec.syntax.words import MODULE_ATTRIBUTES
from tests.language.harness import check, fault, layers, place
from tests.syntax.test_tree import dump

GOOD = 'source s = book("T")\n\n## Doc.\nnet it {\n  input 3x8x8\n  conv 4, 3x3\n    -> relu\n}\n'


def decoded(data: bytes, tmp_path) -> tuple[list[str], list[str]]:
    """The codes and places found in a file of these bytes."""
    path = tmp_path / "net.cnn"
    path.write_bytes(data)
    workspace = Workspace()
    workspace.read(str(path))
    found = list(workspace.diagnostics)
    return [d.code for d in found], [place(d.span) for d in found]


# --- S1 ---


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (0x00, "U+0000 (NUL)"),
        (0x07, "U+0007 (control character)"),
        (0x0B, "U+000B (control character)"),
        (0x0C, "U+000C (control character)"),
        (0x1B, "U+001B (control character)"),
        (0x7F, "U+007F (control character)"),
        (0x85, "U+0085 (control character)"),
        (0x9B, "U+009B (control character)"),
        (0xA0, "U+00A0 (no-break space)"),
        (0x200B, "U+200B (zero-width space)"),
        (0x200C, "U+200C (zero-width non-joiner)"),
        (0x200D, "U+200D (zero-width joiner)"),
        (0x2060, "U+2060 (word joiner)"),
        (0xFEFF, "U+FEFF (byte order mark inside the text)"),
        (0x202A, "U+202A (left-to-right embedding)"),
        (0x202E, "U+202E (right-to-left override)"),
        (0x2066, "U+2066 (left-to-right isolate)"),
        (0x2069, "U+2069 (pop directional isolate)"),
        (0x2028, "U+2028 (control character)"),
    ],
)
@pytest.mark.parametrize("where", ["code", "string", "comment", "doc"])
def test_s1_a_hidden_character_is_named_with_its_place(code: int, said: str, where: str):
    char = chr(code)
    line = {
        "code": f"relu{char}",
        "string": f'require true, "a{char}b"',
        "comment": f"relu # a{char}b",
        "doc": f"## a{char}b\nrelu",
    }[where]
    text = f"net it {{\n  input 3x8x8\n{line}\n}}\n"
    if code == 0xA0 and where in ("string", "doc"):
        assert not check(text).found
        return
    found = fault(text)
    assert (found.code, found.message) == ("E0021", f"a hidden character: {said}")
    assert place(found.span) == f"3:{line.index(char) + 1}"
    assert found.help == ("delete it",)


def test_s1_a_lone_carriage_return_is_an_error():
    found = fault("net it {\n  input 3x8x8\r  relu\n}\n")
    assert found.code == "E0021"
    assert "U+000D (carriage return without a newline)" in found.message
    assert place(found.span) == "2:14"


def test_s1_crlf_equals_lf():
    unix, windows = parse(Source("a", GOOD)), parse(Source("a", GOOD.replace("\n", "\r\n")))
    assert dump(unix) == dump(windows)
    assert layers(check(GOOD).net) == layers(check(GOOD.replace("\n", "\r\n")).net)


def test_s1_a_mistake_has_one_place_in_both():
    wrong = GOOD.replace("relu", "rleu")
    for text in (wrong, wrong.replace("\n", "\r\n")):
        assert place(fault(text).span) == "7:8"


def test_s1_a_byte_order_mark_is_accepted(tmp_path):
    assert decoded(b"\xef\xbb\xbf" + GOOD.encode(), tmp_path) == ([], [])


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"\xff\xfen\x00e\x00t\x00", "1:1"),
        (GOOD.encode() + b"# caf\xe9\n", "9:6"),
        (b"net \xc0\xaf", "1:5"),
        (b"net \xed\xa0\x80", "1:5"),
    ],
)
def test_s1_anything_but_utf_8_is_one_error_at_its_place(data: bytes, where: str, tmp_path):
    assert decoded(data, tmp_path) == (["E0020"], [where])


def test_s1_columns_count_code_points():
    found = fault('source s = book("표 𝔸"); net it { input 3x8x8; rleu }')
    assert place(found.span) == "1:47"


# --- S2 ---


def test_s2_the_list_of_attributes_is_that_of_the_installed_torch():
    nn = pytest.importorskip("torch").nn
    inherited = {n for n in dir(nn.Module) + dir(nn.Sequential) if not n.startswith("_")}
    inherited |= {n for n in vars(nn.Module()) if not n.startswith("_")}
    assert inherited <= MODULE_ATTRIBUTES, sorted(inherited - MODULE_ATTRIBUTES)


@pytest.mark.parametrize("name", sorted(MODULE_ATTRIBUTES))
def test_s2_no_layer_is_called_as_an_attribute_of_module(name: str):
    found = fault(f"net it {{ input 3x8x8; {name}: relu }}")
    assert found.code == "E0501"
    assert place(found.span) == "1:23"
    assert found.note.startswith("choose another")


@pytest.mark.parametrize("name", sorted(set(keyword.kwlist) - {"None", "True", "False"}))
def test_s2_no_layer_is_called_as_a_word_of_python(name: str):
    assert check(f"net it {{ input 3x8x8; {name}: relu }}").codes in (["E0501"], ["E0001"])


@pytest.mark.parametrize("name", ["None", "True", "False", "__init__", "__x", "_modules", "_x"])
def test_s2_nor_with_leading_underscores(name: str):
    assert check(f"net it {{ input 3x8x8; {name}: relu }}").codes == ["E0501"]


@pytest.mark.parametrize("name", ["forward", "lambda", "__x", "train"])
@pytest.mark.parametrize(
    "text",
    [
        "net {} {{ input 3x8x8; relu }}",
        "net it {{ input 3x8x8; output {}: relu }}",
        "net it {{ input 3x8x8; a.{}: relu }}",
        "net it {{ input {}: 3x8x8; relu }}",
    ],
)
def test_s2_nets_outputs_and_inputs_neither(text: str, name: str):
    assert check(text.format(name)).codes == ["E0501"]


@pytest.mark.parametrize(
    "name", ["torch", "nn", "F", "Tensor", "NamedTuple", "INPUT_SIZE", "RECIPE", "self", "super"]
)
def test_s2_a_net_is_not_called_as_what_the_generated_file_has(name: str):
    assert check(f"net {name} {{ input 3x8x8; relu }}").codes == ["E0502"]


def test_s2_nets_that_differ_only_by_case():
    found = fault("net Net { input 3x8x8; relu }\nnet net1 { input 3x8x8 }\nnet nEt = Net()")
    assert found.code == "E0502"
    assert place(found.span) == "3:5"
    assert place(found.labels[0].span) == "1:5"


@pytest.mark.parametrize("name", ["con", "NUL", "Aux1", "com1", "LPT9", "prn"])
def test_s2_no_net_bears_the_name_of_a_windows_device(name: str):
    codes = check(f"net {name} {{ input 3x8x8; relu }}").codes
    assert codes == ([] if name == "Aux1" else ["E0502"])


def test_s2_a_block_is_not_called_as_an_op():
    found = fault("block conv(c) { relu }")
    assert (found.code, place(found.span)) == ("E0114", "1:7")


def test_s2_two_parameters_of_one_name():
    found = fault("block b(c, c) { relu }")
    assert (found.code, place(found.span)) == ("E0114", "1:12")
    assert place(found.labels[0].span) == "1:9"
