"""SARIF 2.1.0, which code scanning reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cnnspec import codes
from cnnspec.report.diagnostics import ends

if TYPE_CHECKING:
    from cnnspec.diagnostics import Diagnostic, Fix
    from cnnspec.source import Span

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def log(diagnostics: Iterable[Diagnostic], version: str) -> dict[str, Any]:
    """One run with a result for each diagnostic and a rule for each code among them."""
    found = list(diagnostics)
    used = sorted({d.code for d in found})
    driver = {
        "name": "cnnspec",
        "version": version,
        "rules": [_rule(code) for code in used],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(d, used.index(d.code)) for d in found],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    page = codes.pages()[code]
    return {
        "id": code,
        "shortDescription": {"text": page.title},
        "fullDescription": {"text": f"{page.what.strip()}\n{page.why.strip()}"},
        "help": {"text": f"`cnnspec explain {code}` prints an example and its repair."},
        "defaultConfiguration": {"level": "warning" if code.startswith("W") else "error"},
    }


def _result(diagnostic: Diagnostic, rule: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": diagnostic.severity.value,
        "message": {"text": diagnostic.message},
        "locations": [_location(diagnostic.span)],
    }
    if diagnostic.labels:
        result["relatedLocations"] = [
            {**_location(label.span), "message": {"text": label.message}}
            for label in diagnostic.labels
        ]
    if diagnostic.fixes:
        result["fixes"] = [_fix(fix) for fix in diagnostic.fixes]
    return result


def _fix(fix: Fix) -> dict[str, Any]:
    """A proved fix: what to put in place of which regions, file by file."""
    changes: dict[str, dict[str, Any]] = {}
    for edit in fix.edits:
        place = _location(edit.span)["physicalLocation"]
        file = place["artifactLocation"]
        change = changes.setdefault(file["uri"], {"artifactLocation": file, "replacements": []})
        replacement = {"deletedRegion": place["region"], "insertedContent": {"text": edit.text}}
        change["replacements"].append(replacement)
    return {"description": {"text": fix.title}, "artifactChanges": [*changes.values()]}


def _location(span: Span) -> dict[str, Any]:
    (line, column), (end_line, end_column) = ends(span)
    region = {
        "startLine": line,
        "startColumn": column,
        "endLine": end_line,
        "endColumn": end_column,
    }
    uri = quote(span.source.name.replace("\\", "/"), errors="surrogateescape")
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}
