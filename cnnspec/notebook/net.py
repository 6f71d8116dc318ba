"""A net as `cnnspec.load` and `cnnspec.loads` give it: what can be asked of it, as methods.

Each method is a command: the same figures, the same text, the same bytes.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Unpack

from cnnspec import ir
from cnnspec.analyses.checking import NetResult
from cnnspec.analyses.metrics import Metrics
from cnnspec.elaborate.workspace import Elaborated
from cnnspec.notebook.shown import Bundle, Figure, Page
from cnnspec.records import fields

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

    from torch import nn

    from cnnspec.draw import Options, Style, Theme


class Net(Elaborated):
    """One net with its values: the input, the layers, and what is measured of them.

    It is what the compiler elaborated (`net` is its tree of modules, `recipe` plain data), with the
    commands as methods.
    """

    result: NetResult
    """What `check` says of it: figures, and its claims with their verdicts."""

    @property
    def name(self) -> str:
        """Its name in the spec."""
        return self.net.name

    @property
    def params(self) -> int:
        """Learned parameters of what runs at inference."""
        return self.metrics.cost.params

    @property
    def macs(self) -> int:
        """Multiply-adds of conv and linear for one image of the declared size."""
        return self.metrics.cost.macs

    @property
    def inputs(self) -> dict[str, tuple[int, ...]]:
        """Name -> shape of each input: (channels, height, width), or (features,)."""
        return {entry.name: tuple(map(int, entry.shape)) for entry in self.net.inputs}

    @property
    def outputs(self) -> dict[str, tuple[int, ...]]:
        """Name -> shape of each output."""
        return {name: tuple(map(int, shape)) for name, shape in self.net.outputs.items()}

    @property
    def metrics(self) -> Metrics:
        """The figures that claims speak of: `net.metrics.value("params", "layer2")`."""
        return Metrics(self.net)

    def summary(self, depth: int | None = None) -> Page:
        """Every layer with its shape, parameters, multiply-adds; blocks from `depth` on closed."""
        from cnnspec.analyses.summary import summarise
        from cnnspec.report import summary as report

        found = summarise(self, depth)
        title = f"summary of {self.name}"
        return Page(title, report.as_text(found), lambda: report.as_json(found))

    def cited(self) -> Page:
        """Every cited figure beside what is measured."""
        from cnnspec.report import claims as report

        nets = [self.result]
        text = report.as_text(nets) or report.closing_line(nets)
        return Page(f"claims of {self.name}", text, lambda: report.as_json(nets))

    def sizes(self) -> Page:
        """The input sizes that the net works on, and why others fail."""
        from cnnspec.analyses.sizes import Sizes
        from cnnspec.report import sizes as report

        found = Sizes(self.net, ir.graph(self.net))
        text = report.as_text(self, found)
        return Page(f"input sizes of {self.name}", text, lambda: report.as_json(self, found))

    def field(self) -> Page:
        """The receptive field of every layer, in pixels of the input."""
        from cnnspec.analyses.fieldrows import field_rows
        from cnnspec.report import field as report
        from cnnspec.report import table

        rows = field_rows(self.metrics)
        text = table.text(report.field_table(rows))
        title = f"receptive fields of {self.name}"
        return Page(title, text, lambda: report.as_json(self, rows))

    def diff(self, other: Elaborated) -> Page:
        """What changes from this net to another one, aligned by structure."""
        from cnnspec.analyses.diff import diff
        from cnnspec.report import diff as report

        found = diff(self.net, other.net)
        both = self.metrics, Metrics(other.net)
        title = f"from {self.name} to {other.net.name}"
        return Page(title, report.as_text(found, *both), lambda: report.as_json(found, *both))

    def draw(
        self, style: Style | None = None, *, theme: Theme = "light", **options: Unpack[Options]
    ) -> Figure:
        """The figure in a style (block, volumes, trunk, columns, module) and colours.

        `options` are those of `cnnspec draw`: level, width (in points), only, expand, depth,
        counts, height, direction.  Raises DrawError for a net that the style cannot show.
        """
        from cnnspec.draw import figure

        return Figure(figure(self.net, style=style, **options), theme)

    def code(self) -> Page:
        """The PyTorch module as text; raises BackendError for a net that has none."""
        from cnnspec.backends.torch import emit

        return Page(f"PyTorch module of {self.name}", emit(self))

    def module(self, **values: Any) -> nn.Module:
        """The net as a torch.nn.Module with the spec's initialisation; imports torch.

        `values` are parameters of the net that the module leaves open: `module(classes=10)`.  This
        runs the code that `code()` shows.
        """
        from cnnspec.notebook.running import built

        return built(self.name, self.code(), values)

    def onnx(
        self, path: str | PathLike[str] | None = None, *, weights: Path | None = None, seed: int = 0
    ) -> bytes:
        """The net as an ONNX model, also written to `path`; needs `cnnspec[onnx]`.

        Weights come from a safetensors file, else from the initialisation with a seed.
        """
        from pathlib import Path

        from cnnspec.backends.onnx import emit

        data = emit(self, weights, seed)
        if path is not None:
            Path(path).write_bytes(data)
        return data

    def __repr__(self) -> str:
        shape = ", ".join("x".join(map(str, shape)) for shape in self.inputs.values())
        said = f"{self.params:,} params, {self.macs:,} MACs, input {shape}"
        return f"<net {self.name}: {said}>"[:200]

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        """Its line, and its figure where it has one."""
        from cnnspec.draw import DrawError

        bundle: Bundle = {"text/plain": repr(self)}
        with suppress(DrawError):
            bundle["image/svg+xml"] = self.draw().svg
        return bundle


def as_net(elaborated: Elaborated, result: NetResult) -> Net:
    """An elaborated net with the methods."""
    net = Net(**{field.name: getattr(elaborated, field.name) for field in fields(elaborated)})
    object.__setattr__(net, "result", result)
    return net
