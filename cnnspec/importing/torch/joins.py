"""Joins and arithmetic: `+` of two maps is `add`, of a map and a number a refusal or `times`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor, nn

from cnnspec.importing.made import op
from cnnspec.importing.torch.called import Called, tensors
from cnnspec.importing.trace import Raw
from cnnspec.ops import ops
from cnnspec.ops.reading import Unread


def join(name: str) -> Callable[[Called], None]:
    """Reads `+` and its kin: of two maps the op `name`, else arithmetic with a number."""

    def handle(called: Called) -> None:
        pair = [*called.args, *called.kwargs.values()][:2]
        if called.kwargs.get("alpha", 1) != 1:
            raise Unread(f"{called.name}(alpha=...) has no op")
        came = [one for one in pair if isinstance(one, Tensor)]
        if len(came) == 2 and _gain(called, came):
            return
        if len(came) < 2:
            _with_number(called, pair)
        elif name not in ops():
            raise Unread(f"{called.name} of two maps has no op")
        else:
            called.record(op(name), *came)

    return handle


def _with_number(called: Called, pair: Sequence[Any]) -> None:
    number = next(one for one in pair if not isinstance(one, Tensor))
    backwards = isinstance(pair[-1], Tensor)
    if called.name == "mul" and isinstance(number, int | float):
        called.record(op("times", factor=number))
    elif called.name == "div" and not backwards and isinstance(number, int | float):
        called.record(op("times", factor=1 / number))
    elif called.name in ("add", "sub") and number == 0 and not backwards:
        called.same()
    else:
        raise Unread(f"{called.name} with the constant {number!r}")


def _gain(called: Called, pair: list[Tensor]) -> bool:
    """A parameter [C, 1, 1] times a map: `scale`."""
    values = [called.tracer.value(one) for one in pair]
    names = [value.constant for value in values]
    if called.name != "mul" or sum(map(bool, names)) != 1:
        return False
    place = 0 if names[0] else 1
    gain, flows = pair[place], values[1 - place]
    channels = flows.shape[0]
    if not called.tracer.learnt(gain) or gain.numel() != channels or len(flows.shape) != 3:
        return False
    if tuple(gain.shape[-3:]) != (channels, 1, 1):
        return False
    if names[place] in called.tracer.used:
        again = called.tracer.record(Raw("share"), [pair[1 - place]], called.out)
        again.shares = names[place]
        return True
    own_key = isinstance(gain, nn.Parameter) and tuple(gain.shape) == (channels, 1, 1)
    step = called.tracer.record(op("scale", own_key=own_key), [pair[1 - place]], called.out)
    step.path, step.stateful, step.weight = names[place], True, not own_key
    called.tracer.used.add(step.path)
    return True


def cat(called: Called) -> None:
    """A concatenation of channels."""
    dim = called.given(1, "dim", called.kwargs.get("axis", 0))
    listed = called.given(0, "tensors")
    if dim % called.out.dim() != 1:
        raise Unread(f"cat along axis {dim} has no op")
    came = list(tensors(listed))
    if len(came) == 1:
        called.same()
    else:
        called.record(op("concat"), *came)
