"""L30: the recipe's keys of lists, biases and mean images, as plain data (M7)."""

import pytest

from tests.language.harness import check

NET = """
net it {{
  input 3x32x32
  conv1: conv 8, 3x3 -> global_avgpool -> flatten
  linear 10
  recipe r
}}
recipe r {{ {settings} }}
"""


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ('no_decay = ["bn", "bias"]', {"no_decay": ["bn", "bias"]}),
        ("clip = 2.0", {"clip": 2.0}),
        ("schedule = poly(power=0.5)", {"schedule": {"name": "poly", "power": 0.5}}),
        ('bias = constant(value=1, at=["conv1"])',
         {"bias": {"name": "constant", "value": 1, "at": ["conv1"]}}),
        ('data = cifar10(mean="pixel")', {"data": {"name": "cifar10", "mean": "pixel"}}),
    ],
)  # fmt: skip
def test_l30_keys_become_plain_data(settings: str, wanted: dict[str, object]):
    assert check(NET.format(settings=settings)).elaborated.recipe == wanted


def test_l30_words_that_are_none_are_refused():
    (error,) = check(NET.format(settings='no_decay = ["gamma"]')).errors
    assert (error.code, 'is a list of "bn", "bias"' in error.message) == ("E0108", True)
