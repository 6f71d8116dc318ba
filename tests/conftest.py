"""What all tests share: `--update-golden`, torchvision, and `gpu` tests that wait for a device."""

from __future__ import annotations

import gc
from types import ModuleType

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden files of the tests again"
    )


def pytest_collection_finish() -> None:
    """What was imported stays: the collector need not look at it after every 700 objects."""
    gc.set_threshold(100_000, 20, 20)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    marked = [item for item in items if item.get_closest_marker("gpu")]
    if not marked:
        return
    import torch

    if not torch.cuda.is_available():
        for item in marked:
            item.add_marker(pytest.mark.skip(reason="needs a CUDA device"))


@pytest.fixture(scope="session")
def torchvision_models() -> ModuleType:
    """torchvision.models without its compiled ops, as another implementation to compare with."""
    from benchmarks.peers import torchvision_models

    found = torchvision_models()
    if found is None:
        pytest.skip("torchvision is not installed")
    return found
