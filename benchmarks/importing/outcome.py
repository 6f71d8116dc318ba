"""How an import ends, in a word and what there is to say of it."""

import time

from cnnspec.importing.errors import Refused
from cnnspec.importing.options import Options
from cnnspec.importing.reading import read_source
from cnnspec.importing.sources import model_source
from cnnspec.values import Shape


def lines(text: str) -> int:
    """Lines as the contract counts them: without empty ones, `##` and claims."""
    rows = (row.strip() for row in text.splitlines())
    return sum(bool(row) and not row.startswith(("##", "claim")) for row in rows)


def outcome(text: str, size: Shape | None = None) -> tuple[str, str]:
    """How the import of a source ends: "exact", "flat", "refused" or "wrong", and what to say.

    Flat is as exact, with one block for each instance; wrong, that no text says the model.
    """
    source = model_source(text)
    assert source is not None
    start = time.process_time()
    try:
        found = read_source(source, Options(size=size)).imported
    except Refused as refused:
        said = " | ".join(refused.lines())
        return ("wrong" if "no text says" in said else "refused"), said
    took = time.process_time() - start
    said = f"{lines(found.text):3} lines  {found.difference:.0e}  {took:.1f} s"
    return "flat" if found.flat else "exact", f"{said}  {'; '.join(found.notes)}"
