"""Class probabilities of the test images under a protocol, and the errors that follow."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from cnnspec.train.datasets.decoders import opened_as
from cnnspec.train.datasets.sources import BROKEN, Source
from cnnspec.train.device import Compute
from cnnspec.train.errors import UsageError, one_line
from cnnspec.train.evaluate import BATCH, logits_of
from cnnspec.train.evaluation import views
from cnnspec.train.feed import Finish

CHUNK = 64  # views of one size that are sent through the net at once

View = Callable[[Image.Image, Sequence[int], views.Size], Iterator[Image.Image]]
VIEWS: dict[str, tuple[View, tuple[int, ...]]] = {
    "10-crop": (views.ten, views.ONE_SIDE),
    "12-crop": (views.twelve, views.ONE_SIDE),
    "144-crop": (views.one_hundred_and_forty_four, views.SZEGEDY),
    "multi-crop": (views.grid, views.SIMONYAN),
    "dense": (views.whole, views.ONE_SIDE),
    "multi-scale": (views.whole, views.HE),
}


@dataclass(frozen=True)
class Net:
    """A net that is tested: in eval mode, on its device, with what its images are made into."""

    name: str
    model: nn.Module
    compute: Compute
    finish: Finish
    crop: views.Size
    channels: int

    @torch.no_grad()
    def logits(self, images: Tensor) -> Tensor:
        """Return scores, float [B, classes]; a map of them is averaged over its places."""
        with self.compute.autocast():
            found = logits_of(self.model(images)).float()
        return found.mean(dim=(2, 3)) if found.dim() == 4 else found


def centre(net: Net, batches: Iterator[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    """Return probabilities, float64 [N, classes], and labels, of batches as training tests them."""
    found, labels = [], []
    for images, truth in batches:
        found.append(net.logits(images).double().softmax(1).cpu())
        labels.append(truth.cpu())
    return torch.cat(found), torch.cat(labels)


def averaged(
    net: Net, protocol: str, source: Source, chosen: Sequence[int], sides: Sequence[int]
) -> Tensor:
    """Return the mean probabilities over the views of each chosen image, float64 [N, classes]."""
    if protocol == "multi-crop+dense":
        both = [averaged(net, part, source, chosen, sides or sides_of("multi-crop", net))
                for part in ("multi-crop", "dense")]  # fmt: skip
        return (both[0] + both[1]) / 2
    view = VIEWS[protocol][0]
    lengths = sides or sides_of(protocol, net)
    if min(lengths) < max(net.crop) and protocol not in ("dense", "multi-scale"):
        raise UsageError(f"--scales {min(lengths)}: smaller than the net's input")
    rows = []
    for index in chosen:
        image = opened(source, index, net.channels)
        rows.append(_mean(net, list(view(image, lengths, net.crop)), protocol))
    return torch.stack(rows)


def sides_of(protocol: str, net: Net) -> list[int]:
    """Return the paper's shorter sides, scaled to the net's input."""
    return views.sides_for(VIEWS[protocol][1], net.crop)


def opened(source: Source, index: int, channels: int) -> Image.Image:
    """Decode an image in the net's channels."""
    try:
        with source.open(index) as image:
            return opened_as(image, "L" if channels == 1 else "RGB", None)
    except BROKEN as error:
        place = source.place(index)
        raise UsageError(f"{place} cannot be decoded: {one_line(error)}") from error


def _mean(net: Net, shown: list[Image.Image], protocol: str) -> Tensor:
    """Average over views and their mirror images; views of one size go through together."""
    total, count = torch.zeros((), dtype=torch.float64), 0
    for size in sorted({view.size for view in shown}):
        pixels = [views.as_pixels(view, net.channels) for view in shown if view.size == size]
        batch = torch.from_numpy(np.stack(pixels))
        for part in torch.split(torch.cat([batch, batch.flip(2)]), CHUNK):
            images = net.finish.test(part.to(net.compute.device))
            try:
                found = net.logits(images)
            except RuntimeError as error:
                if protocol not in ("dense", "multi-scale"):
                    raise
                raise UsageError(
                    f"{net.name} does not take {size[1]}x{size[0]}, and {protocol} shows whole "
                    'images: it is for nets of any size (a spec with head = "conv")'
                ) from error
            total = total + found.double().softmax(1).sum(0).cpu()
            count += len(part)
    return total / count


def errors(probabilities: Tensor, labels: Tensor) -> tuple[float, float]:
    """Return top-1 and top-5 error in percent."""
    order = probabilities.topk(min(5, probabilities.shape[1]), dim=1).indices
    hits = order == labels[:, None]
    count = len(labels)
    return (100 * (1 - float(hits[:, 0].sum()) / count), 100 * (1 - float(hits.sum()) / count))


def confusion(probabilities: Tensor, labels: Tensor) -> Tensor:
    """Return how often class i (row) was taken for class j (column), int64 [classes, classes]."""
    classes = probabilities.shape[1]
    pairs = labels * classes + probabilities.argmax(1)
    return torch.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


__all__ = ["BATCH", "Net", "averaged", "centre", "confusion", "errors"]
