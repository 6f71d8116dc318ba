"""What only a GPU can show (T4, T5, T11). Each check stands alone, and raises where it fails.

    python3 tests/train/gpu_checks.py

runs them all with torch, numpy, pillow and safetensors alone, a line for each and one JSON line at
the end; `test_gpu.py` hands them to pytest.
"""

import contextlib
import io
import json
import math
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from cnnspec.train.arguments import read_arguments  # noqa: E402
from cnnspec.train.cli import main  # noqa: E402
from cnnspec.train.device import Compute  # noqa: E402
from cnnspec.train.faster import choose_step  # noqa: E402
from cnnspec.train.graph import Graphed  # noqa: E402
from cnnspec.train.optim import make_optimizer  # noqa: E402
from cnnspec.train.prepare import prepare  # noqa: E402
from cnnspec.train.recipe import parse  # noqa: E402
from cnnspec.train.step import Step  # noqa: E402
from cnnspec.train.world import World  # noqa: E402

NET, LARGE = (str(ROOT / "generated" / f"{name}.py") for name in ("resnet20", "resnet34"))
LARGE_BATCH = 1024  # of LARGE: more than a fiftieth of any card
OPTIMIZERS: list[dict[str, object]] = [
    {"name": "sgd", "lr": 0.05, "momentum": 0.9, "weight_decay": 1e-4},
    {"name": "adamw", "lr": 0.01},
    {"name": "rmsprop", "lr": 0.01, "momentum": 0.9, "eps": 1.0, "eps_inside": True},
]


def made(optimizer: dict[str, object], dropout: float = 0.0, average: bool = True) -> Step:
    torch.manual_seed(0)
    device = torch.device("cuda")
    # no bias before a batch norm: its gradient is 0, and AdamW would divide noise by noise
    layers = [nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten()]
    model = nn.Sequential(*layers, nn.Dropout(dropout), nn.Linear(8 * 36, 3)).to(device)
    raw = {"optimizer": optimizer, "steps": 9}
    recipe = parse(raw | ({"average": {"name": "ema", "decay": 0.5}} if average else {}), "x")
    meter = torch.zeros(4, dtype=torch.float64, device=device)
    made = make_optimizer(recipe.optimizer, model, device)
    return Step(model, made, recipe, Compute(device, "fp32", False), meter, World())


def batch(number: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(number)
    images = torch.randn(16, 3, 8, 8, generator=generator)
    return images.cuda(), (torch.arange(16) % 3).cuda()


def state(step: Step) -> list[Tensor]:
    entries = [value for entry in step.optimizer.state.values() for value in entry.values()]
    means = step.average.tensors if step.average is not None else []
    found = (*step.model.state_dict().values(), *entries, *means, step.meter)
    return [value.clone() for value in found]


def equal(mine: list[Tensor], theirs: list[Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(mine, theirs, strict=True))


def check_a_captured_step_is_the_step() -> None:
    """The warm-up leaves no trace, and replays do what the step does, for every optimizer."""
    for optimizer in OPTIMIZERS:
        plain, graphed = made(optimizer), made(optimizer)
        before, random = state(graphed), torch.cuda.get_rng_state()
        take = Graphed(graphed, *batch(0))
        assert equal(before, state(graphed)), optimizer
        assert torch.equal(random, torch.cuda.get_rng_state())
        for number in range(4):
            for one, run in ((plain, plain.run), (graphed, take.run)):
                one.set(number, 0.05 / (number + 1))
                run(*batch(number))
        for mine, theirs in zip(state(plain), state(graphed), strict=True):
            assert torch.allclose(mine.double(), theirs.double(), rtol=1e-3, atol=1e-4), optimizer


def check_dropout_differs_between_replays() -> None:
    step = made(OPTIMIZERS[0], dropout=0.5)
    take = Graphed(step, *batch(0))
    losses = []
    for _ in range(3):
        step.meter.zero_()
        step.set(0, 0.0)
        take.run(*batch(0))
        losses.append(float(step.meter[0]))
    assert len(set(losses)) == 3, losses


def check_a_bad_loss_leaves_the_state_before_its_step() -> None:
    for optimizer in OPTIMIZERS:
        step = made(optimizer)
        take = Graphed(step, *batch(0))
        step.set(0, 0.05)
        take.run(*batch(0))
        before = state(step)
        for number in (1, 2):
            images, labels = batch(number)
            step.set(number, 0.05)
            take.run(images * (math.nan if number == 1 else 1.0), labels)
        assert equal(before, state(step)), optimizer
        assert (step.is_bad(), int(step.bad)) == (True, 1)


@contextlib.contextmanager
def no_waiting() -> Iterator[None]:
    """Make torch raise where the host waits for the device."""
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode("default")


def check_no_host_waits_inside_an_epoch() -> None:
    """Resident images with all augmentation, and streamed ones; the first step of an epoch may."""
    flags = ["--gpu", "--data", "synthetic", "--batch", "16", "--steps", "40", "--pad", "4"]
    flags += ["--flip", "--cutout", "8", "--average", "ema"]
    for extra in (["--color", "pca"], ["--color", "jitter"]):
        _steps_without_waiting([*flags, *extra])
    with tempfile.TemporaryDirectory() as folder:
        tree = write_tree(Path(folder))
        flags = ["--gpu", "--data", f"folder:{tree}", "--batch", "8", "--steps", "40"]
        flags += ["--scale", "40,48", "--color", "jitter", "--workers", "2", "--set", "classes=2"]
        _steps_without_waiting(flags)


def _steps_without_waiting(flags: list[str]) -> None:
    plan, state = prepare(read_arguments([NET, *flags]))
    take, notes = choose_step(state.work, *plan.batches.take(0), False, None)
    assert not notes, notes
    plan.batches.take(0)
    with no_waiting():
        for number in range(1, min(4, plan.batches.steps_per_epoch)):
            images, labels = plan.batches.take(number)
            state.work.set(number, 0.01)
            take(images, labels)
    plan.batches.close()


def write_tree(folder: Path) -> Path:
    from PIL import Image

    for split in ("train", "val"):
        for label, shade in (("a", 40), ("b", 200)):
            place = folder / "tree" / split / label
            place.mkdir(parents=True)
            for index in range(32):
                Image.new("RGB", (60, 50), (shade, index, 0)).save(place / f"{index}.jpg")
    return folder / "tree"


def run(*argv: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main([str(item) for item in argv])
    return status, out.getvalue(), err.getvalue()


def check_a_run_trains_stops_and_goes_on() -> None:
    """ResNet-20 on a tree of two colours, with and without a graph, streamed and resident."""
    with tempfile.TemporaryDirectory() as folder:
        tree, out = write_tree(Path(folder)), f"{folder}/runs"
        base = (NET, "--gpu", "--data", f"folder:{tree}")
        base += ("--set", "classes=2", "--batch", "16", "--steps", "60", "--lr", "0.05")
        base += ("--out", out, "--eval-every", "20")
        for name, extra in (
            ("graph", ()), ("plain", ("--no-graph",)),
            ("workers", ("--scale", "40,48", "--workers", "2")),
        ):  # fmt: skip
            status, _, err = run(*base, *extra, "--name", name, "--stop-at", "25")
            assert (status, err) == (0, ""), (name, err)
            stopped = f"{out}/{Path(NET).stem}/{name}"
            status, text, err = run("--resume", stopped, "--format", "json")
            assert (status, err) == (0, ""), (name, err)
            assert json.loads(text)["top1_error"] < 20, (name, text)


def check_compile_works_or_says_why_not() -> None:
    step = made(OPTIMIZERS[0])
    before = state(step)
    take, notes = choose_step(step, *batch(0), compile_it=True, graph=None)
    assert equal(before, state(step))
    assert all(note.startswith("without torch.compile, which fails here: ") for note in notes)
    print(f"    compile: {notes or 'works, inside the graph'}")
    step.set(0, 0.05)
    take(*batch(0))
    assert not step.is_bad()


def check_a_graph_that_fails_falls_back() -> None:
    """A net that asks the device cannot be captured: a line says so, and steps are taken."""

    class Asking(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(192, 3)
            self.dropout = nn.Dropout(0.5)

        def forward(self, x: Tensor) -> Tensor:
            logits: Tensor = self.fc(self.dropout(torch.flatten(x, 1)))
            return logits * (1.0 if float(logits.detach().sum()) < 1e9 else 2.0)

    torch.manual_seed(0)
    model = Asking().cuda()
    recipe = parse({"optimizer": OPTIMIZERS[0]}, "x")
    device = torch.device("cuda")
    meter = torch.zeros(4, dtype=torch.float64, device=device)
    optimizer = make_optimizer(recipe.optimizer, model, device)
    step = Step(model, optimizer, recipe, Compute(device, "fp32", False), meter, World())
    before = state(step)
    take, notes = choose_step(step, *batch(0), compile_it=False, graph=None)
    assert len(notes) == 1, notes
    assert notes[0].startswith("without a CUDA graph, which fails here: "), notes
    assert equal(before, state(step))
    take(*batch(0))
    assert not step.is_bad()
    assert torch.cuda.current_stream() == torch.cuda.default_stream()
    torch.cuda.empty_cache()  # asserts where the allocator believes a capture to be under way
    _streams_in_flat_memory(step)


def _streams_in_flat_memory(step: Step) -> None:
    """Blocks that came by another stream are freed: 50 steps take no more than the first 10."""
    side, held = torch.cuda.Stream(), []
    for number in range(50):
        with torch.cuda.stream(side):
            images, labels = batch(number)
        now = torch.cuda.current_stream()
        now.wait_stream(side)
        for tensor in (images, labels):
            tensor.record_stream(now)
        step.run(images, labels)
        held.append(torch.cuda.memory_reserved())
    assert held[-1] == held[10], held


def check_out_of_memory_is_one_line() -> None:
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(0.02)
    try:
        with tempfile.TemporaryDirectory() as out:
            argv = ("--gpu", "--data", "synthetic", "--batch", LARGE_BATCH, "--steps", "1")
            status, _, err = run(LARGE, *argv, "--out", out)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
        torch.cuda.empty_cache()
    assert status == 1, err
    assert err.splitlines()[-1].startswith("cnnspec train: out of memory: give a smaller"), err


CHECKS: list[Callable[[], None]] = [
    value for name, value in list(globals().items()) if name.startswith("check_")
]


def run_all() -> int:
    """Run every check, print a line for each, and one JSON line."""
    failed = []
    for check in CHECKS:
        name = check.__name__.removeprefix("check_")
        try:
            check()
            print(f"ok    {name}", flush=True)
        except Exception:
            failed.append(name)
            print(f"FAIL  {name}\n{traceback.format_exc()}", flush=True)
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "none"
    facts = {"checks": len(CHECKS), "failed": failed, "torch": torch.__version__, "device": device}
    print(json.dumps(facts))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(run_all())
