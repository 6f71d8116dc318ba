"""The shapes in the comments of a net's `forward`, compared with the values they stand behind."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any

from cnnspec.backends.torch.proof.faults import Unproved
from cnnspec.backends.torch.proof.runtime import Runtime
from cnnspec.backends.torch.proof.translate import Expressions
from cnnspec.backends.torch.proof.values import Tensor
from cnnspec.values import dims

SIZES = re.compile(r"\d+(x\d+)*")
EXPRESSION = re.compile(r"[\w\s+\-*/()\[\],.<>=!\"']+")

Comment = Callable[[], tuple[Any, ...] | None]


class Comments:
    """Comments that say a shape: `# 64x112x112`, `# classes`, `# [2 * width, 8, 8]`.

    `args` are the values of the names in them.  Any other comment is nobody's business.
    """

    def __init__(self, text: str, args: Mapping[str, Any]) -> None:
        self.args = dict(args)
        self.args.update({f"{name}_": value for name, value in args.items()})
        self.fault: Unproved | None = None
        self.behind: dict[int, str] = {}
        self.above: dict[int, str] = {}
        for number, row in enumerate(text.split("\n"), 1):
            code, sign, words = row.rpartition("# ")
            if sign and not code.strip():
                self.above[number + 1] = words
            elif sign and code.endswith("  "):
                self.behind[number] = words

    def at(self, node: ast.stmt, runtime: Runtime) -> Comment | None:
        """The shape that stands behind a statement, or on a line of its own above it."""
        text = self.behind.get(node.end_lineno or 0) or self.above.get(node.lineno)
        if text is None:
            return None
        if SIZES.fullmatch(text):
            sizes = tuple(map(int, text.split("x")))
            return lambda: sizes
        if text.isidentifier():
            return lambda: self.evaluated(lambda args: args.get(text))
        try:
            tree = ast.parse(text, mode="eval").body if EXPRESSION.fullmatch(text) else None
            value = None if tree is None else Expressions(runtime, frozenset(self.args)).run(tree)
        except (SyntaxError, Unproved):
            return None
        return None if value is None else lambda: self.evaluated(value)

    def evaluated(self, value: Callable[[dict[str, Any]], Any]) -> tuple[Any, ...] | None:
        """A shape with names in it; None where it is none after all."""
        try:
            found = value(self.args)
        except Unproved:
            return None
        found = tuple(found) if isinstance(found, list | tuple) else (found,)
        return found if all(type(n) is int for n in found) else None

    def check(self, comment: Comment, value: Any, line: int) -> None:
        """Remember the first comment that says another shape than the value it stands behind.

        What makes it wrong is mostly a fault by itself, and that one is wanted.
        """
        x = value[0] if isinstance(value, tuple) and value else value
        if self.fault is not None or not isinstance(x, Tensor):
            return
        said = comment()
        if said is not None and said != x.shape:
            has = dims(x.shape)
            message = f"the comment says {dims(said)}, and the value has {has}"
            self.fault = Unproved(message, line, spec=has, module=dims(said))
