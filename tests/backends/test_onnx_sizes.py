"""G3 7: models on other sizes than the declared one, and the shapes that their files say."""

from __future__ import annotations

import json
import sys
from random import Random

import numpy
import pytest
import torch

from cnnspec.analyses.sizes import Sizes
from cnnspec.backends.onnx import emit
from cnnspec.ir import graph
from tests.backends.harness import elaborate, load, text_of

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

NETS = 30
"""`python -m tests.backends.test_onnx_sizes 100` takes more."""
CHANNELS = 4


def net(seed: int) -> str:
    """A net whose weights fit any size, declared so small that a map often has one pixel."""
    random = Random(seed)
    size = random.choice([4, 8, 8, 16])
    lines = [layer(random, 2) for _ in range(random.randint(2, 5))]
    ends = ["", "conv 3, 1x1", "global_avgpool", "global_avgpool -> flatten -> linear 3", "ln"]
    lines.append(random.choice(ends))
    if random.random() < 0.3:
        lines.insert(-1, "output side: conv 2, 1x1 -> sigmoid")
    body = "\n".join(lines)
    return f"net n {{\ninput 3x{size}x{size}\nconv {CHANNELS}, 3x3, same\n{body}\n}}"


def layer(random: Random, depth: int) -> str:
    """A line that keeps the channels; a fork while `depth` lasts."""
    c = CHANNELS
    plain = [
        f"conv {c}, 3x3/2, pad=1",
        f"conv {c}, 3x3/2, pad=1 -> bn -> relu",
        f"conv {c}, 2x2/2",
        f"conv {c}, 3x3, pad=[0, 2, 1, 1]",
        f"conv {c}, 1x3, same",
        "maxpool 2x2/2",
        "maxpool 3x3/2, ceil=true",
        "maxpool 3x3/2, pad=1",
        "avgpool 3x3/2, pad=1, count_include_pad=false",
        "avgpool 2x2/2, ceil=true",
        "upsample 2",
        'upsample 2, mode="bilinear"',
        "bn -> hardswish",
        "gn 2 -> gelu",
        "ln",
        "lrn 3",
        "channel_shuffle 2",
        "dropout 0.1",
        f"slice 1, 3 -> conv {c}, 1x1",
    ]
    if not depth or random.random() < 0.6:
        return random.choice(plain)
    half = c // 2
    inner, down = layer(random, depth - 1), f"conv {half}, 3x3/2, pad=1"
    gate = f"{{ global_avgpool; conv 2, 1x1 -> relu; conv {c}, 1x1 -> sigmoid }}"
    forks = [
        f"mul {{ skip; {gate} }}",
        f"mul {{ {gate}; skip }}",
        f"mul {{ {gate}; {{ {inner} }} }}",
        f"mul {{ {{ adaptive_avgpool 1 -> conv {c}, 1x1 -> tanh }}; {{ {inner} }}; {gate} }}",
        f"add {{ skip; {{ conv {c}, 3x3, same -> relu }} }}",
        f"add {{ {{ {inner} }}; {{ {inner} }} }}",
        f"concat {{ {down}; {{ maxpool 3x3/2, pad=1 -> conv {half}, 1x1 }} }}",
        f"concat {{ skip; {{ {down}\n{layer(random, 0)}\nupsample 2 }} }}\nconv {c}, 1x1",
        f"{{ global_avgpool\nconv {c}, 1x1 }}",
    ]
    return random.choice(forks)


def drawn(seed: int) -> tuple[str, list[tuple[int, int]]]:
    """The first valid net from a seed on, and two other sizes that it works on."""
    random = Random(seed)
    for number in range(1000):
        text = net(1000 * seed + number)
        try:
            found = elaborate(text).net
        except AssertionError:
            continue
        sizes = Sizes(found, graph(found))
        tried = [(random.randint(3, 40), random.randint(3, 40)) for _ in range(60)]
        tried += [(8 * random.randint(1, 5), 8 * random.randint(1, 5)) for _ in range(20)]
        fits = [size for size in tried if size != sizes.declared and not sizes.failure(size)]
        if len(fits) > 1:
            return text, [fits[0], fits[-1]]
    raise AssertionError("no net works on other sizes")


def faults(seed: int) -> list[str]:
    """What is wrong with the model of a random net; nothing, if nothing is."""
    text, sizes = drawn(seed)
    content = emit(elaborate(text))
    model = onnx.load_from_string(content)
    onnx.checker.check_model(model, full_check=True)
    arriving = model.graph.input[0]
    if arriving.type.tensor_type.shape.dim[2].dim_param != "height":
        return [f"{text}\nis fixed"]
    module = load(text_of(text)).n().eval()
    state = {k: v.numpy() for k, v in module.state_dict().items()}
    for tensor in model.graph.initializer:
        if tensor.name in state:
            tensor.CopyFrom(onnx.numpy_helper.from_array(state[tensor.name], tensor.name))
    runner = session(model)
    torch.manual_seed(seed)
    found = []
    for size in sizes:
        x = torch.randn(3, 3, *size)
        with torch.inference_mode():
            wanted = module(x)
        wanted = wanted if isinstance(wanted, tuple) else (wanted,)
        results = runner.run(None, {arriving.name: x.numpy()})
        for a, b in zip(wanted, results, strict=True):
            if a.shape != b.shape or numpy.abs(a.numpy() - b).max() > 1e-4:
                found.append(f"{text}\nat {size}: {tuple(a.shape)}, {b.shape}")
        strictly_inferred(model, x.shape)
        found += [f"{text}\nat {size}: {fault}" for fault in said_falsely(model, x.numpy())]
    return found


def said_falsely(model: onnx.ModelProto, x: numpy.ndarray) -> list[str]:
    """Shapes in a file that are not those that its values have for an input."""
    known = [*model.graph.value_info, *model.graph.output]
    shown = onnx.ModelProto()
    shown.CopyFrom(model)
    del shown.graph.output[:]
    shown.graph.output.extend(onnx.ValueInfoProto(name=value.name) for value in known)
    results = session(shown).run(None, {model.graph.input[0].name: x})
    wrong, names = [], {"batch": len(x), "height": x.shape[2], "width": x.shape[3]}
    for value, result in zip(known, results, strict=True):
        dims = value.type.tensor_type.shape.dim
        for dim, size in zip(dims, result.shape, strict=True):
            said = dim.dim_value if dim.HasField("dim_value") else names.get(dim.dim_param, size)
            if said != size:
                wrong.append(f"{value.name} is {result.shape}, and the file says {dims}")
    return wrong


def strictly_inferred(model: onnx.ModelProto, size: tuple[int, ...]) -> None:
    """Raise where a shape in the file is not what strict inference finds for an input."""
    fixed = onnx.ModelProto()
    fixed.CopyFrom(model)
    for dim, number in zip(fixed.graph.input[0].type.tensor_type.shape.dim, size, strict=True):
        dim.dim_value = number
    onnx.shape_inference.infer_shapes(fixed, True, True, True)


def session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )


@pytest.mark.parametrize("seed", range(NETS))
def test_g3_7_random_nets_on_two_other_sizes(seed):
    assert not faults(seed)


def test_g3_7_a_map_of_one_pixel_is_open_where_the_op_does_not_make_it_so():
    text = """net n { input 3x16x16
      small: conv 4, 3x3/4, pad=1 -> one: conv 8, 4x4
      gate: { global_avgpool; conv 8, 1x1 }
      mul { from gate; from one }
      output side: from gate -> relu
      conv 10, 1x1 }"""
    model = onnx.load_from_string(emit(elaborate(text)))
    values = [*model.graph.value_info, *model.graph.output]
    open_ones = {
        v.name for v in values if not v.type.tensor_type.shape.dim[2].HasField("dim_value")
    }
    assert open_ones == {"small", "one", "mul1", "logits"}


def test_g3_7_arms_that_meet_at_the_declared_size_alone_fix_it():
    """A pooled map and a map of one pixel are as large as each other at one size only."""
    for join in ("add", "concat"):
        text = f"net n {{ input 3x8x8\n conv 4, 8x8\n {join} {{ skip; global_avgpool }} }}"
        model = onnx.load_from_string(emit(elaborate(text)))
        sizes = model.graph.input[0].type.tensor_type.shape.dim
        assert [d.dim_value for d in sizes][2:] == [8, 8]
        assert sizes[0].dim_param == "batch"


def main() -> None:
    """`python -m tests.backends.test_onnx_sizes 100`: how many nets are right on other sizes."""
    seeds = range(int(sys.argv[1]))
    wrong = {seed: found for seed in seeds if (found := faults(seed))}
    print(json.dumps({"nets": len(seeds), "right": len(seeds) - len(wrong), "wrong": wrong}))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
