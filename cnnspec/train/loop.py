"""The training loop, top to bottom.

Between two log points nothing waits for the device on a GPU: losses are summed there, and a bad one
stops all further updates there. On the CPU every loss is looked at before its update.
"""

import time

from cnnspec.train.checkpoint import load_checkpoint, save_checkpoint
from cnnspec.train.errors import DataError, NonFiniteError
from cnnspec.train.faster import Take, choose_step
from cnnspec.train.lines import Clock, figures, log_test, log_training, place
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
    take = prepare_step(plan, state, reporter)
    clock.leave_out(now)
    while True:
        shown = None
        if plan.logs(state.step) and state.logged < state.step:
            stop_at_bad_loss(plan, state, run, clock)
            shown = log_training(plan, state, run, clock)
        if plan.evaluates(state.step) and state.evaluated < state.step:
            log_test(plan, state, run, clock, stop)
        if shown is not None:
            reporter.logged(place(plan, state), figures(*shown, state.test))
        done = state.step >= plan.steps and state.evaluated == state.step
        told = stop.requested or (plan.stop_at is not None and state.step >= plan.stop_at)
        halt, due = state.world.agree(told, state.world.leads and save_is_due(plan, state, clock))
        if done or halt or due:
            stop_at_bad_loss(plan, state, run, clock)
            write_checkpoint(state, run, clock)
        if done or halt:
            return done
        take_step(plan, state, run, clock, take)
        reporter.moved(state.step)


def prepare_step(plan: Plan, state: State, reporter: Reporter) -> Take:
    """Compile and capture the step where that is asked for, tried on the batch that comes next."""
    if not plan.compile and plan.compute.device.type == "cpu":
        if plan.graph:
            reporter.note("a CUDA graph takes a GPU: steps are run one by one")
        return state.work.run
    images, labels = plan.batches.take(state.step)
    take, notes = choose_step(state.work, images, labels, plan.compile, plan.graph)
    for note in notes:
        reporter.note(note)
    return take


def take_step(plan: Plan, state: State, run: Run, clock: Clock, take: Take) -> None:
    """Take one step with the rate of its number; a broken image ends the run, the state saved."""
    try:
        images, labels = plan.batches.take(state.step)
    except DataError as error:
        write_checkpoint(state, run, clock)
        raise DataError(
            f"{error}, and go on with --resume {run.folder}: the state after step {state.step:,} "
            "is saved"
        ) from error
    state.work.set(state.step, state.schedule.at(state.step))
    take(images, labels)
    if plan.compute.device.type == "cpu":
        stop_at_bad_loss(plan, state, run, clock)
    state.step += 1


def stop_at_bad_loss(plan: Plan, state: State, run: Run, clock: Clock) -> None:
    """Where a loss was not finite: save the state before its step and raise NonFiniteError (T11).

    An update may overflow after a loss that was finite: such a state is not saved, and the
    checkpoint before it is the last good one.
    """
    if not state.work.is_bad():
        return
    state.step = int(state.work.bad)
    if all(bool(value.isfinite().all()) for value in state.model.state_dict().values()):
        write_checkpoint(state, run, clock)
    good = load_checkpoint(run.checkpoints)
    epoch, batch = divmod(state.step, plan.batches.steps_per_epoch)
    rate = state.schedule.at(state.step)
    raise NonFiniteError(
        f"loss is not finite at step {state.step + 1:,} (batch {batch + 1} of epoch {epoch + 1}, "
        f"lr {rate:g}): stopped before the update; the last good state, after step "
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
    tensors = state.tensors()
    if state.world.leads:
        run.sync_metrics()
        save_checkpoint(run.checkpoints, state.step, tensors, state.values())
    clock.saved = time.monotonic()
    clock.leave_out(begun)
