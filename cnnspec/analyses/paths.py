"""From a path such as `layer2` or `features.3` to what stands there (L18)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cnnspec import ir
from cnnspec.ir import Named, members
from cnnspec.records import record

if TYPE_CHECKING:
    from cnnspec.values import Shape


class UnknownPath(LookupError):
    """No layer, block or output has this path; `known` are the paths at the level it failed."""

    def __init__(self, path: str, known: Iterable[str]) -> None:
        super().__init__(path)
        self.path = path
        self.known = tuple(dict.fromkeys(known))


@record(frozen=True)
class Found:
    """What a path names: one layer or block, or several under a dotted label or an output.

    `items` do not overlap; `shape` is the output of the last.
    """

    items: tuple[Named, ...]
    shape: Shape


def module_of(item: Named) -> ir.Module | None:
    """The body behind a call, also of a shared one; None for a layer."""
    inner = item.item if isinstance(item, ir.Shared) else item
    return inner.module if isinstance(inner, ir.Call) else None


def shape_of(item: Named) -> Shape:
    """The output shape of one thing."""
    inner = item.item if isinstance(item, ir.Shared) else item
    return inner.module.output if isinstance(inner, ir.Call) else inner.shape


Known = dict[int, dict[str, Named]]
"""The named things of every module that was looked into, by the module's identity."""


def find(net: ir.Net, path: str, known: Known) -> Found:
    """What stands at `path`; also inputs and outputs by name. Raises UnknownPath.

    Who keeps `known` from one question to the next has every level read once.
    """
    if path == "logits" and net.logits is not None:
        return Found((), net.logits)
    for entry in net.inputs:
        if entry.name == path:
            return Found((), entry.shape)
    return _find(net.body, path, "", known)


def _names(module: ir.Module, known: Known) -> dict[str, Named]:
    if id(module) not in known:
        plain = [item for item in members(module.items) if not isinstance(item, ir.Branch)]
        known[id(module)] = {item.name: item for item in reversed(plain)}
    return known[id(module)]


def _find(module: ir.Module, path: str, prefix: str, known: Known) -> Found:
    exact = _names(module, known).get(path)
    if exact is not None:
        return Found((exact,), shape_of(exact))
    branch, below, inner = None, [], None
    for item in members(module.items):
        if isinstance(item, ir.Branch):
            branch = item if item.name == path else branch
        elif item.name.startswith(path + "."):
            below.append(item)
        elif path.startswith(item.name + "."):
            inner = item
    if below or branch:
        items = tuple(below)
        return Found(items, branch.shape if branch else shape_of(items[-1]))
    deeper = module_of(inner) if inner else None
    if inner is None or deeper is None:
        raise UnknownPath(prefix + path, (prefix + m.name for m in members(module.items)))
    rest = path[len(inner.name) + 1 :]
    return _find(deeper, rest, f"{prefix}{inner.name}.", known)
