"""`--dry-run`: the whole plan, and after a few steps the memory and the time that it takes."""

import json
import time
from dataclasses import asdict, replace

import torch

from cnnspec.train.device import peak_memory
from cnnspec.train.faster import Take
from cnnspec.train.loop import prepare_step
from cnnspec.train.plan import RunPlan
from cnnspec.train.progress import clock, counted, make_reporter
from cnnspec.train.state import State

PROBE = 3  # steps that are timed at least, after one that is not
SECONDS = 0.3  # that are timed at least


def dry_run(plan: RunPlan, state: State, as_json: bool) -> int:
    """Print the plan; nothing is written, and what the probe changes is thrown away."""
    reporter = make_reporter(plan.steps, as_json or not state.world.leads)
    seconds = probe_seconds(plan, state, prepare_step(plan, state, reporter))
    if not state.world.leads:
        return 0
    facts = plan_facts(plan, state, seconds)
    if as_json:
        print(json.dumps(facts))
        return 0
    print(plan.first_line())
    for name, text in shown(plan, state, seconds).items():
        print(f"  {name:<13} {text}")
    return 0


def probe_seconds(plan: RunPlan, state: State, take: Take) -> float:
    """Return the time of a step as the run would take it, graph and compilation included."""
    taken = _timed(plan, state, take, range(1))[0]
    count = PROBE
    while True:
        taken, spent = _timed(plan, state, take, range(taken, taken + count))
        if spent >= SECONDS:
            return spent / count
        count *= 4


def _timed(plan: RunPlan, state: State, take: Take, steps: range) -> tuple[int, float]:
    _wait(plan)
    begun = time.monotonic()
    for step in steps:
        images, labels = plan.batches.take(step)
        state.work.set(step, state.schedule.at(step))
        take(images, labels)
    _wait(plan)
    return steps.stop, time.monotonic() - begun


def _wait(plan: RunPlan) -> None:
    if plan.compute.device.type == "cuda":
        torch.cuda.synchronize()


def plan_facts(plan: RunPlan, state: State, seconds: float) -> dict[str, object]:
    """Return the plan for a program."""
    return {
        "schema": "cnnspec.plan/1",
        "net": plan.net.name,
        "data": plan.data_facts["name"],
        "steps": plan.steps,
        "steps_per_epoch": plan.batches.steps_per_epoch,
        "batch": plan.recipe.batch,
        "parameters": plan.parameters,
        "state_bytes": _state_bytes(state),
        "peak_bytes": peak_memory(plan.compute.device),
        "step_seconds": seconds,
        "seconds": seconds * plan.steps,
    }


def shown(plan: RunPlan, state: State, seconds: float) -> dict[str, str]:
    """Return the plan for a person, a line a subject."""
    recipe, memory = plan.recipe, peak_memory(plan.compute.device)
    speed = counted(recipe.batch / seconds)
    length = f"{plan.steps:,} steps of {recipe.batch}, {_shown(plan.epochs)} epochs of "
    return {
        "augmentation": augmentation(plan),
        "steps": f"{length}{plan.batches.steps_per_epoch:,}; test every {plan.eval_every:,}",
        "schedule": _rates(plan, state),
        "parameters": f"{plan.parameters:,}; with optimizer and gradients "
        f"{_state_bytes(state) / 2**20:,.1f} MiB",
        "memory": f"{memory / 2**30:,.2f} GiB at the peak of some steps",
        "time": f"{clock(seconds * plan.steps)} at {speed} img/s, without tests",
    }


def augmentation(plan: RunPlan) -> str:
    """Return what is done to a training image."""
    cut = plan.batches.geometry
    parts = [f"crop {cut.cut()}"]
    parts += [f"padded by {cut.pad}"] if cut.pad else []
    parts += ["mirrored by chance"] if cut.flip else []
    parts += ["PCA shades"] if cut.pca else []
    parts += ["less the mean image"] if cut.pixel_mean else []
    parts += ["colour jitter"] if cut.jitter else []
    parts += [f"cutout {cut.cutout}"] if cut.cutout else []
    made = plan.recipe.transforms
    parts += [f"{name} {value:g}" for name, value in asdict(made).items() if value] if made else []
    return ", ".join(parts)


def _shown(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _rates(plan: RunPlan, state: State) -> str:
    """Return the rate at the beginning, in the quarters and at the end."""
    warm = replace(state.schedule, warm=True)  # when that will be, nobody knows
    places = [0, *(plan.steps * part // 4 for part in (1, 2, 3)), plan.steps - 1]
    rates = ", ".join(f"{warm.at(step):.3g} at {step + 1:,}" for step in places)
    low, error = plan.recipe.warmup.lr, plan.recipe.warmup.error
    until = f"{low:g} until the training error is under {error:g} %, then " if error else ""
    return f"{until}{plan.recipe.schedule.name}: {rates}"


def _state_bytes(state: State) -> int:
    """Weights, buffers, gradients, and what the optimizer holds."""
    tensors = [*state.model.parameters(), *state.model.parameters(), *state.model.buffers()]
    tensors += state.work.average.tensors if state.work.average is not None else []
    for entry in state.optimizer.state.values():
        tensors += [value for value in entry.values() if isinstance(value, torch.Tensor)]
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
