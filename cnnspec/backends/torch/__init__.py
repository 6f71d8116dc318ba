"""The torch backend: an elaborated net to the text of one Python module.

The way of the data: `plan` and `walk` turn bodies of the syntax tree into items, with structure
decided and numbers open; `construct` and `forward` write items as statements; `assemble` makes
classes of them; `render` fills the template; `check` reads the result once more (S3).
docs/codegen.md gives the rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.backends.torch.errors import BackendError

if TYPE_CHECKING:
    from cnnspec.backends.torch.folding import Folding
    from cnnspec.elaborate.workspace import Elaborated


def emit(elaborated: Elaborated) -> str:
    """The text of the module of a net: open where it can be, else folded step by step."""
    from cnnspec.backends.torch.check import check
    from cnnspec.backends.torch.folding import Folding

    folding = Folding()
    while True:
        try:
            text = write(elaborated, folding)
            check(text)
            return text
        except BackendError as error:
            if not folding.learn(error):
                raise


def write(elaborated: Elaborated, folding: Folding) -> str:
    """The text with this much folded. Raises BackendError for what must be folded further."""
    from cnnspec.backends.torch.assemble import Assembler
    from cnnspec.backends.torch.render import render

    return render(Assembler(elaborated, folding).module())


__all__ = ["BackendError", "emit"]
