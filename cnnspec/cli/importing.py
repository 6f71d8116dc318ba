"""`cnnspec import`: a model that exists as a spec, proved; and models where commands take nets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnspec.cli.faults import Refusal, UsageFault

if TYPE_CHECKING:
    from cnnspec.importing.importer import Imported
    from cnnspec.importing.options import Options
    from cnnspec.importing.reading import Found
    from cnnspec.importing.sources import ModelSource
    from cnnspec.values import Shape
    from cnnspec.values import Sizes as Sized

HELP = "torchvision:NAME, timm:NAME, FILE.py:CLASS(ARGS), PACKAGE.MODULE:NAME, or FILE.onnx."
Models = Annotated[
    list[str], typer.Argument(metavar="SOURCE...", help=f"{HELP} Several give one file: a family.")
]
Output = Annotated[
    Path | None,
    typer.Option(
        "-o", "--output", metavar="FILE.cnn", help="Where to write; else to the terminal."
    ),
]
Sizes = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        metavar="CxHxW",
        help="The input size: 3x224x224; of several inputs one each, by place or left=3x64x64.",
    ),
]
Name = Annotated[str, typer.Option("--name", metavar="NAME", help="What the net is called.")]
NoAux = Annotated[bool, typer.Option("--no-aux", help="Leave out heads for training alone.")]
Flat = Annotated[bool, typer.Option("--flat", help="No loops, no parameters: always faithful.")]
NoVerify = Annotated[
    bool, typer.Option("--no-verify", help="Compare layers and weights, but run nothing.")
]
DropUnused = Annotated[
    bool, typer.Option("--drop-unused", help="Leave out weights that the model never uses.")
]


def command(
    sources: Models,
    output: Output = None,
    inputs: Sizes = None,
    name: Name = "",
    no_aux: NoAux = False,
    flat: Flat = False,
    no_verify: NoVerify = False,
    drop_unused: DropUnused = False,
) -> int:
    """Write the spec of models that exist, proved to be those models (a .py file is run)."""
    from cnnspec.cli.literal import sizes
    from cnnspec.cli.output import out, out_data, say
    from cnnspec.importing.options import Options

    given = sizes(inputs or [])
    wanted = Options(given, name, not no_aux, flat, not no_verify, drop_unused)
    found = _read([_source(source) for source in sources], wanted).imported
    for note in found.notes:
        say(f"note: {note}")
    if output is None:
        out_data(found.text)
        return 0
    _put(output, found.text)
    out(f"{output}  {found.text.count(chr(10))} lines, {_proof(found)}\n")
    return 0


def _proof(found: Imported) -> str:
    if found.difference is None:
        return "layers and weights are the model's"
    how = "to the bit" if found.difference == 0 else f"to {found.difference:.0e}"
    return f"outputs are the model's {how}"


def _put(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageFault(f"cannot write {path}: {error.strerror or error}") from None


def _source(text: str) -> ModelSource:
    from cnnspec.importing.sources import BadSource, model_source

    try:
        found = model_source(text)
    except BadSource as bad:
        raise UsageFault(str(bad)) from None
    if found is None:
        raise UsageFault(f"{text} names no model: write {HELP}")
    return found


def _read(sources: list[ModelSource], options: Options) -> Found:
    """The proved spec of models. Raises UsageFault and Refusal."""
    from cnnspec.cli.output import say
    from cnnspec.importing.errors import Refused
    from cnnspec.importing.reading import Lacking, read_sources
    from cnnspec.importing.sources import BadSource

    try:
        return read_sources(sources, options)
    except BadSource as bad:
        raise UsageFault(str(bad)) from None
    except Lacking as lacking:
        needed = f"reading a model needs {lacking}: pip install 'cnnspec[import]'"
        raise UsageFault(needed) from None
    except Refused as refused:
        lines = [*refused.lines()]
        for line in lines:
            say(f"error: {line}")
        many = f"for {len(lines)} causes" if len(lines) > 1 else "for this cause"
        named = ", ".join(source.text for source in sources)
        raise Refusal(f"{named} cannot be imported {many}") from None


def spec_of_model(text: str, input: Shape | Sized | None = None) -> str | None:
    """The file with the spec of a model that stands where a net does; None for any other text.

    It is read at a size of `input`, else its own, once, and kept.  Raises UsageFault and Refusal.
    """
    from cnnspec.importing import cache
    from cnnspec.importing.options import Options
    from cnnspec.importing.sources import BadSource, model_source

    try:
        source = model_source(text)
    except BadSource as bad:
        raise UsageFault(str(bad)) from None
    if source is None:
        return None
    wanted = Options(input)
    path = cache.place(source, wanted.sizes)
    if not cache.kept(path):
        found = _read([source], wanted)
        try:
            cache.keep(path, found.imported.text, found.files)
        except OSError as error:
            raise UsageFault(f"cannot keep the imported spec in {path}: {error.strerror}") from None
    return str(path)
