"""The training loop, top to bottom.

Between two log points nothing waits for the device on a GPU: losses are summed there, and a bad one
stops all further updates there. On the CPU every loss is looked at before its update.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from cnnspec.train.checkpoint import load_checkpoint, save_checkpoint
from cnnspec.train.errors import DataError, NonFiniteError
from cnnspec.train.faster import Take, choose_step
from cnnspec.train.lines import Clock, figures, log_test, log_training, place
from cnnspec.train.meetings import Meetings
from cnnspec.train.plan import RunPlan
from cnnspec.train.profile import profiled
from cnnspec.train.progress import Reporter
from cnnspec.train.run import Run
from cnnspec.train.state import State
from cnnspec.train.stop import Stop

SAVE_SECONDS = 60.0  # between checkpoints; when one is written decides nothing about the result


def train(plan: RunPlan, state: State, run: Run, stop: Stop, reporter: Reporter) -> bool:
    """Take the steps that are left; return True at the end, False where it was told to stop.

    What is due after a step is done before the next: a log line, the test set, a checkpoint. A run
    that stops between these does the rest when it goes on.
    """
    now = time.monotonic()
    clock = Clock(now, now, now, state.step, state.seconds)
    if state.step == 0:
        write_checkpoint(state, run, clock)  # so that a run killed early goes on like any other
    meetings = Meetings(state.world, state.step)
    with saved_for_broken_images(state, run, clock):
        take = prepare_step(plan, state, reporter)
    if plan.profile and state.world.leads:
        take = profiled(take, run, reporter, state.step)
    clock.begin(state.step)
    while True:
        shown = None
        if plan.logs(state.step) and state.logged < state.step:
            stop_at_bad_loss(plan, state, run, clock)
            shown = log_training(plan, state, run, clock)
        if plan.evaluates(state.step) and state.evaluated < state.step:
            with saved_for_broken_images(state, run, clock):
                log_test(plan, state, run, clock, stop)
        if shown is not None:
            reporter.logged(place(plan, state), figures(*shown, state.test))
        done = state.evaluated == state.step and (state.step >= plan.steps or gave_up(plan, state))
        told = plan.stop_at is not None and state.step >= plan.stop_at
        told, due = meetings.agree(state.step, told, stop, save_is_due(plan, clock))
        if done or told or due or plan.saves(state.step):
            stop_at_bad_loss(plan, state, run, clock)
            write_checkpoint(state, run, clock)
        if done or told:
            return done
        take_step(plan, state, run, clock, take)
        reporter.moved(state.step)


def prepare_step(plan: RunPlan, state: State, reporter: Reporter) -> Take:
    """Compile and capture the step where that is asked for, tried on the batch that comes next."""
    if not plan.compile and plan.compute.device.type == "cpu":
        if plan.graph:
            reporter.note("a CUDA graph takes a GPU: steps are run one by one")
        return state.work.run
    if state.step >= plan.steps:
        return state.work.run  # nothing is left to do
    images, labels = state.world.together(lambda: plan.batches.take(state.step))
    take, notes = choose_step(state.work, images, labels, plan.compile, plan.graph)
    for note in notes:
        reporter.note(note)
    return take


@contextmanager
def saved_for_broken_images(state: State, run: Run, clock: Clock) -> Iterator[None]:
    """Where an image turns out broken, in any process: save, and say how to go on."""
    try:
        yield
    except DataError as error:
        write_checkpoint(state, run, clock)
        raise _with_way_on(error, state, run) from error


def _with_way_on(error: DataError, state: State, run: Run) -> DataError:
    found = DataError(
        f"{error}, and go on with --resume {run.folder}: the state after step {state.step:,} "
        "is saved"
    )
    found.told = error.told
    return found


def take_step(plan: RunPlan, state: State, run: Run, clock: Clock, take: Take) -> None:
    """Take one step with the rate of its number; a broken image ends the run, the state saved.

    Among several processes the one without images takes part in a step that counts for nothing:
    the others would wait for its gradients.
    """
    try:
        images, labels = plan.batches.take(state.step)
    except DataError as error:
        if state.world.count == 1:
            write_checkpoint(state, run, clock)
            raise _with_way_on(error, state, run) from error
        state.fault = error
        state.work.missing()
        images, labels = plan.batches.blank()
    state.work.set(state.step, state.schedule.at(state.step))
    take(images, labels)
    if plan.compute.device.type == "cpu":
        stop_at_bad_loss(plan, state, run, clock)
    state.step += 1


def stop_at_bad_loss(plan: RunPlan, state: State, run: Run, clock: Clock) -> None:
    """Where a loss was not finite: save the state before its step and raise NonFiniteError (T11).

    An update may overflow after a loss that was finite: such a state is not saved, and the
    checkpoint before it is the last good one. In a run of several processes this is also where an
    image that was broken in one of them ends the run in all.
    """
    if not state.work.is_bad():
        return
    state.step = int(state.work.bad)
    overflown = not all(bool(value.isfinite().all()) for value in state.model.state_dict().values())
    if not state.world.agree(overflown)[0]:
        write_checkpoint(state, run, clock)
    state.world.together(lambda: _raise_fault(state, run))
    error = NonFiniteError(_where_not_finite(plan, state, run) if state.world.leads else "")
    error.told = not state.world.leads
    raise error


def _raise_fault(state: State, run: Run) -> None:
    if state.fault is not None:
        raise _with_way_on(state.fault, state, run)


def _where_not_finite(plan: RunPlan, state: State, run: Run) -> str:
    good = load_checkpoint(run.checkpoints)
    epoch, batch = divmod(state.step, plan.batches.steps_per_epoch)
    rate = state.schedule.at(state.step)
    return (
        f"loss is not finite at step {state.step + 1:,} (batch {batch + 1} of epoch {epoch + 1}, "
        f"lr {rate:g}): stopped before the update; the last good state, after step "
        f"{good.values['step']:,}, is in {good.path}. Try a smaller --lr or --warmup"
    )


def gave_up(plan: RunPlan, state: State) -> bool:
    """Say whether so many tests in a row have brought no lower error that the run ends early."""
    return plan.patience is not None and state.best.get("tests_since", 0) >= plan.patience


def save_is_due(plan: RunPlan, clock: Clock) -> bool:
    """Say whether a checkpoint is due by the clock, where steps do not decide it."""
    return plan.save_every is None and time.monotonic() - clock.saved > SAVE_SECONDS


def write_checkpoint(state: State, run: Run, clock: Clock) -> None:
    """Write the whole state; the metrics that it counts on are on the disk before it."""
    begun = time.monotonic()
    state.seconds = clock.spent_before + begun - clock.begun
    tensors = state.tensors()

    def write() -> None:
        if state.world.leads:
            run.sync_metrics()
            save_checkpoint(run.checkpoints, state.step, tensors, state.values())

    state.world.together(write)
    clock.saved = time.monotonic()
    clock.leave_out(begun)
