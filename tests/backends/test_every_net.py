"""What holds of every generated module: paths, shapes, style, and the contract M1 to M6."""

import ast
import inspect
import subprocess
import sys

import pytest
import torch

from cnnspec.backends.torch import emit
from tests.backends.harness import CASES, ROOT, elaborate, expected_state, load, nets, text_of
from tests.backends.test_constructs import CONSTRUCTS, spec
from tests.backends.test_recursion import BLOCKS, HOURGLASS

NETS = [pytest.param(path, name, id=name) for path, name in nets()]


@pytest.mark.parametrize(("path", "name"), NETS)
class TestEveryNet:
    def test_state_dict_keys_shapes_and_order_are_the_paths_of_the_language(self, path, name):
        module = load(text_of(path, name))
        with torch.device("meta"):
            net = getattr(module, name)()
        found = {key: tuple(value.shape) for key, value in net.state_dict().items()}
        assert list(found.items()) == list(expected_state(elaborate(path, name)).items())

    def test_outputs_have_the_shapes_of_the_spec_in_training_and_eval(self, path, name):
        module = load(text_of(path, name))
        outputs = {k: tuple(map(int, s)) for k, s in elaborate(path, name).net.outputs.items()}
        with torch.device("meta"):
            net = getattr(module, name)()
            x = torch.zeros(2, *module.INPUT_SIZE)
        result = net(x)
        if len(outputs) == 1:  # `forward` asks nothing: training and eval are one
            assert isinstance(result, torch.Tensor)
            assert "training" not in text_of(path, name)
            result = (result,)
        else:
            assert result._fields == tuple(outputs)
            assert "logits" not in outputs or result._fields[0] == "logits"
            branches = elaborate(path, name).net.branches
            net.eval()
            assert isinstance(net(x), torch.Tensor) is all(b.kind == "aux" for b in branches)
        assert [tuple(y.shape[1:]) for y in result] == list(outputs.values())

    def test_the_contract_of_module_md(self, path, name):
        text = text_of(path, name)
        module = load(text)
        assert callable(getattr(module, name))  # M1
        parameters = inspect.signature(getattr(module, name)).parameters.values()
        assert all(isinstance(p.default, int | float | tuple) for p in parameters)
        assert all(type(n) is int for n in module.INPUT_SIZE) and len(module.INPUT_SIZE) == 3  # M2
        assert elaborate(path, name).recipe == module.RECIPE  # M3
        document = module.__doc__  # M5
        for word in ("Net:", "Input:", "Output:", "Params:", "MACs:", "sha256", "cnnspec gen"):
            assert word in document
        imported = {
            (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name).split(".")[0]
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
        assert imported <= {"torch", "typing", "collections"}  # M6

    def test_the_bytes_are_the_same_each_time(self, path, name):
        assert emit(elaborate.__wrapped__(path, name)) == text_of(path, name)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Every generated module, and one of every construct, as a file."""
    folder = tmp_path_factory.mktemp("generated")
    for path, name in nets():
        (folder / f"{name}.py").write_text(text_of(path, name), encoding="utf-8")
    for path in (CASES.parent / "rules").glob("*.cnn"):
        (folder / f"{path.stem}.py").write_text(text_of(path), encoding="utf-8")
    recursive = (spec(body, blocks) for body, blocks, _ in BLOCKS.values())
    for number, source in enumerate([*CONSTRUCTS.values(), HOURGLASS, *recursive]):
        (folder / f"construct{number}.py").write_text(text_of(source), encoding="utf-8")
    return folder


def run(*command: object) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *map(str, command)], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_format_leaves_every_file_as_it_is(folder):
    run("ruff", "format", "--check", "--isolated", "--line-length", 100, folder)


def test_ruff_finds_nothing(folder):
    rules = "E4,E7,E9,F,D"
    run("ruff", "check", "--isolated", "--select", rules, "--ignore", "D203,D213", folder)


def test_mypy_strict_finds_nothing(folder):
    run("mypy", "--strict", "--config-file=", *sorted(folder.glob("*.py")))
