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
    "E0010": "a character that begins no word of the language",
    "E0011": "a number written in a way the language does not have",
    "E0012": "a bracket, block or string that is never closed",
    "E0013": "nesting over the limit",
    "E0014": "a closing bracket that closes nothing",
    "E0015": "a number over the limit",
    "E0016": "an expression of too many terms",
    "E0017": "a name over 64 characters",
    "E0018": "a call written with parentheses",
    "E0019": "a file, a count or a size over a limit",
    "E0020": "a file that is not UTF-8 text",
    "E0021": "a hidden character",
    # Names, arguments and declarations
    "E0101": "an unknown name",
    "E0102": "an unknown op, block, net or function",
    "E0103": "an unknown argument, parameter or key",
    "E0104": "a name of the wrong kind",
    "E0105": "too many arguments",
    "E0106": "an argument given twice",
    "E0107": "a missing argument",
    "E0108": "an argument of the wrong type",
    "E0109": "an argument out of its range",
    "E0110": "a word of the language as a name",
    "E0111": "a positional argument after a keyword",
    "E0112": "a statement that cannot stand here",
    "E0113": "two layers with one path",
    "E0114": "a name declared twice",
    "E0115": "a block or recipe that leads back to itself",
    "E0116": "an op with a body that it does not take, or without the one it needs",
    "E0117": "`skip` where it does nothing",
    "E0118": "an unknown layer path",
    "E0119": "a layer that cannot be reached from here",
    "E0120": "a net without an input",
    "E0121": "an `--input` that does not fit",
    "E0122": "an import that cannot be read",
    "E0123": "a source of an unknown kind",
    "E0124": "files that import each other",
    "E0125": "a variant of a variant",
    # Expressions
    "E0201": "a value of the wrong type",
    "E0202": "a result beyond 2^63-1 or not finite",
    "E0203": "a division by zero",
    "E0204": "a choice that a symbolic size would decide",
    "E0205": "an index outside its list",
    "E0206": "`in` where a size is needed",
    "E0207": "a value without this attribute",
    "E0208": "a function called in a way it does not take",
    "E0209": "a window or stride that is none",
    "E0210": "a precondition that does not hold",
    "E0211": "items that cannot be taken apart",
    "E0212": "a shape that has neither one size nor three",
    # Shapes
    "E0301": "a shape that differs from the one asserted",
    "E0302": "a vector is needed and a feature map arrives",
    "E0303": "a feature map is needed and a vector arrives",
    "E0304": "groups that do not divide the channels",
    "E0305": "`same` padding with an even window",
    "E0306": "a window larger than the map",
    "E0307": "a connection table that does not fit",
    "E0308": "an op that cannot work on this shape",
    "E0310": "arms that cannot be added",
    "E0311": "arms that cannot be concatenated",
    "E0312": "arms that cannot be multiplied",
    "E0313": "a fork with fewer than two arms",
    "E0314": "shared layers that meet another shape",
    # Claims
    "E0401": "a claim that fails",
    "E0402": "a recorded disagreement that no longer holds",
    "E0403": "a recorded disagreement that measures another figure",
    "E0404": "a cause that does not explain the printed figure",
    "E0405": "an unknown metric, net or path in a claim",
    "E0406": "figures that cannot be compared",
    # Generated code
    "E0501": "a name that the generated class cannot use",
    "E0502": "a net's name that makes no file of its own",
    # Warnings
    "W0203": "a pool whose stride was not written",
    "W0204": "`in` with two values in one chain",
    "W0205": "a softmax or sigmoid before the cross-entropy that is not the head",
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
        "`add` needs arms of one shape and never broadcasts. In a residual block whose stride or\n"
        "width changes, the skip needs a projection (`conv c, 1x1/s`), or, without parameters,\n"
        "`avgpool 1x1/s -> pad_channels c`."
    ),
    "E0311": (
        "`concat` puts the channels of its arms one after another, so their heights and widths\n"
        "are equal. Padding keeps the size of a map: `pad=same` for a convolution, `3x3/1, pad=1`\n"
        "for a pool."
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
    "E0404": (
        "The cause of a recorded disagreement is checked. `rounding`: the printed digits are the\n"
        "measured ones cut off. `unit`: a confusion such as 1024 for 1000 or FLOPs for MACs\n"
        "explains the figure. `misprint`: nothing to check. Any other cause is an expression,\n"
        "such as `resnet34_a.macs`, whose value satisfies the printed figure."
    ),
    "W0204": (
        "`in` is the shape that arrives at the op it is written at, so within a chain it changes.\n"
        "`let c = in.channels` before the chain keeps one value under a name of its own."
    ),
    "W0205": (
        "A softmax or sigmoid that ends an output is its head: the generated `forward` leaves it\n"
        "out and returns logits. One that other layers follow stays, and a cross-entropy, which\n"
        "takes logits, would apply its own softmax to probabilities."
    ),
}
"""Codes that deserve more than their title: what `cnnspec explain CODE` adds."""


def title(code: str) -> str:
    """The one line for `code`; an unlisted code still gets a sentence."""
    return CODES.get(code, "a defect of the spec")
