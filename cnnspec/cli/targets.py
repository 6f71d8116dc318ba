"""What `cnnspec gen` can write: each target with the ending of its files and its backend."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cnnspec.cli.faults import Refusal, UsageFault
from cnnspec.cli.runs import weights_file
from cnnspec.records import record

if TYPE_CHECKING:
    from cnnspec.elaborate.workspace import Elaborated


@record(frozen=True)
class Emitter:
    """One kind of file. `emit` raises Refused, Refusal or UsageFault."""

    suffix: str
    emit: Callable[[Elaborated], bytes]


TARGETS = ("torch", "onnx")


def emitters(target: str, weights: Path | None, seed: int) -> list[Emitter]:
    """The emitters that `--target torch,onnx` names. Raises UsageFault."""
    names = [name.strip() for name in target.split(",")]
    for name in names:
        if name not in TARGETS:
            raise UsageFault(f"--target {name}: there are {' and '.join(TARGETS)}")
    weights = weights_file(weights) if weights is not None else None
    if weights is not None and not weights.is_file():
        raise UsageFault(f"--weights {weights}: no such file")
    made = {"torch": Emitter(".py", _torch), "onnx": Emitter(".onnx", _onnx(weights, seed))}
    return [made[name] for name in dict.fromkeys(names)]


def _torch(elaborated: Elaborated) -> bytes:
    from cnnspec.backends.torch import emit
    from cnnspec.backends.torch.errors import BackendError
    from cnnspec.cli.refusals import no_form

    try:
        return emit(elaborated).encode()
    except BackendError as error:
        raise no_form(elaborated, "torch", error) from None


def _onnx(weights: Path | None, seed: int) -> Callable[[Elaborated], bytes]:
    def write(elaborated: Elaborated) -> bytes:
        from cnnspec.backends.errors import BackendError
        from cnnspec.backends.onnx import emit
        from cnnspec.backends.onnx.weights import WeightsError
        from cnnspec.cli.refusals import no_form

        try:
            return emit(elaborated, weights, seed)
        except ImportError:
            message = "ONNX models need onnx and numpy: pip install 'cnnspec[onnx]'"
            raise UsageFault(message) from None
        except WeightsError as error:
            raise Refusal(str(error)) from None
        except BackendError as error:
            raise no_form(elaborated, "onnx", error) from None

    return write
