"""Why a model cannot be imported: every cause at once, each with its places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

PLACES = 3
"""How many places of one cause a message lists."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that the language cannot say, where it stands.

    `path` is the module's path in the model, `where` the user's file and line; both may be empty.
    """

    what: str
    path: str = ""
    where: str = ""
    help: str = ""

    @property
    def place(self) -> str:
        """Where it stands, for a message."""
        module = f"in {self.path}" if self.path else "in the model itself"
        return f"{module} ({self.where})" if self.where else module


class Refused(Exception):
    """A model that no spec says; `causes` are all that were found."""

    def __init__(self, causes: Iterable[Cause]) -> None:
        self.causes = tuple(causes)
        super().__init__("; ".join(dict.fromkeys(cause.what for cause in self.causes)))

    def lines(self) -> Iterator[str]:
        """One message for each cause, with the first of its places and how many there are."""
        grouped: dict[tuple[str, str], list[Cause]] = {}
        for cause in self.causes:
            grouped.setdefault((cause.what, cause.help), []).append(cause)
        for (what, help), causes in grouped.items():
            places = ", ".join(dict.fromkeys(cause.place for cause in causes[:PLACES]))
            more = f", and {len(causes) - PLACES} others" if len(causes) > PLACES else ""
            yield f"{what}: {places}{more}" + (f"; {help}" if help else "")


def refuse(what: str, path: str = "", where: str = "", help: str = "") -> Refused:
    """A refusal with a single cause."""
    return Refused([Cause(what, path, where, help)])
