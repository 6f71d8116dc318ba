"""Several processes of one run, forked from this one."""

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

from cnnspec.train.cli import main
from tests.train.forked import Ended, forked, wait


class Processes:
    """The forked processes of a run; their output goes to files in the working directory."""

    def __init__(
        self, count: int, argv: list[str], nodes: int = 1,
        before: Callable[[int], None] = lambda rank: None,
    ) -> None:  # fmt: skip
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            port = found.getsockname()[1]
        self.numbers = [self._fork(rank, count, nodes, port, argv, before) for rank in range(count)]

    def _fork(
        self, rank: int, count: int, nodes: int, port: int, argv: list[str],
        before: Callable[[int], None],
    ) -> int:  # fmt: skip
        def work() -> int:
            each = count // nodes
            os.environ |= {
                "RANK": str(rank), "WORLD_SIZE": str(count), "MASTER_ADDR": "127.0.0.1",
                "MASTER_PORT": str(port), "LOCAL_RANK": str(rank % each),
                "LOCAL_WORLD_SIZE": str(each), "GROUP_RANK": str(rank // each),
            }  # fmt: skip
            before(rank)
            return main(argv)

        return forked(work, f"{rank}.1", f"{rank}.2")

    def signal(self, number: signal.Signals) -> None:
        """Send all of them a signal, as torchrun does."""
        for process in self.numbers:
            os.kill(process, number)

    def ended(self) -> list[Ended]:
        """Wait for all; kill what does not end."""
        statuses = [wait(number) for number in self.numbers]
        return [Ended(status, Path(f"{rank}.1").read_text(), Path(f"{rank}.2").read_text())
                for rank, status in enumerate(statuses)]  # fmt: skip


def run(count: int, *argv: object, nodes: int = 1,
        before: Callable[[int], None] = lambda rank: None) -> list[Ended]:  # fmt: skip
    """Run the trainer in several processes to their end."""
    return Processes(count, [str(item) for item in argv], nodes, before).ended()
