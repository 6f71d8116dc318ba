"""The trainer's step with its data, as a function of the step's number: what is timed."""

from collections.abc import Callable

from cnnspec.train.faster import Take, choose_step
from cnnspec.train.plan import RunPlan
from cnnspec.train.state import State

RATE = 0.01


def stepper(
    plan: RunPlan, state: State, compile_it: bool, graph: bool | None
) -> Callable[[int], None]:
    """Return the run's step; AssertionError where it cannot be compiled or captured as asked."""
    take, notes = choose_step(state.work, *plan.batches.take(0), compile_it, graph)
    assert not notes, notes
    return numbered(plan, state, take)


def numbered(plan: RunPlan, state: State, take: Take) -> Callable[[int], None]:
    """Return a way to take steps by their number, each on its own batch."""

    def step(number: int) -> None:
        images, labels = plan.batches.take(number)
        state.work.set(number, RATE)
        take(images, labels)

    return step
