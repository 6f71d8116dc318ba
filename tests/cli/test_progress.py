"""Long work shows how far it is, on a terminal and nowhere else."""

import io
import sys

import pytest

from cnnspec.cli.progress import FEW, tracked


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("count", "shown"), [(FEW - 1, False), (FEW, True)])
def test_a_terminal_sees_a_bar_for_many(monkeypatch, count: int, shown: bool):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    assert list(tracked(range(count), "checking")) == list(range(count))
    assert ("checking" in sys.stderr.getvalue()) is shown


def test_a_file_sees_nothing(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert list(tracked(range(FEW), "checking")) == list(range(FEW))
    assert sys.stderr.getvalue() == ""


def test_work_that_ends_early_takes_the_bar_away(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with pytest.raises(ZeroDivisionError):
        for item in tracked(range(FEW), "checking"):
            1 / (item - 3)
