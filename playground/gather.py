"""Lays out the Python sources that the page runs: `python gather.py TREE`.

The compiler without its command line, trainer and servers; Jinja2 and MarkupSafe from the
environment that runs this (MarkupSafe has a fallback in Python); the specs and templates where an
installed package has them.
"""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OTHERS = ("jinja2", "markupsafe")
LEFT_OUT = (
    "cli", "importing", "train", "lsp", "notebook", "play/page", "play/server.py", "backends/onnx",
    "editor/pygments.py", "__main__.py", "_data", "draw/writers/png.py", "draw/writers/eps.py",
    "draw/writers/otherfont.py", "draw/writers/drawio.py", "draw/writers/things.py",
    "draw/writers/pptx.py", "draw/writers/tikz.py", "draw/writers/explorer.py",
    "draw/writers/engine.py", "draw/writers/dot.py", "draw/html.py", "draw/viewer", "draw/bars",
    "draw/flow/mermaid.py", "draw/gallery.py", "draw/aspect.py", "draw/zoom.py", "draw/plainer.py",
    "draw/fonts/Tinos-Regular.ttf", "draw/fonts/Tinos-Bold.ttf", "draw/styles/field.py",
    "report/manual.py", "report/opmanual.py", "report/figuremanual.py", "report/sarif.py",
)  # fmt: skip
"""The page draws SVG and PDF in one face, styles of the command downwards, no file's sheets."""
UNUSED = ("jinja2/ext.py", "jinja2/meta.py", "jinja2/nativetypes.py", "jinja2/sandbox.py")
"""Of those, what is imported only where it is asked for."""


def gather(tree: Path) -> None:
    """Copy everything into a new folder."""
    shutil.rmtree(tree, ignore_errors=True)
    left = {ROOT / "cnnspec" / name for name in LEFT_OUT}

    def ignored(folder: str, names: list[str]) -> set[str]:
        return {n for n in names if n == "__pycache__" or Path(folder, n) in left}

    shutil.copytree(ROOT / "cnnspec", tree / "cnnspec", ignore=ignored)
    for name in ("specs", "templates"):
        shutil.copytree(ROOT / name, tree / "cnnspec" / "_data" / name)
    for name in OTHERS:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            sys.exit(f"{name} is not installed here")
        shutil.copytree(Path(spec.origin).parent, tree / name, ignore=ignored)
    for name in UNUSED:
        (tree / name).unlink()
    for path in tree.rglob("*"):
        if path.suffix in (".so", ".pyd", ".pyi", ".c", ".review"):
            path.unlink()


if __name__ == "__main__":
    gather(Path(sys.argv[1]))
