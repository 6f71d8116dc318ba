"""The static page in headless Chromium, and its Python's cost in Node (design: live, V2).

`make playground` builds the page; it needs npm, and the tests need Chromium.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from cnnspec.play.desk import Desk
from cnnspec.play.server import Play
from tests.play.browser import NODE, chromium, node, served

ROOT = Path(__file__).parents[2]
SITE = ROOT / "build" / "playground"

if NODE is None or not (SITE / "py" / "app.zip").is_file():
    pytest.skip(
        "the page is not built: `make playground`, which needs npm", allow_module_level=True
    )


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(SITE) as address:
        yield address


def driven(script: str, address: str, pictures: Path) -> Any:
    return node(script, address, chromium(), os.environ.get("CNNSPEC_PICTURES", str(pictures)))


@pytest.fixture(scope="module")
def report(address: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return driven("drive.mjs", address, tmp_path_factory.mktemp("pictures"))


def test_the_page_is_at_most_seven_and_a_half_megabytes():
    """What a browser fetches, as a server compresses it: zip files and fonts as they are."""
    total = 0
    for path in SITE.rglob("*"):
        if path.is_file() and path.name not in ("NOTICE.md", "OFL.txt", "plain.js"):
            data = path.read_bytes()
            total += len(data) if path.suffix == ".zip" else len(gzip.compress(data, 9))
    assert total <= 7_500_000, total


def test_first_check_and_keys_are_fast_enough():
    """CPU time: the first check within 4.5 s, a key on resnet34 within 350 ms."""
    found = node("bench.mjs")
    assert found["first"] <= 4500, found
    assert found["keys"]["resnet34"] <= 350, found


def test_every_net_in_every_tab_with_the_bytes_of_the_command_line(report: Any):
    desk = Desk()
    nets = report["nets"]
    assert len(nets) == len(list((ROOT / "specs").rglob("*.cnn")))
    for name, found in nets.items():
        assert found["check"]["errors"] == 0, name
        family = not found["check"]["net"]
        wanted = (
            [] if family else ["torch", "summary", "claims", "sizes", "field", "memory", "diff"]
        )
        assert found["tabs"] == wanted, name
        if family:
            continue
        text = desk.text({"name": name})["text"]
        drawn = desk.figure({"name": name, "text": text})["svg"]
        assert found["figure"] == sha256(drawn.encode()).hexdigest(), name
        written = ROOT / "generated" / Path(name).parent / f"{found['check']['net']}.py"
        if written.is_file() and not name.startswith("families/"):
            path = f"specs/{name}".encode()
            code = written.read_bytes().replace(path, Path(name).name.encode())
            if found["code"] != sha256(code).hexdigest():  # a shorter path wraps elsewhere
                code = desk.tab({"name": name, "text": text, "tab": "torch"})["text"].encode()
            assert found["code"] == sha256(code).hexdigest(), name


def test_nothing_goes_elsewhere_and_nothing_complains(report: Any, address: str):
    assert report["complaints"] == []
    assert set(report["origins"]) <= {address.rstrip("/"), "blob"}


def test_a_key_costs_the_page_less_than_50_ms(report: Any):
    assert sorted(report["keys"])[len(report["keys"]) // 2] < 50, report["keys"]


def test_an_error_is_underlined_and_told_and_mended(report: Any):
    error = report["error"]
    assert error["underlined"] == ["flaten"] and "did you mean `flatten`?" in error["problems"][0]
    assert error["stale"] and error["figure"] == 1 and error["shapes"] > 5
    assert report["fixed"] == {"problems": 0, "text": True}


def test_a_box_leads_to_its_line_and_back(report: Any):
    assert report["box"]["line"].strip().startswith("conv 384, 3x3")
    assert report["box"]["lit"] == ["conv3 relu3"]


def test_the_diff_is_against_the_example(report: Any):
    assert "linear features 84 -> 90" in report["diff"]["text"] and report["diff"]["figure"] == 1


def test_the_address_holds_the_text_and_a_damaged_one_is_one_sentence(report: Any):
    assert report["shared"]["same"] and report["shared"]["length"] < 2000
    assert report["damaged"].startswith("this link is damaged: it holds no spec")


def test_a_new_net_is_made_of_an_old_one_in_two_steps(report: Any):
    """AlexNet for images of 64x64 and ten classes: the shapes and claims follow the layers."""
    assert "larger than the map" in report["visitor"]["first"]
    assert report["visitor"]["status"].startswith("alexnet: 30,010,762 params")


def test_files_are_given(report: Any):
    heads = {form: found["head"] for form, found in report["downloads"].items()}
    assert heads == {"svg": "<?xml", "pdf": "%PDF-", "png": "\x89PNG\r", "cnn": "impor"}


def test_s21_a_text_of_markup_stays_text(report: Any):
    assert report["markup"]["told"] > 0 and report["markup"]["elements"] == 0


def test_the_keyboard_alone_reaches_everything_and_is_never_caught(report: Any):
    stops = report["keyboard"]["stops"]
    for wanted in ("example", "net", "style", "share", "download", "editor", "figure", "panel"):
        assert stops.count(wanted) >= 1, wanted
    assert stops.count("example") >= 2
    assert report["keyboard"]["tab"] == "tab-torch"


def test_every_style_and_level_shows_something(report: Any):
    assert all(report["styles"].values())


def test_a_text_that_takes_too_long_is_given_up(report: Any):
    assert report["stopped"]["said"].startswith("stopped: this text takes more than")
    assert report["stopped"]["then"].startswith("lenet5: 61,026 params")


def test_a_phone_needs_no_scrolling_sideways(report: Any):
    assert report["phone"] == 390


def test_cnnspec_play_serves_the_same_page_and_saves_the_file(tmp_path: Path):
    file = tmp_path / "mine.cnn"
    file.write_text("net mine {\n  input 3x9x9\n  conv 4, 3x3\n}\n", encoding="utf-8")
    server = Play(file)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        found = driven("drive_play.mjs", server.address, tmp_path)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert found["complaints"] == []
    assert found["status"].startswith("mine: 112 params")
    assert found["saved"] == "mine.cnn is saved"
    assert file.read_text(encoding="utf-8").endswith("# by hand\n")
    assert found["shapes"] == ["=> 4x7x7  112"]
