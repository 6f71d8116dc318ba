"""What the writer knows of all blocks before it begins: which are written where they are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from cnnspec.importing.blocks import Blocks, is_root
from cnnspec.importing.holes import Template
from cnnspec.importing.items import Call, Fork, Item, Key, begins, everything


def written(blocks: Blocks, inline: Collection[Key]) -> Iterator[list[Item]]:
    """The items of each block as often as they are written."""
    places = _sites(blocks)
    for key, template in blocks.items():
        yield from [template.items] * (places[key] if key in inline else 1)


def _sites(blocks: Blocks) -> Counter[Key]:
    """How many calls of each block are written."""
    return Counter(
        item.key
        for template in blocks.values()
        for item in everything(template.items)
        if isinstance(item, Call)
    )


def inlined(blocks: Blocks) -> set[Key]:
    """Blocks that are written where they are called: once, or one line long."""
    sites = _sites(blocks)
    found = set()
    for key, template in blocks.items():
        anonymous = len(key) > 1 or not template.key[0]
        if template.choice is not None:
            continue
        once = sites[key] == 1 and template.calls == 1 and not _forks(template)
        once = once or (sites[key] == 1 and anonymous)
        brief = anonymous and sites[key] <= 3 and _one_line(template.items)
        if not is_root(key) and (once or brief):
            found.add(key)
    for template in blocks.values():  # in a seq, braces without a label open no level
        if template.numbered:
            direct = [i.key for i in everything(template.items) if isinstance(i, Call)]
            found -= {key for key in direct if not blocks[key].numbered}
    return found


def _forks(template: Template) -> bool:
    return any(isinstance(item, Fork) for item in template.items)


def _one_line(items: list[Item]) -> bool:
    return sum(begins(item) or place == 0 for place, item in enumerate(items)) <= 1
