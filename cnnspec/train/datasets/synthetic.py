"""Images of noise at the net's input size: for measuring speed, and for trying a net out."""

import torch

from cnnspec.train.datasets.base import Dataset, Images, Request, pair

TRAIN_BATCHES = 4
TEST_IMAGES = 64


def load_synthetic(request: Request) -> Dataset:
    """Return a few batches of uniform noise with labels that mean nothing; always the same."""
    generator = torch.Generator().manual_seed(0)

    def noise(count: int) -> Images:
        shape = (count, *request.size, request.channels)
        pixels = torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)
        return pair(pixels, torch.randint(0, request.classes, (count,), generator=generator))

    classes = [str(index) for index in range(request.classes)]
    return Dataset("synthetic", noise(TRAIN_BATCHES * request.batch), noise(TEST_IMAGES), classes)
