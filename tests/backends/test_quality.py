"""What people do with a module: compile, export, trace, script, save, cast, distribute.

One small member of every family; deep families are built shallow by a variant of their own.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest
import torch
from torch import nn

from tests.backends.harness import CASES, SPECS, text_of

VARIANT = "net shallow = densenet([2, 1, 1, 1], growth = 8)\n"

MEMBERS = {
    "lenet5": (SPECS / "lenet5.cnn", 32),
    "lenet5_1998": (SPECS / "lenet5_1998.cnn", 32),
    "inception_module": (SPECS / "inception_module.cnn", 28),
    "factorised_3x3": (SPECS / "factorised_3x3.cnn", 17),
    "resnet20": (SPECS / "resnet20.cnn", 32),
    "resnet18": (SPECS / "resnet18.cnn", 64),
    "resnet20_preact": (CASES / "preact.cnn", 32),
    "tour": (CASES / "tour.cnn", 64),
    "googlenet": (CASES / "googlenet.cnn", 224),
    "shallow": (CASES / "densenet121.cnn", 64),
    "alexnet_2012": (CASES / "alexnet.cnn", 227),
    "vgg_a": (CASES / "vgg_d.cnn", 224),
    "inception_v3": (CASES / "inception_v3.cnn", 75),
}

LIGHT = [name for name in MEMBERS if name not in ("googlenet", "inception_v3")]


PARALLELS = [name for name in LIGHT if MEMBERS[name][1] < 200]
"""Two processes run these; AlexNet and VGG have large images and nothing of their own here."""


@pytest.fixture(scope="module", params=MEMBERS)
def member(request, tmp_path_factory):
    """A net in eval and images for it."""
    torch.manual_seed(0)
    return make(request.param, tmp_path_factory.mktemp("member"))


@pytest.fixture(scope="module", params=LIGHT)
def light(request, tmp_path_factory):
    """The members that take little time; the others are compiled, traced and scripted only."""
    torch.manual_seed(0)
    return make(request.param, tmp_path_factory.mktemp("light"))


def make(name: str, folder: Path) -> tuple[nn.Module, torch.Tensor]:
    """The net of a file, as TorchScript wants it, and two images.

    Wide layers are narrow, which changes no statement.
    """
    path, size = MEMBERS[name]
    source = path.read_text(encoding="utf-8")
    changed = source.replace("4096", "32") + (VARIANT if name == "shallow" else "")
    file = folder / f"quality_{name}.py"
    file.write_text(text_of(path if changed == source else changed, name), encoding="utf-8")
    specification = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(specification)
    sys.modules[file.stem] = module
    specification.loader.exec_module(module)
    net = getattr(module, name)().eval()
    return net, torch.randn(2, module.INPUT_SIZE[0], size, size)


def outputs(result):
    return result if isinstance(result, tuple) else (result,)


def same(a, b):
    assert all(torch.equal(one, two) for one, two in zip(outputs(a), outputs(b), strict=True))


COMPILE = """
import importlib, sys
import torch
sys.path.insert(0, sys.argv[1])
for word in sys.argv[2:]:
    name, size = word.split(":")
    torch.manual_seed(0)
    module = importlib.import_module("quality_" + name)
    net = getattr(module, name)().eval()
    x = torch.randn(2, module.INPUT_SIZE[0], int(size), int(size))
    torch.compiler.reset()
    with torch.no_grad():
        a, b = torch.compile(net, fullgraph=True, backend="eager")(x), net(x)
    pairs = zip(a, b, strict=True) if isinstance(a, tuple) else [(a, b)]
    print(name, all(torch.equal(one, two) for one, two in pairs))
"""


def test_compile_without_graph_breaks(tmp_path):
    # In a process of its own: what Dynamo may trace is decided once a process, and other tests
    # of a whole run had made it refuse every pooling function of torch.
    for name in MEMBERS:
        make(name, tmp_path)
    words = [f"{name}:{size}" for name, (_, size) in MEMBERS.items()]
    command = [sys.executable, "-c", COMPILE, str(tmp_path), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.split("\n")[:-1] == [f"{name} True" for name in MEMBERS], done.stderr[-2000:]


def test_export_with_a_free_batch(light):
    net, x = light
    batch = torch.export.Dim("batch", min=1, max=64)
    with torch.no_grad():
        exported = torch.export.export(net, (x,), dynamic_shapes={"x": {0: batch}}).module()
        wider = torch.cat([x, x[:1]])
        same(exported(wider), net(wider))


def test_fx_trace(member):
    net, x = member
    with torch.no_grad():
        same(torch.fx.symbolic_trace(net)(x), net(x))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_jit_script(member):
    net, x = member
    with torch.no_grad():
        same(torch.jit.script(net)(x), net(x))


def test_save_and_load(light, tmp_path):
    net, _ = light
    torch.save(net.state_dict(), tmp_path / "a.pth")
    other = deepcopy(net)
    for value in other.state_dict().values():
        value.zero_()
    other.load_state_dict(torch.load(tmp_path / "a.pth", weights_only=True), strict=True)
    for key, value in net.state_dict().items():
        assert torch.equal(other.state_dict()[key], value)


def test_channels_last(light):
    net, x = light
    last = deepcopy(net).to(memory_format=torch.channels_last)
    with torch.no_grad():
        wanted, found = net(x), last(x.contiguous(memory_format=torch.channels_last))
    for a, b in zip(outputs(wanted), outputs(found), strict=True):
        assert (a - b).abs().max() <= 1e-4 * a.abs().max()


def test_autocast(light):
    net, x = light
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        found = net(x)
    assert all(y.isfinite().all() for y in outputs(found))
    narrow = torch.float32 if hasattr(net, "rbf1") else torch.bfloat16  # autocast sums in float32
    assert all(y.dtype is narrow for y in outputs(found))


PARALLEL = """
import copy, importlib, sys
import torch
from torch.nn.parallel import DistributedDataParallel
folder, rank = sys.argv[1], int(sys.argv[2])
sys.path.insert(0, folder)
store = "file://" + folder + "/store"
torch.distributed.init_process_group("gloo", init_method=store, rank=rank, world_size=2)

def backward(net, x):
    result = net(x)
    outputs = result if isinstance(result, tuple) else (result,)
    sum(y.float().square().mean() for y in outputs).backward()

for word in sys.argv[3:]:
    name, size = word.split(":")
    torch.manual_seed(0)
    module = importlib.import_module("quality_" + name)
    net = getattr(module, name)()
    for child in net.modules():
        if isinstance(child, torch.nn.Dropout):
            child.p = 0.0
    alone, parallel = copy.deepcopy(net), DistributedDataParallel(net)
    torch.manual_seed(rank)
    x = torch.randn(2, module.INPUT_SIZE[0], int(size), int(size))
    backward(parallel, x)
    backward(alone, x)
    equal = True
    for mine, own in zip(net.parameters(), alone.parameters(), strict=True):
        torch.distributed.all_reduce(own.grad)
        equal = equal and torch.allclose(mine.grad, own.grad / 2, rtol=1e-3, atol=1e-6)
    print(name, equal)
torch.distributed.destroy_process_group()
"""


def test_two_processes_share_the_gradients_of_every_parameter(tmp_path):
    """DistributedDataParallel over gloo: each gradient is the mean of those of both processes."""
    for name in PARALLELS:
        make(name, tmp_path)
    words = [f"{name}:{MEMBERS[name][1]}" for name in PARALLELS]
    running = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", PARALLEL, str(tmp_path), str(rank), *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in (0, 1)
    ]
    for process in running:
        found, errors = process.communicate(timeout=300)
        assert found.split("\n")[:-1] == [f"{name} True" for name in PARALLELS], errors[-2000:]
