"""Models that are hard to read: exact, or refused with every cause and its place."""

import pytest

from cnnspec.importing.errors import Refused
from cnnspec.importing.naming import snake
from cnnspec.importing.options import Options
from cnnspec.importing.torch.source import import_module
from tests.importing import awkward, wild

SIZE = (3, 32, 32)


@pytest.mark.parametrize("kind", awkward.EXACT + wild.EXACT, ids=lambda kind: kind.__name__)
def test_it_is_read_exactly(kind):
    found = import_module(kind(), SIZE, snake(kind.__name__))
    assert found.difference == 0 and not found.flat, found.tried


@pytest.mark.parametrize("kind", awkward.REFUSED, ids=lambda kind: kind.__name__)
def test_i5_it_is_refused_with_its_cause(kind):
    with pytest.raises(Refused) as refused:
        import_module(kind(), SIZE, snake(kind.__name__))
    lines = [*refused.value.lines()]
    assert any(awkward.REFUSED[kind] in line for line in lines), lines
    assert all("awkward.py:" in line or "in " in line for line in lines)


def test_i5_every_cause_is_said_at_once_and_grouped():
    with pytest.raises(Refused) as refused:
        import_module(awkward.Attention(), SIZE, "attention")
    assert len([*refused.value.lines()]) >= 4


def test_unused_weights_are_dropped_where_asked():
    found = import_module(awkward.Unused(), SIZE, "unused", Options(drop_unused=True))
    assert found.difference == 0 and "spare" not in found.text


def test_without_aux_a_head_is_left_out():
    found = import_module(awkward.AuxInTraining(), SIZE, "net_", Options(aux=False))
    assert "aux" not in found.text and found.difference == 0


def test_a_list_of_layers_is_a_sequence_with_a_loop():
    found = import_module(awkward.Layers(6), SIZE, "layers_")
    assert "layers: seq { repeat 6" in found.text


def test_s20_a_doc_is_no_code():
    class Loud(awkward.SharedAct):
        """A net" -> } { of quotes \\ and # signs.

        More of it.
        """

    found = import_module(Loud(), SIZE, "loud")
    assert '## A net" -> } { of quotes' in found.text


def test_what_comes_back_from_inside_a_sequence_stands_behind_the_whole_sequence():
    text = import_module(wild.Levels(), SIZE, "levels").text
    assert "output out1: from features[5]\n" in text and "\n  from features[2]\n\n" in text
    assert text.count("from features[2]") == 1


def test_numbers_of_labels_rise_as_they_stand():
    text = import_module(wild.Tasks(), SIZE, "tasks").text
    assert text.index("tap1: resize") < text.index("tap2: resize")
