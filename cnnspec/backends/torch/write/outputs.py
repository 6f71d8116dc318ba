"""What a net returns: logits, or a NamedTuple of all outputs, and how docstrings say it (L15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.backends.torch.program.items import ClassPlan, OutputItem
from cnnspec.backends.torch.python.names import ClassNames, safe
from cnnspec.backends.torch.write import docs
from cnnspec.backends.torch.write.forward import Forward
from cnnspec.backends.torch.write.model import Class, Line, Statement, Suite

if TYPE_CHECKING:
    from cnnspec.elaborate.workspace import Elaborated


class Outputs:
    """The outputs of one net."""

    def __init__(self, elaborated: Elaborated, plan: ClassPlan, net_name: str) -> None:
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
        always = [*([result] if result else []), *writer.outputs.values()]
        if "aux" not in self.kinds():
            return [Line(f"return {self.made()}({', '.join(always)})")]
        texts, before = _in_training(writer)
        training = Line(f"return {self.made(training=True)}({', '.join([*always, *texts])})")
        plain = f"{self.made()}({', '.join(always)})" if writer.outputs else result
        return [Suite("if self.training:", [*before, training]), Line(f"return {plain}")]

    def made(self, *, training: bool = False) -> str:
        """The name of a NamedTuple; one that training alone gives is named so if there are two."""
        both = training and len(self.kinds()) > 1
        return f"{self.net_name}{'Training' if both else ''}Outputs"

    def returns(self) -> str:
        """The type of what `forward` returns."""
        match sorted(self.kinds()):
            case []:
                return "Tensor"
            case ["aux"]:
                return f"Tensor | {self.made()}"
            case ["output"]:
                return self.made()
        return f"{self.made()} | {self.made(training=True)}"

    def forward_doc(self) -> str:
        """The docstring of the net's `forward`."""
        if "output" in self.kinds():
            more = f"; in training also {self.listed(True, 'aux')}" if "aux" in self.kinds() else ""
            return f"Return {self.listed(batch=True)}{more}."
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

    def tuple_classes(self, taken: ClassNames) -> list[Class]:
        """The NamedTuples of a net with several outputs: always, and in training."""
        every = [o.label for o in self.outputs]
        always = [o.label for o in self.outputs if o.kind == "output"]
        if "output" not in self.kinds():
            return [self._tuple(taken, self.made(training=True), every, " in training")]
        found = [self._tuple(taken, self.made(), always, "")]
        if "aux" in self.kinds():
            found[0].doc = found[0].doc.replace("returns", "returns in eval", 1)
            found.append(self._tuple(taken, self.made(training=True), every, " in training"))
        return found

    def _tuple(self, taken: ClassNames, wanted: str, labels: list[str], when: str) -> Class:
        name = taken.take(wanted)
        logits = ["logits"] if self.elaborated.net.logits is not None else []
        fields = [f"{n}: Tensor" for n in [*logits, *sorted_like(self.outputs, labels)]]
        shown = [o for o in self.outputs if o.label in labels]
        sizes = {docs.sizes(o.after, self.parameters, batch=True) for o in shown}
        vectors = all(o.after.vector for o in shown)
        each = f"; each is {sizes.pop()}" if vectors and len(sizes) == 1 else ""
        return Class(name, "NamedTuple", f"What {self.net_name} returns{when}{each}.", fields)


def sorted_like(outputs: list[OutputItem], labels: list[str]) -> list[str]:
    """Further outputs first, then auxiliary ones: the order in which `forward` gives them."""
    kinds = {o.label: o.kind for o in outputs}
    return sorted(labels, key=lambda label: kinds[label] == "aux")


def _in_training(writer: Forward) -> tuple[list[str], list[Statement]]:
    """The auxiliary outputs as expressions, and the lines before them.

    One whose variable a later one sets anew has a name of its own.
    """
    texts: list[str] = []
    before: list[Statement] = []
    for place, (label, text, lines) in enumerate(writer.training, 1):
        before += lines
        if lines and any(more for _, _, more in writer.training[place:]):
            before.append(Line(f"{safe(label)} = {text}"))
            text = safe(label)
        texts.append(text)
    return texts, before
