"""Names that no label can be: `block1-0` becomes `block1_0`, and the keys with it."""

from __future__ import annotations

import re

from cnnspec.importing.errors import refuse
from cnnspec.importing.trace import Scope, Step, Trace, scopes, steps
from cnnspec.syntax.words import STATEMENTS

LAYERS = "layers"
"""Where the layers of a net go that are numbered in it, as an nn.Sequential's are."""


def rename(trace: Trace) -> None:
    """Give every path a spelling that the language has; `renamed` remembers which keys changed.

    Raises Refused where two names would become one.
    """
    named: list[Scope | Step] = [*scopes(trace.root), *steps(trace.root)]
    paths = {one.path for one in named if one.path}
    paths |= {tensor.key for tensor in trace.tensors}
    bare = any(path[:1].isdigit() for path in paths)
    new = {path: _spelt(f"{LAYERS}.{path}" if bare else path) for path in paths}
    if len({*new.values()}) < len(new):
        raise refuse("two modules whose names are one once `-` is `_`")
    trace.renamed = {path: said for path, said in new.items() if path != said}
    for one in named:
        one.path = trace.renamed.get(one.path, one.path)
    for step in steps(trace.root):
        step.shares = trace.renamed.get(step.shares, step.shares)
    if bare:
        trace.notes.append(
            f"a net's own layers have no numbers: 0.weight is {LAYERS}.0.weight here"
        )
    elif trace.renamed:
        words = sorted({w for path in trace.renamed for w in path.split(".") if w != _word(w)})
        shown = ", ".join(f"{word} is {_word(word)}" for word in words[:3])
        trace.notes.append(f"{len(words)} modules have other names here, their keys too: {shown}")


def _spelt(path: str) -> str:
    return ".".join(map(_word, path.split(".")))


def _word(word: str) -> str:
    said = re.sub(r"\W", "_", word, flags=re.ASCII)
    return f"{said}_" if said in STATEMENTS else said
