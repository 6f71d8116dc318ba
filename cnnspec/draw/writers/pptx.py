"""A scene as a slide: native shapes with their text, lines with arrowheads, blocks as groups.

python-pptx writes it (extra `office`); the slide is as large as the figure.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from cnnspec.draw.errors import MissingExtra
from cnnspec.draw.page.fontwidths import office, using
from cnnspec.draw.page.scene import Scene, Text
from cnnspec.draw.writers.svg import printable
from cnnspec.draw.writers.things import Bundle, Connector, Solid, Thing, things

if TYPE_CHECKING:
    from collections.abc import Sequence

_EMU = 12700
"""English metric units in a point."""
_LEAST, _MOST = 72, 56 * 72
"""A slide has at least an inch a side and at most 56."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_pptx(scene: Scene, colours: dict[str, str]) -> bytes:
    """The scene as a presentation of one slide; needs the extra `office`."""
    try:
        from pptx import Presentation
    except ImportError:
        raise MissingExtra("office") from None
    deck = Presentation()
    deck.slide_width = _emu(min(max(scene.width, _LEAST), _MOST))
    deck.slide_height = _emu(min(max(scene.height, _LEAST), _MOST))
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    deck.core_properties.title = printable(scene.title)
    deck.core_properties.author = "cnnspec"
    fill = slide.background.fill
    fill.solid()
    fill.fore_color.rgb = _rgb(colours["background"])
    with using(scene.face, scene.other):
        _Slide(colours).add(slide.shapes, things(scene))
    if len(slide.shapes):
        slide.shapes[0]._element._nvXxPr.cNvPr.set("descr", printable(scene.desc))
    out = BytesIO()
    deck.save(out)
    return _dateless(out.getvalue())


def _emu(points: float) -> Any:
    from pptx.util import Emu

    return Emu(round(points * _EMU))


def _rgb(colour: str) -> Any:
    from pptx.dml.color import RGBColor

    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return RGBColor(red, green, blue)  # type: ignore[no-untyped-call]


class _Slide:
    """Adds things to a slide or a group of it."""

    def __init__(self, colours: dict[str, str]) -> None:
        self.colours = colours

    def add(self, shapes: Any, found: Sequence[Thing]) -> None:
        """Put things in front of those that are there."""
        for thing in found:
            match thing:
                case Bundle():
                    group = shapes.add_group_shape()
                    group.name = printable(thing.name) or group.name
                    self.add(group.shapes, thing.parts)
                case Solid():
                    self._solid(shapes, thing)
                case Connector():
                    self._line(shapes, thing)

    def _solid(self, shapes: Any, solid: Solid) -> None:
        left, top, right, bottom = solid.area
        place = (_emu(left), _emu(top), _emu(right - left), _emu(bottom - top))
        if solid.form == "text":
            shape = shapes.add_textbox(*place)
        elif solid.form == "polygon":
            shape = _freeform(shapes, solid.corners, close=True)
        else:
            shape = shapes.add_shape(_form(solid), *place)
            if solid.radius and len(shape.adjustments):
                side = min(right - left, bottom - top)
                shape.adjustments[0] = min(solid.radius / side, 0.5)
        if solid.form != "text":
            self._paint(shape, solid)
        if solid.texts:
            self._label(shape, solid)

    def _paint(self, shape: Any, solid: Solid) -> None:
        _plain(shape)
        if solid.fill:
            shape.fill.solid()
            shape.fill.fore_color.rgb = _rgb(self.colours[solid.fill])
        else:
            shape.fill.background()
        if solid.stroke:
            self._stroke(shape.line, solid)
        else:
            shape.line.fill.background()

    def _stroke(self, line: Any, drawn: Solid | Connector) -> None:
        from pptx.enum.dml import MSO_LINE

        line.width = _emu(drawn.line)
        line.color.rgb = _rgb(self.colours[drawn.stroke])
        if drawn.dash:
            line.dash_style = MSO_LINE.DASH

    def _label(self, shape: Any, solid: Solid) -> None:
        """The lines of a label, each run in its weight and size."""
        from pptx.enum.text import MSO_ANCHOR, PP_ALIGN

        frame = shape.text_frame
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        frame.word_wrap, frame.vertical_anchor = False, MSO_ANCHOR.MIDDLE
        for index, line in enumerate(solid.texts):
            paragraph = frame.add_paragraph() if index else frame.paragraphs[0]
            paragraph.alignment = PP_ALIGN.LEFT if solid.form == "text" else PP_ALIGN.CENTER
            paragraph.line_spacing = 1.0
            for number, text in enumerate(line):
                self._run(paragraph.add_run(), text, last=number == len(line) - 1)

    def _run(self, run: Any, text: Text, *, last: bool) -> None:
        from pptx.util import Pt

        run.text = printable(text.text) + ("" if last else " ")
        run.font.size, run.font.bold, run.font.name = Pt(text.size), text.bold, office()
        run.font.color.rgb = _rgb(self.colours[text.fill])

    def _line(self, shapes: Any, wire: Connector) -> None:
        """A straight connector, or a line of several stretches."""
        if len(wire.points) == 2:
            from pptx.enum.shapes import MSO_CONNECTOR

            (x0, y0), (x1, y1) = wire.points
            ends = (_emu(x0), _emu(y0), _emu(x1), _emu(y1))
            shape = shapes.add_connector(MSO_CONNECTOR.STRAIGHT, *ends)
        else:
            shape = _freeform(shapes, wire.points, close=False)
            shape.fill.background()
        _plain(shape)
        self._stroke(shape.line, wire)
        if wire.arrow:
            _arrow(shape)


def _form(solid: Solid) -> Any:
    from pptx.enum.shapes import MSO_SHAPE

    if solid.form == "ellipse":
        return MSO_SHAPE.OVAL
    return MSO_SHAPE.ROUNDED_RECTANGLE if solid.radius else MSO_SHAPE.RECTANGLE


def _freeform(shapes: Any, points: Sequence[tuple[float, float]], *, close: bool) -> Any:
    """A shape through points, in hundredths of a point."""
    (x, y), *others = [(round(100 * x), round(100 * y)) for x, y in points]
    builder = shapes.build_freeform(x, y, scale=_EMU / 100)
    builder.add_line_segments(others, close=close)
    return builder.convert_to_shape()


def _plain(shape: Any) -> None:
    """Without the theme's shadow and colours."""
    style = shape._element.find("{http://schemas.openxmlformats.org/presentationml/2006/main}style")
    if style is not None:
        shape._element.remove(style)


def _arrow(shape: Any) -> None:
    """An arrowhead at the end of a line; python-pptx has no call for it."""
    from pptx.oxml.xmlchemy import OxmlElement

    head = OxmlElement("a:tailEnd")
    for key, value in (("type", "triangle"), ("w", "sm"), ("len", "sm")):
        head.set(key, value)
    shape.line._get_or_add_ln().append(head)


def _dateless(data: bytes) -> bytes:
    """The same archive without the hour of its making, so that it has the same bytes each time."""
    out = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        new.comment = b"cnnspec"
        for name in old.namelist():
            new.writestr(ZipInfo(name, _EPOCH), old.read(name), ZIP_DEFLATED)
    return out.getvalue()
