"""The text of a few nets that between them show every derivation rule of docs/codegen.md."""

import re
from pathlib import Path

import pytest

from tests.backends.harness import CASES, ROOT, text_of
from tests.backends.test_constructs import equals_the_graph

GOLDEN = Path(__file__).parent / "golden"
RULES = CASES.parent / "rules"
NETS = {
    "vgg_d": CASES / "vgg_d.cnn",
    "googlenet": CASES / "googlenet.cnn",
    "densenet121": CASES / "densenet121.cnn",
    "inception_v3": CASES / "inception_v3.cnn",
    "resnet20_preact": CASES / "preact.cnn",
    "tour": CASES / "tour.cnn",
    "ladder": RULES / "ladder.cnn",
    "deep": RULES / "deep.cnn",
}

SHOWN = {
    "C1": ("vgg_d", "class VGG(nn.Module):", "def vgg_d(classes: int = 1000) -> VGG:"),
    "C2": ("densenet121", "class Transition(nn.Sequential):", "self.norm = nn.BatchNorm2d"),
    "C3": ("tour", "class Stage(nn.Sequential):", "self.append(nn.BatchNorm2d(channels))"),
    "C4": ("googlenet", "class Inception(nn.Module):", "def forward(self, x: Tensor) -> Tensor:"),
    "C5": ("vgg_d", "self.classifier = nn.Sequential(", "features += [nn.MaxPool2d(2, stride=2)]"),
    "C6": ("densenet121", "self.features = nn.Sequential(OrderedDict(features))"),
    "C7": ("ladder", "class Merge(nn.Module):", "self.merge = Merge(width, 3, width)"),
    "C8": ("ladder", "class Trunk(nn.ModuleDict):", 'x = x + self["2"](x)'),
    "C9": ("vgg_d", "for _ in range(depth):"),
    "C10": ("resnet20_preact", "self.layer2 = Stage(64, n, channels=32, stride=2)"),
    "C11": ("deep", 'self.add_module(f"conv{i + 1}", nn.Conv2d(8, 8, 1))', "for i in range(9):",
            'x = torch.sigmoid(getattr(self, f"conv{i + 1}")(x))  # 8x8x8'),
    "C12": ("vgg_d", "channels = min(64 * 2**i, 512)"),
    "C13": ("googlenet", "self.dropout1 = nn.Dropout(0.4)", "x = self.dropout1(x)  # 1024"),
    "C14": ("googlenet", "x = F.max_pool2d(x, 3, stride=2, ceil_mode=True)  # 64x56x56",
            "nn.MaxPool2d(3, stride=1, padding=1),"),
    "C15": ("tour", "y = self.bn2(self.conv2(y))",
            "return F.relu(y + self.downsample(x), inplace=True)"),
    "C16": ("googlenet", "return torch.cat([y1, y2, y3, y4], dim=1)"),
    "C17": ("tour", "x = scale1_0 = self.scale1[0](x)  # 32x16x16"),
    "C18": ("ladder", "return x, relu1", "x, last_relu1 = self.last(x)  # 8x4x4"),
    "C19": ("ladder", "def forward(self, x: Tensor, left: Tensor) -> Tensor:",
            "x = merge = self.merge(x, left)  # 8x8x8"),
    "C20": ("ladder", "def forward(self, left: Tensor, right: Tensor) ->",
            "INPUT_SIZE = (3, 16, 16)"),
    "C21": ("tour", "class TourOutputs(NamedTuple):",
            "return TourOutputs(logits, coarse, fine)"),
    "C22": ("ladder", "if self.training:",
            "return LadderTrainingOutputs(logits, middle, self.early(merge))"),
    "C23": ("ladder", "self.inner = nn.ModuleList(", "x = self.inner[1](x)  # [width, 8, 8]"),
    "C24": ("ladder", '"conv1_pad": nn.ZeroPad2d((1, 0, 1, 0)),', "F.pad(x, (0, 1, 0, 1))"),
    "C25": ("vgg_d", "x = torch.flatten(x, 1)  # 25088"),
    "C26": ("vgg_d", '"schedule": {"name": "on_plateau", "factor": 0.1},'),
    "C27": ("densenet121", '"""Table 1: four dense blocks with transitions between them."""',
            '"""DenseNet-121, a densely connected network with growth rate 32.'),
    "P1": ("densenet121", "def __init__(self, in_channels: int, depth: int, growth: int) -> None:"),
    "P2": ("tour", "Basic(in_channels, channels, stride),", "not: option"),
    "P3": ("vgg_d", "depths: tuple[int, int, int, int, int]"),
    "P4": ("densenet121", "stem = 2 * growth"),
    "P5": ("inception_v3", "kernel: int | tuple[int, int],", "Cbr(c, c, (1, 7), padding=(0, 3))"),
    "P6": ("googlenet", "self.inception3a = Inception(192, 64, 96, 128, 16, 32, 32)"),
    "S1": ("resnet20_preact", "*(Preact(4 * channels, channels, 1) for _ in range(depth - 1)),"),
    "S2": ("tour", "*(Basic(channels, channels, 1) for _ in range(depth - 1)),"),
    "S3": ("densenet121", "in_channels //= 2", "self.classifier = nn.Linear(in_channels, classes)"),
    "S4": ("deep", "self.unit1 = Unit(8 + depth * 4, 8, 1)"),
    "S5": ("ladder", "self.linear1 = nn.Linear(4 * in_height * in_width, classes)"),
    "S6": ("vgg_d", "nn.Linear(512 * 7 * 7, 4096),"),
    "D1": ("tour", "changes = stride != 1 or in_channels != channels", "if changes:"),
    "D2": ("densenet121", "if i < 3:"),
    "D3": ("resnet20_preact", "unchanged: Final[bool]", "if not self.unchanged:",
           "if self.unchanged:"),
    "D4": ("deep", "self.conv2 = nn.Conv2d(channels, channels, 1, stride=stride)",
           "self.conv1 = nn.Conv2d(in_channels, channels, 1, stride=stride)"),
    "N1": ("inception_v3", "self.Mixed_6a = "),
    "N2": ("deep", "def __init__(self, in_channels: int, lambda_: int) -> None:"),
    "N3": ("deep", "class ScaledA(nn.Sequential):", "class ScaledB(nn.Sequential):"),
    "E1": ("tour", "y = F.relu(self.bn1(self.conv1(x)), inplace=True)"),
    "E2": ("densenet121", "y = self.conv1(F.relu(self.norm1(x), inplace=True))"),
    "E3": ("deep", "the softmax at the end is part of the", "not: Softmax"),
    "E4": ("vgg_d", "for module in self.modules():", "nn.init.zeros_(module.bias)"),
    "E5": ("tour", "for module in self.children():"),
    "E6": ("googlenet", '"""Map [in_channels, H, W] to [n1 + n3 + n5 + proj, H, W]."""',
           '"""Concatenate relu(branch1), branch2, branch3 and branch4 along the channels."""'),
    "E7": ("vgg_d", "(sha256 000000000000); to write it again:"),
    "E8": ("tour", "self.conv1 = nn.Conv2d(in_channels, c // ratio, 1, bias=False)", "not: assert"),
    "E9": ("tour", "            c // ratio, c, 3, padding=1, groups=c // ratio if ratio > 1"),
}  # fmt: skip
"""For each rule a golden file and what in it shows it; `not:` is what must not stand there."""


@pytest.mark.parametrize("name", NETS)
def test_text(name, update_golden):
    text = re.sub(r"sha256 [0-9a-f]{12}", "sha256 000000000000", text_of(NETS[name], name))
    path = GOLDEN / f"{name}.py"
    if update_golden:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_every_rule_of_the_page_has_golden_lines():
    page = (ROOT / "docs" / "codegen.md").read_text(encoding="utf-8")
    assert re.findall(r"^(?:\| |- )\*\*([A-Z]\d+)\*\*", page, re.MULTILINE) == list(SHOWN)


@pytest.mark.parametrize("rule", SHOWN)
def test_the_golden_lines_of_a_rule(rule):
    name, *lines = SHOWN[rule]
    text = (GOLDEN / f"{name}.py").read_text(encoding="utf-8")
    code = text[text.index("RECIPE") :]
    for line in lines:
        if line.startswith("not: "):
            assert line.removeprefix("not: ") not in code
        else:
            assert line in text
    assert any(not line.startswith("not: ") for line in lines)


@pytest.mark.parametrize("name", ["ladder", "deep"])
def test_what_the_rules_give_equals_the_graph(name):
    equals_the_graph(NETS[name], name)
