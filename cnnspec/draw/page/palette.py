"""The colours of the themes, by role; kinds differ in hue, channels or kernels in shade."""

from __future__ import annotations

from typing import Literal

Theme = Literal["light", "dark", "grey"]

_COLOURS: dict[str, tuple[str, str]] = {
    "background": ("#FFFFFF", "#14171A"),
    "ink": ("#1A1A1A", "#F2F4F6"),
    "muted": ("#5A626C", "#A9B2BC"),
    "wire": ("#2B2F36", "#D5DAE0"),
    "conv1": ("#D0E3F4", "#22405C"),
    "conv2": ("#B2D0EB", "#2A4F72"),
    "conv3": ("#8CB9DE", "#305F8C"),
    "conv4": ("#669FCE", "#3671AA"),
    "conv-line": ("#1F5A8C", "#8FBFE8"),
    "pool": ("#F5B46C", "#8A5312"),
    "pool-line": ("#8F4D00", "#F0B067"),
    "pool-ink": ("#1A1A1A", "#F2F4F6"),
    "linear": ("#FAF1B5", "#4C4615"),
    "linear-line": ("#7D6900", "#D9C95A"),
    "linear-ink": ("#1A1A1A", "#F2F4F6"),
    "cell": ("#F3F3F2", "#2A2F36"),
    "cell-line": ("#7A828C", "#8A939E"),
    "band": ("#F4F6F8", "#1C2126"),
    "band-line": ("#D5DAE0", "#363D45"),
    "frame-line": ("#98A1AC", "#6C7682"),
    "changed": ("#B5341C", "#FF9178"),
    "highlight": ("#D6006C", "#D6006C"),
    "rise": ("#1B7F6B", "#4CC7AE"),
    "fall": ("#CC5A06", "#F4821A"),
    "level": ("#7E8690", "#8A939E"),
    "other-line": ("#7D6900", "#D9C95A"),
    "badge": ("#2B2F36", "#E4E8EC"),
    "badge-ink": ("#FFFFFF", "#14171A"),
    "conv-front": ("#B2D0EB", "#2A4F72"),
    "conv-top": ("#D4E5F5", "#3671AA"),
    "conv-side": ("#8CB9DE", "#233C55"),
    "kernel1-front": ("#D0E3F4", "#22405C"),
    "kernel1-top": ("#E6F0FA", "#2F5B84"),
    "kernel1-side": ("#B2D0EB", "#1B3148"),
    "kernel2-front": ("#669FCE", "#3671AA"),
    "kernel2-top": ("#8CB9DE", "#4A8ACB"),
    "kernel2-side": ("#4C86B8", "#2B598A"),
    "up-front": ("#AEDBB4", "#2F7A4A"),
    "up-top": ("#D3EDD6", "#3F9A5F"),
    "up-side": ("#86C18F", "#225A37"),
    "up-line": ("#2E6B3A", "#8FD0A0"),
    "pool-front": ("#F5B46C", "#8A5312"),
    "pool-top": ("#FAD5A6", "#A8681E"),
    "pool-side": ("#E39A48", "#6B3F0C"),
    "linear-front": ("#FAF1B5", "#4C4615"),
    "linear-top": ("#FCF6CF", "#7A7024"),
    "linear-side": ("#E3D373", "#474112"),
    "image-front": ("#F3F3F2", "#2A2F36"),
    "image-top": ("#FFFFFF", "#3A414A"),
    "image-side": ("#DDE0E4", "#22262C"),
    "accent": ("#E78D6D", "#BE481B"),
    "accent-tint": ("#FBE4DC", "#4A2A20"),
    "accent-line": ("#A8401F", "#FF9C7A"),
    "blue": ("#8BBAFC", "#436B96"),
    "blue-tint": ("#E3EFF9", "#1E3549"),
    "blue-line": ("#1F5A8C", "#8FBFE8"),
    "green": ("#ABDBA6", "#256E43"),
    "green-tint": ("#E4F3E2", "#21391F"),
    "green-line": ("#2E6B2B", "#8FD08A"),
    "orange": ("#F2A620", "#824C10"),
    "orange-tint": ("#FDEBD6", "#43301A"),
    "orange-line": ("#8F4D00", "#F0B067"),
    "purple": ("#CCB8DF", "#4E3E80"),
    "purple-tint": ("#EFE8F8", "#322A45"),
    "purple-line": ("#5B3F94", "#C4ACF0"),
    "red": ("#E08993", "#C43853"),
    "red-tint": ("#FADFDF", "#472424"),
    "red-line": ("#9B1C1C", "#FF8F8F"),
    "yellow": ("#F8E384", "#4E4317"),
    "yellow-tint": ("#FCF6D6", "#3D3818"),
    "yellow-line": ("#6B5900", "#E5D05A"),
    "grey": ("#CED2D5", "#5F666E"),
    "grey-tint": ("#EEF0F2", "#2E343B"),
    "grey-line": ("#4B535C", "#B4BCC5"),
}
"""Role -> colour on light and on dark ground."""


_GREYS: dict[str, int] = {
    "cell": 0xFA,
    "conv1": 0xCA,
    "conv2": 0xBD,
    "conv3": 0xB0,
    "conv4": 0xA3,
    "conv-line": 0x3A,
    "linear": 0x72,
    "linear-ink": 0xFF,
    "linear-line": 0x2B,
    "pool": 0x44,
    "pool-ink": 0xFF,
    "pool-line": 0x2A,
    "image-front": 0xFA,
    "image-top": 0xFF,
    "image-side": 0xE6,
    "conv-front": 0xBD,
    "conv-top": 0xCF,
    "conv-side": 0xA3,
    "kernel1-front": 0xCA,
    "kernel1-top": 0xDA,
    "kernel1-side": 0xB6,
    "kernel2-front": 0xA9,
    "kernel2-top": 0xBD,
    "kernel2-side": 0x96,
    "up-front": 0x88,
    "up-top": 0xA0,
    "up-side": 0x74,
    "up-line": 0x33,
    "linear-front": 0x6A,
    "linear-top": 0x84,
    "linear-side": 0x56,
    "pool-front": 0x44,
    "pool-top": 0x5C,
    "pool-side": 0x33,
    "highlight": 0x00,
    "fall": 0x50,
    "rise": 0x70,
    "changed": 0x8E,
    "level": 0xB0,
    "other-line": 0x86,
}
"""Roles whose grey says what their hue says elsewhere: as far apart as classes that differ in
meaning must be (CIEDE2000 of 10), light enough for ink or dark enough for white."""


def _grey(colour: str) -> str:
    """The grey of equal luminance, as a black-and-white print shows it (sRGB, Rec. 709)."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    light = sum(part * p for part, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    value = 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
    return "#" + f"{round(255 * value):02X}" * 3


THEMES: dict[Theme, dict[str, str]] = {
    "light": {role: light for role, (light, _) in _COLOURS.items()},
    "dark": {role: dark for role, (_, dark) in _COLOURS.items()},
    "grey": {
        role: "#" + f"{_GREYS[role]:02X}" * 3 if role in _GREYS else _grey(light)
        for role, (light, _) in _COLOURS.items()
    },
}
"""Theme -> role -> `#RRGGBB`; every shape of a scene names a role."""
