"""Every op's ONNX form alone, with each of its arguments, against the op's own PyTorch module."""

from __future__ import annotations

import numpy
import pytest
import torch

from cnnspec.backends.onnx import emit
from cnnspec.ops import ops
from tests.backends.harness import elaborate, load, text_of

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

MAP, VECTOR = "4x9x12", "12"

ON_MAPS = """
    conv 8, 3x3
    conv 8, 3x5/2x1, pad=1x2
    conv 8, 3x3, pad=[0, 1, 2, 0]
    conv 8, 3x3, same, dilation=2
    conv 8, 3x2, dilation=1x3
    conv 8, 3x3, groups=2, bias=false
    conv 2, 3x3, connections=[[0, 2], [1, 2, 3]]
    conv 8, 3x3, pad=1, pad_mode="reflect"
    conv 8, 3x3/2, pad=2x1, pad_mode="replicate"
    conv 8, 3x3, pad=3, pad_mode="circular"
    pad [0, 1, 2, 3]
    pad [0, 1, 2, 3], mode="reflect"
    pad 1x2, mode="replicate"
    pad 2, mode="circular"
    conv_transpose 8, 3x3
    conv_transpose 8, 2x2/2, bias=false
    conv_transpose 8, 4x3/2x1, pad=1, groups=2
    conv_transpose 8, 3x3/2, pad=1x0, output_pad=1
    conv_transpose 8, 3x2/2, dilation=2x1, output_pad=1x0
    conv 8, 3x3/2, tf_same
    conv 8, 2x4, pad=tf_same
    conv 8, 3x2/2x3, pad=tf_same, dilation=1x2, groups=2
    maxpool 2x2/1, pad=tf_same
    maxpool 3x2/2, pad=tf_same
    avgpool 3x2/2, pad=tf_same
    avgpool 3x3/2, pad=tf_same, count_include_pad=false
    maxpool 3x2/2
    maxpool 3x3/2, pad=1x0
    maxpool 4x3/3x2, ceil=true
    avgpool 3x2/2
    avgpool 3x3/2, pad=1
    avgpool 3x3/2, pad=1, count_include_pad=false
    avgpool 3x3/2, pad=1x0, ceil=true
    p: maxpool 3x3/3 -> tanh -> unpool p
    p: maxpool 2x2/2 -> tanh -> unpool p
    p: maxpool 2x2/2, pad=1, ceil=true -> tanh -> unpool p
    p: avgpool 3x2/2 -> tanh -> resize to=image
    p: avgpool 3x2/2 -> tanh -> resize mode="bilinear", to=image -> crop to=p
    global_avgpool
    adaptive_avgpool 1
    adaptive_avgpool 3x4
    adaptive_avgpool 3x5
    adaptive_avgpool 2x4
    adaptive_avgpool 4x5
    global_maxpool
    adaptive_maxpool 1
    adaptive_maxpool 3x4
    adaptive_maxpool 2x4
    adaptive_maxpool 4x5
    channel_mean
    channel_max
    instance_norm
    instance_norm affine=true, eps=0.1
    l2norm
    pixel_shuffle 2
    pixel_unshuffle 3
    dropout2d 0.5
    times 0.17
    bn
    bn eps=0.1
    bn affine=false
    gn 2
    gn 4, eps=0.1
    gn 2, affine=false
    ln
    ln eps=0.1
    ln affine=false
    lrn 3
    lrn 5, alpha=2, beta=0.5, k=3
    relu
    relu6
    leaky_relu
    leaky_relu 0.3
    gelu
    gelu approximate="tanh"
    sigmoid
    tanh
    silu
    hardswish
    scaled_tanh
    prelu
    prelu shared=true
    elu
    elu 0.5
    selu
    mish
    softplus
    hardsigmoid
    hardtanh
    hardtanh -2, 3
    abs
    softmax
    dropout 0.5
    drop_path 0.5
    scale
    scale value=0.3
    channel_shuffle 2
    pad_channels 7
    permute [1, 2, 0]
    permute [2, 0, 1]
    slice 1, 3
    crop 4x7
    crop 9x12
    resize 4x5
    resize 20x25
    resize 4x20, mode="bilinear"
    resize 20x5, mode="bilinear"
    resize 1x3, mode="bilinear"
    resize 4x20, mode="bilinear", align_corners=true
    upsample 2
    upsample 3, mode="bilinear"
    flatten
    permute [1, 2, 0] -> linear 5, over="last"
    linear 5, bias=false, over="last"
    ln over="last"
    ln affine=false, over="last"
    flatten -> linear 5
    flatten -> linear 5, bias=false
    add { skip; conv 4, 1x1 }
    add { skip; relu; conv 4, 1x1 }
    concat { skip; conv 2, 1x1; tanh }
    sub { skip; conv 4, 1x1 }
    mean { skip; relu; conv 4, 1x1 }
    max { skip; tanh; conv 4, 1x1 }
    mul { skip; conv 4, 1x1 }
    mul { skip; channel_max -> sigmoid }
    mul { skip; global_avgpool -> sigmoid }
    mul { global_avgpool -> sigmoid; skip; tanh }
"""
ON_VECTORS = """
    linear 5
    linear 5, bias=false
    rbf 5
    bn
    bn affine=false
    gn 3
    ln
    relu
    prelu
    prelu shared=true
    l2norm
    times -2
    softmax
    slice 2, 7
    flatten
    add { linear 3; linear 3 }
    concat { linear 3; linear 4 }
    sub { linear 3; linear 3 }
    mean { linear 3; linear 3 }
    max { linear 3; linear 3 }
    mul { linear 3; linear 3 -> sigmoid }
"""
CASES = [(MAP, line.strip()) for line in ON_MAPS.strip().splitlines()] + [
    (VECTOR, line.strip()) for line in ON_VECTORS.strip().splitlines()
]


def test_no_op_is_left_out():
    written = {word for _, layer in CASES for word in layer.replace("{", " ").split()}
    assert set(ops()) - {"skip"} <= written


@pytest.mark.parametrize(("arriving", "layer"), CASES, ids=[f"{x} {line}" for x, line in CASES])
def test_an_op_in_onnx_is_what_it_is_in_pytorch(arriving: str, layer: str):
    text = f"net it {{\n  input {arriving}\n  {layer}\n}}\n"
    content = emit(elaborate(text))
    model = onnx.load_from_string(content)
    onnx.checker.check_model(model, full_check=True)
    net = load(text_of(text)).it().eval()
    torch.manual_seed(0)
    for value in net.state_dict().values():
        if value.dtype.is_floating_point:
            value.copy_(torch.rand_like(value) + 0.1)
    state = {name: value.numpy() for name, value in net.state_dict().items()}
    for tensor in model.graph.initializer:
        if tensor.name in state:
            tensor.CopyFrom(onnx.numpy_helper.from_array(state[tensor.name], tensor.name))
    x = 5 * torch.randn(2, *map(int, arriving.split("x")))
    with torch.inference_mode():
        wanted = net(x).numpy()
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    (found,) = session.run(None, {session.get_inputs()[0].name: x.numpy()})
    assert found.shape == wanted.shape
    assert numpy.abs(found - wanted).max() <= 1e-5 * max(1.0, numpy.abs(wanted).max())
