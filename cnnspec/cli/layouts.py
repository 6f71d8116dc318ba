"""How others name the same tensors, and what maps their names to a net's own.

A layout is chosen by trying: the one whose names and shapes are exactly the net's.
"""

from __future__ import annotations

import re
from math import prod
from typing import Any

from cnnspec.cli.faults import Refusal
from cnnspec.records import record

Tensors = dict[str, Any]
Shapes = dict[str, tuple[int, ...]]
COUNTER = "num_batches_tracked"
"""Files of before PyTorch 0.4.1 are without it."""


@record(frozen=True)
class Layout:
    """One way of naming: what it is called, and the replacements that lead to torchvision's."""

    name: str
    rules: tuple[tuple[str, str], ...] = ()

    def rename(self, key: str) -> str:
        """The name that a key of this layout has in torchvision's."""
        for pattern, replacement in self.rules:
            key = re.sub(pattern, replacement, key)
        return key


_SHORTCUT = (r"\.shortcut\.(\d)", r".downsample.\1")
_LINEAR = (r"^linear\.", "fc.")

LAYOUTS = (
    Layout("as they are"),
    Layout("of CIFAR ResNets (linear for fc)", (_LINEAR, _SHORTCUT)),
    Layout(
        "of timm's VGG (pre_logits, head.fc)",
        (
            (r"^pre_logits\.fc1\.", "classifier.0."),
            (r"^pre_logits\.fc2\.", "classifier.3."),
            (r"^head\.fc\.", "classifier.6."),
        ),
    ),
    Layout("of timm (head.fc, classifier)", ((r"^(head\.fc|head|classifier)\.", "fc."),)),
    Layout("of timm (head, fc for classifier)", ((r"^(head\.fc|head|fc)\.", "classifier."),)),
    Layout(
        "of torchvision's first DenseNets (norm.1 for norm1)",
        ((r"\.(norm|relu|conv)\.([12])\.", r".\1\2."),),
    ),
)
"""Every layout that `weights map` knows."""

WRAPPERS = re.compile(r"^(module\.|_orig_mod\.|model\.)+")
"""What DistributedDataParallel, torch.compile and trainers put before a name."""

AUXILIARY = re.compile(r"^(aux|AuxLogits)")
"""Heads that only training uses: they may be missing, and superfluous ones are left out."""


@record(frozen=True)
class Target:
    """A net's tensors; `spare` are those of its auxiliary heads."""

    name: str
    shapes: Shapes
    spare: frozenset[str]


def fit(tensors: Tensors, net: Target, in_order: bool = False) -> tuple[Tensors, str]:
    """The tensors under the net's names, in its order, and how they were named. Raises Refusal."""
    bare = {WRAPPERS.sub("", key): value for key, value in tensors.items()}
    if in_order:
        return _in_order(bare, net), "by position"
    best: list[str] | None = None
    for layout in LAYOUTS:
        renamed = {layout.rename(key): value for key, value in bare.items()}
        faults = _faults(renamed, net)
        if not faults:
            return _reshaped(renamed, net), layout.name
        if best is None or len(faults) < len(best):
            best = faults
    assert best is not None
    more = f" and {len(best) - 3} more" if len(best) > 3 else ""
    more += _other_classes(bare, net)
    raise Refusal(f"no layout known here has the names of {net.name}: {'; '.join(best[:3])}{more}")


def _other_classes(tensors: Tensors, net: Target) -> str:
    """The way out where only the number of classes differs; '' where it is something else."""
    wrong = [key for key, shape in net.shapes.items()
             if key in tensors and not _same(tuple(tensors[key].shape), shape)]  # fmt: skip
    counts = {tensors[key].shape[0] for key in wrong if tensors[key].dim()}
    same = all(tuple(tensors[key].shape)[1:] == net.shapes[key][1:] for key in wrong)
    if len(counts) != 1 or not same:
        return ""
    count = counts.pop()
    return f"; the file is of a net with {count} outputs: --set classes={count} makes one"


def _faults(tensors: Tensors, net: Target) -> list[str]:
    """What keeps tensors from being the net's, a line each."""
    missing = [
        f"{key} is missing"
        for key in net.shapes
        if key not in tensors and key not in net.spare and not key.endswith(COUNTER)
    ]
    unknown = [
        f"{key} is unknown" for key in tensors if key not in net.shapes and not AUXILIARY.match(key)
    ]
    wrong = [
        f"{key} is {list(tensors[key].shape)} and should be {list(shape)}"
        for key, shape in net.shapes.items()
        if key in tensors and not _same(tuple(tensors[key].shape), shape)
    ]
    return missing + unknown + wrong


def _same(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Equal, or a convolution over a whole map where a linear layer is wanted, or the reverse."""
    if shape == wanted:
        return True
    both = {len(shape), len(wanted)} == {2, 4}
    return both and shape[0] == wanted[0] and prod(shape) == prod(wanted)


def _reshaped(tensors: Tensors, net: Target) -> Tensors:
    return {key: tensors[key].reshape(shape) for key, shape in net.shapes.items() if key in tensors}


def _in_order(tensors: Tensors, net: Target) -> Tensors:
    """By position, counters left out. Raises Refusal at the first shape that differs."""
    theirs = [(k, v) for k, v in tensors.items() if not k.endswith(COUNTER)]
    ours = [(k, shape) for k, shape in net.shapes.items() if not k.endswith(COUNTER)]
    for (key, value), (wanted, shape) in zip(theirs, ours, strict=False):
        if tuple(value.shape) != shape:
            raise Refusal(f"{key} is {list(value.shape)}, and {wanted} in its place {list(shape)}")
    if len(theirs) != len(ours):
        raise Refusal(f"{len(theirs)} tensors, and {net.name} has {len(ours)}")
    return {wanted: value for (_, value), (wanted, _) in zip(theirs, ours, strict=True)}
