"""How a command ends early."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnspec.elaborate.workspace import Workspace


class UsageFault(Exception):
    """Wrong usage, an unreadable file, a missing component: one line that says what to do; 2."""


class Findings(Exception):
    """The spec has errors, so there is nothing to work on: they are shown; exit status 1."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace


class Refusal(Exception):
    """The spec is sound, and what was asked of it cannot be done; one line with the place; 1."""


class PipeClosed(Exception):
    """Who reads the output has gone (`| head`): end quietly."""


class OutputFault(Exception):
    """The output cannot be written (a full disk): what the system says of it; 2."""
