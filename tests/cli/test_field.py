"""`cnnspec field`: the table, one layer in words, its picture."""

import json
import subprocess
import sys

FORKED = """\
net forked {
  input 1x32x32
  conv 4, 3x3/2, pad=1
  add { conv 4, 5x5, pad=2; skip }
  global_avgpool -> flatten
  linear 3
}
"""

TABLE = """\
  layer            op              output   field  smallest  stride  offset  padding
 ────────────────────────────────────────────────────────────────────────────────────
  image            input           1x32x32      1         1       1       0    0.0 %
  conv1            conv            4x16x16      3         3       2      -1    4.1 %
  conv2            conv            4x16x16     11        11       2      -5   16.3 %
  add1             add             4x16x16     11         3       2      -5   16.3 %
  global_avgpool1  global_avgpool  4x1x1      all       all       –       –        –
  flatten1         flatten         4          all       all       –       –        –
  linear1          linear          3          all       all       –       –        –
"""


def test_the_table(cnnspec, folder):
    (folder / "f.cnn").write_text(FORKED)
    assert cnnspec("field", "f.cnn").out.startswith(TABLE)


def test_one_layer_in_words(cnnspec, folder):
    (folder / "f.cnn").write_text(FORKED)
    assert cnnspec("field", "f.cnn", "--layer", "add1").out == (
        "forked: one output pixel of add1 sees 11 pixels of the input, "
        "3 along its smallest branch; stride 2, offset -5; 16.3 % of the fields is padding.\n"
    )
    assert "can see the whole input" in cnnspec("field", "f.cnn", "--layer", "linear1").out


def test_json(cnnspec):
    data = json.loads(cnnspec("field", "lenet5", "--format", "json").out)
    assert data["schema"] == "cnnspec.field/1"
    assert data["layers"][4] == {
        "path": "conv2", "op": "conv", "output_shape": [16, 10, 10], "whole": False,
        "size": [14, 14], "smallest": [14, 14], "stride": [2, 2], "offset": [0, 0],
        "padding": 0.0, "training": False,
    }  # fmt: skip
    assert data["layers"][-1]["size"] is None


def test_the_picture_shows_input_field_smallest_and_neighbour(cnnspec, folder):
    (folder / "f.cnn").write_text(FORKED)
    done = cnnspec("field", "f.cnn", "--layer", "add1", "-o", "f.svg")
    assert done.status == 0 and "f.svg  3.4 x" in done.out
    svg = (folder / "f.svg").read_text()
    assert svg.count("<rect") == 6 and "stroke-dasharray" in svg
    assert "11 by 11 pixels" in svg and ">smallest 3<" in svg
    (folder / "mine.svg").write_text("<svg/>")
    assert cnnspec("field", "f.cnn", "-o", "mine.svg").status == 2
    assert cnnspec("field", "f.cnn", "--layer", "linear1", "-o", "g.svg").status == 2


def test_an_unknown_layer_is_wrong_usage(cnnspec):
    done = cnnspec("field", "lenet5", "--layer", "conv9")
    assert done.status == 2
    assert "has nothing at conv9" in done.err


def test_torch_is_not_loaded(process):
    code = "import sys; from cnnspec.cli.app import run; run(['field', 'lenet5']); "
    done = subprocess.run(
        [sys.executable, "-c", code + "sys.exit('torch' in sys.modules)"], capture_output=True
    )
    assert done.returncode == 0
