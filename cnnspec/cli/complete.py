"""What a shell completes: nets by name, spec files, nets of a file, the trainer's flags."""

from __future__ import annotations

from pathlib import Path

from cnnspec.shipped import SUFFIX


def nets(incomplete: str) -> list[str]:
    """Names of nets, files and folders that begin so; after `FILE:` the nets of the file."""
    file, colon, net = incomplete.rpartition(":")
    if colon and file.endswith(SUFFIX):
        from cnnspec.shipped import declared

        return [f"{file}:{name}" for name in declared(Path(file)) if name.startswith(net)]
    return [*_names(incomplete), *paths(incomplete)]


def paths(incomplete: str, suffix: str = SUFFIX) -> list[str]:
    """Files with the suffix, and folders, that begin so."""
    folder, slash, start = incomplete.rpartition("/")
    try:
        found = sorted(Path(folder or slash or ".").iterdir())
    except OSError:
        return []
    return [
        f"{folder}{slash}{path.name}" + "/" * path.is_dir()
        for path in found
        if path.name.startswith(start) and (start or not path.name.startswith("."))
        if path.suffix == suffix or path.is_dir()
    ]


def trained(incomplete: str) -> list[str]:
    """What `cnnspec train` takes: nets, and generated modules."""
    modules = [path for path in paths(incomplete, ".py") if not path.endswith("/")]
    return [*nets(incomplete), *modules]


def train_flags(incomplete: str) -> list[str]:
    """The trainer's flags that begin so."""
    from cnnspec.train.arguments import make_parser

    flags = [flag for action in make_parser()._actions for flag in action.option_strings]
    return [flag for flag in flags if flag.startswith(incomplete)]


def train_values(before: str, incomplete: str) -> list[str] | None:
    """What may stand after a flag of the trainer; None where no value is wanted."""
    from cnnspec.train.arguments import make_parser

    for action in make_parser()._actions:
        if before in action.option_strings and action.nargs != 0:
            return [str(c) for c in action.choices or () if str(c).startswith(incomplete)]
    return None


def _names(start: str) -> list[str]:
    from cnnspec.shipped import SEARCHED, declared, folders

    found = {file.stem for folder in folders() for file in folder.glob(f"*{SUFFIX}")}
    inner = (folder / name for folder in folders() for name in SEARCHED)
    files = (file for folder in inner for file in folder.glob(f"*{SUFFIX}"))
    found |= {net for file in files for net in declared(file)}
    return sorted(name for name in found if name.startswith(start))
