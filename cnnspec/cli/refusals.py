"""What a target or a style refuses, as diagnostics: place, caret, and what to type instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.diagnostics import Diagnostic

if TYPE_CHECKING:
    from cnnspec.backends.errors import BackendError
    from cnnspec.draw import DrawError
    from cnnspec.elaborate.workspace import Elaborated

_FORMS = {"torch": ("PyTorch", "onnx"), "onnx": ("ONNX", "torch")}
"""Target -> what its files are, and the other target."""

_HIGHER = ("style block draws every net: leave out --style",)
_SMALLER = (
    "--level stage, or --only with the path of a part, draws less; --width 6.9in gives more room",
)


class Refused(Exception):
    """The spec is sound, and one net has no such form."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def no_form(elaborated: Elaborated, target: str, error: BackendError) -> Refused:
    """A target that cannot write a net (E0503), at the construct, else at the net's name."""
    form, other = _FORMS[target]
    help = error.help or f"--target {other} may write it"
    return Refused(
        Diagnostic(
            "E0503",
            f"`{elaborated.net.name}` has no {form} form: {error.message}",
            error.span or elaborated.declaration.name_span,
            help=(help,),
        )
    )


def no_figure(elaborated: Elaborated, style: str | None, error: DrawError) -> Diagnostic:
    """A net that a style has no place for, or that no page holds (E0601), at the net's name."""
    help = _SMALLER if style in (None, "block") else _HIGHER
    return Diagnostic("E0601", str(error), elaborated.declaration.name_span, help=help)
