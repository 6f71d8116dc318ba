"""Which goals are met, in one line."""

from typing import Any


def verdict(lines: list[dict[str, Any]], rehearsed: bool) -> dict[str, Any]:
    """Return the goals of all stages and how the stages ended."""
    goals: dict[str, bool] = {}
    for line in lines:
        goals |= line["found"].get("goals", {})
    return {
        "verdict": "rehearsal: no figure is one" if rehearsed else "measured",
        "stages": {line["stage"]: line["status"] for line in lines},
        "met": [name for name, met in goals.items() if met],
        "missed": [name for name, met in goals.items() if not met],
        "seconds": round(sum(line["seconds"] for line in lines), 1),
    }
