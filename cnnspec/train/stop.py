"""Ctrl-C and SIGTERM finish the step; the loop then saves and prints how to go on (T4)."""

import signal
from types import FrameType, TracebackType


class Stop:
    """A context in which signals set a flag; a second Ctrl-C interrupts at once."""

    def __init__(self) -> None:
        """Begin with nothing asked for."""
        self.requested = False
        self.agreed = False  # whether all processes of the run know of it
        self.signal = 0
        self._previous: dict[signal.Signals, object] = {}

    def __enter__(self) -> "Stop":
        """Take over SIGINT and SIGTERM, where this is the main thread."""
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                self._previous[number] = signal.signal(number, self._handle)
            except ValueError:  # another thread: the host program keeps its handlers
                break
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the signals back."""
        for number, handler in self._previous.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.requested and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.requested, self.signal = True, number
