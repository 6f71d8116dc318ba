"""A hundred CNNs of timm, imported: `python -m benchmarks.importing.timm_nets [NAME ...]`.

timm is no dependency of this project: install it beside it (`pip install timm`) for this count.
Each net has a process of its own, which may use 120 s of a core.  Prints a line for each as
`python -m benchmarks.importing` does, then the causes of refusals by how many nets each of them
keeps out; with no names, the table goes to benchmarks/results/importing_timm.md.
"""

import os
import platform
import resource
import sys
import warnings
from collections import Counter
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import torch

from benchmarks.importing.outcome import outcome
from benchmarks.peers import torchvision_models

LIMIT = 120
"""Seconds of a core that one net may use."""
ROOM = 60_000
"""Bytes that a pipe takes at once."""
TABLE = Path(__file__).resolve().parents[1] / "results" / "importing_timm.md"

NETS = """
resnet18 resnet34 resnet50 resnet101 resnet14t resnet18d resnet26d resnet26t resnet50_gn
wide_resnet50_2
resnext50_32x4d resnext101_32x8d resnext50d_32x4d resnext26ts
seresnet18 seresnet50 legacy_seresnet50 seresnext50_32x4d ecaresnet50d
resnest14d resnest26d resnest50d
regnetx_002 regnetx_016 regnety_002 regnety_016 regnetz_005 regnetv_040 regnetz_b16
efficientnet_b0 efficientnet_b1 efficientnet_b3 tf_efficientnet_b0 efficientnet_lite0
efficientnet_es efficientnetv2_s efficientnetv2_rw_t mixnet_s tf_efficientnetv2_b0
mobilenetv1_100 mobilenetv2_100 mobilenetv2_140 mobilenetv3_small_100 mobilenetv3_large_100
tf_mobilenetv3_small_100 mobilenetv4_conv_small mobilenetv4_conv_medium mobilenet_edgetpu_100
mnasnet_050 mnasnet_100 mnasnet_small semnasnet_100
densenet121 densenet169 densenetblur121d
vgg11 vgg11_bn vgg16 vgg16_bn vgg19_bn
dla34 dla60 dla46_c dla60x
dpn68 dpn68b dpn92
hrnet_w18_small hrnet_w18
inception_v3 inception_v4 inception_resnet_v2
legacy_xception xception41 xception65 xception41p
ghostnet_050 ghostnet_100 repghostnet_100
repvgg_a0 repvgg_b0 repvgg_b1g4
res2net50_26w_4s res2net101_26w_4s dla60_res2net
cspresnet50 cspresnext50 cspdarknet53
darknet53 cs3darknet_s darknetaa53
vovnet39a ese_vovnet19b_dw ese_vovnet39b
nfnet_l0 nf_resnet50 dm_nfnet_f0
convnext_atto convnext_tiny convnextv2_atto
""".split()
"""The families that the contract names, small members first."""


Row = tuple[str, str, str]
"""The name of a net, the word for how its import ended, and what there is to say of it."""


def causes(said: str) -> list[str]:
    """What kept a net out, without its places."""
    return [cause.partition(": in ")[0] for cause in said.split(" | ")]


def judged(name: str) -> Row:
    """How the import of one net ends in a process of its own, which has what this one imported."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT + 5))
        os.close(read)
        try:
            word, said = outcome(f"timm:{name}")
        except Exception as error:
            word, said = "error", f"{type(error).__name__}: {error}"
        os.write(write, f"{word}\t{said}".encode()[:ROOM])
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        word, _, said = pipe.read().partition("\t")
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return name, "timeout", f"more than {LIMIT} s"
    return name, word, said


def table(rows: Sequence[Row]) -> str:
    """All results as a page: the counts, why nets are refused, a row for each net."""
    counts = Counter(word for _, word, _ in rows)
    why = Counter(cause for _, word, said in rows if word == "refused" for cause in causes(said))
    cores = os.cpu_count()
    machine = f"{cores} cores of {platform.machine()}, Python {platform.python_version()}"
    versions = f"timm {version('timm')}, PyTorch {version('torch')}"
    heading = [
        "# A hundred CNNs of timm, imported",
        "",
        f"`python -m benchmarks.importing.timm_nets`: {versions}, {machine}. At most {LIMIT} s of",
        "a core for each net, on a machine with other work.",
        "",
        ", ".join(f"{many} {word}" for word, many in counts.most_common()) + ".",
        "",
    ]
    reasons = ["| nets refused | cause |", "|--:|---|"]
    reasons += [f"| {many} | {cause} |" for cause, many in why.most_common()]
    nets = ["| net | ends | |", "|---|---|---|"]
    nets += [f"| {name} | {word} | {said.replace('|', '/')} |" for name, word, said in rows]
    return "\n".join([*heading, *(reasons if why else []), "", *nets, ""])


def main() -> None:
    """Import what is asked for, else all; the counts come last."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    torchvision_models()  # timm needs one that loads
    import_module("timm")
    rows = []
    for name in sys.argv[1:] or NETS:
        rows.append(judged(name))
        print(f"{name:32} {rows[-1][1]:8} {rows[-1][2]}", flush=True)
    said = table(rows)
    print(said.partition("| net |")[0])
    if not sys.argv[1:]:
        TABLE.write_text(said, encoding="utf-8")


if __name__ == "__main__":
    main()
