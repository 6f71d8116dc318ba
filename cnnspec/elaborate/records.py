"""The named bundles of arguments that the language knows: sources, and a recipe's parts (M7)."""

from __future__ import annotations

from cnnspec.ops.arguments import INITIALISERS

SOURCES = ("paper", "book", "slides", "website")
"""Kinds of source; each takes a title and keywords such as `arxiv="1512.03385"`."""

SOURCE_KEYS = ("arxiv", "bibtex", "doi", "isbn", "seed", "url", "year", "authors")

_DATA_KEYS = ("resize", "crop", "pad", "flip", "scale", "color", "mean")

DATA: dict[str, tuple[str, ...]] = {
    name: _DATA_KEYS
    for name in (
        "digits", "mnist", "fashion_mnist", "cifar10", "cifar100", "imagenet", "synthetic",
    )
}  # fmt: skip

OPTIMIZERS: dict[str, tuple[str, ...]] = {
    "sgd": ("lr", "momentum", "weight_decay", "nesterov"),
    "rmsprop": ("lr", "momentum", "weight_decay", "decay", "eps", "eps_inside"),
    "adamw": ("lr", "weight_decay", "eps"),
}

SCHEDULES: dict[str, tuple[str, ...]] = {
    "step": ("at", "every", "factor"),
    "exponential": ("every", "factor"),
    "on_plateau": ("factor",),
    "poly": ("power",),
    "cosine": (),
    "constant": (),
}

WARMUPS: dict[str, tuple[str, ...]] = {
    "until_error": ("lr", "error"),
    "constant": ("lr", "time"),
}

BIASES: dict[str, tuple[str, ...]] = {"constant": ("value", "at")}
"""What the biases of layers named by `at` begin with, where a paper says so."""

RECORDS = {*INITIALISERS, *SOURCES, *DATA, *OPTIMIZERS, *SCHEDULES, *WARMUPS, *BIASES}
"""Every name that may stand before parentheses besides the functions."""

RECIPE_KEYS: dict[str, dict[str, tuple[str, ...]]] = {
    "data": DATA,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "warmup": WARMUPS,
    "bias": BIASES,
}
"""Recipe keys whose value is one of these bundles."""

PLAIN_KEYS = ("batch", "steps", "epochs", "warmup", "label_smoothing", "clip")
"""Recipe keys whose value is a number; a warm-up is one, or a bundle."""

LIST_KEYS: dict[str, tuple[str, ...]] = {"no_decay": ("bn", "bias")}
"""Recipe keys whose value is a list of some of these words."""
