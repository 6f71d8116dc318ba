"""What autograd keeps of each op, asked of autograd itself."""

import pytest
import torch

from cnnspec.ops import ops
from cnnspec.values import TF_SAME, Dims
from tests.ops.harness import function, make, module

BATCH = 4
MAP, VECTOR = (4, 6, 8), (12,)

CASES = [
    (make("adaptive_avgpool", Dims((1, 1))), MAP), (make("adaptive_avgpool", Dims((2, 3))), MAP),
    (make("avgpool", "3x3/2", 1), MAP), (make("bn"), MAP), (make("bn"), VECTOR),
    (make("conv", 6, "3x3"), MAP), (make("flatten"), MAP),
    (make("gelu"), MAP), (make("global_avgpool"), MAP), (make("gn", 2), MAP),
    (make("hardswish"), MAP), (make("leaky_relu"), MAP), (make("linear", 5), VECTOR),
    (make("ln"), MAP), (make("lrn", 3), MAP), (make("maxpool", "3x3/2", 1), MAP),
    (make("pad_channels", 7), MAP), (make("permute", (2, 0, 1)), MAP), (make("relu"), MAP),
    (make("relu6"), MAP), (make("scale"), MAP), (make("sigmoid"), MAP), (make("silu"), MAP),
    (make("skip"), MAP), (make("slice", 1, 3), MAP), (make("softmax"), MAP), (make("tanh"), MAP),
    (make("upsample", 2), MAP), (make("mul"), MAP, MAP), (make("add"), MAP, MAP),
    (make("concat"), MAP, MAP), (make("prelu"), MAP), (make("prelu", True), MAP),
    (make("elu"), MAP), (make("selu"), MAP), (make("mish"), MAP), (make("softplus"), MAP),
    (make("hardsigmoid"), MAP), (make("hardtanh"), MAP), (make("abs"), MAP),
    (make("instance_norm"), MAP), (make("instance_norm", True), MAP), (make("l2norm"), MAP),
    (make("l2norm"), VECTOR), (make("global_maxpool"), MAP), (make("channel_mean"), MAP),
    (make("adaptive_maxpool", Dims((2, 3))), MAP), (make("channel_max"), MAP),
    (make("pixel_shuffle", 2), MAP), (make("pixel_unshuffle", 2), MAP), (make("dropout2d"), MAP),
    (make("times", 0.17), MAP), (make("conv_transpose", 6, "3x3/2"), MAP),
    *((make("pad", 1, mode), MAP) for mode in ("zeros", "reflect", "replicate", "circular")),
    *((make("conv", 6, "3x3", pad=1, pad_mode=mode), MAP)
      for mode in ("zeros", "reflect", "replicate", "circular")),
    (make("linear", 5, over="last"), MAP), (make("ln", over="last"), MAP),
    (make("crop", Dims((3, 3))), MAP), (make("resize", 3), MAP),
    (make("resize", 9, "bilinear", True), MAP),
    (make("conv", 6, "3x3/2", TF_SAME), MAP), (make("maxpool", "3x2/2", TF_SAME), MAP),
    (make("avgpool", "3x2/2", TF_SAME), MAP),
    (make("avgpool", "3x2/2", TF_SAME, count_include_pad=False), MAP),
    (make("sub"), MAP, MAP), (make("mean"), MAP, MAP), (make("max"), MAP, MAP),
]  # fmt: skip


def kept(op, *shapes) -> tuple[bool, bool, int]:
    """The same facts, found by looking at every tensor that autograd packs."""
    inputs = [torch.randn(BATCH, *shape, requires_grad=True) for shape in shapes]
    built = None if op.join else module(op, *shapes).train()
    state = [] if built is None else built.state_dict().values()
    own = {tensor.untyped_storage().data_ptr() for tensor in state}
    packed: dict[int, int] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        packed[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        output = function(op, *inputs) if built is None else built(*inputs)
    arriving = {x.untyped_storage().data_ptr() for x in inputs}
    leaving = output.untyped_storage().data_ptr()
    rest = sum(n for at, n in packed.items() if at not in {*own, *arriving, leaving})
    return bool(arriving & packed.keys()), leaving in packed and leaving not in arriving, rest


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0].name} {case[1]}")
def test_saved_is_what_autograd_keeps(case):
    op, *shapes = case
    said = op.saved(4, *shapes)
    assert kept(op, *shapes) == (said.inputs, said.output, BATCH * said.extra + said.fixed)


def test_dropout_keeps_a_mask_of_bytes_which_the_cpu_makes_of_numbers():
    op = make("dropout")
    assert op.saved(4, MAP).extra == 4 * 6 * 8
    assert kept(op, MAP) == (False, False, 4 * BATCH * 4 * 6 * 8)


def test_every_op_with_a_fact_is_asked():
    own = {name for name, cls in ops().items() if "saved" in vars(cls)}
    assert own <= {"dropout", *(op.name for op, *_ in CASES)}


@pytest.mark.parametrize(
    ("op", "shape", "bytes"),
    [
        (make("lrn", 3), MAP, 2 * 4 * 4 * 6 * 8),
        (make("maxpool", "2x2/2"), MAP, 8 * 4 * 3 * 4),
        (make("gn", 2), MAP, 2 * 4 * 2),
        (make("ln"), MAP, 2 * 4 * 6 * 8),
        (make("ln"), VECTOR, 2 * 4),
        (make("relu"), MAP, 0),
    ],
)
def test_scratch_in_bytes(op, shape, bytes):
    assert op.scratch(4, shape) == bytes


WINDOWS = {"avgpool", "conv", "maxpool"}
"""Made for one size with TensorFlow's padding where ONNX has no word for it: `test_tf_same`."""


@pytest.mark.parametrize("name", list(ops()))
def test_only_a_pool_to_a_grid_is_made_for_one_size(name):
    sized = name.startswith("adaptive_") or name == "crop"
    op = make(name, Dims((2, 1))) if sized else None
    assert op.sized() if op else name in WINDOWS or "sized" not in vars(ops()[name])
    assert not make("adaptive_avgpool", Dims((1, 1))).sized()
