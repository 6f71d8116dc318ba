import pytest

from cnnspec.ops import ops
from cnnspec.ops.arguments import (
    CONVERTERS,
    INITIALISERS,
    ArgumentError,
    bind,
    signature,
    signature_text,
)
from cnnspec.values import SAME, SIZE_MAX, Dims, Padding, Record, Window
from tests.ops.harness import window

CONV, LRN, SOFTMAX = ops()["conv"], ops()["lrn"], ops()["softmax"]
W = window("3x3/2")


def conv(**keywords):
    return bind(CONV, [64, W], keywords)


def error(cls, positional, keywords):
    with pytest.raises(ArgumentError) as caught:
        bind(cls, positional, keywords)
    return caught.value


@pytest.mark.parametrize("name", ops())
def test_l20_every_field_of_every_op_has_a_converter(name):
    for annotation, _ in signature(ops()[name]).values():
        assert annotation in CONVERTERS


def test_l20_the_signature_as_a_person_reads_it():
    assert signature_text(CONV) == (
        "conv(channels, window, pad = 0, groups = 1, dilation = 1, bias = true, init = none, "
        'connections = none, pad_mode = "zeros")'
    )
    assert signature_text(SOFTMAX) == "softmax()"
    assert signature_text(ops()["gelu"]) == 'gelu(approximate = "none")'


def test_l9_arguments_by_place_and_by_name():
    assert bind(CONV, [64, W, 1], {}) == conv(pad=1)
    assert bind(CONV, [], {"window": W, "channels": 64}) == conv()
    assert bind(LRN, [5], {"k": 2}) == LRN(5, k=2)


@pytest.mark.parametrize(
    ("written", "padding"),
    [
        (0, Padding(0, 0, 0, 0)),
        (2, Padding(2, 2, 2, 2)),
        (Dims((1, 2)), Padding(1, 1, 2, 2)),
        (Window((1, 2)), Padding(1, 1, 2, 2)),
        ((1, 2, 3, 4), Padding(1, 2, 3, 4)),
        (SAME, SAME),
    ],
)
def test_l8_the_ways_to_write_a_padding(written, padding):
    assert conv(pad=written).pad == padding


@pytest.mark.parametrize(
    "pad", [-1, 0.5, True, None, "same", (1, 2), (1, 2, 3, 0.5), (1, 2, 3, -4), W, Dims((1, 2, 3))]
)
def test_l8_what_is_no_padding(pad):
    assert error(CONV, [64, W], {"pad": pad}).code == "E0108"


def test_l7_a_window_is_a_kernel_and_a_stride():
    assert bind(CONV, [64, Dims((1, 7))], {}).window == Window((1, 7), (1, 1))
    assert bind(CONV, [64, window("3x5/2x1")], {}).window.stride == (2, 1)
    assert conv(dilation=2).dilation == (2, 2)
    assert conv(dilation=Dims((2, 1))).dilation == (2, 1)


@pytest.mark.parametrize(
    "value", [3, True, "3x3", (3, 3), Dims((3, 3, 3)), Dims((3,)), window("0x3/1"), window("3x3/0")]
)
def test_l7_what_is_no_window(value):
    assert error(CONV, [64, value], {}).code == "E0108"


def test_l7_a_number_in_place_of_a_window_shows_how_it_is_written():
    found = error(CONV, [64, 3], {})
    assert found.help == "write `3x3`, or `3x3/2` with a stride"
    assert found.argument == 1
    assert error(CONV, [64, True], {}).help == ""


def test_s5_sizes_end_at_2_to_the_31():
    assert bind(CONV, [SIZE_MAX, W], {}).channels == SIZE_MAX
    assert error(CONV, [SIZE_MAX + 1, W], {}).code == "E0108"
    assert error(CONV, [64, Dims((SIZE_MAX + 1, 1))], {}).code == "E0108"
    assert error(CONV, [64, W], {"pad": Dims((0, SIZE_MAX + 1))}).code == "E0108"
    assert error(CONV, [64, W], {"dilation": 0}).code == "E0108"


def test_s5_reals_are_finite():
    infinite = error(LRN, [5], {"k": float("inf")})
    assert infinite.code == "E0108"
    assert infinite.message == "lrn needs a finite number for `k`, and inf (a real) came"
    assert error(LRN, [5], {"k": True}).code == "E0108"


def test_l31_an_unknown_argument():
    found = error(CONV, [16, W], {"padd": 1})
    assert (found.code, found.argument) == ("E0103", "padd")
    assert found.message == "conv has no argument `padd`"
    assert found.help == "did you mean `pad`?"


def test_l31_too_many_arguments():
    assert error(SOFTMAX, [1], {}).message == "softmax takes no argument, and 1 came"
    found = error(LRN, [5, 1, 1, 1, 1], {})
    assert (found.code, found.argument) == ("E0105", 4)
    assert found.message == "lrn takes 4 arguments, and 5 came"
    assert error(ops()["dropout"], [1, 2], {}).message == "dropout takes 1 argument, and 2 came"


def test_l31_an_argument_twice():
    found = error(LRN, [5], {"size": 5})
    assert (found.code, found.argument) == ("E0106", "size")


def test_l31_a_missing_argument():
    found = error(CONV, [64], {})
    assert (found.code, found.argument) == ("E0107", None)
    assert found.message == "conv needs `window`"


@pytest.mark.parametrize(
    ("cls", "positional", "keywords", "message"),
    [
        (CONV, [0.5, W], {}, "conv needs a whole number for `channels`, and 0.5 (a real) came"),
        (CONV, [W, 64], {}, "conv needs a whole number for `channels`, and 3x3/2 (a window) came"),
        (
            CONV,
            [64, W],
            {"bias": 1},
            "conv needs true or false for `bias`, and 1 (an integer) came",
        ),
        (CONV, [None, W], {}, "conv needs a whole number for `channels`, and none came"),
        (CONV, [True, W], {}, "conv needs a whole number for `channels`, and true came"),
        (CONV, [object(), W], {}, "conv needs a whole number for `channels`, and a block came"),
        (LRN, [5, "a"], {}, 'lrn needs a number for `alpha`, and "a" (a string) came'),
        (
            CONV,
            [64, W],
            {"init": "he"},
            'conv needs an initialiser for `init`, and "he" (a string)',
        ),
        (CONV, [64, W], {"connections": 1}, "conv needs a list of lists of whole numbers"),
        (CONV, [64, W], {"connections": ((1, 0.5),)}, "conv needs a list of whole numbers"),
    ],
)
def test_l31_what_was_wanted_and_what_came(cls, positional, keywords, message):
    found = error(cls, positional, keywords)
    assert found.code == "E0108"
    assert found.message.startswith(message)


@pytest.mark.parametrize("name", INITIALISERS)
def test_initialisers_need_no_keyword(name):
    assert conv(init=Record(name)).init == Record(name)


@pytest.mark.parametrize(
    "init",
    [
        Record("sgd"),
        Record("he_normal", (1,)),
        Record("he_normal", (), (("std", 1),)),
        Record("he_normal", (), (("fan", "up"),)),
        Record("normal", (), (("std", "a"),)),
        Record("normal", (), (("std", -0.1),)),
    ],
)
def test_what_is_no_initialiser(init):
    assert error(CONV, [64, W], {"init": init}).code == "E0108"


def test_initialisers_take_their_keywords():
    for init in (
        Record("normal", (), (("std", 0.01), ("mean", 1))),
        Record("he_normal", (), (("fan", "out"),)),
        Record("uniform", (), (("low", -1), ("high", 1.5))),
    ):
        assert conv(init=init).init == init
    assert conv(init=None).init is None
