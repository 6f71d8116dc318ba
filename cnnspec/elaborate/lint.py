"""Warnings: what is allowed and probably not meant (L7, L13, L16, S10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod

from cnnspec import ir
from cnnspec.diagnostics import Diagnostic, Diagnostics, Label
from cnnspec.elaborate.evaluate import Read
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.values import Shape, Window, dims

KINDS = ("pool", "norm")
"""Kinds of op that `layer` looks at."""


def layer(
    diagnostics: Diagnostics,
    made: ir.Layer,
    before: ir.Item | None,
    follows: Span | None,
    written: Mapping[str | int, Span],
) -> None:
    """What one layer and the one before it tell.

    `follows` is the default that added it, `written` the places of its arguments.
    """
    if made.op.kind == "pool":
        stride(diagnostics, made, written.get("window") or written.get(0) or made.span)
    if made.op.batched:
        bias(diagnostics, made, before, follows)
        one_value(diagnostics, made)


def stride(diagnostics: Diagnostics, layer: ir.Layer, place: Span) -> None:
    """W0203: a pool whose stride was not written slides by one (L7)."""
    window = getattr(layer.op, "window", None)
    if not isinstance(window, Window) or window.written:
        return
    if layer.shape[1:] == (1, 1):
        return
    kernel = Window(window.kernel)
    rows = window.kernel[0]
    diagnostics.add(
        Diagnostic(
            "W0203",
            f"{layer.op.name} {kernel} has stride 1",
            place,
            note=f"write `{kernel}/{rows}` to move by the window, or `{kernel}/1` to say it",
        )
    )


def bias(
    diagnostics: Diagnostics, norm: ir.Layer, before: ir.Item | None, follows: Span | None
) -> None:
    """W0208: the mean that a batch norm subtracts takes the bias before it along."""
    if not isinstance(before, ir.Layer) or before.op.kind not in ("conv", "linear"):
        return
    if "bias" not in before.op.params(before.inputs[0]):
        return
    place = follows or norm.span
    diagnostics.add(
        Diagnostic(
            "W0208",
            f"the bias of this {before.op.name} does nothing: a batch norm subtracts it again",
            before.span,
            labels=(Label(place, "this bn follows"),),
            help=(f"write `bias=false`: {before.shape[0]:,} parameters fewer, the same network",),
        )
    )


def one_value(diagnostics: Diagnostics, norm: ir.Layer) -> None:
    """W0209: a batch norm over one value for each channel and image (S10)."""
    if prod(norm.shape[1:]) != 1:
        return
    what = "a map" if len(norm.shape) == 3 else "a vector"
    diagnostics.add(
        Diagnostic(
            "W0209",
            f"this bn normalises one value for each channel: {what} of {dims(norm.shape)} arrives",
            norm.span,
            note="training with a batch of one stops here",
            help=("put it before the pooling, use `ln`, or train with larger batches only",),
        )
    )


def too_early(
    diagnostics: Diagnostics, path: t.Path, words: Sequence[str], followed: Mapping[str, str]
) -> None:
    """W0213: a tap of a layer that a default has given followers reads what comes before them.

    `followed` has the last follower of each layer of the level that the path begins in.
    """
    name = ".".join(words)
    if name not in followed:
        return
    last = followed[name]
    diagnostics.add(
        Diagnostic(
            "W0213",
            f"`{name}` is read before the layers that its default lets follow",
            path.span,
            help=(
                f"`from {last}` reads what leaves them",
                f"where it is meant, write `bare` at `{name}`, and what follows after it",
            ),
        )
    )


def two_values(diagnostics: Diagnostics, reads: Sequence[Read]) -> None:
    """W0204: `in` read twice in one chain with different values (L13)."""
    first: dict[str, Read] = {}
    for read in reads:
        name, earlier = f"in.{read.name}", first.setdefault(read.name, read)
        if earlier.value != read.value:
            diagnostics.add(
                Diagnostic(
                    "W0204",
                    f"`{name}` is {read.value} here, and {earlier.value} earlier in this chain",
                    read.span,
                    labels=(Label(earlier.span, f"{earlier.value} here"),),
                    help=(f"`let c = {name}` before the chain keeps the {earlier.value}",),
                )
            )
            return


def rows_first(shape: Shape, written: t.ShapeExpr) -> Diagnostic | None:
    """W0210: an image with its channels last, as other tools write it (L24)."""
    if len(shape) != 3 or not _channels_last(*map(int, shape)):
        return None
    *size, channels = shape
    right = dims((channels, *size))
    if any(written.names):
        words = [
            f"{name}={n}" if name else str(n) for name, n in zip(written.names, shape, strict=True)
        ]
        right = f"[{', '.join([words[-1], *words[:-1]])}]"
    return Diagnostic(
        "W0210",
        f"{dims(shape)} is an input of {int(shape[0])} channels: rows and columns first?",
        written.span,
        note="channels come first",
        help=(f"write `input {right}` for images of {dims(tuple(size))}",),
    )


IMAGE = 8
"""Rows and columns of the smallest image that is taken for one with its channels last."""


def _channels_last(first: int, second: int, last: int) -> bool:
    """Whether sizes look like rows, columns and the channels of an image.

    Other numbers of channels than three are rare: rows and columns must then be equal.
    """
    if first < IMAGE or second < IMAGE:
        return False
    return last == 3 or (last in (1, 2, 4) and first == second)


def unused_block(block: t.Block) -> Diagnostic:
    """W0206: nothing calls a block."""
    return Diagnostic(
        "W0206",
        f"nothing calls the block `{block.name}`",
        block.name_span,
        help=("delete it, or call it; blocks for other files live in a file without nets",),
    )


def idle_default(default: t.Default) -> Diagnostic:
    """W0214: a default of an op that nothing below it writes."""
    name = default.call.name
    return Diagnostic(
        "W0214",
        f"no {name} is written under this default: it changes nothing",
        default.span,
        notes=(
            "a default reaches what is written in its own braces, not into blocks called there",
        ),
        help=("put it into the block, or at the top of the file that has the block",),
    )


def stray_documentation(place: Span) -> Diagnostic:
    """W0212: `##` text above what has no documentation, or above nothing."""
    return Diagnostic(
        "W0212",
        "this documentation belongs to nothing",
        place,
        note="only what stands below `##` can show it",
        help=("put it above the net, block or layer that it describes, or write `#`",),
    )


def unused_layers(diagnostics: Diagnostics, net: ir.Net) -> None:
    """W0207: layers whose output no output of the net depends on, said at the last of each."""
    graph = ir.graph(net)
    alive, waiting = set(graph.outputs.values()), list(graph.outputs.values())
    while waiting:
        arriving = [i for i in graph.nodes[waiting.pop()].inputs if i not in alive]
        alive.update(arriving)
        waiting += arriving
    feeds = {i for node in graph for i in node.inputs}
    for node in graph:
        if node.index not in alive and node.index not in feeds:
            diagnostics.add(_unused_layer(node, graph, alive))


def _unused_layer(node: ir.Node, graph: ir.Graph, alive: set[int]) -> Diagnostic:
    """What the end of a dead chain says: how many layers stand in it."""
    dead, waiting = {node.index}, [node.index]
    while waiting:
        arriving = [i for i in graph.nodes[waiting.pop()].inputs if i not in alive | dead]
        dead.update(arriving)
        waiting += arriving
    notes = (f"{len(dead)} layers end here unused",) if len(dead) > 1 else ()
    what, help = f"the output of `{node.path}`", "`add { ...; from stem }` or `concat { ... }`"
    if node.op.kind == "input":
        what, help = f"the input `{node.path}`", f"`concat {{ skip; from {node.path} }}`"
    return Diagnostic(
        "W0207",
        f"nothing uses {what}",
        node.layer.span,
        notes=notes,
        help=(f"join it: {help}; or delete it",),
    )


def buried_head(diagnostics: Diagnostics, output: str, items: Sequence[ir.Item]) -> None:
    """W0205: a softmax or sigmoid before the cross-entropy that is not the head (L16)."""
    after = ""
    for layer in _from_the_end(items):
        if layer.op.head:
            name = layer.op.name
            where = f"{after} follows it" if after else "it stands inside a block"
            end = f"end with `{name}`" if after else f"call it after the block: `-> {name}`"
            diagnostics.add(
                Diagnostic(
                    "W0205",
                    f"this {name} is not the head of `{output}`: {where}",
                    layer.span,
                    help=(
                        f"{end}: the generated `forward` then returns what goes into "
                        "it, as a cross-entropy needs",
                    ),
                )
            )
            return
        after = layer.op.name


def inner_softmax(diagnostics: Diagnostics, output: str, items: Sequence[ir.Item]) -> None:
    """W0205: a softmax that a `linear` follows was to end the net; nobody learns through it.

    A sigmoid there is an activation.
    """
    layers = [*_flow(items)]
    for at, layer in enumerate(layers):
        if layer is None or not layer.op.probabilities:
            continue
        after = next((x for x in layers[at + 1 :] if x is None or not _passes(x)), None)
        if after is None or after.op.kind != "linear":
            continue
        last = next(x for x in reversed(layers) if x is not None)
        end = f"end with `{last.span.brief()} -> softmax`" if last.op.kind == "linear" else ""
        diagnostics.add(
            Diagnostic(
                "W0205",
                f"this softmax is not the head of `{output}`: {after.op.name} follows it",
                layer.span,
                labels=(Label(after.span, f"this {after.op.name} sees probabilities"),),
                help=(f"leave it out here{', and ' * bool(end)}{end}",),
            )
        )


def _flow(items: Sequence[ir.Item]) -> Iterator[ir.Layer | None]:
    """The layers of a flow in order, those of blocks included; None where arms join."""
    for item in items:
        match item:
            case ir.Layer():
                yield item
            case ir.Call():
                yield from _flow(item.module.items)
            case ir.Group():
                yield from _flow(item.items)
            case ir.Branch():
                continue
            case _:
                yield None


def _from_the_end(items: Sequence[ir.Item]) -> list[ir.Layer]:
    """The layers that end the flow, last first, up to one that computes with weights or joins."""
    found: list[ir.Layer] = []
    for item in reversed(items):
        match item:
            case ir.Layer():
                found.append(item)
            case ir.Call():
                found += _from_the_end(item.module.items)
            case ir.Group():
                found += _from_the_end(item.items)
            case ir.Branch():
                continue
            case _:
                return found
        if not found or not _passes(found[-1]):
            return found
    return found


def _passes(layer: ir.Layer) -> bool:
    """Whether a cross-entropy still sees what went into a layer: it reshapes, drops or pools."""
    return layer.op.kind in ("shape", "pool", "other")
