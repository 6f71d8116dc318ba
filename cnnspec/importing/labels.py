"""Names that no label can be: `_stem` becomes `stem`, and the keys with it.

Most words that are no names in the language stand in quotes.  What torch.nn.Module keeps for itself
cannot, and in a dotted label, which a module needs that is no block of its own, no word can.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, count
from keyword import iskeyword

from cnnspec.importing.trace import Scope, Step, Trace, relative, scopes, steps
from cnnspec.syntax.words import MODULE_ATTRIBUTES, NAME_MAX, RESERVED, STATEMENTS

LAYERS = "layers"
"""Where the layers of a net go whose numbers are no labels: `0.conv` is `layers.0.conv`."""
IMAGE = "image"
"""What the input of a net is called that has one."""
LONGEST = NAME_MAX - 6
"""A longer word is cut, so that a number fits behind it."""
_NO_KEY = re.compile(r"[^ !#-&(-\-/-\[\]-~]|\$(?=\{)")
"""What no quoted label has."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*|0|[1-9][0-9]*")
"""What needs no quotes."""


def rename(trace: Trace) -> bool:
    """Give every path a spelling that the language has; `renamed` remembers which changed.

    Whether the net's own layers got a level around them.
    """
    labels = [*_dotted(trace)]
    plain = {word for label in labels for word in label.split(".")}
    level = f"{LAYERS}." if any(label[0].isdigit() for label in labels) else ""
    named: list[Scope | Step] = [*scopes(trace.root), *steps(trace.root)]
    paths = {one.path for one in named if one.path} | {tensor.key for tensor in trace.tensors}
    every = {word for path in paths for word in path.split(".")}
    words = _apart({word: _spelt(word, word in plain) for word in every})
    new = {path: level + ".".join(words[word] for word in path.split(".")) for path in paths}
    trace.renamed = {path: said for path, said in new.items() if path != said}
    for one in named:
        one.path = new.get(one.path, one.path)
    for step in steps(trace.root):
        step.shares = new.get(step.shares, step.shares)
    _tell(trace, bool(level), words)
    return bool(level)


def name_inputs(trace: Trace) -> None:
    """Give every input a name that the language has and no layer of the net: one is the `image`."""
    taken = {relative(member.path, "").partition(".")[0] for member in trace.root.body}
    taken |= {*trace.outputs} - {trace.main}
    taken |= {*STATEMENTS, *RESERVED, *MODULE_ATTRIBUTES, "classes"}
    several = len(trace.inputs) > 1
    for value in trace.inputs:
        word = re.sub(r"\W+", "_", value.name, flags=re.ASCII).strip("_") if several else IMAGE
        word = IMAGE if word == "input" else word
        word = word if word[:1].isalpha() else f"{IMAGE}{word}"
        while word in taken or iskeyword(word):
            word = f"{word}_in"
        value.name = word
        taken.add(word)


def _dotted(trace: Trace) -> Iterator[str]:
    """The labels of several words that the net will have."""
    for scope in scopes(trace.root):
        for member in () if scope.numbered else scope.body:
            label = relative(member.path, scope.path)
            if "." in label:
                yield label


def _spelt(word: str, plain: bool) -> str:
    """A word as a key that the language has, and without quotes where it must be `plain`."""
    said = re.sub(r"\W", "_", word, flags=re.ASCII) if plain else _NO_KEY.sub("_", word)
    if said.startswith("_"):
        said = said.lstrip("_") or "layer"
    said = said[:LONGEST]
    taken = said in STATEMENTS or said in MODULE_ATTRIBUTES or iskeyword(said)
    return f"{said}_" if taken else said


def _apart(words: dict[str, str]) -> dict[str, str]:
    """Words by what they become, each another: what another word has gets a number."""
    taken = {word for word, said in words.items() if word == said}
    found = {word: word for word in taken}
    for word in sorted(words.keys() - taken):
        said = words[word]
        spellings = chain([said], (f"{said}_{number}" for number in count(2)))
        found[word] = next(one for one in spellings if one not in taken)
        taken.add(found[word])
    return found


def _tell(trace: Trace, level: bool, words: dict[str, str]) -> None:
    """Say in a note which keys are others."""
    if level:
        trace.notes.append(f"0.weight is {LAYERS}.0.weight here: its number can be no label")
    differ = [f"{word} is {said}" for word, said in sorted(words.items()) if word != said]
    if differ:
        shown = ", ".join(differ[:3])
        trace.notes.append(f"{len(differ)} modules have other names here, their keys too: {shown}")


def is_name(word: str) -> bool:
    """Whether a label needs no quotes."""
    return all(map(_NAME.fullmatch, word.split(".")))


def quoted(word: str, like: str = "") -> str:
    """A label as it is written: in quotes where it, or a label `like` it, is no name."""
    return word if is_name(like or word) else f'"{word}"'
