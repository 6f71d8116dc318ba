"""F6: classes that differ in meaning differ in colour, for red-green blindness too.

Colours are compared by CIEDE2000 (Sharma, Wu, Dalal 2005), deuteranopia is simulated by the matrix
of Machado, Oliveira, Fernandes 2009 (severity 1, on linear RGB).
"""

from __future__ import annotations

from itertools import combinations
from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt
from typing import Any

import pytest

from cnnspec.draw import THEMES, Theme, figure
from cnnspec.draw.page.scene import Text
from cnnspec.elaborate.sheet import COLOURS

Triple = tuple[float, float, float]

DEUTERANOPIA = (
    (0.367322, 0.860646, -0.227968),
    (0.280085, 0.672501, 0.047413),
    (-0.011820, 0.042940, 0.968881),
)  # fmt: skip
LEAST = 10.0


def linear(colour: str) -> Triple:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return r, g, b


def as_seen(colour: str, *, deuteranopia: bool) -> Triple:
    rgb = linear(colour)
    if not deuteranopia:
        return rgb
    r, g, b = (
        min(max(sum(m * part for m, part in zip(row, rgb, strict=True)), 0), 1)
        for row in DEUTERANOPIA
    )
    return r, g, b


def lab(rgb: Triple) -> Triple:
    r, g, b = rgb
    xyz = (
        (0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047,
        0.2126729 * r + 0.7151522 * g + 0.0721750 * b,
        (0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883,
    )
    x, y, z = (t ** (1 / 3) if t > (6 / 29) ** 3 else t / (3 * (6 / 29) ** 2) + 4 / 29 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def ciede2000(one: Triple, two: Triple) -> float:
    (l1, a1, b1), (l2, a2, b2) = one, two
    mean = (hypot(a1, b1) + hypot(a2, b2)) / 2
    g = 0.5 * (1 - sqrt(mean**7 / (mean**7 + 25**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = hypot(a1, b1), hypot(a2, b2)
    h1, h2 = degrees(atan2(b1, a1)) % 360, degrees(atan2(b2, a2)) % 360
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    dl, dc, dh = l2 - l1, c2 - c1, 2 * sqrt(c1 * c2) * sin(radians(turn / 2))
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    if c1 * c2 == 0:
        hue = h1 + h2
    else:
        hue = (h1 + h2) / 2 + (180 * (1 if h1 + h2 < 360 else -1) if abs(h1 - h2) > 180 else 0)
    t = (
        1 - 0.17 * cos(radians(hue - 30)) + 0.24 * cos(radians(2 * hue))
        + 0.32 * cos(radians(3 * hue + 6)) - 0.20 * cos(radians(4 * hue - 63))
    )  # fmt: skip
    sl = 1 + 0.015 * (light - 50) ** 2 / sqrt(20 + (light - 50) ** 2)
    sc, sh = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    r = (
        -2
        * sqrt(chroma**7 / (chroma**7 + 25**7))
        * sin(radians(60 * exp(-(((hue - 275) / 25) ** 2))))
    )
    return sqrt((dl / sl) ** 2 + (dc / sc) ** 2 + (dh / sh) ** 2 + r * dc / sc * dh / sh)


@pytest.mark.parametrize(("one", "two", "apart"), [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, -1, 2), (50, 0, 0), 2.3669),
    ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
])  # fmt: skip
def test_the_measure_gives_the_numbers_of_its_paper(one: Triple, two: Triple, apart: float) -> None:
    assert ciede2000(one, two) == pytest.approx(apart, abs=5e-5)


CLASSES = {
    "layers": ("conv1", "pool", "linear", "cell"),
    "wide layers": ("conv4", "pool", "linear", "cell"),
    "volumes": ("conv-front", "pool-front", "linear-front", "image-front", "up-front"),
    "small kernels": ("kernel1-front", "pool-front", "linear-front", "image-front", "up-front"),
    "large kernels": ("kernel2-front", "pool-front", "linear-front", "image-front", "up-front"),
    "wires": ("wire", "rise", "fall", "level", "changed"),
    "ops between bars": ("conv-line", "other-line", "level"),
}
"""What stands beside each other in a figure and means something else; conv1 to conv4, and the
kernels of volumes, are shades of one class.  There is no room for four classes with four shades of
one of them this far apart in grey above the contrast that dark words need: there the words on pools
and linear layers are white.
"""


def apart(theme: Theme, one: str, two: str, *, deuteranopia: bool) -> float:
    colours = THEMES[theme]
    first, second = (lab(as_seen(colours[role], deuteranopia=deuteranopia)) for role in (one, two))
    return ciede2000(first, second)


@pytest.mark.parametrize("deuteranopia", [False, True], ids=["all", "deuteranopia"])
@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize("theme", ["light", "dark", "grey"])
def test_f6_classes_that_differ_in_meaning_differ_in_colour(
    theme: Theme, kind: str, deuteranopia: bool
) -> None:
    for one, two in combinations(CLASSES[kind], 2):
        assert apart(theme, one, two, deuteranopia=deuteranopia) >= LEAST, (one, two)


OUTLINES = ("conv-line", "pool-line", "linear-line", "cell-line", "frame-line", "wire", "changed")


@pytest.mark.parametrize("deuteranopia", [False, True], ids=["all", "deuteranopia"])
@pytest.mark.parametrize("theme", ["light", "dark", "grey"])
def test_f6_a_highlight_differs_from_every_other_line(theme: Theme, deuteranopia: bool) -> None:
    for line in OUTLINES:
        assert apart(theme, "highlight", line, deuteranopia=deuteranopia) >= LEAST, line


@pytest.mark.parametrize("deuteranopia", [False, True], ids=["all", "deuteranopia"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_f6_the_names_of_the_palette_are_colours_that_differ(
    theme: Theme, deuteranopia: bool
) -> None:
    """Eight greys so far apart that bear words there are not: from black to white it is 73."""
    for one, two in combinations(COLOURS, 2):
        assert apart(theme, one, two, deuteranopia=deuteranopia) >= LEAST, (one, two)


def test_a_green_and_a_red_of_one_lightness_are_found_alike() -> None:
    seen = [lab(as_seen(colour, deuteranopia=True)) for colour in ("#B06030", "#7A7A2E")]
    assert ciede2000(*seen) < LEAST < ciede2000(lab(linear("#B06030")), lab(linear("#7A7A2E")))


def contrast(one: str, two: str) -> float:
    """The ratio of WCAG 2.1 between two colours."""
    bright, dark = sorted((lab_light(one), lab_light(two)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def lab_light(colour: str) -> float:
    r, g, b = linear(colour)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


GROUNDS = {
    "ink": ("background", "band", "cell", "conv1", "conv2", "conv3", "conv4", *COLOURS),
    "pool-ink": ("pool",), "linear-ink": ("linear",), "muted": ("background", "band"),
    "badge-ink": ("badge",),
}  # fmt: skip


@pytest.mark.parametrize("ink", GROUNDS)
@pytest.mark.parametrize("theme", ["light", "dark", "grey"])
def test_f6_words_can_be_read_on_every_ground(theme: Theme, ink: str) -> None:
    colours = THEMES[theme]
    for ground in GROUNDS[ink]:
        assert contrast(colours[ink], colours[ground]) >= 4.5, ground


def test_f6_words_have_the_ink_of_what_they_stand_on(spec: Any) -> None:
    inks = {
        shape.text: shape.fill
        for shape in figure(spec("lenet5").net).shapes
        if isinstance(shape, Text)
    }
    assert inks["2×2 max pool"] == "pool-ink" and inks["fc, 120"] == "linear-ink"
    assert inks["5×5 conv, 6"] == "ink" and inks["ReLU"] == "ink"
