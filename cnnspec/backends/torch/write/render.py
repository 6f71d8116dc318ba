"""From the code model to text: the templates in templates/torch/ and the printer."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from cnnspec import resources
from cnnspec.backends.torch.python.layout import commented
from cnnspec.backends.torch.python.reading import statement
from cnnspec.backends.torch.write.docs import paragraphs

if TYPE_CHECKING:
    from jinja2 import Template

    from cnnspec.backends.torch.write.model import Module


def render(module: Module) -> str:
    """Fill `module.py.j2`."""
    return _template().render(module=module)


@cache
def _template() -> Template:
    """The template of a file; compiled once a process, which takes longer than filling it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(resources.templates() / "torch"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["fit"] = fit
    environment.filters["doc"] = doc
    return environment.get_template("module.py.j2")


def fit(text: str, indent: int = 0, comment: str = "") -> str:
    """One statement, or a compound one's head, as the lines that ruff format would make of it."""
    if text == "else:":
        return " " * indent + text
    if not text:
        return ""
    word = "elif" if text.startswith("elif ") else ""
    return "\n".join(commented(statement(text), indent, comment, word))


def doc(text: str, indent: int = 0) -> str:
    """The lines between the quotes of a docstring; a second paragraph closes on its own line."""
    lines = paragraphs(text, indent)
    if len(lines) > 1:
        lines.append("")
    return "\n".join(
        [
            lines[0],
            *(
                (" " * indent + line) if line or n == len(lines) - 2 else ""
                for n, line in enumerate(lines[1:])
            ),
        ]
    )
