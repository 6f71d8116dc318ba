"""There and back: `python -m benchmarks.importing.roundtrip [COUNT] [SEED] [--to FILE.md]`.

Every net of specs/ and of its folders, then COUNT random ones (1,000; by seeds of 50 from SEED on):
the module that `gen` writes is imported, and the spec that comes back is compared by `diff`, heads
(L16) left out.  Nothing is left to it that a module does not say: what `diff` says counts.  Prints
each net that is not equal, and a table of how many are.  A net with its keys in another order is
counted apart though it is equal, and so is one whose text is the flat one.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import traceback
from collections import Counter
from pathlib import Path

from cnnspec.elaborate.workspace import Elaborated
from cnnspec.importing.errors import Refused
from cnnspec.importing.prove import elaborate as elaborated
from tests.fuzz.nets import elaborate
from tests.fuzz.strategies import drawn
from tests.importing.roundtrip import differences, imported, ir_name, moved
from tests.zoo.folders import nets_of

SHARE = 50
"""Random nets of one seed."""
SPECS = Path(__file__).resolve().parents[2] / "specs"
WORDS = {
    "equal": "equal under `diff` but for heads, keys in order",
    "equal, flat": "equal, as the flat text",
    "order": "equal, keys in another order",
    "differs": "`diff` says something else",
    "refused": "refused",
    "error": "an error of ours",
}


def judge(name: str, net: Elaborated, text: str = "") -> str:
    """One of `WORDS` for a net; what is no round trip is printed."""
    try:
        made = imported(net)
        back = elaborated(made.text, ir_name(made.text))
        found = differences(net.net, back.net)
        keys = moved(net.net, back.net)
    except Refused as refused:
        print(f"{name}: refused: {' | '.join(refused.lines())}\n{text}", flush=True)
        return "refused"
    except Exception as error:
        print(f"{name}: {type(error).__name__}: {error}\n{text}", flush=True)
        traceback.print_exc()
        return "error"
    if found or keys:
        print(f"{name}: {'; '.join(found or keys[:3])}\n{text}", flush=True)
        return "differs" if found else "order"
    return "equal, flat" if made.flat else "equal"


def ours() -> Counter[str]:
    """The nets of specs/."""
    found: Counter[str] = Counter()
    for folder in sorted({path.parent for path in SPECS.rglob("*.cnn")}):
        for name, net in nets_of(folder).items():
            found[judge(f"{folder.name}/{name}", net)] += 1
    return found


def random(count: int, seed: int) -> Counter[str]:
    """Random nets."""
    found: Counter[str] = Counter()
    for start in range(0, count, SHARE):
        for spec in drawn(seed + start, min(SHARE, count - start)):
            found[judge(f"seed {seed + start}", elaborate(spec.text), spec.text)] += 1
    return found


def table(columns: dict[str, Counter[str]]) -> str:
    """How many nets of each kind came back how."""
    lines = ["| | " + " | ".join(columns) + " |", "|---|" + "--:|" * len(columns)]
    for word, said in WORDS.items():
        counts = [str(column[word]) for column in columns.values()]
        if {*counts} != {"0"} or word in ("differs", "refused"):
            lines.append(f"| {said} | {' | '.join(counts)} |")
    lines.append(f"| nets | {' | '.join(str(c.total()) for c in columns.values())} |")
    return "\n".join(lines)


def main() -> None:
    """The nets of specs/, then the random ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=1000)
    parser.add_argument("seed", nargs="?", type=int, default=0)
    parser.add_argument("--to", type=Path, help="a Markdown file for the table")
    given, where = parser.parse_args(), _where()
    columns = {"specs/": ours(), f"random, seed {given.seed}": random(given.count, given.seed)}
    said = table(columns)
    print(said, flush=True)
    if given.to:
        command = f"`python -m benchmarks.importing.roundtrip {given.count} {given.seed}`"
        before = given.to.read_text("utf-8") if given.to.exists() else ""
        rest = "".join(before.partition("\n## ")[1:])  # what was written by hand stays
        text = f"{TEXT.format(command=command, where=where)}\n\n{said}\n{rest}"
        given.to.write_text(text, "utf-8")


TEXT = """# There and back: what `import` makes of what `gen` wrote

{command}: the module that `gen` writes for a net is imported,
and the spec that comes back is compared with the first one by `cnnspec diff`, heads (L16) left out
on both sides, and key by key in the order of the state_dict. The random nets are those that
hypothesis draws for the tests (tests/fuzz): many of a seed are alike. {where}."""


def _where() -> str:
    """The machine and the commit."""
    said = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    name = named[0] if named else platform.processor()
    return f"{os.cpu_count()} cores of {name}, commit {said.stdout.strip() or 'unknown'}"


if __name__ == "__main__":
    main()
