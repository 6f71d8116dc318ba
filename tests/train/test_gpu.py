"""The checks of gpu_checks.py where there is a GPU (T4, T5, T11)."""

from collections.abc import Callable

import pytest
import torch

from tests.train.gpu_checks import CHECKS


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
def test_on_a_gpu(check: Callable[[], None]) -> None:
    check()
