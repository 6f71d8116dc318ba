"""One session: begin a run or go on with one, train, and write what came out."""

import json
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
from cnnspec.train.errors import UsageError
from cnnspec.train.loop import train
from cnnspec.train.plan import Plan
from cnnspec.train.prepare import prepare
from cnnspec.train.progress import Reporter, clock, counted, make_reporter
from cnnspec.train.run import Run
from cnnspec.train.settings import Settings
from cnnspec.train.state import State
from cnnspec.train.stop import Stop


def train_command(given: Settings, command: str) -> int:
    """Run what the command line asks for; return the exit status."""
    run = _resumed_run(given)
    if run is None:
        given = replace(given, threads=given.threads or torch.get_num_threads())
        plan, state = prepare(given)
    else:
        settings = run.settings()
        plan, state = prepare(_resumed_arguments(given, settings))
        _check_same_code(run, settings, plan)
    try:
        if given.dry_run:
            return dry_run(plan, state, given.as_json)
        run = run or _new_run(given, plan, state)
        with Stop() as stop:  # until the workers are gone: a signal then finds all done
            status = _session(given, command, run, plan, state, stop)
            plan.batches.close()
        return status
    finally:
        plan.batches.close()
        state.world.leave()


def _new_run(given: Settings, plan: Plan, state: State) -> Run:
    """Make the run's folder; of several processes the first does."""
    if not state.world.leads:
        return runs.Shadow(Path(given.out))
    run = runs.create(Path(given.out), plan.net.name, given.name)
    run.write_settings(_settings(given, plan))
    return run


def _session(given: Settings, command: str, run: Run, plan: Plan, state: State, stop: Stop) -> int:
    if not state.world.leads:
        run = runs.Shadow(run.folder)
    reporter = make_reporter(plan.steps, given.as_json or not state.world.leads)
    with run.locked():
        if given.resume is not None:
            _take_up(run, plan, state, reporter)
        state.world.wait()
        reporter.begin(plan.first_line())
        try:
            done = train(plan, state, run, stop, reporter)
        finally:
            reporter.close()
        if not state.world.leads:
            return 128 + stop.signal if stop.signal else 0
        if not done:
            reporter.end(_stopped_lines(run, state, command))
            if given.as_json:
                print(json.dumps(_stopped_outcome(run, plan, state)))
            return 128 + stop.signal if stop.signal else 0
        outcome = _finish(run, plan, state)
    reporter.end(_last_lines(run, plan, outcome))
    if given.as_json:
        print(json.dumps(outcome))
    return 0


def _resumed_run(given: Settings) -> Run | None:
    if given.resume is None:
        return None
    if given.name:
        raise UsageError("a resumed run keeps its name: leave out --name")
    if given.resume:
        return Run(Path(given.resume))
    return runs.newest(Path(given.out), command_line.module_path(given.file).stem)


def _resumed_arguments(given: Settings, settings: dict[str, object]) -> Settings:
    saved = settings["arguments"]
    assert isinstance(saved, dict)
    return replace(given.resumed(saved), file=given.file or str(settings["file"]))


def _check_same_code(run: Run, settings: dict[str, object], plan: Plan) -> None:
    if settings.get("code_sha256") != plan.net.sha256:
        raise UsageError(
            f"{plan.net.path} has changed since {run.folder} began: put it back, or start a new run"
        )


def _take_up(run: Run, plan: Plan, state: State, reporter: Reporter) -> None:
    checkpoint = load_checkpoint(run.checkpoints)
    for line in checkpoint.damaged if state.world.leads else []:
        reporter.note(f"{line}: {checkpoint.path.name} is used")
    state.restore(checkpoint.tensors, checkpoint.values)
    run.cut_metrics(state.metrics_bytes)
    plan.notes.append(f"resumed after step {state.step:,}")


def _settings(given: Settings, plan: Plan) -> dict[str, object]:
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
        "arguments": saved,
    }


def _finish(run: Run, plan: Plan, state: State) -> dict[str, object]:
    """Write weights, curves and the result; return the result."""
    facts = {
        "net": plan.net.name,
        "code_sha256": plan.net.sha256,
        "data": plan.data,
        "mean": plan.batches.statistics.mean,
        "std": plan.batches.statistics.std,
    }
    with state.work.tested():
        digest = run.write_weights(state.model.state_dict(), facts)
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
        "top5_error": state.test["top5_error"],
        "test_loss": state.test["loss"],
        "images_per_second": _training_speed(run, plan),
        "seconds": round(state.seconds, 2),
        "model_sha256": digest,
        "run": str(run.folder),
        "curves": drawn,
    }
    run.write_settings(run.settings() | {"result": outcome})
    return outcome


def _training_speed(run: Run, plan: Plan) -> float:
    """Return the images a second of all training steps, tests and checkpoints left out."""
    seconds, before = 0.0, 0.0
    for line in run.read_metrics():
        if line["split"] == "train":
            images = (float(line["step"]) - before) * plan.recipe.batch
            seconds += images / float(line["images_per_second"])
            before = float(line["step"])
    return round(plan.steps * plan.recipe.batch / max(seconds, 1e-9), 1)


def _last_lines(run: Run, plan: Plan, outcome: dict[str, object]) -> list[str]:
    seconds = float(str(outcome["seconds"]))
    files = [runs.WEIGHTS, runs.METRICS, *([runs.CURVES] if outcome["curves"] else [])]
    result = f"test top-1 error {outcome['top1_error']:.2f} %"
    if plan.data == "synthetic":
        speed = counted(_training_speed(run, plan))
        result = f"{speed} img/s in training, on noise,"
    return [
        f"{plan.net.name}: {result} after {plan.length()} in {clock(seconds)}",
        f"  {run.folder}/  {'  '.join(files)}",
    ]


def _stopped_lines(run: Run, state: State, command: str) -> list[str]:
    return [
        f"stopped after step {state.step:,}, and saved. To go on:",
        f"  {command} --resume {run.folder}",
    ]


def _stopped_outcome(run: Run, plan: Plan, state: State) -> dict[str, object]:
    return {
        "schema": "cnnspec.train/1",
        "net": plan.net.name,
        "data": plan.data,
        "seed": plan.seed,
        "stopped_after": state.step,
        "run": str(run.folder),
    }
