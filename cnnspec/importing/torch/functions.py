"""The op that a function of PyTorch is, called on tensors that flow.

Most are found by the `reads` of the ops: `F.relu`, `F.max_pool2d`, `torch.sigmoid`.  The rest,
which depend on what comes (`+` of two maps or of a map and a number), have a handler each.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import torch

from cnnspec.importing.made import op
from cnnspec.importing.torch import joins, own, shapes
from cnnspec.importing.torch.called import Called
from cnnspec.ops.op import Op
from cnnspec.ops.reading import Unread
from cnnspec.ops.torch import Form, form
from cnnspec.records import replace
from cnnspec.values import BESIDE, Beside

SAME_VALUE = {"contiguous", "clone", "detach", "to", "float", "requires_grad", "type_as", "get"}
"""What hands on the tensor that came."""
IGNORED = {"inplace", "training", "return_indices", "_stacklevel", "dtype", "antialias", "input"}
"""Arguments that change no value that a spec speaks of, where they are false or none."""


def read(called: Called) -> None:
    """Enter what a call does. Raises Unread where no op does it."""
    if called.name in SAME_VALUE:
        called.same()
    elif called.name in HANDLERS:
        HANDLERS[called.name](called)
    else:
        called.record(_by_form(called))


def _by_form(called: Called, name: str = "") -> Op:
    name = name or called.name
    found = form(f"F.{name}") or form(f"torch.{name}")
    if found is None:
        raise Unread(f"{called.name}() has no op")
    words = {name: _plain(value) for name, value in _arguments(called, found).items()}
    return found.read((), {"input": called.first, **words}).op


def _arguments(called: Called, found: Form) -> dict[str, Any]:
    """Arguments by name without the tensor; what a form has no word for must be the default."""
    given = _bound(called, found)
    for name, value in given.items():
        if (
            name not in found.names
            and name not in IGNORED
            and value not in NEUTRAL.get(name, (None,))
        ):
            raise Unread(f"{called.name}({name}={value!r}) has no word in a spec")
    return {name: value for name, value in given.items() if name in found.names}


NEUTRAL: dict[str, tuple[Any, ...]] = {
    "dilation": (1, (1, 1), [1, 1]),
    "value": (None, 0),
    "p": (2,),
    "eps": (1e-12,),
}
"""Arguments that no form has a word for, with the values that change nothing; else None does."""


def _bound(called: Called, found: Form) -> dict[str, Any]:
    try:
        signature = inspect.signature(called.func)
        names = [n for n, p in signature.parameters.items() if p.kind is not p.VAR_KEYWORD]
        names = names if "args" not in names else list(found.names)
    except (TypeError, ValueError):
        names = list(found.names)
    return {**dict(zip(names[1:], called.args[1:], strict=False)), **called.kwargs}


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | torch.Size) else value


def _pad(called: Called) -> None:
    """Padding as an op, but for one that adds nothing."""
    sides = tuple(called.given(1, "pad", ()))
    if not any(sides):
        called.same()
    elif len(sides) == 6 and _half_behind(sides):
        called.record(op("pad_channels", channels=called.out.shape[1]))
    elif len(sides) == 4:
        called.record(_by_form(called))
    else:
        raise Unread(f"pad by {sides} has no op")


def _half_behind(sides: tuple[int, ...]) -> bool:
    """Whether maps of zeros are added, half before and half behind those that arrive."""
    before, behind = sides[4:]
    return not any(sides[:4]) and (before + behind) // 2 == before


def _dropout(name: str) -> Callable[[Called], None]:
    def handle(called: Called) -> None:
        if called.given(2, "training", True):
            called.record(op(name, p=float(called.given(1, "p", 0.5))))
        else:
            called.same()

    return handle


def _max_pool(called: Called) -> None:
    """A pool whose places of the maxima are a second value."""
    values, places = called.out
    called.kwargs.pop("return_indices", None)
    called.record(_by_form(called, "max_pool2d"), out=values)
    called.tracer.places[id(places)] = values


def _max_unpool(called: Called) -> None:
    """Values back at the places of a pool's maxima."""
    places = called.given(1, "indices")
    pool = called.tracer.places.get(id(places))
    made = called.tracer.value(pool).maker if pool is not None else None
    if pool is None or made is None:
        raise Unread("max_unpool2d with places that no pool gave has no op")
    called.record(op("unpool", pool=Beside(made.op)), called.first, pool)


def _interpolate(called: Called) -> None:
    """A map brought to a size, which may be that of another map."""
    made, like = _by_form(called), called.sized_as()
    if called.keeps_size():
        called.same()
    elif like is not None and getattr(made, "size", None) is not None:
        called.record(replace(made, size=None, to=BESIDE), called.first, like)
    else:
        called.record(made)


HANDLERS: dict[str, Callable[[Called], None]] = {
    "interpolate": _interpolate,
    "max_pool2d_with_indices": _max_pool,
    "max_unpool2d": _max_unpool,
    "add": joins.join("add"),
    "mul": joins.join("mul"),
    "sub": joins.join("sub"),
    "div": joins.join("div"),
    "maximum": joins.join("max"),
    "cat": joins.cat,
    "view": shapes.view,
    "reshape": shapes.view,
    "flatten": shapes.view,
    "squeeze": shapes.view,
    "unsqueeze": shapes.view,
    "permute": shapes.permute,
    "transpose": shapes.transpose,
    "mean": shapes.pool("global_avgpool", "channel_mean"),
    "amax": shapes.pool("global_maxpool", "channel_max"),
    "chunk": shapes.split,
    "split": shapes.split,
    "getitem": shapes.item,
    "pad": _pad,
    "dropout": _dropout("dropout"),
    "dropout2d": _dropout("dropout2d"),
    "adaptive_avg_pool2d": shapes.adaptive("avgpool"),
    "adaptive_max_pool2d": shapes.adaptive("maxpool"),
    "conv2d": own.read,
    "linear": own.read,
    "batch_norm": own.read,
    "layer_norm": own.read,
    "group_norm": own.read,
}
"""Functions whose op depends on what comes."""
