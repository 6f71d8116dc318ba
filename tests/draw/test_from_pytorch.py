"""The figures of docs/figures/torchvision: what `cnnspec draw torchvision:NAME` gives today."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import cnnspec
from cnnspec.importing.options import Options
from cnnspec.importing.torch.source import import_module

FOLDER = Path(__file__).parents[2] / "docs" / "figures" / "torchvision"
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")
STAMP = "<!-- Drawn by cnnspec -->\n"


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.svg")))
def test_f6_a_figure_straight_from_pytorch_is_fresh(
    torchvision_models: Any, name: str, request: pytest.FixtureRequest
) -> None:
    model = torchvision_models.get_model(name)
    found = import_module(model, (3, 224, 224), name, Options(verify=False))
    fresh = cnnspec.loads(found.text).draw().svg
    kept = FOLDER / f"{name}.svg"
    if request.config.getoption("--update-golden", default=False):
        stamped = fresh.replace("?>\n", f"?>\n{STAMP}", 1)
        kept.write_text(stamped, encoding="utf-8", newline="\n")
    assert kept.read_text(encoding="utf-8").replace(STAMP, "") == fresh
    command = f"cnnspec draw torchvision:{name} -o docs/figures/torchvision/{name}.svg"
    assert f"`{command}`\n\n![" in PAGE


def test_f6_every_figure_of_the_page_is_there() -> None:
    assert sorted(re.findall(r"\]\((\w+)\.svg\)", PAGE)) == sorted(
        path.stem for path in FOLDER.glob("*.svg")
    )
