"""Watches a model run: every call of a module and of a function on tensors that flow.

A `TorchFunctionMode` sees `F.relu`, `+` and `cat` before they are taken apart; hooks on every
module keep the place in the tree.  Inside a module that is one op nothing is watched: its
attributes say what it is.  Tensors are on the meta device: no weight is read, no value can be.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from cnnspec.importing.torch import functions, modules
from cnnspec.importing.torch.called import Called, tensors
from cnnspec.importing.torch.sides import kept, plain
from cnnspec.importing.trace import Raw, Scope, Step, Value
from cnnspec.ops.op import Op
from cnnspec.ops.reading import Unread

SENTENCE = 120
"""The longest docstring that a spec shows."""
HERE = str(Path(__file__).parent)


def where() -> tuple[str, int]:
    """File and line of the model's own code that is running."""
    frame: Any = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if "/torch/" not in name and not name.startswith((HERE, "<")):
            return name, frame.f_lineno
        frame = frame.f_back
    return "", 0


def _place(file: str, line: int) -> str:
    """A line as a message names it."""
    return f"{'/'.join(Path(file).parts[-3:])}:{line}" if file else ""


class Tracer(TorchFunctionMode):
    """One run of a model; `root` is what was seen."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        self.paths = {id(m): name for name, m in reversed([*model.named_modules()])}
        self.names = {id(t): name for name, t in model.named_buffers()}
        self.names |= {id(t): name for name, t in model.named_parameters()}
        self.parameters = {id(t) for t in model.parameters()}
        self.root = Scope("", _kind(model), doc=_doc(model))
        self.stack = [self.root]
        self.quiet = 0
        self.used: set[str] = set()
        self.places: dict[int, Tensor] = {}
        self._values: dict[int, Value] = {}
        self._alive: list[Tensor] = []  # or an id would be used again

    # --- values and steps ---

    def value(self, tensor: Tensor) -> Value:
        """The value that a tensor is; one that nothing made is a constant."""
        found = self._values.get(id(tensor))
        if found is None:
            name = self.names.get(id(tensor), "a constant")
            found = Value(tuple(tensor.shape[1:]), constant=name)
            self.bind(tensor, found)
        return found

    def bind(self, tensor: Tensor, value: Value) -> None:
        """From here on a tensor is this value: in-place functions give back what came."""
        self._values[id(tensor)] = value
        self._alive.append(tensor)

    def key(self, tensor: Tensor) -> str:
        """The key of a parameter or buffer; "" for what is none."""
        return self.names.get(id(tensor), "")

    def learnt(self, tensor: Tensor) -> bool:
        """Whether a tensor is a parameter of the model."""
        return id(tensor) in self.parameters

    def record(self, op: Op | Raw, came: list[Tensor], out: Tensor) -> Step:
        """Enter a step of the innermost module that is running."""
        value = Value(tuple(out.shape[1:]))
        line = where()
        read = [self.value(one) for one in came]
        step = Step(op, read, value, self.stack[-1], where=_place(*line), line=line)
        value.maker = step
        self.stack[-1].body.append(step)
        self.bind(out, value)
        return step

    def lacking(self, why: str, came: Any, out: Any, path: str = "", help: str = "") -> None:
        """Enter steps that nothing can say, so that the rest is seen all the same."""
        flowing = [one for one in tensors(came) if id(one) in self._values]
        for one in tensors(out):
            self.record(Raw("missing", (why, help)), flowing, one).path = path

    # --- modules ---

    def enter(self, module: nn.Module, came: Any) -> None:
        """Before a module's forward."""
        if module is self.model or id(module) not in self.paths:
            return
        path = self.paths[id(module)]
        if self.quiet:
            self.quiet += 1
        elif modules.known(module) or path in self.used:
            self.quiet = 1
        else:
            numbered = type(module).forward is nn.Sequential.forward
            scope = Scope(path, _kind(module), numbered, self.stack[-1], doc=_doc(module))
            self.stack[-1].body.append(scope)
            self.stack.append(scope)

    def leave(self, module: nn.Module, came: Any, out: Any) -> None:
        """After a module's forward."""
        if module is self.model or id(module) not in self.paths:
            return
        if self.quiet:
            if self.quiet == 1:
                self._leaf(module, came, out)
            self.quiet -= 1
            return
        scope = self.stack.pop()
        if _tensors_of(module):
            self.used.add(scope.path)

    def _leaf(self, module: nn.Module, came: Any, out: Any) -> None:
        path, own = self.paths[id(module)], _tensors_of(module)
        inputs, outputs = [*tensors(came)], [*tensors(out)]
        if path in self.used:
            self._again(path, inputs, outputs)
            return
        try:
            if len(outputs) != 1 or len(inputs) != 1:
                raise Unread(modules.without_op(module))
            step = self.record(modules.read(module, inputs[0]), inputs, outputs[0])
            step.path, step.stateful = path, bool(own)
            _check_tensors(step, own)
        except Unread as unread:
            self.lacking(str(unread), inputs, outputs, path)
        if own:
            self.used.add(path)

    def _again(self, path: str, inputs: list[Tensor], outputs: list[Tensor]) -> None:
        """A module with weights that ran before."""
        if len(inputs) != 1 or len(outputs) != 1:
            self.lacking("weights used twice by a call of several tensors", inputs, outputs, path)
            return
        self.record(Raw("share"), inputs, outputs[0]).shares = path

    # --- functions ---

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run a function, and enter it where tensors that flow came."""
        kwargs = kwargs or {}
        watched = not self.quiet and any(id(one) in self._values for one in tensors((args, kwargs)))
        if not watched:
            return self._of_weights(func, args, func(*args, **kwargs))
        self.quiet += 1
        try:
            out = func(*plain(args), **{name: plain(value) for name, value in kwargs.items()})
        finally:
            self.quiet -= 1
        if any(True for _ in tensors(out)):
            self.quiet += 1  # what is asked of a tensor from here on, the model did not ask
            self._function(func, args, kwargs, out)
            self.quiet -= 1
            return out
        asks = getattr(func, "__name__", "") in ("__get__", "size")
        return kept(out, args[0]) if asks else out

    def _of_weights(self, func: Any, args: tuple[Any, ...], out: Any) -> Any:
        """A parameter [C] seen as [1, C, 1, 1] is the same parameter."""
        views = getattr(func, "__name__", "") in ("view", "reshape", "unsqueeze")
        key = self.key(args[0]) if views and args and isinstance(args[0], Tensor) else ""
        if key and not self.quiet:
            self.names[id(out)] = key
            self._alive.append(out)
            if self.learnt(args[0]):
                self.parameters.add(id(out))
        return out

    def _function(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> None:
        try:
            functions.read(Called(self, func, args, kwargs, out))
        except Unread as unread:
            self.lacking(str(unread), (args, kwargs), out, help=_help(str(unread)))


def _check_tensors(step: Step, own: set[str]) -> None:
    """Refuse tensors of a module that its op does not have: a parametrisation."""
    if isinstance(step.op, Op):
        shape = step.inputs[0].shape
        wanted = {*step.op.params(shape), *step.op.buffers(shape)}
        if wanted != own:
            extra = ", ".join(sorted(own ^ wanted))
            raise Unread(f"{step.op.name} with other tensors ({extra}): a parametrisation")


def _tensors_of(module: nn.Module) -> set[str]:
    return set(module.state_dict().keys())


def _kind(module: nn.Module) -> str:
    """The full name of a class; "" for nn.Sequential, whose name says nothing."""
    kind = type(module)
    return "" if kind is nn.Sequential else f"{kind.__module__}.{kind.__qualname__}"


def _doc(module: nn.Module) -> str:
    """The first sentence of a class's own docstring."""
    kind = type(module)
    own = "" if kind.__module__.startswith("torch.") else kind.__dict__.get("__doc__") or ""
    paragraph = " ".join(own.strip().partition("\n\n")[0].split())
    sentence = re.match(r"(.+?[.!?])(?= [A-Z]|$)", paragraph)
    found = sentence[1] if sentence else paragraph
    return found if found.isprintable() and len(found) <= SENTENCE and "`" not in found else ""


def _help(why: str) -> str:
    if "constant" in why:
        return "move the normalisation into the data recipe"
    return ""
