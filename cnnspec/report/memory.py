"""Memory of a net for people and as JSON; bytes become MB of 10^6."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnspec.report.table import Column, Table, text
from cnnspec.report.width import paragraph

if TYPE_CHECKING:
    from cnnspec.analyses.memory import Memory
    from cnnspec.report.style import Style

_COLUMNS = (
    Column("layer"), Column("activations", right=True), Column("kept for backward", right=True),
)  # fmt: skip

NOTE = (
    "  Tensors as the generated module makes them; not counted: workspace of kernels, the\n"
    "  allocator's rounding, CUDA's context. kept: what autograd holds for the backward pass.\n"
)


def megabytes(count: int) -> str:
    """`1,234.5 MB`, `0.07 MB`: 10^6 bytes, as many decimals as make three digits."""
    value = count / 10**6
    return f"{value:,.{2 if value < 10 else 1}f} MB"


def memory_table(memory: Memory) -> Table:
    """One row a layer, in bytes."""
    rows = [(row.path, row.activations, row.kept) for row in memory.layers]
    result = Table(_COLUMNS, [*rows])
    result.totals.append(("kept in all", "", memory.kept))
    return result


def as_text(memory: Memory, style: Style) -> str:
    """The layer table, then inference and training."""
    return f"{text(memory_table(memory), style)}\n{paragraph(totals(memory) + NOTE, style.width)}"


def totals(memory: Memory) -> str:
    """Inference and training as sums."""
    weights = f"params {megabytes(memory.params)} + buffers {megabytes(memory.buffers)}"
    head = f"  batch {memory.batch}, {memory.dtype}"
    return (
        f"{head}, inference  {megabytes(memory.inference)} = {weights}"
        f" + activations {megabytes(memory.peak_inference)} (most at {memory.where[0]})\n"
        f"{head}, training   {megabytes(memory.training)} = {weights}"
        f" + {memory.optimizer} {megabytes(memory.state)}"
        f" + activations and gradients {megabytes(memory.peak_training)}"
        f" (most at {memory.where[1]})\n"
    )


def as_json(memory: Memory) -> dict[str, Any]:
    """The key `memory` of `cnnspec.summary/1`, in bytes."""
    return {
        "batch": memory.batch,
        "dtype": memory.dtype,
        "optimizer": memory.optimizer,
        "params_bytes": memory.params,
        "buffers_bytes": memory.buffers,
        "gradients_bytes": memory.params,
        "optimizer_bytes": memory.state,
        "kept_for_backward_bytes": memory.kept,
        "peak_inference_bytes": memory.peak_inference,
        "peak_inference_at": memory.where[0],
        "peak_training_bytes": memory.peak_training,
        "peak_training_at": memory.where[1],
        "inference_bytes": memory.inference,
        "training_bytes": memory.training,
        "layers": [
            {"path": row.path, "activation_bytes": row.activations, "kept_bytes": row.kept}
            for row in memory.layers
        ],
    }
