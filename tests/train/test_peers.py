"""N1 2: torchvision beside us: where its library loads, and where it does not."""

import subprocess
import sys
from pathlib import Path

import pytest

LOADS = "import torch\nlibrary = torch.library.Library('torchvision', 'DEF')\n"
LOADS += "library.define('nms(Tensor dets) -> Tensor')\n"
LACKS = (
    "import torch\n"
    "try:\n    torch.ops.torchvision.nms\n"
    "except AttributeError:\n"
    "    raise RuntimeError('operator torchvision::nms does not exist')\n"
)
TRY = "from benchmarks.peers import torchvision_models as made; print(made().found)"


@pytest.mark.parametrize("text", [LOADS, LACKS], ids=["its own library", "stand-ins"])
def test_n1_2_torchvisions_operators_are_defined_only_where_they_are_missing(
    tmp_path: Path, root: Path, text: str
) -> None:
    """Where its library loads, a second definition of the namespace aborts the process."""
    package = tmp_path / "torchvision"
    (package / "models").mkdir(parents=True)
    (package / "__init__.py").write_text(text)
    (package / "models" / "__init__.py").write_text("found = 'models'\n")
    ended = subprocess.run(
        [sys.executable, "-c", TRY],
        env={"PYTHONPATH": f"{tmp_path}:{root}"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (0, "models\n"), ended.stderr


def test_n1_2_without_torchvision_there_are_no_models(tmp_path: Path, root: Path) -> None:
    (tmp_path / "torchvision.py").write_text("raise ImportError('no torchvision')\n")
    ended = subprocess.run(
        [sys.executable, "-c", TRY.replace("made().found", "made()")],
        env={"PYTHONPATH": f"{tmp_path}:{root}"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.stdout == "None\n", ended.stderr


def test_n1_2_no_other_file_defines_operators(root: Path) -> None:
    for folder in ("benchmarks", "tests", "cnnspec"):
        for file in (root / folder).rglob("*.py"):
            if file.name not in ("peers.py", "test_peers.py"):
                assert 'Library("torchvision"' not in file.read_text(), file
