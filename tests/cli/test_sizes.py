"""`cnnspec sizes`: the set, one size, JSON."""

import json

PAGE = """\
lenet5 · specs/lenet5.cnn · declared 1x32x32
  n x n       n 32 to 35
  apart       height and width alike, each by itself
  maps alone  n from 16, without the layers that want a fixed size
  smallest    32 x 32
  maxpool2    16 x floor((H - 12) / 4) x floor((W - 12) / 4)
  logits      2

  31 x 31 fails at linear1: its weights are for 400 features, and 256 arrives
    conv1     floor((31 - 5 + 2*0) / 1) + 1 = 27
    maxpool1  floor((27 - 2 + 2*0) / 2) + 1 = 13, with 1 row and column left over
    conv2     floor((13 - 5 + 2*0) / 1) + 1 = 9
    maxpool2  floor((9 - 2 + 2*0) / 2) + 1 = 4, with 1 row and column left over
    flatten1  16 * 4 * 4 = 256
"""


def test_the_page(cnnspec):
    done = cnnspec("sizes", "lenet5")
    assert done.status == 0
    assert done.out.startswith(PAGE)


def test_one_size(cnnspec):
    done = cnnspec("sizes", "lenet5", "--at", "33x35")
    assert (done.status, done.out) == (0, "lenet5 works on 33 x 35\n")
    done = cnnspec("sizes", "lenet5", "--at", "28")
    assert done.status == 1
    assert "28 x 28 fails at linear1" in done.out
    assert cnnspec("sizes", "lenet5", "--at", "3x28x28").status == 2


def test_json(cnnspec):
    data = json.loads(cnnspec("sizes", "lenet5", "--format", "json").out)
    assert (data["schema"], data["declared"]) == ("cnnspec.sizes/1", [32, 32])
    assert data["square"] == {
        "low": 32, "high": 35, "modulus": 1, "residues": [0], "members": None,
    }  # fmt: skip
    assert data["outputs"]["logits"] == [2]
    assert [failure["size"] for failure in data["fails"]] == [[31, 31], [36, 36]]


def test_a_vector_has_no_size(cnnspec, folder):
    (folder / "v.cnn").write_text("net v { input 8\n linear 3 }\n")
    assert "its input is a vector" in cnnspec("sizes", "v.cnn").out
