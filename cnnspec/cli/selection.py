"""`--select` and `--ignore`: which warnings are reported; errors always are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.cli.faults import UsageFault
from cnnspec.records import record

if TYPE_CHECKING:
    from cnnspec.diagnostics import Diagnostic


@record(frozen=True)
class Selection:
    """Codes, or how they begin, of warnings to report and of those to leave out."""

    select: tuple[str, ...] = ("W",)
    ignore: tuple[str, ...] = ()

    def keeps(self, diagnostic: Diagnostic) -> bool:
        """Whether a diagnostic is reported."""
        code = diagnostic.code
        if not code.startswith("W"):
            return True
        return code.startswith(self.select) and not (self.ignore and code.startswith(self.ignore))


def selection(select: list[str] | None, ignore: list[str] | None) -> Selection | None:
    """What the options say, each a list with commas; None where they say nothing.

    Raises UsageFault for a code that no warning has.
    """
    chosen, left_out = _codes("--select", select), _codes("--ignore", ignore)
    if not chosen and not left_out:
        return None
    return Selection(chosen or ("W",), left_out)


def _codes(option: str, given: list[str] | None) -> tuple[str, ...]:
    words = [word.strip().upper() for text in given or [] for word in text.split(",")]
    return tuple(_known(option, word) for word in words if word)


def _known(option: str, word: str) -> str:
    from cnnspec import codes
    from cnnspec.diagnostics import did_you_mean

    warnings = [code for code in codes.pages() if code.startswith("W")]
    if any(code.startswith(word) for code in warnings):
        return word
    if any(code.startswith(word) for code in codes.pages()):
        raise UsageFault(f"{option} {word}: errors are always reported, only warnings are chosen")
    close = did_you_mean(word, warnings) or f"the warnings are {', '.join(warnings)}"
    raise UsageFault(f"{option} {word}: there is no such warning: {close}")
