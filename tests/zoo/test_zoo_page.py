"""docs/zoo.md names every net and holds the table of `cnnspec list`; recipes are the trainer's."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnspec.source import Source
from cnnspec.syntax import tree as t
from cnnspec.syntax.parser import parse as parse_spec
from cnnspec.train.recipe import parse
from tests.zoo.references import BY_HAND, TORCHVISION

ROOT = Path(__file__).parents[2]
NAMES = sorted(TORCHVISION | BY_HAND)
WITHOUT_RECIPE = {
    # one module, or a few convolutions side by side: not trained
    "inception_module", "inception_module_naive", "factorised_5x5", "factorised_3x3",
}  # fmt: skip


def page() -> str:
    return (ROOT / "docs" / "zoo.md").read_text(encoding="utf-8")


def test_the_table_is_that_of_the_command(capsys):
    from cnnspec.cli.listing import command
    from cnnspec.cli.options import TableFormat

    assert command(form=TableFormat.MARKDOWN) == 0
    _, _, table = page().partition("<!-- cnnspec list --format markdown -->\n\n")
    stale = "docs/zoo.md is stale: put the table of cnnspec list --format markdown at its end"
    assert table == capsys.readouterr().out, stale


def test_every_net_of_the_table_is_a_spec(zoo):
    escaped = [name.replace("_", "\\_") for name in zoo.names]
    assert all(f"| {name} |" in page() for name in escaped)


@pytest.mark.parametrize("name", NAMES)
def test_m7_the_trainer_takes_the_recipe(zoo, name):
    recipe = zoo[name].recipe
    parsed = parse(recipe, name)
    assert parsed.is_default is (name in WITHOUT_RECIPE | {"lenet5"})
    outputs = set(zoo[name].net.outputs)
    assert set(parsed.loss) <= outputs
    if parsed.data.crop:
        assert parsed.data.crop == zoo.input(name)[1]


@pytest.mark.parametrize("name", NAMES)
def test_a_spec_is_no_longer_than_a_page(zoo, name):
    text = (ROOT / "specs" / f"{name}.cnn").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 80
    assert text.count("## ") >= 1


def test_no_block_is_written_twice():
    """The bodies of blocks, blanks aside, are all different."""
    bodies: dict[str, str] = {}
    for path in sorted((ROOT / "specs").rglob("*.cnn")):
        tree = parse_spec(Source(path.name, path.read_text(encoding="utf-8")))
        for block in tree.declarations:
            if isinstance(block, t.Block):
                body = " ".join(block.body.span.text.split())
                assert body not in bodies, f"{path.name}: {block.name} is {bodies[body]} once more"
                bodies[body] = block.name
    assert len(bodies) > 25
