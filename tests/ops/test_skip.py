from tests.ops.harness import check, make


def test_l10_skip_is_the_identity():
    check(make("skip"), (3, 4, 5))
    assert make("skip").shape((3, 4, 5)) == (3, 4, 5)
    assert make("skip").channels_out("c") == "c"
