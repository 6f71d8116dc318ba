"""What can be typed at a place: ops, arguments with their defaults, names, metrics, keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cnnspec.analyses.catalogue import METRICS
from cnnspec.editor.names import Definition, Names, names
from cnnspec.elaborate.functions import FUNCTIONS
from cnnspec.elaborate.recipes import ALL_KEYS
from cnnspec.elaborate.records import RECIPE_KEYS, SOURCES
from cnnspec.elaborate.scope import Unit
from cnnspec.ops import ops
from cnnspec.ops.arguments import signature, signature_text
from cnnspec.syntax import tree as t
from cnnspec.syntax.deadends import FORMS
from cnnspec.values import show

_BREAK = re.compile(r'"[^"\n]*"|[\n;{}]')
_LAYER = re.compile(r"(?:^|->|:(?!\s*\[)|\bbare\b)\s*(?:bare\s+)?\w*$")
_CALL = re.compile(r"(?:^|->|:)\s*(?:bare\s+|default\s+)?([A-Za-z_]\w*)\s[^>]*$")
_DECLARATIONS = ("net", "block", "recipe", "source", "import", "let", "default")
_HEADS = {"claim": "metric", "from": "label", "share": "label", "recipe": "recipe"}


@dataclass(frozen=True, slots=True)
class Item:
    """One completion: `text` is what it inserts, `kind` the language's word for it."""

    text: str
    kind: str
    detail: str = ""


def complete(unit: Unit, offset: int) -> list[Item]:
    """The completions at an offset, each text once; the editor filters them by what is typed."""
    found = names(unit)
    before = _statement(unit.source.text, offset)
    items = {item.text: item for item in _items(unit, found, before, offset)}
    return [*items.values()]


def _statement(text: str, offset: int) -> str:
    """The text of the statement before an offset."""
    start = 0
    for match in _BREAK.finditer(text, max(0, offset - 2000), offset):
        start = match.end() if match.group() in "\n;{}" else start
    return text[start:offset].lstrip()


def _items(unit: Unit, found: Names, before: str, offset: int) -> Iterator[Item]:
    inside = _inside(unit, offset)
    visible = found.visible(offset)
    head = before.split(None, 1)[0] if " " in before else ""
    if isinstance(inside, t.Recipe):
        yield from _recipe(before, visible)
    elif inside is None:
        yield from _top(before, visible)
    elif head == "claim":
        yield from _claim(before, visible, found)
    elif head in ("from", "share") or re.search(r"->\s*(?:from|share)\s+[\w.]*$", before):
        kinds = ("label", "input", "output")
        yield from (_named(d) for d in found.definitions if d.kind in kinds)
    elif head == "recipe":
        yield from (_named(d) for d in visible.values() if d.kind == "recipe")
    elif _LAYER.search(before):
        yield from _layers(before, visible)
    else:
        call = _CALL.search(before)
        if call:
            yield from _arguments(call[1], visible)
        yield from _values(visible)


def _inside(unit: Unit, offset: int) -> t.Node | None:
    """The declaration whose body holds an offset."""
    for d in unit.file.declarations:
        if isinstance(d, t.Block | t.Net | t.Variant | t.Recipe):
            head = unit.source.text.find("{", d.span.start, d.span.end)
            if 0 <= head < offset and (offset < d.span.end or _open(unit, d, offset)):
                return d
    return None


def _open(unit: Unit, declared: t.Node, offset: int) -> bool:
    """Whether a declaration was never closed, so that what follows may be of its body."""
    closed = unit.source.text[declared.span.end - 1 : declared.span.end] == "}"
    following = [d.span.start for d in unit.file.declarations if d.span.start >= declared.span.end]
    return not closed and offset <= min(following, default=offset)


def _named(definition: Definition) -> Item:
    head = definition.node.span.text.partition("{")[0]
    return Item(definition.name, definition.kind, " ".join(head.split())[:80])


def _keywords(words: tuple[str, ...]) -> Iterator[Item]:
    for word in words:
        yield Item(word, "keyword", FORMS.get(word, "").replace("`", ""))


def _top(before: str, visible: dict[str, Definition]) -> Iterator[Item]:
    if " " not in before:
        yield from _keywords(_DECLARATIONS)
    elif before.startswith("net ") and "=" in before and "(" not in before:
        yield from (_named(d) for d in visible.values() if d.kind == "net")
    elif before.startswith("source ") and "(" not in before:
        yield from (Item(name, "record") for name in SOURCES)
    elif before.startswith("default "):
        yield from _layers("->", visible)
    else:
        yield from _values(visible)


def _recipe(before: str, visible: dict[str, Definition]) -> Iterator[Item]:
    key, equals, value = before.partition("=")
    if not equals:
        yield from (Item(name, "key", ", ".join(RECIPE_KEYS.get(name, ()))) for name in ALL_KEYS)
        return
    records = RECIPE_KEYS.get(key.strip(), {})
    called = re.search(r"(\w+)\([^()]*$", value)
    if called and called[1] in records:
        yield from (Item(f"{name}=", "argument") for name in records[called[1]])
    else:
        yield from (Item(name, "record", ", ".join(args)) for name, args in records.items())
    yield from _values(visible)


def _claim(before: str, visible: dict[str, Definition], found: Names) -> Iterator[Item]:
    if re.search(r"\bfrom\s+\w*$", before):
        yield from (_named(d) for d in visible.values() if d.kind == "source")
        return
    if re.search(r"\([\w.]*$", before):
        yield from (_named(d) for d in found.definitions if d.kind in ("label", "output"))
    yield from (Item(name, "metric", said) for name, said in METRICS.items())
    yield from (_named(d) for d in visible.values() if d.kind in ("net", "let", "parameter"))


def _layers(before: str, visible: dict[str, Definition]) -> Iterator[Item]:
    yield from (Item(name, "op", signature_text(op)) for name, op in ops().items())
    yield from (_named(d) for d in visible.values() if d.kind == "block")
    chained = "->" in before or ":" in before
    words = ("seq", "from", "share", "bare")
    begins = ("input", "output", "aux", "let", "default", "require", "claim", "recipe", "if", "for",
              "repeat")  # fmt: skip
    yield from _keywords(words if chained else (*words, *begins))


def _arguments(name: str, visible: dict[str, Definition]) -> Iterator[Item]:
    target = visible.get(name)
    if target is not None and isinstance(target.node, t.Block | t.Net):
        for param in target.node.params:
            default = f" = {param.default.span.text}" if param.default is not None else ""
            yield Item(f"{param.name}=", "argument", f"{param.name}{default}")
    elif name in ops():
        from cnnspec.records import MISSING

        for word, (_, f) in signature(ops()[name]).items():
            default = "" if f.default is MISSING else f" = {show(f.default)}"
            yield Item(f"{word}=", "argument", f"{word}{default}")


def _values(visible: dict[str, Definition]) -> Iterator[Item]:
    kinds = ("parameter", "let", "block")
    yield from (_named(d) for d in visible.values() if d.kind in kinds)
    yield from (Item(f"in.{side}", "attribute") for side in ("channels", "height", "width"))
    yield Item("same", "keyword", "as many rows and columns as arrive")
    yield from (Item(f"{name}(", "function") for name in FUNCTIONS)
