"""Rules of the emitter, each broken once: what the proof of the module makes of it.

`python -m tests.mutation.emitter [NETS]` prints a table.  One line of the emitter or of an op is
changed in the running process (`rules.broken`), the same nets are written again, and each text that
differs is proved.  What the emitter itself does not write is `stopped`; what the proof refuses is
`refused`; of what it proves, PyTorch is asked: `harmless` where nothing differs, else `missed`.
"""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import suppress

from cnnspec.backends.torch import draft
from cnnspec.backends.torch.proof import Unproved, prove
from cnnspec.elaborate.workspace import Elaborated
from tests.fuzz import aimed
from tests.fuzz.nets import Invalid, agrees, elaborate
from tests.mutation.rules import RULES, broken

EXTRA = """
block gate(c) { mul { skip; conv c, 1x1 -> sigmoid } }
block padded(c) { conv c, 2x2, [0, 1, 1, 0]; relu }
block either(n) { if n > 1 { a: conv 8, 1x1 } else { b: conv 8, 3x3, 1 }; add { skip; relu } }
block twice(n) { if n > 1 { conv 8, 1x1 }; add { skip; relu }; if n > 2 { conv 8, 3x3, 1 } }
block three(n) seq { if n > 2 { conv 8, 1x1 } else if n > 1 { tanh } else { sigmoid } }
net it(n = 3, classes = 5) {
  input 8x12x12
  conv 8, 3x3, pad=[0, 1, 2, 1], bias=false, init=he_normal(fan="out") -> bn 1e-3 -> relu
  output mask: conv 2, 1x1, init=he_normal(fan="in") -> sigmoid
  a: seq { conv 8, 3x3, pad=2, dilation=2, groups=2; leaky_relu 0.3; gate 8; dropout 0.3 }
  aux first: conv 4, 1x1 -> global_avgpool -> flatten -> linear classes
  seq { conv 8, 2x2, [0, 1, 1, 0]; maxpool 2x2 }
  aux second: global_avgpool -> flatten -> linear classes
  padded 8; either 1; either 2; twice 1; twice 2; twice 3; three 1; three 2; three 3
  c: seq { conv 8, 1x1; repeat n { conv 8, 1x1; relu } }
  add { skip; from c[0] }
  concat { conv 8, 1x1 -> relu; conv 4, 3x3, 1; skip } -> relu
  add { conv 20, 1x1; skip } -> relu
  tanh -> global_avgpool -> flatten -> linear classes -> softmax
}
"""
"""What aimed nets hold too rarely: initial weights, auxiliary heads, outputs, uneven padding."""


def corpus(count: int) -> list[tuple[Elaborated, str]]:
    """Nets with the modules that the whole emitter writes."""
    found = [elaborate(EXTRA)]
    seed = 0
    while len(found) < count:
        with suppress(Invalid):
            found.append(elaborate(aimed.spec(seed)))
        seed += 1
    return [(net, draft(net)) for net in found]


def judged(net: Elaborated, right: str) -> str:
    """What becomes of a net that a broken emitter writes; `same` where the rule plays no part."""
    try:
        text = draft(net)
    except Exception:  # a broken emitter may raise anything
        return "stopped"
    return "same" if text == right else verdict(net, text)


def verdict(net: Elaborated, text: str) -> str:
    """Whether the proof refuses a text; of one that it proves, what PyTorch finds."""
    try:
        prove(net.net, text, args=net.args, recipe=net.recipe)
    except Unproved:
        return "refused"
    size = tuple(map(int, net.net.inputs[0].shape))
    return "harmless" if agrees(net, size, text) else "missed"


def table(count: int) -> dict[str, Counter[str]]:
    """For each rule, how many nets came to which end."""
    nets, found = corpus(count), {}
    for what in RULES:
        with broken(what):
            found[what] = Counter(judged(net, right) for net, right in nets)
    return found


def main() -> int:
    """Print the table; 1 when a broken rule is missed, or by no net noticed."""
    rows = table(int(sys.argv[1]) if len(sys.argv) > 1 else 120)
    ends = ("stopped", "refused", "harmless", "missed")
    print("| rule |", " | ".join(ends), "|\n|---|" + "---|" * len(ends))
    for what, row in rows.items():
        print(f"| {what} |", " | ".join(str(row[end]) for end in ends), "|")
    noticed = [what for what, row in rows.items() if row["stopped"] or row["refused"]]
    missed = [what for what, row in rows.items() if row["missed"]]
    print(f"{len(noticed)} of {len(rows)} noticed; missed: {', '.join(missed) or 'none'}")
    return int(bool(missed) or len(noticed) < len(rows))


if __name__ == "__main__":
    sys.exit(main())
