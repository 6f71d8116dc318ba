"""`[tool.cnnspec]` of the project's pyproject.toml."""

from __future__ import annotations

from pathlib import Path

from cnnspec.cli.faults import UsageFault
from cnnspec.shipped import SUFFIX, spec_files

FILE = Path("pyproject.toml")


def generate() -> dict[str, list[str]]:
    """The table `generate`: by folder of specs/ the nets that `gen` without NET writes (G5).

    Each is a reference FILE:NET.  Raises UsageFault for what is no such table, no folder, no net.
    """
    table = _table().get("generate", {})
    if not isinstance(table, dict):
        raise _fault('is a table: torchvision = ["resnet18"]')
    return {folder: [_reference(folder, net) for net in _names(folder, table)] for folder in table}


def _table() -> dict[str, object]:
    from tomllib import TOMLDecodeError, loads

    try:
        read = loads(FILE.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, TOMLDecodeError) as error:
        raise UsageFault(f"cannot read {FILE}: {error}") from None
    tool = read.get("tool", {})
    table = tool.get("cnnspec", {}) if isinstance(tool, dict) else {}
    return table if isinstance(table, dict) else {}


def _names(folder: str, table: dict[str, object]) -> list[str]:
    where = Path("specs") / folder
    if Path(folder).name != folder or not where.is_dir():
        raise _fault(f"names {folder}, and there is no folder {where}")
    names = table[folder]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise _fault(f'has for {folder} a list of names: {folder} = ["resnet18"]')
    return names


def _reference(folder: str, net: str) -> str:
    from cnnspec.shipped import declared

    where = Path("specs") / folder
    for path in spec_files(str(where)):
        if net in declared(Path(path)):
            return f"{path}:{net}"
    raise _fault(f"lists {net}, and no file *{SUFFIX} of {where} declares it")


def _fault(what: str) -> UsageFault:
    return UsageFault(f"{FILE}: [tool.cnnspec.generate] {what}")
