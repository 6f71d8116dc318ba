"""Names of classes: one block is one class, or several named by what differs."""

from __future__ import annotations

from typing import Any

from cnnspec.backends.torch.program.items import ClassPlan
from cnnspec.backends.torch.python.names import ClassNames, class_name
from cnnspec.elaborate.scope import BlockValue
from cnnspec.values import Keyword, key, show


def plan_names(plans: list[ClassPlan], taken: ClassNames) -> dict[int, str]:
    """A class name for each plan, by its identity."""
    groups: dict[int, list[ClassPlan]] = {}
    for plan in plans:
        groups.setdefault(id(plan.block), []).append(plan)
    found: dict[int, str] = {}
    for plan in plans:
        group = groups[id(plan.block)]
        words = _differences(plan, group) if len(group) > 1 else ("", "")
        name = f"{words[0]}{class_name(plan.name)}{words[1]}"
        found[id(plan)] = _take(name, taken, found)
    return found


def _take(name: str, taken: ClassNames, found: dict[int, str]) -> str:
    number = 2
    wanted = name
    while wanted in found.values():
        wanted, number = f"{name}{number}", number + 1
    return taken.take(wanted)


def _differences(plan: ClassPlan, group: list[ClassPlan]) -> tuple[str, str]:
    """What stands before and behind the block's name: `BasicStage`, `ShortcutA`."""
    before, behind = "", ""
    for name, value in plan.folded.items():
        if len({key(other.folded.get(name)) for other in group}) == 1:
            continue
        if isinstance(value, BlockValue):
            before += class_name(value.name) + "".join(_word(n, v) for n, v in value.bound)
        else:
            behind += _word(name, value)
    return before, behind


def _word(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return class_name(name) if value else ""
    if isinstance(value, int | float | tuple) and not isinstance(value, Keyword):
        name = f"{name}_"
    else:
        name = ""
    text = name + "".join(c if c.isalnum() else "_" for c in show(value).strip('"'))
    return class_name(text)
