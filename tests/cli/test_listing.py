"""`list` groups by folder and filters; bare names and FILE:NET find nets in every folder (G5)."""

import json

import pytest

from cnnspec.cli.reference import Reference, locate

FAMILY = "net f(c) { input 3x8x8; conv c, 3x3 }\n"


def names(done):
    return [(net["folder"], net["name"]) for net in json.loads(done.out)["nets"]]


def test_list_groups_by_folder(cnnspec):
    out = cnnspec("list").out
    own, _, torchvision = out.partition("\nspecs/torchvision\n")
    assert " lenet5 " in own
    assert " efficientnet_b7 " in torchvision
    assert " efficientnet_b7 " not in own


def test_list_filters_by_family_and_size_and_sorts(cnnspec):
    found = names(cnnspec("list", "--family", "efficientnet", "--format", "json"))
    assert ("torchvision", "efficientnet_v2_s") in found  # of the file of that name
    assert len(found) == 11
    found = names(cnnspec("list", "--family", "mnasnet", "--params", "<3M", "--format", "json"))
    assert found == [("torchvision", "mnasnet0_5")]
    found = cnnspec("list", "--params", ">=133,047,848", "--sort", "macs", "--format", "json").out
    macs = [net["macs"] for net in json.loads(found)["nets"]]
    assert macs == sorted(macs)
    assert {net["name"] for net in json.loads(found)["nets"]} >= {"vgg_b", "vgg13", "vgg_e"}
    assert cnnspec("list", "--family", "nothing", "--format", "json").status == 0


@pytest.mark.parametrize("bound", ["5M", "<", "<5X", "=5"])
def test_a_bound_that_is_none_is_one_line(cnnspec, bound):
    done = cnnspec("list", "--params", bound)
    assert done.status == 2
    assert "a bound is wanted" in done.err


def test_g5_a_bare_name_is_a_file_then_a_net_of_torchvision_s_then_of_more(cnnspec, folder):
    for name, text in {
        "specs/a.cnn": "net a { input 1 }\n",
        "specs/torchvision/x.cnn": FAMILY + "net a = f(1)\nnet b = f(2)\n",
        "specs/more/y.cnn": FAMILY + "net b = f(3)\nnet c = f(4)\n",
        "specs/own/z.cnn": FAMILY + "net c = f(5)\nnet d = f(6)\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    assert locate("a") == Reference("specs/a.cnn")
    assert locate("b") == Reference("specs/torchvision/x.cnn", "b")
    assert locate("c") == Reference("specs/more/y.cnn", "c")
    assert locate("d") == Reference("specs/own/z.cnn", "d")
    assert locate("more/y.cnn:b") == Reference("specs/more/y.cnn", "b")
    assert cnnspec("summary", "c").out.startswith("c · ")


def test_g5_shipped_nets_are_found_anywhere(cnnspec):
    assert cnnspec("summary", "efficientnet_b3").out.startswith("efficientnet_b3 · ")
    own, theirs = cnnspec("summary", "googlenet"), cnnspec("summary", "torchvision/googlenet.cnn")
    assert "specs/googlenet.cnn" in own.out
    assert "specs/torchvision/googlenet.cnn" in theirs.out
    assert theirs.out == cnnspec("summary", "torchvision/googlenet.cnn:googlenet").out
    assert "mobilenet_v2" in cnnspec("summary", "mobilenet_v22").err


def test_g5_a_family_and_its_one_variant_are_the_variant(cnnspec, folder):
    (folder / "f.cnn").write_text(FAMILY + "net small = f(2)\n")
    assert cnnspec("summary", "f.cnn").out.startswith("small · ")
    (folder / "f.cnn").write_text(FAMILY + "net small = f(2)\nnet large = f(4)\n")
    assert "f is a family" in cnnspec("summary", "f.cnn").err


def test_g5_gen_writes_specs_and_what_the_project_lists(cnnspec, folder):
    (folder / "specs" / "inner").mkdir(parents=True)
    (folder / "specs" / "a.cnn").write_text("net a { input 4; linear 2 }\n")
    (folder / "specs" / "inner" / "x.cnn").write_text(FAMILY + "net b = f(1)\nnet c = f(2)\n")
    assert cnnspec("gen").out.startswith("generated/a.py  ")
    assert not (folder / "generated" / "b.py").exists()
    (folder / "pyproject.toml").write_text('[tool.cnnspec.generate]\ninner = ["b"]\n')
    out = cnnspec("gen").out
    assert "generated/inner/b.py" in out
    assert "c.py" not in out
    assert cnnspec("gen", "--check").status == 0
    (folder / "generated" / "inner" / "b.py").write_text("old\n")
    assert "generated/inner/b.py is stale" in cnnspec("gen", "--check").out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("generate = 3", "is a table"),
        ("[tool.cnnspec.generate]\ninner = 3", "a list of names"),
        ("[tool.cnnspec.generate]\ninner = [3]", "a list of names"),
        ("[tool.cnnspec.generate]\nother = []", "no folder"),
        ('[tool.cnnspec.generate]\n"../x" = []', "no folder"),
        ('[tool.cnnspec.generate]\ninner = ["z"]', "declares it"),
        ("[", "cannot read pyproject.toml"),
    ],
)
def test_a_table_generate_that_is_none_is_one_line(cnnspec, folder, text, said):
    (folder / "specs" / "inner").mkdir(parents=True)
    (folder / "specs" / "a.cnn").write_text("net a { input 4; linear 2 }\n")
    (folder / "specs" / "inner" / "x.cnn").write_text(FAMILY + "net b = f(1)\n")
    head = "" if text.startswith("[") else "[tool.cnnspec]\n"
    (folder / "pyproject.toml").write_text(head + text + "\n")
    done = cnnspec("gen")
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert said in done.err
