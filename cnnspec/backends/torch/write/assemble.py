"""Plans to the classes of a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from cnnspec.backends.torch.program.items import ClassPlan, assigned, calls, decided_by
from cnnspec.backends.torch.python.names import ARRIVES, ClassNames, argument, class_name, safe
from cnnspec.backends.torch.python.reading import names_read
from cnnspec.backends.torch.python.symbols import MULTIPLE
from cnnspec.backends.torch.python.writing import write
from cnnspec.backends.torch.specialise.class_names import plan_names
from cnnspec.backends.torch.specialise.family import Family, walk_net
from cnnspec.backends.torch.specialise.folding import Folding, Owner, blaming
from cnnspec.backends.torch.write import docs, recipe
from cnnspec.backends.torch.write.construct import Constructor
from cnnspec.backends.torch.write.expressions import is_attribute
from cnnspec.backends.torch.write.forward import Forward
from cnnspec.backends.torch.write.initial import Initial, layers
from cnnspec.backends.torch.write.model import (
    Class,
    Function,
    Line,
    Method,
    Module,
    Statement,
    texts,
    typed,
)
from cnnspec.backends.torch.write.outputs import Outputs
from cnnspec.backends.torch.write.refs import Refs
from cnnspec.backends.torch.write.stream import LETTERS, Stream
from cnnspec.backends.torch.write.unused import is_tensor, live, reads
from cnnspec.ops.torch import helper

if TYPE_CHECKING:
    from cnnspec.elaborate.workspace import Elaborated

SUPER = "super().__init__()"


class Assembler:
    """Makes the classes of one file, leaves first."""

    def __init__(self, elaborated: Elaborated, folding: Folding) -> None:
        self.elaborated, self.folding = elaborated, folding
        self.family: Family = walk_net(elaborated, folding)
        plans = [*self.family.plans, self.family.plan]
        self.initial = Initial([p.items for p in plans])
        self.taken = ClassNames()
        self.reserve(plans)
        self.net_name = self.taken.take(class_name(self.family.plan.name))
        self.names = plan_names(self.family.plans, self.taken)
        self.constructor = Constructor(self.names)
        self.classes: list[Class] = []
        self.outputs = Outputs(elaborated, self.family.plan, self.net_name)

    def reserve(self, plans: list[ClassPlan]) -> None:
        """Names that no class can have: the function's, parameters', and helpers'."""
        self.taken.taken.add(self.elaborated.net.name)
        for plan in plans:
            self.taken.taken |= used_names(plan)
            self.taken.taken |= {i.form.module for i in layers(plan.items) if i.form.helper}

    def module(self) -> Module:
        """The whole file."""
        if self.outputs:
            self.classes += self.outputs.tuple_classes(self.taken)
        for plan in [*self.family.plans, self.family.plan]:
            with blaming(plan.owner):
                self.net() if plan is self.family.plan else self.block(plan)
        shape = self.elaborated.net.inputs[0].shape
        return Module(
            docs.header(self.elaborated, self.outputs.line()),
            self.imports(),
            f"INPUT_SIZE = {write(tuple(int(n) for n in shape))}",
            recipe.assignment(self.elaborated.recipe),
            self.classes,
            self.factory(),
        )

    # --- blocks ---

    @property
    def owners(self) -> dict[str, Owner | None]:
        """The block or net that each class is written from, by the name of the class."""
        found: dict[str, Owner | None] = {self.names[id(p)]: p.owner for p in self.family.plans}
        return {**found, self.net_name: self.family.plan.owner}

    @property
    def deciding(self) -> dict[str, str]:
        """Free whole numbers that reach a condition, a loop or a block, with Python's names."""
        taken = {parameter.partition(":")[0] for parameter in self.family.parameters}
        read = decided_by(self.family.plan.items) & taken
        names = {name: safe(name) for name, n in self.elaborated.free.items() if type(n) is int}
        return {name: word for name, word in names.items() if word in read}

    def add(self, made: Class) -> None:
        """Append a class behind the helpers that it needs."""
        if any(MULTIPLE in reads(text) for method in made.methods for text in texts(method.body)):
            self.constructor.helpers[MULTIPLE] = MAKE_DIVISIBLE
        for name, source in self.constructor.helpers.items():
            if not any(c.name == name for c in self.classes):
                self.classes.append(Class(name, source=source.strip()))
        self.classes.append(made)

    def block(self, plan: ClassPlan) -> None:
        """The class of a block: a Sequential, or a Module with a forward."""
        body = self.body(plan)
        while (read := arriving(body)) != plan.uses and makes_itself(plan):
            plan.uses = read  # its own call gives them too
            body = self.body(plan)
        plan.uses = read
        mapping = docs.mapping(plan)
        if not makes_itself(plan):
            plan.unread = unread(plan, [*texts(body), mapping])
        methods: list[Method] = []
        if plan.kind in ("module", "numbered") or plan.exports:
            methods.append(self.forward(plan))
        params = [*(f"{name}: int" for name in plan.uses), *map(str, plan.taken)]
        start = Method("__init__", params, "None", mapping, body)
        base = {"module": "Module", "numbered": "ModuleDict"}.get(plan.kind, "Sequential")
        fields = [f"{name}: Final[bool]" for name in self.constructor.refs.fields]
        doc = docs.docstring(plan.doc, f"The block {plan.name}.")
        doc += docs.folded(plan, self.folding.of(plan.owner))
        self.add(Class(self.names[id(plan)], f"nn.{base}", doc, fields, [start, *methods]))

    def body(self, plan: ClassPlan) -> list[Statement]:
        """The constructor of a block."""
        self.begin(plan)
        if plan.kind in ("module", "numbered"):
            body = self.constructor.module(plan.items)
        elif plan.kind == "chain":
            body = self.constructor.chain(plan.items, self.constructor.attributes)
        elif passed := self.constructor.passed(plan.items):
            return live([*passed, *self.initial.own(plan.items)])
        else:
            body = self.constructor.chain(plan.items, self.constructor.appended)
        typed(body)
        return live([Line(SUPER), *body, *self.initial.own(plan.items)])

    def begin(self, plan: ClassPlan) -> None:
        """Turn to the next class."""
        made = self.constructor
        made.opened, made.reserved = opened(plan), used_names(plan)
        made.refs = Refs.of(plan.items, is_attribute, numbered=plan.kind == "numbered")
        made.closed = not plan.exports

    def forward(self, plan: ClassPlan) -> Method:
        """The forward of a block: beside x what taps in it read, beside its end what taps want."""
        writer = Forward(plan.taps | set(plan.exports), self.constructor.refs, set(), net=False)
        writer.variables = {words: i.variable for words, i in plan.imports.items()}
        params = [f"{name}: Tensor" for name in ["x", *writer.variables.values()]]
        stream = Stream("x", "x")
        if plan.kind == "seq":
            writer.children(plan.items, "self", (), True, stream)
        else:
            writer.run(plan.items, stream)
        if plan.exports or not is_tensor(stream.text, writer.lines):
            writer.flush(stream)
        if not plan.exports and not is_tensor(stream.text, writer.lines):
            writer.lines.append(Line(f"x = {stream.text}"))  # a parameter, so a tensor to mypy
            stream.text = "x"
        self.constructor.helpers |= writer.helpers
        doc = docs.returns(stream.words)
        values = [stream.text, *(writer.value(w, plan.block.span) for w in plan.exports)]
        if plan.exports:
            doc = f"{doc[:-1]}, and {docs.exported(plan.exports)}."
        writer.lines.append(Line(f"return {', '.join(values)}"))
        lines = live(writer.lines)
        gives = f"tuple[{', '.join(['Tensor'] * len(values))}]" if plan.exports else "Tensor"
        return Method("forward", params, gives, doc, lines)

    # --- the net ---

    def net(self) -> None:
        """The class of the net."""
        plan = self.family.plan
        self.begin(plan)
        made = self.constructor.module(plan.items)
        typed(made)
        body = [Line(SUPER), *made]
        body += [*self.initial.own(plan.items), *self.initial.statements()]
        arrives = ", ".join(str(int(n)) for n in self.elaborated.net.inputs[0].shape)
        leaves = self.outputs.listed()
        if self.elaborated.net.logits is not None:
            leaves = docs.sizes(plan.leaves, self.outputs.parameters)
        doc = f"Map [{arrives}] to {leaves}{self.initial.phrase()}."
        start = Method("__init__", [str(p) for p in plan.params], "None", doc, live(body))
        text = docs.docstring(plan.doc or self.elaborated.doc, f"The net {plan.name}.")
        text += docs.folded(plan, self.folding.of(plan.owner))
        fields = [f"{name}: Final[bool]" for name in self.constructor.refs.fields]
        self.add(Class(self.net_name, "nn.Module", text, fields, [start, self.net_forward()]))

    def net_forward(self) -> Method:
        """The `forward` of the net: each line has its shape behind it; ends in the outputs."""
        plan = self.family.plan
        writer = Forward(plan.taps, self.constructor.refs, self.outputs.parameters, net=True)
        inputs = self.elaborated.net.inputs
        own = len(inputs) > 1 or (inputs[0].name,) in plan.taps
        names = [argument(entry.name) for entry in inputs] if own else ["x"]
        writer.variables = {(i.name,): n for i, n in zip(inputs, names, strict=True) if own}
        writer.letters = [letter for letter in LETTERS if not own or letter not in names]
        stream = Stream(names[0], writer.letter(0), flow=plan.arrives)
        writer.run(plan.items, stream)
        self.constructor.helpers |= writer.helpers
        lines = writer.lines
        result = ""
        if self.elaborated.net.logits is not None:
            result = stream.text if stream.bare else "logits"
            if not stream.bare:
                writer.line("logits: Tensor", stream)
        lines += self.outputs.returned(result, writer)
        return Method(
            "forward",
            [f"{name}: Tensor" for name in names],
            self.outputs.returns(),
            self.outputs.forward_doc(),
            live(lines),
        )

    def imports(self) -> list[list[str]]:
        """The groups of imports, each sorted: what the names of the classes ask for."""
        read = {name for c in self.classes for name in _names(c)}
        typing = [name for name in ("Final", "NamedTuple") if name in read]
        standard = ["from collections import OrderedDict"] * ("OrderedDict" in read)
        standard += [f"from typing import {', '.join(typing)}"] * bool(typing)
        third = ["import torch"] * ("torch" in read)
        third.append("from torch import Tensor, nn")
        third += ["from torch.nn import functional as F"] * ("F" in read)
        return [standard, third] if standard else [third]

    def factory(self) -> Function:
        """The function of the file: it takes the net's free numbers and builds the net."""
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


MAKE_DIVISIBLE = f'''
def {MULTIPLE}(value: int, divisor: int) -> int:
    """Round to the nearest multiple of a divisor: at least one, and at least 90 % of the value."""
    rounded = max(divisor, (2 * value + divisor) // (2 * divisor) * divisor)
    return rounded + divisor if 10 * rounded < 9 * value else rounded
'''


def _names(made: Class) -> Iterator[str]:
    """The names that a class reads: of what it is made, in its fields, methods and own text."""
    yield made.base
    for field in made.fields:
        yield from reads(field)
    for text in (text for method in made.methods for text in texts(method.body)):
        yield from reads(text)
    if made.source:
        yield from names_read(helper(made.source)[0])


def arriving(body: list[Statement]) -> tuple[str, ...]:
    """What a constructor reads of the shape that arrives."""
    read = {name for text in texts(body) for name in reads(text)}
    return tuple(name for name in ARRIVES if name in read)


def unread(plan: ClassPlan, said: list[str]) -> frozenset[str]:
    """The parameters of a class that are in none of its texts: a way of an `if` had them."""
    words = {word for text in said for word in re.findall(r"\w+", text)}
    return frozenset(param.name for param in plan.params if param.name not in words)


def makes_itself(plan: ClassPlan) -> bool:
    """Whether a class calls itself."""
    return any(call.plan is plan for call in calls(plan.items))


def used_names(plan: ClassPlan) -> set[str]:
    """The parameters and locals of a class, loop variables among them."""
    return {p.name for p in plan.params} | assigned(plan.items)


def opened(plan: ClassPlan) -> set[str]:
    """The containers of a class that a tap looks into."""
    return {path[0] for path in plan.taps if len(path) > 1}
