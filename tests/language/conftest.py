"""Case files: every `##` section of a Markdown file in `cases/` is a test.

A section holds a fenced spec and fenced expectations:

- ```cnn a whole file; ```cnn body the statements of a net whose input is 3x32x32 (```cnn body 1x9x9
  says another). Positions count from the first line of the block.
- ```layers every layer of the last net, `path shape`, in execution order; `shares path` and `in
  training` stand behind.
- ```keys the state_dict, `path.name shape`.
- ```figures lines such as `params = 224`, `shape(conv1) = 8x32x32`, `outputs = logits 10, aux1 10`.
- ```diagnostics everything that is found, `E0306 3:11 message`; lines below it (`help: ...`,
  `note: ...`, `because: ...`, `label: 2:3 ...`) are among what it says. Without this block nothing
  may be found but advice on the architecture (W0206 to W0209).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnnspec.values import dims
from tests.language.harness import Checked, body, check, figure, keys, layers, said

FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.M | re.S)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix == ".md" and file_path.parent.name == "cases":
        return CaseFile.from_parent(parent, path=file_path)
    return None


class CaseFile(pytest.File):
    """One Markdown file of cases."""

    def collect(self) -> Iterator[pytest.Item]:
        rule = self.path.stem.partition("_")[0]
        for title, text in sections(self.path.read_text(encoding="utf-8")):
            slug = "_".join(re.findall(r"[a-z0-9]+", title.lower()))
            yield Case.from_parent(self, name=f"test_{rule}_{slug}", text=text)


def sections(text: str) -> Iterator[tuple[str, str]]:
    """Title and text of every `##` section; a `##` line inside a fence is none."""
    heads = [m for m in re.finditer(r"^```.*?^```$|^## ([^\n]*)$", text, re.M | re.S) if m[1]]
    for head, after in zip(heads, [*heads[1:], None], strict=True):
        yield head[1], text[head.end() : after.start() if after else len(text)]


class Case(pytest.Item):
    """One section."""

    def __init__(self, *, text: str, **others: object) -> None:
        super().__init__(**others)  # type: ignore[arg-type]
        self.text = text

    def runtest(self) -> None:
        blocks = [(kind, info.strip(), text) for kind, info, text in FENCE.findall(self.text)]
        assert blocks and blocks[0][0] == "cnn", "a case begins with a ```cnn block"
        _, info, text = blocks[0]
        words = info.split()
        fragment = bool(words) and words[0] == "body"
        result = check(body(text, *words[1:]) if fragment else text)
        wanted = {kind: expected.splitlines() for kind, _, expected in blocks[1:]}
        unknown = wanted.keys() - {"layers", "keys", "figures", "diagnostics"}
        assert not unknown and len(wanted) == len(blocks) - 1, f"blocks of {self.name}"
        expect_diagnostics(result, wanted.pop("diagnostics", []), int(fragment))
        for kind, lines in wanted.items():
            EXPECT[kind](result, lines)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, self.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:  # type: ignore[override]
        if isinstance(excinfo.value, AssertionError):
            return f"{self.path.name}: {self.name}\n{excinfo.value}"
        return str(super().repr_failure(excinfo))


def expect_layers(result: Checked, wanted: list[str]) -> None:
    same(layers(result.net), wanted)


def expect_keys(result: Checked, wanted: list[str]) -> None:
    same(keys(result.net), wanted)


def expect_figures(result: Checked, wanted: list[str]) -> None:
    found = []
    for line in wanted:
        left = line.partition(" = ")[0]
        metric, _, path = left.rstrip(")").partition("(")
        if metric == "outputs":
            outputs = result.net.outputs.items()
            value = ", ".join(f"{name} {dims(shape)}" for name, shape in outputs)
        elif metric == "inputs":
            value = ", ".join(f"{i.name} {dims(i.shape)}" for i in result.net.inputs)
        elif metric == "nets":
            value = ", ".join(result.nets)
        elif metric == "head":
            value = result.net.head.name if result.net.head else "none"
        else:
            value = figure(result, metric, path)
        found.append(f"{left} = {value}")
    same(found, wanted)


def expect_diagnostics(result: Checked, wanted: list[str], shift: int) -> None:
    heads = [line for line in wanted if not line.startswith(" ")]
    found = [re.sub(r" (\d+):", lambda m: f" {int(m[1]) - shift}:", line, count=1)
             for line in said(result.found).splitlines() if not line.startswith(" ")]  # fmt: skip
    if not wanted:
        found = [line for line in found if not line.startswith(ADVICE)]
    same(found, heads)
    details = [line.strip() for line in said(result.found).splitlines() if line.startswith(" ")]
    details = [re.sub(r"^label: (\d+):", lambda m: f"label: {int(m[1]) - shift}:", d)
               for d in details]  # fmt: skip
    for line in wanted:
        if line.startswith(" "):
            assert line.strip() in details, f"{line.strip()}\nis not among\n" + "\n".join(details)


def same(found: list[str], wanted: list[str]) -> None:
    assert found == wanted, "found:\n" + "\n".join(found) + "\nwanted:\n" + "\n".join(wanted)


ADVICE = ("W0206", "W0207", "W0208", "W0209")
"""Advice on an architecture: no matter of the language, so that cases may go against it."""

EXPECT = {"layers": expect_layers, "keys": expect_keys, "figures": expect_figures}
