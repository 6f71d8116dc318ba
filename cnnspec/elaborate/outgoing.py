"""`output` and `aux`: the tap that one begins with, and what carries its name (L15, L18)."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.syntax import tree as t

Layers = tuple[t.Layer, ...]


def outgoing(statement: t.Output) -> tuple[Layers, t.Layer | None]:
    """The `from` of an output, if it begins with one, and what it does with the value there.

    One layer takes the output's name; more stand in braces of that name, a level of their own.
    """
    layers = statement.flow.layers
    begins = bool(layers) and isinstance(layers[0].form, t.From)
    tap, work = layers[:begins], layers[begins:]
    if not work:
        return tap, None
    label = t.Label(statement.name_span, statement.name)
    if len(work) == 1 and work[0].label is None and not isinstance(work[0].form, t.From):
        return tap, t.Layer(work[0].span, label, work[0].form)
    flow = t.Flow(statement.flow.span, "", work, None)
    return tap, t.Layer(flow.span, label, t.Group(flow.span, t.Body(flow.span, (flow,))))


def shares_outside(carrier: t.Layer) -> bool:
    """Whether an output's braces use layers of the net once more (L17).

    Layers with a label of their own, or inside of one, are theirs.
    """
    if not isinstance(carrier.form, t.Group):
        return False
    layers = [*_layers(carrier.form)]
    own = {_first(layer.label.text) for layer in layers if layer.label is not None}
    shares = [layer.form for layer in layers if isinstance(layer.form, t.Share)]
    return any(_first(share.path.parts[0]) not in own for share in shares)


def _layers(node: t.Node) -> Iterator[t.Layer]:
    """The layers of one level: those of braces without a label and of arms are of it."""
    for child in node.children():
        if isinstance(child, t.Layer):
            yield child
            if child.label is not None or isinstance(child.form, t.Seq):
                continue
        yield from _layers(child)


def _first(text: object) -> str:
    """The first word of a label or path, as far as it is written."""
    if isinstance(text, t.Template):
        text = next((part for part in text.parts if isinstance(part, str)), "")
    return str(text).partition(".")[0]
