"""The training loop, top to bottom.

Between two log points nothing waits for the device on a GPU: losses are summed there. On the CPU
every loss is looked at before its update.
"""

import math
import time

import torch
from torch import Tensor

from cnnspec.train.checkpoint import load_checkpoint, save_checkpoint
from cnnspec.train.errors import NonFiniteError
from cnnspec.train.evaluate import count_right, logits_of
from cnnspec.train.lines import Clock, figures, log_test, log_training, place
from cnnspec.train.loss import loss_of
from cnnspec.train.plan import Plan
from cnnspec.train.progress import Reporter
from cnnspec.train.run import Run
from cnnspec.train.state import State
from cnnspec.train.stop import Stop

SAVE_SECONDS = 60.0  # between checkpoints; when one is written decides nothing about the result


def train(plan: Plan, state: State, run: Run, stop: Stop, reporter: Reporter) -> bool:
    """Take the steps that are left; return True at the end, False where it was told to stop.

    What is due after a step is done before the next: a log line, the test set, a checkpoint. A run
    that stops between these does the rest when it goes on.
    """
    now = time.monotonic()
    clock = Clock(now, now, now, state.step, state.seconds)
    if state.step == 0:
        write_checkpoint(state, run, clock)  # so that a run killed early goes on like any other
    while True:
        shown = None
        if plan.logs(state.step) and state.logged < state.step:
            shown = log_training(plan, state, run, clock)
        if plan.evaluates(state.step) and state.evaluated < state.step:
            log_test(plan, state, run, clock, stop)
        if shown is not None:
            reporter.logged(place(plan, state), figures(*shown, state.test))
        done = state.step >= plan.steps and state.evaluated == state.step
        halt = stop.requested or (plan.stop_at is not None and state.step >= plan.stop_at)
        if done or halt or save_is_due(plan, state, clock):
            write_checkpoint(state, run, clock)
        if done or halt:
            return done
        take_step(plan, state, run, clock)
        reporter.moved(state.step)


def take_step(plan: Plan, state: State, run: Run, clock: Clock) -> None:
    """Forward, backward, update: one step, with the rate of its number."""
    images, labels = plan.batches.take(state.step)
    rate = state.schedule.at(state.step)
    for group in state.optimizer.param_groups:
        group["lr"] = rate
    buffers = watched_buffers(plan, state)
    with plan.compute.autocast():
        outputs = state.model(images)
    loss = loss_of(outputs, labels, plan.recipe.loss, plan.recipe.label_smoothing)
    if plan.compute.device.type == "cpu" and not math.isfinite(loss.item()):
        restore_buffers(buffers)
        stop_at_bad_loss(plan, state, run, clock, loss.item(), rate)
    state.optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    state.optimizer.step()
    with torch.no_grad():
        state.meter[0] += loss.detach() * len(labels)
        state.meter[1:3] += count_right(logits_of(outputs), labels)
        state.meter[3] += len(labels)
    state.step += 1


def watched_buffers(plan: Plan, state: State) -> list[tuple[Tensor, Tensor]]:
    """Copy the running statistics, which the forward pass changes before the loss is known."""
    if plan.compute.device.type != "cpu":
        return []
    return [(buffer, buffer.clone()) for buffer in state.model.buffers()]


def restore_buffers(buffers: list[tuple[Tensor, Tensor]]) -> None:
    """Put the running statistics back."""
    for buffer, copy in buffers:
        buffer.copy_(copy)


def stop_at_bad_loss(
    plan: Plan, state: State, run: Run, clock: Clock, loss: float, rate: float
) -> None:
    """Save the state before the bad step and raise NonFiniteError (T11).

    An update may overflow after a loss that was finite: such a state is not saved, and the
    checkpoint before it is the last good one.
    """
    if state.is_finite():
        write_checkpoint(state, run, clock)
    good = load_checkpoint(run.checkpoints)
    epoch, batch = divmod(state.step, plan.batches.steps_per_epoch)
    raise NonFiniteError(
        f"loss is {loss} at step {state.step + 1:,} (batch {batch + 1} of epoch {epoch + 1}, lr "
        f"{rate:g}): stopped before the update; the last good state, after step "
        f"{good.values['step']:,}, is in {good.path}. Try a smaller --lr or --warmup"
    )


def save_is_due(plan: Plan, state: State, clock: Clock) -> bool:
    """Say whether a checkpoint is due: by count where asked for, else by the clock."""
    if plan.save_every is not None:
        return state.step > 0 and state.step % plan.save_every == 0
    return time.monotonic() - clock.saved > SAVE_SECONDS


def write_checkpoint(state: State, run: Run, clock: Clock) -> None:
    """Write the whole state; the metrics that it counts on are on the disk before it."""
    begun = time.monotonic()
    state.seconds = clock.spent_before + begun - clock.begun
    run.sync_metrics()
    save_checkpoint(run.checkpoints, state.step, state.tensors(), state.values())
    clock.saved = time.monotonic()
    clock.leave_out(begun)
