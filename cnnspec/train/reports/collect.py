"""Reading runs: what was trained, on what, and what came out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cnnspec.train.errors import UsageError
from cnnspec.train.reports.papers import PRINTED, Printed
from cnnspec.train.run import Run


@dataclass(frozen=True)
class Result:
    """One run; `result` is empty where it is not finished."""

    folder: Path
    net: str
    data: str
    seed: int
    steps: int
    machine: Mapping[str, object]
    result: Mapping[str, object]
    metrics: list[dict[str, float | str]]
    parameters: int | None = None  # older runs do not say

    @property
    def device(self) -> str:
        """Return the name of what it was trained on."""
        return str(self.machine["device"])

    @property
    def label(self) -> str:
        """Return the net's name as the paper writes it: plain-20, ResNet-56."""
        found = re.fullmatch(r"(plain|resnet)(\d+)", self.net)
        if found is None:
            return self.net
        return f"{'ResNet' if found[1] == 'resnet' else 'plain'}-{found[2]}"

    @property
    def printed(self) -> Printed | None:
        """The paper's figure, where the run was on the paper's data."""
        found = PRINTED.get(self.net)
        return found if found is not None and found.data == self.data else None

    def error(self, key: str = "top1_error") -> float | None:
        """Return the error after the last step, None while it runs."""
        value = self.result.get(key)
        return float(value) if isinstance(value, int | float) else None

    def curve(self, split: str) -> tuple[list[float], list[float]]:
        """Return steps and top-1 errors of a split."""
        lines = [line for line in self.metrics if line["split"] == split]
        return [float(line["step"]) for line in lines], [
            float(line["top1_error"]) for line in lines
        ]


def read_result(folder: Path) -> Result:
    """Read a run's folder; raise UsageError where it is none or damaged."""
    run = Run(folder)
    settings = run.settings()
    try:
        data, machine = settings["data"], settings["machine"]
        result = settings.get("result", {})
        assert isinstance(data, dict)
        assert isinstance(machine, dict)
        assert isinstance(result, dict)
        return Result(
            folder, str(settings["net"]), str(data["name"]), int(str(settings["seed"])),
            int(str(settings["steps"])), machine, result, run.read_metrics(),
            parameters if isinstance(parameters := settings.get("parameters"), int) else None,
        )  # fmt: skip
    except (KeyError, ValueError, AssertionError, OSError) as error:
        raise UsageError(
            f"{folder}: its run.json or metrics.jsonl is damaged: {error!r}"
        ) from error
