"""What a net returns: logits, or a NamedTuple of all outputs, and how docstrings say it (L15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.backends.torch import docs
from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.forward import Forward
from cnnspec.backends.torch.items import OutputItem
from cnnspec.backends.torch.model import Class, Line, Statement, Suite
from cnnspec.backends.torch.naming import ClassNames
from cnnspec.backends.torch.plan import Plan

if TYPE_CHECKING:
    from cnnspec.elaborate.workspace import Elaborated


class Outputs:
    """The outputs of one net."""

    def __init__(self, elaborated: Elaborated, plan: Plan, net_name: str) -> None:
        self.elaborated, self.plan, self.net_name = elaborated, plan, net_name
        self.outputs = [item for item in plan.items if isinstance(item, OutputItem)]
        self.parameters = {p.name for p in plan.params}

    def __bool__(self) -> bool:
        return bool(self.outputs)

    def kinds(self) -> set[str]:
        """`output`, `aux`, both or neither."""
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
        """The type of what `forward` returns."""
        if not self.outputs:
            return "Tensor"
        made = f"{self.net_name}Outputs"
        return f"Tensor | {made}" if "aux" in self.kinds() else made

    def forward_doc(self) -> str:
        """The docstring of the net's `forward`."""
        if "output" in self.kinds():
            return f"Return {self.listed(batch=True)}."
        logits = docs.sizes(self.plan.leaves, self.parameters, batch=True)
        number = docs.NUMBERS[min(len(self.outputs) + 1, len(docs.NUMBERS) - 1)]
        more = f"; in training {number} outputs" if self.outputs else ""
        return f"Return the logits, {logits}{more}."

    def listed(self, batch: bool = False, kind: str = "") -> str:
        """`logits [classes], fine [classes, 16, 16]`."""
        params = self.parameters
        words = []
        if self.elaborated.net.logits is not None and not kind:
            words.append(f"logits {docs.sizes(self.plan.leaves, params, batch)}")
        shown = [item for item in self.outputs if item.kind == (kind or "output")]
        words += [f"{item.label} {docs.sizes(item.after, params, batch)}" for item in shown]
        return ", ".join(words[:-1]) + " and " * (len(words) > 1) + words[-1]

    def line(self) -> str:
        """What stands behind `Output:` in the docstring."""
        training = ""
        if "aux" in self.kinds():
            training = f"; in training also {self.listed(kind='aux')}"
        return f"{self.listed()}{training}{docs.head_note(self.elaborated)}"

    def tuple_class(self, taken: ClassNames) -> Class:
        """The NamedTuple of a net with several outputs."""
        if len(self.kinds()) > 1:
            raise BackendError("`output` and `aux` in one net", self.outputs[0].span)
        name = taken.take(f"{self.net_name}Outputs")
        logits = ["logits"] if self.elaborated.net.logits is not None else []
        fields = [f"{n}: Tensor" for n in [*logits, *(o.label for o in self.outputs)]]
        when = " in training" if "aux" in self.kinds() else ""
        if all(o.after.vector for o in self.outputs):
            sizes = {docs.sizes(o.after, self.parameters, batch=True) for o in self.outputs}
            each = f"; each is {sizes.pop()}" if len(sizes) == 1 else ""
        else:
            each = ""
        doc = f"What {self.net_name} returns{when}{each}."
        return Class(name, "NamedTuple", doc, fields)
