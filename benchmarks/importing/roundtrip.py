"""There and back: `python -m benchmarks.importing.roundtrip [COUNT] [SEED]`.

Every net of specs/ and of its folders, then COUNT random ones (1,000; by seeds of 50 from SEED on):
the module that `gen` writes is imported, and the spec that comes back is compared by `diff`.
Prints each net that differs or is refused, and counts.  "other blocks" have the same layers
with the same keys, which stand in other blocks or forks.  Nets of several inputs are counted apart.
"""

from __future__ import annotations

import sys
import traceback
from collections import Counter
from pathlib import Path

from cnnspec.elaborate.workspace import Elaborated
from cnnspec.importing.errors import Refused
from tests.fuzz.nets import elaborate
from tests.fuzz.strategies import drawn
from tests.importing.roundtrip import differences, same_layers, there_and_back
from tests.zoo.folders import nets_of

SHARE = 50
"""Random nets of one seed."""
SPECS = Path(__file__).resolve().parents[2] / "specs"


def judge(name: str, net: Elaborated, text: str = "") -> str:
    """One word for a net; what is no round trip is printed."""
    if len(net.net.inputs) > 1:
        return "several inputs"
    try:
        back = there_and_back(net)
        found = differences(net.net, back.net)
    except Refused as refused:
        print(f"{name}: refused: {' | '.join(refused.lines())}\n{text}", flush=True)
        return f"refused: {str(refused).partition(':')[0]}"
    except Exception as error:
        print(f"{name}: {type(error).__name__}: {error}\n{text}", flush=True)
        traceback.print_exc()
        return "error"
    if not found:
        return "equal"
    word = "other blocks" if same_layers(net.net, back.net) else "differs"
    print(f"{name}: {word}: {'; '.join(found)}\n{text}", flush=True)
    return word


def main() -> None:
    """The nets of specs/, then the random ones."""
    count, seed = (int(sys.argv[place]) if len(sys.argv) > place else (1000, 0)[place - 1]
                   for place in (1, 2))  # fmt: skip
    ours: Counter[str] = Counter()
    for folder in sorted({path.parent for path in SPECS.rglob("*.cnn")}):
        for name, net in nets_of(folder).items():
            ours[judge(f"{folder.name}/{name}", net)] += 1
    print(f"specs/: {dict(ours)}", flush=True)
    random: Counter[str] = Counter()
    for start in range(0, count, SHARE):
        for spec in drawn(seed + start, min(SHARE, count - start)):
            random[judge(f"seed {seed + start}", elaborate(spec.text), spec.text)] += 1
    print(f"random: {dict(random)}", flush=True)


if __name__ == "__main__":
    main()
