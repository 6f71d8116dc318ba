"""Lines of `forward`: a value on its way, and when its expression becomes a variable."""

from __future__ import annotations

from dataclasses import dataclass

from cnnspec.backends.torch.program.flow import Flow, Words
from cnnspec.backends.torch.python.names import variable
from cnnspec.backends.torch.python.symbols import Var
from cnnspec.backends.torch.write.model import Line, Statement
from cnnspec.backends.torch.write.refs import Refs

LETTERS = "xyzw"
"""What flows is `x`; in a fork `x` stays its input and the arms are `y`, in theirs `z`."""


@dataclass
class Stream:
    """A value on its way: the expression so far, and what it came from."""

    text: str
    var: str
    """The variable that it is assigned to when a line ends."""
    last: str = ""
    """The kind of the outermost layer of an open expression; empty for a plain variable."""
    heavy: bool = False
    """Whether a conv or linear is in the open expression."""
    words: str = "x"
    """The last expression in words, for the docstring."""
    flow: Flow | None = None

    @property
    def bare(self) -> bool:
        """Whether this is a variable, nothing more."""
        return self.last == ""


def brief(words: str) -> str:
    """Words for a docstring; what would not fit its line is `...`."""
    return words if len(words) <= 80 else "..."


class Lines:
    """Collects the lines of one `forward`; in a net each has its shape behind it."""

    def __init__(self, tapped: set[Words], refs: Refs, params: set[str], net: bool) -> None:
        self.tapped, self.refs, self.params, self.net = tapped, refs, params, net
        self.lines: list[Statement] = []
        self.variables: dict[Words, str] = {}
        self.depth = 0
        self.letters = list(LETTERS)
        """Variables for what flows, but for those that are inputs' names."""
        self.helpers: dict[str, str] = {}
        """Functions that ops bring, by their names."""
        self.outputs: dict[str, str] = {}
        self.training: list[tuple[str, str, list[Statement]]] = []
        """Auxiliary outputs: (name, expression, the lines before it)."""

    def letter(self, depth: int) -> str:
        """The variable of what flows in forks so deep."""
        return self.letters[depth] if depth < len(self.letters) else f"v{depth - 1}"

    # --- lines ---

    def line(self, target: str, stream: Stream) -> None:
        """`target = expression`, in a net with the shape behind it."""
        comment = self.comment(stream.flow) if self.net and stream.flow else ""
        self.lines.append(Line(f"{target} = {stream.text}", comment))

    def flush(self, stream: Stream, also: str = "") -> None:
        """End the line: the expression becomes a variable."""
        if stream.bare and not also:
            return
        again = stream.text == stream.var
        target = also if again else f"{stream.var} = {also}" if also else stream.var
        self.line(target, stream)
        stream.text, stream.last, stream.heavy = stream.var, "", False

    def comment(self, flow: Flow) -> str:
        """`64x112x112`; a size that a parameter gives by its name."""
        shape = flow.example
        if shape is None:
            return ""
        named = isinstance(flow.channels, Var) and flow.channels.name in self.params
        first = str(flow.channels) if named else str(shape[0])
        sizes = [first, *map(str, shape[1:])]
        return f"[{', '.join(sizes)}]" if named and len(sizes) > 1 else "x".join(sizes)

    def alias(self, name: str | None) -> str:
        """The variable that keeps a tapped value."""
        path = tuple((name or "").split("."))
        return self.kept_in(path) if path in self.tapped else ""

    def kept_in(self, path: Words) -> str:
        """The variable of the value at a path: no two paths have one, not `a-1` and `a_1`."""
        word = variable(path)
        while any(word == other for p, other in self.variables.items() if p != path):
            word += "_"
        self.variables[path] = word
        return word
