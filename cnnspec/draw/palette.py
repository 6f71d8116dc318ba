"""The colours of the themes, by role; kinds differ in hue, channels or kernels in shade."""

from __future__ import annotations

from typing import Literal

Theme = Literal["light", "dark"]

ROLES = (
    "background ink muted wire conv1 conv2 conv3 conv4 conv-line pool pool-line linear linear-line "
    "cell cell-line band band-line frame-line changed badge badge-ink"
).split()
"""What a colour is for; every shape of a scene names one of these."""

_COLOURS: dict[Theme, str] = {
    "light": "#FFFFFF #1A1A1A #5A626C #2B2F36 #D4E5F5 #B2D0EB #8CB9DE #669FCE #1F5A8C #F5B46C #8F4D00 "
    "#F7EBA0 #7D6900 #F3F3F2 #7A828C #F4F6F8 #D5DAE0 #98A1AC #B5341C #2B2F36 #FFFFFF",
    "dark": "#14171A #F2F4F6 #A9B2BC #D5DAE0 #233C55 #2A4F72 #305F8C #3671AA #8FBFE8 #8A5312 #F0B067 "
    "#5E561A #D9C95A #2A2F36 #8A939E #1C2126 #363D45 #6C7682 #FF9178 #E4E8EC #14171A",
}

THEMES: dict[Theme, dict[str, str]] = {
    theme: dict(zip(ROLES, colours.split(), strict=True)) for theme, colours in _COLOURS.items()
}
"""Theme -> role -> `#RRGGBB`."""
