"""Fixtures of the backend tests."""

from __future__ import annotations

import pytest
import torch


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def torchvision_models():
    """torchvision.models without its compiled ops, as another implementation to compare with."""
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    models = pytest.importorskip("torchvision.models")
    yield models
    del library


@pytest.fixture
def update_golden(request):
    """Whether `--update-golden` asks to write the golden files again."""
    return request.config.getoption("--update-golden", default=False)
