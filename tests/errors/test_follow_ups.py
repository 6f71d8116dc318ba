"""One defect, one message: what follows from it is not said (poisoned values)."""

import pytest

from tests.language.harness import body, check, fault, place, said

CHAIN = "conv 8, 3x3 => 8x32x32\nconv 8, 3x3\nflatten\nlinear 10"


@pytest.mark.parametrize(
    ("default", "code"),
    [
        ("default conv init=he_normal, pad=same -> relu", "E0101"),
        ("default conv pad=sme", "E0101"),
        ("default conv padd=same", "E0103"),
        ("default conv pad=same -> relo", "E0102"),
        ("default conv pad=1 + true", "E0201"),
    ],
)
def test_a_wrong_default_of_a_net(default, code):
    found = fault(body(f"{default}\n{CHAIN}"))
    assert (found.code, found.span.line) == (code, 2)


def test_a_wrong_default_of_a_file():
    found = fault(f"default conv init=he_normal\n{body(CHAIN)}")
    assert (found.code, place(found.span)) == ("E0101", "1:19")


def test_a_value_of_a_default_that_does_not_fit_is_one_error_at_the_default():
    found = fault(body('default conv pad="1"\nconv 8, 3x3\nconv 8, 3x3\nconv 8, 3x3'))
    assert (found.code, place(found.span)) == ("E0108", "2:14")


def test_other_ops_are_still_checked_and_an_assertion_makes_the_shape_known_again():
    text = body("default conv padd=1\nconv 8, 3x3 => 8x30x30\nliner 10\nrelu => 8x30x30\nlinear 9")
    assert [d.code for d in check(text).found] == ["E0103", "E0102", "E0302"]


@pytest.mark.parametrize(
    "declaration",
    ["block _float(c) { relu }", "block bn(c) { relu }", "block unit(c, c) { relu }"],
)
def test_calls_of_a_block_whose_declaration_is_wrong(declaration):
    name = declaration.split("(")[0].split()[1]
    fault(f"{declaration}\n{body(f'{name} 8')}")


def test_an_unknown_keyword_is_one_error_whatever_its_value():
    assert fault(body("conv 8, 3x3, activation=relu")).code == "E0103"
    found = check("block b(c) { relu }\n" + body("b 8, n=nix")).found
    assert [d.code for d in found] == ["E0103"], said(found)


def test_names_in_claims_of_a_family_that_nothing_calls():
    text = (
        "net family(n) {\n  input 100\n  linear n\n"
        "  claim parameters = 101 * n from he2015\n  claim params = m\n"
        "  claim params(linear1) = 101 * n\n"
        '  claim layers ~ min(n, 1) but 3 because rounding "x"\n}\n'
    )
    from cnnspec.analyses.checking import check_unit
    from cnnspec.elaborate.workspace import Workspace

    workspace = Workspace()
    unit = workspace.read_text(text, "net.cnn")
    assert unit is not None
    assert check_unit(workspace, unit) == []
    found = [(d.code, place(d.span), d.span.text) for d in workspace.diagnostics]
    assert found == [
        ("E0405", "4:9", "parameters"), ("E0101", "4:35", "he2015"), ("E0405", "5:18", "m"),
    ]  # fmt: skip
