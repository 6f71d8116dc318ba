"""Hypothesis strategies of the language: random valid nets, as text, in two spellings.

A net is built from the shape that has arrived, so that what is drawn fits it; the shapes are
counted here by the formulas of the papers, and written as assertions that the compiler has to
accept. Every construct of the language is drawn: all ops, blocks with arguments and blocks as
arguments, forks, residuals, `repeat`, `for`, `if`, taps, shared layers, defaults, outputs.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import gcd, prod
from typing import Any

import hypothesis
from hypothesis import strategies as st

from tests.fuzz import templates
from tests.fuzz.text import Body, For, Line, Part, Repeat, render

Shape = tuple[int, ...]
LARGEST = 16
"""Rows and columns stay below it."""
WIDEST = 24
"""Channels stay below it, but for concatenations."""


class _One(int):
    """A size that is one whatever the image."""


ONE = _One(1)


@dataclass(frozen=True)
class Spec:
    """A valid net in the language; `unrolled` is the same net without `repeat` and `for`."""

    text: str
    unrolled: str
    input: Shape
    symbolic: bool
    library: str
    """The blocks that the net calls: the part of the text that could be imported."""
    blocks: tuple[str, ...]
    """Their names."""
    net: str
    """The rest of the text."""
    defaults: str = ""
    """The defaults at the top of the file, which the blocks obey too."""


@dataclass
class Default:
    """What a `default conv` says: it changes the arithmetic of every conv in its scope."""

    same: bool = False
    bias: bool | None = None
    followers: tuple[str, ...] = ()

    def line(self) -> str:
        words = ["pad=same"] * self.same
        words += [] if self.bias is None else [f"bias={str(self.bias).lower()}"]
        head = " ".join(["default conv", ", ".join(words)]).rstrip()
        return " -> ".join([head, *self.followers])


@dataclass
class Scope:
    """Where a statement stands."""

    default: Default = field(default_factory=Default)
    values: dict[str, int] = field(default_factory=dict)
    """Names of parameters and lets, with their values."""
    labels: list[tuple[str, Shape, Shape, bool]] = field(default_factory=list)
    """What `from` may name: label, shape before, shape after, whether `share` may name it too."""
    heads: list[tuple[str, int]] = field(default_factory=list)
    """Layers that keep a map's size whatever it is, and its channels: label, channels."""
    may_label: bool = True
    """False in loops, whose second turn would repeat the label."""
    depth: int = 0
    plain: bool = False
    """Inside a container: layers only, as the emitter wants it there."""

    def inner(self, **changes: Any) -> Scope:
        copied: dict[str, Any] = {"values": dict(self.values), "labels": list(self.labels)}
        copied["heads"] = list(self.heads)
        return replace(self, **copied | {"depth": self.depth + 1} | changes)

    def level(self) -> Scope:
        """Inside a labelled body: none of the labels around it."""
        return self.inner(labels=[], heads=[], may_label=True)


def windows_out(size: int, span: int, stride: int, before: int, after: int) -> int:
    return (size + before + after - span) // stride + 1


def ceil_out(size: int, kernel: int, stride: int, pad: int) -> int:
    """The last window starts inside the map or its left padding."""
    count = -(-(size + 2 * pad - kernel) // stride) + 1
    return count - 1 if (count - 1) * stride >= size + pad else count


class Builder:
    """Draws statements that fit the shape that has arrived."""

    def __init__(self, draw: st.DrawFn, symbolic: bool) -> None:
        self.draw, self.symbolic = draw, symbolic
        self.names = 0
        self.budget = 26
        self.initialised = self.chance(2)
        self.blocks: dict[str, Part] = {}
        self.file_default = Default()
        """What the file says of every conv in it, those of its blocks among them."""

    # --- small choices ---

    def pick(self, *options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, max(low, high)))

    def chance(self, percent: int) -> bool:
        return (
            self.draw(st.integers(0, 9_999)) * 37 % 100 < percent
        )  # nothing near a bound likelier

    def name(self) -> str:
        """A fresh name: `zz` and letters, so that a test can rename all of them."""
        self.names += 1
        number, letters = self.names, ""
        while number:
            number, digit = divmod(number - 1, 26)
            letters = chr(ord("a") + digit) + letters
        return f"zz{letters}"

    def key(self) -> str:
        """A fresh label: a name, or in quotes what is none, now and then with a number in it."""
        name = self.name()
        if self.chance(75):
            return name
        return self.pick(
            f'"{name}-0"', f'"{name} {{x}}#$"', f'"{name}${{1 + 1}}-a"', f"{name}${{3}}"
        )

    def count(self, n: int, scope: Scope, shape: Shape | None = None) -> str:
        """A number in one of its spellings."""
        if self.chance(60):
            return str(n)
        named = [name for name, value in scope.values.items() if value == n]
        named += ["in.channels"] if shape and shape[0] == n else []
        if named and self.chance(70):
            return self.pick(*named)
        return self.pick(
            f"{n} + 0", f"{n + 3} - 3", f"{2 * n} // 2", f"{n} * 1", f"min({n}, {n + 1})",
            f"[{n}, 7][0]", f"{n} if true else 5", f"{n}^1", f"len(range({n}))", f"({n})",
            f"max(1, {n})", f"{n + 10} % 10" if n < 10 else f"{n}", f"- -{n}",
            f"{n} if 1 < 2 and not false else 0", f"sum([{n}, 5][:1])", f"[7, {n}][1:][0]",
            f"sum([{n - 1}, 1])", f"round({n}.4)", f"round({n - 1}.5)", f"ceil({n - 1}.2)",
            f"round({n}, to=1)", f"ceil({n})", f"len([1, {n}, 2][:{n}])" if n < 4 else f"{n}",
        )  # fmt: skip

    # --- layers ---

    def layer(self, shape: Shape, scope: Scope) -> tuple[str, Shape]:
        """One op, with the shape after it."""
        self.budget -= 1
        if len(shape) == 1:
            return self.vector_op(shape, scope)
        if self.chance(45):
            return self.conv(shape, scope)
        if self.chance(30):
            return self.pool(shape)
        return self.map_op(shape, scope)

    def conv(self, shape: Shape, scope: Scope) -> tuple[str, Shape]:
        channels, default = shape[0], scope.default
        if self.chance(8) and not self.symbolic:
            return self.table(shape)
        if self.chance(12):
            return self.transposed(shape, scope)
        out = self.number(1, 12)
        groups = self.pick(*(g for g in range(1, 9) if gcd(channels, out) % g == 0))
        dilation = self.pick((1, 1), (1, 1), (1, 1), (2, 2), (1, 2), (2, 1))
        kernel = self.pick((1, 1), (3, 3), (3, 3), (5, 5), (2, 2), (1, 3), (3, 1), (4, 3))
        spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
        pad, sides = self.padding(spans, shape, default, scope.plain)
        stride = self.pick((1, 1), (1, 1), (2, 2), (3, 3), (1, 2), (2, 1))
        sizes = [
            windows_out(size, span, step, *side)
            for size, span, step, side in zip(shape[1:], spans, stride, sides, strict=True)
        ]
        if min(s + sum(p) - n for s, p, n in zip(shape[1:], sides, spans, strict=True)) < 0:
            return self.conv_1x1(out, scope, shape)
        if self.chance(10):
            pad, sides = self.pick("tf_same", "pad=tf_same"), [(1, 0), (1, 0)]  # not alike
            sizes = [-(-n // s) for n, s in zip(shape[1:], stride, strict=True)]
        words = [pad] if pad else []
        plain = all(before == behind for before, behind in sides)
        if plain and self.chance(10) and max(map(max, sides)) < min(shape[1:]):
            words += [f'pad_mode="{self.pick("zeros", "reflect", "replicate", "circular")}"']
        words += [f"groups={self.count(groups, scope)}"] if groups > 1 else []
        words += [f"dilation={self.both(dilation)}"] if dilation != (1, 1) else []
        words += self.pick([], [], ["bias=false"], ["bias=true"])
        words += ["init=he_normal()"] if self.initialised else []
        call = ", ".join(
            [f"conv {self.count(out, scope, shape)}", self.window(kernel, stride), *words]
        )
        bare = "bare " if self.chance(10) else ""
        return bare + call, (out, *sizes)

    def conv_1x1(self, out: int, scope: Scope, shape: Shape) -> tuple[str, Shape]:
        return f"conv {self.count(out, scope, shape)}, 1x1, pad=0", (out, *shape[1:])

    def transposed(self, shape: Shape, scope: Scope) -> tuple[str, Shape]:
        """A transposed convolution, whose map stays small."""
        out = self.number(1, 12)
        groups = self.pick(*(g for g in range(1, 9) if gcd(shape[0], out) % g == 0))
        kernel = self.pick((1, 1), (2, 2), (3, 3), (4, 4), (3, 2), (1, 3))
        stride = self.pick((1, 1), (2, 2), (2, 2), (1, 2), (3, 3))
        dilation = self.pick((1, 1), (1, 1), (1, 1), (2, 2), (1, 2))
        pads = tuple(self.number(0, k // 2) for k in kernel)
        extra = tuple(self.number(0, max(s, d) - 1) for s, d in zip(stride, dilation, strict=True))
        sizes = [
            (n - 1) * s - 2 * p + d * (k - 1) + e + 1
            for n, s, p, d, k, e in zip(
                shape[1:], stride, pads, dilation, kernel, extra, strict=True
            )
        ]
        if min(sizes) < 1 or max(sizes) > LARGEST:
            return self.conv_1x1(out, scope, shape)
        words = [f"pad={self.both(pads)}"] if any(pads) or self.chance(10) else []
        words += [f"output_pad={self.both(extra)}"] if any(extra) else []
        words += [f"groups={self.count(groups, scope)}"] if groups > 1 else []
        words += [f"dilation={self.both(dilation)}"] if dilation != (1, 1) else []
        words += self.pick([], [], ["bias=false"], ["bias=true"])
        words += ["init=he_normal()"] if self.initialised else []
        head = f"conv_transpose {self.count(out, scope, shape)}"
        return ", ".join([head, self.window(kernel, stride), *words]), (out, *sizes)

    def table(self, shape: Shape) -> tuple[str, Shape]:
        """A conv with a connection table."""
        maps = list(range(shape[0]))
        rows = self.draw(
            st.lists(
                st.lists(st.sampled_from(maps), min_size=1, unique=True), min_size=1, max_size=4
            )
        )
        out = (len(rows), *shape[1:])
        return f"conv {len(rows)}, 3x3, pad=1, connections={rows}", out

    def padding(
        self, spans: list[int], shape: Shape, default: Default, plain: bool
    ) -> tuple[str, list[tuple[int, int]]]:
        """The argument and what it adds before and behind on both axes."""
        same = [((s - 1) // 2, (s - 1) // 2) for s in spans]
        odd = all(s % 2 for s in spans)
        kind = self.pick("default", "number", "pair", "same", *["four"] * (not plain))
        if kind == "same" and odd:
            return "pad=same", same
        if kind == "default" and (odd or not default.same):
            return "", same if default.same else [(0, 0), (0, 0)]
        if kind == "pair":
            rows, columns = self.number(0, 3), self.number(0, 3)
            return f"pad={rows}x{columns}", [(rows, rows), (columns, columns)]
        if kind == "four":
            sides = [self.number(0, 3) for _ in range(4)]
            return f"pad={sides}", [(sides[0], sides[1]), (sides[2], sides[3])]
        both = self.number(0, 3)
        return f"pad={both}", [(both, both), (both, both)]

    def window(self, kernel: tuple[int, int], stride: tuple[int, int]) -> str:
        sizes = f"{kernel[0]}x{kernel[1]}"
        if stride == (1, 1):
            return self.pick(sizes, sizes, f"{sizes}/1", f"kernel({kernel[0]}, {kernel[1]})")
        steps = (
            stride[0] if stride[0] == stride[1] and self.chance(80) else f"{stride[0]}x{stride[1]}"
        )
        return f"{sizes}/{steps}"

    def both(self, sizes: tuple[int, int]) -> str:
        return (
            str(sizes[0]) if sizes[0] == sizes[1] and self.chance(70) else f"{sizes[0]}x{sizes[1]}"
        )

    def pool(self, shape: Shape) -> tuple[str, Shape]:
        if self.chance(20):
            return self.pick("global_avgpool", "global_maxpool"), (shape[0], ONE, ONE)
        if self.chance(15):
            size = self.number(1, 6), self.number(1, 6)
            kind = self.pick("adaptive_avgpool", "adaptive_maxpool")
            return f"{kind} {self.both(size)}", (shape[0], *size)
        op = self.pick("maxpool", "avgpool")
        kernel = self.number(1, min(4, shape[1])), self.number(1, min(4, shape[2]))
        stride = self.pick((1, 1), (2, 2), (2, 2), (3, 3), (1, 2))
        pads = tuple(self.number(0, k // 2) for k in kernel) if self.chance(40) else (0, 0)
        ceil = self.chance(30)
        sizes = [
            ceil_out(size, k, s, p) if ceil else windows_out(size, k, s, p, p)
            for size, k, s, p in zip(shape[1:], kernel, stride, pads, strict=True)
        ]
        words = [f"pad={self.both(pads)}"] if pads != (0, 0) else []
        words += ["ceil=true"] if ceil else []
        if self.chance(10):
            words = ["pad=tf_same"]
            sizes = [-(-n // s) for n, s in zip(shape[1:], stride, strict=True)]
        words += ["count_include_pad=false"] if op == "avgpool" and self.chance(30) else []
        return ", ".join([f"{op} {self.window(kernel, stride)}", *words]), (shape[0], *sizes)

    def map_op(self, shape: Shape, scope: Scope) -> tuple[str, Shape]:
        channels, *sizes = shape
        divisors = [g for g in range(1, channels + 1) if channels % g == 0]
        small = max(sizes) * 2 <= LARGEST
        options = ["any"] * 8 + ["lrn", "scale", "shuffle", "slice", "pad", "flatten"]
        options += ["upsample"] * small + ["permute"] * (not self.symbolic)
        options += ["crop", "resize"] * (not self.symbolic)
        options += ["last"] * (not self.symbolic)
        options += ["border"] * (min(sizes) > 2 and max(sizes) < LARGEST - 3)
        options += ["dropout2d", "mean", "max"] + ["instance"] * (prod(sizes) > 1)
        squares = [r for r in (2, 3) if channels % r**2 == 0 and max(sizes) * r <= LARGEST]
        options += ["grow"] * (2 * bool(squares))
        factors = [r for r in (2, 3) if channels * r**2 <= WIDEST and not any(n % r for n in sizes)]
        options += ["shrink"] * bool(factors)
        match self.pick(*options):
            case "crop":
                after = self.number(1, sizes[0]), self.number(1, sizes[1])
                return f"crop {self.both(after)}", (channels, *after)
            case "resize":
                after = self.number(1, LARGEST - 1), self.number(1, LARGEST - 1)
                mode = self.pick("", ', mode="bilinear"', ', mode="bilinear", align_corners=true')
                return f"resize {self.both(after)}{mode}", (channels, *after)
            case "last":
                if self.chance(30):
                    return 'ln over="last"', shape
                out = self.number(1, LARGEST - 1)
                words = self.pick("", ", bias=false")
                return f'linear {self.count(out, scope)}{words}, over="last"', (*shape[:2], out)
            case "border":
                pads = [self.number(0, 2) for _ in range(4)]
                mode = self.pick("zeros", "reflect", "replicate", "circular")
                word = f', mode="{mode}"' if mode != "zeros" or self.chance(30) else ""
                after = channels, sizes[0] + pads[0] + pads[1], sizes[1] + pads[2] + pads[3]
                return f"pad {pads}{word}", after
            case "dropout2d":
                return self.pick("dropout2d", "dropout2d 0.2"), shape
            case "mean" | "max" as kind:
                return f"channel_{kind}", (1, *sizes)
            case "instance":
                words = self.pick("", " affine=true", " affine=true, eps=0.1", " eps=0.1")
                return f"instance_norm{words}", shape
            case "grow":
                r = self.pick(*squares)
                after = channels // r**2, sizes[0] * r, sizes[1] * r
                return f"pixel_shuffle {self.count(r, scope)}", after
            case "shrink":
                r = self.pick(*factors)
                after = channels * r**2, sizes[0] // r, sizes[1] // r
                return f"pixel_unshuffle {self.count(r, scope)}", after
            case "lrn":
                return f"lrn {self.number(1, 6)}, alpha={self.pick('1e-4', '0.5', '2')}", shape
            case "scale":
                gains = "scale", "scale bias=true", "scale value=0.5", "scale own_key=true"
                return self.pick(*gains), shape
            case "shuffle":
                return f"channel_shuffle {self.pick(*divisors)}", shape
            case "slice":
                start = self.number(0, channels - 1)
                stop = self.number(start + 1, channels)
                return f"slice {start}, {self.count(stop, scope)}", (stop - start, *sizes)
            case "pad":
                out = self.number(channels, channels + 5)
                return f"pad_channels {self.count(out, scope, shape)}", (out, *sizes)
            case "upsample":
                scale, mode = self.number(1, 2), self.pick("", ', mode="bilinear"')
                return f"upsample {scale}{mode}", (channels, sizes[0] * scale, sizes[1] * scale)
            case "permute" if max(sizes) <= WIDEST and channels <= LARGEST:
                order = self.pick((0, 2, 1), (1, 0, 2), (2, 1, 0), (1, 2, 0))
                return f"permute {list(order)}", tuple(shape[axis] for axis in order)
            case "flatten" if not self.symbolic or (sizes[0] is ONE and sizes[1] is ONE):
                return "flatten", (prod(shape),)
        return self.any_op(channels), shape

    def any_op(self, channels: int) -> str:
        """An op that takes maps and vectors and keeps their shape."""
        groups = self.pick(*(g for g in range(1, channels + 1) if channels % g == 0))
        return self.pick(
            "relu", "relu", "relu6", "silu", "gelu", 'gelu approximate="tanh"', "hardswish",
            "tanh", "sigmoid", "scaled_tanh", "scaled_tanh 2, slope=0.5", "leaky_relu",
            "leaky_relu 0.2", "prelu", "prelu shared=true", "elu", "elu 0.5", "selu", "mish",
            "softplus", "hardsigmoid", "hardtanh", "hardtanh -2, 3", "abs",
            "l2norm", "times 0.17", "times -2",
            "bn", "bn", "bn eps=0.001, momentum=0.01", "bn affine=false", "ln",
            "ln affine=false", f"gn {groups}", f"gn {groups}, eps=1e-3", "dropout", "dropout 0.25",
            "drop_path 0.1", "softmax",
        )  # fmt: skip

    def vector_op(self, shape: Shape, scope: Scope) -> tuple[str, Shape]:
        features = shape[0]
        if self.chance(45):
            out = self.number(1, 16)
            words = self.pick([], [], ["bias=false"])
            words += ["init=xavier()"] if self.initialised else []
            return ", ".join([f"linear {self.count(out, scope)}", *words]), (out,)
        if self.chance(6):
            out = self.number(1, 5)
            return f"rbf {out}", (out,)
        if self.chance(6):
            start = self.number(0, features - 1)
            return f"slice {start}, {features}", (features - start,)
        return self.any_op(features), shape

    # --- statements ---

    def chain(self, shape: Shape, scope: Scope, most: int = 4) -> tuple[Part, Shape]:
        """Layers joined by arrows, some with labels, now and then with an assertion."""
        words, before = [], shape
        for _ in range(self.number(1, most)):
            word, after = self.layer(before, scope)
            if self.chance(20) and scope.may_label:
                label = self.key()
                word = f"{label}: {word}"
                scope.labels.append((label, before, after, True))
            words.append(word)
            before = after
        arrow = self.pick(" -> ", " -> ", "\n  -> ")
        return Line(arrow.join(words) + self.asserted(before)), before

    def asserted(self, shape: Shape) -> str:
        if self.chance(60):
            return ""
        if len(shape) == 1:
            return self.pick(f" => {shape[0]}", f" => [{shape[0]}]", f"\n  => {shape[0]}")
        return " => " + self.pick("x".join(map(str, shape)), str(list(shape)))

    def fork(self, shape: Shape, scope: Scope) -> tuple[Part, Shape]:
        if len(shape) == 1:
            return self.vector_fork(shape, scope)
        kind = self.pick("add", "add", "concat", "concat", "mul", "sub", "mean", "max")
        stride = self.pick(1, 1, 1, 2)
        out = shape[0] if self.chance(60) else self.number(1, 10)
        sizes = tuple((n - 1) // stride + 1 for n in shape[1:])
        target = (out, *sizes)
        inner = scope.inner()
        arms, channels = [], 0
        lone = kind != "sub" and self.chance(10)
        for _ in range(2 if kind == "sub" else 1 if lone else self.number(2, 4)):
            wanted = (self.number(1, 6), *sizes) if kind == "concat" else target
            if kind == "concat" and self.chance(20) and stride == 1:
                wanted = shape
            arms.append(self.perhaps(self.arm(shape, wanted, stride, inner), shape))
            channels += wanted[0]
        if lone or self.chance(6):  # an `if` that leaves it out
            dead = Line(self.pick("conv 999, 99x99", "relu", "skip"))
            where = self.number(0, len(arms))
            arms.insert(where, Body(f"if {self.pick('false', '2 == 3', 'not true')} {{", (dead,)))
        if kind == "mul" and self.chance(30):
            reduced = self.pick("channel_mean", "channel_max")
            arms.append(Line(f"bare conv 3, 1x1/{stride}, pad=0 -> {reduced} -> sigmoid"))
        if kind == "mul" and target[1:] != (1, 1):
            gate = f"global_avgpool -> bare conv {out}, 1x1, pad=0 -> sigmoid"
            arms.append(self.pick(Line(gate), Body("{", (Line("global_avgpool"), Line(gate)))))
        if kind == "concat":
            target = (channels, *sizes)
        return self.labelled(Body(f"{kind} {{", tuple(arms)), shape, target, scope)

    def arm(self, shape: Shape, wanted: Shape, stride: int, scope: Scope) -> Part:
        """One arm of a fork that maps `shape` to `wanted`."""
        if wanted == shape and stride == 1 and self.chance(45):
            return self.pick(Line("skip"), Line("skip"), Body("{", ()))
        self.budget -= 2
        words = [self.any_op(shape[0])] if self.chance(30) else []
        if wanted[0] == shape[0] and self.chance(20):
            words.append(f"{self.pick('maxpool', 'avgpool')} 3x3/{stride}, pad=1")
        else:
            kernel = self.pick("1x1", "3x3", "3x3", "5x5", "1x3", "3x1")
            pad = self.pick("pad=same", "same")
            words.append(f"conv {self.count(wanted[0], scope)}, {kernel}/{stride}, {pad}")
        words += [self.any_op(wanted[0])] if self.chance(40) else []
        taps = [name for name, _, after, _ in scope.labels if after == wanted]
        if taps and self.chance(50):
            return Line(f"from {self.pick(*taps)}" + self.pick("", " -> relu"))
        if self.chance(25):
            return Body("{", tuple(map(Line, words)))
        return Line(" -> ".join(words))

    def perhaps(self, arm: Part, shape: Shape) -> Part:
        """An arm, now and then in an `if` that holds."""
        if self.chance(88):
            return arm
        tail = Body("} else {", (Line("skip"),)) if self.chance(40) else None
        return Body(f"if {self.holds(shape)} {{", (arm,), also=tail)

    def holds(self, shape: Shape) -> str:
        """A condition that is true."""
        return self.pick(
            "true", "1 < 2", "not false", "3 == 3 and true", "false or 2 >= 1",
            f"in.channels == {shape[0]}",
        )  # fmt: skip

    def vector_fork(self, shape: Shape, scope: Scope) -> tuple[Part, Shape]:
        kind = self.pick("add", "concat", "mul", "sub", "mean", "max")
        arms, total = [], 0
        for _ in range(2 if kind == "sub" else self.number(2, 3)):
            self.budget -= 1
            if self.chance(40):
                arms.append(Line("skip"))
                total += shape[0]
                continue
            out = self.number(1, 8) if kind == "concat" else shape[0]
            arms.append(Line(f"linear {out}" + self.pick("", " -> relu")))
            total += out
        target = (total,) if kind == "concat" else shape
        return self.labelled(Body(f"{kind} {{", tuple(arms)), shape, target, scope)

    def labelled(self, body: Body, before: Shape, after: Shape, scope: Scope) -> tuple[Part, Shape]:
        """A body with a label or without, and with an assertion or without."""
        label = ""
        if self.chance(25) and scope.may_label:
            label = self.key()
            scope.labels.append((label, before, after, False))
            label += ": "
        return replace(body, head=label + body.head, tail="}" + self.asserted(after)), after

    def group(self, shape: Shape, scope: Scope) -> tuple[Part, Shape]:
        """Braces with a label, braces without, or a `seq`."""
        kind = self.pick("plain", "label", "seq") if scope.may_label else "plain"
        if kind == "plain":
            parts, after = self.statements(shape, scope.inner(), self.number(1, 3))
            return Body("{", parts), after
        name = self.key()
        if kind == "label":
            inner = replace(scope.level(), plain=self.chance(90))
            parts, after = self.statements(shape, inner, self.number(1, 3))
            scope.labels.append((name, shape, after, True))
            return Body(f"{name}: {{", parts), after
        lines, before = [], shape
        for number in range(self.number(1, 3)):
            word, after = self.layer(
                before, replace(scope, default=Default(), plain=self.chance(90))
            )
            lines.append(Line("bare " * word.startswith("conv") + word))
            if not word.startswith("bare ") and not scope.default.same and number == 0:
                scope.labels.append((f"{name}[0]", before, after, False))
            before = after
        if self.chance(10):
            lines.append(Line("skip"))
        if scope.default.same:  # its arithmetic differs: a default of its own
            lines.insert(0, Line("default conv"))
        scope.labels.append((name, shape, before, True))
        return Body(f"{name}: seq {{", tuple(lines)), before

    def block(self, shape: Shape, scope: Scope) -> tuple[Part, Shape]:
        """A call of a block: one of the templates, or one written for this shape."""
        if self.chance(30) and scope.depth < 2:
            return self.own_block(shape, scope)
        made = self.draw(templates.call(shape, self.name, self.blocks))
        if made is None:
            return self.chain(shape, scope)
        self.budget -= 6
        call, after = made
        if self.chance(35) and scope.may_label:
            name = self.key()
            scope.labels.append((name, shape, after, True))
            call = f"{name}: {call}"
        lost = "zzwidths" in call and not self.chance(
            10
        )  # a loop over its argument: write the shape
        said = f" => {'x'.join(map(str, after))}" if lost else self.asserted(after)
        return Line(call + said), after

    def own_block(self, shape: Shape, scope: Scope) -> tuple[Part, Shape]:
        name = self.name()
        params = {self.name(): self.number(1, 8) for _ in range(self.number(0, 3))}
        inner = Scope(self.file_default, dict(params), depth=2)
        parts, after = self.statements(shape, inner, self.number(1, 3))
        header = ", ".join(
            f"{key} = {value + 1}" if self.chance(30) else key for key, value in params.items()
        )
        seq = ""
        self.blocks[name] = Body(f"block {name}({header}){seq} {{", parts)
        by_place = self.number(0, len(params))
        words = [
            self.count(value, scope) if at < by_place else f"{key}={self.count(value, scope)}"
            for at, (key, value) in enumerate(params.items())
        ]
        call = Line(f"{name} {', '.join(words)}".rstrip())
        if after == shape and self.chance(40):
            return Repeat(self.number(1, 3), (call,)), after
        return call, after

    def loop(self, shape: Shape, scope: Scope) -> tuple[Part, Shape]:
        """`repeat` of what keeps the shape, or `for` over widths."""
        if self.chance(50) and len(shape) == 3:
            widths = [self.number(1, 8) for _ in range(self.number(1, 3))]
            name, index = self.name(), self.name()
            line = f"bare conv ${name}$, 1x1, pad=0 -> relu"
            if scope.may_label and self.chance(50):
                number = f"${{${index}$+1}}"
                key = self.pick("{0}{1}", "{0}{1}", '"{0}-{1}"', "{0}.{1}", '"{1}-{0}"')
                line = f"{key.format(self.name(), number)}: {line}"
            self.budget -= 2 * len(widths)
            body = (Line(line), Line(f"scale value=${name}$"))
            over = self.pick(
                "", "", f"enumerate({[7, *widths]}[1:])", f"enumerate({[*widths, 7]}[:-1])",
                f"zip(range({len(widths)}), {widths})",
                f"zip(range({len(widths) + 2})[:-2], {[9, 9, *widths, 3]}[2:{len(widths) + 2}])",
            )  # fmt: skip
            return For(index, name, tuple(widths), body, over), (widths[-1], *shape[1:])
        parts, after = self.statements(shape, scope.inner(may_label=False), self.number(1, 2))
        if after == shape:
            times = self.number(1, 3)
            self.budget -= 2 * times
            return Repeat(times, parts), after
        return Repeat(1, parts), after

    def condition(self, shape: Shape, scope: Scope) -> tuple[Part, Shape]:
        parts, after = self.statements(shape, scope.inner(), self.number(1, 2))
        dead = (Line(self.pick("conv 999, 99x99", "linear 3", "relu", "maxpool 50x50/7 -> bn")),)
        if self.chance(60):
            tail = Body("} else {", dead) if self.chance(50) else None
            return Body(f"if {self.holds(shape)} {{", parts, also=tail), after
        if self.chance(50):
            middle = Body("} else if " + self.holds(shape) + " {", parts)
            return Body("if false {", dead, also=middle), after
        return Body("if 2 == 3 {", dead, also=Body("} else {", parts)), after

    def let(self, shape: Shape, scope: Scope) -> tuple[Part, Shape]:
        if not scope.may_label:  # unrolled, the second turn would give the name again
            return self.chain(shape, scope)
        name, value = self.name(), self.number(1, 9)
        if self.chance(30):
            scope.values[name] = shape[0]
            return Line(f"let {name} = in.channels"), shape
        text = self.count(value, scope)
        scope.values[name] = value
        return Line(f"let {name} = {text}"), shape

    def tap(self, shape: Shape, scope: Scope) -> tuple[Part, Shape]:
        if not scope.labels:
            return self.chain(shape, scope)
        label, _, after, _ = self.pick(*scope.labels)
        word, out = self.layer(after, scope)
        return Line(f"from {label} -> {word}"), out

    def share(self, shape: Shape, scope: Scope) -> tuple[Part, Shape]:
        fitting = [(label, after) for label, before, after, ok in scope.labels
                   if ok and before == shape]  # fmt: skip
        if not fitting:
            return self.chain(shape, scope)
        label, after = self.pick(*fitting)
        self.budget -= 3
        return Line(f"share {label}" + self.asserted(after)), after

    def second(self, shape: Shape, scope: Scope) -> tuple[Part, Shape]:
        """`crop` or `resize` to another map, or a map's places in a pool (L39)."""
        if len(shape) != 3 or not scope.may_label:
            return self.chain(shape, scope)
        maps = [(label, after) for label, _, after, _ in scope.labels if len(after) == 3]
        small = [pair for pair in maps if pair[1][1] <= shape[1] and pair[1][2] <= shape[2]]
        if maps and not self.symbolic and self.chance(60):
            if small and self.chance(50):
                label, after = self.pick(*small)
                return Line(f"crop to={label}" + self.asserted((shape[0], *after[1:]))), (
                    shape[0], *after[1:])  # fmt: skip
            label, after = self.pick(*maps)
            mode = self.pick("", 'mode="bilinear", ', 'mode="bilinear", align_corners=true, ')
            return Line(f"resize {mode}to={label}"), (shape[0], *after[1:])
        kernel = self.number(1, min(3, shape[1])), self.number(1, min(3, shape[2]))
        stride = tuple(k + self.pick(0, 0, 0, 1) for k in kernel)
        pads = tuple(self.number(0, k // 2) for k in kernel) if self.chance(30) else (0, 0)
        ceil, words = self.chance(30), ""
        if self.symbolic:
            stride, pads, ceil = kernel, (0, 0), False
            if any(n % k for n, k in zip(shape[1:], kernel, strict=True)):
                return self.chain(shape, scope)
        words += f", pad={self.both(pads)}" if pads != (0, 0) else ""
        words += ", ceil=true" * ceil
        sizes = [
            ceil_out(size, k, s, p) if ceil else windows_out(size, k, s, p, p)
            for size, k, s, p in zip(shape[1:], kernel, stride, pads, strict=True)
        ]
        label, pooled = self.key(), (shape[0], *sizes)
        pool = Line(f"{label}: maxpool {self.window(kernel, stride)}{words}")
        scope.labels.append((label, shape, pooled, False))
        self.budget -= 4
        inner = [Line(self.any_op(shape[0])) for _ in range(self.number(0, 2))]
        if self.chance(50):
            inner.append(Line(f"bare conv {self.count(shape[0], scope)}, 3x3, same"))
        back = Line(f"unpool {label}" + self.asserted(shape))
        return Body("{", (pool, *inner, back)), shape

    def head(self, shape: Shape, scope: Scope) -> tuple[Part, Shape]:
        """Layers that are used again on a map of another size (L17)."""
        fitting = [label for label, channels in scope.heads if channels == shape[0]]
        if fitting and len(shape) == 3 and self.chance(70):
            self.budget -= 3
            return Line(f"share {self.pick(*fitting)}" + self.asserted(shape)), shape
        if len(shape) != 3 or not scope.may_label:
            return self.chain(shape, scope)
        label, c = self.key(), shape[0]
        parts = [f"bare conv {c}, 3x3, same", self.pick("bn", "relu", "scale", "gn 1")]
        parts += self.pick([], [f"add {{ skip; bare conv {c}, 1x1, pad=0 }}"])
        parts += self.pick([], [f"bare conv {c + 1}, 1x3, same -> bare conv {c}, 1x1, pad=0"])
        scope.heads.append((label, c))
        self.budget -= 3
        words = self.pick(*parts[:1], f"{{ {'; '.join(parts)} }}", f"seq {{ {'; '.join(parts)} }}")
        return Line(f"{label}: {words}"), shape

    def statement(self, shape: Shape, scope: Scope) -> tuple[Part, Shape]:
        if scope.plain:
            return self.chain(shape, scope)
        deep = scope.depth >= 3 or self.budget < 4
        kinds = [self.chain] * 5 + [self.let, self.tap, self.share, self.second, self.head]
        if not deep:
            kinds += [self.fork] * 3 + [self.group] * 2 + [self.loop] * 2 + [self.block] * 3
            kinds += [self.condition]
        return self.pick(*kinds)(shape, scope)

    def statements(self, shape: Shape, scope: Scope, count: int) -> tuple[tuple[Part, ...], Shape]:
        parts = []
        for _ in range(count):
            part, shape = self.statement(shape, scope)
            parts.append(part)
        if all(isinstance(p, Line) and p.text.startswith("let ") for p in parts):
            part, shape = self.chain(shape, scope)
            parts.append(part)
        return tuple(parts), shape

    # --- the whole ---

    def outputs(self, scope: Scope) -> tuple[Part, ...]:
        """Further outputs from labelled layers: `output` or `aux`, of one kind in a net."""
        if not scope.labels or self.chance(60):
            return ()
        kind = self.pick("output", "aux")
        lines = []
        for _ in range(self.number(1, 2)):
            label, _, shape, _ = self.pick(*scope.labels)
            words = [f"from {label}"]
            scope_of = replace(scope, default=Default(), may_label=False, plain=self.chance(90))
            for _ in range(self.number(1, 3)):
                word, shape = self.layer(shape, scope_of)
                words.append("bare " * word.startswith("conv") + word)
                again = [(name, after) for name, before, after, ok in scope.labels
                         if ok and before == shape]  # fmt: skip
                if again and self.chance(50):
                    name, shape = self.pick(*again)
                    words.append(f"share {name}")
            if not scope.default.same:
                lines.append(Line(f"{kind} {self.name()}: " + " -> ".join(words)))
        return tuple(lines)

    def default(self) -> Default:
        if self.chance(60):
            return Default()
        followers = self.pick((), ("bn",), ("bn", "relu"), ("relu",), ("bn eps=0.01", "silu"))
        return Default(self.chance(60), self.pick(None, True, False), followers)


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    """A valid net of up to some fifty layers."""
    symbolic = draw(st.integers(0, 9)) == 0
    build = Builder(draw, symbolic)
    shape: Shape = (build.number(1, 4), build.number(4, LARGEST), build.number(4, LARGEST))
    default, at_file = build.default(), build.chance(40)
    if at_file:
        build.file_default = default
    scope = Scope(default)
    size = f"{shape[0]}x{shape[1]}x{shape[2]}"
    if symbolic:
        size = f"[{shape[0]}, H={shape[1]}, W={shape[2]}]"
    first = build.pick("input ", "input ", "input image: ") + size
    parts, after = build.statements(shape, scope, build.number(2, 7))
    outputs = build.outputs(scope)
    last, _ = build.chain(after, scope, 2)
    head = (Line(build.pick("softmax", "sigmoid")),) if build.chance(20) else ()
    lines = [Line(first), *parts, *outputs, last, *head]
    written = default != Default()
    if written and not at_file:
        lines.insert(0, Line(default.line()))
    net = Body("net it {", tuple(lines))
    top = (Line(default.line()),) if written and at_file else ()
    library = render(tuple(build.blocks.values()))
    text = render((*top, net))
    return Spec(
        library + text, render((*build.blocks.values(), *top, net), unrolled=True), shape, symbolic,
        library, tuple(build.blocks), text, render(top),
    )  # fmt: skip


def drawn(seed: int, count: int) -> list[Spec]:
    """`count` random nets, the same for a seed."""
    found: list[Spec] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count, database=None, deadline=None, phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    @hypothesis.given(specs())
    def keep(spec: Spec) -> None:
        found.append(spec)

    keep()
    return found
