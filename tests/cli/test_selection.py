"""`--select` and `--ignore`: warnings that are reported; errors always are."""

import json

import pytest

TWO = "net two { input 3x8x8\n conv 8, 3x3 -> bn\n maxpool 2x2 }\n"


@pytest.fixture
def codes(cnnspec, folder):
    (folder / "two.cnn").write_text(TWO)

    def found(*options):
        done = cnnspec("check", "two.cnn", "--format", "json", *options)
        return done.status, [d["code"] for d in json.loads(done.out)["diagnostics"]]

    return found


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ([], ["W0208", "W0203"]),
        (["--ignore", "W0208"], ["W0203"]),
        (["--ignore", "w0208,W0203"], []),
        (["--ignore", "W0208", "--ignore", "W0203"], []),
        (["--ignore", "W"], []),
        (["--select", "W0208"], ["W0208"]),
        (["--select", "W02", "--ignore", "W0208"], ["W0203"]),
        (["--select", "W0204"], []),
    ],
)
def test_which_warnings_are_reported(codes, options, wanted):
    assert codes(*options) == (0, wanted)
    assert codes("--strict", *options) == (int(bool(wanted)), wanted)


def test_the_closing_line_counts_what_is_reported(cnnspec, folder):
    (folder / "two.cnn").write_text(TWO)
    assert "0 errors, 2 warnings" in cnnspec("check", "two.cnn").out
    assert "0 errors, 1 warning " in cnnspec("check", "two.cnn", "--ignore", "W0203").out
    assert "warning" not in cnnspec("check", "two.cnn", "--ignore", "W").out


@pytest.mark.parametrize("form", ["text", "concise", "json", "sarif", "github"])
def test_every_format(cnnspec, folder, form):
    (folder / "two.cnn").write_text(TWO)
    out = cnnspec("check", "two.cnn", "--ignore", "W0203", "--format", form).out
    assert "W0208" in out
    assert "W0203" not in out


def test_errors_cannot_be_left_out(cnnspec, folder):
    (folder / "two.cnn").write_text(TWO.replace("maxpool", "maxpol"))
    done = cnnspec("check", "two.cnn", "--select", "W0203", "--format", "concise")
    assert (done.status, done.out.count("\n")) == (1, 1)
    assert "error[E0102]" in done.out
    done = cnnspec("check", "two.cnn", "--ignore", "E0102")
    assert done.status == 2
    assert done.err == (
        "cnnspec check: --ignore E0102: errors are always reported, only warnings are chosen\n"
    )


def test_an_unknown_code(cnnspec):
    done = cnnspec("check", "--ignore", "W0230")
    assert (done.status, done.err) == (
        2, "cnnspec check: --ignore W0230: there is no such warning: did you mean `W0203`?\n"
    )  # fmt: skip


def test_g4_a_format_that_is_none_says_which_there_are(cnnspec):
    done = cnnspec("check", "--format", "yaml")
    assert (done.status, done.err) == (
        2,
        "cnnspec check: --format yaml: there are text, concise, json, sarif and github "
        "(cnnspec check -h shows the usage)\n",
    )
    assert "did you mean `json`?" in cnnspec("summary", "lenet5", "--format", "jsn").err


def test_g4_a_set_of_a_parameter_that_is_mistyped_says_what_to_write(cnnspec):
    done = cnnspec("check", "lenet5", "--set", "clases=3")
    assert done.status == 1
    assert "help: write `--set classes=3`" in done.out
