"""Fixes from how messages are phrased: `did you mean`, `write`, `such as`, `pad=1` that fits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from cnnspec.diagnostics import Edit, Fix
from cnnspec.editor.fixes.site import Site
from cnnspec.syntax.words import STATEMENTS

Rule = Callable[[Site], Iterator[Fix]]

TRIED_MAX = 8
"""Stretches of a statement that one text is tried in place of."""
_MEANT = re.compile(r"did you mean `([^`]+)`\?")
_QUOTED = re.compile(r"`([^`]+)`")
_WRITE = re.compile(r"write (?:`[^`]+`, or )*`([^`]+)`|, or `([^`]+)`")
_SUCH = re.compile(
    r"such as `([^`]+)`|as in `([^`]+)`|: `([^`{]+ \{[^`]*\})`"
    r"|^`(\w+ [^`]+)` (?:ends|gives)|^`([^`]+)` counts"
)
_KEYWORD = re.compile(r"(?:^|and so does |arm )`(\w+=[^`]+)`")
_UNSURE = (" if ", " first", "for images", "`skip` what arrives")
"""Words of a help that leave something to decide."""
_HEADS = STATEMENTS | {"net", "block"}


def meant(site: Site) -> Iterator[Fix]:
    """`did you mean `x`?`: the word that the message names becomes that one."""
    for sentence in site.said:
        for found in _MEANT.finditer(sentence):
            yield Fix(f"replace by `{found[1]}`", (_word(site, found[1]),), sure=True)


def _word(site: Site, new: str) -> Edit:
    """The word within the place that the message names, replaced."""
    covered = site.text[site.start : site.end]
    if covered.startswith('"'):
        return site.put(site.start, site.end, f'"{new}"')
    named = [word.lstrip(".") for word in _QUOTED.findall(site.diagnostic.message)]
    for old in named[::-1]:
        found = re.search(rf"(?<!\w){re.escape(old)}(?!\w)", covered)
        if found:
            return site.put(site.start + found.start(), site.start + found.end(), new)
    return site.put(site.start, site.end, new)


def written(site: Site) -> Iterator[Fix]:
    """`write `x``: that text in place of the stretch that is most like it, or at the place."""
    texts = [a or b for s in site.said for a, b in _WRITE.findall(s) if "write" in s]
    texts = [text for text in texts if "..." not in text]
    said = " ".join(["", *site.said])
    sure = len(texts) == 1 and not any(word in said for word in _UNSURE)
    sure = sure and site.diagnostic.code.startswith("E")
    for text in texts:
        yield from _instead(site, text, sure)


def suggested(site: Site) -> Iterator[Fix]:
    """`such as `x``, `as in `x``: an example with the numbers given, never sure."""
    for sentence in site.said:
        for found in _SUCH.finditer(sentence):
            text = next(group for group in found.groups() if group)
            if "..." not in text:
                yield from _instead(site, text, False)


def _instead(site: Site, text: str, sure: bool) -> Iterator[Fix]:
    """A text in place of the stretches most like it; of another statement where it is one."""
    if re.fullmatch(r"\w+=\S.*", text) and site.diagnostic.code != "E0111":
        yield Fix(f"write `{text}`", (site.keyword(site.start, text),), sure)
    head = text.split()[0]
    begin, _ = site.statement(site.start)
    if head in _HEADS and site.tokens[begin] != head:
        yield from _above(site, head, text)
        return
    title = f"write `{text}`"
    tried = 0
    for first, last in site.likest(text):
        yield Fix(title, (site.edit(first, last, text),), sure)
        tried += 1
        if tried == TRIED_MAX:
            return
    if tried == 0:
        yield Fix(title, (site.put(site.start, site.end, text),), sure)


def _above(site: Site, head: str, text: str) -> Iterator[Fix]:
    """The nearest statement above that begins with a word, written anew; or before this one."""
    before = [i for i in range(site.index(site.start)) if site.tokens[i] == head]
    for at in before[::-1][:2]:
        begin, end = site.statement(site.tokens[at].start_pos)
        if begin == at:
            yield Fix(f"write `{text}`", (site.edit(begin, site.head(begin, end), text),))
    begin, _ = site.statement(site.start)
    start = site.tokens[begin].start_pos
    yield Fix(f"write `{text}` above", (site.put(start, start, f"{text}\n{site.indent(start)}"),))


def fitting(site: Site) -> Iterator[Fix]:
    """`pad=1` makes room, gives 55, adds the odd one: the keyword in one of the statement's calls.

    The call at the place comes first, then the others of its statement, the last first.
    """
    for sentence in site.said:
        for found in _KEYWORD.finditer(sentence):
            begin, end = site.statement(site.start)
            inner = [i for i in range(begin, end) if site.tokens[i] in ("->", "{", ";", "\n", ":")]
            places = [site.start, *(site.tokens[i + 1].start_pos for i in inner[::-1])]
            for place in places[: TRIED_MAX + 1]:
                yield Fix(f"write `{found[1]}`", (site.keyword(place, found[1]),))


RULES: tuple[Rule, ...] = (meant, written, suggested, fitting)
