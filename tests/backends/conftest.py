"""Fixtures of the backend tests."""

from __future__ import annotations

import pytest
import torch


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


@pytest.fixture
def update_golden(request):
    """Whether `--update-golden` asks to write the golden files again."""
    return request.config.getoption("--update-golden", default=False)
