"""One run of the compiler: files read once, nets elaborated once, diagnostics collected."""

from __future__ import annotations

from pathlib import Path

from cnnspec import ir
from cnnspec.diagnostics import Diagnostics, Label, SpecError, did_you_mean, fail
from cnnspec.elaborate import causes, files, names, recipes
from cnnspec.elaborate.arithmetic import Poison
from cnnspec.elaborate.calls import Values
from cnnspec.elaborate.declare import Declarer
from cnnspec.elaborate.evaluate import NOWHERE, Poisoned
from cnnspec.elaborate.later import misuse, sheets
from cnnspec.elaborate.limits import ELABORATED, LimitReached, deeper
from cnnspec.elaborate.net import NetBody, elaborate_net
from cnnspec.elaborate.scope import NetValue, Scope, Unit
from cnnspec.elaborate.session import Session
from cnnspec.records import record
from cnnspec.source import Source, Span
from cnnspec.syntax import tree as t
from cnnspec.syntax.parser import SyntaxFaults, parse, recover
from cnnspec.values import Record, Shape, Sizes, Value


@record(frozen=True, eq=False)
class BoundClaim:
    """A claim with the scope that its names are looked up in."""

    claim: t.Claim
    scope: Scope


@record(frozen=True, eq=False)
class Elaborated:
    """A net with what its declaration says around the flow."""

    net: ir.Net
    unit: Unit
    declaration: t.Net | t.Variant
    family: t.Net
    family_unit: Unit
    args: dict[str, Value]
    """The value of every parameter of the family, in order."""
    free: dict[str, Value]
    """Parameters that the variant leaves free, with the values they have here."""
    recipe: dict[str, object]
    """Plain data by M7; empty where the spec names none."""
    claims: tuple[BoundClaim, ...]
    source: Record | None
    """The first source its claims cite, else the first that its file declares or imports."""

    @property
    def doc(self) -> str:
        """The `##` text of its declaration, else that at the head of its file (L3)."""
        return self.declaration.doc or self.unit.file.doc


@record(frozen=True, eq=False)
class Partial:
    """What there is of a net that has errors: its inputs, and layers of it and of its blocks."""

    inputs: tuple[ir.Input, ...]
    made: tuple[tuple[ir.Item, ...], ...]


class Workspace:
    """Reads and elaborates; what is wrong lands in `diagnostics`, nothing is raised for it."""

    def __init__(self, read: files.Reader = files.from_disk, *, recovering: bool = False) -> None:
        """`read` gives the bytes of a file, imports too: an editor's unsaved text, else the disk.

        `recovering` goes on with what can be read of a text that has syntax errors; what is then
        said of the rest may follow from what is missing.
        """
        self._read, self._recovering = read, recovering
        self.partial: dict[tuple[int, str], Partial] = {}
        """What there is of nets that have errors, by the identity of the declaration and the name.
        """
        self.diagnostics = Diagnostics(causes.cause)
        self.memory: dict[int, object] = {}
        """What analyses remember about a net of this run, by its identity."""
        self._units: dict[str, Unit | None] = {}
        self._parsed: list[Unit] = []
        self._reading: list[tuple[str, Span]] = []
        self._nets: dict[tuple[int, str], Elaborated | None] = {}

    # --- reading ---

    def read(self, path: str) -> Unit | None:
        """Read a file (`-` is standard input) with its imports; None when it cannot be parsed.

        Raises OSError when the file cannot be read.
        """
        resolved = "" if path == "-" else str(Path(path).resolve())
        if resolved in self._units:
            return self._units[resolved]
        try:
            return self._parse(files.read_source(path, self._read))
        except SpecError as error:
            self.diagnostics.add(error.diagnostic)
            return None

    def read_text(self, text: str, name: str = "<text>", path: str = "") -> Unit | None:
        """Read a spec from a string; `path` is where its imports are relative to."""
        return self.read_bytes(text.encode(), name, path)

    def read_bytes(self, data: bytes, name: str = "<bytes>", path: str = "") -> Unit | None:
        """Read a spec from the bytes of a file."""
        try:
            return self._parse(files.decode(name, data, path))
        except SpecError as error:
            self.diagnostics.add(error.diagnostic)
            return None

    def _tree(self, source: Source) -> t.File | None:
        """The tree of a file; what is wrong with its text is said."""
        try:
            return parse(source)
        except SyntaxFaults as faults:
            for diagnostic in faults.diagnostics:
                self.diagnostics.add(diagnostic)
            return recover(source).file if self._recovering else faults.file

    def _parse(self, source: Source) -> Unit | None:
        file = self._tree(source)
        if file is None:
            self._units[source.path] = None
            return None
        unit = Unit(file.span.source, file)  # a tree that was kept has its own
        session = Session(self.diagnostics)
        declarer = Declarer(unit, session)
        for declaration in unit.file.declarations:
            if isinstance(declaration, t.Import):
                self._import(unit, declaration, declarer)
        declarer.run()
        names.check(unit, self.diagnostics)
        self._parsed.append(unit)
        if source.path:
            self._units[source.path] = unit
        return unit

    def _import(self, unit: Unit, declaration: t.Import, declarer: Declarer) -> None:
        try:
            other = self._imported(unit.source, declaration)
        except SpecError as error:
            self.diagnostics.add(error.diagnostic)
            other = None
        if other is None:
            for name, _ in declaration.names:
                unit.scope.values[name] = names.Poison()
            return
        unit.imports.append(other)
        unit.sizes |= other.sizes
        if other.too_large:
            unit.too_large = True
        elif sum(unit.sizes.values()) > files.TOTAL_MAX:
            unit.too_large = True
            fault = fail("E0019", "too large: more than 1 MiB with its imports", declaration.span)
            self.diagnostics.add(fault.diagnostic)
        declarer.imported(declaration, other)

    def _imported(self, importer: Source, declaration: t.Import) -> Unit | None:
        shown, resolved = files.import_path(importer, declaration.path, declaration.path_span)
        cycle = [path for path, _ in self._reading]
        if resolved == importer.path or resolved in cycle:
            start = cycle.index(resolved) if resolved in cycle else len(cycle)
            chain = [*cycle[start:], importer.path, resolved]
            labels = [Label(span, "imported here") for _, span in self._reading[start:]]
            raise fail(
                "E0124",
                "files import each other: " + " -> ".join(Path(p).name for p in chain),
                declaration.path_span,
                labels=labels,
                help=(
                    "a file sees its own names without an import"
                    if resolved == importer.path
                    else "what both need goes into a third file",
                ),
            )
        if resolved in self._units:
            return self._units[resolved]
        if len(self._reading) >= files.CHAIN_MAX:
            message = f"too large: files that import each other {files.CHAIN_MAX} deep"
            raise fail("E0019", message, declaration.path_span)
        place = declaration.path_span
        source = files.open_import(importer, shown, resolved, place, self._read)
        self._reading.append((importer.path, declaration.path_span))
        try:
            return self._parse(source)
        finally:
            self._reading.pop()

    def finish(self) -> None:
        """Say what only the whole run can tell: which blocks no file calls (W0206)."""
        names.unused_blocks(self._parsed, self.diagnostics)

    # --- elaborating ---

    def elaborate(
        self,
        unit: Unit,
        name: str,
        *,
        set: dict[str, Value] | None = None,
        input: Shape | Sizes | None = None,
    ) -> Elaborated | None:
        """Elaborate a net of `unit`; None for a family without values (L25) or after errors.

        `set` overrides parameters of the net, or of the net that it calls (L29); `input` replaces
        the size of its input, or of several by their names.
        """
        value = unit.scope.values.get(name)
        if not isinstance(value, NetValue):
            return None
        plain = not set and input is None
        memory = (id(value.net), name)
        if plain and memory in self._nets:
            return self._nets[memory]
        made = self._elaborate(value, set or {}, _sizes(input))
        if plain:
            self._nets[memory] = made
            self._figures(unit, name, made)
        return made

    def _figures(self, unit: Unit, name: str, made: Elaborated | None) -> None:
        """Whether a net has all that the figures of a file name (L38)."""
        if made is None:
            return
        for figure in unit.file.declarations:
            if isinstance(figure, t.Figure) and figure.net == name:
                for error in sheets.check_paths(figure, made.net):
                    self.diagnostics.add(error.diagnostic)

    def _elaborate(self, value: NetValue, set: dict[str, Value], input: Sizes) -> Elaborated | None:
        session = Session(self.diagnostics, resized=bool(input))
        try:
            with deeper(ELABORATED):
                return self._bind(session, value, set, input)
        except SpecError as error:
            self.diagnostics.add(error.diagnostic)
        except LimitReached as limit:
            self.diagnostics.add(limit.diagnostic)
        except RecursionError:  # 64 calls with braces in each: Python's own limit is nearer
            message = "too large: calls and braces nested deeper than can be followed"
            self.diagnostics.add(fail("E0019", message, value.net.name_span).diagnostic)
        except Poisoned:
            pass
        return None

    def _bind(
        self, session: Session, value: NetValue, set: dict[str, Value], input: Sizes
    ) -> Elaborated | None:
        declared = value.net
        family, family_unit, values = self._family(session, value)
        _check_set(set, family, declared)
        given = {*values.keywords, *(p.name for p in family.params[: len(values.positional)])}
        values.keywords |= {k: v for k, v in set.items() if k not in given or k in values.keywords}
        for position, param in enumerate(family.params[: len(values.positional)]):
            if param.name in set:
                values.positional[position] = set[param.name]
        if isinstance(declared, t.Net) and any(
            p.default is None and p.name not in values.keywords for p in family.params
        ):
            return None
        scope = family_unit.scope.inner()
        span = declared.name_span
        args = session.calls.block(family.name, family.params, values, scope, NOWHERE, span)
        net, body = elaborate_net(session, family, args, scope, declared.name, input)
        if net is None:
            made = (tuple(body.items), *session.fragments)
            self.partial[id(declared), declared.name] = Partial(tuple(body.inputs), made)
            return None
        claims, recipe = self._around(session, value, scope, body, net)
        free = {k: v for k, v in args.items() if k not in given}
        source = _source(claims, value.unit, family_unit)
        return Elaborated(
            net, value.unit, declared, family, family_unit, args, free, recipe, claims, source
        )

    def _family(self, session: Session, value: NetValue) -> tuple[t.Net, Unit, Values]:
        """The net whose body is meant, its file, and the arguments of the variant's call."""
        net = value.net
        if isinstance(net, t.Net):
            return net, value.unit, Values()
        base = value.unit.scope.find(net.base)
        if isinstance(base, Poison):
            raise Poisoned
        if not isinstance(base, NetValue):
            scope = value.unit.scope
            nets = [n for n in scope.names() if isinstance(scope.find(n), NetValue)]
            note = did_you_mean(net.base, nets)
            raise fail("E0102", f"there is no net called `{net.base}`", net.base_span, note=note)
        if isinstance(base.net, t.Variant):
            raise fail(
                "E0125",
                f"`{net.base}` is a variant itself: call its family `{base.net.base}`",
                net.base_span,
                labels=(Label(base.net.base_span, f"`{net.base}` is made here"),),
                help=(f"write `{base.net.base}(...)` with all its arguments",),
            )
        values = session.calls.values(net.args, value.unit.scope, NOWHERE)
        return base.net, base.unit, values

    def _around(
        self, session: Session, value: NetValue, scope: Scope, body: NetBody, net: ir.Net
    ) -> tuple[tuple[BoundClaim, ...], dict[str, object]]:
        """Claims of the family's body and of the variant's, and the recipe that holds (L29)."""
        claims = [BoundClaim(claim, inner) for claim, inner in body.claims]
        trained, where = body.recipe, scope
        if isinstance(value.net, t.Variant) and value.net.body is not None:
            around = value.unit.scope.inner()
            around.values.update(scope.values)
            for statement in value.net.body.statements:
                if isinstance(statement, t.Claim):
                    claims.append(BoundClaim(statement, around))
                elif isinstance(statement, t.Trained):
                    trained, where = statement, value.unit.scope
                else:
                    message = "a variant's body holds claims and a recipe only"
                    help = (f"layers stand in the body of `{value.net.base}`",)
                    fault = fail("E0112", message, statement.span, help=help)
                    self.diagnostics.add(fault.diagnostic)
        recipe: dict[str, object] = {}
        if trained is not None:
            recipe = recipes.resolve(session, trained.name, where, trained.span)
            wrong = recipes.check_loss(trained.name, where, net.outputs, net.name)
            if wrong is not None:
                raise wrong
        return tuple(claims), recipe


def _sizes(input: Shape | Sizes | None) -> Sizes:
    """The sizes that replace those of inputs; one alone is the first's."""
    pairs: list[tuple[str, Shape]] = []
    alone: list[int] = []
    for one in input or ():
        if isinstance(one, int):
            alone.append(one)
        else:
            pairs.append(one)
    return (("", tuple(alone)),) if alone else tuple(pairs)


def _check_set(set: dict[str, Value], family: t.Net, declared: t.Net | t.Variant) -> None:
    known = [p.name for p in family.params]
    for name in set:
        if name not in known:
            raise fail(
                "E0103",
                f"{declared.name} has no parameter `{name}`",
                declared.name_span,
                notes=(f"its parameters: {', '.join(known) or 'none'}",),
                help=misuse.setting(name, set[name], known),
            )


def _source(claims: tuple[BoundClaim, ...], *units: Unit) -> Record | None:
    for bound in claims:
        if bound.claim.source is not None:
            value = bound.scope.find(bound.claim.source)
            if isinstance(value, Record):
                return value
    return next((unit.first_source for unit in units if unit.first_source), None)
