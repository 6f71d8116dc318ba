"""The net of a figure with its inputs in the order that an author asks for.

Outputs stand in their order by the layout alone (`flow.turns`): a net's branches leave its flow
where they are written.
"""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec.diagnostics import did_you_mean
from cnnspec.draw.errors import OptionError
from cnnspec.ir import Item, Net, Tap, graph
from cnnspec.records import replace


def ordered(net: Net, names: Sequence[str]) -> Net:
    """The same net, some inputs in another order: a figure places what comes first to the left.

    Those that are not named keep their places.  Raises OptionError for a name that is no input and
    no output.
    """
    inputs = {entry.name: entry for entry in net.inputs}
    outputs = graph(net).outputs
    for name in names:
        if name not in inputs and name not in outputs:
            known = did_you_mean(name, (*inputs, *outputs))
            raise OptionError(f"{net.name} has no input or output `{name}`{known and ': ' + known}")
    names = [name for name in names if name in inputs]
    turned = iter([inputs[name] for name in dict.fromkeys(names)])
    found = tuple(next(turned) if one.name in names else one for one in net.inputs)
    first, items = net.inputs[0], net.body.items
    if found[0] is not first:  # what flows on from the first says so now
        begin: Item = Tap(first.name, first.shape, net.span)
        items = (begin, *items)
    return replace(net, inputs=found, body=replace(net.body, items=items))
