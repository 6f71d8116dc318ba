"""From a run or a weights file to a table of errors, eval.json and confusion.svg."""

import json
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from cnnspec.train.checkpoint import replace_file
from cnnspec.train.datasets import Request, Stream, load_data, split_name
from cnnspec.train.device import machine
from cnnspec.train.errors import UsageError, printable
from cnnspec.train.evaluate import tells_top5
from cnnspec.train.evaluation.arguments import Asked
from cnnspec.train.evaluation.classes import class_lines, per_class
from cnnspec.train.evaluation.matrix import draw_confusion
from cnnspec.train.evaluation.scores import BATCH, Net, averaged, centre, confusion, errors
from cnnspec.train.feed import Finish, Statistics
from cnnspec.train.plan import RunPlan
from cnnspec.train.prepare import prepare
from cnnspec.train.run import SETTINGS, Run
from cnnspec.train.settings import Settings, settings_of
from cnnspec.train.weights import put_weights, read_weights

IMAGENET = Statistics((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))  # torchvision's


def evaluate_command(given: Asked) -> int:
    """Test all models under all protocols; several are also averaged."""
    rows: list[dict[str, object]] = []
    kept: dict[str, list[Tensor]] = {}
    labels = torch.empty(0)
    plan: RunPlan | None = None
    for target in given.models:
        before = plan
        plan, net = load_tested(given, target)
        _check_same_data(before, plan)
        for protocol in given.protocols:
            found, labels = probabilities(given, plan, net, protocol)
            kept.setdefault(protocol, []).append(found)
            rows.append(_row(target, protocol, found, labels))
        plan.batches.close()
    assert plan is not None
    if len(given.models) > 1:
        for protocol, members in kept.items():
            mean = torch.stack(members).mean(0)
            kept[protocol] = [mean]
            rows.append(_row(f"ensemble of {len(members)}", protocol, mean, labels))
    matrix = confusion(kept[given.protocols[0]][-1], labels)
    classes = per_class(matrix, plan.classes)
    facts: dict[str, object] = {
        "schema": "cnnspec.eval/1", "net": plan.net.name, "data": plan.data, "images": len(labels),
        "machine": machine(plan.compute.device), "errors": rows,
        "classes": [one.facts() for one in classes],
    }  # fmt: skip
    written = _write(given, facts, matrix, plan)
    _show(given, facts, rows, class_lines(classes) if given.per_class else [], written)
    return 0


def _check_same_data(before: RunPlan | None, plan: RunPlan) -> None:
    """Several models are tested, and averaged, on one set."""
    if before is not None and before.data != plan.data:
        raise UsageError(
            f"{before.data} and {plan.data}: several models are tested on one set; give --data"
        )


def _row(name: str, protocol: str, found: Tensor, labels: Tensor) -> dict[str, object]:
    top1, top5 = errors(found, labels)
    return {"model": name, "protocol": protocol, "top1_error": top1,
            "top5_error": top5 if tells_top5(found.shape[1]) else None}  # fmt: skip


def load_tested(given: Asked, target: str) -> tuple[RunPlan, Net]:
    """Build the net of a run or of FILE.py with the weights of a target."""
    plan, state = prepare(_arguments(given, Path(target)))
    weights, facts = read_weights(Path(target))
    put_weights(state.model, weights, target)
    found = plan.batches.statistics
    if "mean" in facts and "std" in facts:
        found = Statistics(_numbers(facts["mean"]), _numbers(facts["std"]))
    elif len(found.mean) == 3:
        found = IMAGENET
    device = plan.compute.device
    torch.backends.cudnn.benchmark = False  # views of many sizes: each would be tried anew
    finish = Finish(found, plan.batches.geometry, device)
    plan.batches.normalise_by(finish, _pixel_mean(facts.get("pixel_mean"), plan))
    channels = len(found.mean)
    model = state.model.eval()
    crop = plan.batches.geometry.crop
    return plan, Net(plan.net.name, model, plan.compute, finish, crop, channels)


def _pixel_mean(found: object, plan: RunPlan) -> Tensor | None:
    """Return the mean image that weights were trained with; of a run under way the set's own."""
    return torch.tensor(found) if isinstance(found, list) else plan.batches.pixel_mean


def _numbers(value: object) -> tuple[float, ...]:
    if not isinstance(value, list) or not all(isinstance(item, int | float) for item in value):
        raise UsageError(f"the facts beside the weights are damaged: {value!r}")
    return tuple(float(item) for item in value)


def _arguments(given: Asked, target: Path) -> Settings:
    """Return the arguments of the training run, with this command's own laid over them."""
    made = Settings()
    run = target if target.is_dir() else target.parent  # best.safetensors of a run is the run's
    if (run / SETTINGS).is_file():
        settings = Run(run).settings()
        saved = settings["arguments"]
        assert isinstance(saved, dict)
        made = replace(settings_of(saved), file=given.file or str(settings["file"]))
    elif given.file is None:
        raise UsageError(f"{target} is no run: name the module too, cnnspec eval NET.py {target}")
    return replace(
        made,
        file=given.file or made.file,
        data=given.data or made.data,
        root=given.root or made.root,
        input=given.input or made.input,
        set=given.set or made.set,
        precision="fp32" if not given.gpu and made.precision == "auto" else made.precision,
        gpu=given.gpu,
        gpus=None,
        threads=None,
        resume="eval",
    )


def probabilities(given: Asked, plan: RunPlan, net: Net, protocol: str) -> tuple[Tensor, Tensor]:
    """Return the probabilities and labels of the test images, or of `--limit` of them."""
    chosen = _chosen(int(str(plan.data_facts["test"])), given.limit)
    if protocol == "centre":
        return centre(net, plan.batches.test(BATCH, chosen))
    source = _originals(given, plan, net).test
    labels = torch.tensor([source.labels[index] for index in chosen])
    return averaged(net, protocol, source, chosen, given.sides), labels


def _chosen(count: int, limit: int | None) -> range:
    """Return the numbers of `limit` evenly spaced images, of all without a limit."""
    return range(count)[:: max(1, count // limit)][:limit] if limit else range(count)


def _originals(given: Asked, plan: RunPlan, net: Net) -> Stream:
    """Return the images as they are before any resizing."""
    name = given.data or plan.data
    root = Path(plan.root)
    asked = Request(
        split_name(name)[1], root, net.crop, net.channels, len(plan.classes), 1, stream=True
    )
    found = load_data(name, replace(asked))
    assert isinstance(found, Stream)
    return found


def _write(given: Asked, facts: dict[str, object], matrix: Tensor, plan: RunPlan) -> list[Path]:
    """Write eval.json and confusion.svg to the folder asked for, or to the one run."""
    first = Path(given.models[0])
    folder = Path(given.output) if given.output else first if first.is_dir() else None
    if folder is None:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    title = f"{plan.net.name} on {plan.data}, {given.protocols[0]}"
    files = {"eval.json": json.dumps(facts, indent=1) + "\n"}
    if drawn := draw_confusion(matrix, plan.classes, title):
        files["confusion.svg"] = drawn
    for name, text in files.items():
        replace_file(folder / name, text.encode())
    return [folder / name for name in files]


def _show(
    given: Asked,
    facts: dict[str, object],
    rows: list[dict[str, object]],
    classes: list[str],
    written: list[Path],
) -> None:
    if given.as_json:
        print(json.dumps(facts))
        return
    width = max(len(str(row["model"])) for row in rows)
    print(printable(f"{facts['net']} · {facts['data']} · {facts['images']:,} images · error in %"))
    print(f"  {'':<{width}}  {'protocol':<17} {'top-1':>7} {'top-5':>7}")
    for row in rows:
        line = f"  {row['model']!s:<{width}}  {row['protocol']!s:<17}"
        top5 = "–" if row["top5_error"] is None else f"{row['top5_error']:.2f}"
        print(printable(f"{line} {row['top1_error']:>7.2f} {top5:>7}"))
    for line in classes:
        print(line)
    if written:
        print(printable("  " + "  ".join(str(path) for path in written)))
