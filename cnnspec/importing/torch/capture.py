"""Runs a copy of a model on the meta device, in training and in evaluation."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from cnnspec.importing.errors import Cause, Refused, refuse
from cnnspec.importing.sizes import Arguments, Given, sizes
from cnnspec.importing.torch.called import tensors
from cnnspec.importing.torch.copied import copied
from cnnspec.importing.torch.inputs import matched
from cnnspec.importing.torch.leaves import Shapes, once
from cnnspec.importing.torch.tracer import Tracer
from cnnspec.importing.trace import Tensor as Entry
from cnnspec.importing.trace import Trace, Value, missing, steps
from cnnspec.values import Sizes

REMOVE = "torch.nn.utils.parametrize.remove_parametrizations makes it a plain weight"
MAIN = ("logits", "out")
"""What models call the output that the loss is of, where they name their outputs."""
NUMBERED = "out{}"
"""What the outputs of a tuple are called."""
BATCH = 2
"""Batch normalisation in training needs more than one image."""


def capture(
    model: nn.Module, size: Given, name: str, *, aux: bool = True, drop_unused: bool = False
) -> Trace:
    """What a model does with inputs of these sizes. Raises Refused.

    Without `aux` it is read as it is in evaluation alone.  The model itself is not touched.
    """
    own = copied(model, "meta")
    inputs, arguments = matched(model, sizes(size))
    run = partial(_Run, own, inputs, arguments, Shapes())
    evaluated = run(training=False)
    notes: list[str] = []
    try:
        trained = run(training=True) if aux else evaluated
    except Refused as refused:
        trained = evaluated
        notes.append(f"read in evaluation mode alone, because in training {refused}")
    entries = tuple(
        Entry(key, tuple(one.shape), isinstance(one, nn.Parameter)) for key, one in _state(own)
    )
    stays = {name: trained.matching(name, value) for name, value in evaluated.outputs.items()}
    main = stays.get(_main(evaluated), "")
    kept = frozenset(stays.values())
    root = trained.tracer.root
    entries = _used(entries, trained.tracer, drop_unused or not aux)
    return Trace(
        name,
        root,
        trained.inputs,
        trained.outputs,
        main,
        kept,
        entries,
        notes=notes,
        trained=trained is not evaluated,
        arguments=arguments,
    )


def _used(entries: tuple[Entry, ...], tracer: Tracer, drop: bool) -> tuple[Entry, ...]:
    """The tensors that the run used; others are refused, or left out. Raises Refused."""
    used = {step.path for step in steps(tracer.root)} | tracer.used
    unused = [one for one in entries if not {one.key, one.key.rpartition(".")[0]} & used]
    if unused and not drop and not missing(tracer.root):  # what it lacks says more
        holders = dict.fromkeys(one.key.rpartition(".")[0] for one in unused)
        if any("parametrizations" in path for path in holders):
            raise Refused(Cause("a parametrisation has no op", p, help=REMOVE) for p in holders)
        raise Refused(
            Cause("weights that no forward uses", path, help="--drop-unused leaves them out")
            for path in holders
        )
    return tuple(one for one in entries if one not in unused)


def _state(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """The state_dict in order, parameters as parameters."""
    learnt = dict(model.named_parameters(remove_duplicate=False))
    for key, one in model.state_dict(keep_vars=True).items():
        if isinstance(one, Tensor):
            yield key, learnt.get(key, one)


class _Run:
    """One run and what came back of it."""

    def __init__(
        self,
        model: nn.Module,
        sizes: Sizes,
        arguments: Arguments,
        shapes: Shapes,
        *,
        training: bool,
    ) -> None:
        self.model, self.arguments = model.train(training), arguments
        self.shapes = shapes
        self.tracer = Tracer(model)
        self.inputs = tuple(Value(size, name=name) for name, size in sizes)
        images = [torch.empty(BATCH, *size, device="meta") for _, size in sizes]
        for image, value in zip(images, self.inputs, strict=True):
            self.tracer.bind(image, value)
        out = named(self._call(images))
        self.outputs = {name: self.tracer.value(one) for name, one in out.items()}

    def _call(self, images: Sequence[Tensor]) -> Any:
        watched = _hooked(self.model, self.tracer)
        with watched, once(self.model, self.shapes), self.tracer, torch.no_grad():
            try:
                return self.arguments.call(self.model, images)
            except Exception as error:
                raise self._stopped(error) from error

    def _stopped(self, error: Exception) -> Exception:
        said = _stopped(error)
        if self.arguments.listed and isinstance(said, Refused):
            word = self.inputs[0].name.removesuffix("1")
            many = f"forward({word}) takes one input, and fails with a list of {len(self.inputs)}"
            return refuse(f"{many}: {said}", where=said.causes[0].where)
        return said

    def matching(self, said: str, value: Value) -> str:
        """The name of the output that the same layer makes; of several, the one called so."""
        made = _identity(value)
        names = [name for name, one in self.outputs.items() if _identity(one) == made]
        return said if said in names else names[0] if names else next(iter(self.outputs))


def _identity(value: Value) -> tuple[object, ...]:
    """The layer or the input that an output comes from, with those that ran again behind it."""
    again: list[object] = []
    while (step := value.maker) is not None and not step.stateful and step.inputs:
        again += [step.shares] if step.shares else []
        value = step.inputs[0]
    return (step.path, step.where, *again) if step else (value.name, *again)


def _main(run: _Run) -> str:
    """The output that is a spec's logits: what says so, or the first of those without names.

    "" where all have names of their own.
    """
    said = next((name for name in MAIN if name in run.outputs), "")
    first = next(iter(run.outputs), "")
    return said or (first if first == NUMBERED.format(0) else "")


def named(out: Any) -> dict[str, Tensor]:
    """What a model returns, by name; None of what is not there."""
    if isinstance(out, Tensor):
        return {"logits": out}
    if hasattr(out, "_asdict"):
        out = out._asdict()
    if isinstance(out, dict):
        found = {str(name): one for name, one in out.items() if isinstance(one, Tensor)}
    else:
        found = {NUMBERED.format(place): one for place, one in enumerate(tensors(out))}
    return found


@contextmanager
def _hooked(model: nn.Module, tracer: Tracer) -> Iterator[None]:
    handles: list[Any] = []
    for module in model.modules():
        handles.append(
            module.register_forward_pre_hook(
                lambda m, a, k: tracer.enter(m, (a, k)), with_kwargs=True, prepend=True
            )
        )
        handles.append(
            module.register_forward_hook(
                lambda m, a, k, out: tracer.leave(m, (a, k), out), with_kwargs=True
            )
        )
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _stopped(error: Exception) -> Exception:
    """A run that ended in an error, as a refusal at the model's own line."""
    last = traceback.extract_tb(error.__traceback__)[-1].filename
    if "/importing/" in last:
        return error  # a fault of ours
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "/torch/" not in frame.filename
        and not frame.filename.startswith(str(Path(__file__).parent))
    ]
    place = (
        f"{'/'.join(Path(frames[-1].filename).parts[-3:])}:{frames[-1].lineno}" if frames else ""
    )
    said = " ".join(str(error).split())[:90]
    line = f"`{frames[-1].line}` " if frames and frames[-1].line else "the model "
    if "meta" in said or "data-dependent" in said or isinstance(error, NotImplementedError):
        return refuse(f"{line}needs the values of a tensor", where=place)
    return refuse(f"{line}fails: {type(error).__name__}: {said}", where=place)
