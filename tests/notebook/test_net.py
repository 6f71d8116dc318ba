"""Nets at a prompt: short forms, methods that say what commands print (design: live, V3)."""

from __future__ import annotations

import inspect
import io
import json
import math
import pickle
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import cnnspec
from cnnspec import api
from cnnspec.brief import ROOM, Brief, brief
from cnnspec.cli.app import run
from cnnspec.notebook import magic
from cnnspec.notebook.net import Net
from cnnspec.notebook.shown import Figure, Page

ROOT = Path(__file__).parents[2]
SPECS = (
    "resnet34",
    "googlenet",
    "alexnet_2012",
    "densenet121",
    "mobilenet_v3_small",
    "deeplabv3_resnet50",
)


@pytest.fixture(scope="module")
def net() -> Net:
    return cnnspec.load("resnet34")


def reached(root: object) -> dict[type, list[object]]:
    """Objects of the package that can be reached from one, up to 40 of each class."""
    found: dict[type, list[object]] = {}
    seen: set[int] = set()
    kept, waiting = [], [root]
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or isinstance(thing, str | bytes | int | float | type):
            continue
        seen.add(id(thing))
        kept.append(thing)
        if type(thing).__module__.startswith("cnnspec"):
            if len(found.setdefault(type(thing), [])) < 40:
                found[type(thing)].append(thing)
            slots = [s for c in type(thing).__mro__ for s in getattr(c, "__slots__", ())]
            waiting += [getattr(thing, name) for name in slots if hasattr(thing, name)]
            waiting += list(getattr(thing, "__dict__", {}).values())
        if isinstance(thing, dict):
            waiting += [*thing.keys(), *thing.values()]
        elif isinstance(thing, list | tuple | set | frozenset):
            waiting += thing
    return found


@pytest.mark.parametrize("name", SPECS)
def test_every_object_says_what_it_is_in_200_characters(name: str):
    """All that hangs together with a net, its figures, its check, and what its methods give."""
    net = cnnspec.load(name)
    file = net.unit.source.path
    given = [
        net.draw(),
        net.summary(),
        net.sizes(),
        net.field(),
        net.code(),
        net.cited(),
        net.diff(net),
    ]
    measured = net.metrics
    measured.value("params")
    for root in (net, cnnspec.check(file), measured, net.result, given):
        for cls, things in reached(root).items():
            long = [repr(thing) for thing in things if len(repr(thing)) > ROOM]
            assert not long, (cls, long[0][:400])


def test_errors_are_short_too_and_their_text_is_whole():
    with pytest.raises(cnnspec.SpecErrors) as caught:
        cnnspec.loads("net it {\n  input 3x9x9\n" + "  rleu\n" * 400 + "}\n")
    assert len(repr(caught.value)) <= ROOM
    assert all(len(repr(found)) <= ROOM for found in caught.value.diagnostics)
    assert "did you mean `relu`?" in str(caught.value)
    assert caught.value._render_traceback_()[0].startswith("error[E0102]")


def test_short_forms_are_bounded_whatever_they_hold():
    @dataclass(repr=False)
    class Thing(Brief):
        first: object
        second: object

    assert repr(Thing(1, "a")) == "Thing(first=1, second='a')"
    deep: Any = Thing(1, 2)
    for _ in range(3000):
        deep = Thing(deep, [deep] * 1000)
    wide = Thing({n: "x" * 1000 for n in range(1000)}, ("y" * 10_000,) * 1000)
    for thing in (deep, wide, Thing("z" * 10**6, deep)):
        assert len(repr(thing)) <= ROOM and "..." in repr(thing)
    assert len(brief("w" * 1000)) == ROOM


def test_a_shipped_net_is_loaded_by_its_name(net: Net):
    assert repr(net) == "<net resnet34: 21,797,672 params, 3,663,761,408 MACs, input 3x224x224>"
    assert (net.name, net.params, net.macs) == ("resnet34", 21_797_672, 3_663_761_408)
    assert (net.inputs, net.outputs) == ({"image": (3, 224, 224)}, {"logits": (1000,)})
    assert cnnspec.load("vgg16_bn").params == 138_365_992
    with pytest.raises(LookupError, match="did you mean `resnet34`"):
        cnnspec.load("resnet43")
    with pytest.raises(LookupError, match="family"):
        cnnspec.load(ROOT / "specs" / "families" / "resnet.cnn", "resnet")


TEXT = """
net first { input 3x9x9; conv 4, 3x3 }
net second(classes = 5) { input 3x9x9; flatten; linear classes }
"""


def test_a_text_is_loaded(tmp_path: Path):
    assert cnnspec.loads(TEXT).name == "second"
    assert cnnspec.loads(TEXT, "first").outputs == {"logits": (4, 7, 7)}
    assert cnnspec.loads(TEXT, classes=7).outputs == {"logits": (7,)}
    with pytest.raises(LookupError, match="has first, second, not third"):
        cnnspec.loads(TEXT, "third")
    with pytest.raises(LookupError, match="no nets"):
        cnnspec.loads("let n = 1\n")
    (tmp_path / "parts.cnn").write_text("block part() { relu }\n", encoding="utf-8")
    text = 'import part from "parts.cnn"\nnet it { input 3x9x9; part }\n'
    assert cnnspec.loads(text, folder=tmp_path).name == "it"
    with pytest.raises(cnnspec.SpecErrors, match="cannot read"):
        cnnspec.loads(text, folder=ROOT)


def test_what_check_refuses_is_refused():
    text = "net it {\n  input 3x9x9\n  conv 4, 3x3\n  claim params = 1\n}\n"
    with pytest.raises(cnnspec.SpecErrors, match="claim fails"):
        cnnspec.loads(text)


COMMANDS = {
    "summary": ["summary", "resnet34"], "sizes": ["sizes", "resnet34"],
    "cited": ["claims", "resnet34"],
}  # fmt: skip


@pytest.mark.parametrize("method", COMMANDS)
def test_a_method_says_what_its_command_prints(
    net: Net, method: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(ROOT)
    page = getattr(net, method)()
    assert run(COMMANDS[method]) == 0
    assert rows(page) == rows(capsys.readouterr().out)
    assert run([*COMMANDS[method], "--format", "json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert json.loads(json.dumps(page.data)).keys() == printed.keys()


def rows(text: str) -> list[str]:
    """The lines of a page but for the path of the file, which a person may write in many ways."""
    return [line for line in text.splitlines() if "resnet34.cnn" not in line]


def test_field_and_diff_have_text_and_data(net: Net):
    assert "conv1" in net.field() and net.field().data["layers"]
    found = net.diff(cnnspec.load("resnet18"))
    assert found.startswith("resnet34 -> resnet18") and found.data["changes"]


def test_code_is_what_gen_writes(net: Net, tmp_path: Path):
    assert net.code() == cnnspec.emit(net)
    file = net.code().save(tmp_path / "net.py")
    written = (ROOT / "generated" / "resnet34.py").read_text(encoding="utf-8")
    body = written[written.index("import torch") :]
    assert file.read_text(encoding="utf-8").endswith(body)


def test_module_is_a_torch_module(net: Net):
    import torch

    small = cnnspec.load("lenet5")
    assert sum(p.numel() for p in small.module().parameters()) == small.params
    module = small.module(classes=10)
    assert module(torch.zeros(2, 1, 32, 32)).shape == (2, 10)
    assert type(pickle.loads(pickle.dumps(module))) is type(module)
    assert "def forward" in inspect.getsource(type(module))


def test_onnx_is_a_model(tmp_path: Path):
    onnx = pytest.importorskip("onnx", reason="cnnspec[onnx] is not installed")
    small = cnnspec.load("lenet5")
    data = small.onnx(tmp_path / "lenet5.onnx")
    assert (tmp_path / "lenet5.onnx").read_bytes() == data
    model = onnx.load_from_string(data)
    learned = [i for i in model.graph.initializer if i.name.endswith(("weight", "bias"))]
    assert sum(math.prod(i.dims) for i in learned) == small.params


def test_figures_are_drawn_and_saved(net: Net, tmp_path: Path):
    figure = net.draw(level="stage", theme="dark")
    assert figure.svg.startswith("<?xml")
    assert figure.save(tmp_path / "net.pdf").read_bytes().startswith(b"%PDF")
    assert figure.save(tmp_path / "net.svg").read_text(encoding="utf-8") == figure.svg
    with pytest.raises(Exception, match="no format"):
        figure.save(tmp_path / "net.xyz")


def test_a_bundle_has_plain_text_and_a_figure_and_no_markdown(net: Net):
    for thing in (net, net.draw()):
        bundle = thing._repr_mimebundle_()
        assert bundle.keys() == {"text/plain", "image/svg+xml"}
        assert len(bundle["text/plain"]) <= ROOM and "<svg" in bundle["image/svg+xml"]


def test_a_cell_binds_its_nets_and_prints_warnings():
    names: dict[str, Any] = {}
    text = "net it {\n  input 3x9x9\n  conv 4, 3x3, bias=true -> bn\n}\n"
    out = io.StringIO()
    with redirect_stdout(out):
        shown = magic.run(text, names, "again")
    assert shown is names["it"] is names["again"]
    assert "warning[W0" in out.getvalue()
    with pytest.raises(cnnspec.SpecErrors):
        magic.run("net it { input 3x9x9; rleu }", names)
    assert magic.run("block b() { relu }\n", names) is None


def test_the_public_names_are_typed_and_documented():
    assert (ROOT / "cnnspec" / "py.typed").is_file()
    for name in cnnspec.__all__:
        if name == "__version__":
            continue
        member = getattr(cnnspec, name)
        assert member.__doc__, name
    for cls in (Net, Page, Figure):
        for name, member in vars(cls).items():
            if inspect.isfunction(member) and not name.startswith("_"):
                assert member.__doc__ and "return" in member.__annotations__, (cls, name)
    assert api.loads.__annotations__["return"] == "Net"
