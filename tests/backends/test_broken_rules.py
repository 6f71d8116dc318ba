"""Each rule of the emitter broken once: the proof refuses the module, or the emitter stops."""

import pytest

from tests.mutation.emitter import corpus, judged
from tests.mutation.rules import RULES, broken


@pytest.fixture(scope="module")
def net():
    ((net, text),) = corpus(1)
    return net, text


def test_the_net_is_written_as_before_when_nothing_is_broken(net):
    assert judged(*net) == "same"


@pytest.mark.parametrize("what", RULES)
def test_a_broken_rule_is_noticed(what: str, net):
    with broken(what):
        end = judged(*net)
    assert end in ("stopped", "refused")
    assert judged(*net) == "same"


def test_s3_at_least_25_rules_are_broken():
    assert len(RULES) >= 25
