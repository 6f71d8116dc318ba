"""What `cnnspec sizes` says: for people, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnspec.report.escape import terminal
from cnnspec.report.style import PLAIN, Style
from cnnspec.report.width import paragraph
from cnnspec.values import dims

if TYPE_CHECKING:
    from cnnspec.analyses.sizes import Failure, OpenShape, Sizes
    from cnnspec.analyses.solve import SizeSet
    from cnnspec.elaborate.workspace import Elaborated

_STEPS = 12
"""At most this many lines of arithmetic; the last ones, which lead to the failure."""


def as_text(elaborated: Elaborated, sizes: Sizes, style: Style = PLAIN) -> str:
    """The page a person reads: the set, the smallest, what comes out, what fails beside it."""
    head = f"{elaborated.net.name} · {elaborated.unit.source.name} · declared {_declared(sizes)}"
    if not sizes.is_map:
        return f"{terminal(head)}\n  its input is a vector: no size is open\n"
    square = sizes.square()
    lines = [("n x n", f"n {square}"), *_apart(sizes, square), *_heads(sizes, square)]
    lines += [("smallest", f"{square.low} x {square.low}")] if square.low else []
    lines += [(name, _shape(shape)) for name, shape in outputs(sizes).items()]
    width = max(len(name) for name, _ in lines)
    page = [style.paint(terminal(head), "bold")]
    page += [f"  {terminal(name).ljust(width)}  {text}" for name, text in lines]
    for size in _beside(square):
        page += _failure(sizes.failure((size, size)))
    return paragraph("\n".join(page) + "\n", style.width)


def _declared(sizes: Sizes) -> str:
    return dims(sizes.net.inputs[0].shape)


def _apart(sizes: Sizes, square: SizeSet) -> list[tuple[str, str]]:
    """Height and width alone, where they do not repeat what holds of both."""
    height, width = sizes.height(), sizes.width()
    if height == width == square:
        return [("apart", "height and width alike, each by itself")]
    rows, columns = sizes.declared
    return [
        ("height", f"{height}, beside a width of {columns}"),
        ("width", f"{width}, beside a height of {rows}"),
    ]


def _heads(sizes: Sizes, square: SizeSet) -> list[tuple[str, str]]:
    """What changes with auxiliary heads, and without the layers whose weights fix the size."""
    lines = []
    if sizes.has_heads:
        lines.append(("training", f"n {sizes.square(training=True)}, with its auxiliary heads"))
    maps = sizes.square(weights=False)
    if maps != square:
        lines.append(("maps alone", f"n {maps}, without the layers that want a fixed size"))
    return lines


def outputs(sizes: Sizes) -> dict[str, OpenShape]:
    """The last map, and every output by name."""
    graph = sizes.graph
    named = {graph.nodes[sizes.last_map].path: sizes.shapes[sizes.last_map]}
    return {**named, **{name: sizes.shapes[at] for name, at in graph.outputs.items()}}


def _shape(shape: OpenShape) -> str:
    return " x ".join(map(str, shape))


def _beside(square: SizeSet) -> list[int]:
    """The sizes next to the set that fail."""
    above = [] if square.high is None else [square.high + 1]
    return [size for size in (square.low - 1, *above) if size > 0]


def _failure(failure: Failure | None) -> list[str]:
    if failure is None:
        return []
    rows, columns = failure.size
    lines = ["", f"  {rows} x {columns} fails at {terminal(failure.path)}: {failure.reason}"]
    shown = failure.arithmetic[-_STEPS:]
    width = max((len(path) for path, _ in shown), default=0)
    return [*lines, *(f"    {terminal(path).ljust(width)}  {text}" for path, text in shown)]


def failure_text(net: str, failure: Failure | None, size: tuple[int, int]) -> str:
    """The answer to `--at`."""
    if failure is None:
        return f"{net} works on {size[0]} x {size[1]}\n"
    return f"{net}\n" + "\n".join(_failure(failure)[1:]) + "\n"


def as_json(elaborated: Elaborated, sizes: Sizes) -> dict[str, Any]:
    """The shape `cnnspec.sizes/1`; a `high` of null is without end."""
    found: dict[str, Any] = {
        "schema": "cnnspec.sizes/1",
        "net": elaborated.net.name,
        "file": elaborated.unit.source.name,
        "declared": list(sizes.declared) if sizes.is_map else None,
    }
    if sizes.is_map:
        square = sizes.square()
        found |= {
            "square": _set(square),
            "height": _set(sizes.height()),
            "width": _set(sizes.width()),
            "training": _set(sizes.square(training=True)),
            "maps": _set(sizes.square(weights=False)),
            "outputs": {k: [*map(_number, v)] for k, v in outputs(sizes).items()},
            "fails": [_json(sizes.failure((n, n))) for n in _beside(square)],
        }
    return found


def _number(size: object) -> int | str:
    return size if isinstance(size, int) else str(size)


def _set(found: SizeSet) -> dict[str, Any]:
    return {
        "low": found.low,
        "high": found.high,
        "modulus": found.modulus,
        "residues": list(found.residues),
        "members": list(found.members) or None,
    }


def _json(failure: Failure | None) -> dict[str, Any] | None:
    if failure is None:
        return None
    steps = [{"path": path, "formula": text} for path, text in failure.arithmetic]
    return {
        "size": list(failure.size),
        "path": failure.path,
        "reason": failure.reason,
        "arithmetic": steps,
    }
