"""The page for a browser: complete in itself, and at work in a browser where there is one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cnnspec.draw import draw
from cnnspec.draw.html import write_html
from cnnspec.elaborate.workspace import Elaborated

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def page(net: Any) -> str:
    return write_html([net], "block", "light", {})


def test_a_page_fetches_nothing(spec: Any) -> None:
    text = page(spec("resnet34").net)
    assert "http" not in re.sub(r'xmlns="[^"]*"', "", text).replace("http-equiv", "")
    assert not re.search(r"<(link|img|iframe|script src)", text)
    assert set(re.findall(r"url\((.{8})", text)) == {"data:fon"}
    assert "default-src 'none'" in text


def test_every_stage_and_block_opens_to_a_picture(spec: Any) -> None:
    text = page(spec("resnet34").net)
    paths = re.findall(r'class="picture" data-path="([^"]*)"', text)
    assert paths[0] == ""
    assert {"layer1", "layer2", "layer2.0", "layer2.1"} <= set(paths)


def test_hovering_says_shape_and_cost(spec: Any) -> None:
    found = re.search(r'id="data">(.*?)</script>', page(spec("resnet34").net))
    assert found is not None
    facts = json.loads(found[1])["facts"]
    assert facts["conv1"] == "7×7 conv, 64 /2 · 64×112×112 · 9.41 k params · 118.01 M MACs"
    assert facts["layer2.1"].startswith("3 times · 128×28×28 · the first: 295.42 k params")


def test_names_are_text(spec: Any) -> None:
    net = spec("lenet5").net
    for name in ("</script><script>alert(1)</script>", "<b>&'\"", "a" * 60, "\u2028"):
        entry = replace(net.inputs[0], name=name)
        text = page(replace(net, name=name, inputs=(entry,)))
        assert text.count("<script") == 2
        assert "<b>" not in text


def test_the_same_bytes_twice(spec: Any) -> None:
    assert page(spec("resnet18").net) == page(spec("resnet18").net)


def test_every_style_has_a_page(spec: Any, tmp_path: Path) -> None:
    nets = [spec("plain34"), spec("resnet34")]
    assert draw(nets, tmp_path / "c.html", theme="grey") == "html, style columns"
    text = (tmp_path / "c.html").read_text(encoding="utf-8")
    assert text.count('class="picture"') == 1
    assert '"theme":"grey"' in text


def test_it_is_a_format(spec: Any, tmp_path: Path) -> None:
    assert draw([spec("lenet5")], tmp_path / "a.html") == "html, level block"
    assert (tmp_path / "a.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def browse(folder: Path, elaborated: Elaborated, state: str, acts: str = "") -> str:
    """The page as a browser leaves it after its script, and then `acts`, have run."""
    assert CHROMIUM is not None
    path = folder / "a.html"
    if not path.exists() or acts:
        draw([elaborated], path)
    if acts:
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("</body>", f"<script>{acts}</script></body>"), "utf-8")
    options = (
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
        "--disable-background-networking --disable-component-update --disable-sync"
    )
    command = [CHROMIUM, *options.split(), f"--user-data-dir={folder / 'user'}"]
    command += ["--virtual-time-budget=2000", "--dump-dom", f"{path.as_uri()}#{state}"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return run.stdout


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
def test_the_page_at_work(spec: Any, tmp_path: Path) -> None:
    net = spec("resnet18")
    plain = browse(tmp_path, net, "")
    assert re.search(r'class="picture shown" data-path=""', plain)
    assert plain.count('role="button"') > 6
    assert "transform: translate(" in plain
    opened = browse(tmp_path, net, "open=layer2&theme=dark&find=3%C3%973")
    assert re.search(r'class="picture shown" data-path="layer2"', opened)
    assert 'data-theme="dark"' in opened and 'fill="#14171A"' in opened
    assert re.search(r'id="found"[^>]*>4 found<', opened)
    unknown = browse(tmp_path, net, "open=nothing&theme=none")
    assert re.search(r'class="picture shown" data-path=""', unknown)


ACTS = """
const log = [], seen = () => document.querySelector('.picture.shown');
const view = () => seen().style.transform.match(/-?[\\d.]+/g).map(Number);
const note = (what, fits) => log.push(what + (fits ? ' works' : ' fails'));
const key = (name, at = document.body) =>
  at.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }));
const point = (kind, x, y, at) => at.dispatchEvent(
  new PointerEvent(kind, { clientX: x, clientY: y, bubbles: true }));
const main = document.querySelector('main');
let [x, y, k] = view();
main.dispatchEvent(new WheelEvent('wheel', { deltaY: -400, bubbles: true, cancelable: true }));
note('zoom', view()[2] > 2 * k);
key('0'); note('fit', view()[2] === k);
key('+'); note('zoom by key', view()[2] > k); key('0');
point('pointerdown', 100, 200, main); point('pointermove', 130, 240, main);
point('pointerup', 130, 240, main);
note('pan', view()[0] === x + 30 && view()[1] === y + 40);
key('ArrowLeft'); note('pan by key', view()[0] === x + 90); key('0');
const op = document.querySelector('[data-op="conv1 bn1 relu1"]') ||
  document.querySelector('[data-op^="conv1"]');
op.dispatchEvent(new MouseEvent('mousemove', { bubbles: true }));
note('hover', /118.01 M MACs/.test(document.getElementById('tip').textContent));
const find = document.getElementById('find');
key('/'); note('search by key', document.activeElement === find);
const words = text =>
  [...seen().querySelectorAll('svg text')].find(t => t.textContent.startsWith(text));
const under = text => {
  const b = words(text).getBoundingClientRect();
  return [document.elementFromPoint(b.left + b.width / 2, b.top + b.height / 2), b];
};
const over = text => {
  const [element, b] = under(text), at = { clientX: b.left, clientY: b.top, bubbles: true };
  element.dispatchEvent(new MouseEvent('mousemove', at));
  return document.getElementById('tip').textContent;
};
const frame = main.getBoundingClientRect(), page = seen().firstElementChild.getBoundingClientRect();
note('a figure that fits', page.top >= frame.top && page.bottom <= frame.bottom);
note('hover on a label', /118.01 M MACs/.test(over('7×7 conv, 64')));
note('hover on a name', /118.01 M MACs/.test(over('conv1')));
note('hover on a skip', /8.19 k params/.test(over('1×1 conv')));
const spec = document.getElementById('spec');
const [box0, b0] = under('7×7 conv, 64');
const at0 = { clientX: b0.left + 2, clientY: b0.top + b0.height / 2, bubbles: true };
point('pointerdown', at0.clientX, at0.clientY, box0);
point('pointerup', at0.clientX, at0.clientY, box0);
box0.dispatchEvent(new MouseEvent('click', at0));
note('the line of a box', !spec.hidden && /^resnet.cnn:\\d+  conv 64, 7x7/.test(spec.textContent));
key('Escape'); note('no line', spec.hidden && seen().dataset.path === '');
find.value = 'max pool'; find.dispatchEvent(new Event('input'));
note('whole boxes are dimmed', words('7×7 conv').closest('.faded') &&
  words('1×1 conv').closest('.faded') && !words('3×3 max pool').closest('.faded'));
note('search', document.getElementById('found').textContent === '1 found');
key('Escape', find);
key('t'); note('dark', document.documentElement.dataset.theme === 'dark' &&
  /14171A/i.test(seen().firstElementChild.outerHTML));
key('t'); note('light', document.documentElement.dataset.theme === 'light');
const stage = document.querySelector('[data-stage="layer2"]');
stage.focus(); key('Enter', stage);
note('expand by key', seen().dataset.path === 'layer2');
key('Escape'); note('close by key', seen().dataset.path === '');
const box = document.querySelector('[data-group="layer1.0"]').getBoundingClientRect();
point('pointerdown', box.left + 4, box.top + 4, main);
point('pointerup', box.left + 4, box.top + 4, main);
main.dispatchEvent(new MouseEvent('click',
  { clientX: box.left + 4, clientY: box.top + 4, bubbles: true }));
note('expand', seen().dataset.path === 'layer1.0');
key('Escape');
const touch = (kind, id, x) => main.dispatchEvent(
  new PointerEvent(kind, { pointerId: id, clientX: x, clientY: 300, bubbles: true }));
[, , k] = view();
touch('pointerdown', 1, 100); touch('pointerdown', 2, 200);
touch('pointermove', 2, 300); touch('pointerup', 1, 100); touch('pointerup', 2, 300);
note('two fingers', Math.abs(view()[2] / k - 2) < 0.01);
document.body.dataset.log = log.join('; ');
"""


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
def test_pan_zoom_hover_search_theme_and_keys(spec: Any, tmp_path: Path) -> None:
    done = browse(tmp_path, spec("resnet18"), "", ACTS)
    found = re.search(r'data-log="([^"]*)"', done)
    assert found is not None
    assert [act for act in found[1].split("; ") if not act.endswith(" works")] == []
    assert found[1].count("works") == 21


def test_f5_the_lines_of_a_page_name_no_folder(spec: Any) -> None:
    net = spec("resnet18").net
    found = re.search(r'id="data">(.*?)</script>', page(net))
    assert found is not None
    data = json.loads(found[1])
    assert data["lines"][data["at"]["layer1.0.conv1"]].startswith("resnet.cnn:")
    assert not [line for line in data["lines"] if "/specs" in line or ".." in line.split(":")[0]]
