"""G3-21: a net of n layers costs the emitter what n layers cost, counted in calls."""

from collections.abc import Callable

import pytest

from cnnspec.backends.torch import emit
from cnnspec.elaborate.workspace import Elaborated
from tests.backends.harness import elaborate
from tests.fuzz.doubling import counted, lines, net
from tests.fuzz.test_doubling import FACTOR

CASES: dict[str, Callable[[int], str]] = {
    "one line": lambda n: net(lines("conv 3, 1x1 -> bn -> relu", n, " -> ")),
    "lines": lambda n: net(lines("conv 3, 1x1\nrelu", n)),
    "labels": lambda n: net(lines("a@: conv 3, 1x1", n)),
    "dotted labels": lambda n: net(lines("a.@: conv 3, 1x1", n)),
    "a seq": lambda n: net(f"a: seq {{ {lines('conv 3, 1x1', n, '; ')} }}"),
    "a block": lambda n: f"block b() {{ {lines('bn', n, '; ')} }}\n" + net("b"),
    "calls of a block": lambda n: "block b(c) { conv c, 1x1 -> bn }\n" + net(lines("b 3", n)),
    "groups": lambda n: net(lines("g@: { conv 3, 1x1; relu }", n)),
    "forks": lambda n: net(lines("add { skip; conv 3, 1x1 }", n)),
    "arms": lambda n: net(f"concat {{ {lines('conv 1, 1x1', n, '; ')} }}"),
    "taps": lambda n: net(lines("a@: relu\nfrom a@ -> tanh", n)),
    "outputs": lambda n: net(f"a: relu\n{lines('output o@: from a -> conv 3, 1x1', n)}\nrelu"),
    "lets": lambda n: net(f"{lines('let k@ = n + @', n)}\nconv k1, 1x1").replace(
        "it {", "it(n = 2) {"
    ),
    "open conditions": lambda n: net(lines("if n > 1 { relu } else { tanh }", n)).replace(
        "it {", "it(n = 2) {"
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_g3_21_doubling_the_layers_doubles_the_calls(name: str):
    def emission(net: Elaborated) -> Callable[[], object]:
        return lambda: emit(net)

    small, large = (elaborate(CASES[name](n), "it") for n in (150, 300))
    for warm in (small, large):  # what is imported or remembered once
        emit(warm)
    before, after = counted(emission(small)), counted(emission(large))
    assert after <= FACTOR * before, f"{before} calls, then {after}"
