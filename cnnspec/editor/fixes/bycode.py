"""Fixes that one kind of diagnostic has: what its help says in words rather than in backquotes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cnnspec.diagnostics import Fix
from cnnspec.editor.fixes.phrases import Rule
from cnnspec.editor.fixes.site import Site
from cnnspec.syntax.lalr import END
from cnnspec.syntax.mending import place_of_closer

_MARK = re.compile(r"`(->|=>|-|<=|>=|!=|~|and|or|not|\^|==)`")


def mark(site: Site) -> Iterator[Fix]:
    """E0010, E0001: another language's sign, and the one that stands here instead."""
    help = " ".join(site.said)
    sign = _MARK.search(help)
    if "letter x" in help:
        start, end = site.start, site.end
        while start and re.match(r"[\w\u00d7\u2715\u2a2f/]", site.text[start - 1]):
            start -= 1
        while end < len(site.text) and re.match(r"[\w\u00d7\u2715\u2a2f/]", site.text[end]):
            end += 1
        meant = re.sub("[\u00d7\u2715\u2a2f\u0445\u0425]", "x", site.text[start:end])
        yield Fix(f"write `{meant}`", (site.put(start, end, meant),), sure=True)
    elif sign:
        yield Fix(f"write `{sign[1]}`", (site.put(site.start, site.end, sign[1]),), sure=True)
    elif "a comment begins with" in help:
        yield from _comment(site)
    elif help.startswith("leave out the comma") or help.startswith("leave it out"):
        for at in (site.start, site.text.rfind(",", 0, site.start)):
            yield Fix("leave it out", (site.put(at, at + 1, ""),), sure=True)


def _comment(site: Site) -> Iterator[Fix]:
    """`// text` and `/* text */`: every such comment that begins a line."""
    comments = re.finditer(r"(?m)(?<![^\s;{])(?://|/\*)(.*?)(\*/)?[ \t]*$", site.text)
    edits = [site.put(c.start(), c.end(), f"#{c[1].rstrip()}") for c in comments]
    yield Fix("write comments with `#`", tuple(edits), sure=True)


def comma(site: Site) -> Iterator[Fix]:
    """E0001: "put a comma before `3x3`", and between the other arguments too."""
    found = re.search(r"put a comma before `[^`]+`(?:: `([^`]+)`)?", " ".join(site.said))
    if found and found[1]:
        for first, last in site.likest(found[1]):
            yield Fix("put the commas in", (site.edit(first, last, found[1]),), sure=True)
    if found:
        at = site.tokens[site.index(site.start) - 1].end_pos
        yield Fix("put a comma before it", (site.put(at, at, ","),), sure=True)


def labelled(site: Site) -> Iterator[Fix]:
    """E0001: "a label stands before its layers, with a colon: `stage2: {`"."""
    if any("with a colon: `" in sentence for sentence in site.said):
        at = site.tokens[site.index(site.start) - 1].end_pos
        yield Fix("write a colon", (site.put(at, site.end, ":"),), sure=True)


def indented(site: Site) -> Iterator[Fix]:
    """E0001: "write `net a {`, and `}` after the last line of the body": braces for a colon."""
    if not any("after the last line of the body" in sentence for sentence in site.said):
        return
    edits, margin = [], len(site.indent(site.start))
    lines = [(m.start(), m.end(), m[1], m[2]) for m in _LINE.finditer(site.text)]
    last = site.end
    for start, end, blanks, rest in lines:
        if start > site.start and rest.strip():
            if len(blanks) <= margin:
                break
            last = end
    edits = [site.put(site.start, site.end, " {")]
    edits.append(site.put(last, last, f"\n{' ' * margin}}}"))
    yield Fix("put the body in braces", tuple(edits), sure=True)


_LINE = re.compile(r"(?m)^([ \t]*)(.*)$")


def unclosed(site: Site) -> Iterator[Fix]:
    """E0012: the closer where the message says that it belongs."""
    opener = site.text[site.start]
    if opener == '"':
        end = site.text.find("\n", site.start)
        at = len(site.text) if end < 0 else end
        line = site.text[site.start : at].split("=>")[0].rstrip()
        for place in dict.fromkeys((site.start + len(line), at)):
            yield Fix('put a `"` at its end', (site.put(place, place, '"'),))
    elif opener == "{":
        place = place_of_closer(site.source, site.start)
        blank = len(site.text[:place]) - len(site.text[:place].rstrip())
        at = place - blank + 1 if blank else place
        new = "" if blank else "\n"
        edit = site.put(at, at, f"{new}{site.indent(site.start)}}}\n")
        yield Fix("put a `}` there", (edit,), sure=True)
    else:
        begin, end = site.statement(site.start)
        for last in range(site.index(site.start) + 1, min(end, begin + 40) + 1):
            at = site.tokens[last - 1].end_pos
            yield Fix("close it", (site.put(at, at, {"(": ")", "[": "]"}[opener]),))


def deleted(site: Site) -> Iterator[Fix]:
    """A character, a clause or a line that should not be there."""
    match site.diagnostic.code:
        case "E0014":
            begin, end = site.lines(site.start, site.end)
            alone = site.text[begin:end].strip() == site.text[site.start : site.end]
            where = (begin, end) if alone else (site.start, site.end)
            yield Fix("delete it", (site.put(*where, ""),), sure=True)
        case "E0021":
            yield Fix("delete it", (site.put(site.start, site.end, ""),), sure=True)
        case "E0402":
            before = len(site.text[: site.start].rstrip())
            yield Fix("delete from `but` on", (site.put(before, site.end, ""),))
        case "E0124" | "E0112" | "W0206" | "W0214":
            where = site.lines(*site.span(*site.statement(site.start))[1:])
            yield Fix("delete it", (site.put(*where, ""),))
        case "E0106" | "E0304":
            call = site.layer(site.start)
            for argument in site.arguments(*call):
                if site.span(*argument).start == site.start:
                    yield Fix("leave it out", (site.without(argument),))
        case "E0209":
            at = site.text.rfind("/", 0, site.start)
            yield Fix("leave the second stride out", (site.put(at, site.end, ""),))


def window(site: Site) -> Iterator[Fix]:
    """E0103: `stride=2` and `kernel_size=3` are parts of the window: "write `3x3/2`"."""
    found = re.search(r"stands (?:in the window|alone): write `([^`]+)`", " ".join(site.said))
    if not found:
        return
    words = ("kernel", "stride", "step", "subsample", "size", "filter", "pool", "window")
    kept: list[tuple[int, int]] = []
    for argument in site.arguments(*site.layer(site.start)):
        first = site.tokens[argument[0]]
        named = site.tokens[argument[0] + 1] == "=" and any(w in first.lower() for w in words)
        if named or first.type == "DIMS":
            kept.append(argument)
    edits = [site.edit(*kept[0], found[1]), *map(site.without, kept[1:])]
    yield Fix(f"write `{found[1]}`", tuple(edits), sure=True)


def activation(site: Site) -> Iterator[Fix]:
    """E0103, E0010: "an activation follows: `-> relu`" in place of an argument."""
    found = re.search(r"an activation follows: `(-> \w+)`", " ".join(site.said))
    if found:
        begin, end = site.layer(site.start)
        at = site.tokens[end - 1].end_pos
        for argument in site.arguments(begin, end):
            if site.span(*argument).start <= site.start < site.span(*argument).end:
                edit, last = site.without(argument), argument[1] == end
                follows = site.put(at, at, f" {found[1]}")
                edits = (site.put(*edit.span[1:], f" {found[1]}"),) if last else (edit, follows)
                yield Fix(f"write `{found[1]}` after it", edits, sure=True)


def flattened(site: Site) -> Iterator[Fix]:
    """E0302: "put `flatten` before it"."""
    if any("put `flatten` before it" in sentence for sentence in site.said):
        begin, _ = site.layer(site.start)
        start = site.tokens[begin].start_pos
        first = site.text[site.text.rfind("\n", 0, start) + 1 : start].strip() == ""
        new = f"flatten\n{site.indent(start)}" if first else "flatten -> "
        yield Fix("put `flatten` before it", (site.put(start, start, new),), sure=True)


def moved(site: Site) -> Iterator[Fix]:
    """E0101: "move line 9, ..., above line 8"."""
    found = re.search(r"move line (\d+), .*above line (\d+)", " ".join(site.said))
    if found:
        starts = [*site.source.line_starts, len(site.text)]
        source, target = int(found[1]) - 1, int(found[2]) - 1
        line = site.text[starts[source] : starts[source + 1]]
        edits = (
            site.put(starts[target], starts[target], line),
            site.put(starts[source], starts[source + 1], ""),
        )
        yield Fix(f"move line {found[1]} above line {found[2]}", edits, sure=True)


def named(site: Site) -> Iterator[Fix]:
    """E0119: "write `conv1: conv 8, 3x3` there": the label at the layer above."""
    found = re.search(r"write `(\w+): ([^`]+)` there", " ".join(site.said))
    at = site.start
    while found and (at := site.text.rfind(found[2], 0, at)) >= 0:
        yield Fix(f"label it `{found[1]}`", (site.put(at, at, f"{found[1]}: "),), sure=True)


def variant(site: Site) -> Iterator[Fix]:
    """E0125: "write `family(...)` with all its arguments": those of the variant, then the new."""
    found = re.search(r"write `(\w+)\(\.\.\.\)`", " ".join(site.said))
    base = site.text[site.start : site.end]
    call = found and re.search(rf"\bnet\s+{base}\s*=\s*{found[1]}\(([^()]*)\)", site.text)
    mine = re.match(r"\s*\(([^()]*)\)", site.text[site.end :])
    if found and call and mine:
        new = [part.strip() for part in mine[1].split(",") if part.strip()]
        words = {part.partition("=")[0].strip() for part in new if "=" in part}
        old = [part.strip() for part in call[1].split(",")]
        kept = [part for part in old if part.partition("=")[0].strip() not in words]
        text = f"{found[1]}({', '.join([*kept, *new])})"
        yield Fix(f"write `{text}`", (site.put(site.start, site.end + mine.end(), text),))


def shape(site: Site) -> Iterator[Fix]:
    """E0212, E0206: one of the texts in the help in place of what stands there."""
    for sentence in site.said:
        for text in re.findall(r"`([^`]+)`", sentence):
            yield Fix(f"write `{text}`", (site.put(site.start, site.end, text),))


def fixed_size(site: Site) -> Iterator[Fix]:
    """E0204: "write `input` without `H=`"."""
    found = re.search(r"without `(\w+)=`", " ".join(site.said))
    if found is None:
        return
    for at in re.finditer(rf"\b{found[1]}\s*=\s*(?=\d)", site.text):
        yield Fix(f"fix the size: leave `{found[1]}=` out", (site.put(*at.span(), ""),))


def projected(site: Site) -> Iterator[Fix]:
    """E0310: "a projection makes them equal: `conv 128, 1x1/2` in place of `skip`"."""
    found = re.search(r"`([^`]+)` in place of `skip`", " ".join(site.said))
    if found is None:
        return
    begin, end = site.statement(site.start)
    for i in range(begin, end):
        if site.tokens[i] == "skip":
            yield Fix(f"write `{found[1]}` in place of `skip`", (site.edit(i, i + 1, found[1]),))


def on_an_arm(site: Site) -> Iterator[Fix]:
    """E0311: "write `maxpool 3x3/1, pad=1` on the 32x14x14 arm"."""
    found = re.search(r"write `((\w+) [^`]+)` on the", " ".join(site.said))
    if found is None:
        return
    begin, end = site.statement(site.start)
    for i in range(begin, end):
        if site.tokens[i] == found[2]:
            where = site.layer(site.tokens[i].start_pos)
            last = next((j for j in range(*where) if site.tokens[j].type == "_END"), where[1])
            yield Fix(f"write `{found[1]}`", (site.edit(i, last, found[1]),))


def kept(site: Site) -> Iterator[Fix]:
    """W0204: "`let c = in.channels` before the chain"."""
    found = re.search(r"`let (\w+) = (in\.\w+)` before the chain", " ".join(site.said))
    if found:
        _, start, last = site.span(*site.statement(site.start))
        let = f"let {found[1]} = {found[2]}\n{site.indent(start)}"
        uses = re.finditer(rf"\b{re.escape(found[2])}\b", site.text[start:last])
        edits = [site.put(start + u.start(), start + u.end(), found[1]) for u in uses]
        title = f"write `let {found[1]} = {found[2]}` before it"
        yield Fix(title, (site.put(start, start, let), *edits))


def asserted(site: Site) -> Iterator[Fix]:
    """E0301: "if the layers are right, write `=> 96x54x54`"."""
    found = re.search(r"write `(=> [^`]+)`", " ".join(site.said))
    if found is None:
        return
    begin, end = site.statement(site.start)
    for i in range(begin, end):
        if site.tokens[i] == "=>":
            last = next((j for j in range(i, end) if site.tokens[j].type in ("_END", END)), end)
            yield Fix(f"write `{found[1]}`", (site.edit(i, last, found[1]),))


def braced(site: Site) -> Iterator[Fix]:
    """W0211: the statement in braces is one arm."""
    _, start, last = site.span(*site.statement(site.start))
    edits = (site.put(start, start, "{ "), site.put(last, last, " }"))
    yield Fix("put it in braces: one arm", edits)


def uncommented(site: Site) -> Iterator[Fix]:
    """W0212: "write `#`"."""
    lines = re.finditer(r"##", site.text[site.start : site.end])
    edits = tuple(site.put(site.start + m.start(), site.start + m.end(), "#") for m in lines)
    yield Fix("write `#`", edits)


def followed(site: Site) -> Iterator[Fix]:
    """W0213: "`from enc_relu` reads what leaves them"."""
    found = re.search(r"`from ([^`]+)` reads", " ".join(site.said))
    if found is not None:
        yield Fix(f"write `from {found[1]}`", (site.put(site.start, site.end, found[1]),))


RULES: dict[str, tuple[Rule, ...]] = {
    "E0001": (mark, comma, labelled, indented),
    "E0010": (mark, activation),
    "E0012": (unclosed,),
    "E0101": (moved,),
    "E0103": (window, activation),
    "E0119": (named,),
    "E0125": (variant,),
    "E0204": (fixed_size,),
    "E0206": (shape,),
    "E0212": (shape,),
    "E0301": (asserted,),
    "E0302": (flattened,),
    "E0310": (projected,),
    "E0311": (on_an_arm,),
    "W0204": (kept,),
    "W0211": (braced,),
    "W0212": (uncommented,),
    "W0213": (followed,),
    **dict.fromkeys(
        ("E0014", "E0021", "E0106", "E0112", "E0124", "E0209", "E0304", "E0402", "W0206", "W0214"),
        (deleted,),
    ),
}
"""Code -> the rules that are tried before those of `phrases`."""
