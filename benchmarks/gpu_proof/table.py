"""The Markdown that docs/training.md includes, from proof.jsonl.

python -m benchmarks.gpu_proof.table benchmarks/results/gpu_proof.jsonl
"""

import json
import sys
from pathlib import Path
from typing import Any

HEAD = ("net, batch", "ours", "eager", "compiled", "good loop", "textbook", "torchvision",
        "memory line")  # fmt: skip
NOTHING = (
    "No run on a GPU has been made yet, and no figure exists: the rehearsal "
    "(`python3 -m benchmarks.gpu_proof --rehearse --out DIR`) shows that the program runs.\n"
)


def table(path: Path) -> str:
    """Return what is to be said of a proof; where there is none, that there is none."""
    if not path.is_file():
        return NOTHING
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    found = {line["stage"]: line["found"] for line in lines if "stage" in line}
    told = next((line for line in lines if "verdict" in line), {})
    machine = found.get("facts", {}).get("machine", {})
    head = (f"On {machine.get('device', 'an unknown device')}, torch {machine.get('torch', '?')}, "
            f"CUDA {machine.get('cuda') or '–'}, cuDNN {machine.get('cudnn') or '–'}, driver "
            f"{machine.get('driver') or '–'}; images a second.")  # fmt: skip
    parts = [head, "", *_speeds(found.get("speed", {}).get("speed", {})), ""]
    parts += [f"- met: {goal}" for goal in told.get("met", [])]
    parts += [f"- **missed**: {goal}" for goal in told.get("missed", [])]
    parts += [f"- stage `{name}`: {status}" for name, status in told.get("stages", {}).items()
              if status != "ok"]  # fmt: skip
    if told.get("verdict", "measured") != "measured":
        parts.insert(0, f"**{told['verdict']}.**\n")
    return "\n".join(parts) + "\n"


def _speeds(speeds: dict[str, Any]) -> list[str]:
    lines = [f"| {' | '.join(HEAD)} |", f"|---|{'---:|' * (len(HEAD) - 1)}"]
    for name, entry in speeds.items():
        if not isinstance(entry, dict):
            lines.append(f"| {name} | {entry} |{' |' * (len(HEAD) - 2)}")
            continue
        ours = entry["ours"]
        cells = [ours.get("graph"), ours.get("eager"), ours.get("compile + graph"),
                 entry.get("good loop, graph"), entry.get("textbook"), entry.get("torchvision"),
                 entry.get("memory line")]  # fmt: skip
        lines.append(f"| {name} | {' | '.join(_number(cell) for cell in cells)} |")
    return lines


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


if __name__ == "__main__":
    sys.stdout.write(table(Path(sys.argv[1])))
