"""All figures of a zoo in one folder, and the page that shows them with their commands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnspec.draw.errors import DrawError
from cnnspec.draw.writers.escape import markdown

if TYPE_CHECKING:
    from cnnspec.elaborate.sheet import Sheet
    from cnnspec.elaborate.workspace import Elaborated
    from cnnspec.ir import Net


@dataclass(frozen=True, slots=True)
class Entry:
    """One figure: its file, the nets that it shows, and the arguments of `draw`."""

    file: str
    nets: tuple[str, ...]
    says: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def command(self) -> str:
        """What draws it."""
        words = []
        for key, value in self.options.items():
            words += [f"--{key}", f"{value / 72:g}" if key == "width" else str(value)]
        return " ".join(["cnnspec draw", *self.nets, *words, f"-o docs/figures/{self.file}"])


_UNITS = tuple(
    f"resnet110_{kind}"
    for kind in ("original", "bn_after_add", "relu_before_add", "relu_only_preact", "preact")
)
_RESNETS = tuple(f"resnet{depth}" for depth in (18, 34, 50, 101, 152))
_VGGS = tuple(f"vgg_{kind}" for kind in ("a", "a_lrn", "b", "c", "d", "e"))
_DENSENETS = tuple(f"densenet{depth}" for depth in (121, 169, 201, 264))
_TABLE, _MODULE, _TRUNK = {"style": "table"}, {"style": "module"}, {"style": "trunk"}

SPECIAL = (
    Entry("three_columns.svg", ("vgg_e", "plain34", "resnet34"), "VGG-19, plain-34, ResNet-34"),
    Entry("residual_unit.svg", ("resnet34",), "a residual unit", {**_MODULE, "only": "layer1.0"}),
    Entry("preactivation_units.svg", _UNITS, "five residual units",
          {**_MODULE, "only": "layer1.1"}),
    Entry("inception_modules.svg", ("inception_module_naive", "inception_module"),
          "an inception module, naive and with reductions", _MODULE),
    Entry("inception_v3_module.svg", ("inception_v3",), "a module of Inception-v3 that forks twice",
          {**_MODULE, "only": "Mixed_7b"}),
    Entry("densenet121_trunk.svg", ("densenet121",), "the trunk of DenseNet-121", _TRUNK),
    Entry("densenet201_trunk.svg", ("densenet201",), "the trunk of DenseNet-201", _TRUNK),
    Entry("dense_block.svg", ("densenet121",), "a dense block",
          {**_TRUNK, "only": "features.denseblock1"}),
    Entry("lenet5_volumes.svg", ("lenet5",), "LeNet-5 as volumes", {"style": "volumes"}),
    Entry("alexnet_volumes.svg", ("alexnet_2012",), "AlexNet as volumes", {"style": "volumes"}),
    Entry("resnet1202_wide.svg", ("resnet1202",), "ResNet-1202 on two columns of print",
          {"width": 495.0}),
    Entry("googlenet_wide.svg", ("googlenet",), "GoogLeNet on two columns of print",
          {"width": 495.0}),
    Entry("resnet34_dark.svg", ("resnet34",), "dark", {"theme": "dark"}),
    Entry("resnet34_grey.svg", ("resnet34",), "grey", {"theme": "grey"}),
    Entry("resnet34_stages.svg", ("resnet34",), "its stages", {"level": "stage"}),
    Entry("resnet34_layers.svg", ("resnet34",), "layer by layer", {"level": "layer"}),
    Entry("resnet_table.tex", _RESNETS, "table 1 of the ResNet paper", _TABLE),
    Entry("resnet_table.md", _RESNETS, "the same for Markdown", _TABLE),
    Entry("vgg_table.tex", _VGGS, "table 1 of the VGG paper", _TABLE),
    Entry("googlenet_table.tex", ("googlenet",), "table 1 of the GoogLeNet paper", _TABLE),
    Entry("densenet_table.tex", _DENSENETS, "table 1 of the DenseNet paper", _TABLE),
)  # fmt: skip
"""Figures that are not one net at block level."""

FORMULA = "output_size.svg"


def entries(nets: Mapping[str, Net]) -> Iterator[Entry]:
    """Every net at block level, and the special figures whose nets are there."""
    for name in nets:
        yield Entry(f"{name}.svg", (name,), name)
    yield from (entry for entry in SPECIAL if all(name in nets for name in entry.nets))


def write_entry(entry: Entry, nets: Mapping[str, Net]) -> bytes:
    """The bytes of a figure. Raises DrawError for what cannot be drawn."""
    from cnnspec.draw import architecture_table, figure, write

    options = dict(entry.options)
    form, shown = entry.file.rpartition(".")[2], [nets[name] for name in entry.nets]
    if options.get("style") == "table":
        return architecture_table(*shown, form=form).encode()
    theme = options.pop("theme", "light")
    return write(figure(*shown, **options), form, theme=theme)


def write_formula() -> bytes:
    """The figure of the formula, with the numbers of ResNet's stem at a smaller width."""
    from cnnspec.draw import write
    from cnnspec.draw.styles.formula import output_size

    return write(output_size(7, 3, 1, 2), "svg")


Refusals = list[tuple[str, DrawError]]
"""The first net of each figure that cannot be drawn, and why."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A `figure` of a file: its name, the file as a reference names it, its net and its sheet."""

    name: str
    file: str
    doc: str
    net: Net
    sheet: Sheet

    @property
    def command(self) -> str:
        """What draws it."""
        return f"cnnspec draw {self.file}:{self.name} -o docs/figures/{self.name}.svg"

    def write(self) -> bytes:
        """The figure as SVG. Raises DrawError."""
        from cnnspec.draw import write
        from cnnspec.draw.figures import declared

        scene, theme = declared(self.net, self.sheet)
        return write(scene, "svg", theme=theme)


def draw_all(
    found: Sequence[Elaborated], folder: Path, sheets: Sequence[Declared] = ()
) -> tuple[list[Path], Refusals]:
    """Write every figure and README.md into a folder; returns the files and what was refused.

    `sheets` are the figures that files declare.
    """
    nets = {elaborated.net.name: elaborated.net for elaborated in found}
    made: list[Entry] = []
    files: list[Path] = [folder / FORMULA]
    refused: Refusals = []
    folder.mkdir(parents=True, exist_ok=True)
    files[0].write_bytes(write_formula())
    for entry in entries(nets):
        try:
            data = write_entry(entry, nets)
        except DrawError as error:
            refused.append((entry.nets[0], error))
            continue
        (folder / entry.file).write_bytes(data)
        files.append(folder / entry.file)
        made.append(entry)
    for sheet in sheets:
        files.append(folder / f"{sheet.name}.svg")
        files[-1].write_bytes(sheet.write())
    page = _page(made, sheets, _beside(folder))
    (folder / "README.md").write_text(page, encoding="utf-8", newline="\n")
    return [*files, folder / "README.md"], refused


def _beside(folder: Path) -> list[tuple[str, str]]:
    """The pages in folders of the gallery's, as titles and addresses: somebody wrote them."""
    found = []
    for path in sorted(folder.glob("*/README.md")):
        title = path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        found.append((title, path.relative_to(folder).as_posix()))
    return found


def _page(
    made: Sequence[Entry],
    sheets: Sequence[Declared] = (),
    beside: Sequence[tuple[str, str]] = (),
) -> str:
    """The gallery: what is special first, then every net."""
    plain = [entry for entry in made if not entry.options and len(entry.nets) == 1]
    special = [entry for entry in made if entry not in plain]
    out = ["# Figures", "", "Made by `cnnspec draw --all -o docs/figures`.", ""]
    if beside:
        out += ["Beside these: " + ", ".join(f"[{title}]({to})" for title, to in beside) + ".", ""]
    out += [f"![The output size of a convolution]({FORMULA})", ""]
    for sheet in sheets:
        says = markdown(sheet.doc.partition("\n")[0] or sheet.name)
        out += [f"## {says}", "", f"`{sheet.command}`", "", f"![{says}]({sheet.name}.svg)", ""]
    for entry in (*special, *plain):
        out += [f"## {markdown(entry.says)}", "", f"`{entry.command}`", ""]
        if entry.file.endswith(".svg"):
            out += [f"![{markdown(entry.says)}]({entry.file})", ""]
        else:
            out += [f"[{entry.file}]({entry.file})", ""]
    return "\n".join(out)
