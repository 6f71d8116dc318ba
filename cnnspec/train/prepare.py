"""From the command line and a module to all that a run needs, checked before its first step."""

import copy
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from cnnspec.train import arguments as command_line
from cnnspec.train.batches import Batches
from cnnspec.train.datasets import Dataset, Request, Stream, load_data, split_name
from cnnspec.train.datasets.decoders import decoder_name
from cnnspec.train.device import Compute, choose, require_gpu
from cnnspec.train.errors import UsageError, one_line
from cnnspec.train.evaluate import logits_of
from cnnspec.train.feed import Feed
from cnnspec.train.geometry import fit, geometry, stored_size
from cnnspec.train.groups import begin_biases, freeze
from cnnspec.train.loss import weights_of
from cnnspec.train.module import NetModule, build, load
from cnnspec.train.optim import Schedule, make_optimizer
from cnnspec.train.plan import RunPlan
from cnnspec.train.recipe import Recipe, resolve
from cnnspec.train.scorer import Scorer
from cnnspec.train.settings import Settings
from cnnspec.train.state import State, seed_everything
from cnnspec.train.step import Step
from cnnspec.train.stream import Streamed
from cnnspec.train.transforms import Transformed
from cnnspec.train.weights import begin_with
from cnnspec.train.world import World, join

LOG_STEPS = 100
Size = tuple[int, int, int]


def prepare(given: Settings, world: World | None = None) -> tuple[RunPlan, State]:
    """Load the module and the data, build the net, and check that they fit (T1).

    Raises UsageError, one line, for whatever is wrong or missing. Without a world this process
    joins the others that torchrun started, where it did.
    """
    if given.gpu:
        require_gpu()
    joined = world or join(given.gpu)
    return joined.together(lambda: _prepared(given, joined))


def _prepared(given: Settings, world: World) -> tuple[RunPlan, State]:
    net = load(command_line.module_path(given.file))
    recipe = resolve(net.recipe, given.recipe, f"{net.path}: RECIPE")
    size = command_line.input_size(given.input, net.input_size)
    name, said_by = _data_name(given, net, recipe)
    left_out = name == "synthetic" and recipe.data.scale  # it measures the net, not the decoder
    if left_out:
        recipe = replace(recipe, data=replace(recipe.data, scale=()))
    seed_everything(given.seed)
    if given.threads:
        torch.set_num_threads(given.threads)
    model = build(net, given.set)
    classes = probe(net, model, size, recipe)
    _check_norms(net, model, size, recipe.batch // (given.accumulate * world.count))
    found, notes = load_images(given, recipe, size, classes, name, said_by)
    notes += ["without the recipe's scales"] if left_out else []
    _check_classes(net, found.name, found.classes, classes)
    if given.resume is None:
        begin_biases(model, recipe.biases)
        notes += begin_with(model, given.weights, given.init_from, given.by_shape)
    notes += [freeze(model, given.freeze)] if given.freeze else []
    compute = choose(
        given.gpu, given.precision, given.channels_last, _count(model), given.gpu_number
    )
    plan = _plan(given, net, recipe, found, notes, compute, size, world, _count(model))
    return plan, _state(plan, model, given, world)


def load_images(
    given: Settings, recipe: Recipe, size: Size, classes: int, name: str, said_by: str
) -> tuple[Dataset | Stream, list[str]]:
    """Read the data set, and say what is done to its images."""
    stored = stored_size(recipe.data, size[1:])
    request = Request(
        split_name(name)[1],
        Path(given.root),
        stored,
        size[0],
        classes,
        recipe.batch,
        said_by,
        stream=bool(recipe.data.scale),
        fetch=given.fetch,
        schemes=given.schemes,
    )
    found = load_data(name, request)
    if isinstance(found, Stream):
        cut = geometry(recipe.data, found, size[1:], size[0]).cut()
        notes = [f"cut to {cut}, by workers with {decoder_name()}"]
        if recipe.data.mean == "pixel":
            notes.append("a mean for each channel, for a mean image takes a set in memory")
        return found, [found.note, *notes] if found.note else notes
    return fit(found, stored, size[0])


def _plan(
    given: Settings,
    net: NetModule,
    recipe: Recipe,
    dataset: Dataset | Stream,
    notes: list[str],
    compute: Compute,
    size: Size,
    world: World,
    parameters: int,
) -> RunPlan:
    cut = geometry(recipe.data, dataset, size[1:], size[0])
    batches: Feed
    if isinstance(dataset, Stream):
        batches = Streamed(
            dataset, cut, size[0], recipe.batch, given.seed, compute.device, given.workers,
            world.share,
        )  # fmt: skip
    else:
        batches = Batches(dataset, cut, recipe.batch, given.seed, compute.device, world.share)
    if recipe.transforms is not None:
        batches = Transformed(batches, recipe.transforms, len(dataset.classes), world.rank)
    if recipe.batch % (given.accumulate * world.count):
        raise UsageError(f"a batch of {recipe.batch} is not taken in {given.accumulate} even parts")
    steps = batches.ends_at = recipe.steps or (recipe.epochs or 1) * batches.steps_per_epoch
    return RunPlan(
        net=net,
        recipe=recipe,
        compute=compute,
        batches=batches,
        data=dataset.name,
        root=given.root,
        data_facts=_facts(dataset, batches),
        notes=notes,
        parameters=parameters,
        steps=steps,
        seed=given.seed,
        log_every=given.log_every or _log_every(compute, steps, batches),
        eval_every=given.eval_every or batches.steps_per_epoch,
        save_every=given.save_every,
        stop_at=given.stop_at,
        compile=given.compile,
        graph=given.graph,
        keep_best=given.keep_best,
        patience=given.patience,
        profile=given.profile,
    )


def _state(plan: RunPlan, model: nn.Module, given: Settings, world: World) -> State:
    recipe, device = plan.recipe, plan.compute.device
    model = plan.compute.place(model).train()
    per_unit = 1 if recipe.schedule.unit == "steps" else plan.batches.steps_per_epoch
    schedule = Schedule(
        recipe=recipe.schedule,
        lr=recipe.optimizer.lr,
        warmup_steps=round(recipe.warmup.time * per_unit),
        total_steps=plan.steps,
        steps_per_unit=per_unit,
        warmup=recipe.warmup,
    )
    optimizer = make_optimizer(recipe.optimizer, model, device, recipe.no_decay, given.lr_of)
    meter = torch.zeros(4, dtype=torch.float64, device=device)
    begun = round(recipe.average.start * per_unit) if recipe.average else 0
    work = Step(model, optimizer, recipe, plan.compute, meter, world, given.accumulate, begun)
    work.class_weights = class_weights(given.class_weights, plan, device)
    if world.rank:
        torch.manual_seed(given.seed + world.rank)  # dropout of its own
    graph = device.type == "cuda" and world.count == 1 and given.graph is not False
    scorer = Scorer(model, plan.compute, graph)
    return State(model, optimizer, schedule, meter, work, world, scorer)


def class_weights(text: str | None, plan: RunPlan, device: torch.device) -> Tensor | None:
    """Return a weight for each class, float [classes], of mean 1 over the training images.

    `balanced` weighs a class by one over how often it comes. Raises UsageError for another count of
    numbers than classes.
    """
    if text is None:
        return None
    counts = torch.tensor(plan.batches.class_counts, dtype=torch.float64)
    try:
        given = [float(part) for part in text.split(",")] if text != "balanced" else None
    except ValueError as error:
        raise UsageError(f"--class-weights {text}: write numbers, or balanced") from error
    weights = 1 / counts.clamp(min=1) if given is None else torch.tensor(given, dtype=torch.float64)
    if len(weights) != len(counts):
        raise UsageError(f"--class-weights: {len(weights)} numbers for {len(counts)} classes")
    return (weights * counts.sum() / (weights * counts).sum()).float().to(device)


def _data_name(given: Settings, net: NetModule, recipe: Recipe) -> tuple[str, str]:
    if given.data is not None:
        split_name(given.data)
        return given.data, "--data"
    if recipe.data.name is None:
        raise UsageError(
            f"{net.path} names no data: add --data, such as --data digits --set classes=10"
        )
    split_name(recipe.data.name)
    return recipe.data.name, "the recipe"


def probe(net: NetModule, model: nn.Module, size: Size, recipe: Recipe) -> int:
    """Send one black image through the net and return its number of classes (M4).

    Where the recipe weighs several outputs, a copy in training mode is asked for their names.
    """
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            logits = logits_of(model.eval()(torch.zeros(1, *size)))
            if recipe.loss:
                training = copy.deepcopy(model).train()(torch.zeros(2, *size))
                weights_of(training, recipe.loss)
    except UsageError:
        raise
    except Exception as error:
        shown = "x".join(str(item) for item in size)
        raise UsageError(f"{net.name} does not take {shown}: {one_line(error)}") from error
    if logits.dim() != 2 or logits.shape[0] != 1:
        shown = "x".join(str(item) for item in logits.shape[1:])
        raise UsageError(
            f"{net.name} returns {shown} for an image, and logits [classes] are wanted"
        )
    return logits.shape[1]


def _check_norms(net: NetModule, model: nn.Module, size: Size, part: int) -> None:
    """Raise UsageError where a batch norm would see one value a channel (W0209)."""
    if part != 1:
        return
    copied, seen = copy.deepcopy(model).train(), []
    for name, layer in copied.named_modules():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm):
            layer.register_forward_pre_hook(
                lambda _, arrived, name=name: seen.append((name, arrived[0].shape))
            )
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            copied(torch.zeros(1, *size))
    except ValueError:
        name, shape = seen[-1]
        arrived = "x".join(str(item) for item in shape[1:])
        raise UsageError(
            f"{net.name}: {name} normalises one value for each channel: a map of {arrived} "
            "arrives, and training with a batch of one (or parts of one: --accumulate, several "
            "processes) stops there; give a larger --batch"
        ) from None


def _check_classes(net: NetModule, name: str, labels: list[str], classes: int) -> None:
    wanted = len(labels)
    if wanted == classes:
        return
    advice = f"add --set classes={wanted}"
    if "classes" not in net.parameters:
        advice = f"{net.name} takes no parameter `classes`"
    raise UsageError(f"{net.name} has {classes} classes and {name} has {wanted}: {advice}")


def _count(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def _facts(dataset: Dataset | Stream, batches: Feed) -> dict[str, object]:
    found: dict[str, object] = {"name": dataset.name}
    found.update(train=len(dataset.train), test=len(dataset.test), classes=dataset.classes)
    found.update(mean=batches.statistics.mean, std=batches.statistics.std)
    if isinstance(dataset, Stream):
        found["decoder"] = decoder_name()
    return found


def _log_every(compute: Compute, steps: int, batches: Feed) -> int:
    """On a GPU reading the loss makes the host wait: once an epoch is often enough there."""
    if compute.device.type == "cuda":
        return batches.steps_per_epoch
    return max(1, min(LOG_STEPS, steps // 10))
