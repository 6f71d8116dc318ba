"""What a proof refuses: lies by hand, Python that it does not cover, and what would never end."""

from __future__ import annotations

import time

import pytest

from cnnspec.backends.torch import draft
from tests.backends.harness import elaborate
from tests.backends.test_constructs import spec
from tests.backends.test_proof import fault

SOURCE = spec(
    "unit 8\nunit 8\nconv 4, 3x3 -> bn -> relu\nconcat { skip; conv 2, 1x1 } -> dropout 0.3\n"
    "flatten -> linear classes",
    "block unit(c) { add { skip; conv c, 3x3 -> bn } -> relu }",
)
NET = elaborate(SOURCE)
TEXT = draft(NET)

LIES = {
    "super() left out": (
        "        super().__init__()\n        self.conv1 = nn.Conv2d(in",
        "        self.conv1 = nn.Conv2d(in",
        "before super",
    ),
    "super() twice": (
        "        super().__init__()\n        self.unit1",
        "        super().__init__()\n        super().__init__()\n        self.unit1",
        "no constructor begins",
    ),
    "weights shared": ("self.unit2 = Unit(8, 8)", "self.unit2 = self.unit1", "has a name"),
    "a block called twice": ("self.unit2(x)", "self.unit1(x)", "unit2"),
    "a class attribute": (
        "class Tested(nn.Module):\n",
        "class Tested(nn.Module):\n    conv1 = None\n",
        "holds more",
    ),
    "a decorator": (
        "    def forward(self",
        "    @torch.no_grad()\n    def forward(self",
        "decorated",
    ),
    "another method": (
        "    def forward(self",
        "    def extra(self) -> int:\n        return 1\n\n    def forward(self",
        "holds more",
    ),
    "a name of PyTorch hidden": ("class Unit", "nn = None\n\n\nclass Unit", "no module of a spec"),
    "a function of Python hidden": (
        "class Unit",
        "def len(x: int) -> int:\n    return 1\n\n\nclass Unit",
        "defined twice",
    ),
    "an import that is not there": (
        "from torch.nn import functional as F\n",
        "",
        "nothing is called F",
    ),
    "another import": ("import torch\n", "import torch\nimport os\n", "an import of os"),
    "another package's relu": (
        "from torch.nn import functional as F\n",
        "from torchvision.ops import misc as F\n",
        "an import of",
    ),
    "in place on the input": (
        "        x = self.unit1(x)",
        "        F.relu(x, inplace=True)\n        x = self.unit1(x)",
        "overwritten in place",
    ),
    "in place on what is read again": (
        "        x = torch.cat",
        "        F.relu(x, inplace=True)\n        x = torch.cat",
        "in place over what",
    ),
    "the order of concat": ("torch.cat([x, y]", "torch.cat([y, x]", "the spec has `relu`, of bn1"),
    "the axis of concat": ("dim=1)", "dim=2)", "axis 2"),
    "another's batch norm": (
        "self.bn1(self.conv1(x)), inplace=True)  # 4",
        "self.unit1.bn1(self.conv1(x)), inplace=True)  # 4",
        "",
    ),
    "a sum that is broadcast": (
        "        x = torch.cat",
        "        x = y + x\n        x = torch.cat",
        "a sum of",
    ),
    "another padding mode": (
        "3, padding=1)",
        '3, padding=1, padding_mode="reflect")',
        'pad_mode="reflect"',
    ),
    "an init of its own": (
        "        self.dropout1 =",
        "        nn.init.zeros_(self.conv1.weight)\n        self.dropout1 =",
        "conv1: the spec has weight begin by",
    ),
    "dropout p": ("nn.Dropout(0.3)", "nn.Dropout(0.4)", "dropout p=0.4"),
    "dropout of another name": ("self.dropout1", "self.drop", "dropout"),
    "a bias": ("nn.Linear(6 * 8 * 8", "nn.Linear(6 * 8 * 9", ""),
    "while": (
        "        return F.relu(x",
        "        while True:\n            pass\n        return F.relu(x",
        "no proof covers",
    ),
    "a lambda": (
        "        return F.relu(x",
        "        f = lambda y: y\n        return F.relu(x",
        "no proof covers",
    ),
    "an attribute set in forward": (
        "        return F.relu(x",
        "        self.seen = 1\n        return F.relu(x",
        "outside a constructor",
    ),
    "the truth of a tensor": (
        "        return F.relu(x",
        "        if x:\n            pass\n        return F.relu(x",
        "the truth of a tensor",
    ),
    "a block that asks for training": (
        "        return F.relu(x",
        "        if self.training:\n            return x\n        return F.relu(x",
        "in training",
    ),
    "a difference for a sum": ("x + y", "x - y", "the module `sub`"),
    "arithmetic of tensors": ("x + y", "x % y", "nothing else"),
    "a tensor and a number": ("x + y", "2 * x + y", "where a tensor must be"),
    "a number by text": ("nn.Linear(6 * 8 * 8", 'nn.Linear("384"', "needs an integer"),
    "an eager generator": (
        "        self.unit1",
        "        g = (n for n in [1])\n        self.unit1",
        "no proof covers",
    ),
    "a finished block changed": (
        "        self.unit2",
        "        self.unit1.more = nn.ReLU()\n        self.unit2",
        "after its constructor",
    ),
    "init in another class's block": (
        "        self.unit2",
        "        nn.init.zeros_(self.unit1.conv1.weight)\n        self.unit2",
        "reached for from outside",
    ),
    "a hint that nothing defines": ("-> Tested:", "-> Nested:", "nothing is called Nested"),
    "a dict that its loop changes": (
        "        self.unit1",
        "        d = {1: 1}\n        for k in d:\n            d[k + 1] = 1\n        self.unit1",
        "changed size",
    ),
}
"""What is wrong -> text, what stands in its place, a part of what the proof says."""


def test_the_module_that_is_lied_about_is_right():
    assert fault(NET, TEXT) is None


@pytest.mark.parametrize("what", LIES)
def test_a_lie_is_refused(what):
    old, new, said = LIES[what]
    assert old in TEXT, TEXT
    found = fault(NET, TEXT.replace(old, new))
    assert found is not None
    assert said in str(found), str(found)


ENDLESS = {
    "s23 a loop of a million million": "for i in range(10**12):\n            pass",
    "s23 loops in loops": (
        "for i in range(10**5):\n            for j in range(10**5):\n                pass"
    ),
    "s23 a list that grows while it is gone through": (
        "a = [1]\n        for i in a:\n            a.append(i)"
    ),
    "s23 a range as a list": "a = list(range(10**12))",
    "s23 a list times a number": "a = [0] * 10**12",
    "s23 a text times a number": "a = 'x' * 10**10",
    "s23 a list that doubles": "a = [0]\n        for i in range(99):\n            a = a + a",
    "s23 a tuple that doubles": (
        "a = (0, 0)\n        for i in range(99):\n            a = (a, a)\n        b = a == a"
    ),
    "s23 a number that squares": "a = 3\n        for i in range(99):\n            a = a * a",
    "s23 a tower of powers": "a = 10**10**10",
    "s23 a comprehension": "a = [i for i in range(10**9) for j in range(10**9)]",
    "s23 a sum": "a = sum(range(10**12))",
    "s23 a class that builds itself": "self.unit0 = Tested(classes)",
    "s23 two calls of itself each": (
        "self.a = Tested(classes + 1)\n        self.b = Tested(classes + 2)"
    ),
    "s23 a function that calls itself": "a = tested(classes)",
}
"""Statements of a constructor that would run for ever, or take all memory."""


@pytest.mark.parametrize("what", ENDLESS)
def test_s23_every_proof_ends(what):
    text = TEXT.replace("        self.unit1 =", f"        {ENDLESS[what]}\n        self.unit1 =")
    assert text != TEXT
    start = time.process_time()
    assert fault(NET, text) is not None
    assert time.process_time() - start < 20  # a bound of what is counted, not a measurement


def test_s23_deep_nesting_is_refused():
    deep = "(" * 150 + "1" + ")" * 150
    many = "1" + " + 1" * 20_000
    for value in (deep, many, "-" * 5_000 + "1", "[" * 90 + "]" * 90):
        text = TEXT.replace("        self.unit1 =", f"        a = {value}\n        self.unit1 =")
        found = fault(NET, text)
        assert found is None or "deep" in str(found) or "no Python" in str(found)
    calls = "classes" + ".a" * 3_000
    found = fault(
        NET, TEXT.replace("        self.unit1 =", f"        b = {calls}\n        self.unit1 =")
    )
    assert found is not None


def test_s23_nothing_of_the_module_is_executed(tmp_path):
    mark = tmp_path / "mark"
    for statement in (
        f"open({str(mark)!r}, 'w')",
        f"__import__('os').mkdir({str(mark)!r})",
        f"(lambda: 0).__globals__['__builtins__']['open']({str(mark)!r}, 'w')",
        f"print({str(mark)!r})",
        "getattr(nn, 'x').__class__.__init__.__globals__",
        "'{}'.format(1)",
        f"torch.load({str(mark)!r})",
    ):
        text = TEXT.replace(
            "        self.unit1 =", f"        a = {statement}\n        self.unit1 ="
        )
        assert fault(NET, text) is not None, statement
        assert fault(NET, TEXT + f"\n\n{statement}\n") is not None, statement
    assert not mark.exists()
