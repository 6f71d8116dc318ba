"""Recipes: flat records to the plain data of a generated module (L30, M7)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from cnnspec.diagnostics import SpecError, did_you_mean, fail
from cnnspec.elaborate.arithmetic import Poison
from cnnspec.elaborate.evaluate import Poisoned
from cnnspec.elaborate.later import foreign, misuse
from cnnspec.elaborate.records import LIST_KEYS, PLAIN_KEYS, RECIPE_KEYS
from cnnspec.elaborate.scope import Missing, RecipeValue, Scope, kind_of
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.values import Record, Value, type_name

if TYPE_CHECKING:
    from cnnspec.elaborate.session import Session

ALL_KEYS = tuple(dict.fromkeys((*RECIPE_KEYS, *PLAIN_KEYS, *LIST_KEYS, "loss")))


def resolve(session: Session, name: str, scope: Scope, span: Span) -> dict[str, object]:
    """The settings of a recipe, base first, then its own, as plain data."""
    value = scope.find(name)
    if value is Missing:
        raise unknown(name, scope, span)
    if isinstance(value, Poison):
        raise Poisoned
    if not isinstance(value, RecipeValue):
        help = f"a recipe is declared as `recipe {name} {{ steps = 1000 }}`"
        raise fail("E0104", f"`{name}` is {kind_of(value)}, not a recipe", span, help=(help,))
    chain = _bases(value, span)
    settings: dict[str, object] = {}
    for link in reversed(chain):
        settings |= _settings(session, link)
    return settings


def unknown(name: str, scope: Scope, span: Span) -> SpecError:
    """E0101: no recipe has this name."""
    recipes = [n for n in scope.names() if isinstance(scope.find(n), RecipeValue)]
    note = did_you_mean(name, recipes)
    return fail("E0101", f"there is no recipe called `{name}`", span, note=note)


def _bases(value: RecipeValue, span: Span) -> list[RecipeValue]:
    """The recipe and its bases, each once."""
    chain = [value]
    while (base := chain[-1].recipe.base) is not None:
        scope, place = chain[-1].unit.scope, chain[-1].recipe.base_span or span
        found = scope.find(base)
        if isinstance(found, Poison):
            raise Poisoned
        if not isinstance(found, RecipeValue):
            raise unknown(base, scope, place)
        if any(link.recipe is found.recipe for link in chain):
            first = min((link.recipe.name_span for link in chain), key=lambda s: s.start)
            raise fail("E0115", f"recipe `{first.text}` is its own base", first)
        chain.append(found)
    return chain


def check_loss(name: str, scope: Scope, outputs: Iterable[str], net: str) -> SpecError | None:
    """A loss names outputs of the net that is trained with it (L15, L30)."""
    value = scope.find(name)
    known = list(outputs)
    for link in _bases(value, value.recipe.name_span):
        for setting in link.recipe.settings:
            if setting.key != "loss":
                continue
            for _, term in _terms(setting.value):
                word = term.rest[-1][1] if isinstance(term, t.Chain) else term
                if isinstance(word, t.Name) and word.name not in known:
                    message = f"the loss names `{word.name}`, and the outputs of `{net}` are "
                    note = did_you_mean(word.name, known)
                    return fail("E0101", message + ", ".join(known), word.span, note=note)
            return None
    return None


def _settings(session: Session, value: RecipeValue) -> dict[str, object]:
    found: dict[str, object] = {}
    for setting in value.recipe.settings:
        if setting.key not in ALL_KEYS:
            note = foreign.meant("settings", setting.key, ALL_KEYS)
            keys = (f"it has {', '.join(ALL_KEYS)}",)
            message = f"a recipe has no `{setting.key}`"
            raise fail("E0103", message, setting.span, note=note, notes=keys)
        if setting.key in found:
            first = next(s for s in value.recipe.settings if s.key == setting.key)
            raise misuse.given_twice(setting.key, first.span, setting.span)
        if setting.key == "loss":
            found["loss"] = loss(setting.value, session, value.unit.scope)
            continue
        result = session.evaluator.value(setting.value, value.unit.scope)
        found[setting.key] = _plain(setting, result)
    return found


def _plain(setting: t.Setting, value: Value) -> object:
    """A bundle becomes `{"name": ..., **keywords}`, a number stays one."""
    if setting.key in LIST_KEYS:
        return _words(setting, value)
    known = RECIPE_KEYS.get(setting.key, {})
    if isinstance(value, Record) and value.name in known:
        return _bundle(setting, value, known)
    if setting.key not in PLAIN_KEYS:
        words = ", ".join(f"{name}(...)" for name in known)
        message = f"`{setting.key}` is one of {words}, and {kind_of(value)} came"
        raise fail("E0108", message, setting.value.span)
    if isinstance(value, bool) or not isinstance(value, int | float):
        wanted = " or ".join(["a number", *(f"{name}(...)" for name in known)])
        message = f"`{setting.key}` is {wanted}, and {type_name(value)} came"
        raise fail("E0108", message, setting.value.span)
    return value


def _words(setting: t.Setting, value: Value) -> list[str]:
    """A list of some of the words that the key knows."""
    known = LIST_KEYS[setting.key]
    found = plain_value(value)
    if not isinstance(found, list) or not all(item in known for item in found):
        words = ", ".join(f'"{word}"' for word in known)
        message = f"`{setting.key}` is a list of {words}, and {type_name(value)} came"
        raise fail("E0108", message, setting.value.span)
    return found


def _bundle(setting: t.Setting, value: Record, known: dict[str, tuple[str, ...]]) -> object:
    for key, _ in value.keywords:
        if key not in known[value.name]:
            note = did_you_mean(key, known[value.name])
            takes = (f"it takes {', '.join(known[value.name]) or 'no keywords'}",)
            span = misuse.argument(setting.value, key)
            raise fail("E0103", f"{value.name} has no `{key}`", span, note=note, notes=takes)
    if value.args:
        raise fail("E0105", f"{value.name} takes keywords only", setting.value.span)
    name = value.name.replace("_", "-") if setting.key == "data" else value.name
    return {"name": name} | {k: plain_value(v) for k, v in value.keywords}


def plain_value(value: Value) -> Any:
    """A value of the language as JSON-like data: lists stay lists."""
    return [plain_value(v) for v in value] if type(value) is tuple else value


def loss(expr: t.Expr, session: Session, scope: Scope) -> dict[str, float]:
    """`logits + 0.3 * aux1`: a weight for each output."""
    weights: dict[str, float] = {}
    for sign, term in _terms(expr):
        name, weight = _term(term, session, scope)
        weights[name] = weights.get(name, 0.0) + (weight if sign == "+" else -weight)
    return weights


def _terms(expr: t.Expr) -> list[tuple[str, t.Expr]]:
    """The terms of a sum, each with its sign."""
    if isinstance(expr, t.Chain) and expr.rest[0][0] in "+-":
        return [("+", expr.first), *expr.rest]
    return [("+", expr)]


def _term(term: t.Expr, session: Session, scope: Scope) -> tuple[str, float]:
    if isinstance(term, t.Name):
        return term.name, 1.0
    if isinstance(term, t.Chain) and term.rest[-1][0] == "*":
        name, before = term.rest[-1][1], term.rest[:-1]
        factor = t.Chain(term.span, term.first, before) if before else term.first
        if isinstance(name, t.Name):
            weight = session.evaluator.value(factor, scope)
            if isinstance(weight, int | float) and not isinstance(weight, bool):
                return name.name, float(weight)
    raise fail("E0108", "a loss is a sum such as `logits + 0.3 * aux1`", term.span)
