"""Behind the capture nothing needs torch: a trace made by hand becomes a proved text."""

import subprocess
import sys

from cnnspec.importing.importer import Model, prepare, write
from cnnspec.importing.made import op
from cnnspec.importing.trace import Scope, Step, Tensor, Trace, Value
from cnnspec.values import Padding, Window

CHANNELS = 8


def conv(scope: Scope, came: Value, path: str) -> Value:
    pad = Padding(1, 1, 1, 1)
    made = op("conv", channels=CHANNELS, window=Window((3, 3)), pad=pad)
    return step(scope, made, [came], (CHANNELS, 16, 16), path)


def step(
    scope: Scope, made: object, came: list[Value], shape: tuple[int, ...], path: str = ""
) -> Value:
    one = Step(made, came, Value(shape), scope, path, stateful=bool(path))
    one.output.maker = one
    scope.body.append(one)
    return one.output


def blocks(count: int) -> Trace:
    """A stem and residual blocks."""
    root, came = Scope("", "tests.Net"), Value((3, 16, 16))
    value, keys = conv(root, came, "stem"), ["stem"]
    for number in range(count):
        scope = Scope(f"layer{number + 1}", "tests.Block", False, root)
        root.body.append(scope)
        y = step(scope, op("relu"), [conv(scope, value, f"{scope.path}.conv1")], (CHANNELS, 16, 16))
        value = step(scope, op("add"), [y, value], (CHANNELS, 16, 16))
        keys.append(f"{scope.path}.conv1")
    shapes = {"weight": lambda key: (8, 3 if key == "stem" else 8, 3, 3), "bias": lambda key: (8,)}
    tensors = tuple(Tensor(f"{k}.{t}", size(k)) for k in keys for t, size in shapes.items())
    outputs = {"logits": value}
    return Trace("net_", root, (came,), outputs, "logits", frozenset(outputs), tensors)


def text(count: int) -> str:
    trace = blocks(count)
    prepare(trace)
    found = write([Model(trace)])
    assert not found.flat
    return found.text


def test_blocks_that_count_are_a_loop():
    assert "for i in range(5) { layer${i + 1}: block_block }" in text(5)


def test_i3_torch_is_not_needed_behind_the_capture():
    code = (
        "import sys, tests.importing.test_pure as t\n"
        "t.text(4)\n"
        "assert not {'torch', 'onnx', 'numpy'} & sys.modules.keys(), 'imported'"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_it_is_linear_enough_in_the_number_of_blocks():
    import time

    def took(count: int) -> float:
        start = time.process_time()
        text(count)
        return time.process_time() - start

    text(2)
    assert min(took(128) for _ in range(2)) < 4 * min(took(64) for _ in range(2)) + 0.05
