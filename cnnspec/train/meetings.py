"""When several processes ask each other whether to stop or to save: not at every step.

A signal or the clock is one process's own affair until all have agreed on the step at which it
counts. Asking makes every host wait for all others; twice a second is often enough.
"""

import time

from cnnspec.train.stop import Stop
from cnnspec.train.world import World

PAUSE = 0.5  # seconds between two meetings, about
MOST_STEPS = 100


class Meetings:
    """The steps after which the processes meet; a single process asks itself after every one."""

    def __init__(self, world: World, step: int) -> None:
        """Meet before the first step that is taken."""
        self._world = world
        self._last, self._next = step, step
        self._time = time.monotonic()

    def agree(self, step: int, told: bool, stop: Stop, due: bool) -> tuple[bool, bool]:
        """Return whether to stop, and whether to save.

        `told` is what all processes know by themselves; `stop` and `due` may differ between them.
        """
        if self._world.count == 1:
            return told or stop.requested, due
        if step < self._next and not stop.agreed and not told:
            return told, False
        now = time.monotonic()
        taken = 1000 * (now - self._time) / max(1, step - self._last)
        asked, saved, slowest = self._world.meet(
            int(stop.requested), int(due and self._world.leads), round(taken) + 1
        )
        pause = max(1, min(MOST_STEPS, int(1000 * PAUSE) // slowest))
        self._last, self._next, self._time = step, step + pause, now
        return told or bool(asked), bool(saved)
