"""Labels for what the flow goes on from, or an op looks at, and that has no name in the model.

A `from` needs a label.  An op without tensors has none in a module: it gets the name of the
variable that the model's own code keeps it in, else a number.
"""

from __future__ import annotations

import ast
import linecache
import re
from collections.abc import Iterator
from functools import cache

from cnnspec.importing.labels import is_name
from cnnspec.importing.trace import Scope, Step, Trace, beside, relative, scopes, steps
from cnnspec.ops.op import Op
from cnnspec.syntax.words import MODULE_ATTRIBUTES, RESERVED

USUAL = re.compile("[a-z][0-9]*|out|outputs?|identity|results?|ret|res|tmp")
"""Names of variables that say nothing."""


def named(step: Step) -> bool:
    """Whether a step has a name in the spec: tensors of its own, or a number."""
    return bool(step.path) and (step.stateful or step.scope.numbered)


def tell(trace: Trace) -> None:
    """The size of what arrives at a block is a number there: it has no label in the block."""
    for step in steps(trace.root):
        second = beside(step)
        if second is None or second is not step.scope.inputs[0] or step.scope.parent is None:
            continue
        assert isinstance(step.op, Op)
        step.op, step.inputs = step.op.told(second.shape), step.inputs[:1]


def label_inner(trace: Trace) -> None:
    """Label what leaves a module beside its output, so that all calls of a class have it alike.

    A pool whose maxima are gone back to has a label too, whatever it ends.
    """
    for step in steps(trace.root):
        if isinstance(step.op, Op) and step.op.places and (pool := step.inputs[1].maker):
            label_of(pool)
    for scope in scopes(trace.root):
        for value in scope.outputs[:-1] if scope.parent else ():
            if value.maker is not None:
                label_of(value.maker)


def label_of(step: Step) -> str:
    """The label of a step that has no name."""
    if not step.label and not named(step):
        taken = {*_taken(step.scope)}
        words = [word for word in _variables(*step.line) if word not in taken]
        step.label = words[0] if words else _numbered(taken)
    return step.label


def numbered(step: Step) -> bool:
    """Whether its label is a number that stands for no variable."""
    return bool(re.fullmatch("tap[0-9]+", step.label))


def _taken(scope: Scope) -> Iterator[str]:
    yield from (value.name for value in scope.inputs if value.name)
    for member in scope.body:
        yield relative(member.path, scope.path).partition(".")[0]
        yield getattr(member, "label", "")


def _numbered(taken: set[str]) -> str:
    return next(word for n in range(1, len(taken) + 2) if (word := f"tap{n}") not in taken)


def _variables(file: str, line: int) -> list[str]:
    """The variables that the statement at a line of a file sets, where their names say anything."""
    statements = _statements("".join(linecache.getlines(file)))
    found = [words for first, last, words in statements if first <= line <= last]
    return [*found[-1]] if found else []


@cache
def _statements(source: str) -> tuple[tuple[int, int, tuple[str, ...]], ...]:
    """First line, last line and telling variables of each assignment of a file."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Assign))
    return tuple((node.lineno, node.end_lineno or node.lineno, _words(node)) for node in nodes)


def _words(node: ast.Assign) -> tuple[str, ...]:
    names = [target.id for target in node.targets if isinstance(target, ast.Name)]
    return tuple(word for word in names if _telling(word))


def _telling(word: str) -> bool:
    kept = word in RESERVED or word in MODULE_ATTRIBUTES
    return is_name(word) and not USUAL.fullmatch(word) and not kept
