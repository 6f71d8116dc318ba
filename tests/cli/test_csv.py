"""Numbers in CSV are numbers: a reader such as pandas gets columns of them."""

import csv
import io
import json
import re

import pytest

NUMBERS = {
    ("field", "resnet34"): ("field", "smallest", "stride", "offset", "padding"),
    ("field", "deep"): ("field", "smallest", "stride", "offset", "padding"),
    ("summary", "resnet34"): ("params", "MACs"),
    ("summary", "resnet34", "--memory"): ("activations", "kept for backward"),
    ("summary", "resnet34", "--device", "h100"): ("GFLOP", "MB", "µs", "share"),
    ("list",): ("params", "MACs", "layers"),
    ("sweep", "deep", "--set", "n=1,2", "--set", "p=-1,-2", "--set", "w=1000"): ("n", "p", "w"),
}
DEEP = """\
net deep(n = 3, p = -1, w = 8) {
  input 3x64x64
  repeat n { conv w, 7x7/2, pad=3 }
  global_avgpool -> flatten -> linear 10
}
"""


@pytest.mark.parametrize(("arguments", "columns"), NUMBERS.items(), ids=" ".join)
def test_13_6_numbers_in_csv_are_numbers(cnnspec, folder, arguments, columns):
    (folder / "specs" / "deep.cnn").write_text(DEEP)
    done = cnnspec(*arguments, "--format", "csv")
    assert (done.status, done.err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert len(rows) > 1
    for column in columns:
        cells = [row[column] for row in rows if row[column]]
        assert [float(cell) for cell in cells]
    assert not re.search(r"'\d", done.out)  # no group of digits behind an apostrophe


def test_13_6_measured_figures_of_claims(cnnspec):
    rows = list(csv.DictReader(io.StringIO(cnnspec("claims", "resnet34", "--format", "csv").out)))
    params = next(row for row in rows if row["claim"] == "params")
    assert (params["printed"], params["measured"]) == ("21797672", "21797672")
    macs = next(row for row in rows if row["printed"] == "3.6G")
    assert macs["measured"] == "3663761408"


def test_13_6_csv_and_json_say_the_same(cnnspec):
    rows = list(csv.DictReader(io.StringIO(cnnspec("field", "resnet34", "--format", "csv").out)))
    layers = json.loads(cnnspec("field", "resnet34", "--format", "json").out)["layers"]
    assert len(rows) == len(layers)
    for row, layer in zip(rows, layers, strict=True):
        assert float(row["padding"] or 0) == (layer["padding"] or 0)
        assert bool(row["field"]) is not layer["whole"]
