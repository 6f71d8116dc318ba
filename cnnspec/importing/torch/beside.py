"""Two modules side by side on one input: the output of every module that both have.

What a convolution or a linear layer gives is computed once where both have the same attributes,
the same weights and the same input to the bit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from cnnspec.importing.prove import Unequal
from cnnspec.importing.sizes import IN_TURN, Arguments
from cnnspec.importing.torch.called import tensors
from cnnspec.importing.torch.capture import named
from cnnspec.importing.torch.dropout import let_through
from cnnspec.importing.torch.products import forwarded, products
from cnnspec.importing.torch.resized import Resizes

TOLERANCE = 1e-6
"""How far two outputs may be apart, relative to the largest number in them."""
HEAVY = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)
"""Modules of PyTorch that cost more to run than their inputs to compare."""


Outputs = dict[str, Tensor]
"""What a module returns, by name."""


class Beside:
    """A model and the module that a spec becomes, with the modules that both have by their path.

    `paths` maps the model's names of modules to the spec's, `heads` those that end with what a spec
    leaves to the loss (L16) to this head; `arguments` says how the model is given its inputs.
    Raises Unequal where convolutions differ in what a small map would not show.
    """

    def __init__(
        self,
        theirs: nn.Module,
        ours: nn.Module,
        paths: Mapping[str, str],
        heads: Mapping[str, Callable[[Tensor], Tensor]] | None = None,
        arguments: Arguments = IN_TURN,
    ) -> None:
        self.theirs, self.ours, self.heads = theirs, ours, heads or {}
        self.arguments = arguments
        mine = dict(ours.named_modules())
        pairs = {path: (one, mine.get(paths.get(path))) for path, one in theirs.named_modules()}
        self.pairs = {path: (a, b) for path, (a, b) in pairs.items() if path and b is not None}
        for path, (a, b) in self.pairs.items():
            if type(a) is type(b) is nn.Conv2d and _slides(a) != _slides(b):
                raise Unequal(f"{path} is {a}, and in the module {b}")

    def run(self, *images: Tensor, smaller: bool = False) -> tuple[Outputs, Outputs, float]:
        """What both return, by name, and the largest difference of a module's output.

        With `smaller` the inputs are smaller than what the module is for.  Raises Unequal where a
        difference is too large.
        """
        seen, resizes = _Seen(self.heads), Resizes()
        keeping = seen.keeping({path: one for path, (one, _) in self.pairs.items()})
        same = [path for path, pair in self.pairs.items() if _same(*pair)]
        quick = products(self.pairs[path][0] for path in same)
        with quick, let_through(self.theirs) as dropped, keeping, resizes.noted():
            theirs = named(self.arguments.call(self.theirs, _copies(images)))
        mine = {path: one for path, (_, one) in self.pairs.items()}
        resizing = resizes.repeated() if smaller else nullcontext()
        quick = products(mine[path] for path in same)
        recalling = seen.recalling({path: mine[path] for path in same})
        with (
            quick,
            let_through(self.ours) as mine_dropped,
            recalling,
            seen.comparing(mine),
            resizing,
        ):
            ours = self._ours(images)
        if sorted(dropped) != sorted(mine_dropped):
            raise Unequal(f"what is dropped differs: {dropped} and {mine_dropped}")
        return theirs, ours, seen.worst()

    def _ours(self, images: Sequence[Tensor]) -> Outputs:
        try:
            return named(self.ours(*_copies(images)))
        except Exception as error:
            raise Unequal(f"the module fails: {type(error).__name__}: {error}") from error


def _copies(images: Sequence[Tensor]) -> list[Tensor]:
    """The inputs once more: a model may write over them."""
    return [image.clone() for image in images]


def _slides(conv: nn.Conv2d) -> tuple[Any, ...]:
    """What a map smaller than a dilated kernel does not show; what is beside it, it does."""
    spans = [step * (size - 1) for step, size in zip(conv.dilation, conv.kernel_size, strict=True)]
    return *spans, *conv.kernel_size, *conv.stride, conv.groups


def _same(theirs: nn.Module, ours: nn.Module) -> bool:
    """Whether two modules are one class of PyTorch's, with the same attributes and weights."""
    if type(theirs) is not type(ours) or type(theirs) not in HEAVY:
        return False
    a, b = (
        [(name, one) for name, one in vars(module).items() if name[0] != "_"]
        + [(name, one.data_ptr()) for name, one in module.named_parameters()]
        for module in (theirs, ours)
    )
    return a == b


class _Seen:
    """What came to the modules of the model and what they gave, and how far the others are off."""

    def __init__(self, heads: Mapping[str, Callable[[Tensor], Tensor]]) -> None:
        self.heads = heads
        self.came: dict[str, list[Tensor]] = {}
        self.gave: dict[str, list[Tensor]] = {}
        self.calls: Counter[str] = Counter()
        self.apart: dict[str, float] = {}
        self._last: tuple[Tensor, int, Tensor] | None = None

    def _kept(self, one: Tensor) -> Tensor:
        """A copy: a tensor may be written over. One that is handed on as it came is copied once."""
        if not (self._last and self._last[0] is one and self._last[1] == one._version):
            self._last = one, one._version, one.clone()
        return self._last[2]

    @contextmanager
    def keeping(self, modules: Mapping[str, nn.Module]) -> Iterator[None]:
        """In here, what comes to heavy modules is kept, and what each of all gives."""

        def came(path: str) -> Callable[..., None]:
            return lambda module, args: self.came.setdefault(path, []).extend(
                map(self._kept, tensors(args))
            )

        def gave(path: str) -> Callable[..., None]:
            return lambda module, args, out: self.gave.setdefault(path, []).extend(
                map(self._kept, tensors(out))
            )

        with ExitStack() as hooks:
            for path, one in modules.items():
                if type(one) in HEAVY:
                    hooks.enter_context(_while(one.register_forward_pre_hook(came(path))))
                hooks.enter_context(_while(one.register_forward_hook(gave(path))))
            yield

    @contextmanager
    def comparing(self, modules: Mapping[str, nn.Module]) -> Iterator[None]:
        """In here, what each module gives is compared with what was kept."""

        def compare(path: str) -> Callable[..., None]:
            return lambda module, args, out: self._compare(path, [*tensors(out)])

        with ExitStack() as hooks:
            for path, one in modules.items():
                hooks.enter_context(_while(one.register_forward_hook(compare(path))))
            yield

    def _compare(self, path: str, mine: Sequence[Tensor]) -> None:
        gave = self.gave.get(path, [])
        mine = [self.heads[path](one) if path in self.heads else one for one in mine]
        self.calls[path] += len(mine)
        if len(gave) == len(mine) == 1 and gave[0].shape == mine[0].shape:
            self.apart[path] = difference(gave[0], mine[0])

    @contextmanager
    def recalling(self, modules: Mapping[str, nn.Module]) -> Iterator[None]:
        """In here, a module whose twin ran on the same input gives what that gave."""
        with ExitStack() as stack:
            for path, one in modules.items():
                if self._single(path):
                    known = self.came[path][0], self.gave[path][0]
                    stack.enter_context(forwarded(one, _Recalled(one.forward, *known)))
            yield

    def _single(self, path: str) -> bool:
        return len(self.came.get(path, ())) == len(self.gave.get(path, ())) == 1

    def worst(self) -> float:
        """The largest difference of what ran once in both. Raises Unequal where it is too large."""
        once = {path: apart for path, apart in self.apart.items() if self.calls[path] == 1}
        for path, apart in once.items():
            if not apart <= TOLERANCE:
                raise Unequal(f"{path} differs by {apart:.1e}")
        return max(once.values(), default=0.0)


@contextmanager
def _while(handle: Any) -> Iterator[None]:
    try:
        yield
    finally:
        handle.remove()


class _Recalled:
    """The forward of a module whose answer to one input is known."""

    def __init__(self, run: Callable[..., Tensor], came: Tensor, gave: Tensor) -> None:
        self.run, self.came, self.gave = run, came, gave

    def __call__(self, *args: Any, **kwargs: Any) -> Tensor:
        """What the module gives; a copy, for it may be written over."""
        known = len(args) == 1 and not kwargs and torch.equal(args[0], self.came)
        return self.gave.clone() if known else self.run(*args, **kwargs)


def difference(a: Tensor, b: Tensor) -> float:
    """How far two tensors are apart, relative to the largest number of the first."""
    if torch.equal(a, b):
        return 0.0
    largest = float(a.abs().max()) or 1.0
    return float((a - b).abs().max()) / largest
