"""Random specs aimed at what the torch backend does with an author's words, one for each seed.

Drawn are the places where two rules meet: defaults against arguments by place, labels that begin
with an op's name or hold dots, the same labels in both arms of an `if`, conditions on open numbers
in forks and loops, followers with defaults of their own, `bare`, parameters of every type with
their default or without, `let`s of values that change below them, loops called with two depths.
Some have an error (shapes that do not meet, a name given twice); the compiler says so.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from cnnspec.values import dims

SIZE = (8, 12, 12)
"""The image of every net."""

KEEPS = (
    "conv 8, 3x3, 1", "conv 8, 1x1, 0", "conv 8, 1x1, 0, bias=false", "conv 8, 3x3, same",
    "conv 8, 3x3, 1, 2", "bare conv 8, 3x3, 1", "bare conv 8, 1x1, 0, 4", "bn", "bn 1e-4",
    "bn 1e-3, 0.2", "relu", "relu6", "leaky_relu 0.3", "leaky_relu", "dropout 0.2", "dropout",
    "gn 2", "gn 4, 1e-4", "ln", "tanh", "sigmoid", "silu", "maxpool 3x3/1, 1", "avgpool 3x3/1, 1",
    "maxpool 1x1/1, 0", "conv 8, kernel(3, 1), 1x0", "scale", "channel_shuffle 2", "lrn 3",
    "bare bn", "bare leaky_relu 0.1", "drop_path 0.1", "scale own_key=true",
)  # fmt: skip
"""Layers that keep a map of 8 channels, whatever a default says."""
LEFT = ("conv 8, 3x3", "conv 8, 1x1", "bare conv 8, 3x3", "maxpool 3x3/1", "avgpool 3x3/1",
        "conv 8, 5x5, 2", "conv 8, 3x3, 0", "maxpool 2x2", "conv 8, 2x2, [1, 0, 1, 0]")  # fmt: skip
"""Layers whose map depends on what is left out."""
DEFAULTS = (
    "conv pad=same", "conv pad=same -> bn -> relu", "conv 8, 3x3, pad=same", "leaky_relu 0.1",
    "conv pad=same -> leaky_relu 0.2", "bn eps=1e-3", "bn 1e-3, 0.3", "dropout 0.4",
    "maxpool pad=1", "conv bias=false -> bn 1e-2", "conv -> bn -> leaky_relu", "bn -> relu",
    "conv pad=1, bias=false -> dropout 0.3", "avgpool pad=1, ceil=true", "gn 4 -> tanh",
    "relu -> dropout 0.1", "conv -> gn 2, 1e-3", "maxpool 3x3/1, 1 -> relu", "lrn 5",
)  # fmt: skip
LABELS = (
    "a", "b", "conva", "conv1", "conv_x", "convolution", "conv2d", "norm", "x1", "bn_x", "bn1",
    "bn2", "reluctant", "relu1", "c.0", "c.1", "c.d", "c.conv1", "d.conv", "d.0", "d.0x", "gnome",
    "maxpool2", "leaky_relu2", "dropouts", "seq1", "x", "y", "n", "condition", "stride", "kernel",
    '"a-1"', '"conv-1"', '"c d{}"', "c_d__", "a_1",
)  # fmt: skip
CONDITIONS = (
    "n > 1", "n == 2", "n != 1", "n == 2 and in.channels == 8", "in.channels == 8", "true",
    "in.channels != 4 * n", "flag", "not flag", "flag and n > 1", "flag or n == 1", "n % 2 == 0",
)  # fmt: skip
VALUES = ("n + 1", "in.channels", "2 * n", "in.channels + n", "in.channels * n", "8", "n",
          "max(n, 3)", "in.channels if n > 1 else 8", "8 if flag else 4 * n")  # fmt: skip


@dataclass
class Level:
    """The names of one body: labels that are taken, and `let`s that can be read."""

    labels: set[str] = field(default_factory=set)
    lets: list[str] = field(default_factory=list)
    tops: list[str] = field(default_factory=list)
    """Labels of this level itself, which a tap may name."""
    loop: str = ""
    """The variable of the loop around, as `${i}`."""
    ruled: set[str] = field(default_factory=set)

    def arm(self) -> Level:
        """An arm of an `if`: it may give the labels that the other arm gives."""
        return Level(set(self.labels), list(self.lets), list(self.tops), self.loop)


class Aimed:
    """Writes one spec."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lets = 0

    def pick(self, *options: str) -> str:
        return self.random.choice(options)

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    # --- layers ---

    def label(self, level: Level, *, top: bool = False) -> str:
        """A label and its colon, or nothing."""
        name = self.pick(*LABELS)
        if self.chance(55) or name in level.labels:
            return ""
        level.labels.add(name)
        if level.loop:
            number = f"${{{level.loop}}}"
            return f'"{name[1:-1]}{number}": ' if name[0] == '"' else f"{name}{number}: "
        if top and "." not in name:
            level.tops.append(name)
        return f"{name}: "

    def chain(self, depth: int, level: Level, most: int = 3) -> str:
        count = self.random.randint(1, most)
        return " -> ".join(self.item(depth, level) for _ in range(count))

    def item(self, depth: int, level: Level) -> str:
        if depth <= 0 or self.chance(55):
            return self.label(level, top=True) + self.op(level)
        ways: list[Callable[[int, Level], str]] = [
            self.fork, self.fork, self.braces, self.call, self.call, self.widened, self.left,
            self.places, self.smaller,
        ]  # fmt: skip
        return self.random.choice(ways)(depth, level)

    def op(self, level: Level) -> str:
        if level.tops and self.chance(12):
            mode = self.pick("", "", ', mode="bilinear"')
            word = self.pick("crop", f"resize{mode}").partition(", ")
            rest = f"{word[2]}, " if word[2] else ""
            return f"{word[0]} {rest}to={self.pick(*level.tops)}"
        return self.pick(*KEEPS)

    def fresh(self, level: Level, kind: str) -> str:
        """A label that nothing else has, also in the next turn of a loop."""
        self.lets += 1
        return f"{kind}{self.lets}" + (f"_${{{level.loop}}}" if level.loop else "")

    def places(self, depth: int, level: Level) -> str:
        """A pool, something on the small map, and the values back where its maxima stood."""
        label = self.fresh(level, "pool")
        window = self.pick("2x2/2", "3x3/3", "1x1/1", "2x3/2x3", "3x2/4x2, ceil=true")
        inside = self.chain(0, level, 2)
        return f"{label}: bare maxpool {window}, pad=0 -> {inside} -> unpool {label}"

    def smaller(self, depth: int, level: Level) -> str:
        """Layers, and the same once more on a map of half the size."""
        label = self.fresh(level, "part")
        kept = self.pick(*KEEPS, "unit 2", "{ conv 8, 3x3, same; bn }", "seq { relu; gn 2 }")
        down = self.pick("bare maxpool 2x2/2, pad=0", "bare conv 8, 1x1/2, 0")
        return f"{label}: {kept} -> {down} -> share {label} -> upsample 2"

    def left(self, depth: int, level: Level) -> str:
        return self.label(level, top=True) + self.pick(*LEFT)

    def widened(self, depth: int, level: Level) -> str:
        """Channels by a value, and back to 8."""
        value = self.pick(*level.lets, *VALUES)
        wide = f"{self.label(level)}conv {value}, 1x1, 0"
        return wide if self.chance(15) else f"{wide} -> {self.label(level)}conv 8, 1x1, 0"

    def fork(self, depth: int, level: Level) -> str:
        kind = self.pick("add", "add", "mul", "concat")
        arms = [self.arm(depth, level) for _ in range(self.random.randint(1, 2))]
        if kind == "concat":
            arms.append("conv 4, 1x1, 0")
        elif self.chance(70):
            arms.insert(self.random.randint(0, len(arms)), "skip")
        arms += ["skip"] * (len(arms) < 2)
        if level.tops and self.chance(25):
            arms.append(f"from {self.pick(*level.tops)}")
        text = f"{self.label(level)}{kind} {{ {'; '.join(arms)} }}"
        return text + " -> conv 8, 1x1, 0" * (kind == "concat")

    def arm(self, depth: int, level: Level) -> str:
        if self.chance(12):
            return self.condition(0, level, other="skip")
        if self.chance(10):
            text = self.chain(min(depth - 1, 1), level, 2)
            return f"if {self.pick(*CONDITIONS)} {{ {{ {text} }} }}"
        if self.chance(25):
            return f"{{ {self.body(2, depth - 1, level.arm())} }}"
        return self.chain(min(depth - 1, 1), level, 2)

    def braces(self, depth: int, level: Level) -> str:
        kind = self.pick("{", "seq {", "label", "label seq")
        inner = Level(loop=level.loop, lets=list(level.lets)) if kind != "{" else level
        name = ""
        if kind.startswith("label"):
            name = self.label(level, top=True) or ""
            kind = "seq {" if kind.endswith("seq") or not name else "{"
        seq = kind.startswith("seq")
        body = (
            self.body(self.random.randint(1, 2), depth - 1, inner)
            if not seq or self.chance(40)
            else "; ".join(self.pick(*KEEPS) for _ in range(2))
        )
        return f"{name}{kind} {body} }}"

    def call(self, depth: int, level: Level) -> str:
        head = self.label(level, top=True)
        match self.random.randrange(7):
            case 0:
                return f"{head}unit {self.pick('1', '2', '3', 'n')}"
            case 1:
                flag = self.pick("", ", true", ", false", ", flag=false", ", flag=true")
                return f"{head}choose {self.pick('1', '2', '3')}{flag}"
            case 2:
                window = self.pick(
                    "", ", 3x3", ", 1x1", ", window=5x5", ", 3x3/1", ", kernel(3, 3)"
                )
                pad = self.pick("", "", ", pad=same", ", pad=1", ", pad=0", ", pad=1x1")
                place = self.pick("", ", same", ", 1") if window in (", 3x3", ", 1x1") else pad
                more = self.pick("", "", ", bias=false", ", s=0.3")
                return f"{head}sized 8{window}{place}{more}"
            case 3:
                return f"{head}expand {self.pick('1', '2', '3', 'n')}, 8"
            case 4:
                return f"{head}stage {self.pick('1', '2', '3', '9')}"
            case 5:
                return f"{head}listed {self.pick('[8, 8]', '[4, 8]', '[8]', '[8, 4, 8]')}"
        return f"{head}narrow {self.pick('', '4', 'e=4', '2, 6', '4, e=2')}".rstrip()

    # --- statements ---

    def body(self, count: int, depth: int, level: Level) -> str:
        return "; ".join(self.statement(depth, level) for _ in range(count))

    def statement(self, depth: int, level: Level) -> str:
        roll = self.random.randrange(100)
        if roll < 12:
            return self.loop(depth, level)
        if roll < 30:
            return self.condition(depth, level)
        if roll < 36:
            return self.default(level)
        if roll < 46:
            return self.let(level)
        return self.chain(depth, level)

    def loop(self, depth: int, level: Level) -> str:
        inner = Level(lets=list(level.lets), loop="")
        if self.chance(50):
            count = self.pick("1", "2", "3", "n", "n", "n - 1", "9")
            inner.labels.update(LABELS)
            return f"repeat {count} {{ {self.body(self.random.randint(1, 2), depth - 1, inner)} }}"
        inner.loop = self.pick("i", "i + 1")
        over = self.pick("range(2)", "range(n)", "range(n)", "range(9)", "range(1, n + 1)")
        inner.labels = set(level.labels)
        text = self.body(self.random.randint(1, 2), depth - 1, inner)
        level.labels |= inner.labels
        return f"for i in {over} {{ {text} }}"

    def condition(self, depth: int, level: Level, other: str = "") -> str:
        arms, taken = [], set(level.labels)
        for _ in range(2):
            inner = level.arm()
            arms.append(self.body(self.random.randint(1, 2), depth - 1, inner))
            taken |= inner.labels
        level.labels |= taken
        test = self.pick(*CONDITIONS)
        if other:
            return f"if {test} {{ {{ {arms[0]} }} }} else {{ {other} }}"
        if self.chance(15):
            middle = self.pick(*CONDITIONS)
            return f"if {test} {{ {arms[0]} }} else if {middle} {{ {arms[1]} }}"
        return f"if {test} {{ {arms[0]} }}" + f" else {{ {arms[1]} }}" * self.chance(60)

    def default(self, level: Level) -> str:
        rule = self.pick(*DEFAULTS)
        name = rule.split()[0]
        if name in level.ruled:
            return self.pick(*KEEPS)
        level.ruled.add(name)
        return f"default {rule}"

    def let(self, level: Level) -> str:
        self.lets += 1
        name, value = f"k{self.lets}", self.pick(*level.lets, *VALUES)
        level.lets.append(name)
        return f"let {name} = {value}"

    # --- the whole ---

    def block(self, header: str, head: str, count: int, depth: int, tail: str = "") -> str:
        seq = " seq" * self.chance(35)
        lines = [*([head] if head else []), self.body(count, depth, Level()), tail]
        return f"block {header}{seq} {{\n  " + "\n  ".join(filter(None, lines)) + "\n}\n"

    def spec(self) -> str:
        """The text."""
        keeps = self.pick(*KEEPS)
        self.flagless = False
        top = "".join(f"default {self.pick(*DEFAULTS)}\n" for _ in range(self.chance(60)))
        small = self.random.randint(0, 2)
        blocks = [
            self.block("unit(n, flag = true)", "", self.random.randint(1, 3), 1),
            self.block("choose(n, flag = true)", "", self.random.randint(1, 2), 0,
                       f"if flag {{ {keeps} }} else {{ {self.pick(*KEEPS)} }}"),
            self.block("sized(c, window = 3x3, pad = same, bias = true, s = 0.1)",
                       f"{self.label(Level())}conv c, window, pad=pad, bias=bias", 0, 0,
                       self.pick("leaky_relu s", "dropout s", "relu")),
            self.expand(),
            self.stage(),
            self.listed(),
            self.block("narrow(c = 8, e = 2 * c)", "conv e, 1x1, 0 -> conv c, 3x3, 1", 0, 0,
                       "conv 8, 1x1, 0"),
        ]  # fmt: skip
        body = [self.statement(2, level) for level in [Level()] for _ in range(small + 3)]
        ends = ["global_avgpool -> flatten -> linear classes"]
        lines = "\n  ".join([f"input {dims(SIZE)}", *body, *ends])
        params = f"n = {self.pick('1', '2', '2', '3')}, flag = {self.pick('true', 'false')}"
        return top + "".join(blocks) + f"net it({params}, classes = 3) {{\n  {lines}\n}}\n"

    def expand(self) -> str:
        """Values of what arrives, used where something else flows."""
        first = self.pick("let inputs = in.channels", "let k0 = in.channels\n  let inputs = k0",
                          "let inputs = in.channels + 0")  # fmt: skip
        test = self.pick("expand != 1", "expand > 2", "in.channels != c * expand")
        lines = [
            first,
            f"if {test} {{ {self.label(Level())}conv expand * inputs, 1x1, 0 }}",
            self.pick("conv expand * inputs, 3x3, same", "conv inputs, 1x1, 0; let k9 = in.channels"
                      "; repeat expand { conv k9 + inputs, 1x1, 0 }", "conv 2 * inputs, 1x1, 0"),
            self.pick("conv c, 1x1, 0", "conv c + inputs - 8, 1x1, 0 -> conv c, 1x1, 0"),
        ]  # fmt: skip
        return (
            f"block expand(expand, c){' seq' * self.chance(50)} {{\n  "
            + "\n  ".join(lines)
            + "\n}\n"
        )

    def stage(self) -> str:
        """A loop with a condition in it, called with two depths."""
        test = self.pick("depth == 1", "i == 0", "i > 0 and depth > 2", "depth > 1")
        one, other = (self.pick("conv 16, 3x3, same", "conv 48, 1x1, 0", "conv 8, 3x3, 1", "bn",
                                "conv in.channels + 4, 1x1, 0") for _ in range(2))  # fmt: skip
        label = self.pick("unit${i}: ", "conv${i}: ", "")
        rest = f" else {{ {label}{other} }}" * self.chance(70)
        body = f"for i in range(depth) {{ if {test} {{ {label}{one} }}{rest} }}"
        head = f"block stage(depth){' seq' * self.chance(30)}"
        end = "conv 8, 1x1, 0" * self.chance(80) or "relu"
        return f"{head} {{\n  {body}\n  {end}\n}}\n"

    def listed(self) -> str:
        """A loop over a list."""
        label = self.pick("conv${i}: ", "u${i + 1}: ", "")
        head = f"block listed(widths){' seq' * self.chance(30)}"
        more = self.pick("", "if w > 4 { relu }", "if i == 0 { bn }")
        turn = f"for i, w in enumerate(widths) {{ {label}conv w, 3x3, 1; {more} }}"
        return f"{head} {{\n  {turn}\n  {self.pick('relu', 'conv 8, 1x1, 0')}\n}}\n"


def spec(seed: int) -> str:
    """The spec of a seed: its net is `it`."""
    return Aimed(seed).spec()
