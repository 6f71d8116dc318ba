"""`cnnspec weights`: files from elsewhere, to safetensors and to the names of a net."""

import pickle

import pytest

torch = pytest.importorskip("torch")
from safetensors.torch import load_file, save_file  # noqa: E402

NET = """
net small(classes = 3) {
  default conv bias=false -> bn
  input 3x8x8
  conv 4, 3x3
  layer1: seq { conv 4, 3x3 }
  global_avgpool -> flatten
  fc: linear classes
}
"""
HEADED = """
net headed {
  input 3x2x2
  features: seq { conv 4, 1x1 }
  flatten
  classifier: seq { linear 5; relu; dropout; linear 5; relu; dropout; linear 2 }
}
"""


@pytest.fixture
def state(folder):
    """The state_dict of `small`, with values to tell apart."""
    (folder / "specs" / "small.cnn").write_text(NET)
    (folder / "specs" / "headed.cnn").write_text(HEADED)
    sizes = {"weight": (4,), "bias": (4,), "running_mean": (4,), "running_var": (4,)}
    shapes = {"conv1.weight": (4, 3, 3, 3)}
    shapes |= {f"bn1.{k}": v for k, v in sizes.items()} | {"layer1.0.weight": (4, 4, 3, 3)}
    shapes |= {f"layer1.1.{k}": v for k, v in sizes.items()}
    shapes |= {"fc.weight": (3, 4), "fc.bias": (3,)}
    return {key: torch.randn(shape) for key, shape in shapes.items()}


def equal(path, wanted):
    found = load_file(path)
    assert list(found) == sorted(wanted)
    assert all(torch.equal(found[key], wanted[key]) for key in wanted)


def test_pth_to_safetensors(cnnspec, folder, state):
    torch.save({"epoch": 3, "state_dict": state}, "a.pth")
    done = cnnspec("weights", "convert", "a.pth")
    assert (done.status, done.out) == (0, "a.safetensors  12 tensors, names as they are\n")
    equal("a.safetensors", state)
    assert cnnspec("weights", "convert", "a.pth").status == 0  # ours: written again
    save_file({"a": torch.zeros(1)}, "a.safetensors")
    assert cnnspec("weights", "convert", "a.pth").status == 2
    assert cnnspec("weights", "convert", "a.pth", "--force").status == 0


class Planted:
    def __reduce__(self):
        return (print, ("run",))


def test_a_pickle_with_code_is_refused_and_not_run(cnnspec, folder, capsys):
    (folder / "evil.pth").write_bytes(pickle.dumps({"a": Planted()}))
    done = cnnspec("weights", "convert", "evil.pth")
    assert done.status == 1
    assert done.out == ""
    assert done.err.startswith("cnnspec weights: evil.pth is no .pth file of tensors and plain")


def renamed(state, **words):
    """State under other names, as a layout has them."""
    found = {}
    for key, value in state.items():
        for old, new in words.items():
            key = key.replace(f"{old}.", f"{new}.")
        found[key] = value
    return found


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({}, "as they are"),
        ({"fc": "linear"}, "of CIFAR ResNets (linear for fc)"),
        ({"fc": "head.fc"}, "of timm (head.fc, classifier)"),
        ({"fc": "classifier"}, "of timm (head.fc, classifier)"),
        ({"conv1": "module.conv1", "bn1": "module.bn1", "layer1": "module.layer1"}, "as they are"),
    ],
)
def test_layouts_are_known_by_their_names(cnnspec, state, words, said):
    torch.save(renamed(state, **words), "a.pth")
    done = cnnspec("weights", "map", "a.pth", "small")
    assert (done.status, done.err) == (0, "")
    assert done.out == f"small.safetensors  12 tensors, names {said}\n"
    equal("small.safetensors", state)


def test_shortcuts_of_cifar_resnets_and_the_first_densenets():
    from cnnspec.cli.layouts import LAYOUTS

    cifar, dense = LAYOUTS[1], LAYOUTS[5]
    assert cifar.rename("layer2.0.shortcut.0.weight") == "layer2.0.downsample.0.weight"
    old = "features.denseblock1.denselayer2.norm.1.weight"
    assert dense.rename(old) == "features.denseblock1.denselayer2.norm1.weight"


def test_timm_s_vgg_has_convolutions_for_linear_layers(cnnspec, state):
    theirs = {
        "features.0.weight": torch.randn(4, 3, 1, 1),
        "features.0.bias": torch.randn(4),
        "pre_logits.fc1.weight": torch.randn(5, 4, 2, 2),
        "pre_logits.fc1.bias": torch.randn(5),
        "pre_logits.fc2.weight": torch.randn(5, 5, 1, 1),
        "pre_logits.fc2.bias": torch.randn(5),
        "head.fc.weight": torch.randn(2, 5),
        "head.fc.bias": torch.randn(2),
    }
    save_file(theirs, "vgg.safetensors")
    done = cnnspec("weights", "map", "vgg.safetensors", "headed", "-o", "new/headed.safetensors")
    assert (done.status, done.err) == (0, "")
    found = load_file("new/headed.safetensors")
    assert torch.equal(found["classifier.0.weight"], theirs["pre_logits.fc1.weight"].flatten(1))
    assert torch.equal(found["classifier.6.bias"], theirs["head.fc.bias"])


def test_what_does_not_fit_is_one_line(cnnspec, state):
    torch.save({**state, "fc.weight": torch.zeros(5, 4), "more": torch.zeros(1)}, "a.pth")
    done = cnnspec("weights", "map", "a.pth", "small")
    assert done.status == 1
    assert done.err == (
        "cnnspec weights: no layout known here has the names of small: more is unknown; "
        "fc.weight is [5, 4] and should be [3, 4]; the file is of a net with 5 outputs: "
        "--set classes=5 makes one\n"
    )


def test_by_position_where_shapes_agree(cnnspec, state):
    torch.save({f"t{i}": value for i, value in enumerate(state.values())}, "a.pth")
    assert cnnspec("weights", "map", "a.pth", "small").status == 1
    done = cnnspec("weights", "map", "a.pth", "small", "--in-order")
    assert (done.status, done.out) == (0, "small.safetensors  12 tensors, names by position\n")
    equal("small.safetensors", state)
    torch.save({"t0": torch.zeros(1)}, "b.pth")
    assert cnnspec("weights", "map", "b.pth", "small", "--in-order").status == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("convert", "nix.pth"),
        ("map", "nix.pth"),
        ("convert", "nix.pth", "small"),
        ("shrink", "nix.pth"),
    ],
)
def test_wrong_usage_is_one_line(cnnspec, state, arguments):
    done = cnnspec("weights", *arguments)
    assert (done.status, done.err.count("\n")) == (2, 1)


def test_n1_14_what_keeps_a_checkpoint_from_being_read_is_named(cnnspec, state):
    import argparse

    torch.save({"model_state": state, "epoch": 2}, "a.pth")
    assert cnnspec("weights", "convert", "a.pth").status == 0
    torch.save({"model_state": state, "args": argparse.Namespace(lr=1)}, "b.pth")
    done = cnnspec("weights", "convert", "b.pth")
    assert done.status == 1
    assert "it holds argparse.Namespace; where it was made, write the weights alone" in done.err


def test_n1_14_another_number_of_classes_names_the_setting(cnnspec, state):
    state |= {"fc.weight": torch.zeros(10, 4), "fc.bias": torch.zeros(10)}
    torch.save(state, "a.pth")
    done = cnnspec("weights", "map", "a.pth", "small")
    assert done.status == 1
    assert "with 10 outputs: --set classes=10 makes one" in done.err
    assert cnnspec("weights", "map", "a.pth", "small", "--set", "classes=10").status == 0


def test_n1_13_a_run_gives_its_newest_weights(cnnspec, folder, state):
    place = folder / "runs" / "small" / "a" / "checkpoint" / "step-00000007"
    place.mkdir(parents=True)
    held = {f"model.{key}": value for key, value in state.items()}
    mean = {"average.fc.bias": torch.ones(3)}
    random = {"random.torch.0": torch.zeros(8, dtype=torch.uint8), "meter": torch.zeros(4)}
    save_file(held | mean | random, place / "state.safetensors")
    assert cnnspec("weights", "convert", "runs/small/a", "-o", "a.safetensors").status == 0
    equal("a.safetensors", state | {"fc.bias": torch.ones(3)})
    pytest.importorskip("onnx")
    made = cnnspec("gen", "small", "--target", "onnx", "--weights", "runs/small/a", "-o", "out")
    assert made.status == 0, made.err
    (folder / "runs" / "empty").mkdir()
    done = cnnspec("gen", "small", "--target", "onnx", "--weights", "runs/empty")
    assert (done.status, "is no run of the trainer" in done.err) == (2, True)
