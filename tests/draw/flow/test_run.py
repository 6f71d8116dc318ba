"""A sample of the long run (run.py): nets of every kind, and random ones, judged as all are.

What the layout has to show, and where:

1. Every net at every level, down and right, under 2 s: run.py; the sample here.
2. No wire through a box, no shared track, nothing over something: judge.wrong in run.py, here and
   in test_flow (nets of papers, random nets, tangles); test_a_planted_fault_is_found.
3. Truth: judge.told, as before; test_an_untrue_wire_is_found, test_an_untrue_inside_is_found;
   stretches with ports: test_stacks.py.
4. Crossings and bends do not grow: figures.tsv; test_f1_crossings_do_not_grow.
5. Sizes: test_f1_a_u_net_is_a_u, test_the_sizes_of_the_targets.
6. Skips of a U are straight: test_f1_a_u_net_is_a_u.
7. Hash seeds: test_f1_the_same_under_every_hash_seed; `run.py --digests`.
8. Large nets: test_f1_ten_thousand_layers_take_so_many_calls,
   test_f1_a_thousand_unequal_blocks_and_a_large_tangle_take_so_many_calls.
9. Arrowheads and labels: judge.crowded and judge.covered, as before.
"""

from __future__ import annotations

import pytest

from tests.draw.flow import run
from tests.draw.flow.judge import Seen, wrong
from tests.draw.flow.test_flow import net_of

SAMPLE = (
    "resnet18.cnn", "googlenet.cnn:googlenet", "figures/fpn_2017", "more/unet.cnn:unet",
    "more/yolov3.cnn:yolov3_416", "more/siamese", "more/res2net.cnn:res2net50",
    "torchvision/squeezenet",
)  # fmt: skip


@pytest.mark.parametrize("name", SAMPLE)
def test_f6_a_net_of_the_zoo_is_drawn_well_in_every_way(name: str) -> None:
    for full, net in run.shipped([name]):
        found = run.judged(full, net)
        slow = [fault for fault in found.failures if "took" in fault]
        assert [fault for fault in found.failures if fault not in slow] == []
        crossings, bends, inside = run.table()[full]
        assert found.crossings <= crossings and found.bends <= bends and found.inside <= inside


def test_f6_random_nets_are_drawn_well_in_every_way() -> None:
    for name, net in run.drawn_at_random(5, 12):
        found = run.judged(name, net)
        assert [fault for fault in found.failures if "took" not in fault] == []


@pytest.mark.parametrize(("name", "wide", "high"), [
    ("unet", 5, 5), ("fpn", 5.3, 3.8), ("nasnet", 6.9, 8.5), ("ssd300", 4.5, 8.2),
    ("hrnet of three lanes", 6.5, 5.5),
])  # fmt: skip
def test_the_sizes_of_the_targets(name: str, wide: float, high: float) -> None:
    scene = Seen(net_of(name)).scene
    assert scene.width <= 72 * wide and scene.height <= 72 * high


def test_the_sizes_of_nets_of_the_zoo() -> None:
    for name, wide, high in (
        ("more/unet.cnn:unet", 5, 5),
        ("figures/fpn_2017", 6, 5.5),
        ("more/ssd.cnn:ssd300", 5.5, 7.5),
    ):
        for _, net in run.shipped([name]):
            scene = Seen(net).scene
            assert scene.width <= 72 * wide and scene.height <= 72 * high


@pytest.mark.parametrize("name", ["hrnet_w18", "pose_hrnet_w32"])
def test_hrnet_on_a_low_page_is_its_lanes_with_modules_as_cards(name: str) -> None:
    """NOTES 7.5: 6.9 x 3 in; its insets have no room there, so cards have their names alone."""
    ((_, net),) = run.shipped([f"more/hrnet.cnn:{name}"])
    seen = Seen(net, height=216.0)
    assert wrong(seen) == [] and seen.drawing is not None and seen.drawing.mode == "lanes"
    assert seen.scene.width <= 6.9 * 72 and seen.scene.height <= 216
    assert len(seen.drawing.graph.cards) == 2 and not seen.drawing.insets.shown
    assert seen.scene.note.startswith("drawn at level stage")


def test_f6_the_table_names_every_net() -> None:
    files = {str(path.relative_to(run.ROOT / "specs")) for path in run.spec_files()}
    assert {name.partition(":")[0] for name in run.table()} <= files
    assert len(run.table()) > 150


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("more/xception.cnn", ["reduce a", "reduce b", "middle", "sep"]),
        ("figures/fpn_2017", ["bottleneck a", "bottleneck b"]),
    ],
)
def test_f1_what_closes_to_counts_is_a_name_with_an_inset(name: str, titles: list[str]) -> None:
    for _, net in run.shipped([name]):
        seen = Seen(net)
        assert wrong(seen) == [] and seen.drawing is not None and seen.drawing.explained
        assert [inset.body.title for inset in seen.drawing.insets.shown] == titles
