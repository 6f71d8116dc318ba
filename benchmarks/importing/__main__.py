"""Every CNN of torchvision.models, imported: `python -m benchmarks.importing [NAME ...]`.

Prints a line for each: exact, flat (exact, one block for each instance), refused with its causes,
or wrong, with the lines of the text, the difference of outputs, and seconds of this process.
"""

import sys
import warnings
from collections import Counter
from types import ModuleType

from benchmarks.importing.outcome import outcome
from benchmarks.peers import torchvision_models

TRANSFORMERS = ("vit", "swin", "maxvit")
"""Families of torchvision that are no CNNs."""
SIZE = {"inception_v3": (3, 299, 299)}


def names(models: ModuleType) -> list[str]:
    """The 74 CNNs that classify an image or every pixel of it."""
    listed = models.list_models(module=models)
    pixels = models.list_models(module=models.segmentation)
    return [name for name in listed if not name.startswith(TRANSFORMERS)] + pixels


def main() -> None:
    """Import what is asked for, else all; the counts come last."""
    warnings.simplefilter("ignore")
    models = torchvision_models()
    assert models is not None
    counts: Counter[str] = Counter()
    for name in sys.argv[1:] or names(models):
        word, said = outcome(f"torchvision:{name}", SIZE.get(name, (3, 224, 224)))
        counts[word] += 1
        print(f"{name:32} {word:8} {said}", flush=True)
    print(dict(counts))


if __name__ == "__main__":
    main()
