"""Whether the module that a spec becomes computes what the model computes, on equal weights.

Both run in evaluation and in training, without dropout, on weights drawn anew; the output of every
module that both have is compared, for the net's output alone proves little: with random weights a
first convolution that is wrong may move it by a millionth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from cnnspec.importing.prove import Unequal
from cnnspec.importing.torch.called import tensors
from cnnspec.importing.torch.capture import BATCH, named, on_meta
from cnnspec.importing.trace import Trace
from cnnspec.values import Shape

TOLERANCE = 1e-6
"""How far two outputs may be apart, relative to the largest number in them."""
SIDES = (64, 128)
"""Nets that take any size are compared at a small one; the first that runs decides."""
SEED = 16
DRAWN = 1_000_003
"""How many numbers are drawn for kernels; a prime, so that none begins where another does."""
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
    theirs = materialised(model)
    ours = build(code, trace.name)
    order = [keys[tensor.key] for tensor in trace.tensors]
    if sorted(order) != sorted(ours.state_dict()):
        raise Unequal("the module has other tensors")
    if order != [*ours.state_dict()] and OTHER_ORDER not in trace.notes:
        trace.notes.append(OTHER_ORDER)
    size = trace.input.shape
    own = {**trace.renamed, **keys}
    paths = {p: own.get(p, p) for p, _ in theirs.named_modules() if p not in trace.wider}
    sizes = _sizes(size)
    for smaller in sizes:
        load(theirs, ours, keys)
        try:
            return _compare(theirs, ours, smaller, paths, trace, head)
        except (RuntimeError, ValueError, AssertionError, Unequal):
            if smaller == sizes[-1]:
                raise
    raise AssertionError


def _sizes(size: Shape) -> list[Shape]:
    """Sizes to compare at, the cheapest first: most nets take any, all the one they came with."""
    if len(size) != 3:
        return [size]
    smaller = [(size[0], side, side) for side in SIDES if side * 2 <= min(size[1:])]
    return [*smaller, size]


def materialised(model: nn.Module) -> nn.Module:
    """A copy of a model with memory of its own and weights drawn anew."""
    copied = on_meta(model).to_empty(device="cpu")
    generator = torch.Generator().manual_seed(SEED)
    drawn = torch.randn(DRAWN, generator=generator)
    start = 0
    with torch.no_grad():
        for key, one in copied.state_dict(keep_vars=True).items():
            rest = drawn[start:] if one.numel() <= DRAWN - start else drawn.roll(-start)
            _draw(key, one, rest, generator)
            start = (start + one.numel()) % DRAWN
    return copied


def _draw(key: str, one: Tensor, drawn: Tensor, generator: torch.Generator) -> None:
    """Give a tensor numbers: those of a kernel go on from `drawn`, again and again if need be."""
    if not one.is_floating_point():
        one.zero_()
        return
    wide = one.dim() > 1 and one.numel() > one.shape[0]
    if wide:
        turns = -(-one.numel() // len(drawn))
        numbers = drawn.repeat(turns)[: one.numel()] if turns > 1 else drawn[: one.numel()]
        one.copy_(numbers.view_as(one)).mul_(math.sqrt(2 / (one.numel() / one.shape[0])))
    elif key.endswith(("bias", "running_mean")):
        one.uniform_(-0.1, 0.1, generator=generator)
    else:
        one.uniform_(0.9, 1.1, generator=generator)


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


def load(theirs: nn.Module, ours: nn.Module, keys: Mapping[str, str]) -> None:
    """Give one module the weights of the other."""
    shapes = {key: one.shape for key, one in ours.state_dict().items()}
    state = theirs.state_dict()
    ours.load_state_dict({new: state[k].reshape(shapes[new]) for k, new in keys.items()})


def _compare(
    theirs: nn.Module,
    ours: nn.Module,
    size: Shape,
    paths: Mapping[str, str],
    trace: Trace,
    head: Head,
) -> float:
    x = torch.randn(BATCH, *size, generator=torch.Generator().manual_seed(SEED))
    worst = 0.0
    with torch.no_grad(), _without_dropout(theirs, ours):
        for training in (False, True) if trace.trained else (False,):
            found = [_outputs(m.train(training), x) for m in (theirs, ours)]
            if head is not None:
                logits = "logits" if "logits" in found[1][0] else next(iter(found[1][0]))
                found[1][0][logits] = head(found[1][0][logits])
            worst = max(worst, _apart(found[0], found[1], paths, trace.main))
    return worst


Outputs = tuple[dict[str, Tensor], dict[str, list[Tensor]]]


def _outputs(model: nn.Module, x: Tensor) -> Outputs:
    """What a model returns, and what each of its modules gave, in the order of its calls."""
    seen: dict[str, list[Tensor]] = {}
    handles = [
        module.register_forward_hook(_keeping(seen, path)) for path, module in model.named_modules()
    ]
    try:
        out = named(model(x.clone()))
    finally:
        for handle in handles:
            handle.remove()
    return out, seen


def _keeping(seen: dict[str, list[Tensor]], path: str) -> Callable[..., None]:
    def keep(module: nn.Module, args: Any, out: Any) -> None:
        seen.setdefault(path, []).extend(one.clone() for one in tensors(out))

    return keep


def _apart(theirs: Outputs, ours: Outputs, paths: Mapping[str, str], main: str) -> float:
    worst = 0.0
    for path, values in theirs[1].items():
        mine = ours[1].get(paths.get(path, ""), [])
        if path and len(values) == len(mine) == 1 and values[0].shape == mine[0].shape:
            worst = max(worst, _checked(values[0], mine[0], path))
    for a, b in _pairs(theirs[0], ours[0], main):
        worst = max(worst, _checked(a, b, "the output"))
    return worst


def _pairs(
    theirs: Mapping[str, Tensor], ours: Mapping[str, Tensor], main: str
) -> Iterator[tuple[Tensor, Tensor]]:
    """Outputs beside each other: the main ones, then the others by what comes closest."""
    if len(theirs) != len(ours):
        raise Unequal(f"{len(theirs)} outputs, and {len(ours)} in the module")
    first = theirs[main] if main in theirs else next(iter(theirs.values()))
    mine = ours.get("logits", next(iter(ours.values())))
    yield first, mine
    rest = [one for one in theirs.values() if one is not first]
    left = [one for one in ours.values() if one is not mine]
    for one in rest:
        near = [other for other in left if other.shape == one.shape]
        if not near:
            raise Unequal("a further output has another shape")
        yield one, min(near, key=lambda other: _difference(one, other))


def _checked(a: Tensor, b: Tensor, path: str) -> float:
    if a.shape != b.shape:
        raise Unequal(f"{path} gives {tuple(a.shape)}, and the module {tuple(b.shape)}")
    apart = _difference(a, b)
    if not apart <= TOLERANCE:
        raise Unequal(f"{path} differs by {apart:.1e}")
    return apart


def _difference(a: Tensor, b: Tensor) -> float:
    if torch.equal(a, b):
        return 0.0
    largest = float(a.abs().max()) or 1.0
    return float((a - b).abs().max()) / largest


@contextmanager
def _without_dropout(*models: nn.Module) -> Iterator[None]:
    """Dropout and stochastic depth let everything through."""
    kept = {n: getattr(functional, n) for n in ("dropout", "dropout2d", "dropout3d")}
    for name in kept:
        setattr(functional, name, lambda input, *args, **keywords: input)
    for model in models:
        for module in model.modules():
            if type(module).__name__ in ("StochasticDepth", "DropPath"):
                for word in ("p", "drop_prob"):
                    if hasattr(module, word):
                        setattr(module, word, 0.0)
    try:
        yield
    finally:
        for name, function in kept.items():
            setattr(functional, name, function)
