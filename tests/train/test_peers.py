"""N1 2: torchvision beside us: where its library loads, and where it does not."""

import subprocess
import sys
from pathlib import Path

LOADS = "import torch\nlibrary = torch.library.Library('torchvision', 'DEF')\n"
LOADS += "library.define('nms(Tensor dets) -> Tensor')\n"
LACKS = (
    "import torch\n"
    "try:\n    torch.ops.torchvision.nms\n"
    "except AttributeError:\n"
    "    raise RuntimeError('operator torchvision::nms does not exist')\n"
)
TRY = """
import os, sys, torch  # once for all
for folder in sys.argv[1:]:
    sys.stdout.flush()
    if os.fork() == 0:
        sys.path.insert(0, folder)
        from benchmarks.peers import torchvision_models
        made = torchvision_models()
        print(getattr(made, "found", made), flush=True)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.wait()[1]))
"""


def test_n1_2_torchvisions_operators_are_defined_only_where_they_are_missing(
    tmp_path: Path, root: Path
) -> None:
    """Where its library loads, a second definition of the namespace aborts the process."""
    for name, text in (("loads", LOADS), ("lacks", LACKS)):
        package = tmp_path / name / "torchvision"
        (package / "models").mkdir(parents=True)
        (package / "__init__.py").write_text(text)
        (package / "models" / "__init__.py").write_text("found = 'models'\n")
    (tmp_path / "absent").mkdir()
    (tmp_path / "absent" / "torchvision.py").write_text("raise ImportError('no torchvision')\n")
    ended = subprocess.run(
        [sys.executable, "-c", TRY, *(tmp_path / name for name in ("loads", "lacks", "absent"))],
        env={"PYTHONPATH": str(root)}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.stdout.split() == ["models", "0", "models", "0", "None", "0"], ended.stderr


def test_n1_2_no_other_file_defines_operators(root: Path) -> None:
    for folder in ("benchmarks", "tests", "cnnspec"):
        for file in (root / folder).rglob("*.py"):
            if file.name not in ("peers.py", "test_peers.py"):
                assert 'Library("torchvision"' not in file.read_text(), file
