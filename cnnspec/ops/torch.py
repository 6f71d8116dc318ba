"""Finds the op that a name of PyTorch stands for: `nn.Conv2d` is `conv`, `F.relu` is `relu`.

The table is nowhere written down: each op says in `reads` which calls it is, and in `read` what
their arguments mean.  Whoever has PyTorch code and wants ops (the proof of generated modules)
asks here.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from typing import Any

from cnnspec.ops import ops
from cnnspec.ops.op import REGISTRY, Op, Reading
from cnnspec.ops.reading import Arguments, Unread
from cnnspec.records import record


@record(frozen=True)
class Form:
    """One spelling of an op in PyTorch: `nn.Conv2d(in_channels, out_channels, ...)`.

    `names` are the arguments in order, `positional` says how many of them may come by position,
    `defaults` holds PyTorch's own.  A name without a dot is a class that the op brings itself.
    """

    name: str
    op: type[Op]
    names: tuple[str, ...]
    positional: int
    defaults: Mapping[str, Any]

    @property
    def inplace(self) -> bool:
        """Whether the call takes `inplace`."""
        return "inplace" in self.names

    def bind(self, args: tuple[Any, ...], keywords: Mapping[str, Any]) -> Arguments:
        """Arguments by name, defaults filled in, as Python would bind them. Raises Unread."""
        if len(args) > self.positional:
            raise Unread(f"{self.name} with {len(args)} arguments by position")
        bound = dict(zip(self.names, args, strict=False))
        for name, value in keywords.items():
            if name not in self.names:
                raise Unread(f"{self.name} with {name}={value!r} is nothing that a spec can say")
            if name in bound:
                raise Unread(f"{self.name} gets {name} twice")
            bound[name] = value
        for name in self.names:
            if name not in bound:
                if name not in self.defaults:
                    raise Unread(f"{self.name} gets no {name}")
                bound[name] = self.defaults[name]
        return Arguments(self.name, bound)

    def read(self, args: tuple[Any, ...], keywords: Mapping[str, Any]) -> Reading:
        """The op that the call is, with its fields. Raises Unread."""
        return self.op.read(self.bind(args, keywords))


def parse(signature: str, op: type[Op]) -> Form:
    """The form that a text such as `nn.Linear(in_features, out_features, bias=True)` says."""
    name, _, inside = signature.partition("(")
    function = ast.parse(f"def f({inside.removesuffix(')')}): ...").body[0]
    assert isinstance(function, ast.FunctionDef)
    given = function.args
    positional = [a.arg for a in given.args]
    keyword_only = [a.arg for a in given.kwonlyargs]
    behind = positional[len(positional) - len(given.defaults) :]
    defaults = dict(zip(behind, map(ast.literal_eval, given.defaults), strict=True))
    for word, default in zip(keyword_only, given.kw_defaults, strict=True):
        if default is not None:
            defaults[word] = ast.literal_eval(default)
    return Form(name, op, (*positional, *keyword_only), len(positional), defaults)


_FOUND: dict[str, Form] = {}
_INDEXED: set[type[Op]] = set()


def form(name: str, loaded: bool = False) -> Form | None:
    """The form of a name (`nn.Conv2d`, `F.relu`, `Scale`), or None where no op has it.

    Ops that a spec has loaded are looked through first: most modules need no other, and with
    `loaded` no other is asked.
    """
    if name not in _FOUND and len(_INDEXED) != len(REGISTRY):
        _index(REGISTRY.values())
    if name not in _FOUND and not loaded and not _INDEXED.issuperset(ops().values()):
        _index(ops().values())
    return _FOUND.get(name)


def forms() -> dict[str, Form]:
    """Every form by its name."""
    _index(ops().values())
    return dict(_FOUND)


def _index(classes: Any) -> None:
    for op in list(classes):
        if op not in _INDEXED:
            _INDEXED.add(op)
            for signature in op.reads:
                found = parse(signature, op)
                _FOUND[found.name] = found


@cache
def helper(source: str, name: str = "") -> tuple[ast.ClassDef | ast.FunctionDef, str]:
    """A class or function that an op brings (`Op.brings`), as a tree and as its `ast.dump`."""
    kinds = ast.ClassDef | ast.FunctionDef
    found = [node for node in ast.parse(source).body if isinstance(node, kinds)]
    node = next((node for node in found if node.name == name), found[0])
    return node, ast.dump(node)
