"""Where a model comes from: `torchvision:resnet50`, `model.py:Net(depth=3)`, `model.onnx`.

`torchvision:` and `timm:` are words.  Of `X:Y` a Python module is run only where X ends in .py or
has a dot; anything else is a spec.  Arguments are Python literals.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LIBRARIES = ("torchvision", "timm")
"""What a source may name before its colon beside Python files and packages."""
ONNX = ".onnx"
_TARGET = re.compile(r"([A-Za-z_][A-Za-z0-9_.]*)(\(.*\))?", re.DOTALL)


class BadSource(Exception):
    """A text that no source is, in one line that says what to write."""


@dataclass(frozen=True)
class ModelSource:
    """A model to be read: `kind` is "torchvision", "timm", "file", "package" or "onnx".

    `place` is the file or package, `target` the class, factory or name with its arguments.
    """

    text: str
    kind: str
    place: str = ""
    target: str = ""
    args: tuple[Any, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)

    @property
    def runs_code(self) -> bool:
        """Whether reading it runs Python of the user's."""
        return self.kind in ("file", "package")

    @property
    def name(self) -> str:
        """What the net is called where nobody says."""
        word = Path(self.place).stem if self.kind == "onnx" else self.target.rsplit(".", 1)[-1]
        if self.kind == "timm":  # resnet50.a1_in1k: behind the point stands how it was trained
            word = self.target.partition(".")[0]
        word = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", word).lower()
        word = re.sub(r"\W+", "_", word, flags=re.ASCII).strip("_")
        return word if word[:1].isalpha() else f"net_{word}"


def model_source(text: str) -> ModelSource | None:
    """The model that a text names; None where it can only be a spec. Raises BadSource."""
    if text.endswith(ONNX):
        return ModelSource(text, "onnx", place=text)
    place, colon, target = _split(text)
    if not colon:
        return None
    kind = _kind(place)
    if not kind:
        return None
    name, args, keywords = _target(text, target)
    return ModelSource(text, kind, place, name, args, keywords)


def _split(text: str) -> tuple[str, str, str]:
    """At the colon before the target: `C:/a.py:Net` has two."""
    head, bracket, arguments = text.partition("(")
    place, colon, target = head.rpartition(":")
    return place, colon, target + bracket + arguments


def _kind(place: str) -> str:
    if place in LIBRARIES:
        return place
    if place.endswith(".py"):
        return "file"
    dotted = "." in place and re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", place)
    return "package" if dotted and not place.endswith(".cnn") else ""


def _target(text: str, target: str) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    match = _TARGET.fullmatch(target.strip())
    if match is None:
        raise BadSource(f"{text}: behind the colon stands a name, or a call such as Net(depth=3)")
    if match[2] is None:
        return match[1], (), {}
    try:
        call = ast.parse(f"f{match[2]}", mode="eval").body
        assert isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        args = tuple(ast.literal_eval(value) for value in call.args)
        words = [word for word in call.keywords if word.arg]
        keywords = {str(word.arg): ast.literal_eval(word.value) for word in words}
        whole = len(keywords) == len(call.keywords)
    except (SyntaxError, ValueError, AssertionError, RecursionError, MemoryError):
        whole, args, keywords = False, (), {}
    if not whole:
        raise BadSource(f"{text}: arguments are Python literals, such as (depth=[3, 4])")
    return match[1], args, keywords
