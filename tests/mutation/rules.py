"""Rules of the emitter and of ops, each with a way to break it in the running process."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FunctionType

from tests.mutation.breaker import ROOT
from tests.mutation.live import functions, original

WRITE, OPS = "cnnspec/backends/torch/write", "cnnspec/ops"

RULES: dict[str, tuple[str, str, str]] = {
    "a layer's keywords": (
        f"{WRITE}/expressions.py", 'f"{k}={write(v)}" for k, v in form.keywords',
        'f"{k}={write(v)}" for k, v in form.keywords[1:]',
    ),
    "the order of a call's arguments": (
        f"{WRITE}/expressions.py", "in args\n        ]", "in args[::-1]\n        ]",
    ),
    "in place only behind a fresh map": (
        f"{WRITE}/nesting.py", "form.inplace and stream.last in FRESH", "form.inplace",
    ),
    "a head is left to the loss": (
        f"{WRITE}/nesting.py", "if item.head:", "if not item.head and item.head:",
    ),
    "the sides of F.pad": (
        f"{WRITE}/nesting.py", "({left}, {right}, {top}, {bottom})",
        "({top}, {bottom}, {left}, {right})",
    ),
    "the sides of nn.ZeroPad2d": (
        f"{WRITE}/containers.py", "(left, right, top, bottom))", "(top, bottom, left, right))",
    ),
    "the order of a fork's arms": (
        f"{WRITE}/forward.py", "texts.append(_factor(", "texts.insert(0, _factor(",
    ),
    "a tap goes on from its path": (
        f"{WRITE}/forward.py", "self.value(item.path, item.span), \"\", item.after",
        'stream.text, "", item.after',
    ),
    "which arm a condition takes": (
        f"{WRITE}/forward.py", "for items in (first, second):", "for items in (second, first):",
    ),
    "the order of auxiliary heads": (
        f"{WRITE}/forward.py", "self.training.append(", "self.training.insert(0, ",
    ),
    "a container is gone through to its end": (
        f"{WRITE}/forward.py", "[{place}:]", "[{place + 1}:]",
    ),
    "which value a further output takes": (
        f"{WRITE}/forward.py", "own.text = stream.text\n        self.run(item.items, own)",
        "self.run(item.items, own)\n",
    ),
    "a ReLU under its function's name": (
        f"{WRITE}/nesting.py", "item.form.function.format(stream.text, x=stream.text)",
        'item.form.function.replace("relu", "silu").format(stream.text, x=stream.text)',
    ),
    "the order of the arms' layers": (
        f"{WRITE}/construct.py", "for arm in item.arms:", "for arm in item.arms[::-1]:",
    ),
    "the layers of the other arm": (
        f"{WRITE}/construct.py", "if d > c:", "if d > c and b == a:",
    ),
    "each condition has its attribute": (
        f"{WRITE}/construct.py", 'self.refs.tests.get(text, "")',
        'next(iter(self.refs.tests.values()), "")',
    ),
    "elif behind if": (f"{WRITE}/containers.py", 'word = "elif"', 'word = "if"'),
    "a layer's name": (
        f"{WRITE}/refs.py", 'return f"self.{name.fixed} = {text}"',
        'return f"self.{name.fixed.replace(\'bn\', \'norm\')} = {text}"',
    ),
    "the initial weights of a fan": (
        f"{WRITE}/initial.py", 'relu"\' if fan_out', 'relu"\' if not fan_out',
    ),
    "biases that begin at zero": (f"{WRITE}/initial.py", "  if bias:", "  if not bias:"),
    "the arguments of the function": (
        f"{WRITE}/assemble.py", "', '.join(self.family.arguments)",
        "', '.join(self.family.arguments[1:])",
    ),
    "the shape in a comment": (
        f"{WRITE}/stream.py", "first = str(flow.channels) if named else str(shape[0])",
        "first = str(flow.channels) if named else str(shape[-1])",
    ),
    "a variable that somebody reads": (
        f"{WRITE}/unused.py", "if name in below] or names[:1]",
        "if name not in below] or names[:1]",
    ),
    "dilation of a convolution": (
        f"{OPS}/conv.py", 'keywords["dilation"] = pair(self.dilation)', "pass",
    ),
    "groups of a convolution": (f"{OPS}/conv.py", 'keywords["groups"] = self.groups', "pass"),
    "eps of a norm": (f"{OPS}/bn.py", 'keywords["eps"] = self.eps', "pass"),
    "p of dropout": (f"{OPS}/dropout.py", "(real(self.p),)", "()"),
    "the axis of concat": (f"{OPS}/concat.py", "dim=1)", "dim=2)"),
    "the slope of a leaky ReLU": (f"{OPS}/leaky_relu.py", "(real(self.slope),)", "()"),
}  # fmt: skip
"""What is broken -> file, a text that stands in it once, and what stands there instead."""


@contextmanager
def broken(what: str) -> Iterator[None]:
    """The running emitter with one rule broken."""
    name, old, new = RULES[what]
    path = ROOT / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{what}: {text.count(old)} times in {name}: {old}"
    after = functions(compile(text.replace(old, new), str(path), "exec"))
    changed = {place: code for place, code in original(path).items() if after.get(place) != code}
    assert len(changed) == 1, f"{what}: {len(changed)} functions of {name} differ"
    (place,) = changed
    found = list(_alive(str(path), place))
    assert found, f"{name} is not imported, so nothing of it can be broken"
    kept = [(function, function.__code__) for function in found]
    for function in found:
        function.__code__ = after[place]
    try:
        yield
    finally:
        for function, code in kept:
            function.__code__ = code


def _alive(path: str, place: tuple[str, int]) -> Iterator[FunctionType]:
    for found in gc.get_objects():
        if type(found) is FunctionType:
            code: CodeType = found.__code__
            where = (code.co_qualname, code.co_firstlineno)
            if code.co_filename == path and where == place:
                yield found
