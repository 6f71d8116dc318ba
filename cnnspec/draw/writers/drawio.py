"""A scene for diagrams.net: shapes with labels, connectors glued to them, blocks as groups.

The format is mxGraph's model as XML: cells with a parent, coordinates from the parent's corner.
"""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec.draw.page.fontwidths import office, using
from cnnspec.draw.page.scene import Area, Scene
from cnnspec.draw.writers.svg import escape, number
from cnnspec.draw.writers.things import Bundle, Connector, Point, Solid, Thing, around, said, things

_GROUP = "group;fillColor=none;strokeColor=none;collapsible=0;"
_LAYER = "1"
"""The cell that all others lie in."""


def write_drawio(scene: Scene, colours: dict[str, str]) -> str:
    """The scene as an uncompressed file of one page."""
    writer = _Writer(colours)
    with using(scene.face, scene.other):
        found = things(scene)
        writer.name(found, _LAYER, (0, 0))
        cells = "".join(writer.cells(found, _LAYER, (0, 0)))
    width, height = number(scene.width), number(scene.height)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<mxfile host="cnnspec">\n'
        f'<diagram id="figure" name="{_value(scene.title)}">\n'
        f'<mxGraphModel dx="{width}" dy="{height}" grid="0" gridSize="10" guides="1" '
        'tooltips="1" connect="1" arrows="1" fold="1" page="1" pageScale="1" '
        f'pageWidth="{width}" pageHeight="{height}" background="{colours["background"]}" '
        'math="0" shadow="0">\n'
        f'<root>\n<mxCell id="0"/>\n<mxCell id="{_LAYER}" parent="0"/>\n{cells}'
        "</root>\n</mxGraphModel>\n</diagram>\n</mxfile>\n"
    )


class _Writer:
    """Numbers the cells and remembers which of them stands for a layer."""

    def __init__(self, colours: dict[str, str]) -> None:
        self.colours = colours
        self.ids: dict[int, str] = {}
        self.boxes: dict[str, tuple[str, Area]] = {}
        """Path of a layer -> its cell and where that is on the page."""

    def name(self, found: Sequence[Thing], parent: str, corner: Point) -> None:
        """Give every thing its number; the first box of a layer is the one that wires meet."""
        for thing in found:
            self.ids[id(thing)] = cell = f"c{len(self.ids) + 2}"
            if isinstance(thing, Bundle):
                for path in thing.paths:
                    self.boxes.setdefault(path, (cell, around(thing)))
                self.name(thing.parts, cell, corner)
            elif isinstance(thing, Solid):
                for path in thing.paths:
                    self.boxes.setdefault(path, (cell, thing.area))

    def cells(self, found: Sequence[Thing], parent: str, corner: Point) -> list[str]:
        """The elements of things that lie in a cell with a corner."""
        out: list[str] = []
        for thing in found:
            match thing:
                case Bundle():
                    out += self._bundle(thing, parent, corner)
                case Solid():
                    out += self._solid(thing, parent, corner)
                case Connector():
                    out.append(self._connector(thing, parent, corner))
        return out

    def _bundle(self, bundle: Bundle, parent: str, corner: Point) -> list[str]:
        cell, area = self.ids[id(bundle)], around(bundle)
        head = (
            f'<mxCell id="{cell}" value="" style="{_GROUP}" vertex="1" '
            f'parent="{parent}">{_geometry(area, corner)}</mxCell>\n'
        )
        return [head, *self.cells(bundle.parts, cell, (area.left, area.top))]

    def _solid(self, solid: Solid, parent: str, corner: Point) -> list[str]:
        value = said(solid)
        style = self._style(solid)
        cell = self.ids[id(solid)]
        return [
            f'<mxCell id="{cell}" value="{_value(value)}" style="{style}" vertex="1" '
            f'parent="{parent}">{_geometry(solid.area, corner)}</mxCell>\n'
        ]

    def _style(self, solid: Solid) -> str:
        """The look of a shape and of its label, as mxGraph's list of keys."""
        left, top, right, bottom = solid.area
        words = {"rectangle": "", "ellipse": "ellipse;", "text": "text;", "polygon": ""}[solid.form]
        if solid.form == "polygon":
            wide, high = max(right - left, 0.01), max(bottom - top, 0.01)
            places = ",".join(
                f"[{number((x - left) / wide)},{number((y - top) / high)}]"
                for x, y in solid.corners
            )
            words = f"shape=mxgraph.basic.polygon;polyCoords=[{places}];polyline=0;"
        if solid.radius:
            arc = number(2 * min(solid.radius, (right - left) / 2, (bottom - top) / 2))
            words += f"rounded=1;absoluteArcSize=1;arcSize={arc};"
        words += f"fillColor={self.colours[solid.fill] if solid.fill else 'none'};"
        words += f"strokeColor={self.colours[solid.stroke] if solid.stroke else 'none'};"
        words += f"strokeWidth={number(solid.line)};" if solid.line else ""
        words += "dashed=1;" if solid.dash else ""
        return words + self._font(solid)

    def _font(self, solid: Solid) -> str:
        if not solid.texts:
            return "html=0;"
        text = solid.texts[0][0]
        bold = all(one.bold for line in solid.texts for one in line)
        style = f"html=0;fontFamily={office()};fontSize={number(text.size)};"
        style += f"fontColor={self.colours[text.fill]};" + ("fontStyle=1;" if bold else "")
        place = "left" if solid.form == "text" else "center"
        return style + f"align={place};verticalAlign=middle;spacing=0;overflow=visible;"

    def _box(self, path: str) -> tuple[str, Area] | None:
        """The cell of a layer, or the one of the closed block that it is in."""
        while path and path not in self.boxes:
            path = path.rpartition(".")[0]
        return self.boxes.get(path)

    def _connector(self, wire: Connector, parent: str, corner: Point) -> str:
        first, last = wire.points[0], wire.points[-1]
        ends, words = "", ""
        for path, point, key, way in (
            (wire.ends[0], first, "source", "exit"), (wire.ends[1], last, "target", "entry"),
        ):  # fmt: skip
            box = self._box(path)
            if box is not None:
                cell, area = box
                ends += f' {key}="{cell}"'
                words += _glued(way, area, point)
        style = (
            f"endArrow={'classic' if wire.arrow else 'none'};endFill=1;endSize=2;html=0;rounded=1;"
            f"edgeStyle=none;strokeColor={self.colours[wire.stroke]};"
            f"strokeWidth={number(wire.line)};{'dashed=1;' if wire.dash else ''}{words}"
        )
        inner = "".join(_point(point, corner) for point in wire.points[1:-1])
        way = f'<Array as="points">{inner}</Array>' if inner else ""
        start, end = _point(first, corner, "sourcePoint"), _point(last, corner, "targetPoint")
        return (
            f'<mxCell id="{self.ids[id(wire)]}" value="" style="{style}" edge="1" '
            f'parent="{parent}"{ends}><mxGeometry relative="1" as="geometry">'
            f"{start}{end}{way}</mxGeometry></mxCell>\n"
        )


def _glued(way: str, area: Area, point: Point) -> str:
    """Where a wire meets a box, in parts of its width and height, so that it moves with it."""
    x = (point[0] - area.left) / max(area.right - area.left, 0.01)
    y = (point[1] - area.top) / max(area.bottom - area.top, 0.01)
    place = f"{way}X={round(x, 4):g};{way}Y={round(y, 4):g};"
    return place + f"{way}Dx=0;{way}Dy=0;{way}Perimeter=0;"


def _geometry(area: Area, corner: Point) -> str:
    x, y = number(area.left - corner[0]), number(area.top - corner[1])
    size = f'width="{number(area.right - area.left)}" height="{number(area.bottom - area.top)}"'
    return f'<mxGeometry x="{x}" y="{y}" {size} as="geometry"/>'


def _point(point: Point, corner: Point, name: str = "") -> str:
    said = f' as="{name}"' if name else ""
    return f'<mxPoint x="{number(point[0] - corner[0])}" y="{number(point[1] - corner[1])}"{said}/>'


def _value(text: str) -> str:
    """Text for an attribute that keeps its line breaks; labels are no HTML (S24)."""
    return escape(text).replace("\n", "&#10;")
