"""Whether the module that a spec becomes computes what the model computes, on equal weights.

Both run in training and in evaluation, without dropout, on weights drawn anew; the output of every
module that both have is compared, for the net's output alone proves little: with random weights a
first convolution that is wrong may move it by a millionth.  Nets that take a small input are
compared at one; the shapes at their own size are compared on the meta device.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from fractions import Fraction
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from cnnspec.importing.prove import Unequal
from cnnspec.importing.torch.beside import TOLERANCE, Beside, difference
from cnnspec.importing.torch.capture import BATCH
from cnnspec.importing.torch.resized import declared
from cnnspec.importing.torch.weights import SEED, Buffers, materialised, share
from cnnspec.importing.trace import Trace, scopes
from cnnspec.values import Shape

SIDES = (64, 128)
"""Nets that take any size are compared at a small one; the first that runs decides."""
OTHER_ORDER = "the state_dict has the model's keys in another order: that of the layers' first use"


Head = Callable[[Tensor], Tensor] | None


def head_of(function: str) -> Callable[[Tensor], Tensor]:
    """A head from how PyTorch says it: `F.softmax({x}, dim=1)`."""
    code = compile(function.format("x", x="x"), "<head>", "eval")
    return lambda x: eval(code, {"torch": torch, "F": functional, "x": x})


def verify(
    model: nn.Module, code: str, trace: Trace, keys: Mapping[str, str], head: Head = None
) -> float:
    """The largest difference; raises Unequal where it is too large.

    `code` is the generated file, `keys` maps the model's names of tensors to the spec's.  `head` is
    what the spec has behind the logits, which a module leaves to the loss (L16).
    """
    theirs, ours = materialised(model), build(code, trace.name)
    _same_tensors(ours, trace, keys)
    buffers = share(theirs, ours, keys)
    own = {**trace.renamed, **keys}
    named = theirs.named_modules()
    names = (path for path, one in named if path not in trace.wider and _is_named(path, one))
    logits = trace.outputs.get(trace.main)
    ends = {one.path for one in scopes(trace.root) if one.output is logits}
    paths = {path: own.get(path, path) for path in names}
    heads = dict.fromkeys(ends, head) if head else {}
    both = Beside(theirs, ours, paths, heads, trace.arguments)
    worst = 0.0
    if trace.trained:
        worst = _in_mode(both, buffers, True, trace, head)
        buffers.settle(theirs)
    worst = max(worst, _in_mode(both, buffers, False, trace, head))
    declared(ours, trace)
    return worst


def _is_named(path: str, module: nn.Module) -> bool:
    """Whether a spec has a module under its own name: it has tensors, or a number in a sequence."""
    return path.rpartition(".")[2].isdigit() or any(True for _ in module.state_dict())


def _same_tensors(ours: nn.Module, trace: Trace, keys: Mapping[str, str]) -> None:
    """Raise Unequal where a module has other tensors; note where it has them in another order."""
    wanted = {keys[tensor.key]: prod(tensor.shape) for tensor in trace.tensors}
    found = {key: one.numel() for key, one in ours.state_dict().items()}
    if wanted != found:
        raise Unequal("the module has other tensors")
    if [*wanted] != [*found] and OTHER_ORDER not in trace.notes:
        trace.notes.append(OTHER_ORDER)


def _in_mode(both: Beside, buffers: Buffers, training: bool, trace: Trace, head: Head) -> float:
    """The largest difference in one mode, at the smallest size at which both agree."""
    *smaller, own = _sizes([value.shape for value in trace.inputs])
    for shapes in smaller:
        with suppress(RuntimeError, ValueError, AssertionError, Unequal):
            return _compare(both, buffers, shapes, training, trace, head)
    return _compare(both, buffers, own, training, trace, head)


def _sizes(own: Sequence[Shape]) -> list[list[Shape]]:
    """Sizes to compare at, the cheapest first: most nets take any, all the ones they came with.

    Several maps keep their proportions; a vector stays as it is.
    """
    first = next((shape for shape in own if len(shape) == 3), None)
    sides = [side for side in SIDES if first and side * 2 <= min(first[1:])]
    smaller = [[_sized(shape, first, side) for shape in own] for side in sides if first]
    return [*([one for one in sizes if one] for sizes in smaller if all(sizes)), [*own]]


def _sized(shape: Shape, first: Shape, side: int) -> Shape | None:
    """A shape where the first map has a side; None where no whole number is as it was to that."""
    if len(shape) != 3:
        return shape
    if shape[1:] == first[1:]:
        return shape[0], side, side
    sides = [Fraction(own, whole) * side for own, whole in zip(shape[1:], first[1:], strict=True)]
    if any(one.denominator > 1 for one in sides):
        return None
    return shape[0], *map(int, sides)


def build(code: str, name: str) -> nn.Module:
    """The module that a generated file makes."""
    space: dict[str, Any] = {"__name__": f"imported_{name}"}
    exec(compile(code, f"{name}.py", "exec"), space)
    with torch.device("cpu" if "register_buffer" in code or "torch.tensor" in code else "meta"):
        made = space[name]()
    assert isinstance(made, nn.Module)
    return made.to_empty(device="cpu") if _is_meta(made) else made


def _is_meta(module: nn.Module) -> bool:
    """Whether a module has tensors without memory: its weights come from the model anyway."""
    return any(one.is_meta for one in (*module.parameters(), *module.buffers()))


def _compare(
    both: Beside,
    buffers: Buffers,
    shapes: Sequence[Shape],
    training: bool,
    trace: Trace,
    head: Head,
) -> float:
    """The largest difference in one mode at these sizes, of what both keep beside weights too.

    Raises Unequal where it is too large, and what a module raises that does not take the size.
    """
    buffers.reset()
    drawn = torch.Generator().manual_seed(SEED)
    images = [torch.randn(BATCH, *shape, generator=drawn) for shape in shapes]
    both.theirs.train(training)
    both.ours.train(training)
    smaller = [*shapes] != [value.shape for value in trace.inputs]
    with torch.no_grad(), _threads(smaller):
        theirs, ours, worst = both.run(*images, smaller=smaller)
        if head is not None:
            logits = "logits" if "logits" in ours else next(iter(ours))
            ours[logits] = head(ours[logits])
        pairs = [("the output", a, b) for a, b in _pairs(theirs, ours, trace.main)]
        return max(worst, *(_checked(a, b, path) for path, a, b in [*pairs, *buffers.pairs()]))


def _pairs(
    theirs: Mapping[str, Tensor], ours: Mapping[str, Tensor], main: str
) -> Iterator[tuple[Tensor, Tensor]]:
    """Outputs beside each other: the main ones, then the others by what comes closest."""
    if len(theirs) != len(ours):
        raise Unequal(f"{len(theirs)} outputs, and {len(ours)} in the module")
    if theirs.keys() == ours.keys():
        yield from ((one, ours[name]) for name, one in theirs.items())
        return
    first = theirs[main] if main in theirs else next(iter(theirs.values()))
    mine = ours.get("logits", next(iter(ours.values())))
    yield first, mine
    rest = [one for one in theirs.values() if one is not first]
    left = [one for one in ours.values() if one is not mine]
    for one in rest:
        near = [other for other in left if other.shape == one.shape]
        if not near:
            raise Unequal("a further output has another shape")
        yield one, min(near, key=lambda other: difference(one, other))


def _checked(a: Tensor, b: Tensor, path: str) -> float:
    if a.shape != b.shape:
        raise Unequal(f"{path} gives {tuple(a.shape)}, and the module {tuple(b.shape)}")
    apart = difference(a, b)
    if not apart <= TOLERANCE:
        raise Unequal(f"{path} differs by {apart:.1e}")
    return apart


@contextmanager
def _threads(one: bool) -> Iterator[None]:
    """One thread for small maps: on a busy machine several mostly wait for one another."""
    before = torch.get_num_threads()
    torch.set_num_threads(1 if one else before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
