"""Images in class folders: a directory tree, tar archives, ImageNet in either layout.

`folder:PATH` holds train/CLASS/IMAGE and val/CLASS/IMAGE (or test/). `tar:PATH` is the same inside
one archive, or several archives (shards) named train, val or test: see `archives`. Nothing is
unpacked to disk: members of a plain .tar are read from where they lie, those of a compressed one
are held encoded in memory.
"""

import lzma
import re
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePath, PurePosixPath

from cnnspec.train.datasets.base import MEASURE, Dataset, Request
from cnnspec.train.datasets.decode import Collector
from cnnspec.train.datasets.encoded import LARGEST_FILE, Encoded, Entry, Part
from cnnspec.train.datasets.sources import Stream
from cnnspec.train.errors import MissingDataError, UsageError, one_line

SPLITS = ("train", "val", "test")
ENDINGS = {".jpg", ".jpeg", ".png", ".bmp", ".ppm", ".pgm", ".webp"}
HELD = 8 << 30  # bytes of encoded images from compressed archives
SPLIT_WORD = re.compile(r"(?<![a-z])(train|val|test)(?![a-z])")


def load_folder(request: Request) -> Dataset | Stream:
    """Read train/CLASS/IMAGE and val/CLASS/IMAGE below the path after `folder:`."""
    return read_folder(Path(request.argument), f"folder:{request.argument}", request)


def load_tar(request: Request) -> Dataset | Stream:
    """Read the archives that the path after `tar:` names."""
    return read_tar(Path(request.argument), f"tar:{request.argument}", request)


def load_imagenet(request: Request) -> Dataset | Stream:
    """Read ImageNet from train/ and val/ under the root, from imagenet/ there, or from archives."""
    for folder in (request.root, request.root / "imagenet"):
        if (folder / "train").is_dir() and (folder / "val").is_dir():
            return read_folder(folder, "imagenet", request)
    if request.root.is_dir() and any(request.root.glob("imagenet*train*.tar*")):
        return read_tar(request.root / "imagenet", "imagenet", request)
    raise MissingDataError(
        f"{request.said_by} wants imagenet, and there is none under {request.root}/. Put "
        "train/CLASS/*.JPEG and val/CLASS/*.JPEG there, or name it with --data folder:PATH; "
        f"{MEASURE}."
    )


def read_folder(path: Path, name: str, request: Request) -> Dataset | Stream:
    """Read a tree of images, in the order of class and file name."""
    if not path.is_dir():
        raise MissingDataError(f"--data {name}: there is no folder {path}; {MEASURE}")
    collector = Collector(name, request)
    for split in SPLITS:
        for file in sorted((path / split).glob("*/*")):
            if is_image(file) and not file.is_dir():
                if not file.is_file():
                    raise UsageError(f"{file} is no file, or a link to nothing: remove it")
                if not 0 < (size := file.stat().st_size) <= LARGEST_FILE:
                    raise UsageError(f"{file} has {size:,} bytes: give 1 to {LARGEST_FILE:,}")
                collector.add(Entry(split, file.parent.name, file.name, file))
    collector.classes = [place.name for place in sorted((path / "train").glob("*"))
                         if place.is_dir() and not place.name.startswith(".")]  # fmt: skip
    return collector.dataset("train/CLASS/IMAGE and val/CLASS/IMAGE")


def is_image(file: PurePath) -> bool:
    """Say whether a name is an image's; hidden ones are not (`._05.jpg` is macOS's, no JPEG)."""
    return file.suffix.lower() in ENDINGS and not file.name.startswith(".")


def read_tar(path: Path, name: str, request: Request) -> Dataset | Stream:
    """Read the images of one or several archives, in the order of class and file name."""
    collector, held = Collector(name, request), 0
    for archive, split in archives(path):
        for place, where in _members(archive):
            folders = place.parts[:-2]
            inside = next((part for part in reversed(folders) if part in SPLITS), split)
            if inside:
                collector.add(Entry(inside, place.parts[-2], place.name, where))
                held += len(where) if isinstance(where, bytes) else 0
            if held > HELD:
                raise UsageError(
                    f"{archive} holds more than {HELD >> 30} GiB and is compressed: unpack it to a "
                    "plain .tar, which is read from where it lies"
                )
    return collector.dataset("train/CLASS/IMAGE and val/CLASS/IMAGE in it, or two archives")


def archives(path: Path) -> list[tuple[Path, str]]:
    """Return the archives that a path names, each with the split that its file name says, or ''.

    A file is itself. A folder stands for its archives, and anything else for the archives whose
    names begin with it; of these, the ones that carry the word train, val or test in their names
    are taken, and they must agree in what stands before that word.
    """
    if path.is_file():
        return [(path, split_word(path))]
    pattern = path / "*.tar*" if path.is_dir() else path.parent / f"{path.name}*.tar*"
    found = [(file, split_word(file)) for file in sorted(pattern.parent.glob(pattern.name))]
    named = [(file, split) for file, split in found if split and file.is_file()]
    if not named:
        raise MissingDataError(
            f"--data tar:{path}: there is no such archive, nor {pattern.parent}/*train*.tar* with "
            f"*val*.tar* or *test*.tar*; {MEASURE}"
        )
    sets = sorted({file.name.lower().partition(split)[0] for file, split in named})
    if len(sets) > 1:
        shown = ", ".join(f"tar:{pattern.parent / prefix}" for prefix in sets)
        raise UsageError(f"--data tar:{path}: several sets lie there; name one: {shown}")
    return named


def split_word(path: Path) -> str:
    """Return the word train, val or test in a file's name, or ''."""
    found = SPLIT_WORD.search(path.name.lower())
    return found.group(1) if found else ""


def _members(archive: Path) -> Iterator[tuple[PurePosixPath, Encoded]]:
    """Yield the images in class folders of an archive, as they come."""
    try:
        plain = _is_plain(archive)
        with tarfile.open(archive, "r:" if plain else "r|*") as tar:
            for member in tar:
                place = checked_place(archive, member)
                if not member.isfile() or not is_image(place):
                    continue
                if len(place.parts) < 2 or not 0 < member.size <= LARGEST_FILE:
                    raise UsageError(f"{archive}: {place} is no image in a class folder")
                if plain and not member.issparse():
                    yield place, Part(archive, member.offset_data, member.size)
                    continue
                content = tar.extractfile(member)
                if content is not None:
                    yield place, content.read()
    except (tarfile.TarError, OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
        raise UsageError(f"cannot read {archive}: {one_line(error)}") from error


def checked_place(archive: object, member: tarfile.TarInfo) -> PurePosixPath:
    """Return where a member lies; raise UsageError for a link, or one that leaves its folder (S26).

    Nothing is ever unpacked; an archive that tries is not read all the same.
    """
    place = PurePosixPath(member.name)
    if member.issym() or member.islnk():
        raise UsageError(f"{archive}: {place} is a link, and links in archives are refused")
    if place.is_absolute() or ".." in place.parts:
        raise UsageError(f"{archive}: {place} leaves the archive's folder: it is not read")
    return place


def _is_plain(archive: Path) -> bool:
    with archive.open("rb") as file:
        head = file.read(512)
    return head[257:262] == b"ustar"
