"""Shards in WebDataset's layout, local or behind an address that fsspec reads (S26).

`wds:PLACE` is a folder, or an address such as s3://bucket/pets, that holds plain .tar shards with
the word train, val or test in their names. A sample is KEY.jpg (or another image) and KEY.cls, its
class as a number from 0. Every shard is indexed once; images are then read by their place, in the
order of (seed, epoch), so that a run goes on to the sample. Of other addresses than local paths
only those are read whose schemes --schemes names.
"""

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from cnnspec.train.datasets.base import MEASURE, Dataset, Request
from cnnspec.train.datasets.decode import Collector
from cnnspec.train.datasets.encoded import LARGEST_FILE, Address, Encoded, Entry, Part, filesystem
from cnnspec.train.datasets.sources import Stream
from cnnspec.train.datasets.trees import checked_place, is_image, split_word
from cnnspec.train.errors import MissingDataError, UsageError, one_line

MOST_CLASSES = 100_000
LABEL = "cls"


@dataclass(frozen=True)
class Shard:
    """One archive: where it is, and the split that its name says."""

    address: str
    split: str


def load_shards(request: Request) -> Dataset | Stream:
    """Read the shards that the place after `wds:` holds."""
    name = f"wds:{request.argument}"
    collector, found = Collector(name, request), []
    for shard in shards(request.argument, request.schemes):
        found += [(shard.split, key, number, where) for key, number, where in samples(shard)]
    digits = len(str(_check_classes(name, {number for _, _, number, _ in found})))
    for split, key, number, where in found:
        collector.add(Entry(split, f"{number:0{digits}}", key, where))
    return collector.dataset("shards with KEY.jpg and KEY.cls, train and val in their names")


def shards(place: str, schemes: tuple[str, ...]) -> list[Shard]:
    """Return the shards of a place; raise UsageError for a scheme that is not named."""
    if "://" in place or "::" in place:
        for part in place.split("::"):
            scheme = part.partition("://")[0]
            if scheme not in schemes:
                raise UsageError(
                    f"--data wds:{place}: {scheme}:// is read where --schemes {scheme} names it"
                )
        system, root = filesystem(place)
        names = [system.unstrip_protocol(item) for item in system.ls(root, detail=False)]
    else:
        names = [str(file) for file in Path(place).glob("*")]
    found = [Shard(name, split_word(Path(name))) for name in sorted(names) if name.endswith(".tar")]
    named = [shard for shard in found if shard.split]
    if not named:
        raise MissingDataError(
            f"--data wds:{place}: no .tar shards lie there with train and val in their names; "
            f"{MEASURE}"
        )
    return named


def samples(shard: Shard) -> Iterator[tuple[str, int, Encoded]]:
    """Yield key, class and place of every sample of a shard, in its order."""
    images: dict[str, Encoded] = {}
    labels: dict[str, int] = {}
    try:
        with opened(shard.address) as file, tarfile.open(fileobj=file, mode="r:") as tar:
            for member in tar:
                place = checked_place(shard.address, member)
                if not member.isfile():
                    continue
                stem, _, ending = place.name.partition(".")
                key = str(place.with_name(stem))
                if is_image(place):
                    if not 0 < member.size <= LARGEST_FILE:
                        raise UsageError(f"{shard.address}: {place} has {member.size:,} bytes")
                    images[key] = _part(shard.address, member)
                elif ending == LABEL:
                    labels[key] = _label(shard, place, tar.extractfile(member))
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        raise UsageError(f"cannot read {shard.address}: {one_line(error)}") from error
    for key, where in images.items():
        if key not in labels:
            raise UsageError(f"{shard.address}: {key} has no .{LABEL} beside it")
        yield key, labels[key], where


def opened(address: str) -> IO[bytes]:
    """Open a shard for reading."""
    if "://" not in address:
        return Path(address).open("rb")
    system, path = filesystem(address)
    file: IO[bytes] = system.open(path, "rb")
    return file


def _part(address: str, member: tarfile.TarInfo) -> Encoded:
    if "://" in address:
        return Address(address, member.offset_data, member.size)
    return Part(Path(address), member.offset_data, member.size)


def _label(shard: Shard, place: Any, content: IO[bytes] | None) -> int:
    text = content.read(32).decode("ascii", "replace").strip() if content is not None else ""
    if not text.isdigit() or int(text) >= MOST_CLASSES:
        raise UsageError(f"{shard.address}: {place} holds {text!r}, and a class is a number from 0")
    return int(text)


def _check_classes(name: str, numbers: set[int]) -> int:
    """Return the last class; raise UsageError where numbers are left out."""
    last = max(numbers, default=0)
    missing = next((number for number in range(last + 1) if number not in numbers), None)
    if numbers and missing is not None:
        raise UsageError(f"--data {name}: classes go to {last}, and {missing} has no image")
    return last
