"""S7: never a traceback, for any bytes, and every error has a place inside its file."""

import random
import re
from pathlib import Path

import pytest

from cnnspec.elaborate.workspace import Workspace
from cnnspec.report.text import render
from tests.language.harness import checked

ROOT = Path(__file__).resolve().parents[2]
SPECS = ROOT / "specs"
CASES = re.compile(r"^```cnn\n(.*?)^```$", re.M | re.S)

ONE_FILE = [
    SPECS.joinpath("lenet5.cnn").read_text(encoding="utf-8"),
    SPECS.joinpath("families/resnet.cnn").read_text(encoding="utf-8")
    + "net r = resnet([1, 1], basic) { claim params ~ 1.5M from resnet2015 but 3 because unit "
    + '"x" }\n',
    *(
        text
        for path in sorted((ROOT / "tests/language/cases").glob("*.md"))
        if path.name not in ("l22_termination.md",)
        for text in CASES.findall(path.read_text(encoding="utf-8"))
        if len(text) > 20
    ),
]
"""Specs that need no other file."""

TOKEN = re.compile(r'"[^"\n]*"|\w+|\s+|[^\w\s]')
SPICE = [
    "{", "}", "(", ")", "[", "]", "->", "=>", "=", ",", ";", "\n", '"', ":", "..", "${", "}", "$",
    "in", "in.channels", "if", "else", "for", "repeat", "let", "net", "block", "seq", "from",
    "share", "default", "claim", "recipe", "but", "because", "unit", "rounding", "output", "aux",
    "input", "conv", "add", "softmax", "skip", "same", "none", "true", "3x3", "3x3/2", "0", "-1",
    "1.5", "007", "9999999999", "1e999", "1e-9", "~", "within", "percent", "a.b", "a[0]", "##", "#",
    "\u202e", "\u00e9", "\x00", "range(5)", "kernel(1, 2)", "params", "shape(conv1)", "x" * 70,
]  # fmt: skip


def mutate(text: str, rng: random.Random) -> str:
    """One to three tokens deleted, doubled, exchanged, or replaced by another."""
    words = TOKEN.findall(text)
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(words))
        match rng.randrange(5):
            case 0:
                words[at] = ""
            case 1:
                words.insert(at, words[at])
            case 2:
                other = rng.randrange(len(words))
                words[at], words[other] = words[other], words[at]
            case 3:
                words[at] = rng.choice(SPICE)
            case 4:
                words.insert(at, rng.choice([*SPICE, rng.choice(words)]))
    return "".join(words)


def inspect(workspace: Workspace, text: str) -> None:
    """Every diagnostic has a message and places in the text, and can be shown."""
    for found in workspace.diagnostics:
        assert found.message, text
        for span in (found.span, *(label.span for label in found.labels)):
            assert 0 <= span.start <= span.end <= len(span.source.text), text
            assert span.line >= 1, text
            assert span.column >= 1, text
    assert isinstance(render(list(workspace.diagnostics)[:20]), str)


@pytest.mark.parametrize("seed", range(40))
def test_s7_mutated_tokens(seed: int):
    rng = random.Random(seed)
    for _ in range(15):
        text = mutate(rng.choice(ONE_FILE), rng)
        workspace = Workspace()
        try:
            result = checked(workspace, workspace.read_text(text, "net.cnn", ""))
        except RecursionError as error:
            raise AssertionError(f"recursion in {text}") from error
        except Exception as error:
            raise AssertionError(f"{type(error).__name__}: {error}\n{text}") from error
        inspect(workspace, text)
        for name in result.unit.nets if result.unit else ():
            if name not in result.nets and not result.errors:
                family = result.unit.nets[name]
                assert hasattr(family, "params"), f"{name} is silently missing:\n{text}"
                missing = any(p.default is None for p in family.params)
                assert missing, f"{name} is silently missing:\n{text}"


@pytest.mark.parametrize("seed", range(10))
def test_s7_mutated_bytes(seed: int, tmp_path: Path):
    rng = random.Random(1000 + seed)
    path = tmp_path / "net.cnn"
    for _ in range(20):
        data = bytearray(rng.choice(ONE_FILE).encode())
        for _ in range(rng.randint(1, 5)):
            at = rng.randrange(len(data))
            data[at : at + rng.randint(0, 3)] = rng.randbytes(rng.randint(0, 4))
        path.write_bytes(data)
        workspace = Workspace()
        checked(workspace, workspace.read(str(path)))
        inspect(workspace, repr(bytes(data)))


@pytest.mark.parametrize("seed", range(3))
def test_s7_noise(seed: int, tmp_path: Path):
    rng = random.Random(2000 + seed)
    path = tmp_path / "net.cnn"
    path.write_bytes(rng.randbytes(3000) if seed else bytes(range(256)))
    workspace = Workspace()
    checked(workspace, workspace.read(str(path)))
    assert workspace.diagnostics.errors
    inspect(workspace, "noise")


def test_s7_every_prefix_of_a_spec():
    text = ONE_FILE[0]
    for end in range(0, len(text), 7):
        workspace = Workspace()
        checked(workspace, workspace.read_text(text[:end], "net.cnn", ""))
        inspect(workspace, text[:end])
