"""`cnnspec sweep`: a family over values, as a table, in other formats, as a plot."""

import json

TABLE = """\
  depth  params   macs  layers  field  peak_inference_bytes
 ───────────────────────────────────────────────────────────
      1      20  1,152       1      3                   768
      2      58  3,456       2      5                 1,280
      3      96  5,760       3      7                 1,280
"""


def test_the_table(cnnspec):
    done = cnnspec("sweep", "family", "--set", "depth=1,2,3")
    assert (done.status, done.out) == (0, TABLE)


def test_the_cifar_resnets_of_table_6(cnnspec):
    done = cnnspec(
        "sweep", "cifar_resnet", "--set", "n=3,5,7,9,18,200", "--metrics", "layers,params",
        "--format", "json",
    )  # fmt: skip
    data = json.loads(done.out)
    assert data["schema"] == "cnnspec.sweep/1"
    assert [point["figures"]["layers"] for point in data["points"]] == [20, 32, 44, 56, 110, 1202]
    assert data["points"][0] == {
        "values": {"n": 3},
        "figures": {"layers": 20, "params": 269_722},
    }


def test_lists_several_parameters_and_inputs(cnnspec):
    done = cnnspec(
        "sweep", "resnet", "--set", "depths=[2, 2, 2, 2],[3, 4, 6, 3]",
        "--input", "3x64x64,3x224x224", "--metrics", "layers,macs", "--format", "csv",
    )  # fmt: skip
    rows = done.out.splitlines()
    assert rows[0] == "depths,input,layers,macs"
    assert rows[-1] == '"[3, 4, 6, 3]",3x224x224,34,3663761408'
    assert len(rows) == 5


def test_markdown_and_latex(cnnspec):
    words = ("sweep", "family", "--set", "depth=1,2", "--metrics", "shape(conv1),params")
    assert "| 1 | 2x8x8 | 20 |\n" in cnnspec(*words, "--format", "markdown").out
    assert "  1 & 2x8x8 & 20 \\\\\n" in cnnspec(*words, "--format", "latex").out


def test_a_plot(cnnspec, folder):
    done = cnnspec(
        "sweep", "family", "--set", "depth=1,2,3", "--input", "1x8x8,1x16x16",
        "--metrics", "macs", "-o", "s.svg",
    )  # fmt: skip
    assert done.status == 0
    svg = (folder / "s.svg").read_text()
    assert svg.count("<circle") == 6 and svg.count("<path") == 2
    assert ">1x16x16<" in svg and ">depth<" in svg and "family: macs over depth" in svg


def test_wrong_usage(cnnspec):
    for words in (
        ["family"], ["family", "--set", "depth"], ["family", "--set", "depth=1,,"],
        ["family", "--set", "depth=1", "--metrics", "beauty"],
        ["family", "--set", "depth=1", "--metrics", "shape(nowhere)"], ["nothing", "--set", "n=1"],
    ):  # fmt: skip
        assert cnnspec("sweep", *words).status == 2, words
    assert cnnspec("sweep", "family", "--set", "depth=0,1").status in (0, 1)
