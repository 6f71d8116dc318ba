"""There and back: what `gen` wrote is imported, and `diff` finds nothing but a head (L16)."""

from __future__ import annotations

import linecache
import sys
import types
from collections.abc import Sequence

import torch

from cnnspec import ir
from cnnspec.analyses.diff import diff
from cnnspec.api import emit
from cnnspec.elaborate.workspace import Elaborated
from cnnspec.importing.importer import Imported
from cnnspec.importing.options import Options
from cnnspec.importing.prove import elaborate
from cnnspec.importing.torch.source import import_module
from cnnspec.records import replace
from cnnspec.statedict import entries


def there_and_back(net: Elaborated, *, verify: bool = False, flat: bool = False) -> Elaborated:
    """What the module that is written from a net becomes when it is imported. Raises Refused."""
    text = imported(net, verify=verify, flat=flat).text
    return elaborate(text, ir_name(text))


def imported(net: Elaborated, *, verify: bool = False, flat: bool = False) -> Imported:
    """The text that the module becomes, and how it was found. Raises Refused."""
    sizes = [tuple(map(int, entry.shape)) for entry in net.net.inputs]
    size = sizes[0] if len(sizes) == 1 else sizes
    return import_module(module_of(net), size, net.net.name, Options(flat=flat, verify=verify))


def differences(a: ir.Net, b: ir.Net) -> list[str]:
    """What `diff` says of two nets but for their heads, which a module does not hold."""
    changes = diff(without_heads(a), without_heads(b)).changes
    return [f"{change.kind} {change.what} at {change.places[0]}" for change in changes]


def moved(a: ir.Net, b: ir.Net) -> list[str]:
    """The keys of the first of two nets that stand elsewhere in the state_dict of the second."""
    mine, theirs = ([one.name for one in entries(ir.graph(net))] for net in (a, b))
    return [key for key, other in zip(mine, theirs, strict=False) if key != other]


def without_heads(net: ir.Net) -> ir.Net:
    """A net without the softmax or sigmoid that ends an output."""
    items = [
        replace(item, items=_headless(item.items), head=None)
        if isinstance(item, ir.Branch) and item.head is not None
        else item
        for item in net.body.items
    ]
    if net.head is not None:
        last = max(at for at, item in enumerate(items) if not isinstance(item, ir.Branch))
        items[last : last + 1] = _headless([items[last]])
    return replace(net, body=replace(net.body, items=tuple(items)), head=None)


def _headless(items: Sequence[ir.Item]) -> tuple[ir.Item, ...]:
    """Items without the head at their end, which may end braces."""
    *before, last = items
    match last:
        case ir.Call():
            inner = replace(last.module, items=_headless(last.module.items))
            return (*before, replace(last, module=inner))
        case ir.Group():
            return (*before, replace(last, items=_headless(last.items)))
    return tuple(before)


def ir_name(text: str) -> str:
    """The name of the only net of a text."""
    (line,) = [line for line in text.splitlines() if line.startswith("net ")]
    return line[4:].split("(")[0].split()[0]


def module_of(net: Elaborated) -> torch.nn.Module:
    """The module that `gen` writes, without memory for its weights."""
    text, name = emit(net), "round_trip.py"
    module = types.ModuleType("round_trip")
    module.__file__ = name
    sys.modules["round_trip"] = module
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    exec(compile(text, name, "exec"), module.__dict__)
    with torch.device("meta"):
        made: torch.nn.Module = getattr(module, net.net.name)()
    return made
