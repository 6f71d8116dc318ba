"""S25: ops of other packages, found by their entry points alone."""

import sys
from pathlib import Path

import pytest

from cnnspec.cli.app import run
from cnnspec.ops import ops, plugins
from cnnspec.ops import torch as reading
from cnnspec.ops.op import REGISTRY

CYCLIC = '''
from typing import ClassVar

from cnnspec.ops.op import Kind, Op, Reading, TorchForm, TorchInput, needs_map, op
from cnnspec.ops.reading import Arguments
from cnnspec.values import Shape


@op
class Cyclic(Op):
    """The rows of a map, `shift` places down; those that leave come in again at the top."""

    kind: ClassVar[Kind] = "shape"
    reads: ClassVar[tuple[str, ...]] = ("torch.roll(input, shifts, dims)",)

    shift: int

    def shape(self, *inputs: Shape) -> Shape:
        needs_map("cyclic", inputs[0])
        return inputs[0]

    def torch(self, *inputs: TorchInput) -> TorchForm:
        return TorchForm(function=f"torch.roll({{x}}, {self.shift}, 2)")

    @classmethod
    def read(cls, said: Arguments) -> Reading:
        said.only("dims", 2, "rows are axis 2")
        return Reading(cls(said.integer("shifts")))
'''

SPEC = "net rolled {\n  input 3x32x32\n  conv 8, 3x3 -> cyclic 2\n}\n"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Install a package that says it has the op `cyclic`."""
    module = "cnnspec_extras_of_a_test"

    def install(text: str = CYCLIC, entry: str = f"cyclic = {module}:Cyclic") -> Path:
        site = tmp_path / "site"
        info = site / "extras-1.2.dist-info"
        info.mkdir(parents=True)
        (site / f"{module}.py").write_text(text)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: extras\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(f"[cnnspec.ops]\n{entry}\n")
        monkeypatch.syspath_prepend(str(site))
        plugins.found.cache_clear()
        return tmp_path

    (tmp_path / "rolled.cnn").write_text(SPEC)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(reading, "_FOUND", {})
    monkeypatch.setattr(reading, "_INDEXED", set())
    kept = dict(REGISTRY)
    yield install
    REGISTRY.clear()
    REGISTRY.update(kept)
    sys.modules.pop(module, None)
    plugins.found.cache_clear()


def test_s25_every_command_knows_an_installed_op(installed, capsys):
    folder = installed()
    assert run(["check", "rolled.cnn"]) == 0
    assert run(["gen", "rolled.cnn", "-o", "out"]) == 0
    assert "torch.roll(x, 2, 2)" in (folder / "out/rolled.py").read_text()
    assert run(["prove", "out/rolled.py", "--spec", "rolled.cnn"]) == 0
    assert run(["draw", "rolled.cnn", "-o", "rolled.svg"]) == 0


def test_s25_explain_lists_it_with_its_package(installed, capsys):
    installed()
    assert run(["explain"]) == 0
    assert "cyclic(shift)  from extras 1.2\n" in capsys.readouterr().out
    assert run(["explain", "cyclic"]) == 0
    assert "from extras 1.2" in capsys.readouterr().out


def test_s25_without_the_package_it_is_unknown(installed, capsys):
    plugins.found.cache_clear()
    assert run(["check", "rolled.cnn"]) == 1
    assert "cyclic" in capsys.readouterr().out
    assert "cyclic" not in ops()


def test_s25_no_path_in_a_spec_finds_an_op(installed, capsys, tmp_path: Path):
    (tmp_path / "cyclic.py").write_text("raise SystemExit('a spec ran code')")
    (tmp_path / "rolled.cnn").write_text(f'import cyclic from "cyclic.py"\n{SPEC}')
    assert run(["check", "rolled.cnn"]) == 1


def test_s25_a_block_of_the_name_is_the_block(installed, capsys, tmp_path: Path):
    installed()
    text = "block cyclic(c) { conv c, 1x1 }\n" + SPEC
    (tmp_path / "rolled.cnn").write_text(text)
    assert run(["check", "rolled.cnn"]) == 0


@pytest.mark.parametrize(
    ("text", "entry", "says"),
    [
        ("raise ValueError('of its own')", "cyclic = {}:Cyclic", "ValueError: of its own"),
        (CYCLIC, "cyclic = {}:Missing", "cannot be loaded: AttributeError"),
        ("Cyclic = 3", "cyclic = {}:Cyclic", "is no subclass of cnnspec.ops.op.Op but 3"),
        (CYCLIC.replace("@op\n", ""), "cyclic = {}:Cyclic", "lacks its decorator, @op"),
        (CYCLIC.replace("class Cyclic", "class Other"), "cyclic = {}:Other", "calls itself"),
        (CYCLIC.replace('"shape"', '"magic"'), "cyclic = {}:Cyclic", "has the kind 'magic'"),
        (
            CYCLIC + "\n\n@op\nclass Conv(Op):\n    pass\n",
            "cyclic = {}:Cyclic",
            "makes `conv` too, which is no entry point of its own",
        ),
    ],
)
def test_s25_what_is_no_op_is_an_error_that_names_the_package(
    installed, capsys, text: str, entry: str, says: str
):
    installed(text, entry.format("cnnspec_extras_of_a_test"))
    before = dict(REGISTRY)
    assert run(["check", "rolled.cnn"]) == 2
    said = capsys.readouterr().err
    assert "the op `cyclic` of extras 1.2 " in said
    assert says in said
    assert before.items() <= REGISTRY.items()
