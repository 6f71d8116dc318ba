"""All that the command line says of a run, made once: nothing in it changes.

A value that was not given is the default here, and nowhere else. run.json keeps the settings that
make a run what it is; those of one session (`SESSION`) may differ each time that it goes on.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from cnnspec.train.errors import UsageError, unknown

SESSION = ("file", "resume", "log", "profile", "export", "seeds", "gpu_number", "stop_at", "format",
           "out", "name", "workers", "dry_run", "gpus", "processes")  # fmt: skip
COUNTS = ("patience", "seeds", "threads", "log_every", "eval_every", "save_every", "stop_at",
          "accumulate", "gpus", "processes")  # fmt: skip
LISTS = ("set", "schemes", "freeze", "lr_of", "log")
LOGGERS = ("csv", "tensorboard", "wandb")
LENGTHS = ("steps", "epochs")  # a run that goes on may become longer


@dataclass(frozen=True)
class Settings:
    """The flags of `cnnspec train` by their names, `flags` those that are laid over the recipe."""

    file: str | None = None
    set: tuple[str, ...] = ()
    input: str | None = None
    data: str | None = None
    root: str = "data"
    fetch: bool = False
    schemes: tuple[str, ...] = ()
    weights: str | None = None
    init_from: str | None = None
    by_shape: bool = False
    freeze: tuple[str, ...] = ()
    lr_of: tuple[tuple[str, float], ...] = ()
    gpu: bool = False
    gpus: int | None = None
    processes: int | None = None
    graph: bool | None = None
    compile: bool = False
    accumulate: int = 1
    workers: int | None = None
    dry_run: bool = False
    seed: int = 0
    threads: int | None = None
    precision: str = "auto"
    channels_last: bool = True
    out: str = "runs"
    name: str | None = None
    log_every: int | None = None
    eval_every: int | None = None
    save_every: int | None = None
    keep_best: bool = True
    patience: int | None = None
    class_weights: str | None = None
    log: tuple[str, ...] = ()
    profile: bool = False
    export: str | None = None
    seeds: int | None = None
    gpu_number: int = 0
    stop_at: int | None = None
    resume: str | None = None
    format: str = "text"
    flags: Mapping[str, object] = field(default_factory=dict)
    given: Mapping[str, object] = field(default_factory=dict, compare=False, repr=False)

    @property
    def recipe(self) -> dict[str, object]:
        """The recipe's fields that were given on the command line, nested as a recipe is."""
        return nested(self.flags)

    @property
    def as_json(self) -> bool:
        """Whether standard output is for a program."""
        return self.format == "json"

    def check(self) -> "Settings":
        """Return the settings; raise UsageError where a number is out of its range."""
        for name in COUNTS:
            value = getattr(self, name)
            if value is not None and value < 1:
                raise UsageError(f"{flag(name)} {value}: give at least 1")
        if self.workers is not None and self.workers < 0:
            raise UsageError(f"--workers {self.workers}: give at least 0")
        for name in self.log:
            if name not in LOGGERS:
                raise UsageError(f"--log {name}: {unknown('logger', name, LOGGERS)}")
        if not 0 <= self.seed < 2**63:
            raise UsageError(f"--seed {self.seed}: give a whole number from 0 to 2^63 - 1")
        return self

    def kept(self) -> dict[str, object]:
        """Return what run.json keeps, flat."""
        own = {name: getattr(self, name) for name in NAMES if name not in SESSION}
        return own | dict(self.flags)

    def resumed(self, saved: Mapping[str, object], recipe: Mapping[str, object]) -> "Settings":
        """Return the settings of a run that goes on: the saved ones, with this session's own.

        What is given again has to be equal, so that the command that began a run goes on with it; a
        greater length is taken. Raises UsageError where a flag would make it another run.
        """
        before = settings_of(saved)
        longer: dict[str, object] = {}
        for name, value in self.given.items():
            had = _had(before, recipe, name)
            if name in SESSION or value == "auto":
                continue
            if name in LENGTHS and isinstance(had, int) and isinstance(value, int) and value > had:
                longer[name] = value
            elif plain(value) != plain(had):
                was = "not given" if had is None else shown(had)
                raise UsageError(
                    f"a resumed run keeps its settings: {flag(name)} was {was} and is now "
                    f"{shown(value)}; leave it out"
                )
        session = {name: getattr(self, name) for name in SESSION}
        return replace(before, flags={**before.flags, **longer}, given=self.given, **session)


NAMES = tuple(item.name for item in fields(Settings) if item.name not in ("flags", "given"))


def settings_of(values: Mapping[str, object]) -> Settings:
    """Make the settings of flags by name; None stands for what was not given."""
    given = {name: _tuple(value) if name in LISTS else value
             for name, value in values.items() if value is not None}  # fmt: skip
    if "gpus" in given:
        given["gpu"] = True
    own: dict[str, Any] = {name: value for name, value in given.items() if name in NAMES}
    flags = {name: value for name, value in given.items() if name not in NAMES}
    return Settings(**own, flags=flags, given=given)


def _tuple(value: object) -> object:
    """Return lists, of lists too, as tuples."""
    return tuple(_tuple(item) for item in value) if isinstance(value, list | tuple) else value


def _had(before: Settings, recipe: Mapping[str, object], name: str) -> object:
    """Return what a setting was: as it was given, or as the recipe had it."""
    if name in NAMES:
        value = getattr(before, name)
        return _looked_up(recipe, "data.name") if name == "data" and value is None else value
    return before.flags[name] if name in before.flags else _looked_up(recipe, name)


def _looked_up(recipe: Mapping[str, object], name: str) -> object:
    section, dot, key = name.partition(".")
    found = recipe.get(section)
    return (found.get(key) if isinstance(found, Mapping) else None) if dot else found


def plain(value: object) -> object:
    """Return a value as JSON gives it back: tuples are lists."""
    return json.loads(json.dumps(value))


def shown(value: object) -> str:
    """Return a setting's value for a message."""
    if isinstance(value, list | tuple):
        return ", ".join(shown(item) for item in value) or "nothing"
    return f"{value:g}" if isinstance(value, float) else str(value)


def flag(name: str) -> str:
    """Return how a setting is given on the command line: `optimizer.lr` by --lr."""
    return f"--{name.rpartition('.')[2].replace('_', '-')}"


def nested(flags: Mapping[str, object]) -> dict[str, object]:
    """Nest flat flags as a recipe is: `optimizer.lr` is `lr` of `optimizer`."""
    found: dict[str, Any] = {}
    for name, value in flags.items():
        section, dot, key = name.partition(".")
        if name == "warmup_until":
            found["warmup"] = value
        elif name == "warmup_lr":
            time = flags.get("warmup", 0.0)
            found["warmup"] = {"name": "constant", "lr": value, "time": time}
        elif dot:
            found.setdefault(section, {})[key] = value
        elif name == "loss":
            found["loss"] = dict(value)  # type: ignore[call-overload]
        else:
            found.setdefault(name, value)
    return found
