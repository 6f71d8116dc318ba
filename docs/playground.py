"""The playground in the site: the page that `make playground` built, a link below each example.

Where the page has not been built (it needs npm) the site has neither.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from opening import link, whole

BUILT = Path(__file__).resolve().parent.parent / "build" / "playground"


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx before it looks for pages."""
    app.add_directive("cnn", Example)
    app.add_css_file("site.css")
    app.connect("source-read", _directives)
    app.connect("html-page-context", _menu)
    app.connect("build-finished", _copy)
    return {"parallel_read_safe": True}


class Example(Directive):
    """A fence of `cnn` with its link; the words behind `cnn` are those that the tests go by."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        """The block of code, and below it the link where there is a page to open."""
        text = "\n".join(self.content) + "\n"
        code = nodes.literal_block(text, text, language="cnn")
        code.source, code.line = self.state_machine.get_source_and_line(self.lineno)
        if not BUILT.is_dir():
            return [code]
        up = "../" * self.state.document.settings.env.docname.count("/")
        address = f"{up}playground/index.html#{link(whole(' '.join(self.arguments).split(), text))}"
        opened = nodes.reference("", "open in the playground", internal=True, refuri=address)
        below = nodes.paragraph("", "", opened, classes=["playground"])
        return [nodes.container("", code, below, classes=["example"])]


def _directives(app: Any, name: str, source: list[str]) -> None:
    """Fences that any page of Markdown has become directives, which know their words."""
    source[0] = re.sub(r"^```cnn\b(.*)$", r"```{cnn}\1", source[0], flags=re.MULTILINE)


def _menu(app: Any, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    context["playground"] = BUILT.is_dir()


def _copy(app: Any, failed: Exception | None) -> None:
    """The page as it was built beside the pages of the site."""
    there = Path(app.outdir) / "playground"
    shutil.rmtree(there, ignore_errors=True)
    if failed is None and BUILT.is_dir():
        shutil.copytree(BUILT, there)
