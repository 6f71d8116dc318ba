"""T5, T11: one step; graph, compile, accumulation and the gate against bad losses, on the CPU."""

import copy
import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from cnnspec.train import faster
from cnnspec.train.augment import coloured, cut_out, draw
from cnnspec.train.buffers import Buffers
from cnnspec.train.device import Compute
from cnnspec.train.faster import choose_step
from cnnspec.train.geometry import Geometry
from cnnspec.train.graph import Graphed, on_gpu
from cnnspec.train.optim import make_optimizer
from cnnspec.train.recipe import parse
from cnnspec.train.rmsprop import RMSProp
from cnnspec.train.scorer import Scorer
from cnnspec.train.sgd import RowsSGD
from cnnspec.train.step import Step
from cnnspec.train.world import World

CPU = torch.device("cpu")
OPTIMIZERS = [
    {"name": "sgd", "lr": 0.1, "momentum": 0.9, "weight_decay": 1e-4},
    {"name": "adamw", "lr": 0.01},
    {"name": "rmsprop", "lr": 0.01, "momentum": 0.9, "eps": 1.0, "eps_inside": True},
]


def made(optimizer: dict[str, object], accumulate: int = 1, norm: bool = True) -> Step:
    torch.manual_seed(0)
    middle = nn.BatchNorm2d(4) if norm else nn.Identity()
    model = nn.Sequential(nn.Conv2d(1, 4, 3), middle, nn.Flatten(), nn.Linear(144, 3))
    recipe = parse({"optimizer": optimizer}, "x")
    compute = Compute(CPU, "fp32", False)
    meter = torch.zeros(4, dtype=torch.float64)
    made = make_optimizer(recipe.optimizer, model, CPU)
    return Step(model, made, recipe, compute, meter, World(), accumulate)


def batch(number: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(number)
    return torch.randn(8, 1, 8, 8, generator=generator), torch.arange(8) % 3


def state(step: Step) -> list[Tensor]:
    entries = [value for entry in step.optimizer.state.values() for value in entry.values()]
    return [value.clone() for value in (*step.model.state_dict().values(), *entries, step.meter)]


def same(mine: list[Tensor], theirs: list[Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(mine, theirs, strict=True))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_t5_a_captured_step_is_the_step_and_its_warm_up_leaves_nothing(optimizer) -> None:
    """On the CPU the capture is a stand-in: what it replays is the function itself."""
    plain, graphed = made(optimizer), made(optimizer)
    before, random = state(graphed), torch.get_rng_state()
    take = Graphed(graphed, *batch(0), capture=lambda step: step)
    assert same(before, state(graphed))
    assert torch.equal(random, torch.get_rng_state())
    for number in range(3):
        for one in (plain, graphed):
            one.set(number, 0.05)
        plain.run(*batch(number))
        take.run(*batch(number))
    assert same(state(plain), state(graphed))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_t11_a_bad_loss_leaves_the_state_before_its_step(optimizer) -> None:
    step = made(optimizer)
    step.set(0, 0.05)
    step.run(*batch(0))
    before = state(step)
    for number in (1, 2):
        images, labels = batch(number)
        step.set(number, 0.05)
        step.run(images * (math.nan if number == 1 else 1.0), labels)
        assert same(before, state(step))
    assert step.is_bad()
    assert int(step.bad) == 1


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_t11_the_gate_is_on_the_device_where_the_host_does_not_look(
    optimizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a GPU: the host calls the optimizer, and `found_inf` makes it do nothing."""
    step = made(optimizer)
    step.run(*batch(0))
    before = state(step)
    monkeypatch.setattr(step, "is_bad", lambda: False)
    step.run(batch(1)[0] * math.inf, batch(1)[1])
    assert int(step.bad) >= 0
    assert same(before, state(step))


def test_t2_a_batch_taken_in_parts_gives_the_same_update_without_batch_norm() -> None:
    whole, parts = made(OPTIMIZERS[0], norm=False), made(OPTIMIZERS[0], 4, norm=False)
    for step in (whole, parts):
        step.run(*batch(0))
    for mine, theirs in zip(state(whole), state(parts), strict=True):
        assert torch.allclose(mine, theirs, atol=1e-6)


def test_t5_compile_falls_back_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> object:
        raise RuntimeError("no compiler here\nat all")

    monkeypatch.setattr(faster.torch, "compile", broken)
    step = made(OPTIMIZERS[0])
    before = state(step)
    take, notes = choose_step(step, *batch(0), compile_it=True, graph=True)
    assert notes == [
        "without torch.compile, which fails here: RuntimeError: no compiler here",
        "without a CUDA graph, which takes one process on a GPU",
    ]
    assert same(before, state(step))
    take(*batch(0))


def test_t5_compile_is_used_where_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def traced(forward):
        return lambda images: (calls.append(1), forward(images))[1]

    monkeypatch.setattr(faster.torch, "compile", traced)
    take, notes = choose_step(made(OPTIMIZERS[0]), *batch(0), compile_it=True, graph=None)
    take(*batch(0))
    assert (notes, len(calls)) == ([], 2)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_t2_rmsprop_outside_the_root_is_torchs_and_inside_is_tensorflows(momentum: float) -> None:
    def run(optimizer: torch.optim.Optimizer, weight: nn.Parameter) -> Tensor:
        for number in range(5):
            weight.grad = torch.sin(weight.detach() + number)
            optimizer.step()
        return weight.detach()

    a, b, c = (nn.Parameter(torch.arange(6.0)) for _ in range(3))
    theirs = torch.optim.RMSprop([a], 0.1, 0.9, 0.5, 0.01, momentum)
    outside = primed(RMSProp([b], 0.1, 0.9, 0.5, momentum, 0.01, inside=False))
    inside = primed(RMSProp([c], 0.1, 0.9, 0.5, momentum, 0.0, inside=True))
    assert torch.allclose(run(theirs, a), run(outside, b), atol=1e-6)
    assert torch.allclose(run(inside, c), tensorflows(momentum), atol=1e-6)


def tensorflows(momentum: float) -> Tensor:
    """tf.train.RMSPropOptimizer (training_ops.cc, ApplyRMSProp): ms begins at one, mom at zero."""
    weight, square, moved = torch.arange(6.0), torch.ones(6), torch.zeros(6)
    for number in range(5):
        gradient = torch.sin(weight + number)
        square = 0.9 * square + 0.1 * gradient**2
        moved = momentum * moved + 0.1 * gradient / (square + 0.5).sqrt()
        weight = weight - moved
    return weight


def test_n1_9_tensorflows_form_keeps_what_is_under_way_when_the_rate_falls() -> None:
    weight = nn.Parameter(torch.zeros(1))
    raw = {"name": "rmsprop", "lr": 1.0, "momentum": 0.5, "decay": 0.9, "eps_inside": True}
    recipe = parse({"optimizer": raw | {"eps": 0.0}}, "x").optimizer
    optimizer = make_optimizer(recipe, nn.ParameterList([weight]), torch.device("cpu"))
    weight.grad = torch.ones(1)
    optimizer.step()
    assert weight.item() == -1.0  # the mean square began at one and still is one
    optimizer.param_groups[0]["lr"] = 0.0
    optimizer.step()
    assert weight.item() == -1.5  # half of the last change, whatever the rate is now


def primed(optimizer: RMSProp) -> RMSProp:
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            for name in ("square_avg", "momentum_buffer"):
                begun = float(name == "square_avg" and group["inside"])
                optimizer.state[parameter][name] = torch.full_like(parameter, begun)
    return optimizer


def test_t11_buffers_are_put_back_only_where_it_was_bad() -> None:
    model = nn.Sequential(nn.BatchNorm2d(2), nn.BatchNorm1d(3))
    buffers = Buffers(model)
    assert len(buffers.tensors()) == 2  # one of numbers, one of counters
    buffers.keep()
    model[0].running_mean += 1  # type: ignore[operator]
    buffers.put_back(torch.tensor(False))
    assert model[0].running_mean.tolist() == [1, 1]
    buffers.put_back(torch.tensor(True))
    assert model[0].running_mean.tolist() == [0, 0]


def test_t1_cutout_and_colour_jitter_are_done_in_batches() -> None:
    cut = Geometry((6, 6), (6, 6), 0, False, False, jitter=True, cutout=3)
    draws = draw(50, cut, 0, 0)
    images = torch.rand(50, 3, 6, 6) / 4 + 0.3
    holes = (cut_out(images, draws, slice(None), 3) == 0).all(1).sum((1, 2))
    assert 4 <= int(holes.min()) <= int(holes.max()) == 9
    changed = coloured(images, draws, slice(None))
    assert changed.shape == images.shape
    assert 0 <= float(changed.min()) < float(changed.max()) <= 1
    grey = images.mean(1, keepdim=True).expand_as(images)
    spread = coloured(grey, draws, slice(None)).std(1).max()
    assert spread < 1e-6  # grey stays grey


def test_n1_16_cutout_keeps_channels_last() -> None:
    cut = Geometry((6, 6), (6, 6), 0, False, False, cutout=3)
    draws = draw(8, cut, 0, 0)
    images = torch.rand(8, 6, 6, 3).permute(0, 3, 1, 2)
    holes = cut_out(images, draws, slice(None), 3)
    assert holes.is_contiguous(memory_format=torch.channels_last)


class FailedCapture:
    """torch.cuda.graph where the capture was invalidated: capture_end raises, no one tidies up."""

    def __init__(self, log: list[object]) -> None:
        self.log = log

    def __call__(self, graph: object, pool: object, capture_error_mode: str) -> "FailedCapture":
        self.log.append(("begin", pool, capture_error_mode))
        return self

    def __enter__(self) -> None:
        torch.cuda.set_stream("the capture's")  # type: ignore[arg-type]

    def __exit__(self, *_: object) -> None:
        raise RuntimeError("CUDA error: operation failed due to a previous error during capture")


@pytest.fixture
def cuda_log(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """CUDA's calls round a capture, written down in place of made."""
    log: list[object] = []
    monkeypatch.setattr(torch.cuda, "CUDAGraph", object)
    monkeypatch.setattr(torch.cuda, "graph", FailedCapture(log))
    monkeypatch.setattr(torch.cuda, "graph_pool_handle", lambda: (0, 7))
    monkeypatch.setattr(torch.cuda, "current_stream", lambda: "the run's")
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
    monkeypatch.setattr(torch.cuda, "synchronize", lambda *_: None)
    monkeypatch.setattr(torch.cuda, "set_stream", lambda stream: log.append(("stream", stream)))
    for name in ("_cuda_endAllocateToPool", "_cuda_releasePool"):
        monkeypatch.setattr(torch._C, name, lambda *of, name=name: log.append((name, *of)),
                            raising=False)  # fmt: skip
    return log


def test_n1_1_a_failed_capture_is_ended_for_the_allocator_and_the_stream(cuda_log) -> None:
    with pytest.raises(RuntimeError, match="previous error during capture"):
        on_gpu(lambda: None)
    assert cuda_log == [
        ("begin", (0, 7), "thread_local"),
        ("stream", "the capture's"),
        ("_cuda_endAllocateToPool", 0, (0, 7)),
        ("_cuda_releasePool", 0, (0, 7)),
        ("stream", "the run's"),
    ]


def test_n1_1_what_failed_before_the_allocator_was_told_is_still_the_error(
    cuda_log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        raise RuntimeError("endAllocatePool: not currently recording to mempool_id")

    monkeypatch.setattr(torch._C, "_cuda_endAllocateToPool", refuses)
    with pytest.raises(RuntimeError, match="previous error during capture"):
        on_gpu(lambda: None)
    assert cuda_log[-1] == ("stream", "the run's")


def test_n3_a_test_in_a_graph_is_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights that changed in place are read; the last, smaller batch is scored by itself."""
    monkeypatch.setattr("cnnspec.train.scorer.release_generator", lambda _: None)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 3)).eval()
    captures: list[int] = []

    def capture(step: Callable[[], None]) -> Callable[[], None]:
        captures.append(1)
        return step

    compute = Compute(CPU, "fp32", False)
    graphed, plain = Scorer(model, compute, True, capture), Scorer(model, compute, False)
    with torch.no_grad():
        for size in (16, 16, 5, 16):
            images, labels = torch.randn(size, 1, 8, 8), torch.arange(size) % 3
            model[1].weight.mul_(1.5)  # type: ignore[operator]
            assert torch.equal(graphed.score(images, labels), plain.score(images, labels))
    assert captures == [1]

    def fails(step: Callable[[], None]) -> Callable[[], None]:
        raise RuntimeError("no capture here")

    refused = Scorer(model, compute, True, fails)
    assert torch.equal(refused.score(images, labels), plain.score(images, labels))
    assert refused.graph is False


@pytest.mark.parametrize("nesterov", [False, True])
def test_t5_fused_sgd_reads_channels_last_weights_where_they_lie(nesterov: bool) -> None:
    """torch's own kernel on the CPU copies each of them to another layout and back."""
    torch.manual_seed(0)
    first = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 5, 1), nn.Flatten(), nn.Linear(20, 3))
    nets = [copy.deepcopy(first).to(memory_format=torch.channels_last) for _ in range(2)]
    numbers = {"lr": 0.1, "momentum": 0.9, "weight_decay": 1e-2, "nesterov": nesterov}
    theirs = torch.optim.SGD(nets[0].parameters(), **numbers, foreach=False)
    mine = RowsSGD(nets[1].parameters(), **numbers, fused=True)
    for weight in nets[1].parameters():
        mine.state[weight]["momentum_buffer"] = torch.zeros_like(weight)
    for _ in range(3):
        images = torch.randn(4, 3, 4, 4).contiguous(memory_format=torch.channels_last)
        for net, optimizer in zip(nets, (theirs, mine), strict=True):
            optimizer.zero_grad()
            net(images).square().sum().backward()
            with torch.profiler.profile() as profile:
                optimizer.step()
    for wanted, found in zip(nets[0].parameters(), nets[1].parameters(), strict=True):
        torch.testing.assert_close(found, wanted)
        assert found.is_contiguous(memory_format=torch.channels_last) or found.dim() < 4
    called = {entry.key for entry in profile.key_averages()}
    assert "aten::_fused_sgd_" in called and not called & {"aten::clone", "aten::contiguous"}
    mine.found_inf = torch.ones(())
    kept = [weight.detach().clone() for weight in nets[1].parameters()]
    mine.step()
    assert all(map(torch.equal, nets[1].parameters(), kept))
