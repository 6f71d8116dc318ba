"""Every name of a file: its place, what it is, and where it is declared.

Scopes are lexical, as `elaborate` has them (L21), and so can be known without values: also in a
text that is half typed, and in a block that nothing calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from cnnspec.analyses.catalogue import METRICS
from cnnspec.diagnostics import SpecError
from cnnspec.elaborate import beside, files
from cnnspec.elaborate.functions import FUNCTIONS
from cnnspec.elaborate.records import RECORDS
from cnnspec.elaborate.scope import Unit
from cnnspec.ops import ops
from cnnspec.source import Source, Span
from cnnspec.syntax import tree as t


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """Something that a file declares: `kind` is the language's word for it."""

    kind: str
    name: str
    span: Span
    node: t.Node

    @property
    def key(self) -> tuple[str, int, int]:
        """The same for one declaration in two readings of a file."""
        return self.span.source.path or self.span.source.name, self.span.start, self.span.end


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """A name where it stands: of a definition, or a word of the language (`target` is None)."""

    span: Span
    kind: str
    """`op`, `argument`, `metric`, `key`, `record`, `function`, or the kind of its definition."""
    target: Definition | None = None
    of: str = ""
    """The op whose argument, or the recipe's key whose value, it is."""


@dataclass(slots=True)
class Region:
    """A stretch of the text in which some names are visible, those around it too."""

    start: int
    end: int
    names: dict[str, Definition]


@dataclass(slots=True)
class Names:
    """The names of one file."""

    source: Source
    uses: list[Use] = field(default_factory=list)
    definitions: list[Definition] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)

    def at(self, offset: int) -> Use | None:
        """The name at an offset, or right before it."""
        inside = [u for u in self.uses if u.span.start <= offset <= u.span.end]
        return min(inside, key=lambda u: (u.span.end - u.span.start, -u.span.start), default=None)

    def visible(self, offset: int) -> dict[str, Definition]:
        """The names that can be written at an offset, the innermost of each."""
        found: dict[str, Definition] = {}
        for region in self.regions:
            if region.start <= offset <= region.end:
                found |= {
                    name: d
                    for name, d in region.names.items()
                    if d.span.source is not self.source
                    or d.span.start <= offset
                    or d.kind not in ("let", "label")
                }
        return found


def names(unit: Unit) -> Names:
    """Find every name of a file that was read; what it imports has been read too."""
    return _Finder(unit).run()


def declared(unit: Unit) -> dict[str, Definition]:
    """What another file can import from this one."""
    kinds = {
        t.Block: "block", t.Net: "net", t.Variant: "net", t.Let: "let", t.Cited: "source",
        t.Recipe: "recipe",
    }  # fmt: skip
    return {
        d.name: Definition(kinds[type(d)], d.name, d.name_span, d)
        for d in unit.file.declarations
        if isinstance(d, t.Block | t.Net | t.Variant | t.Let | t.Cited | t.Recipe)
    }


_PATH = "path"
"""Marks an expression that is the path of a layer."""


class _Finder:
    """Walks the file once with lexical scopes."""

    def __init__(self, unit: Unit) -> None:
        self.unit, self.source = unit, unit.source
        self.names = Names(unit.source)
        self.scopes: list[dict[str, Definition]] = [{}]
        self.labels: list[dict[str, Definition]] = []

    def run(self) -> Names:
        file = self.unit.file
        for declaration in file.declarations:
            if isinstance(declaration, t.Import):
                self.imported(declaration)
        for definition in declared(self.unit).values():
            self.define(definition)
        self.names.regions.append(Region(0, len(self.source.text), self.scopes[0]))
        for declaration in file.declarations:
            self.declaration(declaration)
        return self.names

    # --- what is noted ---

    def define(self, definition: Definition) -> None:
        self.scopes[-1].setdefault(definition.name, definition)
        self.names.definitions.append(definition)
        self.names.uses.append(Use(definition.span, definition.kind, definition))

    def use(self, span: Span, kind: str, target: Definition | None = None, of: str = "") -> None:
        self.names.uses.append(Use(span, target.kind if target else kind, target, of))

    def find(self, name: str) -> Definition | None:
        return next((s[name] for s in reversed(self.scopes) if name in s), None)

    def label(self, name: str) -> Definition | None:
        return next((s[name] for s in reversed(self.labels) if name in s), None)

    def part(self, start: int, text: str) -> Span:
        return Span(self.source, start, start + len(text))

    def within(self, span: Span, name: str, after: int = 0) -> Span:
        """The first place of a word in a span."""
        found = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)").search(
            self.source.text, span.start + after, span.end
        )
        return self.part(found.start() if found else span.start, name)

    # --- declarations ---

    def imported(self, declaration: t.Import) -> None:
        other = self.file_of(declaration)
        known = declared(other) if other else {}
        for name, span in declaration.names:
            target = known.get(name)
            self.use(span, "name", target)
            if target is not None:
                self.scopes[0].setdefault(name, target)

    def file_of(self, declaration: t.Import) -> Unit | None:
        try:
            _, path = files.import_path(self.source, declaration.path, declaration.path_span)
        except SpecError:
            return None
        return next((unit for unit in self.unit.imports if unit.source.path == path), None)

    def declaration(self, declared: t.Node) -> None:
        match declared:
            case t.Block() | t.Net():
                self.block(declared)
            case t.Variant():
                self.variant(declared)
            case t.Recipe():
                self.recipe(declared)
            case t.Cited() | t.Let():
                self.expression(declared.value)
            case t.Default():
                self.statement(declared)

    def block(self, block: t.Block | t.Net) -> None:
        self.enter(block.span)
        self.labels.append({})
        for param in block.params:
            self.expression(param.default)
            self.define(Definition("parameter", param.name, self.part(param.span.start, param.name),
                                   param))  # fmt: skip
        self.statements(block.body.statements)
        self.labels.pop()
        self.leave()

    def variant(self, variant: t.Variant) -> None:
        base = self.find(variant.base)
        self.use(variant.base_span, "net", base)
        self.arguments(variant.args, base)
        if variant.body is not None:
            self.enter(variant.body.span)
            self.labels.append({})
            self.statements(variant.body.statements)
            self.labels.pop()
            self.leave()

    def recipe(self, recipe: t.Recipe) -> None:
        if recipe.base is not None and recipe.base_span is not None:
            self.use(recipe.base_span, "recipe", self.find(recipe.base))
        for setting in recipe.settings:
            self.use(self.part(setting.span.start, setting.key), "key")
            self.expression(setting.value, of=setting.key)

    def enter(self, span: Span) -> None:
        self.scopes.append({})
        self.names.regions.append(Region(span.start, span.end, self.scopes[-1]))

    def leave(self) -> None:
        self.scopes.pop()

    # --- statements ---

    def statements(self, statements: Iterable[t.Statement]) -> None:
        for statement in statements:
            self.statement(statement)

    def body(self, body: t.Body) -> None:
        self.enter(body.span)
        self.statements(body.statements)
        self.leave()

    def statement(self, node: t.Node) -> None:
        match node:
            case t.Let():
                self.expression(node.value)
                self.define(Definition("let", node.name, node.name_span, node))
            case t.Default():
                for call in (node.call, *node.followers):
                    self.call(call)
            case t.Require():
                self.expression(node.condition)
            case t.Flow():
                self.flow(node)
            case t.Output():
                self.named(node.name, node.name_span, node, "output")
                self.flow(node.flow)
            case t.If():
                self.conditional(node)
            case t.For():
                self.expression(node.iterable)
                self.enter(node.span)
                for name in node.names:
                    self.define(Definition("let", name, self.within(node.names_span, name), node))
                self.body(node.body)
                self.leave()
            case t.Repeat():
                self.expression(node.count)
                self.body(node.body)
            case t.Input():
                self.input(node)
            case t.Claim():
                self.claim(node)
            case t.Trained():
                start = node.span.end - len(node.name)
                self.use(self.part(start, node.name), "recipe", self.find(node.name))

    def conditional(self, node: t.If) -> None:
        branch: t.If | t.Body | None = node
        while isinstance(branch, t.If):
            self.expression(branch.condition)
            self.body(branch.body)
            branch = branch.other
        if branch is not None:
            self.body(branch)

    def input(self, node: t.Input) -> None:
        if node.name is not None:
            span = self.within(node.span, node.name, len("input"))
            self.define_label(node.name, span, node, "input")
        self.shape(node.shape)

    def shape(self, shape: t.ShapeExpr) -> None:
        for size in shape.sizes:
            self.expression(size)
        for name, place in zip(shape.names, shape.places, strict=True):
            if name is not None and place is not None:
                self.use(self.part(place.start, name), "symbol")

    def claim(self, node: t.Claim) -> None:
        for expr in (node.left, node.right, node.within):
            self.expression(expr)
        if node.source is not None and node.source_span is not None:
            self.use(node.source_span, "source", self.find(node.source))
        if node.but is not None:
            self.expression(node.but.measured)

    def flow(self, flow: t.Flow) -> None:
        for layer in flow.layers:
            if layer.label is not None:
                self.labelled(layer.label, layer)
            match layer.form:
                case t.Call():
                    self.call(layer.form)
                case t.Fork():
                    self.use(layer.form.name_span, "op")
                    self.body(layer.form.body)
                case t.Seq() | t.Group():
                    self.body(layer.form.body)
                case t.From() | t.Share():
                    self.path(layer.form.path)
        if flow.asserted is not None:
            self.shape(flow.asserted)

    def labelled(self, label: t.Label, layer: t.Layer) -> None:
        quoted, span = label.span.text.startswith('"'), label.span
        inner = Span(span.source, span.start + quoted, span.end - quoted)
        self.named(label.text, inner, layer, "label")

    def named(self, name: str | t.Template, span: Span, node: t.Node, kind: str) -> None:
        if isinstance(name, t.Template):
            self.template(name)
        else:
            self.define_label(name, span, node, kind)

    def define_label(self, name: str, span: Span, node: t.Node, kind: str) -> None:
        definition = Definition(kind, name, span, node)
        if self.labels:
            self.labels[-1].setdefault(name, definition)
        self.names.definitions.append(definition)
        self.names.uses.append(Use(span, kind, definition))

    def template(self, template: t.Template) -> None:
        for part in template.parts:
            if not isinstance(part, str):
                self.expression(part)

    def path(self, path: t.Path) -> None:
        at = path.span.start
        for number, part in enumerate(path.parts):
            if isinstance(part, str):
                span = self.within(path.span, part, at - path.span.start)
                self.use(span, "label", self.label(part) if number == 0 else None)
                at = span.end
            elif isinstance(part, t.Template):
                self.template(part)
            else:
                self.expression(part)

    # --- calls and expressions ---

    def call(self, call: t.Call) -> None:
        target = self.find(call.name)
        self.use(call.name_span, "op" if call.name in ops() else "name", target)
        known = call.name in ops() and target is None
        path = beside.argument(ops()[call.name], call) if known else None
        self.arguments(call.args, target, call.name, path)

    def arguments(
        self,
        args: Iterable[t.Arg],
        target: Definition | None,
        op: str = "",
        path: t.Arg | None = None,
    ) -> None:
        """The arguments of a call; `path` is the one that names a layer (L39)."""
        params: dict[str, Definition] = {}
        if target is not None and isinstance(target.node, t.Block | t.Net):
            source = target.span.source
            for p in target.node.params:
                span = Span(source, p.span.start, p.span.start + len(p.name))
                params[p.name] = Definition("parameter", p.name, span, p)
        for arg in args:
            if arg.keyword is not None:
                place = self.part(arg.span.start, arg.keyword)
                self.use(place, "argument", params.get(arg.keyword), op)
            if arg is path and (parts := beside.parts(arg.value)):
                self.path(t.Path(arg.value.span, parts))
            else:
                self.expression(arg.value)

    def expression(self, expr: t.Node | None, of: str = "") -> None:
        match expr:
            case t.Name():
                self.name(expr, "label" if of in (_PATH, "loss") else "name")
            case t.Apply():
                target = isinstance(expr.function, t.Name) and self.find(expr.function.name)
                if target and isinstance(target.node, t.Block):
                    self.use(expr.function.span, "name", target)
                    self.arguments(expr.args, target)
                    return
                if isinstance(expr.function, t.Name):
                    self.function(expr.function, of)
                else:
                    self.expression(expr.function)
                for arg in expr.args:
                    if arg.keyword is not None:
                        self.use(self.part(arg.span.start, arg.keyword), "argument", of=of)
                    self.expression(arg.value, _PATH if self.of_a_path(expr) else "")
            case t.Attr():
                self.expression(expr.of, of)
                kind = "metric" if expr.name in METRICS else "attribute"
                self.use(self.part(expr.span.end - len(expr.name), expr.name), kind)
            case t.Node():
                for child in expr.children():
                    self.expression(child, of)

    def of_a_path(self, expr: t.Apply) -> bool:
        """Whether a call is of a metric: its argument is a path, `params(layer2)`."""
        return isinstance(expr.function, t.Name) and expr.function.name in METRICS

    def name(self, expr: t.Name, kind: str) -> None:
        target = self.find(expr.name) or self.label(expr.name)
        words = {"metric": METRICS, "op": ops(), "keyword": ("same",)}
        kind = next((word for word, known in words.items() if expr.name in known), kind)
        self.use(expr.span, kind, target)

    def function(self, function: t.Name, of: str) -> None:
        name = function.name
        kinds = (("function", FUNCTIONS), ("metric", METRICS), ("record", RECORDS))
        kind = next((kind for kind, known in kinds if name in known), "name")
        self.use(function.span, kind, of=of)
