"""How an op changes what flows: channels as an expression, sizes as numbers, their ratio."""

from __future__ import annotations

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.flow import Flow, Size
from cnnspec.backends.torch.python.lists import holds_sym
from cnnspec.backends.torch.python.names import ARRIVES
from cnnspec.backends.torch.python.symbols import (
    LOST,
    Binary,
    Code,
    Sym,
    Var,
    binary,
    either,
    expand,
    total,
)
from cnnspec.backends.torch.specialise.conditions import shortest
from cnnspec.backends.torch.specialise.observe import Seen, size_of
from cnnspec.ops.op import Op
from cnnspec.ops.sliding import NO_PADDING, resolve
from cnnspec.source import Span
from cnnspec.values import SAME, TF_SAME, Padding, Shape, Window


def arriving_shape(flow: Flow, seen: list[Seen]) -> Shape:
    """A shape of numbers to show an op: channels only where they are a number."""
    if seen:
        return seen[0][0]
    sizes = (flow.channels, *(flow.size if flow.size is not None else (1, 1)))
    return tuple(n if isinstance(n, int) else 1 for n in sizes)


def after_op(op: Op, flow: Flow, seen: list[Seen], span: Span) -> Flow:
    """What flows after an op of one input."""
    numbers = size_of([s[0] for s in seen])
    before = flow.size if numbers is None else numbers
    after = size_of([s[1] for s in seen])
    if after is None:
        after = _stepped(op, before, seen)
    if op.flattens:
        channels = _flattened(flow.channels, before, span)
        return Flow(channels, _flattened(flow.closed, before, span), (), None)
    moved = op.arranged(flow.channels, *((LOST, LOST) if before is None else before))
    if moved:
        closed = op.arranged(flow.closed, *((None, None) if before is None else before))[0]
        lost = before is None and all(n == LOST for n in moved[1:])
        return Flow(moved[0], closed, None if lost else moved[1:], None)
    scale = _scale(op, flow, seen)
    closed = op.channels_out(flow.closed)
    closed = None if closed is None else expand(closed)
    return Flow(op.channels_out(flow.channels), closed, after, scale)


def _stepped(op: Op, size: Size, seen: list[Seen]) -> Size:
    """The size after an op as an expression, where calls differ; None where there is none."""
    if not size:
        return size
    window, pad = _window(op), getattr(op, "pad", NO_PADDING)
    if window is None:
        kept = all(a[1:] == b[1:] for a, b in seen) if seen else op.kind in ("norm", "activation")
        return size if kept else None
    dilation = getattr(op, "dilation", (1, 1))
    if getattr(op, "ceil", False) or holds_sym((window.kernel, dilation)):
        return None
    spans = [dilation[i] * (window.kernel[i] - 1) + 1 for i in (0, 1)]
    if pad == TF_SAME:
        return tuple(_slid(size[i], 1, window.stride[i], 0) for i in (0, 1))
    sides = resolve(pad, window, dilation)
    ends = ((sides.top, sides.bottom), (sides.left, sides.right))
    if holds_sym(ends) or any(isinstance(n, Var) and n.oblong for n in window.stride):
        return None
    return tuple(_slid(size[i], spans[i], window.stride[i], sum(ends[i])) for i in (0, 1))


def _window(op: Op) -> Window | None:
    """The window that slides over the map, if one does."""
    window = getattr(op, "window", None)
    return window if isinstance(window, Window) and not op.grows else None


def _slid(size: Code, span: Code, stride: Code, padding: Code) -> Code:
    """`(height + 1) // 2`: a window's places, the constants put together."""
    if isinstance(stride, Sym):
        return (size + (padding - span)) // stride + 1
    return (size + (padding - span + stride)) // stride


def _flattened(channels: Code, size: Size, span: Span) -> Code:
    """`512 * 7 * 7`: the product stays a product."""
    if channels is None or size == ():
        return channels
    if size is None:
        what = "the height and width at this flatten differ between calls"
        raise BackendError(what, span, numbers=ARRIVES)
    factors = [n for n in (channels, *size) if n != 1] or [1]
    product: Code = factors[0]
    for factor in factors[1:]:
        product = Binary("*", product, factor)
    return product


def _scale(op: Op, flow: Flow, seen: list[Seen]) -> Code:
    """What the height was divided by so far, or None."""
    if flow.scale is None or flow.vector:
        return None
    window = _window(op)
    if window is None:
        kept = all(a[1:] == b[1:] for a, b in seen) if seen else op.kind in ("norm", "activation")
        return flow.scale if kept else None
    pad = getattr(op, "pad", NO_PADDING)
    dilation = getattr(op, "dilation", (1, 1))
    steps = {_step(window.kernel[i], window.stride[i], _side(pad, i), dilation[i]) for i in (0, 1)}
    step = steps.pop()
    return None if steps or step is None else binary("*", flow.scale, step)


def _side(pad: object, axis: int) -> Code:
    if pad == SAME or not isinstance(pad, Padding):
        return SAME
    low, high = (pad.top, pad.bottom) if axis == 0 else (pad.left, pad.right)
    return low if low == high else None


def _step(kernel: Code, stride: Code, pad: Code, dilation: Code) -> Code:
    """The stride, where the padding makes the size H/stride; None where it does not."""
    if pad == SAME:
        return stride
    if any(isinstance(n, Sym) for n in (kernel, pad, dilation)) or pad is None:
        return None
    span = dilation * (kernel - 1) + 1
    whole = 2 * pad == span - 1 or (pad == 0 and kernel == stride and dilation == 1)
    return stride if whole else None


def after_join(op: Op, arms: list[Flow], seen: list[Seen]) -> Flow:
    """What flows after a fork: `concat` adds channels up, the others need them equal."""
    size = size_of([s[1] for s in seen])
    if size is None:
        size = next((a.size for a in arms if a.size is not None), None)
    scales = [a.scale for a in arms if a.scale is not None]
    scale = shortest(scales) if scales else None
    if op.stacks:
        channels = total(a.channels for a in arms)
        return Flow(channels, total(a.closed for a in arms), size, scale)
    closed = _deep([a.closed for a in arms if a.closed is not None])
    channels = shortest(_deep([a.channels for a in arms]))
    return Flow(channels, shortest(closed) if closed else None, size, scale)


def _deep(channels: list[Code]) -> list[Code]:
    """The channels of arms without those of a spatial gate, which has one whatever it meets."""
    return [n for n in channels if n != 1] or channels[:1]


def effect(closed: Code, body: Code, carried: Var, count: Code, turning: set[str]) -> Code:
    """What a loop makes of the channels before it, in closed form: n turns of `+ growth`."""
    from cnnspec.backends.torch.python.symbols import expand, variables

    whole = expand(body)
    if whole is None or closed is None:
        return None
    if carried.name not in variables(whole):
        turns = binary(">", count, 0)  # without a turn the channels are those before the loop
        return None if turning & variables(whole) else either(whole, turns, closed)
    grows = isinstance(whole, Binary) and whole.sign == "+" and whole.left == carried
    if not grows or (turning | {carried.name}) & variables(whole.right):
        return None
    return binary("+", closed, binary("*", count, whole.right))
