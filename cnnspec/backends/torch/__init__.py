"""The torch backend: an elaborated net to the text of one Python module.

The way of the data: `plan` and `walk` turn bodies of the syntax tree into items, with structure
decided and numbers open; `construct` and `forward` write items as statements; `assemble` makes
classes of them; `render` fills the template; `check` reads the result once more (S3) and `proof`
proves that it is the net.  docs/codegen.md gives the rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.backends.torch.errors import BackendError

if TYPE_CHECKING:
    from cnnspec.elaborate.workspace import Elaborated


class WrongCode(Exception):
    """The text just written is not the net: a fault of the compiler, and nothing is written."""


def emit(elaborated: Elaborated) -> str:
    """The text of the module of a net, proved to be the net.

    Raises BackendError for what it cannot write, WrongCode where the proof fails.
    """
    from cnnspec.backends.torch.proof import Unproved, prove

    text = write(elaborated)
    try:
        prove(elaborated.net, text, args=elaborated.args, recipe=elaborated.recipe)
    except Unproved as fault:  # its `within` names the classes whose numbers could be folded
        raise WrongCode(f"the module of {elaborated.net.name} is not its spec: {fault}") from fault
    return text


def write(elaborated: Elaborated) -> str:
    """The text of the module of a net, not yet proved."""
    from cnnspec.backends.torch.assemble import Assembler
    from cnnspec.backends.torch.check import check
    from cnnspec.backends.torch.render import render

    text = render(Assembler(elaborated).module())
    check(text)
    return text


__all__ = ["BackendError", "WrongCode", "emit", "write"]
