"""A whole file: the defaults, the blocks, and the net of one model or of a family."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cnnspec.importing import nodes
from cnnspec.importing.blocks import Blocks
from cnnspec.importing.claims import claims
from cnnspec.importing.defaults import Defaults, constant
from cnnspec.importing.errors import refuse
from cnnspec.importing.expressions import Values, listed, value_of
from cnnspec.importing.holes import ANY, Param, Template
from cnnspec.importing.items import At, Head, Key, Leaf, Tap, everything
from cnnspec.importing.labels import IMAGE
from cnnspec.importing.trace import Trace
from cnnspec.importing.write import Writer
from cnnspec.syntax import tree as t

SIZE = "size"
"""What the side of a square input is called where the models of a family differ in it."""


def file(blocks: Blocks, family: str = "", classes: bool = True) -> t.File:
    """The file of all blocks and nets; models that are one net are its variants."""
    nets = [template for template in blocks.values() if template.nets]
    names = {family, *(trace.name for net in nets for trace in net.nets)}
    writer = Writer(blocks, names, classes)
    made: list[t.Declaration | t.Default] = [*_defaults(writer.defaults)]
    made += [_block(writer, key) for key in writer.words]
    for net in nets:
        if family:
            made.append(_net(writer, net, family))
            made += [_variant(writer, net, family, place) for place in range(len(net.nets))]
        else:
            made.append(_net(writer, net, net.nets[0].name, [*claims(net.nets[0])]))
    return t.File(nodes.NOWHERE, tuple(made))


def _defaults(defaults: Defaults) -> Iterator[t.Default]:
    behind = tuple(nodes.call(op.name) for op in defaults.followers)
    heads = [defaults.head] if defaults.head and behind else []
    for op in dict.fromkeys([*heads, *defaults.values]):
        values = defaults.values.get(op, {})
        given = [(name, nodes.literal(value)) for name, value in values.items()]
        followers = behind if op is defaults.head else ()
        yield t.Default(nodes.NOWHERE, "", nodes.call(op.name, given), followers)


def _params(params: Sequence[Param]) -> tuple[t.Param, ...]:
    return tuple(
        t.Param(nodes.NOWHERE, p.name, None if p.default is ANY else _said(p, p.default))
        for p in params
    )


def _said(param: Param, value: Any) -> t.Expr:
    """A value of a parameter; two numbers that are no list are rows and columns."""
    return listed(value) if param.kind.startswith("list of ") else value_of(value)


def _named(params: Sequence[Param]) -> Values:
    return Values({param: nodes.name(param.name) for param in params})


def _block(writer: Writer, key: Key) -> t.Block:
    template = writer.blocks[key]
    body = writer.body(template, _named(template.params))
    doc, where = _sentence(template.doc), nodes.NOWHERE
    params = _params(template.params)
    return t.Block(where, doc, writer.words[key], where, params, template.numbered, body)


def _net(writer: Writer, net: Template, name: str, said: Sequence[t.Claim] = ()) -> t.Net:
    params = [*_params(net.params)]
    if _sizes(net.nets):
        params.insert(0, t.Param(nodes.NOWHERE, SIZE, None))
    last = writer.last_of(net)
    if last is not None:
        classes = nodes.literal(last.classes)
        params.append(t.Param(nodes.NOWHERE, "classes", classes))
    body = writer.body(net, _named([*net.params, writer.classes]), top=True)
    statements = [*_inputs(net), *body.statements, *said]
    doc = _sentence(net.doc) or f"{net.name or 'A model'}, imported from {net.nets[0].origin}."
    where = nodes.NOWHERE
    return t.Net(where, doc, name, where, tuple(params), nodes.body(statements))


def _read(net: Template) -> set[str]:
    """The names of inputs that something goes on from or looks at."""
    every = [*everything(net.items)]
    taps = [item.tap if isinstance(item, Head) else item for item in every]
    looked = [item.args.values() for item in every if isinstance(item, Leaf)]
    paths = {one.path for values in looked for one in map(constant, values) if isinstance(one, At)}
    return paths | {tap.path for tap in taps if isinstance(tap, Tap) and tap.target is None}


def _inputs(net: Template) -> Iterator[t.Input]:
    """The inputs: one has its name only where that is read, or is not what it is anyway."""
    values = net.nets[0].inputs
    read = _read(net)
    for value in values:
        shape = [*map(nodes.literal, value.shape)]
        if _sizes(net.nets):
            shape[1:] = [nodes.name(SIZE), nodes.name(SIZE)]
        said = len(values) > 1 or value.name in read or value.name != IMAGE
        name = value.name if said else None
        yield t.Input(nodes.NOWHERE, "", name, nodes.shape(shape))


def _sizes(traces: Sequence[Trace]) -> list[int]:
    """The sides of the models' square inputs, where they differ. Raises Refused."""
    shapes = [tuple(value.shape for value in trace.inputs) for trace in traces]
    if len({*shapes}) == 1:
        return []
    if any(len(shape) > 1 for shape in shapes):
        raise refuse("models that are no family: their inputs differ")
    return [shape[0][1] for shape in shapes]


def _variant(writer: Writer, net: Template, family: str, place: int) -> t.Variant:
    """One model as a call of its family."""
    trace, where = net.nets[place], nodes.NOWHERE
    args = [t.Arg(where, None, nodes.literal(size)) for size in _sizes(net.nets)[place:][:1]]
    for param in net.params:
        value = param.values.get(place, param.common)
        keyword = None if param.default is ANY else param.name
        if keyword is None or value != param.default:
            args.append(t.Arg(where, keyword, _said(param, value)))
    body = nodes.body(claims(trace))
    return t.Variant(where, "", trace.name, where, family, where, tuple(args), body)


def _sentence(doc: str) -> str:
    return doc if not doc or doc.endswith((".", "!", "?")) else f"{doc}."
