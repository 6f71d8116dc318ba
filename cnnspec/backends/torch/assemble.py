"""Plans to the classes of a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnnspec.backends.torch import docs, recipe
from cnnspec.backends.torch.construct import Constructor
from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.family import Family, walk_net
from cnnspec.backends.torch.forward import Forward
from cnnspec.backends.torch.initial import Initial, layers
from cnnspec.backends.torch.items import assigned
from cnnspec.backends.torch.model import (
    Class,
    Function,
    Line,
    Method,
    Module,
    texts,
)
from cnnspec.backends.torch.naming import BUILTINS, IMPORTED, ClassNames, class_name
from cnnspec.backends.torch.outputs import Outputs
from cnnspec.backends.torch.plan import ARRIVES, Plan
from cnnspec.backends.torch.specialise import plan_names
from cnnspec.backends.torch.stream import Stream
from cnnspec.backends.torch.unused import reads, used_only

if TYPE_CHECKING:
    from cnnspec.elaborate.workspace import Elaborated

SUPER = "super().__init__()"


class Assembler:
    """Makes the classes of one file, leaves first."""

    def __init__(self, elaborated: Elaborated) -> None:
        self.elaborated = elaborated
        self.family: Family = walk_net(elaborated)
        plans = [*self.family.plans, self.family.plan]
        self.initial = Initial([p.items for p in plans])
        self.taken = ClassNames()
        self.reserve(plans)
        self.net_name = self.taken.take(class_name(self.family.plan.name))
        self.names = plan_names(self.family.plans, self.taken)
        self.constructor = Constructor(self.names)
        self.classes: list[Class] = []
        self.outputs = Outputs(elaborated, self.family.plan, self.net_name)

    def reserve(self, plans: list[Plan]) -> None:
        """Names that no class can have: the function's, parameters', and helpers'."""
        name = self.elaborated.net.name
        if name in {*IMPORTED, *BUILTINS}:
            span = self.elaborated.declaration.name_span
            raise BackendError(f"a generated file uses the name `{name}` itself", span, "rename it")
        self.taken.taken.add(name)
        for plan in plans:
            self.taken.taken |= used_names(plan)
            self.taken.taken |= {i.form.module for i in layers(plan.items) if i.form.helper}

    def module(self) -> Module:
        """The whole file."""
        if self.outputs:
            self.classes.append(self.outputs.tuple_class(self.taken))
        for plan in self.family.plans:
            self.block(plan)
        self.net()
        shape = self.elaborated.net.inputs[0].shape
        return Module(
            docs.header(self.elaborated, self.outputs.line()),
            self.imports(),
            f"INPUT_SIZE = ({', '.join(str(int(n)) for n in shape)})",
            recipe.assignment(self.elaborated.recipe),
            self.classes,
            self.factory(),
        )

    # --- blocks ---

    def add(self, made: Class) -> None:
        """Append a class behind the helpers that it needs."""
        for name, source in self.constructor.helpers.items():
            if not any(c.name == name for c in self.classes):
                self.classes.append(Class(name, source=source.strip()))
        self.classes.append(made)

    def block(self, plan: Plan) -> None:
        """The class of a block: a Sequential, or a Module with a forward."""
        conditions: dict[int, str] = {}
        methods: list[Method] = []
        self.constructor.opened, self.constructor.reserved = opened(plan), used_names(plan)
        if plan.kind == "module":
            body = [Line(SUPER), *self.constructor.module(plan.items, conditions)]
            methods.append(self.forward(plan, conditions))
        elif plan.kind == "seq":
            body = self.constructor.passed(plan.items) or [
                Line(SUPER), *self.constructor.chain(plan.items, self.constructor.appended),
            ]  # fmt: skip
        else:
            body = [Line(SUPER), *self.constructor.chain(plan.items, self.constructor.attributes)]
        body = used_only([*body, *self.initial.own(plan.items)])
        params = [str(p) for p in plan.params]
        read = {name for text in texts(body) for name in reads(text)}
        plan.uses = tuple(name for name in ARRIVES if name in read)
        params = [*(f"{name}: int" for name in plan.uses), *params]
        start = Method("__init__", params, "None", docs.mapping(plan), body)
        base = "nn.Module" if plan.kind == "module" else "nn.Sequential"
        fields = [f"{name}: Final[bool]" for name in dict.fromkeys(conditions.values())]
        doc = docs.docstring(plan.doc, f"The block {plan.name}.")
        self.add(Class(self.names[id(plan)], base, doc, fields, [start, *methods]))

    def forward(self, plan: Plan, conditions: dict[int, str]) -> Method:
        """The forward of a block."""
        writer = Forward(plan.taps, conditions, set(), net=False)
        stream = Stream("x", "x")
        writer.run(plan.items, stream)
        if not stream.bare and not stream.text.startswith(("F.", "torch.")):
            writer.flush(stream)
        doc = docs.returns(stream.words)
        writer.lines.append(Line(f"return {stream.text}"))
        return Method("forward", ["x: Tensor"], "Tensor", doc, writer.lines)

    # --- the net ---

    def net(self) -> None:
        """The class of the net."""
        plan = self.family.plan
        self.constructor.opened, self.constructor.reserved = opened(plan), used_names(plan)
        body = [Line(SUPER), *self.constructor.module(plan.items, {})]
        body += [*self.initial.own(plan.items), *self.initial.statements()]
        arrives = ", ".join(str(int(n)) for n in self.elaborated.net.inputs[0].shape)
        leaves = docs.sizes(plan.leaves, self.outputs.parameters)
        doc = f"Map [{arrives}] to {leaves}{self.initial.phrase()}."
        start = Method("__init__", [str(p) for p in plan.params], "None", doc, used_only(body))
        text = docs.docstring(plan.doc or self.elaborated.declaration.doc, f"The net {plan.name}.")
        self.add(Class(self.net_name, "nn.Module", text, [], [start, self.net_forward()]))

    def net_forward(self) -> Method:
        plan = self.family.plan
        writer = Forward(plan.taps, {}, self.outputs.parameters, net=True)
        stream = Stream("x", "x", flow=plan.arrives)
        writer.run(plan.items, stream)
        lines = writer.lines
        result = ""
        if self.elaborated.net.logits is not None:
            result = stream.text if stream.bare else "logits"
            if not stream.bare:
                writer.line("logits: Tensor", stream)
        lines += self.outputs.returned(result, writer)
        return Method(
            "forward", ["x: Tensor"], self.outputs.returns(), self.outputs.forward_doc(), lines
        )

    def imports(self) -> list[list[str]]:
        """The groups of imports, each sorted, only what is used."""
        standard = []
        if self.constructor.ordered:
            standard.append("from collections import OrderedDict")
        typing = ["NamedTuple"] if self.outputs else []
        if any("Final" in f for c in self.classes for f in c.fields):
            typing.insert(0, "Final")
        if typing:
            standard.append(f"from typing import {', '.join(typing)}")
        code = [t for c in self.classes for m in c.methods for t in texts(m.body)]
        code += [c.source for c in self.classes]
        third = ["import torch"] if any("torch." in t for t in code) else []
        third.append("from torch import Tensor, nn")
        if any(re.search(r"\bF\.", t) for t in code):
            third.append("from torch.nn import functional as F")
        return [standard, third] if standard else [third]

    def factory(self) -> Function:
        name = self.elaborated.net.name
        doc = f"Build {docs.title(self.elaborated)} {self.initialisation()}."
        signature = f"def {name}({', '.join(self.family.parameters)}) -> {self.net_name}:"
        return Function(
            signature, doc, f"return {self.net_name}({', '.join(self.family.arguments)})"
        )

    def initialisation(self) -> str:
        """How the weights begin, for the docstring of the function."""
        first = self.initial.first
        if first is None:
            return "with PyTorch's initialisation; the spec gives none"
        if first.name.startswith("xavier"):
            return "with Xavier's initialisation"
        source = self.elaborated.source
        paper = source is not None and source.name == "paper"
        return f"with the initialisation of the {'paper' if paper else 'spec'}"


def used_names(plan: Plan) -> set[str]:
    """The parameters and locals of a class, loop variables among them."""
    return {p.name for p in plan.params} | assigned(plan.items)


def opened(plan: Plan) -> set[str]:
    """The containers of a class that a tap looks into."""
    return {path[0] for path in plan.taps if len(path) > 1}
