"""T8, N1: several gloo processes on the CPU, forked; and those that torchrun starts."""

import json
import os
import re
import signal
import socket
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
import torch.distributed as dist
from safetensors.torch import load_file

from cnnspec.train import loop, meetings, world
from cnnspec.train.errors import UsageError
from cnnspec.train.feed import Share, check_batch
from cnnspec.train.state import State
from cnnspec.train.world import join, launch
from tests.train import gloo
from tests.train.conftest import TINY
from tests.train.forked import Ended, Program
from tests.train.test_resume import metrics, weights
from tests.train.test_stream import write_tree

BRIEF = ("--steps", "12", "--batch", "64", "--log-every", "4", "--threads", "1")
ARGUMENTS = ("--data", "digits", *BRIEF)
NOISE = ("--data", "synthetic", *BRIEF)  # of processes that start anew: no import of scikit-learn
TEXT = (
    "from torch import nn\nINPUT_SIZE = (1, 8, 8)\nRECIPE = {}\n\ndef net() -> nn.Module:\n"
    "    return nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 10))\n"
)
NORM = (
    "from torch import nn\nINPUT_SIZE = (3, 8, 8)\nRECIPE = {}\n\ndef net() -> nn.Module:\n"
    "    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), "
    "nn.Linear(144, 2))\n"
)


def lines(run: Path) -> list[dict[str, float]]:
    found = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [{key: line[key] for key in ("step", "loss", "top1_error")} for line in found]


def good(ended: list[Ended]) -> None:
    assert [item.status for item in ended] == [0] * len(ended), ended


def test_t8_two_processes_train_what_one_does_and_resume(write, train, folder: Path) -> None:
    """The same images in the same steps: equal but for the order of a sum. No batch norm here."""
    write("net", text=TEXT)
    assert train("net.py", *ARGUMENTS, "--name", "one").status == 0
    both = gloo.run(2, "net.py", *ARGUMENTS, "--name", "two", "--stop-at", "7")
    good(both)
    assert sum(item.out.count("digits 1,437 train") for item in both) == 1  # one of them speaks
    good(gloo.run(2, "--resume", "runs/net/two"))
    runs = folder / "runs" / "net"
    for mine, theirs in zip(lines(runs / "one"), lines(runs / "two"), strict=True):
        assert mine == pytest.approx(theirs, rel=1e-4)
    one, two = (load_file(runs / name / "model.safetensors") for name in ("one", "two"))
    for name, value in one.items():
        assert torch.allclose(value, two[name], atol=1e-4), name


def test_t8_a_batch_that_cannot_be_shared_is_one_line(write, folder: Path) -> None:
    with pytest.raises(UsageError, match="a batch of 63 cannot be shared by 2 processes evenly"):
        check_batch("digits", 63, 1437, Share(1, 2))
    write("net", text=TEXT)
    both = gloo.run(2, "net.py", "--data", "digits", "--batch", "63", "--name", "a")
    assert [item.status for item in both] == [2, 2]
    assert sum(item.err.count("\n") for item in both) == 1


def test_n1_3_one_broken_image_is_named_by_all_and_the_state_is_saved(write, folder: Path) -> None:
    """It lies in one process's part of a batch: the other would wait for its gradients."""
    tree = write_tree(folder, 40)
    broken = tree / "train" / "dog" / "07.jpg"
    whole = broken.read_bytes()
    write("net", text=NORM)
    argv = ("net.py", "--data", f"folder:{tree}", "--scale", "0.5,1", "--batch", "8", "--workers",
            "1", "--epochs", "2", "--threads", "1")  # fmt: skip
    argv += ("--log-every", "3", "--name", "a")
    good(gloo.run(2, *argv, "--stop-at", "1"))

    def breaks(rank: int) -> None:  # behind the sample of the statistics, which reads it
        from cnnspec.train import session

        real = session.train

        def cut(*args: object) -> object:
            broken.write_bytes(whole[:200])
            return real(*args)  # type: ignore[arg-type]

        session.train = cut  # type: ignore[assignment]

    both = gloo.run(2, "--resume", "runs/net/a", before=breaks)
    assert [item.status for item in both] == [1, 1], both
    told = [item.err for item in both if item.err]
    assert len(told) == 1, both
    assert told[0].count("\n") == 1
    found = re.search(r"dog/07.jpg cannot be decoded.*--resume runs/net/a: the state after step "
                      r"(\d+) is saved", told[0])  # fmt: skip
    assert found is not None, told
    broken.write_bytes(whole)
    assert (folder / "runs/net/a/checkpoint" / f"step-{int(found[1]):08d}").is_dir()
    good(gloo.run(2, "--resume", "runs/net/a"))
    good(gloo.run(2, *(*argv[:-1], "whole")))
    runs = folder / "runs" / "net"
    assert weights(runs / "a") == weights(runs / "whole")
    assert metrics(runs / "a") == metrics(runs / "whole")


def test_n1_4_the_reported_error_is_that_of_the_file(write, train, folder: Path) -> None:
    """Each process has running statistics of its own until they agree; also where averaged."""
    write(text=TINY.replace("BatchNorm2d(width)", "BatchNorm2d(width, momentum=1.0)"))
    for name, extra in (("a", ()), ("b", ("--average", "ema", "--average-decay", "0.5"))):
        argv = ("--data", "digits", "--steps", "12", "--batch", "4", "--threads", "1",
                "--lr", "0.1")  # fmt: skip
        good(gloo.run(2, "tiny.py", *argv, *extra, "--name", name))
        run = folder / "runs" / "tiny" / name
        result = json.loads((run / "run.json").read_text())["result"]
        from cnnspec.train.evaluation.__main__ import main

        assert main([str(run)]) == 0
        found = json.loads((run / "eval.json").read_text())["errors"][0]
        assert found["top1_error"] == pytest.approx(result["top1_error"], abs=1e-12)


def test_n1_5_a_run_of_two_goes_on_to_the_bit_and_with_other_numbers(write, folder: Path) -> None:
    write()
    argv = ("tiny.py", *ARGUMENTS, "--eval-every", "5")
    good(gloo.run(2, *argv, "--name", "whole"))
    good(gloo.run(2, *argv, "--name", "half", "--stop-at", "7"))
    good(gloo.run(2, *argv, "--name", "half", "--resume"))
    runs = folder / "runs" / "tiny"
    assert weights(runs / "whole") == weights(runs / "half")
    assert metrics(runs / "whole") == metrics(runs / "half")
    good(gloo.run(2, *argv, "--name", "more", "--stop-at", "7"))
    more = gloo.run(4, *argv, "--name", "more", "--resume")
    good(more)
    said = "the run had 2 processes and goes on with 4: the same images in the same steps; batch"
    assert [said in item.err for item in more] == [True, False, False, False]
    assert json.loads((runs / "more" / "run.json").read_text())["processes"] == 4


def test_n3_no_host_waits_for_another_in_a_step(write, folder: Path) -> None:
    """Hosts agree through a gloo group of their own, about twice a second, and not at every step.

    A step itself has one all-reduce of a number, where the gradients are: NCCL's on GPUs.
    """
    write()

    def counts(rank: int) -> None:
        meetings.time = SimpleNamespace(monotonic=lambda: 0.0)  # no time passes: none is due
        real, seen, reduced = loop.take_step, [], dist.all_reduce
        groups: list[object] = []

        def all_reduce(*args: object, group: object = None) -> object:
            groups.append(group)
            return reduced(*args, group=group)

        def take_step(plan: object, state: State, *others: object) -> None:
            begun = len(groups)
            real(plan, state, *others)  # type: ignore[arg-type]
            done = state.world.control._get_sequence_number_for_group()
            seen.append([done, groups[begun:]])
            Path(f"{rank}.json").write_text(json.dumps(seen))

        loop.take_step, dist.all_reduce = take_step, all_reduce

    good(gloo.run(2, "tiny.py", *ARGUMENTS, "--log-every", "12", "--name", "a", before=counts))
    for rank in range(2):
        met, reduced = zip(*json.loads(Path(f"{rank}.json").read_text()), strict=True)
        assert (len(met), set(met)) == (12, {met[0]})
        assert met[0] > 0  # that of the beginning, and of the first meeting
        assert list(reduced) == [[None]] * 12


def test_n1_7_each_process_takes_up_its_own_random_state(write, folder: Path) -> None:
    write()
    good(gloo.run(2, "tiny.py", *ARGUMENTS, "--name", "a", "--stop-at", "3"))
    newest = folder / "runs" / "tiny" / "a" / "checkpoint" / "step-00000003"
    states = load_file(newest / "state.safetensors")
    assert not torch.equal(states["random.torch.0"], states["random.torch.1"])


def test_n1_5_n1_6_ctrl_c_exits_130_and_the_printed_command_goes_on(
    write, train, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Started by --processes, through torchrun; the line that is printed starts two again."""
    write()
    process = Program("tiny.py", "--data", "synthetic", "--epochs", "2000", "--threads", "1",
                      "--processes", "2", "--name", "a")  # fmt: skip
    run = folder / "runs" / "tiny" / "a"
    deadline = time.monotonic() + 60
    while not (run / "metrics.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.number, signal.SIGINT)
    ended = process.ended()
    assert (ended.status, ended.err) == (130, ""), ended.out
    assert ended.out.endswith("To go on:\n  python -m cnnspec.train --resume runs/tiny/a\n")
    saved = int(sorted((run / "checkpoint").glob("step-*"))[-1].name[5:])
    started: list[Ended] = []

    def launched(count: int, argv: list[str], gpu: bool = True) -> int:
        started.extend(gloo.run(count, *argv))
        return max(item.status for item in started)

    monkeypatch.setattr(world, "launch", launched)
    assert train("--resume", "runs/tiny/a", "--stop-at", saved + 1).status == 0
    assert f"resumed after step {saved:,}" in started[0].out
    assert (len(started), started[0].err) == (2, "")
    assert json.loads((run / "run.json").read_text())["processes"] == 2


def test_n3_two_nodes_are_joined_by_torchrun(write, folder: Path) -> None:
    """Two torchruns of one process each, as on two machines, that meet by an address."""
    write()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    argv = ("--nnodes=2", "--nproc-per-node=1", "--rdzv-backend=c10d",
            f"--rdzv-endpoint=127.0.0.1:{port}", "--rdzv-id=7", "-m", "cnnspec.train", "tiny.py",
            *NOISE, "--name", "a", "--stop-at", "5")  # fmt: skip
    nodes = [Program(*argv, module="torch.distributed.run", name=f"node{number}")
             for number in range(2)]  # fmt: skip
    said = [node.ended(120) for node in nodes]
    good(said)
    settings = json.loads((folder / "runs/tiny/a/run.json").read_text())
    assert (settings["processes"], settings["nodes"]) == (2, 2)
    out = "".join(node.out for node in said)
    assert "the same torchrun ... -m cnnspec.train --resume runs/tiny/a" in out
    good(gloo.run(2, "--resume", "runs/tiny/a", nodes=2))
    good(gloo.run(4, "tiny.py", *NOISE, "--name", "b", nodes=2))


def test_t8_on_gpus_each_process_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """NCCL takes two cards: what is asked of it is written down."""
    calls: list[object] = []
    for name, value in (("WORLD_SIZE", "4"), ("LOCAL_WORLD_SIZE", "2"), ("LOCAL_RANK", "1")):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(torch.cuda, "set_device", calls.append)
    monkeypatch.setattr(dist, "init_process_group", lambda kind, **_: calls.append(kind))
    monkeypatch.setattr(dist, "get_rank", lambda: 3)
    monkeypatch.setattr(dist, "new_group", lambda backend: calls.append(backend))
    joined = join(gpu=True)
    assert (calls, joined.rank, joined.count, joined.nodes) == ([1, "nccl", "gloo"], 3, 4, 2)
    given: list[object] = []
    monkeypatch.setattr(torch.nn.parallel, "DistributedDataParallel",
                        lambda model, device_ids: given.append(device_ids))  # fmt: skip
    device = torch.device("cuda")
    joined.wrap(torch.nn.Linear(1, 1), device)
    joined.wrap(torch.nn.Linear(1, 1), torch.device("cpu"))
    assert given == [[device], None]
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(UsageError, match=r"--gpus 2: torch .* sees 1 GPUs"):
        launch(2, [])


def test_t8_gpus_without_gpus_is_one_line(write, train) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    ended = train(write("net", text=TEXT), "--data", "digits", "--gpus", "2")
    assert (ended.status, ended.err.count("\n")) == (2, 1)
    assert "no CUDA device" in ended.err
