"""Making what a text says about its layers follow the layers: for a net that is to become another.

Who changes the input of a paper's net has its asserted shapes below each other to correct, and then
the paper's figures, which no longer hold.  Both are one wish.
"""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec.diagnostics import Diagnostic
from cnnspec.editor.fixes.prove import Check, applied, offered
from cnnspec.elaborate.scope import Unit
from cnnspec.syntax import tree as t

LINES_MAX = 400
"""Asserted shapes that are corrected in one run."""
FAILED = ("E0401", "E0402", "E0403", "E0404")
"""Claims whose figure is not what is measured."""


def follows(found: Sequence[Diagnostic]) -> bool:
    """Whether there is anything to correct so: an asserted shape, or a claim that fails."""
    return any(d.code in FAILED or any("write `=> " in help for help in d.help) for d in found)


def followed(text: str, check: Check) -> str:
    """The text with each asserted shape that is wrong as it is, as far as the layers are sound."""
    for _ in range(LINES_MAX):
        found = check(text)
        first = next((d for d in found if any("write `=> " in h for h in d.help)), None)
        if first is None:
            break
        fixes = offered(first, found, check)
        fix = next((fix for fix in fixes if fix.title.startswith("write `=> ")), None)
        if fix is None:
            break
        text = applied(text, fix)
    return text


def without_failed(unit: Unit, found: Sequence[Diagnostic]) -> str:
    """The text of a file without the claims that fail; their lines go where nothing else stands."""
    text = unit.source.text
    failed = [d.span for d in found if d.code in FAILED and d.span.source.path == unit.source.path]
    for claim in reversed(_claims(unit.file)):
        start, end = claim.span.start, claim.span.end
        if not any(start <= span.start < end for span in failed):
            continue
        line = text.rfind("\n", 0, start) + 1
        after = text.find("\n", end)
        after = len(text) if after < 0 else after
        if text[line:start].strip() or text[end:after].strip():  # others stand on its line
            text = text[:start] + text[end:].lstrip("; ")
        else:
            text = text[:line] + text[min(after + 1, len(text)) :]
    return text


def _claims(node: t.Node) -> list[t.Claim]:
    """The claims below a node, in order."""
    if isinstance(node, t.Claim):
        return [node]
    found = [claim for child in node.children() for claim in _claims(child)]
    return sorted(found, key=lambda claim: claim.span.start)
