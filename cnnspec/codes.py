"""Every diagnostic's code and its page, read from `codes.toml` when something is explained.

A run that finds nothing never reads the table.  A test looks for codes that the package uses and
the table lacks, and the other way round.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from cnnspec.records import record

TABLE = Path(__file__).with_suffix(".toml")


@record(frozen=True)
class Page:
    """What there is to say about one code; the head of `codes.toml` describes the fields."""

    code: str
    title: str
    what: str
    why: str
    example: str
    instead: str
    see: bool = False
    grow: tuple[str, int] | None = None
    options: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    says: str = ""
    encoding: str = "utf-8"

    @property
    def file(self) -> str:
        """The example in full: `...` replaced by what it stands for."""
        if self.grow is None:
            return self.example
        text, times = self.grow
        return self.example.replace("...", text * times, 1)

    @property
    def remark(self) -> str:
        """How the example is to be read, where it does not stand for itself."""
        if self.grow is not None:
            return f"`...` stands for `{self.grow[0].strip()}`, {self.grow[1]:,} times"
        if self.command:
            return (
                f"refused by `cnnspec {' '.join((self.command[0], 'net.cnn', *self.command[1:]))}`"
            )
        if self.options:
            return f"checked with `{' '.join(self.options)}`"
        return "" if self.encoding == "utf-8" else f"stored as {self.encoding.title()}"


@cache
def pages() -> dict[str, Page]:
    """Code -> its page, in order."""
    from tomllib import loads

    table = loads(TABLE.read_text(encoding="utf-8"))
    return {code: _page(code, entry) for code, entry in table.items()}


def _page(code: str, entry: dict[str, object]) -> Page:
    fields = {key: tuple(v) if isinstance(v, list) else v for key, v in entry.items()}
    return Page(code, **fields)  # type: ignore[arg-type]


def title(code: str) -> str:
    """The one line for `code`; an unlisted code still gets a sentence."""
    page = pages().get(code)
    return page.title if page else "a defect of the spec"


def points(code: str) -> bool:
    """Whether a message says where the page is: its page has more than the message."""
    page = pages().get(code)
    return page is not None and page.see
