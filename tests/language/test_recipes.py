"""L29 and L30: recipes become plain data; variants bind parameters, `--set` reaches them."""

import pytest

from tests.language.harness import check, figure, layers, place

BASE = """\
recipe base {
  data      = cifar10(pad=4, crop=32, flip=true)
  batch     = 128
  steps     = 64K
  optimizer = sgd(lr=0.1, momentum=0.9, weight_decay=1e-4)
  schedule  = step(at=[32K, 48K], factor=0.1)
}
recipe quick = base { steps = 100; warmup = 5; schedule = cosine() }
recipe quicker = quick { batch = 8; label_smoothing = 0.1 }
"""


def recipe(text: str, name: str = "it") -> dict[str, object]:
    result = check(BASE + text)
    assert not result.errors
    return result.nets[name].recipe


def test_l30_a_recipe_is_plain_data():
    assert recipe("net it { input 3; relu; recipe base }") == {
        "data": {"name": "cifar10", "pad": 4, "crop": 32, "flip": True},
        "batch": 128,
        "steps": 64_000,
        "optimizer": {"name": "sgd", "lr": 0.1, "momentum": 0.9, "weight_decay": 1e-4},
        "schedule": {"name": "step", "at": [32_000, 48_000], "factor": 0.1},
    }


def test_l30_the_base_comes_first_then_overrides():
    found = recipe("net it { input 3; relu; recipe quicker }")
    assert list(found) == [
        "data", "batch", "steps", "optimizer", "schedule", "warmup", "label_smoothing",
    ]  # fmt: skip
    assert (found["batch"], found["steps"], found["warmup"]) == (8, 100, 5)
    assert found["schedule"] == {"name": "cosine"}


def test_l30_a_name_with_an_underscore_is_the_trainer_s():
    text = "recipe r { data = fashion_mnist() }\nnet it { input 3; relu; recipe r }"
    assert recipe(text) == {"data": {"name": "fashion-mnist"}}


def test_l30_a_warmup_is_a_time_or_lasts_until_an_error():
    text = (
        "recipe r { warmup = until_error(lr=0.01, error=80) }\nnet it { input 3; relu; recipe r }"
    )
    assert recipe(text) == {"warmup": {"name": "until_error", "lr": 0.01, "error": 80}}
    text = "recipe r { warmup = constant(lr=0.01, time=400) }\nnet it { input 3; relu; recipe r }"
    assert recipe(text) == {"warmup": {"name": "constant", "lr": 0.01, "time": 400}}
    found = check("recipe r { warmup = step() }\nnet it { input 3; relu; recipe r }").found
    assert [(d.code, place(d.span)) for d in found] == [("E0108", "1:21")]


def test_l30_a_net_without_a_recipe_has_none():
    assert recipe("net it { input 3; relu }") == {}


def test_l30_a_variant_s_recipe_replaces_its_family_s():
    text = "net family(n) { input 3; repeat n { relu }; recipe base }\n"
    text += "net one = family(1)\nnet two = family(2) { recipe quick }\n"
    assert recipe(text, "one")["steps"] == 64_000
    assert recipe(text, "two")["steps"] == 100


@pytest.mark.parametrize(
    ("loss", "weights"),
    [
        ("logits", {"logits": 1.0}),
        ("logits + 0.3 * side", {"logits": 1.0, "side": 0.3}),
        ("2 * logits + 1/2 * side", {"logits": 2.0, "side": 0.5}),
        ("logits - 0.5 * side", {"logits": 1.0, "side": -0.5}),
    ],
)
def test_l30_a_loss_is_a_weight_for_each_output(loss: str, weights: dict[str, float]):
    text = f"recipe r {{ loss = {loss} }}\n"
    text += "net it { input 3; relu; aux side: linear 2; linear 2; recipe r }"
    assert recipe(text) == {"loss": weights}


@pytest.mark.parametrize("loss", ["3", "logits * 3", "max(logits, side)", '"logits"', "0.3 * 0.3"])
def test_l30_what_is_no_loss(loss: str):
    found = check(f"recipe r {{ loss = {loss} }}").found
    assert [(d.code, place(d.span)) for d in found] == [("E0108", "1:19")]


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ("batch = true", "E0108"),
        ('batch = "many"', "E0108"),
        ("optimizer = 3", "E0108"),
        ("optimizer = sgd(0.1)", "E0105"),
        ("schedule = step(at=[1], at=[2])", "E0106"),
        ("steps = in.channels", "E0206"),
        ("data = imagenet(corp=224)", "E0103"),
    ],
)
def test_l30_wrong_settings_are_errors_also_when_no_net_names_them(setting: str, code: str):
    assert check(f"recipe r {{ {setting} }}").codes == [code]


FAMILY = """\
net family(depths, width = 4, classes = 10) {
  input 3x8x8
  for n in depths { repeat n { conv width, 1x1 } }
  global_avgpool -> flatten -> linear classes
}
net small = family([1, 1], width = 8)
"""


def test_l29_a_variant_knows_what_it_binds_and_what_it_leaves_free():
    found = check(FAMILY).nets["small"]
    assert found.args == {"depths": (1, 1), "width": 8, "classes": 10}
    assert found.free == {"classes": 10}
    assert (found.net.name, found.net.family) == ("small", "family")


def test_l29_set_reaches_the_parameters_of_the_net_it_calls():
    result = check(FAMILY, set={"classes": 3, "width": 2})
    assert layers(result.net)[0] == "conv1 2x8x8"
    assert result.net.outputs == {"logits": (3,)}


def test_l29_set_replaces_a_positional_argument():
    assert figure(check(FAMILY, set={"depths": (3,)}), "layers") == "4"


def test_l29_set_of_an_unknown_parameter():
    assert check(FAMILY, set={"classs": 3}).codes[-1] == "E0103"


def test_l25_set_gives_a_family_its_value():
    assert list(check(FAMILY, set={"depths": (1,)}).nets) == ["family", "small"]


def test_another_input_size():
    text = "net it { input 3x8x8; conv 4, 3x3; global_avgpool; flatten; linear 2 }"
    assert layers(check(text, input=(3, 20, 16)).net)[0] == "conv1 4x18x14"


def test_an_input_of_another_rank_does_not_fit():
    assert "E0121" in check("net it { input 3x8x8; relu }", input=(8,)).codes


def test_l29_a_variant_may_be_of_a_net_without_parameters():
    result = check("net a { input 3; linear 2 }\nnet b = a() { claim params = 8 }\n")
    assert list(result.nets) == ["a", "b"]
    assert not result.found
