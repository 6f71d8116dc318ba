"""What the compiler may emit (S3): the text is parsed again and every call looked up."""

from __future__ import annotations

import ast
from collections.abc import Iterator

BUILTINS = {
    "super", "range", "enumerate", "isinstance", "getattr", "hasattr", "min", "max", "OrderedDict",
    "float", "int", "len", "list",
}  # fmt: skip
METHODS = {
    "append", "add_module", "get", "modules", "children", "view", "dim", "permute",
    "flatten", "reshape", "mean", "transpose", "chunk", "expand", "new_zeros",
    "register_buffer", "unsqueeze", "__init__",
}  # fmt: skip
TYPES = {"bool", "dict", "list", "object", "str", "tuple"}
TENSORS = {
    "arange", "cat", "empty", "flatten", "full", "ones", "sigmoid", "square", "sum", "tanh",
    "tensor", "zeros",
}  # fmt: skip
"""Functions of torch itself; of nn and F every one may stand."""
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


def check(text: str) -> None:
    """Parse the module; every statement, import and call must be one of those known here."""
    tree = ast.parse(text)
    classes = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not isinstance(node, STATEMENTS):
            raise UnexpectedCode(f"line {node.lineno}: a {type(node).__name__}")
        if isinstance(node, ast.Import | ast.ImportFrom):
            _check_imports(node)
        if isinstance(node, ast.Call) and not _allowed(node.func, classes):
            raise UnexpectedCode(f"line {node.lineno}: a call of {ast.unparse(node.func)}")
    defined = {*classes, *_stored(tree), *(name for _, name in IMPORTS), *BUILTINS, *TYPES}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            _check_names(node, defined)


def _check_names(function: ast.FunctionDef, defined: set[str]) -> None:
    """Every name that a function reads must be its own, the file's or Python's."""
    arguments = {a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)}
    own = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and _is_set(n)}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and node.id not in defined | arguments | own:
            raise UnexpectedCode(f"line {node.lineno}: nothing is called {node.id}")


def _is_set(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def _stored(tree: ast.Module) -> set[str]:
    """The names of the file itself: its imports, constants and functions."""
    names = {"torch", "F"}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            names |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and _is_set(n)}
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


def _allowed(function: ast.expr, classes: set[str]) -> bool:
    match function:
        case ast.Name(name):
            return name in BUILTINS or name in classes or name == "layer"
        case ast.Attribute(value, name):
            root = value
            while isinstance(root, ast.Attribute | ast.Subscript):
                root = root.value
            if isinstance(root, ast.Name) and root.id == "torch":
                return isinstance(value, ast.Name) and name in TENSORS
            if isinstance(root, ast.Name) and root.id in {"nn", "F"}:
                return True
            return name in METHODS or (isinstance(root, ast.Name) and root.id == "self")
        case ast.Subscript(ast.Name("self")):
            return True
        case ast.Subscript(value):
            return _allowed(value, classes)
        case ast.Call(ast.Name("getattr")):
            return True
    return False
