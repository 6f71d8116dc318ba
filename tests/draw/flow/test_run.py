"""A sample of the long run (run.py): nets of every kind, and random ones, judged as all are."""

from __future__ import annotations

import pytest

from tests.draw.flow import run

SAMPLE = (
    "resnet18.cnn", "googlenet.cnn:googlenet", "figures/fpn_2017", "more/unet.cnn:unet",
    "more/yolov3", "more/siamese", "more/res2net.cnn:res2net50", "torchvision/squeezenet",
)  # fmt: skip


@pytest.mark.parametrize("name", SAMPLE)
def test_f6_a_net_of_the_zoo_is_drawn_well_in_every_way(name: str) -> None:
    for full, net in run.shipped([name]):
        found = run.judged(full, net)
        slow = [fault for fault in found.failures if "took" in fault]
        assert [fault for fault in found.failures if fault not in slow] == []
        crossings, bends = run.table()[full]
        assert found.crossings <= crossings and found.bends <= bends


def test_f6_random_nets_are_drawn_well_in_every_way() -> None:
    for name, net in run.drawn_at_random(5, 12):
        found = run.judged(name, net)
        assert [fault for fault in found.failures if "took" not in fault] == []


def test_f6_the_table_names_every_net() -> None:
    files = {str(path.relative_to(run.ROOT / "specs")) for path in run.spec_files()}
    assert {name.partition(":")[0] for name in run.table()} <= files
    assert len(run.table()) > 150
