"""A recipe (rule M7): plain data in the module, a checked record here, a flag for every field.

Where a recipe says nothing the trainer's defaults hold: batch 64, 30 epochs, SGD with lr 0.05,
momentum 0.9, weight decay 5e-4, cosine schedule. An optimizer that a recipe names starts from
zero momentum and weight decay, as torch's do: what a paper does not say is not added.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from cnnspec.train.errors import UsageError
from cnnspec.train.fields import Fields

KEYS = ("data", "batch", "steps", "epochs", "optimizer", "schedule", "warmup", "label_smoothing",
        "loss", "average", "clip", "no_decay", "bias", "transforms")  # fmt: skip
DATA_KEYS = ("name", "resize", "crop", "pad", "flip", "scale", "color", "cutout", "mean")
MEANS = ("channel", "pixel")
COLORS = ("pca", "jitter", "none")
OPTIMIZER_KEYS = {
    "sgd": ("name", "lr", "momentum", "weight_decay", "nesterov"),
    "rmsprop": ("name", "lr", "momentum", "weight_decay", "decay", "eps", "eps_inside"),
    "adamw": ("name", "lr", "weight_decay", "eps"),
}
SCHEDULE_KEYS = {
    "step": ("name", "at", "every", "factor"),
    "exponential": ("name", "every", "factor"),
    "on_plateau": ("name", "factor"),
    "poly": ("name", "power"),
    "cosine": ("name",),
    "constant": ("name",),
}
TRANSFORM_KEYS = ("mixup", "cutmix", "randaugment", "erase")
NO_DECAY = ("bn", "bias")
WARMUP_KEYS = {"until_error": ("name", "lr", "error"), "constant": ("name", "lr", "time")}
AVERAGE_KEYS = {"ema": ("name", "decay", "start"), "swa": ("name", "start")}
DEFAULT_BATCH = 64
DEFAULT_EPOCHS = 30
DEFAULT_OPTIMIZER = {"name": "sgd", "lr": 0.05, "momentum": 0.9, "weight_decay": 5e-4}
DEFAULT_SCHEDULE = {"name": "cosine"}
DEFAULT_DECAY = 0.999  # of an exponential mean
DEFAULT_LR = {"sgd": 0.05, "rmsprop": 0.001, "adamw": 0.001}


@dataclass(frozen=True)
class DataRecipe:
    """Which images, and how they are cut; None where the recipe does not say.

    `scale` above 1 is the range of the shorter side that crops are cut from (scale jitter), up to
    1 the range of the area that is cut and resized (random-resized crop).
    """

    name: str | None = None
    resize: int | None = None
    crop: int | None = None
    pad: int | None = None
    flip: bool | None = None
    scale: tuple[float, ...] = ()
    color: str = "none"
    cutout: int = 0
    mean: str = "channel"  # what is subtracted: a number a channel, or a mean image


@dataclass(frozen=True)
class OptimizerRecipe:
    """An optimizer by the names that papers use; `decay` is RMSProp's averaging factor."""

    name: str
    lr: float
    momentum: float
    weight_decay: float
    nesterov: bool
    decay: float
    eps: float
    eps_inside: bool = False  # RMSProp in TensorFlow's form, eps under the root


@dataclass(frozen=True)
class ScheduleRecipe:
    """How the learning rate falls; `at` and `every` count in `unit`, steps or epochs."""

    name: str
    at: tuple[float, ...]
    every: float | None
    factor: float
    unit: str
    power: float = 1.0  # of poly: the rate is lr (1 - t/T)^power


@dataclass(frozen=True)
class Warmup:
    """How a run begins: `time` in which the rate rises, or is `lr`; or `lr` until an error.

    `error` is a training error of a log interval, in percent.
    """

    time: float = 0.0
    lr: float | None = None
    error: float | None = None


@dataclass(frozen=True)
class TransformsRecipe:
    """torchvision's: alphas of mixup and cutmix, RandAugment's magnitude, the chance of erasing."""

    mixup: float = 0.0
    cutmix: float = 0.0
    randaugment: int = 0
    erase: float = 0.0


@dataclass(frozen=True)
class AverageRecipe:
    """What is tested and kept: the weights' exponential mean ("ema") or plain mean ("swa")."""

    name: str
    decay: float
    start: float  # in the run's unit


@dataclass(frozen=True)
class Recipe:
    """All that decides a training run besides net, data, seed and device."""

    data: DataRecipe
    batch: int
    steps: int | None
    epochs: int | None
    optimizer: OptimizerRecipe
    schedule: ScheduleRecipe
    warmup: Warmup
    label_smoothing: float
    loss: dict[str, float]
    average: AverageRecipe | None = None
    clip: float = 0.0  # largest norm of all gradients together; 0 leaves them as they are
    no_decay: tuple[str, ...] = ()  # kinds of weights without weight decay
    biases: tuple[tuple[str, float], ...] = ()  # what those of some layers begin with
    transforms: TransformsRecipe | None = None
    is_default: bool = False


def parse(raw: object, where: str) -> Recipe:
    """Check a recipe's plain data; raise UsageError, naming key and file, where it is wrong."""
    fields = Fields(raw, where, KEYS)
    steps, epochs = fields.integer("steps"), fields.integer("epochs")
    if steps and epochs:
        raise UsageError(f"{where}: steps and epochs are both given; a run ends once")
    unit = "steps" if steps else "epochs"
    optimizer = fields.raw.get("optimizer", DEFAULT_OPTIMIZER)
    schedule = fields.raw.get("schedule", DEFAULT_SCHEDULE)
    return Recipe(
        data=_data(fields.raw.get("data", {}), f"{where}, data"),
        batch=fields.integer("batch") or DEFAULT_BATCH,
        steps=steps,
        epochs=epochs if epochs or steps else DEFAULT_EPOCHS,
        optimizer=_optimizer(optimizer, f"{where}, optimizer"),
        schedule=_schedule(schedule, f"{where}, schedule", unit),
        warmup=_warmup(fields, where),
        label_smoothing=fields.number("label_smoothing", 0.0, high=1.0),
        loss=_loss(fields.raw.get("loss", {}), f"{where}, loss"),
        clip=fields.number("clip", 0.0),
        transforms=_transforms(fields.raw.get("transforms"), f"{where}, transforms"),
        biases=_biases(fields.raw.get("bias"), f"{where}, bias"),
        no_decay=fields.words("no_decay", NO_DECAY),
        average=_average(fields.raw.get("average"), f"{where}, average"),
        is_default=not fields.raw,
    )


def _warmup(fields: Fields, where: str) -> Warmup:
    """Read a time, or a record that says which rate holds until when."""
    raw = fields.raw.get("warmup", 0.0)
    if not isinstance(raw, Mapping):
        return Warmup(time=fields.number("warmup", 0.0))
    where = f"{where}, warmup"
    name = Fields(raw, where, list(raw)).choice("name", tuple(WARMUP_KEYS), "until_error")
    given = Fields(raw, f"{where} {name}", WARMUP_KEYS[name])
    lr = given.number("lr", 0.01)
    if name == "constant":
        return Warmup(time=given.number("time", 0.0), lr=lr)
    return Warmup(lr=lr, error=given.number("error", 80.0, high=100.0))


def resolve(raw: object, flags: Mapping[str, object], where: str) -> Recipe:
    """Return the module's recipe with the command line's values laid over it.

    A schedule keeps the unit of the recipe that it came from: `--epochs 2` does not turn a drop
    at step 32,000 into one at epoch 32,000.
    """
    own = parse(raw, where)
    if not flags:
        return own
    assert isinstance(raw, Mapping)
    merged = dict(raw)
    if "steps" in flags or "epochs" in flags:
        merged = {key: value for key, value in merged.items() if key not in ("steps", "epochs")}
    if "optimizer" in flags and "optimizer" not in raw:
        merged["optimizer"] = DEFAULT_OPTIMIZER
    for key, value in flags.items():
        merged[key] = _laid_over(key, merged.get(key, {}), value)
    recipe = replace(parse(merged, "command line"), is_default=own.is_default)
    timed = flags.get("schedule", {})
    if isinstance(timed, Mapping) and ("at" in timed or "every" in timed):
        return recipe
    return replace(recipe, schedule=replace(recipe.schedule, unit=own.schedule.unit))


def _laid_over(key: str, base: object, value: object) -> object:
    if not isinstance(value, Mapping) or not isinstance(base, Mapping):
        return value
    renamed = "name" in value and value["name"] != base.get("name")
    # another optimizer or schedule starts afresh; other data keeps how its images are cut
    return dict(value) if renamed and key != "data" else {**base, **value}


def _data(raw: object, where: str) -> DataRecipe:
    fields = Fields(raw, where, DATA_KEYS)
    scale = fields.numbers("scale")
    if scale and (len(scale) != 2 or scale[0] <= 1 < scale[1]):
        raise fields.wrong("scale", "two sides in pixels or two shares of the area, lowest first")
    return DataRecipe(
        name=fields.text("name"),
        resize=fields.integer("resize"),
        crop=fields.integer("crop"),
        pad=fields.integer("pad", low=0),
        flip=fields.flag("flip"),
        scale=scale,
        color=fields.choice("color", COLORS, "none"),
        mean=fields.choice("mean", MEANS, "channel"),
        cutout=fields.integer("cutout", low=0) or 0,
    )


def _optimizer(raw: object, where: str) -> OptimizerRecipe:
    name = Fields(raw, where, list(raw) if isinstance(raw, Mapping) else []).choice(
        "name", tuple(OPTIMIZER_KEYS), "sgd"
    )
    fields = Fields(raw, f"{where} {name}", OPTIMIZER_KEYS[name])
    momentum = fields.number("momentum", 0.0, high=1.0)
    if fields.flag("nesterov") and not momentum:
        raise UsageError(f"{where}: nesterov needs a momentum above 0")
    return OptimizerRecipe(
        name=name,
        lr=fields.number("lr", DEFAULT_LR[name]),
        momentum=momentum,
        weight_decay=fields.number("weight_decay", 0.01 if name == "adamw" else 0.0),
        nesterov=fields.flag("nesterov") or False,
        decay=fields.number("decay", 0.99, high=1.0),
        eps=fields.number("eps", 1e-8),
        eps_inside=fields.flag("eps_inside") or False,
    )


def _schedule(raw: object, where: str, unit: str) -> ScheduleRecipe:
    name = Fields(raw, where, list(raw) if isinstance(raw, Mapping) else []).choice(
        "name", tuple(SCHEDULE_KEYS), "constant"
    )
    fields = Fields(raw, f"{where} {name}", SCHEDULE_KEYS[name])
    at, every = fields.numbers("at"), fields.number("every", 0.0) or None
    if name == "step" and bool(at) == bool(every):
        raise UsageError(f"{where}: step takes `at` (a list) or `every` (a number), one of them")
    factor, power = fields.number("factor", 0.1, high=1.0), fields.number("power", 1.0)
    return ScheduleRecipe(name, at, every, factor, unit, power)


def _average(raw: object, where: str) -> AverageRecipe | None:
    if raw is None:
        return None
    name = Fields(raw, where, list(raw) if isinstance(raw, Mapping) else []).choice(
        "name", tuple(AVERAGE_KEYS), "ema"
    )
    fields = Fields(raw, f"{where} {name}", AVERAGE_KEYS[name])
    decay = fields.number("decay", DEFAULT_DECAY, high=1.0)
    return AverageRecipe(name, decay, fields.number("start", 0.0))


def _transforms(raw: object, where: str) -> TransformsRecipe | None:
    if raw is None:
        return None
    fields = Fields(raw, where, TRANSFORM_KEYS)
    return TransformsRecipe(
        mixup=fields.number("mixup", 0.0),
        cutmix=fields.number("cutmix", 0.0),
        randaugment=fields.integer("randaugment", low=0) or 0,
        erase=fields.number("erase", 0.0, high=1.0),
    )


def _biases(raw: object, where: str) -> tuple[tuple[str, float], ...]:
    if raw is None:
        return ()
    fields = Fields(raw, where, ("name", "value", "at"))
    fields.choice("name", ("constant",), "constant")
    paths = fields.raw.get("at", [])
    if not isinstance(paths, list | tuple) or not all(isinstance(path, str) for path in paths):
        raise fields.wrong("at", "a list of layers")
    value = fields.number("value", 0.0, low=-math.inf)
    return tuple((str(path), value) for path in paths)


def _loss(raw: object, where: str) -> dict[str, float]:
    fields = Fields(raw, where, list(raw) if isinstance(raw, Mapping) else [])
    return {name: fields.number(name, 1.0) for name in fields.raw}
