"""Expressions, conditions and line wrapping on their own."""

import ast
import shutil
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnspec.backends.torch.python.layout import commented
from cnnspec.backends.torch.python.names import class_name, safe
from cnnspec.backends.torch.python.reading import statement
from cnnspec.backends.torch.python.symbols import Var, binary, either, substitute, unary
from cnnspec.backends.torch.python.writing import write
from cnnspec.backends.torch.specialise.conditions import decide, learn, merge

NAMES = st.sampled_from("abc").map(Var)
LEAVES = st.one_of(NAMES, st.integers(-3, 20))
SIGNS = st.sampled_from(["+", "-", "*", "//", "%"])
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(SIGNS, inner, inner).map(lambda t: _binary(*t)),
        inner.map(lambda e: unary("neg", e)),
        st.tuples(inner, inner, inner, inner).map(
            lambda t: either(t[0], binary("<", t[1], t[2]), t[3])
        ),
    ),
    max_leaves=8,
)


def _binary(sign, left, right):
    zero = sign in ("//", "%") and right == 0 and not isinstance(right, Var)
    return binary("+" if zero else sign, left, right)


@given(EXPRESSIONS, st.tuples(*[st.integers(-5, 9)] * 3))
def test_the_text_of_an_expression_means_what_it_means(expression, values):
    names = dict(zip("abc", values, strict=True))
    try:
        wanted = substitute(expression, names)
    except ZeroDivisionError:
        return
    try:
        found = eval(write(expression), {}, names)
    except ZeroDivisionError:
        return
    assert found == wanted


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (binary("*", 4, Var("c")), "4 * c"),
        (binary("*", binary("+", Var("a"), 1), 2), "(a + 1) * 2"),
        (binary("-", Var("a"), binary("-", Var("b"), Var("c"))), "a - (b - c)"),
        (binary("*", 64, binary("**", 2, Var("i"))), "64 * 2**i"),
        (binary("**", 2, binary("+", Var("i"), 1)), "2 ** (i + 1)"),
        (binary("//", binary("-", binary("+", Var("k"), 1), 1), 2), "k // 2"),
        (unary("not", binary("==", Var("s"), 1)), "s != 1"),
        ((3, 4), "(3, 4)"),
        ((3,), "(3,)"),
        (600_000, "600_000"),
        (1e-4, "1e-4"),
        (0.5, "0.5"),
        ("it's", '"it\'s"'),
        (True, "True"),
    ],
)
def test_spelling(value, text):
    assert write(value) == text


def test_a_branch_that_contradicts_the_tests_above_it_is_decided():
    changes = binary("!=", Var("s"), 1)
    facts = learn((), changes, False)
    assert decide(changes, facts) is False
    assert decide(binary("==", Var("s"), 1), facts) is True
    assert decide(binary("or", Var("p"), changes), facts) == Var("p")


def test_arms_that_the_condition_makes_equal_are_one():
    condition = binary("or", binary("!=", Var("s"), 1), binary("!=", Var("in_channels"), Var("c")))
    assert merge(Var("c"), condition, Var("in_channels")) == Var("c")
    assert merge(Var("s"), condition, 1) == Var("s")
    assert str(merge(Var("d"), condition, 1)) == "d if s != 1 or in_channels != c else 1"


@pytest.mark.parametrize(
    ("name", "spelt"),
    [
        ("cifar_resnet", "CifarResNet"), ("lenet5", "LeNet5"), ("vgg", "VGG"),
        ("googlenet", "GoogLeNet"), ("densenet", "DenseNet"), ("aux_head", "AuxHead"),
        ("module_35", "Module35"), ("bottleneck_2015", "Bottleneck2015"),
    ],
)  # fmt: skip
def test_class_names(name, spelt):
    assert class_name(name) == spelt


def test_names_that_mean_something_get_a_line_behind():
    assert [safe(n) for n in ("lambda", "forward", "x", "y1", "in_channels", "depth")] == [
        "lambda_", "forward_", "x_", "y1_", "in_channels_", "depth",
    ]  # fmt: skip


WORDS = st.sampled_from(["alpha", "b", "in_channels", "nn.ReLU(inplace=True)", "4 * channels"])
CALLS = st.recursive(
    WORDS,
    lambda inner: st.tuples(
        st.sampled_from(["f", "nn.Sequential"]), st.lists(inner, min_size=1)
    ).map(lambda t: f"{t[0]}({', '.join(t[1])})"),
    max_leaves=24,
)


def wrap(text: str, indent: int, comment: str = "") -> list[str]:
    return commented(statement(text), indent, comment)


def ruff_format(text: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "100", "-"],
        input=text, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip


no_ruff = pytest.mark.skipif(
    shutil.which("ruff", path=str(sys.prefix) + "/bin") is None, reason="no ruff"
)


@no_ruff
@settings(max_examples=15, deadline=None)
@given(st.lists(CALLS, min_size=12, max_size=12))
def test_lines_are_wrapped_as_ruff_format_does(calls):
    statements = [f"self.name = {call}" for call in calls]
    text = "\n".join("\n".join(wrap(s, 0)) for s in statements) + "\n"
    assert ruff_format(text) == text


LONG = st.sampled_from(["in_channels", "number_of_feature_maps", "growth_rate_of_this_net"]).map(
    Var
)
SUMS = st.recursive(
    st.one_of(LONG, st.integers(2, 2000)),
    lambda inner: st.one_of(
        st.tuples(SIGNS, inner, inner).map(lambda t: _binary(*t)),
        st.tuples(inner, LONG, inner, inner).map(
            lambda t: either(t[0], binary("<", t[1], t[2]), t[3])
        ),
    ),
    max_leaves=14,
)
SHAPES = st.sampled_from(
    ["width = {}", "self.conv1 = nn.Conv2d({}, 64, 3, padding=1)", "return {}", "in_channels += {}"]
)


@no_ruff
@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(SHAPES, SUMS), min_size=30, max_size=30))
def test_arithmetic_is_wrapped_as_ruff_format_does_and_means_the_same(rows):
    lines, meant = [], []
    for shape, expression in rows:
        statement = shape.format(write(expression))
        lines += ["def f():", *wrap(statement, 4)]
        meant.append(f"def f():\n    {statement}")
    text = "\n".join(lines)
    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse("\n".join(meant)))
    assert ruff_format(text).replace("\n\n\n", "\n").rstrip("\n") == text


def test_a_comment_that_does_not_fit_stands_above_its_line():
    line = f"x = {'a' * 80}"
    assert wrap(line, 8, "64x112x112") == [" " * 8 + "# 64x112x112", " " * 8 + line]
    assert wrap("x = a", 8, "64x112x112") == [" " * 8 + "x = a  # 64x112x112"]
