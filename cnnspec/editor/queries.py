"""What an editor asks of a place in a file: symbols, definition, references, hover, rename.

Offsets count code points from 0, as everywhere in the compiler; an editor that counts in UTF-16
translates at its own border.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from inspect import getdoc

from cnnspec.analyses.catalogue import METRICS
from cnnspec.diagnostics import Diagnostic, SpecError
from cnnspec.editor.analysis import Analysis
from cnnspec.editor.facts import LineFacts
from cnnspec.editor.names import Definition, Use, names
from cnnspec.elaborate.records import RECIPE_KEYS
from cnnspec.elaborate.scope import Unit
from cnnspec.ops import ops
from cnnspec.ops.arguments import signature_text
from cnnspec.source import Source, Span
from cnnspec.syntax import tree as t
from cnnspec.syntax.words import check_attribute, check_name
from cnnspec.values import dims


@dataclass(slots=True)
class Symbol:
    """An entry of a file's outline; `kind` is the language's word for it."""

    name: str
    kind: str
    span: Span
    name_span: Span
    detail: str = ""
    children: list[Symbol] = field(default_factory=list)


def symbols(unit: Unit) -> list[Symbol]:
    """The outline: declarations in order, with the labels of each."""
    kinds = {t.Block: "block", t.Net: "net", t.Variant: "net", t.Let: "let", t.Cited: "source",
             t.Recipe: "recipe", t.Figure: "figure"}  # fmt: skip
    out = []
    for d in unit.file.declarations:
        if isinstance(d, t.Block | t.Net | t.Variant | t.Let | t.Cited | t.Recipe | t.Figure):
            detail = d.doc.split(". ")[0][:80]
            out.append(Symbol(d.name, kinds[type(d)], d.span, d.name_span, detail, [*_labels(d)]))
    return out


def _labels(node: t.Node) -> Iterator[Symbol]:
    """The labels below a node; those of a level of its own stand below its label."""
    for child in node.children():
        if isinstance(child, t.Layer) and child.label is not None:
            name = child.label.span.text
            below = [*_labels(child.form)]
            yield Symbol(name, "label", child.span, child.label.span, children=below)
        elif isinstance(child, t.Output):
            yield Symbol(child.name_span.text, child.kind, child.span, child.name_span)
        elif isinstance(child, t.Node):
            yield from _labels(child)


def folds(unit: Unit) -> list[Span]:
    """Stretches of several lines that an editor can fold: bodies and recipes."""
    waiting: list[t.Node] = [unit.file]
    found = []
    while waiting:
        node = waiting.pop()
        waiting += node.children()
        bodied = isinstance(node, t.Body | t.Recipe)
        if bodied and node.span.source.position(node.span.end)[0] > node.span.line:
            found.append(node.span)
    return sorted(found, key=lambda span: span.start)


def definition(unit: Unit, offset: int) -> Definition | None:
    """Where the name at an offset is declared, in this file or in one that it imports."""
    use = names(unit).at(offset)
    return use.target if use else None


def references(units: Iterable[Unit], target: Definition) -> list[Span]:
    """Every place in some files that names a definition, its own included."""
    return [
        use.span
        for unit in units
        for use in names(unit).uses
        if use.target is not None and use.target.key == target.key
    ]


def renamed(units: Iterable[Unit], target: Definition, new: str) -> list[Span]:
    """The places to write a new name in; raises ValueError, with a sentence, where it cannot be."""
    try:
        check_name(new, target.span)
        if target.kind in ("net", "label", "input", "output"):
            check_attribute(new, target.span, f"a {target.kind}")
    except SpecError as error:
        raise ValueError(error.diagnostic.message) from None
    if not new.isidentifier() or not new.isascii():
        raise ValueError(f"`{new}` is no name: letters a to z, digits and `_`")
    files = [*units]
    for unit in files:
        if any(d.name == new and d.kind == target.kind for d in names(unit).definitions):
            raise ValueError(f"`{new}` is declared in {unit.source.name} already")
    return references(files, target)


def hints(source: Source, facts: Mapping[int, LineFacts]) -> dict[int, str]:
    """What stands at the ends of lines, by line: `=> 64x56x56  9.4K`; shapes not said there yet."""
    found = {}
    for line in sorted(number for number in facts if number <= len(source.line_starts)):
        code = source.line(line).partition("#")[0]
        label = facts[line].label()
        if "=>" in code or code.strip().startswith("input"):
            found[line] = label.partition("  ")[2]
        elif label:
            found[line] = f"=> {label}"
    return {line: label for line, label in found.items() if label}


def message(found: Diagnostic) -> str:
    """A diagnostic's message with its note, notes and help below it, as lines."""
    lines = [found.message, *([found.note] if found.note else []), *found.notes]
    return "\n".join([*lines, *(f"help: {help}" for help in found.help)])


def hover(analysis: Analysis, offset: int) -> str:
    """What there is to say of the name at an offset, and of its line, in Markdown."""
    if analysis.unit is None:
        return ""
    use = names(analysis.unit).at(offset)
    parts = [*_named(use, analysis)] if use else []
    line = analysis.facts.of(analysis.source).get(analysis.source.position(offset)[0])
    if line is not None and line.shapes:
        said = [f"makes {' | '.join(line.shapes)}"]
        said += [f"{line.params:,} parameters"] if line.params else []
        said += [f"{line.macs:,} multiply-adds"] if line.macs else []
        said += [f"{line.uses} layers and blocks"] if line.uses > 1 else []
        said += [f"the first is `{line.path}`"] if line.path else []
        parts.append(", ".join(said))
    return "\n\n".join(parts)


def _named(use: Use, analysis: Analysis) -> Iterator[str]:
    word = use.span.text
    if use.target is not None:
        yield from _declared(use.target, analysis)
    elif use.kind == "op" and word in ops():
        yield _code(signature_text(ops()[word]))
        yield getdoc(ops()[word]) or ""
    elif use.kind == "argument" and use.of in ops():
        yield _code(signature_text(ops()[use.of]))
    elif use.kind == "metric":
        yield f"`{word}`: {METRICS[word]}"
    elif use.kind == "key":
        known = ", ".join(f"`{name}`" for name in RECIPE_KEYS.get(word, ()))
        yield f"`{word}`: a key of recipes" + (f"; one of {known}" if known else "")


def _declared(target: Definition, analysis: Analysis) -> Iterator[str]:
    text = target.node.span.text
    head = text if target.kind in ("let", "source", "parameter") else text.partition("{")[0]
    yield _code(" ".join(head.split())[:200])
    doc = getattr(target.node, "doc", "")
    if doc:
        yield doc
    figures = next((n for n in analysis.nets if n.name == target.name), None)
    if target.kind == "net" and figures is not None and figures.params is not None:
        sizes = ", ".join(dims(shape) for shape in figures.inputs.values())
        yield f"{figures.params:,} parameters, {figures.macs:,} multiply-adds, input {sizes}"


def _code(text: str) -> str:
    return f"```cnn\n{text.strip()}\n```"
