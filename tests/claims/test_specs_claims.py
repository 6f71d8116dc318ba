"""The shipped specs: claims hold or are recorded disagreements, and figures are the printed ones.

The figures below are stated here once more from where they were printed, not from the specs.
"""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.language.harness import Checked, check_file, said

ROOT = Path(__file__).resolve().parents[2]
SPECS = {path.stem: path for path in sorted((ROOT / "specs").glob("*.cnn"))}
FAMILIES = sorted((ROOT / "specs").glob("families/*.cnn"))

DISAGREEMENTS = {
    # the paper's own lines add up to 340,068 connections, not 340,908
    ("lecun1998", "misprint"): 1,
    # LeNet-5's slides count the layer of 120 as a convolution, and leave the output layer out
    ("slides61", "cause"): 2,
    # 60.97 M parameters and 0.659 M neurons, cut off
    ("alexnet2012", "rounding"): 2,
    # images of 224 give 54x54 maps, not 55x55
    ("alexnet2012", "misprint"): 1,
    # 48 * 55 * 96 neurons
    ("alexnet2012", "cause"): 1,
    # a colour image with one channel
    ("table62", "misprint"): 1,
    # table 1: K is 1,024
    ("googlenet2014", "unit"): 4,
    # table 1: 14 weights for a 7x7 window, twice; 12 times fewer than AlexNet
    ("googlenet2014", "cause"): 3,
    # table 1: parameters of 4a to 5b, operations of 5a
    ("googlenet2014", "misprint"): 8,
    # 1.58 G in all, 73.6 M in 4a
    ("googlenet2014", "rounding"): 2,
    # ResNet-34 without its projections; 18 % from two rounded figures
    ("resnet2015", "cause"): 2,
    # ResNet-50's 3.86 G printed as 3.8
    ("resnet2015", "rounding"): 1,
    # 5.7 G printed as 5
    ("inception2015", "rounding"): 1,
    # DenseNet-264 has 265 layers
    ("densenet2017", "misprint"): 1,
    # 12 times, 18 %, and ResNet-1001 without batch normalisation, twice
    ("chapter6", "cause"): 4,
    # 7 times; 42 layers, twice; 2.5 times; as much as VGGNet, twice
    ("chapter6", "misprint"): 6,
}
"""Source and kind -> recorded disagreements.  Who adds one says here why."""

TORCHVISION_PARAMS = {
    # torchvision.models, `meta["num_params"]` of the weights
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
    "resnet101": 44_549_160,
    "resnet152": 60_192_808,
    "alexnet_torchvision": 61_100_840,
    "vgg_a": 132_863_336,
    "vgg_b": 133_047_848,
    "vgg_d": 138_357_544,
    "vgg_e": 143_667_240,
    "googlenet_bn": 6_624_904,
    "densenet121": 7_978_856,
    "densenet161": 28_681_000,
    "densenet169": 14_149_480,
    "densenet201": 20_013_928,
}
TORCHVISION_GFLOPS = {
    # torchvision.models, `meta["_ops"]` of the weights: multiply-adds
    "resnet18": 1.814,
    "resnet34": 3.664,
    "resnet50": 4.089,
    "resnet101": 7.801,
    "resnet152": 11.514,
    "alexnet_torchvision": 0.714,
    "vgg_a": 7.609,
    "vgg_b": 11.308,
    "vgg_d": 15.470,
    "vgg_e": 19.632,
    "googlenet_bn": 1.498,
    "inception_v3": 5.713,
    "densenet121": 2.834,
    "densenet161": 7.728,
    "densenet169": 3.360,
    "densenet201": 4.291,
}
PARAMS = {
    # known of these nets, and printed in none of the sources
    "lenet5_1998": 60_000,
    "alexnet": 62_378_344,
    "alexnet_2012": 60_965_224,
    "alexnet_book": 42_321_218,
    "googlenet": 6_998_552,
    "inception_v3": 23_834_568,
    "resnet164_preact": 1_703_258,
    "resnet1001_preact": 10_327_706,
    "densenet264": 33_337_704,
    "densenet_40_12": 1_019_722,
    "densenet_bc_100_12": 769_162,
}
PARAMS_ALL = {"googlenet_bn": 13_004_888, "inception_v3": 27_161_264, "googlenet": 13_378_280}
CIFAR_PARAMS = {
    # He et al. 2015, table 6: # params in millions
    "resnet20": 0.27,
    "resnet32": 0.46,
    "resnet44": 0.66,
    "resnet56": 0.85,
    "resnet110": 1.7,
    "resnet1202": 19.4,
}
LAYERS = {
    "lenet5": 5, "lenet5_book": 4, "plain18": 18, "plain20": 20, "plain34": 34, "plain56": 56,
    "resnet18": 18, "resnet20": 20, "resnet32": 32, "resnet34": 34, "resnet34_a": 34,
    "resnet34_c": 34, "resnet44": 44, "resnet50": 50, "resnet50_paper": 50, "resnet56": 56,
    "resnet101": 101, "resnet101_paper": 101, "resnet110": 110, "resnet152": 152,
    "resnet152_paper": 152, "resnet1202": 1202, "alexnet": 8, "alexnet_2012": 8,
    "vgg_a": 11, "vgg_a_lrn": 11, "vgg_b": 13, "vgg_c": 16, "vgg_d": 16, "vgg_e": 19,
    "googlenet": 22, "plain32": 32, "plain44": 44, "plain110": 110, "resnet110_original": 110,
    "resnet110_preact": 110, "resnet164": 164, "resnet164_preact": 164, "resnet1001": 1001,
    "resnet1001_preact": 1001, "preact_resnet200": 200, "densenet121": 121, "densenet161": 161,
    "densenet169": 169, "densenet201": 201, "densenet264": 265, "densenet_40_12": 40,
    "densenet_bc_100_12": 100,
}  # fmt: skip
"""Weight layers: what the names of the nets say, and for LeNet-5 the rows of the tables."""


WARNED = {"inception_v2": ["W0209"], "inception_v3": ["W0209"]}
"""The auxiliary heads have a batch norm on 768x1x1: torchvision's stop on a batch of one too."""


@cache
def spec(name: str) -> Checked:
    return check_file(str(SPECS[name]))


@pytest.mark.parametrize("name", SPECS)
def test_every_claim_holds_or_is_a_recorded_disagreement(name: str):
    result = spec(name)
    assert result.codes == WARNED.get(name, []), said(result.found)
    verdicts = result.verdicts[name]
    assert verdicts, "a shipped spec claims something"
    assert {v.verdict for v in verdicts} <= {"holds", "differs"}
    assert all(v.source for v in verdicts), "every claim cites a source"


@pytest.mark.parametrize("path", FAMILIES, ids=lambda p: p.stem)
def test_families_are_fine_by_themselves(path: Path):
    result = check_file(str(path))
    assert not result.found, said(result.found)


@pytest.mark.parametrize("name", SPECS)
def test_a_file_holds_the_net_of_its_name(name: str):
    assert list(spec(name).nets) == [name]


def test_the_number_of_disagreements_of_every_source_is_pinned():
    found: Counter[tuple[str, str]] = Counter()
    for name in SPECS:
        for verdict in spec(name).verdicts[name]:
            if verdict.verdict == "differs":
                found[verdict.source, verdict.kind] += 1
                assert verdict.cause, "a disagreement has a reason"
    assert dict(found) == DISAGREEMENTS


@pytest.mark.parametrize(("name", "params"), TORCHVISION_PARAMS.items())
def test_parameters_are_torchvision_s(name: str, params: int):
    assert spec(name).metrics.value("params") == params


@pytest.mark.parametrize(("name", "params"), PARAMS.items())
def test_parameters_that_are_known(name: str, params: int):
    assert spec(name).metrics.value("params") == params


@pytest.mark.parametrize(("name", "params"), PARAMS_ALL.items())
def test_parameters_with_auxiliary_heads(name: str, params: int):
    assert spec(name).metrics.value("params", "all") == params


@pytest.mark.parametrize(("name", "giga"), TORCHVISION_GFLOPS.items())
def test_macs_are_torchvision_s(name: str, giga: float):
    assert round(spec(name).metrics.value("macs") / 1e9, 3) == giga


@pytest.mark.parametrize(("name", "million"), CIFAR_PARAMS.items())
def test_parameters_of_table_6(name: str, million: float):
    digits = len(str(million).partition(".")[2])
    assert round(spec(name).metrics.value("params") / 1e6, digits) == million


@pytest.mark.parametrize(("name", "layers"), LAYERS.items())
def test_layers(name: str, layers: int):
    assert spec(name).metrics.value("layers") == layers


def test_the_book_s_listing():
    metrics = spec("lenet5_book").metrics
    assert metrics.value("params") == 46_038_242
    sizes = ["input_mb", "forward_backward_mb", "params_mb", "total_mb"]
    assert [f"{metrics.value(s):.2f}" for s in sizes] == ["0.57", "19.47", "175.62", "195.67"]


def test_lenet5_by_hand():
    metrics = spec("lenet5").metrics
    weights = 6 * 25 + 16 * 6 * 25 + 400 * 120 + 120 * 84 + 84 * 2
    assert metrics.value("params") == weights + 6 + 16 + 120 + 84 + 2 == 61_026
    macs = 6 * 25 * 28 * 28 + 16 * 6 * 25 * 10 * 10 + 400 * 120 + 120 * 84 + 84 * 2
    assert metrics.value("macs") == macs == 415_848


def test_what_the_paper_compares():
    plain, a, b, c = (
        spec(n).metrics.value("params") for n in ("plain34", "resnet34_a", "resnet34", "resnet34_c")
    )
    assert plain == a < b < c
    assert spec("plain20").metrics.value("params") == spec("resnet20").metrics.value("params")


def test_three_stages_of_the_cifar_nets():
    assert [spec("resnet20").metrics.value("shape", f"layer{n}") for n in (1, 2, 3)] == [
        (16, 32, 32), (32, 16, 16), (64, 8, 8),
    ]  # fmt: skip


@pytest.mark.parametrize("name", [n for n in SPECS if n.startswith(("resnet", "plain"))])
def test_recipes_are_the_papers(name: str):
    recipe = spec(name).elaborated.recipe
    sgd = {"name": "sgd", "lr": 0.1, "momentum": 0.9, "weight_decay": 1e-4}
    assert recipe["optimizer"] == sgd
    cifar = spec(name).net.inputs[0].shape == (3, 32, 32)
    assert (recipe["batch"], recipe["steps"]) == ((128, 64_000) if cifar else (256, 600_000))
    later = {"name": "constant", "lr": 0.01, "time": 400}
    warm = {"resnet110": {"name": "until_error", "lr": 0.01, "error": 80}}
    warm |= {n: later for n in SPECS if n.startswith(("resnet110_", "resnet164", "resnet1001"))}
    assert recipe.get("warmup") == warm.get(name)
