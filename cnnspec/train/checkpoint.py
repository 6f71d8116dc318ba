"""Checkpoints that survive anything (T9, T12): one folder each, written aside and renamed.

`checkpoint/step-00000150/` holds state.safetensors, state.json and sha256.txt (the form of
`sha256sum -c`). It is written under a temporary name, flushed and fsynced, renamed, and the folder
around it fsynced; only then is all but the previous one deleted. On loading the checksums decide.
Nothing is ever unpickled: tensors are safetensors, the rest is JSON.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors.torch import load, save
from torch import Tensor

from cnnspec.train.errors import TrainError

TENSORS, VALUES, SUMS = "state.safetensors", "state.json", "sha256.txt"
KEPT = 2  # the newest and the one before it


@dataclass(frozen=True)
class Checkpoint:
    """A loaded state, where it came from, and a line for every damaged one that was passed by."""

    path: Path
    tensors: dict[str, Tensor]
    values: dict[str, object]
    damaged: list[str]


def save_checkpoint(
    folder: Path, step: int, tensors: Mapping[str, Tensor], values: Mapping[str, object]
) -> Path:
    """Write the state after a step, whole or not at all; raise TrainError where the disk refuses.

    A checkpoint of the same step is left as it is if it is sound: the state is the same.
    """
    target = folder / f"step-{step:08d}"
    if target.is_dir() and _damage(target) is None:
        return target
    partial = folder / f"tmp-{step:08d}"
    try:
        for left in folder.glob("tmp-*"):  # of a run that was killed while it wrote
            shutil.rmtree(left, ignore_errors=True)
        partial.mkdir(parents=True)
        _write(partial, tensors, values)
        if target.is_dir():
            shutil.rmtree(target)  # damaged
        partial.rename(target)
        sync_folder(folder)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise TrainError(
            f"cannot write a checkpoint in {folder}: {error.strerror}; earlier ones are untouched"
        ) from error
    for old in _newest_first(folder)[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
    return target


def _write(folder: Path, tensors: Mapping[str, Tensor], values: Mapping[str, object]) -> None:
    contiguous = {name: tensor.contiguous() for name, tensor in tensors.items()}
    text = json.dumps(values, allow_nan=False, sort_keys=True, indent=1)
    files = {TENSORS: save(contiguous), VALUES: text.encode()}
    files[SUMS] = _sums(files)
    for name, data in files.items():
        write_synced(folder / name, data)
    sync_folder(folder)


def load_checkpoint(folder: Path) -> Checkpoint:
    """Return the newest sound checkpoint; raise TrainError where there is none."""
    damaged = []
    for path in _newest_first(folder):
        reason = _damage(path)
        if reason is not None:
            damaged.append(f"{path} is damaged ({reason})")
            continue
        values = json.loads((path / VALUES).read_bytes())
        return Checkpoint(path, load((path / TENSORS).read_bytes()), values, damaged)
    if damaged:
        raise TrainError(f"no sound checkpoint: {'; '.join(damaged)}")
    raise TrainError(f"there is no checkpoint in {folder}: the run stopped before its first")


def load_state(path: Path) -> dict[str, Tensor]:
    """Return the tensors of one checkpoint; raise TrainError where it is damaged."""
    reason = _damage(path)
    if reason is not None:
        raise TrainError(f"{path} is damaged ({reason})")
    return load((path / TENSORS).read_bytes())


def _newest_first(folder: Path) -> list[Path]:
    return sorted(folder.glob("step-*"), reverse=True)


def _damage(path: Path) -> str | None:
    """Return what is wrong with a checkpoint, None where its checksums hold."""
    try:
        given = (path / SUMS).read_bytes()
        found = _sums({name: (path / name).read_bytes() for name in (TENSORS, VALUES)})
        if found != given:
            both = [*given.splitlines(), b"", b""]
            lines = zip(found.splitlines(), both, (TENSORS, VALUES), strict=False)
            wrong = [name for mine, theirs, name in lines if mine != theirs]
            return f"the sha256 of {wrong[0] if wrong else SUMS} differs"
    except OSError as error:
        return f"{error}"
    return None


def _sums(files: Mapping[str, bytes]) -> bytes:
    """Return the text of sha256.txt; it has to be there to the last byte."""
    lines = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items()]
    return "".join(lines).encode()


def write_synced(path: Path, data: bytes) -> None:
    """Write a file and wait until it is on the disk."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, data: bytes) -> None:
    """Write a file under a temporary name, fsync it, and rename it over the old one."""
    partial = path.with_name(f".{path.name}.tmp")
    write_synced(partial, data)
    partial.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Wait until a rename in a folder is on the disk; Windows cannot, and needs not."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
