"""Every list-like construct of the language, at any length: doubling it may cost 2.3 times (S6)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType

from cnnspec import diagnostics
from cnnspec.analyses.checking import check_unit
from cnnspec.elaborate.workspace import Workspace
from cnnspec.report.text import render
from cnnspec.source import Source
from cnnspec.syntax import parser
from cnnspec.syntax.format import formatted
from cnnspec.syntax.parser import SyntaxFaults

Make = Callable[[int], str]


def net(body: str, size: str = "3x32x32") -> str:
    return f"net it {{ input {size}\n{body}\n}}\n"


def lines(text: str, count: int, between: str = "\n") -> str:
    """`text` so many times, `@` standing for the number of each."""
    return between.join(text.replace("@", str(n)) for n in range(count))


MISPRINT = 'claim params = 1 but 36 because misprint "x"'

CASES: dict[str, tuple[int, Make]] = {
    "layers": (1000, lambda n: net(lines("relu", n))),
    "layers of a chain": (1000, lambda n: net(lines("relu", n, " -> "))),
    "statements on a line": (1000, lambda n: net(lines("relu", n, "; "))),
    "convolutions with arguments": (
        1000, lambda n: net(lines("conv 8, 3x3/1, pad=same, bias=false", n)),
    ),
    "labels": (1000, lambda n: net(lines("name@: relu", n))),
    "dotted labels": (1000, lambda n: net(lines("a.b@: relu", n))),
    "assertions": (1000, lambda n: net(lines("relu => 3x32x32", n))),
    "blank lines": (2000, lambda n: net("\n" * n + "relu")),
    "blank lines before an arrow": (2000, lambda n: net("relu" + "\n" * n + "-> relu")),
    "comments": (2000, lambda n: net(lines("# words", n) + "\nrelu")),
    "comments before an arrow": (2000, lambda n: net(f"relu\n{lines('# words', n)}\n-> relu")),
    "documentation": (2000, lambda n: lines("## words", n) + "\n" + net("relu")),
    "length of a comment": (20000, lambda n: net(f"# {'w' * n}\nrelu")),
    "length of a string": (20000, lambda n: net('require true, "' + "w" * n + '"\nrelu')),
    "blanks": (20000, lambda n: net(f"relu{' ' * n}\nrelu")),
    "length of a number": (2000, lambda n: net(f"let n = {'1' * n}\nrelu")),
    "length of a name": (20000, lambda n: net(f"let {'n' * n} = 1\nrelu")),
    "CRLF": (1000, lambda n: net(lines("relu", n)).replace("\n", "\r\n")),
    "nesting": (30, lambda n: net("{" * n + "relu" + "}" * n)),
    "brackets": (30, lambda n: net(f"let n = {'(' * n}1{')' * n}\nrelu")),
    "arms": (500, lambda n: net(f"add {{ {lines('relu', n, '; ')} }}")),
    "arms of a concat": (500, lambda n: net(f"concat {{ {lines('conv 2, 1x1', n, '; ')} }}")),
    "forks": (500, lambda n: net(lines("add { relu; skip }", n))),
    "groups": (500, lambda n: net(lines("{ relu }", n))),
    "stages": (500, lambda n: net(lines("stage@: seq { relu; relu }", n))),
    "children of a seq": (1000, lambda n: net(f"all: seq {{ {lines('relu', n, '; ')} }}")),
    "taps": (500, lambda n: net(f"a: relu\n{lines('from a -> relu', n)}")),
    "taps of layers each": (500, lambda n: net(lines("a@: relu\nfrom a@", n))),
    "taps of children": (
        300, lambda n: net(f"a: seq {{ {lines('relu', n, '; ')} }}\n{lines('from a[@]', n)}"),
    ),
    "shares": (500, lambda n: net(f"a: conv 3, 1x1\n{lines('share a', n)}")),
    "outputs": (300, lambda n: net(f"a: relu\n{lines('output o@: from a -> relu', n)}\nrelu")),
    "auxiliary heads": (
        300, lambda n: net(f"a: relu\n{lines('aux o@: from a -> relu', n)}\nrelu"),
    ),
    "dense layers": (
        200, lambda n: net(f"repeat {n} {{ concat {{ skip; conv 1, 1x1 }} }}"),
    ),
    "turns of repeat": (1000, lambda n: net(f"repeat {n} {{ relu }}")),
    "turns of for": (1000, lambda n: net(f"for i in range({n}) {{ a${{i}}: relu }}")),
    "values of for": (1000, lambda n: net(f"for i in [{lines('@', n, ', ')}] {{ relu }}")),
    "rows of for": (500, lambda n: net(f"for i, j in [{lines('[@, 1]', n, ', ')}] {{ relu }}")),
    "conditions": (500, lambda n: net(lines("if true { relu } else { tanh }", n))),
    "else if": (
        400, lambda n: net(f"{lines('if false { relu }', n, ' else ')} else {{ relu }}"),
    ),
    "lets": (1000, lambda n: net(f"{lines('let a@ = 1', n)}\nrelu")),
    "lets that follow": (
        1000, lambda n: net(f"let a0 = 1\n{chained(n)}\nrelu"),
    ),
    "lets of a file": (1000, lambda n: lines("let a@ = 1", n) + "\n" + net("relu")),
    "requires": (1000, lambda n: net(f"{lines('require 1 < 2', n)}\nrelu")),
    "terms": (1000, lambda n: net(f"let n = {lines('1', n, ' + ')}\nrelu")),
    "factors": (1000, lambda n: net(f"let n = {lines('1', n, ' * ')}\nrelu")),
    "ands": (1000, lambda n: net(f"let n = {lines('true', n, ' and ')}\nrelu")),
    "signs": (30, lambda n: net(f"let n = {'- ' * n}1\nrelu")),
    "values of a list": (2000, lambda n: net(f"let n = [{lines('@', n, ', ')}]\nrelu")),
    "lists in a list": (500, lambda n: net(f"let n = [{lines('[@, 1]', n, ', ')}]\nrelu")),
    "arguments of min": (500, lambda n: net(f"let n = min({lines('@', n, ', ')})\nrelu")),
    "sizes written with x": (500, lambda n: net(f"let n = {lines('3', n, 'x')}\nrelu")),
    "rows of a connection table": (
        500, lambda n: net(f"conv {n}, 1x1, connections=[{lines('[0, 1]', n, ', ')}]"),
    ),
    "parameters": (
        500, lambda n: f"block b({lines('p@ = 1', n, ', ')}) {{ relu }}\n" + net("b"),
    ),
    "arguments": (
        300,
        lambda n: f"block b({lines('p@', n, ', ')}) {{ relu }}\n" + net(f"b {lines('@', n, ', ')}"),
    ),
    "keyword arguments": (
        300,
        lambda n: f"block b({lines('p@', n, ', ')}) {{ relu }}\n"
        + net(f"b {lines('p@=@', n, ', ')}"),
    ),
    "parameters of a net": (
        500,
        lambda n: f"net it({lines('p@ = 1', n, ', ')}) {{ input 3; relu }}",
    ),
    "blocks": (1000, lambda n: lines("block b@(c) { relu }", n) + "\n" + net("relu")),
    "blocks called": (500, lambda n: lines("block b@() { relu }", n) + "\n" + net(lines("b@", n))),
    "calls of a block": (1000, lambda n: "block b(c) { relu }\n" + net(lines("b 1", n))),
    "calls with new arguments": (500, lambda n: "block b(c) { relu }\n" + net(lines("b @", n))),
    "blocks in blocks": (
        30,
        lambda n: "block b0() { relu }\n"
        + "".join(f"block b{i}() {{ b{i - 1} }}\n" for i in range(1, n))
        + net(f"b{n - 1}"),
    ),
    "defaults": (500, lambda n: net(lines("default conv bias=false", n) + "\nconv 3, 1x1")),
    "followers": (500, lambda n: net(f"default conv -> {lines('relu', n, ' -> ')}\nconv 3, 1x1")),
    "followers of many": (
        500, lambda n: net(f"default conv -> bn -> relu\n{lines('conv 3, 1x1', n)}"),
    ),
    "nets": (500, lambda n: lines("net n@ { input 3; relu }", n)),
    "variants": (500, lambda n: "net a(c) { input 3; linear c }\n" + lines("net n@ = a(@ + 1)", n)),
    "sources": (1000, lambda n: lines('source s@ = paper("x")', n) + "\n" + net("relu")),
    "recipes": (500, lambda n: lines("recipe r@ { batch = 1 }", n) + "\n" + net("relu")),
    "claims": (1000, lambda n: net(f"relu\n{lines('claim params = 0', n)}")),
    "claims that fail": (500, lambda n: net(f"relu\n{lines('claim params = @ + 1', n)}")),
    "claims on layers": (
        500, lambda n: net(f"{lines('a@: relu', n)}\n{lines('claim params(a@) = 0', n)}"),
    ),
    "claims with a cause": (
        500,
        lambda n: net("linear 9\n" + lines(MISPRINT, n), size="3"),
    ),
    "unknown names": (300, lambda n: net(f"{lines('conv wrong@, 1x1', n)}")),
    "unknown names among many": (
        300, lambda n: net(f"{lines('let known@ = 1', n)}\n{lines('conv knwn@, 1x1', n)}"),
    ),
    "unknown ops": (300, lambda n: net(lines("cnov@ 3, 1x1", n))),
    "unknown paths": (300, lambda n: net(f"{lines('a@: relu', n)}\n{lines('from b@', n)}")),
    "layers of one name": (300, lambda n: net(lines("a: relu", n))),
    "statements that do not parse": (300, lambda n: net(lines("conv 3 3", n))),
    "brackets that never close": (500, lambda n: net("(" * n)),
    "brackets that close nothing": (500, lambda n: net(")" * n)),
    "strings that never close": (500, lambda n: net(lines('"', n))),
    "hidden characters": (500, lambda n: net("\u200b" * n)),
}  # fmt: skip
"""Construct -> a length, and the text at any length."""


def chained(count: int) -> str:
    return "\n".join(f"let a{i} = a{i - 1}" for i in range(1, count))


def imports(count: int, folder: Path) -> str:
    """A file that imports so many others."""
    for n in range(count):
        (folder / f"f{n}.cnn").write_text(f"block b{n}() {{ relu }}\n", encoding="utf-8")
    return lines('import b@ from "f@.cnn"', count) + "\n" + net("relu")


def imported(count: int, folder: Path) -> str:
    """A file that imports so many names from another."""
    (folder / "all.cnn").write_text(lines("block b@() { relu }", count) + "\n", encoding="utf-8")
    return f'import {lines("b@", count, ", ")} from "all.cnn"\n' + net("relu")


FILES: dict[str, tuple[int, Callable[[int, Path], str]]] = {
    "imports": (100, imports),
    "imported names": (500, imported),
}
"""The same for constructs that need files."""


def check(text: str, path: str = "") -> Workspace:
    """What `cnnspec check` does with a file."""
    workspace = Workspace()
    unit = workspace.read_text(text, "net.cnn", path)
    if unit is not None:
        check_unit(workspace, unit)
    render(list(workspace.diagnostics))
    return workspace


def fmt(text: str, path: str = "") -> None:
    """What `cnnspec fmt` does with a file that can be parsed."""
    with suppress(SyntaxFaults):
        formatted(Source("net.cnn", text, path))


def calls(text: str, path: str = "", run: Callable[[str, str], object] = check) -> int:
    """How many calls of Python functions a run makes: the same on every machine."""
    diagnostics._closest.cache_clear()
    parser.forget_all()
    return counted(lambda: run(text, path))


def counted(work: Callable[[], object]) -> int:
    """How many calls of Python functions something makes."""
    made = 0

    def count(frame: FrameType, event: str, arg: object) -> None:
        nonlocal made
        made += event == "call" or event == "c_call"

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return made
