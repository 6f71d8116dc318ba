"""Blocks that work on every map, so that one block is called with many arguments and shapes."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from tests.fuzz.text import Body, Line, Part

Shape = tuple[int, ...]

RESIDUAL = """
add {
  conv c, 3x3/s, pad=same -> bn -> relu -> conv c, 3x3, pad=same, bias=false
  down: zzshortcut c, s
}
relu
"""
SHORTCUT = """
let changes = s != 1 or in.channels != c
if changes { conv c, 1x1/s -> bn }
"""
OPEN = """
add {
  conv c, 3x3/s, pad=same -> bn -> relu
  if s != 1 or in.channels != c { conv c, 1x1/s } else { skip }
}
"""
BOTTLENECK = """
add {
  { conv c, 1x1; ACT; conv c, 3x3/s, same; ACT; conv e * c, 1x1 }
  down: conv e*c, 1x1/s -> bn
}
"""
DENSE = """
concat {
  skip
  norm: bn -> relu -> conv growth, 3x3, pad=same
}
"""
GATE = """
let wide = in.channels
mul {
  skip
  global_avgpool -> conv max(wide // r, 1), 1x1 -> ACT -> conv wide, 1x1 -> sigmoid
}
"""
INCEPTION = """
concat {
  conv a, 1x1 -> relu
  { conv b, 1x1; relu; conv b, 3x3, pad=1 }
  pool: maxpool 3x3/1, pad=1 -> conv a + b, 1x1
}
"""
INVERTED = """
let wide = in.channels * t
conv wide, 1x1 -> bn -> ACT
conv wide, 3x3/s, groups=wide, pad=same, bias=false
project: conv c, 1x1 -> bn
"""
PLAIN = """
repeat n { conv c, w, pad=same -> ACT }
"""
STAGE = """
unit c, s
repeat n - 1 { unit c, 1 }
"""
DEEP = """
add {
  conv c, 3x3, pad=same
  {
    conv c, 1x1 -> ACT
    if n > 1 { inner: SELF n - 1, c } else { bn }
  }
}
"""
PARTS = """
first: conv sum(list[:1]), 1x1
for i, n in enumerate(list[1:]) { conv${i+1}: conv n, 1x1 -> act${i+1}: relu }
for i, n in zip(range(len(list[:-1])), list[1:]) { last${i}: conv n, 1x1 }
"""
WIDTHS = """
for i, n in enumerate(list) { conv${i+1}: conv n, 1x1 -> act${i+1}: relu }
"""


def _halved(shape: Shape, stride: int, channels: int) -> Shape:
    return channels, *((n - 1) // stride + 1 for n in shape[1:])


@st.composite
def call(
    draw: st.DrawFn, shape: Shape, name: Callable[[], str], blocks: dict[str, Part]
) -> tuple[str, Shape] | None:
    """A call on a map, with the shape after it; the block is declared where it is new."""
    if len(shape) == 1 or shape[0] > 16:
        return None
    act = draw(st.sampled_from(["relu", "silu", "bn -> relu6", "tanh"]))
    c, s = draw(st.integers(1, 8)), draw(st.integers(1, 2))
    a, b = draw(st.integers(1, 5)), draw(st.integers(1, 3))

    def residual() -> str:
        """The usual unit, or one whose arm may be missing: the emitter refuses some uses of it."""
        if draw(st.integers(0, 99)) * 37 % 100 < 3:
            return declare("open", "c, s", OPEN)
        lines = tuple(map(Line, SHORTCUT.strip().splitlines()))
        blocks.setdefault("zzshortcut", Body("block zzshortcut(c, s) seq {", lines))
        return declare("residual", "c, s", RESIDUAL)

    def declare(word: str, params: str, body: str, seq: str = "") -> str:
        key = f"zz{word}{'abcd'['rsbt'.index(act[0])]}"
        body = body.replace("ACT", act).replace("SELF", key)
        lines = tuple(map(Line, body.strip().splitlines()))
        blocks.setdefault(key, Body(f"block {key}({params}){seq} {{", lines))
        return key

    kinds = (
        "residual", "bottleneck", "dense", "gate", "inception", "inverted", "plain", "stage",
        "bound", "widths", "parts", "deep",
    )  # fmt: skip
    match draw(st.sampled_from(kinds)):
        case "residual":
            unit = residual()
            return draw(st.sampled_from([f"{unit} {c}, {s}", f"{unit} {c}, s={s}"])), _halved(
                shape, s, c
            )
        case "bottleneck":
            unit = declare("bottleneck", "c, s, e = 4", BOTTLENECK)
            if draw(st.booleans()):
                return f"{unit} {b}, {s}", _halved(shape, s, 4 * b)
            return f"{unit} {b}, e={a}, s={s}", _halved(shape, s, a * b)
        case "dense":
            unit = declare("dense", "growth", DENSE)
            return f"{unit} {c}", (shape[0] + c, *shape[1:])
        case "gate":
            return f"{declare('gate', 'r = 2', GATE)} r={a}", shape
        case "inception":
            unit = declare("inception", "a, b", INCEPTION)
            return f"{unit} {a}, {b}", (2 * (a + b), *shape[1:])
        case "inverted":
            unit = declare("inverted", "c, s = 1, t = 2", INVERTED)
            return f"{unit} {c}, s={s}, t={b}", _halved(shape, s, c)
        case "plain":
            unit = declare("plain", "n, c, w = 3x3", PLAIN, draw(st.sampled_from(["", " seq"])))
            wide = draw(st.sampled_from(["", ", w=1x1", ", w=5x5", ", w=kernel(3, 3)"]))
            return f"{unit} {b}, {c}{wide}", (c, *shape[1:])
        case "stage":
            unit = residual()
            stage = declare("stage", "n, unit, c, s", STAGE, " seq")
            return f"{stage} {b}, {unit}, c={c}, s={s}", _halved(shape, s, c)
        case "bound":  # a block with arguments set, as an argument
            unit = declare("bottleneck", "c, s, e = 4", BOTTLENECK)
            after = _halved(shape, s, a * c)
            if draw(st.booleans()):
                stage = declare("stage", "n, unit, c, s", STAGE, " seq")
                return f"{stage} {b}, {unit}(e={a}), c={c}, s={s}", after
            stage = declare("bound", "n, unit, s", STAGE.replace(" c,", ""), " seq")
            return f"{stage} {b}, {unit}(e={a}, c={c}), s={s}", after
        case "deep":  # a block that calls itself
            return f"{declare('deep', 'n, c', DEEP)} {b}, {c}", (c, *shape[1:])
        case "parts":
            widths = draw(st.lists(st.integers(1, 6), min_size=1, max_size=4))
            call = f"{declare('parts', 'list', PARTS)} {widths}"
            return call + ("[:]" if a == 1 else ""), (widths[-1], *shape[1:])
    widths = draw(st.lists(st.integers(1, 6), min_size=1, max_size=3))
    return f"{declare('widths', 'list', WIDTHS)} {widths}", (widths[-1], *shape[1:])
