"""Every CNN of torchvision.models, imported: `python -m benchmarks.importing [NAME ...]`.

Prints a line for each: exact, flat (exact, one block for each instance), refused with its causes,
or wrong, with the lines of the text, the difference of outputs, and seconds of this process.
"""

import sys
import time
import warnings
from collections import Counter
from types import ModuleType

from benchmarks.peers import torchvision_models
from cnnspec.importing.errors import Refused
from cnnspec.importing.options import Options
from cnnspec.importing.reading import read_source
from cnnspec.importing.sources import model_source

TRANSFORMERS = ("vit", "swin", "maxvit")
"""Families of torchvision that are no CNNs."""
SIZE = {"inception_v3": (3, 299, 299)}


def names(models: ModuleType) -> list[str]:
    """The 74 CNNs that classify an image or every pixel of it."""
    listed = models.list_models(module=models)
    pixels = models.list_models(module=models.segmentation)
    return [name for name in listed if not name.startswith(TRANSFORMERS)] + pixels


def lines(text: str) -> int:
    """Lines as the contract counts them: without empty ones, `##` and claims."""
    rows = (row.strip() for row in text.splitlines())
    return sum(bool(row) and not row.startswith(("##", "claim")) for row in rows)


def outcome(name: str) -> tuple[str, str]:
    """How the import of a net ends, and what there is to say of it."""
    source = model_source(f"torchvision:{name}")
    assert source is not None
    start = time.process_time()
    try:
        found = read_source(source, Options(size=SIZE.get(name, (3, 224, 224)))).imported
    except Refused as refused:
        said = " | ".join(refused.lines())
        return ("wrong" if "no text says" in said else "refused"), said
    took = time.process_time() - start
    said = f"{lines(found.text):3} lines  {found.difference:.0e}  {took:.1f} s"
    return "flat" if found.flat else "exact", f"{said}  {'; '.join(found.notes)}"


def main() -> None:
    """Import what is asked for, else all; the counts come last."""
    warnings.simplefilter("ignore")
    models = torchvision_models()
    assert models is not None
    counts: Counter[str] = Counter()
    for name in sys.argv[1:] or names(models):
        word, said = outcome(name)
        counts[word] += 1
        print(f"{name:32} {word:8} {said}", flush=True)
    print(dict(counts))


if __name__ == "__main__":
    main()
