"""The torch backend: an elaborated net to the text of one Python module.

It is online partial evaluation, specialised by block and folded arguments: `specialise` walks the
bodies of the syntax tree with open numbers, and one block becomes one class for each set of values
that are folded into it.  The result is the residual `program`: classes and items, with structure
decided and numbers open.  `write` makes classes and statements of it, in the words of `python`;
`check` reads the text once more (S3) and `proof` proves that it is the net.  What cannot be
written open, or is not proved, is folded on its numbers (`specialise.folding`) and written again.
docs/codegen.md gives the rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cnnspec.backends.torch.errors import BackendError

if TYPE_CHECKING:
    import ast

    from cnnspec.backends.torch.specialise.folding import Folding
    from cnnspec.backends.torch.write.assemble import Assembler
    from cnnspec.elaborate.workspace import Elaborated


class WrongCode(Exception):
    """The text just written is not the net: a fault of the compiler, and nothing is written."""


def emit(elaborated: Elaborated) -> str:
    """The text of the module of a net, proved to be the net.

    Proved are its own numbers, and those beside them where a number decides what there is.
    Open where it can be: what cannot be written so, or is not proved, is folded step by step.
    Raises WrongCode where even the module of the IR is not proved.
    """
    from cnnspec.elaborate.limits import deeper

    with deeper():
        return _emit(elaborated)


def _emit(elaborated: Elaborated) -> str:
    from cnnspec.backends.torch.proof import Unproved, prove
    from cnnspec.backends.torch.specialise.folding import Folding

    folding = Folding()
    while True:
        made, text, tree = folded(elaborated, folding)
        try:
            prove(elaborated.net, text, tree=tree, args=elaborated.args, recipe=elaborated.recipe)
            for there, values in others(elaborated, made):
                prove(
                    there.net, text, tree=tree, args=there.args, recipe=there.recipe, values=values
                )
            return text
        except Unproved as fault:
            if not folding.distrust([made.owners.get(name) for name in fault.within]):
                message = f"the module of {elaborated.net.name} is not its spec: {fault}"
                raise WrongCode(message) from fault


def others(elaborated: Elaborated, made: Assembler) -> Iterator[tuple[Elaborated, dict[str, int]]]:
    """The net at other numbers, for those that its function takes and that decide something."""
    from cnnspec.elaborate.workspace import Workspace

    size = elaborated.net.inputs[0].shape
    for name, word in made.deciding.items():
        for number in (elaborated.free[name] + 1, max(1, elaborated.free[name] - 1)):
            workspace = Workspace()
            unit, net = elaborated.unit, elaborated.net.name
            found = workspace.elaborate(unit, net, set={name: number})
            if found is not None and found.net.inputs[0].shape != size:  # another was asked for
                found = workspace.elaborate(unit, net, set={name: number}, input=size)
            if found is not None and not workspace.diagnostics.errors:
                yield found, {word: number}


def draft(elaborated: Elaborated) -> str:
    """The text of the module of a net, not yet proved."""
    from cnnspec.backends.torch.specialise.folding import Folding

    _, text, _ = folded(elaborated, Folding())
    return text


def folded(elaborated: Elaborated, folding: Folding) -> tuple[Assembler, str, ast.Module]:
    """What makes the module, its text and its tree, folded until it can be written."""
    from cnnspec.backends.torch.check import check
    from cnnspec.backends.torch.write.assemble import Assembler
    from cnnspec.backends.torch.write.render import render

    while True:
        try:
            made = Assembler(elaborated, folding)
            text = render(made.module())
        except BackendError as error:
            if not folding.learn(error):
                raise WrongCode(f"{elaborated.net.name} cannot be written: {error}") from error
            continue
        return made, text, check(text)


__all__ = ["BackendError", "WrongCode", "draft", "emit"]
