"""Each class by itself: how many of its images are taken for another class, and for which."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from torch import Tensor

from cnnspec.train.errors import printable


@dataclass(frozen=True)
class OfClass:
    """One class: top-1 error in percent (None without images), and what it is most taken for."""

    name: str
    images: int
    top1_error: float | None
    taken_for: str | None

    def facts(self) -> dict[str, object]:
        """Return the class as eval.json has it."""
        return asdict(self)


def per_class(counts: Tensor, names: Sequence[str]) -> list[OfClass]:
    """Return a class for each row of a confusion matrix, int64 [true, taken for]."""
    found = []
    for number, (name, row) in enumerate(zip(names, counts.tolist(), strict=True)):
        images, right = sum(row), row[number]
        wrong = [0 if other == number else count for other, count in enumerate(row)]
        most = names[wrong.index(max(wrong))] if images > right else None
        error = 100 * (1 - right / images) if images else None
        found.append(OfClass(name, images, error, most))
    return found


def class_lines(classes: Sequence[OfClass]) -> list[str]:
    """Return a table, the class with the largest error first; those without images come last."""
    ordered = sorted(classes, key=lambda one: -1 if one.top1_error is None else one.top1_error)
    width = max(len(printable(one.name)) for one in classes)
    lines = [f"  {'class':<{width}}  {'images':>7} {'top-1':>7}  most taken for"]
    for one in reversed(ordered):
        error = "–" if one.top1_error is None else f"{one.top1_error:.2f}"
        line = f"  {printable(one.name):<{width}}  {one.images:>7,} {error:>7}"
        lines.append(f"{line}  {printable(one.taken_for or '')}".rstrip())
    return lines
