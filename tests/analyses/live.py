"""The tensors that live while PyTorch works, op by op."""

from __future__ import annotations

import torch
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter


class Live(TorchDispatchMode):
    """The bytes of all storages alive after each op of PyTorch, weights and buffers left out."""

    def __init__(self, net: torch.nn.Module) -> None:
        super().__init__()
        self.weights = {t.untyped_storage()._cdata for t in net.state_dict(keep_vars=True).values()}
        self.alive: dict[int, tuple[StorageWeakRef, int]] = {}
        self.peak = 0
        self.steps: list[int] = []
        """The bytes alive after each op that took memory."""

    def see(self, tensor: object) -> None:
        if isinstance(tensor, torch.Tensor):
            storage = tensor.untyped_storage()
            if storage._cdata not in self.weights:
                self.alive.setdefault(storage._cdata, (StorageWeakRef(storage), storage.nbytes()))

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        output = function(*args, **(kwargs or {}))
        self.alive = {key: v for key, v in self.alive.items() if not v[0].expired()}
        before = set(self.alive)
        for tensor in tree_iter(output):
            self.see(tensor)
        # The meta device makes batch norm's statistics at inference too; others leave them empty.
        statistics = 0
        if "native_batch_norm" in str(function) and not torch.is_grad_enabled():
            statistics = sum(t.untyped_storage().nbytes() for t in output[1:])
        now = sum(size for _, size in self.alive.values()) - statistics
        self.peak = max(self.peak, now)
        if any(key not in before and size for key, (_, size) in self.alive.items()):
            self.steps.append(now)
        return output
