"""Calls of ops and blocks: arguments to parameters, with the defaults of the scope (L9, L19)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cnnspec.diagnostics import Label, SpecError, fail
from cnnspec.elaborate.arithmetic import Poison, symbolic
from cnnspec.elaborate.evaluate import NOWHERE, Evaluator, Poisoned
from cnnspec.elaborate.later import foreign, misuse, rewrite, unfound
from cnnspec.elaborate.scope import BlockValue, Follower, Missing, Rule, Scope, kind_of
from cnnspec.elaborate.signature import header
from cnnspec.ops import ops
from cnnspec.ops.arguments import ArgumentError, bind, signature, signature_text
from cnnspec.ops.op import Op
from cnnspec.records import field, record
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.values import Shape, Size, Value


@record
class Values:
    """Evaluated arguments with their places, so that an error can point at one."""

    positional: list[Value] = field(default_factory=list)
    keywords: dict[str, Value] = field(default_factory=dict)
    spans: dict[str | int, Span] = field(default_factory=dict)

    def by_name(self, names: Iterable[str]) -> dict[str, Value]:
        """The arguments by the names of the parameters, which are in this order."""
        return dict(zip(names, self.positional, strict=False)) | self.keywords


class Calls:
    """Finds what a name calls and binds its arguments."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.plain: dict[type[Op], Op] = {}

    def callee(self, name: str, span: Span, scope: Scope) -> type[Op] | BlockValue:
        """The op or block that `name` calls here."""
        value = scope.find(name)
        if isinstance(value, BlockValue):
            return value
        if isinstance(value, Poison):
            raise Poisoned
        if name in ops():
            return ops()[name]
        if value is not Missing:
            raise misuse.not_callable(name, kind_of(value), span, scope.place(name))
        blocks = [n for n in scope.names() if isinstance(scope.find(n), BlockValue)]
        raise unfound.no_op(name, span, blocks)

    def values(
        self,
        args: Sequence[t.Arg],
        scope: Scope,
        arriving: Shape | None,
        known: Sequence[str] | None = None,
    ) -> Values:
        """Evaluate arguments in the caller's scope; positional ones stand first.

        `known` are the names of the parameters: an unknown keyword is an error whatever its value.
        """
        values = Values()
        for arg in args:
            if known is not None and arg.keyword is not None and arg.keyword not in known:
                value: Value = None
            else:
                value = self.evaluator.value(arg.value, scope, arriving)
            if arg.keyword is None:
                if values.keywords:
                    raise misuse.keyword_first(arg, values.spans, known)
                values.spans[len(values.positional)] = arg.span
                values.positional.append(value)
                continue
            if arg.keyword in values.keywords:
                raise misuse.given_twice(arg.keyword, values.spans[arg.keyword], arg.span)
            values.spans[arg.keyword] = arg.span
            values.keywords[arg.keyword] = value
        return values

    def op(self, cls: type[Op], values: Values, rule: Rule | None, span: Span) -> Op:
        """Build the op: what is written, then the scope's default, then the op's own."""
        if rule is None and not values.keywords and not values.positional:
            return self._bare(cls, span)
        names = signature(cls)
        for keyword in values.keywords:
            if keyword not in names:
                raise fail(
                    "E0103",
                    f"{cls.name} has no argument `{keyword}`",
                    values.spans.get(keyword, span),
                    note=foreign.meant("arguments", keyword, names),
                    notes=(signature_text(cls),),
                )
        given, values = values.spans, completed(cls, values, rule)
        try:
            return self.bind(cls, values.positional, values.keywords)
        except ArgumentError as error:
            anew = rewrite.positional(cls, values.positional, values.keywords, given)
            raise self._misfit(cls, error, values.spans, rule, span, anew) from None

    def bind(self, cls: type[Op], positional: Sequence[Value], keywords: dict[str, Value]) -> Op:
        """The op with these arguments as its fields. Raises ArgumentError."""
        return bind(cls, positional, keywords)

    def _bare(self, cls: type[Op], span: Span) -> Op:
        """An op without arguments: one for all that are written so."""
        found = self.plain.get(cls)
        if found is None:
            try:
                found = self.plain[cls] = self.bind(cls, (), {})
            except ArgumentError as error:
                raise self._misfit(cls, error, {}, None, span) from None
        return found

    def _misfit(
        self,
        cls: type[Op],
        error: ArgumentError,
        spans: dict[str | int, Span],
        rule: Rule | None,
        span: Span,
        written: tuple[str, ...] = (),
    ) -> SpecError:
        names, added = list(signature(cls)), rule.keywords if rule else {}
        own = {key: place for key, place in spans.items() if _within(place, span)}
        place = None if error.argument is None else spans.get(error.argument)
        help = (error.help,) if error.help else misuse.such_as(cls, error, own, added)
        if written and error.code in ("E0105", "E0108") and names:
            help = written
        labels = []
        if error.code == "E0106" and isinstance(error.argument, str):
            first = spans.get(names.index(error.argument))
            labels = [Label(first, "the first is here")] if first else []
        notes = (signature_text(cls),)
        return fail(error.code, error.message, place or span, labels=labels, notes=notes, help=help)

    def rule(self, default: t.Default, scope: Scope) -> Rule:
        """Evaluate a `default` statement (L19)."""
        cls, leader = self._default_op(default.call, scope)
        keywords = leader.by_name(signature(cls))
        self._check_keywords(cls, leader)
        followers = []
        for call in default.followers:
            follower, values = self._default_op(call, scope)
            self._check_keywords(follower, values)
            followers.append(
                Follower(follower, tuple(values.positional), values.keywords, call.span)
            )
        places = {n: leader.spans[i] for i, n in enumerate(signature(cls)) if i in leader.spans}
        spans = {k: s for k, s in (places | leader.spans).items() if isinstance(k, str)}
        return Rule(keywords, tuple(followers), default.span, spans)

    def _default_op(self, call: t.Call, scope: Scope) -> tuple[type[Op], Values]:
        cls = self.callee(call.name, call.name_span, scope)
        if isinstance(cls, BlockValue) or cls.join:
            what = "a block" if isinstance(cls, BlockValue) else "an op with a body"
            help = misuse.block_default(cls, call) if isinstance(cls, BlockValue) else ()
            raise fail(
                "E0112",
                f"`{call.name}` is {what}: it has no default",
                call.name_span,
                help=help,
            )
        return cls, self.values(call.args, scope, NOWHERE, list(signature(cls)))

    def _check_keywords(self, cls: type[Op], values: Values) -> None:
        for keyword in values.keywords:
            if keyword not in signature(cls):
                raise fail(
                    "E0103",
                    f"{cls.name} has no argument `{keyword}`",
                    values.spans[keyword],
                    note=foreign.meant("arguments", keyword, signature(cls)),
                    notes=(signature_text(cls),),
                )

    def given(self, block: BlockValue, values: Values) -> Values:
        """The arguments of a block's call with those that were bound before (L35)."""
        if not block.bound:
            return values
        check_places(block.name, block.params, values)
        bound, rest = dict(block.bound), list(values.positional)
        for keyword in values.keywords.keys() & bound.keys():
            message = f"`{keyword}` is bound already: {block}"
            raise fail("E0106", message, values.spans[keyword])
        made = Values(keywords={**values.keywords, **bound}, spans=dict(values.spans))
        behind = False
        for param in block.block.params:
            behind = behind or param.name in bound
            if param.name in bound or not rest:
                continue
            span = values.spans[len(values.positional) - len(rest)]
            if behind:
                made.keywords[param.name], made.spans[param.name] = rest.pop(0), span
            else:
                made.positional.append(rest.pop(0))
        return made

    def block(
        self,
        name: str,
        params: tuple[t.Param, ...],
        values: Values,
        scope: Scope,
        arriving: Shape | None,
        span: Span,
    ) -> dict[str, Value]:
        """Bind the parameters of a block or net in `scope`, the one its body will see."""
        names = [p.name for p in params]
        check_places(name, params, values)
        given = dict(zip(names, values.positional, strict=False))
        for keyword, value in values.keywords.items():
            if keyword not in names:
                raise fail(
                    "E0103",
                    f"{name} has no parameter `{keyword}`",
                    values.spans.get(keyword, span),
                    note=foreign.meant("arguments", keyword, names),
                    notes=(header(name, params),),
                )
            if keyword in given:
                first = values.spans[names.index(keyword)]
                raise misuse.given_twice(keyword, first, values.spans[keyword])
            given[keyword] = value
        bound: dict[str, Value] = {}
        for param, value in self.completed(name, params, given, scope, arriving, span):
            bound[param.name] = scope.values[param.name] = value
            scope.places[param.name] = param.span
        return bound

    def completed(
        self,
        name: str,
        params: tuple[t.Param, ...],
        given: dict[str, Value],
        scope: Scope,
        arriving: Any,
        span: Span,
    ) -> Iterator[tuple[t.Param, Value]]:
        """Every parameter with its value: the one given, else its default (E0107 without one).

        A default sees the parameters before it: whoever asks has entered them in `scope` by then.
        """
        for param in params:
            if param.name in given:
                yield param, given[param.name]
            elif param.default is not None:
                yield param, self.evaluator.value(param.default, scope, arriving)
            else:
                message = f"{name} needs `{param.name}`"
                raise fail("E0107", message, span, notes=(header(name, params),))


def check_places(name: str, params: tuple[t.Param, ...], values: Values) -> None:
    """Refuse more arguments by place than a block or net has parameters (E0105)."""
    count = len(params)
    if len(values.positional) > count:
        takes = f"{count} argument{'s' * (count != 1)}" if count else "no arguments"
        raise fail(
            "E0105",
            f"{name} takes {takes}, and {len(values.positional)} came",
            values.spans[count],
            notes=(header(name, params),),
        )


def completed(cls: type[Op], values: Values, rule: Rule | None) -> Values:
    """The arguments of an op's call with those of its default that the call does not write.

    What is written by place beats a default as what is written by keyword does (L19).
    """
    if rule is None:
        return values
    written = {*list(signature(cls))[: len(values.positional)], *values.keywords}
    added = {k: v for k, v in rule.keywords.items() if k not in written}
    spans = dict(values.spans)
    spans.update({k: rule.spans[k] for k in added if k in rule.spans})
    return Values(values.positional, values.keywords | added, spans)


def _within(place: Span, span: Span) -> bool:
    return place.source is span.source and span.start <= place.start < span.end


def check_weights(op: Op, x: Shape, span: Span) -> None:
    """Refuse a parameter whose shape a symbolic size decides (L24) or that is too large (S5)."""
    for name, shape in op.params(x).items():
        elements = 1
        for size in shape:
            if isinstance(size, Size):
                raise symbolic(f"the shape of {op.name}'s {name}", size, span)
            elements *= size
        if elements > 2**40:
            message = f"{op.name}'s {name} would have {elements:,} elements, and 2^40 are the most"
            raise fail("E0019", f"too large: {message}", span)


def check_open(op: Op, spans: dict[str | int, Span], span: Span) -> None:
    """Refuse an argument that a symbolic size decides (L24): the op would have it for one size."""
    for position, name in enumerate(signature(type(op))):
        size = _open_in(getattr(op, name))
        if size is not None:
            place = spans.get(name) or spans.get(position) or span
            raise symbolic(f"the `{name}` of {op.name}", size, place)


def _open_in(value: Value) -> Size | None:
    """A symbolic size in the value of an argument."""
    if isinstance(value, tuple):
        return next((size for part in value if (size := _open_in(part)) is not None), None)
    return value if isinstance(value, Size) else None
