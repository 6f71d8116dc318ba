"""`cnnspec diff`: text, Markdown, JSON, the picture, the exit status."""

import json

TEXT = """\
plain34 -> resnet34: 16 skips added, 3 of them projections

  change  what                               count  where
"""


def test_text(cnnspec):
    done = cnnspec("diff", "plain34", "resnet34")
    assert done.status == 1
    assert done.out.startswith(TEXT)
    assert "  added   skip                                  13  layer1.0.add1, " in done.out
    assert "resnet34\n" in done.out and "21,797,672\n" in done.out


def test_a_net_against_itself_is_status_0(cnnspec):
    done = cnnspec("diff", "resnet20", "resnet20")
    assert (done.status, done.out) == (0, "resnet20 -> resnet20: no difference\n")


def test_markdown(cnnspec):
    out = cnnspec("diff", "resnet50", "resnet50_paper", "--format", "markdown").out
    assert out.startswith("**resnet50 → resnet50\\_paper**: 6 layers changed\n")
    assert "| changed | conv window 1x1 -\\> 1x1/2 | 3 | layer2.0.conv1, " in out


def test_json(cnnspec):
    data = json.loads(cnnspec("diff", "resnet50", "resnet50_paper", "--format", "json").out)
    assert (data["schema"], data["differ"]) == ("cnnspec.diff/1", True)
    assert data["changes"][1]["what"] == "conv window 3x3/2 -> 3x3"
    assert data["changes"][1]["places"][0] == {"a": "layer2.0.conv2", "b": "layer2.0.conv2"}
    assert data["totals"]["macs"]["a"] > data["totals"]["macs"]["b"]


def test_the_picture_colours_what_differs(cnnspec, folder):
    assert cnnspec("diff", "plain34", "resnet34", "-o", "d.svg").status == 1
    svg = (folder / "d.svg").read_text()
    assert svg.count('data-diff="added"') < 16 and ">skip<" in svg
    assert 'data-diff="equal"' in svg and "projection skip (1×1 conv, 128/2)" in svg
