"""A scene as PNG, drawn by resvg from the SVG with the package's own faces."""

from __future__ import annotations

import re
import struct
import zlib
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory

from cnnspec.draw.errors import MissingExtra
from cnnspec.draw.page.faces import FACES, Other

_LENGTHS = re.compile(r' textLength="[^"]*" lengthAdjust="[^"]*"')
"""What keeps other fonts from overlapping: here every font is at hand, and resvg stretches the
letters of one font by the widths of another where a text is set in both."""


def write_png(svg: str, dpi: int = 300, other: Other | None = None) -> bytes:
    """The SVG at `dpi` dots per inch of its printed size; needs the extra `draw`.

    `other` is the font of what the package's faces lack.
    """
    try:
        from resvg_py import svg_to_bytes
    except ImportError:
        raise MissingExtra("draw") from None
    if other is not None:
        svg = _LENGTHS.sub("", svg)
    faces = dict.fromkeys(file for face in FACES.values() for file in face.files)
    with as_file(files("cnnspec.draw").joinpath("fonts")) as folder, TemporaryDirectory() as own:
        fonts = [str(folder / f"{face}.ttf") for face in faces]
        for at, program in enumerate(other.programs if other else ()):
            Path(own, f"{at}.ttf").write_bytes(program)
            fonts.append(str(Path(own, f"{at}.ttf")))
        picture = svg_to_bytes(
            svg_string=svg,
            dpi=dpi,
            skip_system_fonts=True,
            font_files=fonts,
        )
    return _with_density(bytes(picture), dpi)


def _with_density(png: bytes, dpi: int) -> bytes:
    """Say in the file how large it prints: a pHYs chunk after the header (33 bytes)."""
    metre = round(dpi / 0.0254)
    body = b"pHYs" + struct.pack(">IIB", metre, metre, 1)
    chunk = struct.pack(">I", 9) + body + struct.pack(">I", zlib.crc32(body))
    return png[:33] + chunk + png[33:]
