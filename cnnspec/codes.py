"""Every diagnostic's code and what it means in one line: data, for messages and SARIF rules.

A code never changes its meaning and is never used again for another.  The first letter is the
severity (E error, W warning), the digits its part of the compiler: 00 text and numbers, 01 names
and arguments, 02 expressions, 03 shapes, 04 claims, 05 generated code.  A test looks for codes
that the package uses and this table lacks.
"""

from __future__ import annotations

from typing import Final

CODES: Final[dict[str, str]] = {
    # Text, tokens and limits
    "E0001": "text that the grammar does not allow here",
    "E0002": "a file without declarations",
    "E0003": "a file that is not UTF-8 text",
    "E0004": "a file over the size limit",
    "E0010": "a character that begins no word of the language",
    "E0011": "a number written in a way the language does not have",
    "E0012": "a bracket or block that is never closed",
    "E0013": "nesting over the limit",
    "E0014": "a closing bracket that closes nothing",
    "E0015": "a number over the limit",
    "E0016": "an expression of too many terms",
    "E0017": "a name over 64 characters",
    "E0018": "a call written with parentheses",
    "E0019": "a count over a limit of elaboration",
    "E0020": "a control character",
    "E0021": "a hidden character",
    # Names, arguments and declarations
    "E0101": "an unknown name",
    "E0102": "an unknown op, block or net",
    "E0103": "an unknown argument",
    "E0104": "a value of the wrong type",
    "E0105": "too many arguments",
    "E0106": "an argument given twice",
    "E0107": "a missing argument",
    "E0108": "an argument of the wrong type",
    "E0109": "an argument out of its range",
    "E0110": "a word of the language as a name",
    "E0111": "a name declared twice",
    "E0112": "two layers with one path",
    "E0113": "an import that cannot be read",
    "E0114": "an import that leads back to its own file",
    "E0115": "an import of a name that the file does not declare",
    "E0116": "an import from outside the spec's root",
    "E0117": "a block that calls itself",
    "E0118": "an unknown layer path",
    "E0119": "an unknown key of a recipe",
    # Expressions
    "E0201": "an operator on values that it does not take",
    "E0202": "a division by zero",
    "E0203": "a result beyond 2^63-1 or not finite",
    "E0204": "an index outside its list",
    "E0205": "a condition on a symbolic size",
    "E0206": "a precondition that does not hold",
    # Shapes
    "E0301": "a shape that differs from the one asserted",
    "E0302": "a vector is needed and a feature map arrives",
    "E0303": "a feature map is needed and a vector arrives",
    "E0304": "groups that do not divide the channels",
    "E0305": "`same` padding with an even window",
    "E0306": "a window larger than the map",
    "E0307": "a connection table that does not fit",
    "E0310": "arms that cannot be joined",
    "E0311": "a fork with fewer than two arms",
    # Claims
    "E0401": "a claim that fails",
    "E0402": "a recorded disagreement that no longer holds",
    "E0403": "an unknown metric",
    "E0404": "a cause that does not explain the printed figure",
    "E0405": "a claim whose value cannot be measured",
    # Generated code
    "E0501": "a name that the generated class cannot use",
    # Warnings
    "W0201": "a name that is never used",
    "W0203": "a pool whose stride was not written",
}
"""Code -> its title."""

PAGES: Final[dict[str, str]] = {
    "E0301": (
        "`=> 64x112x112` asserts the shape at the end of a statement. A window gives\n"
        "floor((W - F + 2P) / S) + 1 rows and columns: W the size that arrives, F the window\n"
        "(dilation D makes it D(F-1)+1), P the padding on each side, S the stride. A remainder of\n"
        "the division is normal. AlexNet's table needs a 227x227 input although the paper says 224."
    ),
    "E0302": (
        "A linear layer works on a vector [n]; a feature map [C, H, W] has to become one first:\n"
        "`flatten` keeps all C*H*W numbers, `global_avgpool -> flatten` one for each channel."
    ),
    "E0310": (
        "`add` needs arms of one shape and never broadcasts; `concat` needs equal heights and\n"
        "widths. In a residual block whose stride or width changes, the skip needs a projection\n"
        "(`conv c, 1x1/s`) or `avgpool 1x1/s -> pad_channels c`."
    ),
    "E0401": (
        "A claim compares a figure that the compiler measured with the one a source prints.\n"
        "`=` is exact, `~ 21.8M` allows half a unit of the last printed digit. A source that is\n"
        'wrong is recorded with what was measured and why: `but 21_797_672 because misprint "..."`.'
    ),
    "E0402": (
        "`but ... because ...` records that a source disagrees. It holds only while the claim\n"
        "fails, exactly the recorded figure is measured, and the cause explains the difference."
    ),
}
"""Codes that deserve more than their title: what `cnnspec explain CODE` adds."""


def title(code: str) -> str:
    """The one line for `code`; an unlisted code still gets a sentence."""
    return CODES.get(code, "a defect of the spec")
