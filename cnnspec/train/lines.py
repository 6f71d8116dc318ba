"""The lines of a run: what metrics.jsonl keeps of training and test, and what a person reads."""

import math
import time
from dataclasses import dataclass

from cnnspec.train.device import peak_memory
from cnnspec.train.evaluate import Score, evaluate, score, tells_top5
from cnnspec.train.plan import RunPlan
from cnnspec.train.progress import counted
from cnnspec.train.run import BEST, Run
from cnnspec.train.state import State
from cnnspec.train.stop import Stop


@dataclass
class Clock:
    """Speed between log points, and the time since the last checkpoint."""

    begun: float
    marked: float
    saved: float
    marked_step: int
    spent_before: float

    def begin(self, step: int) -> None:
        """Count from here: what came before was not training."""
        self.marked, self.marked_step = time.monotonic(), step

    def speed(self, step: int, batch: int) -> float | None:
        """Return images a second since the last call, and begin anew; None where none passed."""
        images, seconds = (step - self.marked_step) * batch, time.monotonic() - self.marked
        self.begin(step)
        return images / seconds if images and seconds > 0 else None

    def leave_out(self, since: float) -> None:
        """Take the time since a moment out of the speed: it was not spent on training."""
        self.marked += time.monotonic() - since


def log_training(plan: RunPlan, state: State, run: Run, clock: Clock) -> tuple[float | None, float]:
    """Write the mean loss and errors since the last log point; return images a second and loss."""
    found = score(state.world.sum(state.meter))  # waits for the device
    speed = clock.speed(state.step, plan.recipe.batch)
    line = {
        "split": "train",
        "step": state.step,
        "epoch": round(state.step / plan.batches.steps_per_epoch, 4),
        **errors(plan, found),
        "lr": state.schedule.at(state.step - 1),
        "images_per_second": None if speed is None else round(speed, 1),
        "memory_bytes": peak_memory(plan.compute.device),
    }
    state.metrics_bytes = run.append(line)
    state.logged = state.step
    state.schedule.trained(found.top1_error)
    state.meter.zero_()
    return speed, found.loss


def errors(plan: RunPlan, found: Score) -> dict[str, float]:
    """Return loss and errors as they are written; top-5 only where the classes allow."""
    kept = {"loss": found.loss, "top1_error": found.top1_error}
    top5 = {"top5_error": found.top5_error} if tells_top5(len(plan.classes)) else {}
    return kept | top5


def place(plan: RunPlan, state: State) -> str:
    """Return where the run is: `epoch 12/30   step 148/360`, of equal width all along."""
    total = math.ceil(plan.epochs)
    epoch = min(total, math.ceil(state.step / plan.batches.steps_per_epoch))
    steps = f"{plan.steps:,}"
    return f"epoch {epoch:>{len(str(total))}}/{total}   step {state.step:>{len(steps)},}/{steps}"


def figures(speed: float | None, loss: float, test: dict[str, float]) -> str:
    """Return speed, loss, and the error of the last evaluation where there was one."""
    rate = "–" if speed is None else counted(speed)
    shown = f"{rate:>7} img/s   loss {loss:.3f}"
    return f"{shown}   test error {test['top1_error']:.2f} %" if test else shown


def keep_best(plan: RunPlan, state: State, run: Run) -> None:
    """Write the weights beside the last ones where no test error before was as low."""
    error = state.test["top1_error"]
    if state.best and error >= state.best["top1_error"]:
        state.best["tests_since"] = state.best.get("tests_since", 0) + 1
        return
    state.best = {"top1_error": error, "step": state.step, "tests_since": 0}
    if plan.keep_best and state.world.leads:
        with state.work.tested():
            facts = plan.facts() | {"step": state.step, "top1_error": error}
            run.write_weights(state.model.state_dict(), facts, BEST)


def log_test(plan: RunPlan, state: State, run: Run, clock: Clock, stop: Stop) -> None:
    """Score the test set, write it down and tell the schedule; not where a stop was asked for."""
    begun = time.monotonic()
    state.world.same(state.work.running())
    with state.work.tested():
        found = evaluate(state.scorer, plan.batches, stop, state.world)
    if found is None:
        return
    state.test = errors(plan, found)
    epoch = round(state.step / plan.batches.steps_per_epoch, 4)
    line: dict[str, object] = {"split": "test", "step": state.step, "epoch": epoch}
    state.metrics_bytes = run.append(line | state.test)
    state.evaluated = state.step
    state.schedule.observe(found.top1_error)
    keep_best(plan, state, run)
    clock.leave_out(begun)
