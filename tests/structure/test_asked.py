"""What an op is, the op says: outside of ops/ nobody compares its name, or asks for its class."""

import ast
from collections import Counter
from collections.abc import Iterator

from cnnspec.ops import ops
from tests.structure.source import modules

REASONS = {
    "cnnspec.backends.torch.write.initial": "`kind` is a variable: it runs over kinds of layers",
    "cnnspec.elaborate.level": "`kind` is a variable: a word of the spec, as conv of `conv2`",
    "cnnspec.draw.parts.parts": "a word of an author: which cells a figure leaves out",
    "cnnspec.elaborate.joins": "a word of the spec: which of its calls made the layer",
}


def is_op_name(node: ast.AST) -> bool:
    """`layer.op.name`, `op.name`, `cls.name`, `callee.name`, `join.name`, `said.name`."""
    if not isinstance(node, ast.Attribute) or node.attr != "name":
        return False
    owner = node.value
    last = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    return last in ("op", "cls", "callee", "join", "said", "head")


def compared(tree: ast.AST) -> Iterator[ast.Compare]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(map(is_op_name, [node.left, *node.comparators])):
            yield node


def classes_asked_for(tree: ast.AST) -> Iterator[str]:
    """Classes of ops in `isinstance`."""
    names = {cls.__name__ for cls in ops().values()} - {"Add", "Mul", "Slice"}  # ast's as well
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance":
            asked = {n.id for n in ast.walk(node.args[1]) if isinstance(n, ast.Name)}
            yield from asked & names


def outside() -> dict[str, ast.Module]:
    apart = ("cnnspec.ops", "cnnspec.train")
    return {name: tree for name, tree in modules().items() if not name.startswith(apart)}


def test_a_comparison_is_found():
    found = "if node.op.name == 'concat' or callee.name in ('skip', 'add'): pass"
    assert len(list(compared(ast.parse(found)))) == 2
    assert list(compared(ast.parse("if branch.name == 'logits' and op.stacks: pass"))) == []
    assert list(classes_asked_for(ast.parse("isinstance(op, Conv)"))) == ["Conv"]


def test_no_name_of_an_op_is_compared_without_a_reason():
    counts = Counter(name for name, tree in outside().items() for _ in compared(tree))
    assert counts.keys() <= REASONS.keys()
    assert counts.total() <= 5


def test_no_class_of_an_op_is_asked_for():
    assert [
        (name, cls) for name, tree in outside().items() for cls in classes_asked_for(tree)
    ] == []
