"""What a device can do, from its datasheet: data, in devices.json or a file of the same form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cnnspec.records import record

KINDS = frozenset({"float64", "float32", "tf32", "float16", "bfloat16"})
"""Types of number that a device may have a rate for."""

WANTED = (
    'a device is {"name": text, "bandwidth": bytes/s, "flops": {"bfloat16": FLOP/s}, '
    '"source": text}'
)


class DeviceError(ValueError):
    """No such device, or a file that does not describe one."""


@record(frozen=True)
class Device:
    """Peak rates: FLOP/s by type of number, and bytes/s of the memory."""

    name: str
    bandwidth: float
    flops: dict[str, float]
    source: str


def devices() -> dict[str, Device]:
    """The devices that cnnspec knows, by their short names."""
    text = (Path(__file__).parent / "devices.json").read_text(encoding="utf-8")
    return {name: _device(data) for name, data in json.loads(text).items()}


def device(name: str) -> Device:
    """A known device, or the one that a JSON file describes. Raises DeviceError."""
    known = devices()
    if name.lower() in known:
        return known[name.lower()]
    if not name.endswith(".json"):
        raise DeviceError(f"no device {name}: {', '.join(known)}, or a .json file; {WANTED}")
    try:
        return _device(json.loads(Path(name).read_text(encoding="utf-8")))
    except OSError as error:
        raise DeviceError(f"cannot read {name}: {error.strerror or error}") from None
    except (ValueError, RecursionError):
        raise DeviceError(f"{name} describes no device: {WANTED}") from None


def _device(data: Any) -> Device:
    if not isinstance(data, dict) or not isinstance(data.get("flops"), dict):
        raise ValueError(WANTED)
    rates = [data.get("bandwidth"), *data["flops"].values()]
    if any(isinstance(r, bool) or not isinstance(r, int | float) or not r > 0 for r in rates):
        raise ValueError(WANTED)
    flops = {str(key): float(rate) for key, rate in data["flops"].items()}
    if not flops or not flops.keys() <= KINDS:
        raise ValueError(WANTED)
    return Device(str(data.get("name")), float(rates[0]), flops, str(data.get("source", "")))
