"""What the torch backend writes is what the IR says: arguments, keys, dataflow; no torch needed."""

import pytest

from cnnspec.backends.torch import emit
from tests.fuzz import aimed, contract


@pytest.mark.parametrize("part", range(4))
def test_house_modules_of_aimed_nets_are_their_specs(part: int):
    found = [contract.check(aimed.spec(seed)) for seed in range(80 * part, 80 * (part + 1))]
    valid = [c for c in found if c.valid]
    assert len(valid) > 40
    assert sum(c.values for c in valid) > 2 * len(valid)


TEXT = """default conv pad=same -> bn -> leaky_relu 0.2
net it(n = 2) {
  input 8x12x12
  conva: conv 8, 3x3
  if n > 1 { c.0: conv 8, 1x1 } else { c.0: bn }
  add { skip; conv 8, 1x1, 0 }
}
"""


@pytest.mark.parametrize(
    ("ours", "theirs", "what"),
    [
        ("nn.Conv2d(8, 8, 3, padding=1)", "nn.Conv2d(8, 8, 3)", "`conva` is Conv"),
        ("self.conva_bn", "self.bna", "`bna` is BatchNorm"),
        ("self.conva = nn.Conv2d(8", "self.conva = nn.Conv2d(4", "made for 4 channels"),
        ("0.2", "0.3", "`logits` is computed otherwise"),
        ('self.c["0"] = nn.BatchNorm2d(8)', "pass", "the keys are those of"),
        ("x + y", "y", "`logits` is computed otherwise"),
    ],
)
def test_a_wrong_module_is_found(ours: str, theirs: str, what: str, monkeypatch):
    assert contract.check(TEXT).values == 3
    monkeypatch.setattr(contract, "emit", lambda net: emit(net).replace(ours, theirs))
    with pytest.raises(contract.Difference, match=what):
        contract.check(TEXT)
