"""What holds for every op, also for one that is added tomorrow."""

import subprocess
import sys

import pytest

from cnnspec.ops import ops
from cnnspec.ops.op import TorchInput, pair, source
from tests.ops.harness import Symbol, names


def test_discovery_finds_every_file_and_nothing_else():
    assert {"conv", "bn", "add", "drop_path"} <= set(ops())
    assert not {"input", "op", "sliding", "reach", "arguments"} & set(ops())
    assert "nothing" not in ops()
    with pytest.raises(KeyError):
        ops()["nothing"]
    assert len(ops()) == len(list(ops()))


def test_an_op_is_imported_when_it_is_first_asked_for():
    code = (
        "import sys; from cnnspec.ops import ops; 'gelu' in ops(); ops()['conv'];"
        "sys.exit('cnnspec.ops.gelu' in sys.modules or 'cnnspec.ops.conv' not in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", ops())
def test_every_op_has_a_page_and_the_name_of_its_file(name):
    cls = ops()[name]
    assert cls.name == name
    assert cls.__module__ == f"cnnspec.ops.{name}"
    assert len((cls.__doc__ or "").split()) > 5
    assert not (cls.__doc__ or "").startswith(f"{cls.__name__}(")


def test_helper_classes_are_clean_python():
    helpers = []
    for name in ops():
        text = vars(sys.modules[ops()[name].__module__])
        helpers += [v for v in text.values() if isinstance(v, str) and v.startswith("\nclass ")]
    assert len(helpers) == 18
    head = '"""Helpers."""\n\nimport torch\nfrom torch import Tensor, nn\n'
    head += "from torch.nn import functional as F\n\n"
    module = head + "\n".join(helpers)
    for command in (
        ["check", "--select=E4,E7,E9,F,D,E501", "--ignore=D203,D213"],
        ["format", "--diff"],
    ):
        ruff = [sys.executable, "-m", "ruff", *command, "--isolated", "--line-length=100", "-"]
        ran = subprocess.run(ruff, input=module, text=True, capture_output=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    names(module)


def test_source_text_of_arguments():
    assert source((1, (2,), Symbol("n"))) == "(1, (2,), n)"
    assert [source(n) for n in (1e-5, 0.00025, 0.001, 0.0, True)] == [
        "1e-5",
        "2.5e-4",
        "0.001",
        "0.0",
        "True",
    ]
    assert source("nearest") == '"nearest"'
    assert pair((3, 3)) == 3
    assert pair((3, 1)) == (3, 1)
    assert TorchInput(3, (3, 2, 2)).channels == 3
