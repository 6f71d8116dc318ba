"""docs/notebook.ipynb is executed, and its figures and tables are in it (design: live, V3)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("nbconvert", reason="nbconvert executes the notebook: `make env` brings it")
pytest.importorskip("ipykernel", reason="ipykernel runs its cells: `make env` brings it")

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "docs" / "notebook.ipynb"


def convert(
    folder: Path, *arguments: str, notebook: Path = NOTEBOOK
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "JUPYTER_PLATFORM_DIRS": "1"}
    environment |= {
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
    }
    environment |= {"JUPYTER_RUNTIME_DIR": str(folder / "runtime"), "HOME": str(folder)}
    return subprocess.run(
        [sys.executable, "-m", "nbconvert", str(notebook), "--output-dir", str(folder),
         "--execute", *arguments],
        capture_output=True, text=True, check=False, env=environment, cwd=folder, timeout=300,
    )  # fmt: skip


def test_the_notebook_runs_and_shows_figures_and_tables(tmp_path: Path):
    done = convert(tmp_path, "--to", "notebook")
    assert done.returncode == 0, done.stderr[-2000:]
    cells = json.loads((tmp_path / NOTEBOOK.name).read_text(encoding="utf-8"))["cells"]
    outputs = [o for cell in cells if cell["cell_type"] == "code" for o in cell["outputs"]]
    media = [set(o.get("data", {})) for o in outputs]
    assert sum("image/svg+xml" in kinds for kinds in media) >= 3
    assert not any("text/markdown" in kinds or "text/html" in kinds for kinds in media)
    plain = [
        "".join(o["data"]["text/plain"]) for o in outputs if "image/svg+xml" in o.get("data", {})
    ]
    assert all(len(text) <= 200 for text in plain)
    said = json.dumps(outputs, ensure_ascii=False)
    assert "print() shows them" not in said and "resnet34 -> resnet18:" in said
    assert "did you mean `flatten`" in said and "site-packages" not in said


def test_as_a_page_it_has_its_figures(tmp_path: Path):
    done = convert(tmp_path, "--to", "html")
    assert done.returncode == 0, done.stderr[-2000:]
    page = (tmp_path / "notebook.html").read_text(encoding="utf-8")
    assert page.count("data:image/svg+xml") >= 3 and "trace" not in page.lower()


def test_a_cell_with_a_mistake_fails_with_the_specs_errors_alone(tmp_path: Path):
    cells = [code("%load_ext cnnspec"), code("%%cnnspec\nnet it {\n  input 3x9x9\n  rleu\n}\n")]
    file = tmp_path / "broken.ipynb"
    file.write_text(json.dumps(notebook(cells)), encoding="utf-8")
    done = convert(tmp_path, "--to", "notebook", "--allow-errors", notebook=file)
    assert done.returncode == 0, done.stderr[-2000:]
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    made = json.loads((tmp_path / "broken.ipynb").read_text(encoding="utf-8"))["cells"]
    text = "\n".join(made[1]["outputs"][0]["traceback"])
    assert "did you mean `relu`?" in text and "workspace.py" not in text


def code(source: str) -> dict[str, object]:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [],
            "execution_count": None, "id": f"c{abs(hash(source)) % 10**8}"}  # fmt: skip


def notebook(cells: list[dict[str, object]]) -> dict[str, object]:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
