"""The shape that a module of PyTorch gives on the meta device, worked out once for all like it.

There PyTorch infers most shapes in Python, at milliseconds for a batch normalisation, and a net
has hundreds.  Of modules of one class with equal attributes and weights of equal shapes, on
tensors of one shape, the first runs; the others give an empty tensor of the shape that it gave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

TELLS = nn.modules.instancenorm._InstanceNorm
"""Modules that may refuse in training a shape that they take in evaluation."""
Shapes = dict[Any, tuple[int, ...]]
"""What is known: a module's class, attributes and weights, what arrives -> the shape it gives."""


@contextmanager
def once(model: nn.Module, shapes: Shapes) -> Iterator[None]:
    """In here the modules of PyTorch in a model of ours run once for each that differ."""
    replaced = [module for module in model.modules() if _plain(module)]
    for module in replaced:
        module.forward = _Once(module, shapes)
    try:
        yield
    finally:
        for module in replaced:
            del module.forward


def _plain(module: nn.Module) -> bool:
    """A module of PyTorch's own, without others in it, that gives a tensor of its own."""
    own = type(module).__module__.startswith("torch.nn.modules") and "forward" not in vars(module)
    return own and not module._modules and not getattr(module, "inplace", False)


class _Once:
    """The forward of a module, where it is not known yet what it gives."""

    def __init__(self, module: nn.Module, shapes: Shapes) -> None:
        self.run: Callable[..., Any] = module.forward
        self.shapes = shapes
        self.key = _key(module)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if kwargs or len(args) != 1 or not isinstance(args[0], Tensor):
            return self.run(*args, **kwargs)
        (x,) = args
        key = (self.key, x.shape, x.dtype)
        if key in self.shapes:
            return x.new_empty(self.shapes[key])
        out = self.run(x)
        if isinstance(out, Tensor) and out is not x and out.dtype == x.dtype:
            self.shapes[key] = out.shape
        return out


def _key(module: nn.Module) -> tuple[Any, ...]:
    """What a module's shapes depend on: its class, its attributes, the shapes of its weights."""
    said = [
        (name, one if type(one) in (int, tuple) else repr(one))
        for name, one in vars(module).items()
        if name[0] != "_" and (name != "training" or isinstance(module, TELLS))
    ]
    held = (*module._parameters.items(), *module._buffers.items())
    return (type(module), *said, *((name, one if one is None else one.shape) for name, one in held))
