"""A hundred CNNs of timm, imported: `python -m benchmarks.importing.timm_nets [NAME ...]`.

timm is no dependency of this project: install it beside it (`pip install timm`) for this count.
Prints a line for each net as `python -m benchmarks.importing` does, then the causes of refusals by
how many nets each of them keeps out.
"""

import sys
import warnings
from collections import Counter

from benchmarks.importing.outcome import outcome
from benchmarks.peers import torchvision_models

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


def causes(said: str) -> list[str]:
    """What kept a net out, without its places."""
    return [cause.partition(": in ")[0] for cause in said.split(" | ")]


def main() -> None:
    """Import what is asked for, else all; the counts come last."""
    warnings.simplefilter("ignore")
    torchvision_models()  # timm needs one that loads
    counts: Counter[str] = Counter()
    why: Counter[str] = Counter()
    for name in sys.argv[1:] or NETS:
        word, said = outcome(f"timm:{name}")
        counts[word] += 1
        why.update(causes(said) if word == "refused" else [])
        print(f"{name:32} {word:8} {said}", flush=True)
    for cause, many in why.most_common():
        print(f"{many:4}  {cause}")
    print(dict(counts))


if __name__ == "__main__":
    main()
