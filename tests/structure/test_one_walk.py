"""One walk of bodies (ADR 7): elaboration and the torch backend fill hooks and repeat no rule."""

import ast

from cnnspec.backends.torch.specialise.walk import Walker
from cnnspec.elaborate.control import Control
from cnnspec.elaborate.net import NetBody
from cnnspec.elaborate.walk import Walk
from tests.structure.source import modules

STATEMENTS = {"Let", "Default", "Require", "If", "For", "Repeat"}
LAYERS = {"Call", "Fork", "Seq", "Group", "From", "Share"}
REASONS = {
    "cnnspec.elaborate.control": "the walk",
    "cnnspec.elaborate.walk": "the walk",
    "cnnspec.elaborate.foresee": "adds up what a body costs at the least, and runs nothing",
    "cnnspec.elaborate.leaves": "after an error: the labels that a statement would have made",
    "cnnspec.elaborate.names": "which names a body mentions, whatever their values",
    "cnnspec.importing.text": "writes a tree as text, whatever it means",
    "cnnspec.editor.names": "where the names of a body stand, for an editor",
}
"""Who tells statements or forms of layers apart, and what for."""

RULES = (
    "run splice conditional let chain layer label filled named op follower called_with fork arms "
    "words share"
).split()
"""What is the same with known and with open numbers."""


def told_apart(match: ast.Match) -> set[str]:
    """The nodes of the syntax tree that a `match` has cases for: `case t.Let():`."""
    classes = (c.cls for case in match.cases for c in ast.walk(case.pattern)
               if isinstance(c, ast.MatchClass))  # fmt: skip
    of_tree = (c for c in classes if isinstance(c, ast.Attribute) and ast.unparse(c.value) == "t")
    return {c.attr for c in of_tree}


def test_statements_and_layers_are_told_apart_in_the_walk():
    found = set()
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Match):
                nodes = told_apart(node)
                if len(nodes & STATEMENTS) > 2 or len(nodes & LAYERS) > 2:
                    found.add(name)
    assert found == REASONS.keys()


def test_no_walk_has_rules_of_its_own():
    for rule in RULES:
        (first,) = (cls for cls in (Control, Walk) if rule in vars(cls))
        for walk in (NetBody, Walker):
            assert getattr(walk, rule) is getattr(first, rule), (walk, rule)


ONCE = {
    "defaults": {
        "cnnspec.elaborate.calls.completed": "the rule",
        "cnnspec.backends.torch.specialise.parameters.bind": "that of the class, for its signature",
        "cnnspec.elaborate.foresee.arguments": "of a body that is not run: a value or None",
    },
    "paths": {
        "cnnspec.elaborate.paths.split": "the rule",
        "cnnspec.draw.block.heads.holders": "the levels around a row of a figure",
    },
    "containers": {"cnnspec.backends.torch.specialise.state.contains": "the rule"},
}
"""Where a value of a parameter's default is asked for, where a path is tried from its longest
beginning down, and where braces become a container."""


def asks_for_a_default(node: ast.AST) -> bool:
    """`evaluator.value(param.default, ...)`."""
    match node:
        case ast.Call(ast.Attribute(attr="value"), [ast.Attribute(attr="default"), *_]):
            return True
    return False


def shortens_a_path(node: ast.AST) -> bool:
    """`range(len(words), 0, -1)`."""
    match node:
        case ast.Call(ast.Name("range"), [ast.Call(ast.Name("len")), ast.Constant(0), _]):
            return True
    return False


def makes_a_container(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ContainerItem"


def where(asked) -> set[str]:
    """The functions that hold what is asked for."""
    return {
        f"{name}.{function.name}"
        for name, tree in modules().items()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and any(map(asked, ast.walk(function)))
    }


def test_defaults_paths_and_containers_have_one_place():
    assert where(asks_for_a_default) == ONCE["defaults"].keys()
    assert where(shortens_a_path) == ONCE["paths"].keys()
    assert where(makes_a_container) == ONCE["containers"].keys()
