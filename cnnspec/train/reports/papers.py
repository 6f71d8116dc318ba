"""What the papers print for their nets: errors in percent, with protocol and place."""

from dataclasses import dataclass

HE = "He et al. 2015, arXiv:1512.03385"
TEN = "10-crop, validation"


@dataclass(frozen=True)
class Printed:
    """One printed figure; `about` marks one that was read off a curve."""

    data: str
    top1: float
    top5: float | None
    protocol: str
    source: str
    about: bool = False

    def shown(self) -> str:
        """Return top-1 and, where it is printed, top-5."""
        text = f"{'about ' if self.about else ''}{self.top1:g}"
        return text if self.top5 is None else f"{text} / {self.top5:g}"


def _cifar(error: float, place: str = "table 6", about: bool = False) -> Printed:
    return Printed("cifar10", error, None, "test", f"{HE}, {place}", about)


def _imagenet(top1: float, top5: float | None, place: str = "table 3") -> Printed:
    return Printed("imagenet", top1, top5, TEN, f"{HE}, {place}")


PRINTED: dict[str, Printed] = {
    "resnet20": _cifar(8.75),
    "resnet32": _cifar(7.51),
    "resnet44": _cifar(7.17),
    "resnet56": _cifar(6.97),
    "resnet110": _cifar(6.43, "table 6 (best of 5; 6.61 +- 0.16)"),
    "resnet1202": _cifar(7.93),
    "plain20": _cifar(9.0, "figure 6", about=True),
    "plain56": _cifar(13.0, "figure 6", about=True),
    "plain18": _imagenet(27.94, None, "table 2"),
    "resnet18": _imagenet(27.88, None, "table 2"),
    "plain34": _imagenet(28.54, 10.02),
    "resnet34_a": _imagenet(25.03, 7.76),
    "resnet34": _imagenet(24.52, 7.46),
    "resnet34_c": _imagenet(24.19, 7.40),
    "resnet50_paper": _imagenet(22.85, 6.71),
    "resnet101_paper": _imagenet(21.75, 6.05),
    "resnet152_paper": _imagenet(21.43, 5.71),
}
"""Net -> its figure; nets that differ from the paper's (torchvision's resnet50) have none."""
