"""A module's file, statement by statement: imports, constants, classes, the net's function."""

from __future__ import annotations

import ast
from typing import Any

from cnnspec.backends.torch.proof.comments import Comments
from cnnspec.backends.torch.proof.runtime import Runtime
from cnnspec.backends.torch.proof.statements import function, known_hints
from cnnspec.backends.torch.proof.values import Class, Dotted
from cnnspec.ops.torch import form, helper

BASES = ("nn.Module", "NamedTuple", "nn.Sequential", "nn.ModuleList", "nn.ModuleDict")
METHODS = {"__init__", "forward"}
CONSTANTS = ("INPUT_SIZE", "RECIPE")
IMPORTED = {"torch", "nn", "F", "Tensor", "OrderedDict", "NamedTuple", "Final", "annotations"}
"""What a module may import, by its one full name."""
PACKAGES = {"torch", "torch.nn", "collections", "typing", "__future__"}


class File:
    """Reads a file into `runtime.names`; `constants` are INPUT_SIZE and RECIPE."""

    def __init__(self, tree: ast.Module, runtime: Runtime, comments: Comments) -> None:
        self.runtime, self.comments = runtime, comments
        self.constants: dict[str, Any] = {}
        for node in tree.body:
            runtime.meter.line = node.lineno
            self.statement(node)

    def statement(self, node: ast.stmt) -> None:
        """Read one statement of the file; only those of generated modules are known."""
        match node:
            case ast.Expr(ast.Constant(str())):
                pass
            case ast.Import() | ast.ImportFrom():
                self.imports(node)
            case ast.Assign([ast.Name(name)], value) if name in CONSTANTS:
                self.constant(name, value)
            case ast.AnnAssign(ast.Name(name), hint, ast.expr() as value) if name in CONSTANTS:
                known_hints(self.runtime, [hint])
                self.constant(name, value)
            case ast.ClassDef():
                self.define(node.name, self.declared(node))
            case ast.FunctionDef() if self.brought(node):
                self.define(node.name, Dotted(node.name))
            case ast.FunctionDef():
                self.define(node.name, function(self.runtime, self.comments, node))
            case _:
                raise self.runtime.meter.fault("a statement that no module of a spec has")

    def define(self, name: str, value: Any) -> None:
        """A name of the file means one thing."""
        if name in self.runtime.names:
            raise self.runtime.meter.fault(f"{name} is defined twice, or hides another {name}")
        self.runtime.names[name] = value

    def constant(self, name: str, value: ast.expr) -> None:
        """Note the value of INPUT_SIZE or RECIPE: a literal."""
        try:
            self.constants[name] = ast.literal_eval(value)
        except ValueError:
            raise self.runtime.meter.fault(f"{name} is more than plain values") from None

    def imports(self, node: ast.Import | ast.ImportFrom) -> None:
        """Bind what an import names; only parts of PyTorch and of Python's typing may be named."""
        package = "" if isinstance(node, ast.Import) else node.module
        for alias in node.names:
            full = self.full(f"{package}.{alias.name}" if package else alias.name)
            if package not in (*PACKAGES, "") or full not in IMPORTED:
                raise self.runtime.meter.fault(f"an import of {full}")
            if isinstance(node, ast.Import) and not alias.asname:
                full = "torch"  # `import torch.nn` binds torch
            self.define(alias.asname or full, Dotted(full))

    def full(self, name: str) -> str:
        """One spelling for each imported name, without its package: `Tensor`, `nn.Conv2d`."""
        name = self.runtime.full(name).removeprefix("torch.")
        for package in PACKAGES - {"torch"}:
            name = name.removeprefix(f"{package}.")
        return name

    def brought(self, node: ast.ClassDef | ast.FunctionDef) -> bool:
        """Whether an op brings the class or function; then it must be that op's text."""
        known = form(node.name, loaded=True)
        if known is None:
            return False
        if ast.dump(node) != helper(known.op.brings(), node.name)[1]:
            kind = "class" if isinstance(node, ast.ClassDef) else "function"
            raise self.runtime.meter.fault(
                f"{kind} {node.name} is not the text that {known.op.name} brings"
            )
        return True

    def declared(self, node: ast.ClassDef) -> Any:
        """A class; one that an op brings must be that op's text, and is a leaf."""
        if self.brought(node):
            return Dotted(node.name)
        base = ast.unparse(node.bases[0]) if len(node.bases) == 1 else ""
        found = Class(node.name, self.runtime.full(base))
        if found.base not in BASES or node.decorator_list or node.keywords:
            raise self.runtime.meter.fault(f"class {node.name} is no plain module")
        root = base.partition(".")[0]
        if not isinstance(self.runtime.names.get(root), Dotted):
            raise self.runtime.meter.fault(f"nothing is called {root}")
        fields = []
        for inner in node.body:
            self.runtime.meter.line = inner.lineno
            if field := self.member(found, inner):
                fields.append(field)
        found.fields = tuple(fields)
        return found

    def member(self, cls: Class, node: ast.stmt) -> str:
        """A method or a field of a class; gives a field's name."""
        match node:
            case ast.Expr(ast.Constant(str())) | ast.Pass():
                return ""
            case ast.AnnAssign(ast.Name(name), hint, None):
                known_hints(self.runtime, [hint])
                return name
            case ast.FunctionDef() if node.name in METHODS and node.name not in cls.methods:
                found = function(self.runtime, self.comments, node, method=True)
                cls.methods[node.name] = found
                return ""
        raise self.runtime.meter.fault(f"class {cls.name} holds more than constructor and forward")
