"""A text as an editor knows it: what `check` says of it, its tree, and what its lines make."""

from __future__ import annotations

from dataclasses import dataclass, field

from cnnspec.analyses.checking import NetResult, check_unit
from cnnspec.diagnostics import Diagnostic
from cnnspec.editor.facts import Facts
from cnnspec.elaborate.files import Reader, from_disk
from cnnspec.elaborate.scope import Unit
from cnnspec.elaborate.workspace import Elaborated, Workspace
from cnnspec.source import Source
from cnnspec.syntax.parser import forget


@dataclass(slots=True)
class Analysis:
    """One check of one text."""

    source: Source
    diagnostics: list[Diagnostic]
    """What `check` says, in the order in which it says it; those of imported files too."""
    nets: list[NetResult]
    unit: Unit | None
    """The file with its names; of what could be read, where the text has errors."""
    elaborated: dict[str, Elaborated] = field(default_factory=dict)
    """The nets that are whole."""
    facts: Facts = field(default_factory=Facts)


def analyse(text: str, name: str = "<text>", path: str = "", read: Reader = from_disk) -> Analysis:
    """Check a text in the place of a file; `read` gives the texts of what it imports."""
    workspace = Workspace(read)
    data = text.encode(errors="surrogatepass")
    unit = workspace.read_bytes(data, name, path)
    nets = check_unit(workspace, unit) if unit is not None else []
    workspace.finish()
    found = list(workspace.diagnostics)
    if unit is None:
        workspace = Workspace(read, recovering=True)
        unit = workspace.read_bytes(data, name, path)
    forget(Source(name, text, path))
    source = Source(name, text, path) if unit is None else unit.source
    analysis = Analysis(source, found, nets, unit)
    if unit is not None:
        _elaborate(analysis, workspace, unit)
    return analysis


def readable(text: str, name: str, path: str, read: Reader = from_disk) -> Unit | None:
    """The names of a text without a check of its nets; of what can be read of it."""
    workspace = Workspace(read, recovering=True)
    return workspace.read_bytes(text.encode(errors="surrogatepass"), name, path)


def _elaborate(analysis: Analysis, workspace: Workspace, unit: Unit) -> None:
    """Fill in the nets and the facts; a net with errors gives the layers that it has."""
    families: set[int] = set()
    for name, declared in unit.nets.items():
        made = workspace.elaborate(unit, name)
        if made is not None:
            analysis.elaborated[name] = made
            if id(made.net.body) not in families:
                families.add(id(made.net.body))
                analysis.facts.add(made.net.inputs, [made.net.body.items])
            continue
        partial = workspace.partial.get((id(declared), name))
        if partial is not None:
            analysis.facts.add(partial.inputs, partial.made)
