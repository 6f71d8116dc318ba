"""What starting costs: the modules each command imports and the CPU time of whole processes.

Each in turn in one run, byte code cached, beside `python -c pass`, `import typer` and torchinfo:

    python benchmarks/startup.py --rounds 9

Prints a Markdown table, medians; the last column is the CPU of a process over that of
`python -c pass` in the same run.
"""

from __future__ import annotations

import argparse
import compileall
import os
import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
COMMAND = "import sys; from cnnspec.cli.app import main; sys.argv[0] = 'cnnspec'; main()"
COUNTED = """
import sys
before = set(sys.modules)
{code}
print(len(set(sys.modules) - before), file=sys.stderr)
"""
RUN = """
from cnnspec.cli.app import run
run(sys.argv[1:])
"""
TORCHINFO = """
import runpy, torchinfo
names = runpy.run_path("generated/resnet1202.py")
torchinfo.summary(names["resnet1202"](), input_size=(1, 3, 32, 32), verbose=0)
"""
SPEC, LARGE = "specs/lenet5.cnn", "specs/resnet1202.cnn"


def commands(folder: str) -> dict[str, list[str]]:
    """The command lines of cnnspec that are timed, by what the table calls them."""
    lines = [
        f"check {SPEC}", f"check {LARGE}", f"summary {SPEC}", f"fmt --check {SPEC}",
        f"claims {SPEC}", "list", f"sizes {SPEC}", f"field {SPEC}", f"diff {SPEC} {LARGE}",
        f"gen {SPEC} -o {folder}", f"draw {SPEC} -o {folder}/lenet5.svg", "explain E0301", "--help",
    ]  # fmt: skip
    return {line.replace(folder, "DIR"): line.split() for line in lines}


def cpu(arguments: list[str]) -> float:
    """The CPU time in ms of one process of this Python, its children included."""
    before = getrusage(RUSAGE_CHILDREN)
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    after = getrusage(RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def modules(code: str, arguments: list[str]) -> int:
    """How many modules some code imports that Python itself had not."""
    done = subprocess.run(
        [sys.executable, "-c", COUNTED.format(code=code), *arguments], cwd=ROOT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return int(done.stderr.split()[-1])


def measure(rounds: int, folder: str) -> dict[str, tuple[int, float]]:
    """What -> modules imported, and the median CPU time in ms of the rounds."""
    code = {"python -c pass": "pass", "import cnnspec": "import cnnspec",
            "import typer": "import typer", "torchinfo on resnet1202": TORCHINFO}  # fmt: skip
    lines = {name: ["-c", text] for name, text in code.items()}
    asked = commands(folder)
    lines |= {f"cnnspec {name}": ["-c", COMMAND, *words] for name, words in asked.items()}
    times: dict[str, list[float]] = {name: [] for name in lines}
    for _ in range(rounds + 1):
        for name, words in lines.items():
            times[name].append(cpu(words))
    counts = {name: modules(text, []) for name, text in code.items()}
    counts |= {f"cnnspec {name}": modules(RUN, words) for name, words in asked.items()}
    return {name: (counts[name], median(found[1:])) for name, found in times.items()}


def table(found: dict[str, tuple[int, float]]) -> str:
    """The figures as Markdown."""
    least = found["python -c pass"][1]
    rows = [
        f"| `{name}` | {count} | {time:.0f} | {time / least:.1f} |"
        for name, (count, time) in found.items()
    ]
    head = ["| what | modules imported | CPU ms | of `python -c pass` |", "|---|--:|--:|--:|"]
    return "\n".join([*head, *rows])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    compileall.compile_dir(ROOT / "cnnspec", quiet=1)
    with TemporaryDirectory() as folder:
        print(table(measure(rounds, folder)))


if __name__ == "__main__":
    main()
