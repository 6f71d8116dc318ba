"""The proof of a module: what it computes, holds and begins with is what the IR says.

No torch, nothing executed.  The factory is interpreted, which builds a tree of modules; `forward`
is interpreted with terms for tensors, block by block beside the IR (`expected`): every op with all
its arguments, every shape and edge, names and order of the state_dict, the outputs' names; beside
these what terms cannot see: values overwritten in place, initial weights, RECIPE, INPUT_SIZE and
the shapes in the comments of `forward`.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from cnnspec import ir
from cnnspec.backends.torch.proof.blocks import Blocks, ManyValues
from cnnspec.backends.torch.proof.building import Builder
from cnnspec.backends.torch.proof.comments import Comments
from cnnspec.backends.torch.proof.expected import Expected
from cnnspec.backends.torch.proof.faults import Meter, Unproved, differs
from cnnspec.backends.torch.proof.file import File
from cnnspec.backends.torch.proof.runtime import Runtime
from cnnspec.backends.torch.proof.state import State
from cnnspec.backends.torch.proof.tensors import Tensors
from cnnspec.backends.torch.proof.values import (
    At,
    Fresh,
    Function,
    Made,
    Outputs,
    Storage,
    Tensor,
)

TEXT_MAX = 4 * 2**20
"""The largest module, in characters; the largest of the zoo has 0.03 of it."""


def prove(
    net: ir.Net,
    text: str,
    *,
    args: Mapping[str, Any],
    recipe: Mapping[str, Any],
    values: Mapping[str, Any] | None = None,
    tree: ast.Module | None = None,
) -> None:
    """Raise Unproved, with the first difference, unless a module is the net.

    `args` are the values of the net's parameters, for the names in its comments; `recipe` is plain
    data by M7.  The factory is called without arguments, so that its defaults are proved too, or
    with `values` where the net was elaborated with others; comments hold at the defaults alone.
    `tree` is the text's, where somebody has parsed it already.
    """
    opened: set[int] = set()
    try:
        tree = tree or parsed(text)
        while True:  # each turn goes into one more block of the net
            comments = Comments("" if values else text, args)
            try:
                _Proof(net, tree, comments, opened).run(recipe, values or {})
                return
            except ManyValues as found:
                opened.add(id(found.module))
    except RecursionError:
        raise Unproved("nested too deep for a proof") from None


def parsed(text: str) -> ast.Module:
    """A module's tree. Raises Unproved where it is no Python, or too long."""
    if len(text) > TEXT_MAX:
        raise Unproved(f"longer than {TEXT_MAX:,} characters")
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise Unproved(f"no Python: {error.msg}", error.lineno or 0) from None
    except (ValueError, MemoryError) as error:
        raise Unproved(f"no Python: {error}") from None


class _Proof:
    """One proof: its parts put together, and what stands above all blocks."""

    def __init__(self, net: ir.Net, tree: ast.Module, comments: Comments, opened: set[int]) -> None:
        self.net, self.meter = net, Meter()
        self.expected = Expected(net, opened)
        terms = self.expected.terms
        self.builder = Builder(self.meter, terms)
        self.state = State(self.expected)
        tensors = Tensors(self.meter, terms, self.builder)
        self.blocks = Blocks(self.meter, self.expected, tensors, self.state)
        self.runtime = Runtime(self.meter, self.builder, tensors, self.blocks)
        self.blocks.call = self.runtime.call
        self.file, self.comments = File(tree, self.runtime, comments), comments

    def run(self, recipe: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        made = self.build(dict(values))
        outputs = self.blocks.whole.outputs
        aux = {branch.name for branch in self.net.branches if branch.kind == "aux"}
        always = {name: term for name, term in outputs.items() if name not in aux}
        self.returns(made, always, training=False)
        if aux:
            last = {name: term for name, term in outputs.items() if name in aux}
            self.returns(made, always | last, training=True)
        self.state.holds(made, self.blocks.whole)
        self.state.begins(made, self.blocks.whole)
        if any(walker is not made for walker in self.builder.walkers):
            raise Unproved("a constructor sets initial weights in blocks that it does not own")
        self.constants(recipe)
        if self.comments.fault is not None:
            raise self.comments.fault

    def build(self, values: dict[str, Any]) -> Made:
        """The tree of the net, as its function builds it."""
        name = self.net.name
        factory = self.runtime.names.get(name)
        if not isinstance(factory, Function):
            raise Unproved(f"there is no function {name}")
        fresh = self.runtime.call(factory, (), values)
        if not isinstance(fresh, Fresh) or not isinstance(fresh.module, Made):
            raise Unproved(f"{name} builds no module", factory.line)
        return fresh.module

    def returns(self, made: Made, wanted: Mapping[str, int], training: bool) -> None:
        """The net's outputs by name, in order; `wanted` has their terms."""
        blocks, terms = self.blocks, self.expected.terms
        blocks.level, blocks.training = blocks.whole, training
        self.inputs(made)
        inputs = [
            Tensor(
                terms.number("input", entry.name, ()),
                tuple(map(int, entry.shape)),
                Storage("the net's input"),
            )
            for entry in self.net.inputs
        ]
        found = blocks.forward(At(made, ""), tuple(inputs))
        if isinstance(found, Tensor) and len(wanted) == 1:
            found = Outputs({next(iter(wanted)): found})
        names = list(found.values) if isinstance(found, Outputs) else []
        if not isinstance(found, Outputs) or names != list(wanted):
            when = " in training" if training else ""
            module = ", ".join(names) or "one value"
            raise differs(f"the outputs{when}", ", ".join(wanted), module, self.meter.line)
        for name, term in wanted.items():
            blocks.equal(found.values[name], term, name)

    def inputs(self, made: Made) -> None:
        """Where a net has several inputs, `forward` names them as the spec does."""
        forward = made.cls.methods.get("forward")
        if len(self.net.inputs) < 2 or forward is None:
            return
        names = [name.removesuffix("_") for name in forward.parameters[1:]]
        wanted = [entry.name.removesuffix("_") for entry in self.net.inputs]
        if names != wanted:
            raise differs("the inputs", ", ".join(wanted), ", ".join(names), forward.line)

    def constants(self, recipe: Mapping[str, Any]) -> None:
        """INPUT_SIZE and RECIPE."""
        sizes = tuple(map(int, self.net.inputs[0].shape))
        found = self.file.constants
        if found.get("INPUT_SIZE") != sizes:
            raise differs("INPUT_SIZE", str(sizes), str(found.get("INPUT_SIZE")))
        spec, module = plain(recipe), found.get("RECIPE")
        if spec == module:
            return
        if not isinstance(module, dict):
            raise differs("RECIPE", str(spec), str(module))
        for key in [*spec, *module]:
            if spec.get(key) != module.get(key):
                raise differs(f"RECIPE {key!r}", str(spec.get(key)), str(module.get(key)))


def plain(value: Any) -> Any:
    """Plain data as a dict literal has it: lists for tuples."""
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else value
