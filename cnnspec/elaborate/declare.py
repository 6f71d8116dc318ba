"""The names of a file: what it declares and imports, each once (L1, L5, S2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cnnspec.diagnostics import PLACES_MAX, Label, SpecError, did_you_mean, fail
from cnnspec.elaborate import names, recipes
from cnnspec.elaborate.arithmetic import Poison
from cnnspec.elaborate.control import declare_default
from cnnspec.elaborate.evaluate import Poisoned
from cnnspec.elaborate.later import misuse, sheets
from cnnspec.elaborate.limits import LimitReached
from cnnspec.elaborate.scope import BlockValue, NetValue, RecipeValue, kind_of
from cnnspec.elaborate.session import Session
from cnnspec.ops import ops
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.syntax.words import GENERATED, check_attribute
from cnnspec.values import Record, Value

if TYPE_CHECKING:
    from cnnspec.elaborate.scope import Unit

WINDOWS_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{p}{n}" for p in ("com", "lpt") for n in range(1, 10))]
)
"""Names that no file can have on Windows: no net may be called so (S2)."""


class Declarer:
    """Enters the declarations of one file into its scope."""

    def __init__(self, unit: Unit, session: Session) -> None:
        self.unit, self.session = unit, session
        self.places = unit.scope.places
        self.folded: dict[str, str] = {}
        """Names of nets without their case, with the first that has each."""

    def run(self) -> None:
        """Enter everything; what is wrong is reported and the rest goes on."""
        self.unit.scope.later = names.lets(self.unit.file.declarations)
        for declaration in self.unit.file.declarations:
            self.guarded(self.declare, declaration)
        for declaration in self.unit.file.declarations:
            if isinstance(declaration, t.Recipe):
                self.guarded(self.recipe, declaration)
            elif isinstance(declaration, t.Figure):
                self.guarded(self.figure, declaration)

    def guarded(self, enter: Callable[[Any], None], declaration: object) -> None:
        """Enter a declaration; an error of it is reported, and its name poisoned."""
        try:
            enter(declaration)
        except (SpecError, LimitReached) as error:
            self.session.diagnostics.add(error.diagnostic)
            self.poison(declaration)
        except Poisoned:
            self.poison(declaration)

    def poison(self, declaration: object) -> None:
        """What a wrong declaration would have named is not reported as unknown too."""
        name = getattr(declaration, "name", "")
        if name:
            self.unit.scope.values.setdefault(name, Poison())

    def recipe(self, recipe: t.Recipe) -> None:
        """A recipe is checked also when no net names it (L31)."""
        recipes.resolve(self.session, recipe.name, self.unit.scope, recipe.name_span)

    def figure(self, figure: t.Figure) -> None:
        """A figure's net, keys and values are checked also when nobody draws it (L38)."""
        sheets.check(figure, self.unit.scope, names.concrete)

    def declare(self, declaration: t.Declaration | t.Let | t.Default) -> None:
        """Enter what a declaration, a `let` or a `default` of a file brings."""
        match declaration:
            case t.Block():
                self.block(declaration)
            case t.Net() | t.Variant():
                self.net(declaration)
            case t.Recipe():
                self.enter(
                    declaration.name, declaration.name_span, RecipeValue(declaration, self.unit)
                )
            case t.Figure():
                self.enter(declaration.name, declaration.name_span, sheets.FigureValue(declaration))
            case t.Cited():
                self.source(declaration)
            case t.Let():
                self.let(declaration)
            case t.Default():
                self.default(declaration)

    def enter(self, name: str, span: Span, value: Value) -> None:
        """Give a name its value; two of one name are an error that shows both."""
        if name in self.places:
            first = Label(self.places[name], "the first is here")
            raise fail("E0114", f"`{name}` is declared twice", span, labels=(first,))
        self.places[name] = span
        self.unit.scope.values[name] = value

    def let(self, let: t.Let) -> None:
        """The value is computed before the name is there: `let a = a` names nothing."""
        value: Value = Poison()
        try:
            value = self.session.evaluator.value(let.value, self.unit.scope)
        finally:
            self.enter(let.name, let.name_span, value)

    def block(self, block: t.Block) -> None:
        """Enter a block; raises SpecError E0114 where it has the name of an op."""
        if ops().ours(block.name):  # an op that somebody installs later takes no block away
            message = f"`{block.name}` is an op: a block needs another name"
            note = f"such as `{block.name}_block`"
            raise fail("E0114", message, block.name_span, note=note)
        if block.name.startswith("_"):  # else it meets only classes, and is no attribute
            check_attribute(block.name, block.name_span, "a block")
        self.parameters(block.params)
        self.enter(block.name, block.name_span, BlockValue(block, self.unit))

    def net(self, net: t.Net | t.Variant) -> None:
        """Enter a net; raises SpecError E0502 where no file could have its name."""
        if net.name.lower() in WINDOWS_DEVICES:
            message = f"`{net.name}` is the name of a device on Windows: no file can have it"
            raise fail("E0502", message, net.name_span, note=f"such as `{net.name}_net`")
        if net.name in GENERATED:
            message = f"`{net.name}` cannot name a net: the generated file uses it itself"
            raise fail("E0502", message, net.name_span, note=f"such as `{net.name}_net`")
        check_attribute(net.name, net.name_span, "a net")
        other = self.folded.setdefault(net.name.lower(), net.name)
        if other != net.name and other in self.unit.nets:
            first = Label(self.unit.nets[other].name_span, f"`{other}` is here")
            message = f"`{net.name}` and `{other}` differ only by case: their files would be one"
            raise fail("E0502", message, net.name_span, labels=(first,))
        if isinstance(net, t.Net):
            self.parameters(net.params)
        self.enter(net.name, net.name_span, NetValue(net, self.unit))
        self.unit.nets[net.name] = net

    def parameters(self, params: tuple[t.Param, ...]) -> None:
        """Refuse two parameters of one name (E0114)."""
        seen: dict[str, Span] = {}
        for param in params:
            if param.name in seen:
                first = Label(seen[param.name], "the first is here")
                message = f"two parameters called `{param.name}`"
                raise fail("E0114", message, param.span, labels=(first,))
            seen[param.name] = param.span

    def source(self, cited: t.Cited) -> None:
        """Enter a source; raises SpecError E0123 or E0103 for what cites nothing."""
        self.enter(cited.name, cited.name_span, Poison())
        value = self.session.evaluator.value(cited.value, self.unit.scope)
        from cnnspec.elaborate.records import SOURCE_KEYS, SOURCES

        if not isinstance(value, Record) or value.name not in SOURCES or len(value.args) != 1:
            kinds = ", ".join(f'{n}("...")' for n in SOURCES)
            title = f'"{value}"' if isinstance(value, str) else '"..."'
            raise fail(
                "E0123",
                f"a source is one of {kinds}, and {kind_of(value)} came",
                cited.value.span,
                help=(f"write `{SOURCES[0]}({title})`",),
            )
        for key, _ in value.keywords:
            if key not in SOURCE_KEYS:
                note = did_you_mean(key, SOURCE_KEYS)
                span = misuse.argument(cited.value, key)
                known = (f"it takes {', '.join(SOURCE_KEYS)}",)
                raise fail("E0103", f"{value.name} has no `{key}`", span, note=note, notes=known)
        self.unit.scope.values[cited.name] = value

    def default(self, default: t.Default) -> None:
        """Enter the arguments and followers that a file's default gives an op."""
        declare_default(self.session.calls, default, self.unit.scope, "file")

    def uses(self, name: str) -> list[Label]:
        """Where this file has a name that no import brings: it is wrong there too."""
        places: list[Span] = []
        waiting: list[t.Node] = [*self.unit.file.declarations]
        while waiting and len(places) < PLACES_MAX:
            node = waiting.pop()
            match node:
                case t.Import():
                    continue
                case t.Variant(base=base) if base == name:
                    places.append(node.base_span)
                case t.Call() | t.Fork() if node.name == name:
                    places.append(node.name_span)
                case t.Name() if node.name == name:
                    places.append(node.span)
            waiting += reversed([*node.children()])
        return [Label(place, "and here") for place in places]

    def imported(self, declaration: t.Import, other: Unit) -> None:
        """Enter the names that an import takes from a file."""
        other.used.update(name for name, _ in declaration.names)
        declared = frozenset(other.declared)
        for name, span in declaration.names:
            try:
                if name not in declared:
                    raise fail(
                        "E0101",
                        f"{other.source.name} declares no `{name}`",
                        span,
                        note=did_you_mean(name, other.declared),
                        labels=self.uses(name),
                    )
                self.enter(name, span, other.scope.values[name])
            except SpecError as error:
                self.session.diagnostics.add(error.diagnostic)
                self.unit.scope.values.setdefault(name, Poison())
