"""One session: begin a run or go on with one, train, and write what came out."""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

import torch

from cnnspec.train import arguments as command_line
from cnnspec.train import run as runs
from cnnspec.train.checkpoint import load_checkpoint
from cnnspec.train.curves import draw_curves
from cnnspec.train.device import machine
from cnnspec.train.dry import dry_run
from cnnspec.train.errors import TrainError, UsageError
from cnnspec.train.export import export_onnx
from cnnspec.train.loggers import make_loggers
from cnnspec.train.loop import train
from cnnspec.train.plan import RunPlan
from cnnspec.train.prepare import prepare
from cnnspec.train.progress import Reporter, clock, counted, make_reporter
from cnnspec.train.run import Run
from cnnspec.train.settings import Settings
from cnnspec.train.state import State
from cnnspec.train.stop import Stop
from cnnspec.train.world import join

Saved = dict[str, object]  # what run.json holds


def train_command(given: Settings, command: str) -> int:
    """Run what the command line asks for; return the exit status."""
    with quiet_followers():
        found = run_to_resume(given)
        saved = {} if found is None else found.settings()
        settings = _settings_of(given, saved)
        world = join(settings.gpu)
    try:
        plan, state = prepare(settings, world)
        try:
            return _trained(settings, command, found, saved, plan, state)
        finally:
            plan.batches.close()
    finally:
        world.leave()


def _trained(
    given: Settings, command: str, found: Run | None, saved: Saved, plan: RunPlan, state: State
) -> int:
    if found is not None:
        state.world.together(lambda: _check_same_code(found, saved, plan))
    if given.dry_run:
        return dry_run(plan, state, given.as_json)
    with ExitStack() as held, Stop() as stop:  # until the workers are gone
        run = state.world.together(lambda: _opened(held, given, found, plan, state))
        folder = Path(state.world.words(str(run.folder)))
        run = run if state.world.leads else runs.Shadow(folder)
        status = _session(given, command, run, plan, state, stop, saved)
        plan.batches.close()
    return status


@contextmanager
def quiet_followers() -> Iterator[None]:
    """Before the processes of a run have met, all find the same faults: the first names them."""
    try:
        yield
    except TrainError as error:
        error.told = os.environ.get("RANK", "0") != "0"
        raise


def processes(given: Settings) -> tuple[int, bool]:
    """Return how many processes torchrun is to start for a command, and whether on GPUs.

    A run that goes on has as many as it had, unless --gpus or --processes says otherwise.
    """
    if given.gpus or given.processes:
        return given.gpus or given.processes or 1, given.gpus is not None
    found = run_to_resume(given)
    if found is None:
        return 1, False
    saved = found.settings()
    count, nodes = saved.get("processes", 1), saved.get("nodes", 1)
    alone = isinstance(count, int) and nodes == 1
    return (int(str(count)) if alone else 1), _settings_of(given, saved).gpu


def _opened(
    held: ExitStack, given: Settings, found: Run | None, plan: RunPlan, state: State
) -> Run:
    """Lock the run's folder, and make it where it is new; of several processes the first does."""
    if not state.world.leads:
        return runs.Shadow(Path(given.out))
    again = given.resume is not None
    run = found or runs.create(Path(given.out), plan.net.name, given.name, again)
    held.enter_context(run.locked())
    if found is None:
        run.metrics.unlink(missing_ok=True)
        run.write_settings(_settings(given, plan, state))
    return run


def _session(
    given: Settings, command: str, run: Run, plan: RunPlan, state: State, stop: Stop, saved: Saved
) -> int:
    reporter = make_reporter(plan.steps, given.as_json or not state.world.leads)
    if saved:
        _take_up(run, plan, state, reporter, saved)
        state.world.together(lambda: _settle(given, run, plan, state))
    elif given.resume is not None and state.world.leads:
        reporter.note("there is nothing to resume yet: the run begins")
    state.world.together(lambda: _log_to(given, run, plan, state))
    reporter.begin(plan.first_line())
    try:
        done = train(plan, state, run, stop, reporter)
    finally:
        reporter.close()
        for logger in run.loggers:
            logger.close()
    if not state.world.leads:
        return 128 + stop.signal if stop.signal else 0
    if not done:
        reporter.end(_stopped_lines(run, state, command))
        if given.as_json:
            print(json.dumps(_stopped_outcome(run, plan, state)))
        return 128 + stop.signal if stop.signal else 0
    outcome = _finish(run, plan, state)
    reporter.end(_last_lines(run, plan, outcome))
    reporter.sketched(run.read_metrics())
    if given.export:
        reporter.note(export_onnx(run, plan.net, given.set, given.input))
    if given.as_json:
        print(json.dumps(outcome))
    return 0


def _log_to(given: Settings, run: Run, plan: RunPlan, state: State) -> None:
    if state.world.leads:
        run.loggers = make_loggers(given.log, run.folder, plan.net.name, run.read_metrics())


def run_to_resume(given: Settings) -> Run | None:
    """Return the run that --resume goes on with; None where there is none yet, or for a new one."""
    if given.resume is None:
        return None
    if given.resume:
        if given.name:
            raise UsageError("--resume RUN and --name: give one of them")
        return Run(Path(given.resume))
    net, out = command_line.module_path(given.file).stem, Path(given.out)
    run = runs.named(out, net, given.name) if given.name else runs.newest(out, net)
    return run if run is not None and run.has_begun() else None


def _settings_of(given: Settings, saved: Saved) -> Settings:
    """Return the settings of the run: of a new one with the threads that torch takes."""
    if not saved:
        return replace(given, threads=given.threads or torch.get_num_threads())
    before, recipe = saved["arguments"], saved.get("recipe", {})
    assert isinstance(before, dict)
    assert isinstance(recipe, dict)
    return replace(given.resumed(before, recipe), file=given.file or str(saved["file"]))


def _check_same_code(run: Run, settings: dict[str, object], plan: RunPlan) -> None:
    if settings.get("code_sha256") != plan.net.sha256:
        raise UsageError(
            f"{plan.net.path} has changed since {run.folder} began: put it back, or start a new run"
        )


def _take_up(run: Run, plan: RunPlan, state: State, reporter: Reporter, saved: Saved) -> None:
    checkpoint = state.world.together(lambda: load_checkpoint(run.checkpoints))
    for line in checkpoint.damaged if state.world.leads else []:
        reporter.note(f"{line}: {checkpoint.path.name} is used")
    state.world.together(lambda: state.restore(checkpoint.tensors, checkpoint.values))
    state.world.together(lambda: run.cut_metrics(state.metrics_bytes))
    plan.notes.append(f"resumed after step {state.step:,}")
    before = saved.get("processes", 1)
    if before != state.world.count and state.world.leads:
        reporter.note(
            f"the run had {before} processes and goes on with {state.world.count}: the same images "
            "in the same steps; batch norm sees other parts of them, sums are rounded otherwise"
        )


def _settle(given: Settings, run: Run, plan: RunPlan, state: State) -> None:
    """Write down what may change when a run goes on: its length, and how many processes it has."""
    before = run.settings()
    kept = given.kept() | {"precision": plan.compute.precision}
    after = before | {"steps": plan.steps, "recipe": asdict(plan.recipe), "arguments": kept,
                      "processes": state.world.count, "nodes": state.world.nodes}  # fmt: skip
    if before["steps"] != plan.steps:
        after.pop("result", None)
    if state.world.leads and after != before:
        run.write_settings(after)


def _settings(given: Settings, plan: RunPlan, state: State) -> dict[str, object]:
    """Return run.json: all that decides the result, and where it was made."""
    saved = given.kept() | {"precision": plan.compute.precision}
    return {
        "schema": "cnnspec.run/1",
        "net": plan.net.name,
        "file": str(plan.net.path),
        "code_sha256": plan.net.sha256,
        "spec_sha256": plan.net.spec_sha256,
        "begun": datetime.now().astimezone().isoformat(timespec="seconds"),
        "machine": machine(plan.compute.device),
        "precision": plan.compute.precision,
        "seed": plan.seed,
        "parameters": plan.parameters,
        "data": plan.data_facts,
        "geometry": asdict(plan.batches.geometry),
        "recipe": asdict(plan.recipe),
        "steps": plan.steps,
        "steps_per_epoch": plan.batches.steps_per_epoch,
        "processes": state.world.count,
        "nodes": state.world.nodes,
        "arguments": saved,
    }


def _finish(run: Run, plan: RunPlan, state: State) -> dict[str, object]:
    """Write weights, curves and the result; return the result."""
    with state.work.tested():
        digest = run.write_weights(state.model.state_dict(), plan.facts())
    title = f"{plan.net.name}, {plan.data}, seed {plan.seed}"
    drawn = draw_curves(run.read_metrics(), title, run.folder / runs.CURVES)
    outcome: dict[str, object] = {
        "schema": "cnnspec.train/1",
        "net": plan.net.name,
        "data": plan.data,
        "seed": plan.seed,
        "steps": state.step,
        "epochs": round(plan.epochs, 4),
        "top1_error": state.test["top1_error"],
        "top5_error": state.test.get("top5_error"),  # null where it says nothing
        "test_loss": state.test["loss"],
        "best": state.best,
        "images_per_second": _training_speed(run, plan),
        "seconds": round(state.seconds, 2),
        "model_sha256": digest,
        "run": str(run.folder),
        "curves": drawn,
    }
    run.write_settings(run.settings() | {"result": outcome})
    return outcome


def _training_speed(run: Run, plan: RunPlan) -> float:
    """Return the images a second of all training steps, tests and checkpoints left out."""
    seconds, before = 0.0, 0.0
    for line in run.read_metrics():
        if line["split"] == "train" and line["images_per_second"] is not None:
            images = (float(line["step"]) - before) * plan.recipe.batch
            seconds += images / float(line["images_per_second"])
            before = float(line["step"])
    return round(plan.steps * plan.recipe.batch / max(seconds, 1e-9), 1)


def _last_lines(run: Run, plan: RunPlan, outcome: dict[str, object]) -> list[str]:
    seconds = float(str(outcome["seconds"]))
    best = [runs.BEST] if plan.keep_best else []
    files = [runs.WEIGHTS, *best, runs.METRICS, *([runs.CURVES] if outcome["curves"] else [])]
    result = f"test top-1 error {outcome['top1_error']:.2f} %{_best(plan, outcome)}"
    if plan.data == "synthetic":
        speed = counted(_training_speed(run, plan))
        result = f"{speed} img/s in training, on noise,"
    return [
        f"{plan.net.name}: {result} after {plan.length()} in {clock(seconds)}",
        f"  {run.folder}/  {'  '.join(files)}",
    ]


def _best(plan: RunPlan, outcome: dict[str, object]) -> str:
    """Return what is said of the lowest test error, where an earlier one was lower."""
    best = outcome["best"]
    assert isinstance(best, dict)
    if not best or best["step"] == outcome["steps"]:
        return ""
    return f" (lowest {best['top1_error']:.2f} % at step {best['step']:,})"


def _stopped_lines(run: Run, state: State, command: str) -> list[str]:
    if state.world.nodes > 1:
        command = "the same torchrun ... -m cnnspec.train"
    return [
        f"stopped after step {state.step:,}, and saved. To go on:",
        f"  {command} --resume {run.folder}",
    ]


def _stopped_outcome(run: Run, plan: RunPlan, state: State) -> dict[str, object]:
    return {
        "schema": "cnnspec.train/1",
        "net": plan.net.name,
        "data": plan.data,
        "seed": plan.seed,
        "stopped_after": state.step,
        "run": str(run.folder),
    }
