"""The review of source documents: every number they print, and what becomes of it.

A `.review` file says of each number what it is and what decides it.  A line of it is

    107 | 5 5 | kernel of conv1 | lenet5: conv1.kernel

the line of the document, numbers as printed (one row each), what they are, and a *judge*:

- `net: metric` is a claim of that net with this left side, or else the metric measured now;
- `net: path.kernel` is what the spec itself says: `kernel`, `stride`, `pad`, `in` (channels that
  arrive) or a field of the op; `net: recipe.optimizer.lr` is a value of the net's recipe;
- `@kind` is one of the kinds that the file declares with `kind NAME: verdict | reason`;
- `wrong: reason`, `holds: reason`, `given: reason` are the reviewer's own words.

`as 0.12G` after a judge of a net says how its claim prints the number (`약 1억 2천만`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from cnnspec.records import field, record
from cnnspec.values import TF_SAME, Padding, Record, dims

if TYPE_CHECKING:
    from cnnspec.analyses.claims import Verdict
    from cnnspec.analyses.metrics import Metrics
    from cnnspec.elaborate.workspace import Elaborated
    from cnnspec.ops.op import Op

__all__ = ["Document", "Judged", "Number", "ReviewError", "Reviewed", "judge", "parse"]

VERDICTS = {
    "holds": "measured, and it is what is printed",
    "differs": "measured, and it is something else, for the reason given",
    "wrong": "found wrong by reading: it contradicts the document itself or its source",
    "given": "what the spec was written from: the net or its recipe says it too",
    "not static": "takes training, images or a network that is not here",
    "no figure": "says nothing of a network",
}
"""The verdicts of a review, in the order of interest."""


class ReviewError(Exception):
    """A review that contradicts itself or the specs; the message names the place."""


@record(frozen=True)
class Number:
    """One number of a document, and what the review says of it."""

    line: int
    text: str
    about: str
    judge: str


@record
class Document:
    """A reviewed document: the name of its file, its title, and its numbers in order."""

    name: str
    title: str
    numbers: list[Number] = field(default_factory=list)


@record
class Reviewed:
    """A `.review` file."""

    kinds: dict[str, tuple[str, str]] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)


@record(frozen=True)
class Judged:
    """A number with its verdict; `by` is the net and what of it decided, where one did."""

    number: Number
    verdict: str
    measured: str = ""
    by: str = ""
    reason: str = ""


# --- reading ------------------------------------------------------------------------------------


def parse(text: str) -> Reviewed:
    """Read a review. Raises ReviewError with the number of the line that is wrong."""
    found = Reviewed()
    for position, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            try:
                _line(found, line)
            except ValueError as error:
                raise ReviewError(f"line {position}: {error}") from None
    return found


def _line(found: Reviewed, line: str) -> None:
    if line.startswith("kind "):
        name, _, rest = line[5:].partition(": ")
        verdict, _, reason = rest.partition(" | ")
        _known(verdict)
        found.kinds[name] = verdict, reason
        return
    if line.startswith("document "):
        _, name, title = line.split(" ", 2)
        found.documents.append(Document(name, title))
        return
    place, numbers, about, judge = (cell.strip() for cell in line.split(" | ", 3))
    document = found.documents[-1]
    if document.numbers and int(place) < document.numbers[-1].line:
        raise ValueError(f"line {place} of the document stands after a later one")
    kind = judge[1:].partition(": ")[0]
    if judge.startswith("@") and kind not in found.kinds:
        raise ValueError(f"there is no kind {kind}")
    document.numbers += [Number(int(place), n, about, judge) for n in numbers.split()]


def _known(verdict: str) -> None:
    if verdict not in VERDICTS:
        raise ValueError(f"a verdict is one of {', '.join(VERDICTS)}, not {verdict}")


# --- judging ------------------------------------------------------------------------------------


@record(frozen=True)
class Bench:
    """What a judge asks: a net by name, its figures, and the verdicts of its claims.

    Each raises LookupError for a net that is not there.
    """

    net: Callable[[str], Elaborated]
    metrics: Callable[[str], Metrics]
    claims: Callable[[str], tuple[Verdict, ...]]


def judge(reviewed: Reviewed, document: Document, bench: Bench) -> Iterator[Judged]:
    """The verdict on every number of a document.

    Raises ReviewError where a judge says nothing, or something else than is printed.
    """
    for number in document.numbers:
        try:
            yield _judged(reviewed, number, bench)
        except (LookupError, ValueError, AttributeError) as error:
            at = f"{document.name}, line {number.line}, {number.text}"
            raise ReviewError(f"{at}: {number.judge}: {error}") from error


def _judged(reviewed: Reviewed, number: Number, bench: Bench) -> Judged:
    words, text = number.judge.partition(": ")[::2]
    if words.startswith("@"):
        verdict, reason = reviewed.kinds[words[1:]]
        return Judged(number, verdict, reason=text or reason)
    if words in VERDICTS:
        return Judged(number, words, reason=text)
    figure, _, printed = text.partition(" as ")
    of_claim = _of_claim(number, bench.claims(words), figure, printed)
    if of_claim is not None:
        return Judged(
            number, of_claim.verdict, _shown(of_claim.measured), f"{words}: {figure}",
            of_claim.cause or (f"printed as {printed}" if printed else ""),
        )  # fmt: skip
    verdict, value = _of_net(bench, words, figure)
    wanted = _fraction(printed or number.text)
    if wanted not in _components(value):
        raise ValueError(f"the net has {_shown(value)}")
    return Judged(number, verdict, _shown(value), f"{words}: {figure}")


def _of_claim(
    number: Number, claims: tuple[Verdict, ...], figure: str, printed: str
) -> Verdict | None:
    """The claim about `figure` whose printed side holds the number."""
    for claim in claims:
        if claim.metric != figure:
            continue
        if printed == claim.printed if printed else number.text in _numbers(claim.printed):
            return claim
    if printed and any(claim.metric == figure for claim in claims):
        raise ValueError(f"no claim about it prints {printed}")
    return None


def _numbers(printed: str) -> set[str]:
    """The numbers in a printed side, without their suffixes, grouped and not."""
    found = re.findall(r"[0-9]+(?:\.[0-9]+)?", printed.replace("_", ""))
    return {*found, *(f"{int(n):,}" for n in found if "." not in n)}


_METRIC = re.compile(r"(\w+)(?:\(([\w.]*)\))?$")


def _of_net(bench: Bench, net: str, figure: str) -> tuple[str, object]:
    """What a net says of itself: a metric measured now, or what its spec gives."""
    from cnnspec.analyses.metrics import METRICS

    match = _METRIC.match(figure)
    if match and match[1] in METRICS:
        return "holds", bench.metrics(net).value(match[1], match[2] or "")
    if figure.startswith("recipe."):
        return "given", _setting(bench.net(net).recipe, figure.split(".")[1:])
    path, _, fact = figure.rpartition(".")
    graph = bench.metrics(net).graph
    node = next((n for n in graph if n.path == path), None)
    if node is None:
        raise LookupError(f"there is no layer {path}")
    return "given", _fact(node.op, fact) if fact != "in" else node.layer.inputs[0][0]


def _setting(recipe: object, keys: list[str]) -> object:
    for key in keys:
        if not isinstance(recipe, dict) or key not in recipe:
            raise LookupError(f"the recipe has no {key}")
        recipe = recipe[key]
    return recipe


def _fact(op: Op, fact: str) -> object:
    """The kernel or stride of a window, the padding by numbers, or a field of the op."""
    from cnnspec.ops.sliding import resolve

    window = getattr(op, "window", None)
    if window is not None and fact in ("kernel", "stride"):
        return getattr(window, fact)
    value = getattr(op, fact)
    if fact == "pad" and window is not None and value != TF_SAME:
        return tuple(resolve(value, window))
    return value


def _components(value: object) -> set[Fraction]:
    """The numbers in a figure: itself, or the parts of a shape or window."""
    parts = value if isinstance(value, tuple | list | Padding) else (value,)
    return {Fraction(str(n)) for n in parts if isinstance(n, int | float)}


def _fraction(text: str) -> Fraction:
    return Fraction(text.replace(",", "").replace("_", ""))


def _shown(value: object) -> str:
    """A figure for people."""
    if isinstance(value, tuple):
        return dims(tuple(int(n) for n in value))
    if isinstance(value, Record):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
