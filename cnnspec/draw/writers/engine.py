"""Pictures laid out by Graphviz, for graphs that are no tree of forks: with a limit on its time.

`dot` on PATH is used, else the pygraphviz wheel in a child process, which can be ended (S6).
"""

from __future__ import annotations

import os
import subprocess
import sys
from shutil import which
from typing import TYPE_CHECKING

from cnnspec.draw.errors import DrawError, MissingExtra, OptionError
from cnnspec.draw.writers.dot import write_dot

if TYPE_CHECKING:
    from cnnspec.ir import Net

LIMIT = 20.0
"""Seconds for one layout."""
FORMATS = ("svg", "pdf", "png")

_CHILD = (
    "import sys; from pygraphviz import AGraph; "
    "sys.stdout.buffer.write(AGraph(sys.stdin.read()).draw(format=sys.argv[1], prog='dot'))"
)


def render(net: Net, form: str, limit: float = LIMIT) -> bytes:
    """A net's layers as a picture; when that takes too long, its blocks alone."""
    if form not in FORMATS:
        raise OptionError(f"dot draws {', '.join(FORMATS)}, no `{form}`")
    for collapsed in (False, True):
        try:
            return _run(write_dot(net, collapsed=collapsed), form, limit)
        except (subprocess.TimeoutExpired, _TooLarge):
            continue
        except DrawError:
            if collapsed:
                raise
    raise DrawError(f"{net.name}: dot needs more than {limit:g} s even for its blocks alone")


class _TooLarge(Exception):
    """dot gave up."""


def _run(source: str, form: str, limit: float) -> bytes:
    dot = which("dot")
    command = [dot, f"-T{form}"] if dot else [sys.executable, "-c", _CHILD, form]
    run = subprocess.run(
        command,
        input=source.encode(),
        capture_output=True,
        timeout=limit,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    if run.returncode == 0 and run.stdout:
        return run.stdout
    if b"pygraphviz" in run.stderr and b"ModuleNotFoundError" in run.stderr:
        raise MissingExtra("draw")
    raise _TooLarge
