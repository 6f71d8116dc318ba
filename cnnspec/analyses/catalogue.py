"""The names of the metrics, for claims, messages and `cnnspec explain`."""

from __future__ import annotations

from typing import Final

from cnnspec.analyses.torchsummary import Sizes

METRICS: Final[dict[str, str]] = {
    "params": "learnable numbers at inference; params(all) with auxiliary heads, params(path)",
    "params_all": "learnable numbers with auxiliary heads",
    "trainable": "numbers that training changes: params_all",
    "weights": "kernels of conv and linear, without biases and norms",
    "macs": "multiply-adds of conv and linear for one image",
    "flops": "2 macs",
    "layers": "conv and linear layers on the longest path",
    "count": "count(op): layers of one op",
    "shape": "shape(path): an output shape without the batch",
    "size": "size(path): the numbers in an output, the product of its shape",
    "connections": "connections(path): L(L+1)/2 for a dense block of L layers",
    "field": "field(path): the receptive field in pixels, the largest over all branches",
    "field_smallest": "field_smallest(path): the field along the branch that sees least",
    "field_stride": "field_stride(path): pixels from one output's field to the next one's",
    "field_padding": "field_padding(path): the part of the fields that lies in padding, 0 to 1",
    "input_size": "height of the input (height and width where they differ)",
    "min_input_size": "the least n for which an input of n x n works, 0 for none",
    "max_input_size": "the largest; 2147483647 where there is no end",
    "peak_inference_bytes": "most bytes of activations at inference: batch 1, float32",
    "training_bytes": "a training step: batch 1, float32, SGD with momentum",
    "img_s_inference": "img_s_inference(h100): roofline limit, eager, bfloat16, batch 128",
    "img_s_training": "img_s_training(h100): the same of a training step",
    "input_mb": "torchsummary's input size",
    "forward_backward_mb": "torchsummary's forward/backward pass size",
    "params_mb": "torchsummary's params size, but shared weights once",
    "total_mb": "torchsummary's estimated total size, shared weights once",
}
"""Every metric and what it means."""

COSTS = frozenset({"params", "params_all", "trainable", "weights", "macs", "flops"})
"""Metrics that a `Cost` answers."""

SIZES = frozenset(Sizes._fields)
"""Metrics in megabytes, as torchsummary prints them."""


class UnknownMetric(LookupError):
    """No metric has this name; `known` are all names."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name
        self.known = tuple(METRICS)
