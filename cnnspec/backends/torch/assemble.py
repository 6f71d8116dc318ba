"""Plans to the classes of a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnnspec.backends.torch import docs, recipe
from cnnspec.backends.torch.construct import Constructor
from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.family import Family, walk_net
from cnnspec.backends.torch.forward import Forward, Stream
from cnnspec.backends.torch.initial import Initial
from cnnspec.backends.torch.items import OutputItem
from cnnspec.backends.torch.model import (
    Class,
    Function,
    Line,
    Method,
    Module,
    Statement,
    Suite,
    texts,
)
from cnnspec.backends.torch.naming import ClassNames, class_name
from cnnspec.backends.torch.plan import Plan
from cnnspec.backends.torch.specialise import plan_names
from cnnspec.values import dims

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
        self.net_name = self.taken.take(class_name(self.family.plan.name))
        self.names = plan_names(self.family.plans, self.taken)
        self.constructor = Constructor(self.names)
        self.classes: list[Class] = []
        self.outputs: list[OutputItem] = [
            item for item in self.family.plan.items if isinstance(item, OutputItem)
        ]

    def module(self) -> Module:
        """The whole file."""
        if self.outputs:
            self.classes.append(self.tuple_class())
        for plan in self.family.plans:
            self.block(plan)
        self.net()
        shape = self.elaborated.net.inputs[0].shape
        return Module(
            docs.header(self.elaborated, self.output_line()),
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
        self.constructor.opened = opened(plan)
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
        reads = [t for t in texts(body) if re.search(r"\bin_channels\b", t)]
        plan.uses_channels = bool(reads)
        if reads:
            params = ["in_channels: int", *params]
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
        self.constructor.opened = opened(plan)
        body = [Line(SUPER), *self.constructor.module(plan.items, {})]
        body += [*self.initial.own(plan.items), *self.initial.statements()]
        arrives = ", ".join(str(int(n)) for n in self.elaborated.net.inputs[0].shape)
        leaves = docs.sizes(plan.leaves, self.parameters())
        doc = f"Map [{arrives}] to {leaves}{self.initial.phrase()}."
        start = Method("__init__", [str(p) for p in plan.params], "None", doc, used_only(body))
        text = docs.docstring(plan.doc or self.elaborated.declaration.doc, f"The net {plan.name}.")
        self.add(Class(self.net_name, "nn.Module", text, [], [start, self.net_forward()]))

    def parameters(self) -> set[str]:
        return {p.name for p in self.family.plan.params}

    def net_forward(self) -> Method:
        plan = self.family.plan
        writer = Forward(plan.taps, {}, self.parameters(), net=True)
        stream = Stream("x", "x", flow=plan.arrives)
        writer.run(plan.items, stream)
        lines = writer.lines
        result = ""
        if self.elaborated.net.logits is not None:
            result = stream.text if stream.bare else "logits"
            if not stream.bare:
                writer.line("logits: Tensor", stream)
        lines += self.returned(result, writer)
        return Method("forward", ["x: Tensor"], self.returns(), self.forward_doc(), lines)

    def kinds(self) -> set[str]:
        return {item.kind for item in self.outputs}

    def returned(self, result: str, writer: Forward) -> list[Statement]:
        """The last statements: logits, or the tuple of all outputs."""
        if not self.outputs:
            return [Line(f"return {result}")]
        extra = [*writer.outputs.values(), *(text for _, text in writer.training)]
        made = f"{self.net_name}Outputs({', '.join([r for r in [result] if r] + extra)})"
        if "aux" not in self.kinds():
            return [Line(f"return {made}")]
        return [Suite("if self.training:", [Line(f"return {made}")]), Line(f"return {result}")]

    def returns(self) -> str:
        if not self.outputs:
            return "Tensor"
        return (
            f"Tensor | {self.net_name}Outputs"
            if "aux" in self.kinds()
            else f"{self.net_name}Outputs"
        )

    def forward_doc(self) -> str:
        if "output" in self.kinds():
            return f"Return {self.output_list(batch=True)}."
        logits = docs.sizes(self.family.plan.leaves, self.parameters(), batch=True)
        number = docs.NUMBERS[min(len(self.outputs) + 1, len(docs.NUMBERS) - 1)]
        more = f"; in training {number} outputs" if self.outputs else ""
        return f"Return the logits, {logits}{more}."

    def output_list(self, batch: bool = False, kind: str = "") -> str:
        """`logits [classes], fine [classes, 16, 16]`."""
        params = self.parameters()
        words = []
        if self.elaborated.net.logits is not None and not kind:
            words.append(f"logits {docs.sizes(self.family.plan.leaves, params, batch)}")
        for item in self.outputs:
            if item.kind == (kind or "output"):
                words.append(f"{item.label} {docs.sizes(item.after, params, batch)}")
        return ", ".join(words[:-1]) + " and " * (len(words) > 1) + words[-1]

    def output_line(self) -> str:
        """What stands behind `Output:` in the docstring."""
        training = ""
        if "aux" in self.kinds():
            training = f"; in training also {self.output_list(kind='aux')}"
        return f"{self.output_list()}{training}{docs.head_note(self.elaborated)}"

    def tuple_class(self) -> Class:
        """The NamedTuple of a net with several outputs."""
        if len(self.kinds()) > 1:
            raise BackendError("`output` and `aux` in one net", self.outputs[0].span)
        name = self.taken.take(f"{self.net_name}Outputs")
        logits = ["logits"] if self.elaborated.net.logits is not None else []
        fields = [f"{n}: Tensor" for n in [*logits, *(o.label for o in self.outputs)]]
        when = " in training" if "aux" in self.kinds() else ""
        if all(o.after.vector for o in self.outputs):
            sizes = {docs.sizes(o.after, self.parameters(), batch=True) for o in self.outputs}
            each = f"; each is {sizes.pop()}" if len(sizes) == 1 else ""
        else:
            each = ""
        doc = f"What {self.net_name} returns{when}{each}."
        return Class(name, "NamedTuple", doc, fields)

    # --- the rest of the file ---

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


def opened(plan: Plan) -> set[str]:
    """The containers of a class that a tap looks into."""
    return {path[0] for path in plan.taps if len(path) > 1}


def used_only(statements: list[Statement]) -> list[Statement]:
    """Leave out locals that nothing reads; a `for` needs at least one statement."""
    while True:
        code = texts(statements)
        kept = _drop(statements, code)
        if texts(kept) == code:
            return kept
        statements = kept


def _drop(statements: list[Statement], code: list[str]) -> list[Statement]:
    kept: list[Statement] = []
    for statement in statements:
        if isinstance(statement, Suite):
            body = _drop(statement.body, code)
            if body:
                kept.append(Suite(statement.head, body))
        elif not statement.local or _read(statement.local, statement.text, code):
            kept.append(statement)
    return kept


def _read(name: str, own: str, code: list[str]) -> bool:
    """Whether any other line mentions a local."""
    return any(re.search(rf"\b{name}\b", text) for text in code if text != own)


__all__ = ["Assembler", "dims"]
