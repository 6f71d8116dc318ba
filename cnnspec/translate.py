"""A call of another tool as it is written here: `Conv2d(3, 6, 5)` is `conv 6, 5x5`."""

from __future__ import annotations

import re

from cnnspec import foreign
from cnnspec.ops import examples, ops

_ARGUMENT = re.compile(r"((?:[^,()\[\]]|\([^()]*\)|\[[^\[\]]*\])+)")
_FORWARDED = re.compile(r"(?:x|y|h|out|inputs?|image)")
"""What flows through, which other tools write as an argument."""


def call(name: str, inside: str) -> str:
    """The layer that a call with parentheses means; for one of another tool by its signature.

    An op whose arguments cannot be told apart is shown by the example of its manual page.
    """
    arguments = [text.strip() for text in _ARGUMENT.findall(inside) if text.strip()]
    arguments = [a for i, a in enumerate(arguments) if i or not _FORWARDED.fullmatch(a)]
    meant = foreign.op_of(name)
    op = meant.op if meant else name if name in ops() else ""
    roles = foreign.signature(name)
    if op and roles is not None:
        return _layer(op, _given(arguments, roles), name)
    if op and op != name and arguments and op in examples():
        return str(examples()[op]["example"])
    return f"{op or name} {', '.join(arguments)}".strip()


def _given(arguments: list[str], roles: list[str]) -> dict[str, str]:
    """Role -> its text, by place and then by keyword."""
    given: dict[str, str] = {}
    for place, argument in enumerate(arguments):
        keyword, equals, text = argument.partition("=")
        if equals:
            given[foreign.role(keyword.strip())] = text.strip()
        elif place < len(roles):
            given[roles[place]] = argument
    return given


def _layer(op: str, given: dict[str, str], name: str) -> str:
    words = [given[role] for role in ("out", "size", "groups_first", "p", "slope") if role in given]
    if "window" in given:
        pools = op in ("maxpool", "avgpool")
        words.append(
            _window(given["window"], given.get("stride", given["window"] if pools else "1"))
        )
    pad = given.get("pad", "").strip("'\"").lower()
    words += [f"pad={pad}"] if pad not in ("", "0", "valid") else []
    words += [f"{k}={given[k]}" for k in ("dilation", "groups") if given.get(k, "1") != "1"]
    words += ["bias=false"] if given.get("bias", "").lower() == "false" else []
    follows = given.get("activation", "").strip("'\"").lower()
    written = f"{op} {', '.join(words)}".strip()
    return f"{written} -> {follows}" if follows in ops() else written


def _window(kernel: str, stride: str) -> str:
    sides, step = _sides(kernel), _sides(stride)
    whole = all(map(str.isdigit, sides))
    window = "x".join(sides) if whole else f"kernel({', '.join(sides)})"
    if step[0] == step[1]:
        return window if step[0] == "1" else f"{window}/{step[0]}"
    return f"{window}/{'x'.join(step)}"


def _sides(text: str) -> list[str]:
    """`3` and `(3, 3)` as rows and columns."""
    sides = [side.strip() for side in text.strip("()[]").split(",") if side.strip()]
    return sides * 2 if len(sides) == 1 else sides[:2]
