"""`output` and `aux`: the tap that one begins with, and what carries its name (L15, L18)."""

from __future__ import annotations

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
