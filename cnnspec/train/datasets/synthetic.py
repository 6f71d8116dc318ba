"""Images of noise at the net's input size: for measuring speed, and for trying a net out."""

import torch

from cnnspec.train.datasets.base import Dataset, Images, Request, pair

EPOCH = 400  # batches: what is done once an epoch is then no part of a step's time
HELD = 1 << 27  # bytes of noise; images come again where an epoch has more
FEWEST = 4  # batches that are held at least
TEST_IMAGES = 64


def load_synthetic(request: Request) -> Dataset:
    """Return uniform noise with labels that mean nothing; always the same.

    An epoch has hundreds of steps. Where its images would take much memory, the set holds fewer and
    shows each several times.
    """
    generator = torch.Generator().manual_seed(0)
    size = request.size[0] * request.size[1] * request.channels
    batches = max(FEWEST, min(EPOCH, HELD // (size * request.batch)))

    def noise(count: int) -> Images:
        shape = (count, *request.size, request.channels)
        pixels = torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)
        return pair(pixels, torch.randint(0, request.classes, (count,), generator=generator))

    train, test = noise(batches * request.batch), noise(TEST_IMAGES)
    classes = [str(index) for index in range(request.classes)]
    return Dataset("synthetic", train, test, classes, times=-(-EPOCH // batches))
