"""The op that a node of an ONNX graph is: the way back from `Op.onnx`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cnnspec.importing.made import op
from cnnspec.importing.onnx.graph import Graph, Node
from cnnspec.importing.trace import Raw
from cnnspec.ops.op import Op
from cnnspec.ops.reading import Unread
from cnnspec.values import Padding, Window

Reader = Callable[[Graph, Node], Op | Raw]
WEIGHTS = {
    "Conv": ("weight", "bias"),
    "ConvTranspose": ("weight", "bias"),
    "Gemm": ("weight", "bias"),
    "MatMul": ("weight",),
    "BatchNormalization": ("weight", "bias", "running_mean", "running_var"),
    "PRelu": ("weight",),
}
"""Which inputs behind the first are tensors of the state_dict."""


def read(graph: Graph, node: Node) -> Op | Raw:
    """The op of a node. Raises Unread where the language has none."""
    if node.kind in PLAIN:
        return op(PLAIN[node.kind])
    reader = READERS.get(node.kind)
    if reader is None:
        raise Unread(f"{node.kind} has no op")
    return reader(graph, node)


PLAIN = {
    "Relu": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "HardSwish": "hardswish", "Mish": "mish",
    "Softplus": "softplus", "Abs": "abs", "GlobalAveragePool": "global_avgpool",
    "GlobalMaxPool": "global_maxpool", "Add": "add", "Sub": "sub", "Mul": "mul", "Max": "max",
    "Sum": "add", "Mean": "mean", "Identity": "skip", "Selu": "selu", "Swish": "silu",
}  # fmt: skip
"""Nodes without attributes that matter."""


def _window(node: Node, kernel: tuple[int, int] | None = None) -> Window:
    size = kernel or tuple(node.get("kernel_shape"))
    if len(size) != 2:
        raise Unread(f"{node.kind} over {len(size)} axes has no op")
    return Window((size[0], size[1]), tuple(node.get("strides", (1, 1))))


def _padding(node: Node) -> Padding:
    if node.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID"):
        raise Unread(f"{node.kind} with auto_pad={node.get('auto_pad')} has no word in a spec")
    top, left, bottom, right = node.get("pads", (0, 0, 0, 0))
    return Padding(top, bottom, left, right)


def _conv(graph: Graph, node: Node) -> Op:
    size = graph.weights[graph.source(node.inputs[1])].dims
    return op(
        "conv",
        channels=size[0],
        window=_window(node, tuple(size[2:])),
        pad=_padding(node),
        groups=node.get("group", 1),
        dilation=tuple(node.get("dilations", (1, 1))),
        bias=_biased(node),
    )


def _biased(node: Node) -> bool:
    return len(node.inputs) > 2 and bool(node.inputs[2])


def _conv_transpose(graph: Graph, node: Node) -> Op:
    size = graph.weights[graph.source(node.inputs[1])].dims
    groups = node.get("group", 1)
    if node.get("output_padding") or node.get("output_shape"):
        raise Unread("ConvTranspose with an output padding")
    return op(
        "conv_transpose", channels=size[1] * groups, window=_window(node, tuple(size[2:])),
        pad=_padding(node), groups=groups, bias=_biased(node),
    )  # fmt: skip


def _bn(graph: Graph, node: Node) -> Op:
    momentum = round(1 - node.get("momentum", 0.9), 7)
    return op("bn", eps=_short(node.get("epsilon", 1e-5)), momentum=momentum)


def _short(number: float) -> float:
    """A float32 as people write it: 1e-5 is kept as 9.99999974738e-06."""
    return float(f"{number:.6g}")


def _gemm(graph: Graph, node: Node) -> Op:
    if node.get("alpha", 1.0) != 1 or node.get("beta", 1.0) != 1 or node.get("transA"):
        raise Unread("Gemm that is no fully connected layer")
    size = graph.weights[graph.source(node.inputs[1])].dims
    return op("linear", features=size[0 if node.get("transB") else 1], bias=_biased(node))


def _matmul(graph: Graph, node: Node) -> Op:
    if not graph.is_weight(node.inputs[1]) or len(graph.shape(node.inputs[0])) != 1:
        raise Unread("MatMul of two values has no op")
    return op("linear", features=graph.weights[graph.source(node.inputs[1])].dims[1], bias=False)


def _clip(graph: Graph, node: Node) -> Op:
    ends = [node.get("min"), node.get("max")]
    for place in (1, 2):
        if len(node.inputs) > place:
            ends[place - 1] = graph.number(node.inputs[place])
    low, high = (None if end is None else float(end) for end in ends)
    if low is None or high is None:
        raise Unread("Clip with one end has no op")
    return op("relu6") if (low, high) == (0, 6) else op("hardtanh", low=low, high=high)


def _pool(name: str) -> Reader:
    def reader(graph: Graph, node: Node) -> Op:
        if any(one != 1 for one in node.get("dilations", (1, 1))):
            raise Unread("a dilated pool has no op")
        words: dict[str, Any] = {"ceil": bool(node.get("ceil_mode", 0))}
        if name == "avgpool":
            inside = not node.get("count_include_pad", 0)
            words["count_include_pad"] = not (inside and any(node.get("pads", ())))
        return op(name, window=_window(node), pad=_padding(node), **words)

    return reader


def _reduce(name: str, plain: str) -> Reader:
    def reader(graph: Graph, node: Node) -> Op | Raw:
        axes = node.get("axes")
        axes = graph.integers(node.inputs[1]) if axes is None and len(node.inputs) > 1 else axes
        over = sorted(axis % 4 for axis in axes or ())
        if over == [2, 3]:
            return op(name) if node.get("keepdims", 1) else Raw("flat pool", (name,))
        if over == [1] and node.get("keepdims", 1):
            return op(plain)
        raise Unread(f"{node.kind} over the axes {axes} has no op")

    return reader


def _view(graph: Graph, node: Node) -> Op | Raw:
    before, after = graph.shapes[node.inputs[0]], _after(graph, node)
    if before == after:
        return op("skip")
    if len(after) == 2 and after[0] == before[0]:
        return op("flatten")
    return Raw("view", (before, after))


def _after(graph: Graph, node: Node) -> tuple[int, ...]:
    """The shape that a Reshape gives; -1 is what is left, 0 what was there."""
    before = graph.shapes[node.inputs[0]]
    if node.kind != "Reshape":
        known = graph.shapes.get(node.outputs[0], ())
        return known if all(known) else (before[0], int(np.prod(before[1:])))
    wanted = [before[i] if n == 0 else n for i, n in enumerate(graph.integers(node.inputs[1]))]
    rest = int(np.prod(before)) // -int(np.prod(wanted)) if -1 in wanted else 0
    after = tuple(rest if n == -1 else n for n in wanted)
    graph.shapes[node.outputs[0]] = after
    return after


def _axes(graph: Graph, node: Node) -> Op | Raw:
    order = tuple(node.get("perm"))
    if len(order) == 4 and order[0] == 0:
        return op("permute", order=tuple(axis - 1 for axis in order[1:]))
    before = graph.shapes[node.inputs[0]]
    graph.shapes[node.outputs[0]] = tuple(before[axis] for axis in order)
    return Raw("axes", order)


def _concat(graph: Graph, node: Node) -> Op:
    if node.get("axis") % len(graph.shapes[node.outputs[0]]) != 1:
        raise Unread(f"Concat along axis {node.get('axis')} has no op")
    return op("concat")


def _slice(graph: Graph, node: Node) -> Op:
    starts, ends = (graph.integers(name) for name in node.inputs[1:3])
    axes = graph.integers(node.inputs[3]) if len(node.inputs) > 3 else [*range(len(starts))]
    steps = graph.integers(node.inputs[4]) if len(node.inputs) > 4 else [1]
    if axes != [1] or steps != [1]:
        raise Unread("Slice that takes no channels has no op")
    channels = graph.shape(node.inputs[0])[0]
    start, stop, _ = slice(starts[0], min(ends[0], channels)).indices(channels)
    return op("slice", start=start, stop=stop)


def _softmax(graph: Graph, node: Node) -> Op:
    axes = len(graph.shapes[node.inputs[0]])
    if node.get("axis", -1) % axes != 1:
        raise Unread("Softmax over another axis than the channels has no op")
    return op("softmax")


def _hardsigmoid(graph: Graph, node: Node) -> Op:
    if abs(node.get("alpha", 0.2) - 1 / 6) > 1e-6 or node.get("beta", 0.5) != 0.5:
        raise Unread("HardSigmoid with another slope than 1/6")
    return op("hardsigmoid")


def _lrn(graph: Graph, node: Node) -> Op:
    words = {"alpha": 1e-4, "beta": 0.75, "bias": 1.0}
    alpha, beta, k = (_short(node.get(word, usual)) for word, usual in words.items())
    return op("lrn", size=node.get("size"), alpha=alpha, beta=beta, k=k)


def _resize(graph: Graph, node: Node) -> Op:
    mode = {"nearest": "nearest", "linear": "bilinear"}.get(node.get("mode", "nearest"))
    way = node.get("coordinate_transformation_mode", "half_pixel")
    before, after = graph.shape(node.inputs[0]), graph.shape(node.outputs[0])
    corners = way == "align_corners"
    right = {"nearest": ("asymmetric",), "bilinear": ("half_pixel", "pytorch_half_pixel")}
    if mode is None or (not corners and way not in right[mode]):
        raise Unread(f"Resize with mode={node.get('mode')} and {way} has no op")
    rows, columns = (b // a for a, b in zip(before[1:], after[1:], strict=True))
    whole = rows == columns and after[1:] == tuple(n * rows for n in before[1:])
    if whole and not corners:
        return op("upsample", scale=rows, mode=mode)
    return op("resize", size=tuple(after[1:]), mode=mode, align_corners=corners)


def _prelu(graph: Graph, node: Node) -> Op:
    slopes = graph.weights[graph.source(node.inputs[1])].dims
    return op("prelu", shared=int(np.prod(slopes)) == 1)


READERS: dict[str, Reader] = {
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "BatchNormalization": _bn,
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Clip": _clip,
    "MaxPool": _pool("maxpool"),
    "AveragePool": _pool("avgpool"),
    "ReduceMean": _reduce("global_avgpool", "channel_mean"),
    "ReduceMax": _reduce("global_maxpool", "channel_max"),
    "Flatten": _view,
    "Reshape": _view,
    "Squeeze": _view,
    "Unsqueeze": _view,
    "Transpose": _axes,
    "Concat": _concat,
    "Slice": _slice,
    "Softmax": _softmax,
    "HardSigmoid": _hardsigmoid,
    "LRN": _lrn,
    "Resize": _resize,
    "PRelu": _prelu,
    "Elu": lambda graph, node: op("elu", alpha=_short(node.get("alpha", 1.0))),
    "LeakyRelu": lambda graph, node: op("leaky_relu", slope=_short(node.get("alpha", 0.01))),
    "Gelu": lambda graph, node: op("gelu", approximate=node.get("approximate", "none")),
    "Dropout": lambda graph, node: op("dropout", p=_ratio(graph, node)),
}
"""Nodes whose attributes or tensors decide what they are."""


def _ratio(graph: Graph, node: Node) -> float:
    """A dropout's probability: an attribute once, an input today."""
    given = graph.number(node.inputs[1]) if len(node.inputs) > 1 else None
    return _short(node.get("ratio", 0.5) if given is None else float(given))
