"""`cnnspec check`: lines, formats, exit statuses."""

import json
import re

import pytest

WRONG = """\
net wrong(classes = 2) {
  input 1x32x32
  conv 6, 5x5, padd=1
  linear 10
  claim params = 3
}
"""

ONE = """\
specs/lenet5.cnn  lenet5  1x32x32 → 2   61,026 params   415.8 K MACs   5 layers   1 claim holds
1 net, 0 errors (0.00 s)
"""


def timeless(text):
    return re.sub(r"\(\d+\.\d\d s\)", "(0.00 s)", text)


@pytest.mark.parametrize(
    "arguments", [["specs/lenet5.cnn"], ["lenet5"], ["specs/lenet5.cnn:lenet5"]]
)
def test_one_net(cnnspec, arguments):
    done = cnnspec("check", *arguments)
    assert (timeless(done.out), done.err, done.status) == (ONE, "", 0)


@pytest.mark.parametrize("arguments", [[], ["specs"], ["specs", "specs/lenet5.cnn", "."]])
def test_a_directory_passes_families_by_and_takes_each_file_once(cnnspec, arguments):
    done = cnnspec("check", *arguments)
    assert (timeless(done.out), done.status) == (ONE, 0)


def test_only_families(cnnspec):
    done = cnnspec("check", "specs/families")
    assert timeless(done.out) == "0 nets, 1 file of blocks and families, 0 errors (0.00 s)\n"
    assert done.status == 0


def test_several_nets_stand_in_columns_and_claims_are_counted(cnnspec, folder):
    (folder / "specs" / "two.cnn").write_text(
        "net two { input 3x9x9\n conv 1000, 3x3\n claim params = 28_000\n"
        ' claim params ~ 27K but 28_000 because misprint "by hand" }\n'
    )
    done = cnnspec("check")
    assert timeless(done.out) == (
        "specs/lenet5.cnn  lenet5  1x32x32 → 2        61,026 params   415.8 K MACs   5 layers"
        "   1 claim holds\n"
        "specs/two.cnn     two     3x9x9 → 1000x7x7   28,000 params   1.323 M MACs    1 layer"
        "   2 claims: 1 holds, 1 recorded disagreement\n"
        "2 nets, 0 errors, 3 claims: 2 hold, 1 recorded disagreement (cnnspec claims)   (0.00 s)\n"
    )


def test_all_errors_of_all_files_in_one_run(cnnspec, folder):
    (folder / "specs" / "a.cnn").write_text(WRONG)
    (folder / "specs" / "b.cnn").write_text("net b { input 1x8x8\n liner 3 }\n")
    done = cnnspec("check")
    assert done.status == 1
    assert "error[E0103]" in done.out
    assert "error[E0102]" in done.out
    assert "  --> specs/b.cnn:2:2\n" in done.out
    assert "lenet5  1x32x32 → 2" in done.out


def test_a_failing_claim_is_an_error(cnnspec, folder):
    (folder / "c.cnn").write_text("net c { input 1x8x8\n conv 3, 3x3\n claim params = 31 }\n")
    done = cnnspec("check", "c.cnn")
    assert done.status == 1
    assert "1 claim: 1 fails" in done.out
    assert "error[E0401]" in done.out


def test_json(cnnspec):
    data = json.loads(cnnspec("check", "lenet5", "--format", "json").out)
    assert data["schema"] == "cnnspec.check/1"
    assert data["diagnostics"] == []
    (net,) = data["nets"]
    (claim,) = net.pop("claims")
    assert net == {
        "name": "lenet5", "file": "specs/lenet5.cnn", "line": 4, "ok": True,
        "params": 61026, "params_all": 61026, "macs": 415848, "layers": 5,
        "inputs": {"image": [1, 32, 32]}, "outputs": {"logits": [2]},
    }  # fmt: skip
    wanted = {
        "metric": "layers", "relation": "=", "printed": "5", "measured": 5,
        "verdict": "holds", "source": "table61", "where": "", "line": 16,
    }  # fmt: skip
    assert {key: claim[key] for key in wanted} == wanted


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_formats_of_a_wrong_file(cnnspec, folder, form):
    (folder / "w.cnn").write_text(WRONG)
    done = cnnspec("check", "w.cnn", "--format", form)
    assert done.status == 1
    data = json.loads(done.out)
    found = data["diagnostics"] if form == "json" else data["runs"][0]["results"]
    assert found


def test_json_says_that_a_net_is_not_ok(cnnspec, folder):
    (folder / "w.cnn").write_text(WRONG)
    (net,) = json.loads(cnnspec("check", "w.cnn", "--format", "json").out)["nets"]
    assert (net["ok"], net["params"], net["layers"]) == (False, None, None)


def test_concise(cnnspec, folder):
    (folder / "b.cnn").write_text("net b { input 1x8x8\n liner 3 }\n")
    done = cnnspec("check", "b.cnn", "--format", "concise")
    assert done.out == ("b.cnn:2:2: error[E0102]: there is no op, block or net called `liner`\n")


def test_strict_makes_warnings_count(cnnspec, folder):
    (folder / "p.cnn").write_text("net p { input 1x8x8\n maxpool 2x2 }\n")
    assert cnnspec("check", "p.cnn").status == 0
    done = cnnspec("check", "p.cnn", "--strict")
    assert done.status == 1
    assert "1 net, 0 errors, 1 warning" in done.out


def test_set_and_input_override(cnnspec):
    done = cnnspec("check", "lenet5", "--set", "classes=10", "--input", "1x36x36")
    assert "1x36x36 → 10" in done.out
    assert "claim" not in done.out


def test_set_makes_a_family_a_net(cnnspec):
    done = cnnspec("check", "specs/families/family.cnn", "--set", "depth=3")
    assert "3 layers" in done.out


def test_standard_input(process, folder):
    text = (folder / "specs" / "lenet5.cnn").read_text(encoding="utf-8")
    done = process("check", "-", stdin=text)
    assert done.out.startswith("<stdin>  lenet5  1x32x32 → 2")


def test_any_bytes_end_without_a_traceback(cnnspec, folder):
    for number, data in enumerate([b"", b"\xff\xfe", b"\x00" * 99, b"net a {" * 200, b"\x1b[2J"]):
        path = folder / f"bytes{number}.cnn"
        path.write_bytes(data)
        done = cnnspec("check", path.name)
        assert done.status in (1, 2), data
        assert "\x1b" not in done.out + done.err


def test_a_check_loads_nothing_heavy(process):
    import subprocess
    import sys

    code = (
        "import sys\nfrom cnnspec.cli.app import run\nrun(['check', 'lenet5'])\n"
        "heavy = 'torch networkx jinja2 graphviz numpy rich typer pydantic'.split()\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.splitlines()[-1] == b"[]"


def test_13_6_check_runs_no_backend(process, folder):
    """What a target or a style refuses is said by `gen` and `draw`, not foreseen by `check`."""
    import subprocess
    import sys

    (folder / "a.cnn").write_text("net a {\n  input 3x9x9\n  forward: conv 8, 3x3 -> softmax\n}\n")
    code = (
        "import sys\nfrom cnnspec.cli.app import run\nrun(['check', 'specs', 'a.cnn'])\n"
        "parts = ('cnnspec.backends', 'cnnspec.draw', 'cnnspec.train', 'onnx')\n"
        "print([name for name in sys.modules if name.startswith(parts)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert b"error[E0501]" in done.stdout
    assert done.stdout.splitlines()[-1] == b"[]"


def test_hundreds_of_errors_are_cut_short_in_text_and_whole_in_concise(cnnspec, folder):
    (folder / "many.cnn").write_text(
        "net m { input 1x8x8\n" + "".join(f" line{n} 3\n" for n in range(300)) + "}\n"
    )
    done = cnnspec("check", "many.cnn")
    assert "\n... and 100 more: --format concise shows all\n" in done.out
    assert "1 net, 300 errors" in done.out
    assert cnnspec("check", "many.cnn", "--format", "concise").out.count("\n") == 300
