"""What the compiler may emit (S3): the text is parsed again and every call looked up."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cnnspec.backends.torch.python.reading import names_set, nodes
from cnnspec.ops.op import REGISTRY

BUILTINS = {
    "super", "range", "enumerate", "isinstance", "getattr", "hasattr", "min", "max", "OrderedDict",
    "float", "int", "len", "list", "make_divisible",
}  # fmt: skip
METHODS = {
    "append", "add_module", "register_parameter", "modules", "children", "get_submodule",
    "__init__",
}  # fmt: skip
"""Methods that the emitter itself calls; an op says what its form calls (`Op.uses`)."""
TYPES = {"bool", "dict", "list", "object", "str", "tuple"}
STATEMENTS = (
    ast.Module, ast.ClassDef, ast.FunctionDef, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr,
    ast.Return, ast.If, ast.For, ast.Import, ast.ImportFrom, ast.Pass, ast.With,
)  # fmt: skip
IMPORTS = {
    ("torch", ""), ("torch", "Tensor"), ("torch", "nn"), ("torch.nn", "functional"),
    ("collections", "OrderedDict"), ("typing", "NamedTuple"), ("typing", "Final"),
}  # fmt: skip


class UnexpectedCode(Exception):
    """The emitted text holds something that the compiler never writes: a bug, or an attack."""


def _said() -> set[str]:
    """What the ops say that their forms call: functions of torch, and methods behind a dot."""
    ops = [*REGISTRY.values()]
    read = (call.partition("(")[0] for op in ops for call in op.reads)
    return {*(f".{name}" for name in METHODS), *read, *(name for op in ops for name in op.uses)}


def check(text: str) -> ast.Module:
    """Parse the module; every statement, import and call must be one of those known here.

    Gives the tree, for the proof.
    """
    tree = ast.parse(text)
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    defined = {*classes, *_stored(tree), *(name for _, name in IMPORTS), *BUILTINS, *TYPES}
    functions: list[ast.FunctionDef] = []
    said = _said()
    for node in nodes(tree):
        if isinstance(node, ast.stmt):
            _check_statement(node)
            if isinstance(node, ast.FunctionDef):
                functions.append(node)
        elif isinstance(node, ast.Call) and not _allowed(node.func, classes, said):
            raise UnexpectedCode(f"line {node.lineno}: a call of {ast.unparse(node.func)}")
    for function in functions:
        _check_names(function, defined)
    return tree


def _check_statement(node: ast.stmt) -> None:
    if not isinstance(node, STATEMENTS):
        raise UnexpectedCode(f"line {node.lineno}: a {type(node).__name__}")
    if isinstance(node, ast.Import | ast.ImportFrom):
        _check_imports(node)


def _check_names(function: ast.FunctionDef, defined: set[str]) -> None:
    """Every name that a function reads must be its own, the file's or Python's."""
    names = [node for node in nodes(function) if isinstance(node, ast.Name)]
    own = {a.arg for a in (*function.args.args, *function.args.kwonlyargs)}
    own |= {name.id for name in names if isinstance(name.ctx, ast.Store)}
    for name in names:
        if name.id not in defined and name.id not in own:
            raise UnexpectedCode(f"line {name.lineno}: nothing is called {name.id}")


def _stored(tree: ast.Module) -> set[str]:
    """The names of the file itself: its imports, constants and functions."""
    names = {"torch", "F"}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            names |= names_set(node)
    return names


def _check_imports(node: ast.Import | ast.ImportFrom) -> None:
    for module, name in _imported(node):
        if (module, name) not in IMPORTS:
            raise UnexpectedCode(f"line {node.lineno}: an import of {module} {name}")


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            yield node.module or "", alias.name
        else:
            yield alias.name, ""


def _allowed(function: ast.expr, classes: set[str], said: set[str]) -> bool:
    """Whether a call is one that the emitter or an op writes; of nn and F every one may stand."""
    match function:
        case ast.Name(name):
            brought = name.islower() and name in said  # a function that an op brings
            return name in BUILTINS or name in classes or name == "layer" or brought
        case ast.Attribute(value, name):
            root = value
            while isinstance(root, ast.Attribute | ast.Subscript):
                root = root.value
            if isinstance(root, ast.Name) and root.id == "torch":
                return isinstance(value, ast.Name) and f"torch.{name}" in said
            if isinstance(root, ast.Name) and root.id in {"nn", "F"}:
                return True
            return f".{name}" in said or (isinstance(root, ast.Name) and root.id == "self")
        case ast.Subscript(ast.Name("self")):
            return True
        case ast.Subscript(value):
            return _allowed(value, classes, said)
        case ast.Call(ast.Name("getattr")):
            return True
    return False
