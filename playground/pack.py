"""Runs inside Pyodide: /tree becomes /app.zip, and what it imports of Python /std.zip.

Sources are compiled to bytecode, which is what makes the first check fast.  A module of the
standard library stays when the sources, Pyodide or another module that stays import it, also inside
functions; `sys.modules` after one run would not do, for what a later tab needs is not there yet.
"""

from __future__ import annotations

import ast
import marshal
import sys
import zipfile
from importlib.util import MAGIC_NUMBER
from pathlib import Path

APP, LIBRARY = Path("/tree"), Path("/library")
ALWAYS = ("_pyodide", "pyodide", "encodings", "site", "_sysconfigdata", "zipimport", "zipfile")
"""What Pyodide itself starts with, or reaches by names that are no imports."""
NEVER = frozenset(
    """
    argparse cProfile concurrent ctypes curses doctest ftplib getopt getpass gettext http lzma
    mimetypes multiprocessing netrc optparse pdb pickletools profiling pydoc smtplib socketserver
    ssl subprocess tarfile test tkinter tracemalloc unittest venv webbrowser xml xmlrpc _pyrepl
    """.split()
)
"""Modules that functions of the standard library import on paths that no page takes."""


def names(path: Path, package: str, inside: bool) -> set[str]:
    """The modules that a file imports, absolute; with `inside` also those that functions import."""
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(path.read_bytes())]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'":
            continue  # a module's own tests: with them come doctest, unittest and pdb
        if inside or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")
            base = above[: len(above) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return found


def file_of(module: str) -> Path | None:
    """The file of a module of the standard library."""
    inner = LIBRARY / module.replace(".", "/")
    return next((p for p in (inner / "__init__.py", inner.with_suffix(".py")) if p.is_file()), None)


def package_of(path: Path, root: Path) -> str:
    """The package that a file's relative imports start from."""
    return ".".join(path.relative_to(root).parent.parts)


def reached() -> set[Path]:
    """The files of the standard library that stay."""
    waiting = {*ALWAYS, *sys.modules}
    for path in APP.rglob("*.py"):
        waiting |= names(path, package_of(path, APP), inside=True)
    kept: set[Path] = set()
    seen: set[str] = set()
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        parent = module.rpartition(".")[0]
        waiting |= {parent} if parent else set()
        path = file_of(module)
        if path is not None and path not in kept:
            kept.add(path)
            package = package_of(path, LIBRARY)
            inner = names(path, package, inside=True) - names(path, package, inside=False)
            wanted = {n for n in inner if n.partition(".")[0] not in NEVER and n not in NEVER}
            waiting |= wanted | names(path, package, inside=False)
    for folder in ("_pyodide", "pyodide", "encodings"):
        kept |= set((LIBRARY / folder).rglob("*.py"))
    kept |= set(LIBRARY.glob("_sysconfigdata*.py"))
    return {path for path in kept if not _codec(path)}


CODECS = frozenset(
    """
    __init__ aliases utf_8 utf_8_sig latin_1 ascii cp1252 cp437 idna utf_16 utf_16_le utf_16_be
    utf_32 raw_unicode_escape unicode_escape
    """.split()
)
"""Encodings that stay: those of Python itself, of zip files, and of text in a PDF."""


def _codec(path: Path) -> bool:
    """Whether a file is the encoding of another alphabet: specs are UTF-8 (S1)."""
    return path.parent.name == "encodings" and path.stem not in CODECS


def compiled(path: Path, name: str, optimise: int) -> bytes:
    """A module as the content of a .pyc that is not compared with its source."""
    code = compile(path.read_bytes(), name, "exec", dont_inherit=True, optimize=optimise)
    head = MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8)
    return head + marshal.dumps(code)


def pack(out: str, root: Path, files: list[Path]) -> None:
    """Compile and compress files; what is no Python goes in as it is."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(files):
            name = path.relative_to(root).as_posix()
            if path.suffix != ".py":
                archive.write(path, name)
                continue
            # The docstrings of ops are their manual pages; nobody reads others here.
            optimise = 1 if name.startswith("cnnspec/ops/") else 2
            archive.writestr(f"{name}c", compiled(path, name, optimise))


with zipfile.ZipFile(next(p for p in sys.path if p.endswith(".zip"))) as library:
    library.extractall(LIBRARY)
pack("/app.zip", APP, [p for p in APP.rglob("*") if p.is_file()])
pack("/std.zip", LIBRARY, sorted(reached()))
