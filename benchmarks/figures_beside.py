"""Three nets drawn by PlotNeuralNet, visualtorch, torchview and cnnspec, at one width of print.

    python benchmarks/figures_beside.py PLOTNEURALNET OUT
    python benchmarks/figures_beside.py --ours OUT

With `--ours` only cnnspec's are drawn again; the others' pictures and numbers stay, and only
cnnspec and Pillow are needed.
`PLOTNEURALNET` is a checkout of https://github.com/HarisIqbal88/PlotNeuralNet; its pictures need
pdflatex with TikZ.  The interpreter that runs this has torch, torchvision, torchview, visualtorch,
pygraphviz (the layout of torchview's graphs), pypdfium2 (PDF to PNG) and cnnspec[draw].

Every tool runs in a process of its own, twice; the less of the processor's seconds counts, with
the start of Python and its imports, and LaTeX.  What it writes is scaled to fit 6.9 x 9 in, a page
of a paper in two columns, and kept in OUT as PNG of 150 dots per inch.  Printed, and kept in
benchmarks/results/figures_beside.json: those seconds, the bytes of the tool's own file, the inches
on the page and the size of the smallest type there in points.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module, util
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "figures_beside.json"
NETS = ("resnet18", "unet", "googlenet")
WIDE, HIGH, DPI = 6.9, 9.0, 150
INPUTS = {"resnet18": (1, 3, 224, 224), "unet": (1, 1, 572, 572), "googlenet": (1, 3, 224, 224)}
SPECS = {"unet": "specs/more/unet.cnn"}


def module(name: str) -> Any:
    """The net as a PyTorch module: torchvision's, or for U-Net the one that cnnspec generates."""
    if name != "unet":
        models = import_module("peers").torchvision_models()
        more = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
        return getattr(models, name)(weights=None, **more).eval()
    found = util.spec_from_file_location("unet", ROOT / "generated" / "more" / "unet.py")
    assert found is not None and found.loader is not None
    code = util.module_from_spec(found)
    found.loader.exec_module(code)
    return code.UNet().eval()


def torchview(name: str, folder: Path) -> Path:
    """All modules, nested ones in frames; Graphviz lays the graph out."""
    import pygraphviz
    from torchview import draw_graph

    graph = draw_graph(module(name), input_size=INPUTS[name], expand_nested=True, device="cpu")
    drawn, path = pygraphviz.AGraph(graph.visual_graph.source), folder / "a.svg"
    drawn.draw(path, prog="dot")
    drawn.draw(folder / "view.png", prog="dot", args="-Gdpi=200")  # with the fonts it laid out
    return path


def visualtorch(name: str, folder: Path) -> Path:
    """Style flow with its legend and sizes."""
    import visualtorch as tool

    picture = tool.render(
        module(name), INPUTS[name], style="flow", legend=True, show_dimension=True
    )
    path = folder / "a.png"
    picture.save(path)
    return path


def cnnspec(name: str, folder: Path) -> Path:
    """At block level, in the width of a page."""
    path = folder / "a.svg"
    command = ["-m", "cnnspec", "draw", SPECS.get(name, name), "--width", "6.9in", "-o", str(path)]
    subprocess.run([sys.executable, *command], check=True, cwd=ROOT, capture_output=True)
    return path


def plotneuralnet(name: str, folder: Path) -> Path:
    """What a person types for its Python interface, set by LaTeX."""
    checkout = Path(os.environ["PLOTNEURALNET"]).resolve()
    sys.path.insert(0, str(checkout))
    tikz = import_module("pycore.tikzeng")
    drawn = {"resnet18": _resnet18, "unet": _unet, "googlenet": _googlenet}[name]
    parts = [tikz.to_head(str(checkout)), tikz.to_cor(), tikz.to_begin(), *drawn(tikz)]
    (folder / "a.tex").write_text("".join([*parts, tikz.to_end()]), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    return folder / "a.pdf"


def _edge(size: int) -> float:
    """The edge of a box for a map: its root, as maps shrink by 32 and boxes shall not."""
    return round(2.4 * size**0.5, 1)


def _corners(ball: str) -> str:
    """TeX for where a skip starts: a ball of PlotNeuralNet has no corners."""
    return "".join(
        f"\\coordinate ({ball}-{side}east) at ([yshift={shift}pt]{ball}-east);\n"
        for side, shift in (("north", 11), ("south", -11))
    )


def _resnet18(tikz: Any) -> Iterator[str]:
    """Stem, eight units of two convolutions with a skip over each, pool and classes."""
    yield tikz.to_Conv("c1", 112, 64, width=2, height=_edge(112), depth=_edge(112), caption="conv1")
    edge = _edge(56)
    yield tikz.to_Pool("p1", to="(c1-east)", width=1, height=edge, depth=edge)
    yield "\\coordinate (in-east) at ([xshift=14pt]p1-east);\n" + _corners("in")
    yield tikz.to_connection("p1", "in").replace("in-west", "in-east")
    last = "in"
    for stage, (channels, size) in enumerate(((64, 56), (128, 28), (256, 14), (512, 7)), 1):
        for unit in range(2):
            name, edge = f"s{stage}{unit}", _edge(size)
            width = 2.5 + channels / 150
            yield tikz.to_ConvConvRelu(
                name, size, (channels, channels), "(2,0,0)", f"({last}-east)", (width, width),
                edge, edge, f"layer{stage}.{unit}",
            )  # fmt: skip
            yield tikz.to_connection(last, name)
            yield tikz.to_Sum(f"sum{name}", "(1.2,0,0)", f"({name}-east)", 2.0)
            yield tikz.to_connection(name, f"sum{name}")
            yield tikz.to_skip(last, f"sum{name}", 4)
            last = f"sum{name}"
            yield _corners(last)
    yield tikz.to_Pool("gap", "(1.5,0,0)", f"({last}-east)", 4, 2, 2, caption="avg pool")
    yield tikz.to_connection(last, "gap")
    yield tikz.to_SoftMax("fc", 1000, "(1.5,0,0)", "(gap-east)", 1.5, 3, 25, caption="fc")
    yield tikz.to_connection("gap", "fc")


def _unet(tikz: Any) -> Iterator[str]:
    """As pyexamples/unet.py of PlotNeuralNet has it, with the sizes of the paper."""
    downs = ((64, 568), (128, 280), (256, 136), (512, 64))
    last = ""
    for level, (channels, size) in enumerate(downs, 1):
        edge, width = _edge(size), 2.5 + channels / 150
        place = ("(1,0,0)", f"({last}-east)") if last else ("(0,0,0)", "(0,0,0)")
        yield tikz.to_ConvConvRelu(
            f"d{level}", size, (channels, channels), *place, (width, width), edge, edge
        )
        if last:
            yield tikz.to_connection(last, f"d{level}")
        last, edge = f"p{level}", _edge(size // 2)
        yield tikz.to_Pool(last, to=f"(d{level}-east)", width=1, height=edge, depth=edge)
    yield tikz.to_ConvConvRelu("b", 28, (1024, 1024), "(2,0,0)", f"({last}-east)", (8, 8),
                               _edge(28), _edge(28))  # fmt: skip
    yield tikz.to_connection(last, "b")
    last = "b"
    for level, (channels, size) in (
        (4, (512, 52)),
        (3, (256, 100)),
        (2, (128, 196)),
        (1, (64, 388)),
    ):
        edge, width = _edge(size), 2.5 + channels / 150
        yield tikz.to_UnPool(f"t{level}", "(2.1,0,0)", f"({last}-east)", 1, edge, edge)
        yield tikz.to_ConvRes(f"r{level}", size, channels, to=f"(t{level}-east)", width=width,
                              height=edge, depth=edge)  # fmt: skip
        yield tikz.to_ConvConvRelu(f"u{level}", size, (channels, channels), to=f"(r{level}-east)",
                                   width=(width, width), height=edge, depth=edge)  # fmt: skip
        yield tikz.to_connection(last, f"t{level}")
        yield tikz.to_skip(f"d{level}", f"r{level}", 1.25)
        last = f"u{level}"
    yield tikz.to_ConvSoftMax("out", 388, "(0.75,0,0)", f"({last}-east)", 1, edge, edge, "2")
    yield tikz.to_connection(last, "out")


INCEPTIONS = (
    ("3a", 256, 28), ("3b", 480, 28), ("4a", 512, 14), ("4b", 512, 14), ("4c", 512, 14),
    ("4d", 528, 14), ("4e", 832, 14), ("5a", 832, 7), ("5b", 1024, 7),
)  # fmt: skip


def _googlenet(tikz: Any) -> Iterator[str]:
    """The trunk, an inception module as one box: it has no macro for branches."""
    yield tikz.to_Conv("c1", 112, 64, width=2, height=_edge(112), depth=_edge(112), caption="conv1")
    last, before, count = "c1", 112, 0
    rows = (("conv2", 64, 56), ("conv3", 192, 56), *INCEPTIONS)
    for name, channels, size in rows:
        edge = _edge(size)
        if size != before:
            count += 1
            yield tikz.to_Pool(f"p{count}", to=f"({last}-east)", width=1, height=edge, depth=edge)
            last = f"p{count}"
        inner = name[0].isdigit()
        yield tikz.to_Conv(
            f"n{name}", size, channels, "(1.6,0,0)", f"({last}-east)", 1 + channels / 256, edge,
            edge, f"incep. {name}" if inner else name,
        )  # fmt: skip
        yield tikz.to_connection(last, f"n{name}")
        last, before = f"n{name}", size
    yield tikz.to_Pool("gap", "(1.5,0,0)", f"({last}-east)", 4, 2, 2, caption="avg pool")
    yield tikz.to_connection(last, "gap")
    yield tikz.to_SoftMax("fc", 1000, "(1.5,0,0)", "(gap-east)", 1.5, 3, 25, caption="fc")
    yield tikz.to_connection("gap", "fc")


TOOLS: dict[str, Callable[[str, Path], Path]] = {
    "cnnspec": cnnspec, "plotneuralnet": plotneuralnet, "visualtorch": visualtorch,
    "torchview": torchview,
}  # fmt: skip


def timed(tool: str, name: str, folder: Path) -> float:
    """The processor's seconds for a tool in a process of its own, the less of two runs."""
    command = [sys.executable, __file__, "--one", tool, name, str(folder)]
    found = []
    for _ in range(2):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(found)


def shown(path: Path) -> tuple[Any, float, float]:
    """The picture as it prints, its own inches of width, and the points of its smallest type."""
    from PIL import Image

    if path.suffix == ".png":
        picture = Image.open(path)
        return picture, picture.width / 72, 10.0  # PIL's font, in pixels
    if path.suffix == ".pdf":
        import pypdfium2

        page = pypdfium2.PdfDocument(path)[0]
        return page.render(scale=4).to_pil(), page.get_width() / 72, 9.0  # LaTeX's \small
    text = path.read_text(encoding="utf-8")
    size = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', text)
    assert size is not None
    scale = re.search(r'transform="scale\(([\d.]+)', text)
    smallest = min(map(float, re.findall(r'font-size="([\d.]+)', text)))
    smallest *= float(scale[1]) if scale else 1
    other = path.with_name("view.png")
    if other.exists():
        return Image.open(other), float(size[1]) / 72, smallest
    from cnnspec.draw.writers.png import write_png

    return Image.open(BytesIO(write_png(text, 300))), float(size[1]) / 72, smallest


def on_page(path: Path, to: Path) -> dict[str, float]:
    """Write the picture as it stands on a page; what it measures there."""
    from PIL import Image

    picture, inches, smallest = shown(path)
    flat = Image.new("RGB", picture.size, "white")
    flat.paste(picture, mask=picture.convert("RGBA").split()[3])
    width = min(WIDE, HIGH * flat.width / flat.height)
    dots = round(width * DPI), round(width * DPI * flat.height / flat.width)
    small = flat.resize(dots, Image.Resampling.LANCZOS)
    # Without k-means a median cut loses the colours of thin lines.
    few = small.quantize(256, kmeans=3, dither=Image.Dither.NONE)
    few.save(to, optimize=True)
    return {
        "width_in": round(width, 2), "height_in": round(dots[1] / DPI, 2),
        "type_pt": round(smallest * width / inches, 1),
    }  # fmt: skip


def main(folder: str, out: str) -> None:
    """Draw every net with every tool, or with cnnspec alone; write pictures and numbers."""
    os.environ["PLOTNEURALNET"] = folder
    target = Path(out)
    target.mkdir(parents=True, exist_ok=True)
    ours = folder == "--ours"
    numbers: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8")) if ours else {}
    for name in NETS:
        for tool in ("cnnspec",) if ours else TOOLS:
            with TemporaryDirectory() as scratch:
                seconds = timed(tool, name, Path(scratch))
                made = next(Path(scratch).glob("a.[sp][vnd][gf]"))
                row = on_page(made, target / f"{name}_{tool}.png")
                row |= {"seconds": round(seconds, 1), "bytes": made.stat().st_size}
            numbers[f"{name} {tool}"] = row
            print(name, tool, row, flush=True)
    text = json.dumps(numbers, indent=1) + "\n"
    RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1] == "--one":
        TOOLS[sys.argv[2]](sys.argv[3], Path(sys.argv[4]))
    else:
        main(*sys.argv[1:3])
