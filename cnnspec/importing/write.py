"""Blocks to a syntax tree: names left out where the automatic ones are right, defaults, lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from cnnspec.elaborate.paths import following
from cnnspec.importing import nodes
from cnnspec.importing.blocks import Blocks
from cnnspec.importing.classes import Last, last_layers, open_heads
from cnnspec.importing.defaults import Defaults, brought, constant, plan, pointwise
from cnnspec.importing.expressions import Values, slot_value, value_of
from cnnspec.importing.holes import ANY, NUMBER, Fixed, Hole, Param, Template, parts
from cnnspec.importing.inline import inlined, written
from cnnspec.importing.items import (
    Again,
    At,
    Call,
    Case,
    Fork,
    Head,
    Item,
    Leaf,
    Loop,
    Tap,
    begins,
    bodies,
    everything,
)
from cnnspec.importing.lets import lets
from cnnspec.importing.loops import write_loop
from cnnspec.importing.naming import block_names
from cnnspec.importing.place import Place
from cnnspec.importing.trace import Number, Rule, relative
from cnnspec.importing.units import units
from cnnspec.syntax import tree as t
from cnnspec.values import SAME, Shape

SKIP = nodes.flow([nodes.layer(nodes.call("skip"))])
"""The identity as an arm."""
AGAIN = "share"
"""What a further use of a layer is called by number."""


class Writer:
    """Writes one file."""

    def __init__(self, blocks: Blocks, nets: Collection[str], classes: bool = True) -> None:
        self.blocks = blocks
        self.inline = inlined(blocks)
        self.defaults: Defaults = plan(written(blocks, self.inline))
        keys = [key for key in blocks if _is_block(blocks[key]) and key not in self.inline]
        words = block_names([blocks[key].name for key in keys], nets)
        self.words = dict(zip(keys, words, strict=True))
        self.rule = next((t.rule for one in blocks.values() for t in one.nets), None)
        self.last = last_layers(blocks) if classes else {}
        self.classes = open_heads(blocks, self.last)
        for unit in units(blocks):
            unit.word = self.words[unit.key]

    def last_of(self, net: Template) -> Last | None:
        """The layer that ends a net, where its features are the parameter `classes`."""
        return self.last.get(net.key)

    def body(self, template: Template, values: Values, top: bool = False) -> t.Body:
        """The body of a block."""
        named = lets(template.items, self.inline.__contains__, values.taken)
        own = values.with_lets(named)
        first = [nodes.let(word, values.say(said)) for said, word in named.items()]
        place = Place(own, template.numbered, top=top, labels=_labels(template.items))
        return nodes.body([*first, *self.statements(template.items, place)])

    # --- statements ---

    def statements(self, items: list[Item], place: Place) -> list[t.Statement]:
        """Items as statements: each begins with what changes a shape."""
        found: list[t.Statement] = []
        chain: list[t.Layer] = []
        shape: Shape | None = None
        before: Shape | None = None
        at = 0

        def end() -> None:
            nonlocal before
            if chain:
                new = place.top and shape is not None and shape != before
                found.append(
                    nodes.flow([*chain], self._shape(items[at - 1], shape) if new else None)
                )
                before = shape
                chain.clear()

        while at < len(items):
            item = items[at]
            if isinstance(item, Case | Loop | Head):
                end()
                found += self._statement(item, place)
                at += 1
                continue
            if chain and begins(item) and not isinstance(items[at - 1], Tap):
                end()
            layer, taken = self._layer(items, at, place)
            chain.append(layer)
            at += taken
            shape = getattr(items[at - 1], "shape", None)
            if isinstance(item, Call | Fork) and not isinstance(layer.form, t.Call):
                end()
        end()
        return found

    def _shape(self, item: Item, shape: Shape | None) -> t.ShapeExpr:
        """The shape behind an item; what ends a net is as wide as it has classes."""
        sizes: list[t.Expr] = [nodes.literal(int(size)) for size in shape or ()]
        for last in self.last.values():
            if shape and shape[0] == last.classes and any(one is item for one in last.ends):
                sizes[0] = nodes.name("classes")
        return nodes.shape(sizes)

    def _statement(self, item: Case | Loop | Head, place: Place) -> list[t.Statement]:
        match item:
            case Case():
                return [self._case(item, place)]
            case Loop():
                return write_loop(self, item, place)
        return [self._head(item, place)]

    def _case(self, case: Case, place: Place) -> t.If:
        condition = slot_value(case.condition, place.values)
        branches = [case.then, case.other]
        if case.other and isinstance(condition, t.Compare) and condition.operator == "!=":
            condition, branches = replace(condition, operator="=="), branches[::-1]
        before = Counter(place.numbers)
        then = nodes.body(self.statements(branches[0], place))
        after = Counter(place.numbers)
        place.numbers.clear()
        place.numbers.update(before)
        other = self._otherwise(self.statements(branches[1], place))
        for word, number in after.items():
            place.numbers[word] = max(place.numbers[word], number)
        return t.If(nodes.NOWHERE, "", condition, then, other)

    @staticmethod
    def _otherwise(statements: list[t.Statement]) -> t.Body | t.If | None:
        """What stands behind `else`: another `if` without braces."""
        match statements:
            case []:
                return None
            case [t.If() as only]:
                return only
        return nodes.body(statements)

    def _head(self, head: Head, place: Place) -> t.Output:
        name, items = _own_name(head)
        links = [self._tap(head.tap)] if head.tap else []
        inner = Place(place.values, False, labels=_labels(items))
        at = 0
        while at < len(items):
            layer, taken = self._layer(items, at, inner)
            links.append(layer)
            at += taken
        flow = nodes.flow(links)
        return t.Output(nodes.NOWHERE, "", head.kind, name, nodes.NOWHERE, flow)

    # --- layers ---

    def _layer(self, items: list[Item], at: int, place: Place) -> tuple[t.Layer, int]:
        """The layer at a place, and how many items it says."""
        item = items[at]
        match item:
            case Leaf():
                return self._leaf(items, at, place)
            case Call():
                return self.call(item, place), 1
            case Fork():
                label = "" if place.numbered else item.label or place.apart(item.op.name)
                if not label:
                    place.numbers[item.op.name] += 1
                body = nodes.body(self._arm(arm, place) for arm in item.arms)
                fork = t.Fork(nodes.NOWHERE, item.op.name, nodes.NOWHERE, body)
                return nodes.layer(fork, label), 1
            case Tap():
                return self._tap(item), 1
            case Again():
                share = t.Share(nodes.NOWHERE, nodes.path(item.path))
                label = "" if place.numbered else item.label or place.apart(AGAIN)
                if not label:
                    place.numbers[AGAIN] += 1
                return nodes.layer(share, label), 1
        raise AssertionError(item)

    def _leaf(self, items: list[Item], at: int, place: Place) -> tuple[t.Layer, int]:
        item = items[at]
        assert isinstance(item, Leaf)
        behind, bare = 0, False
        if item.op is self.defaults.head and self.defaults.followers:
            bare = not self._followed(items, at, place)
            behind = 0 if bare else len(self.defaults.followers)
        label = self._label(item, place)
        form = nodes.call(item.op.name, self.arguments(item, place), bare=bare)
        if not label:
            for one in items[at : at + 1 + behind]:
                assert isinstance(one, Leaf)
                place.numbers[one.op.name] += 1
        return nodes.layer(form, label), 1 + behind

    def _followed(self, items: list[Item], at: int, place: Place) -> bool:
        """Whether what the default brings stands behind a convolution."""
        conv = items[at]
        for number, op in enumerate(self.defaults.followers, at + 1):
            item = items[number] if number < len(items) else None
            if not isinstance(item, Leaf) or item.op is not op or item.read:
                return False
            if [*self.arguments(item, place)] or not isinstance(conv, Leaf):
                return False
            if not place.numbered and not brought(conv, item):
                return False
            name = following(self._label(conv, place) or "", conv.op.name, op.name)
            if not item.label and {name, place.automatic(op.name)} & place.labels:
                return False  # another has the name that it would get
        return True

    def _label(self, leaf: Leaf, place: Place) -> str:
        """The label of an op: none where the automatic number is it, or where there is no key."""
        if place.numbered:
            return ""
        if not leaf.label:
            return place.apart(leaf.op.name)
        return leaf.label if leaf.read or leaf.label != place.automatic(leaf.op.name) else ""

    def arguments(self, leaf: Leaf, place: Place) -> Iterator[tuple[str | None, t.Expr]]:
        """The arguments that are not the default's, by place as far as they have none."""
        usual = self.defaults.of(leaf.op)
        if leaf.op.passes and len(leaf.args) == 1:
            usual = {}  # how much is dropped is always said
        by_place = True
        for name, slot in leaf.args.items():
            said = constant(slot)
            quiet = name == "pad" and "pad_mode" in leaf.args and pointwise(leaf)
            if quiet or (name in usual and not _varies(slot) and _equal(said, usual[name])):
                by_place = False
                continue
            first = by_place and (name not in usual or _is_meant(leaf, name, said))
            counts = name in ("features", "channels")
            is_classes = counts and any(last.leaf is leaf for last in self.last.values())
            value = nodes.name("classes") if is_classes else slot_value(slot, place.values)
            if isinstance(said, At):
                value = nodes.value_path(said.path)
            if name in ("channels", "groups") and isinstance(value, t.Literal) and _each(leaf):
                value = nodes.incoming()
            if self.rule and name == leaf.op.varies and _is_number(slot):
                value = _rate(self.rule, said, value)
            if name == "window" and leaf.op.kind == "pool" and isinstance(value, t.Literal):
                value = t.Chain(nodes.NOWHERE, value, [("/", nodes.literal(1))])  # as it is meant
            yield (None if first else name), value

    def parameters(self, values: Values) -> set[str]:
        """The names that parameters have where these values hold."""
        return {said.name for said in values.params.values() if isinstance(said, t.Name)}

    def call(self, call: Call, place: Place) -> t.Layer:
        """A call of a block, or its body where it is written in place."""
        template = self.blocks[call.key]
        label = "" if place.numbered else place.values.label(call.label)
        given = {param: _given(call, param, place.values) for param in template.params}
        if template.choice is not None:
            return self._chosen(call, template, given, label)
        if call.key in self.inline:
            body = self.body(template, Values(given, taken=place.values.taken))
            form: t.Form = (
                t.Seq(nodes.NOWHERE, body) if template.numbered else t.Group(nodes.NOWHERE, body)
            )
            return nodes.layer(form, label)
        args: list[tuple[str | None, t.Expr]] = []
        for param in template.params:
            said = constant(call.args[param.name])
            if param.default is ANY:
                args.append((_keyword(args, param, given[param]), given[param]))
            elif said is None and not _varies(call.args[param.name]):
                continue  # the call never uses it
            elif not _equal(said, param.default) or _varies(call.args[param.name]):
                args.append((param.name, given[param]))
        return nodes.layer(nodes.call(self.words[call.key], args), label)

    def _chosen(
        self, call: Call, template: Template, given: dict[Param, t.Expr], label: Any
    ) -> t.Layer:
        """A call of the block that an argument says."""
        unit = given[template.params[0]]
        assert isinstance(unit, t.Name)
        args: list[tuple[str | None, t.Expr]] = []
        for param in template.params[1:]:
            args.append((_keyword(args, param, given[param]), given[param]))
        return nodes.layer(nodes.call(unit.name, args), label)

    def _tap(self, tap: Tap) -> t.Layer:
        return nodes.layer(t.From(nodes.NOWHERE, nodes.path(tap.path)))

    def _arm(self, items: list[Item], place: Place) -> t.Statement:
        if not items:
            return SKIP
        if len(items) == 1 and isinstance(case := items[0], Case) and _one_chain(case):
            return self._optional_arm(case, replace(place, top=False))
        if any(isinstance(item, Case | Loop) for item in items):
            inner = replace(place, top=False)
            group = t.Group(nodes.NOWHERE, nodes.body(self.statements(items, inner)))
            return nodes.flow([nodes.layer(group)])
        layers, at = [], 0
        while at < len(items):
            layer, taken = self._layer(items, at, replace(place, top=False))
            layers.append(layer)
            at += taken
        return nodes.flow(layers)

    def _optional_arm(self, case: Case, place: Place) -> t.If:
        """An arm that is what arrives where a condition does not hold: one chain else."""
        made = self._case(case, place)
        flows = [one for one in made.body.statements if isinstance(one, t.Flow)]
        chain = nodes.flow([link for flow in flows for link in flow.layers])
        return replace(made, body=nodes.body([chain]), other=nodes.body([SKIP]))


def _labels(items: Iterable[Item]) -> frozenset[str]:
    """What the labels of a level begin with."""
    found: set[str] = set()
    for item in items:
        found.add(item.name if isinstance(item, Head) else getattr(item, "label", ""))
        if not isinstance(item, Head):
            found.update(*map(_labels, bodies(item)))
    return frozenset(label.partition(".")[0] for label in found)


def _one_chain(case: Case) -> bool:
    """Whether a part that some calls have is a chain of layers, and nothing stands in its place."""
    return not case.other and not any(isinstance(item, Case | Loop) for item in case.then)


def _keyword(
    before: Sequence[tuple[str | None, t.Expr]], param: Param, value: t.Expr
) -> str | None:
    """The word of an argument: `stride=1 if ...` is clear by it; others have their place."""
    named = before and (before[-1][0] or isinstance(value, t.Choose))
    return param.name if named else None


def _each(leaf: Leaf) -> bool:
    """Whether a convolution of one call filters each channel that arrives by itself."""
    arrives = leaf.step.inputs[0].shape[0] if leaf.step else 1
    return (
        arrives > 1
        and constant(leaf.args.get("groups")) == arrives
        and (constant(leaf.args.get("channels")) == arrives)
    )


def _is_meant(leaf: Leaf, name: str, value: Any) -> bool:
    """Whether a value stands by its place: `same`, and what an op is about, `leaky_relu 0.2`."""
    if name == "pad" and value == SAME:
        return True
    plain = isinstance(value, int | float | tuple) and not isinstance(value, bool)
    return plain and name == next(iter(leaf.args)) and leaf.op.kind in ("shape", "activation")


def _is_number(slot: Any) -> bool:
    """Whether an argument is the number of a rate."""
    return isinstance(slot, Number) or NUMBER in {hole.kind for hole in parts(slot)}


def _rate(rule: Rule, said: Any, number: t.Expr) -> t.Expr:
    """`0.2 * nth / 16`, as decimals where the number is known."""
    if said is not None:
        return nodes.literal(rule.of(said))
    by = [("*", number), ("/", nodes.literal(rule.total))]
    return t.Chain(nodes.NOWHERE, nodes.literal(rule.rate), by)


def _is_block(template: Template) -> bool:
    return not template.nets and template.choice is None


def _given(call: Call, param: Param, values: Values) -> t.Expr:
    """An argument; what the call never uses has the commonest value."""
    slot = call.args[param.name]
    if constant(slot) is None and not _varies(slot) and id(slot) not in values.turns:
        return value_of(param.common)
    return slot_value(slot, values)


def _varies(slot: Any) -> bool:
    return (
        constant(slot) is None and isinstance(slot, Hole) and not isinstance(slot.expression, Fixed)
    )


def _equal(a: Any, b: Any) -> bool:
    """Whether two values are one to the language: 2 and 2.0 are, 1 and true are not."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    return bool(a == b)


def _own_name(head: Head) -> tuple[str, list[Item]]:
    """The name of an output, and its items with the labels that they have in it."""
    name, alone = head.name, head.items[0] if len(head.items) == 1 else None
    if isinstance(alone, Call | Leaf) and alone.label == name:
        return name, [replace(alone, label="")]
    for item in everything(head.items):
        if isinstance(item, Leaf | Call):
            item.label = relative(item.label, name)
    return name, head.items
