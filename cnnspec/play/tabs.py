"""What stands beside the figure: each tab is the page that a command prints."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cnnspec import ir

if TYPE_CHECKING:
    from cnnspec.analyses.checking import NetResult
    from cnnspec.editor.analysis import Analysis
    from cnnspec.elaborate.workspace import Elaborated

WIDTH = 100
"""Columns at which running text is wrapped."""


def code(analysis: Analysis, net: Elaborated) -> str:
    """The PyTorch module, as `cnnspec gen` writes it: nothing while the text has errors."""
    from cnnspec.backends.errors import BackendError
    from cnnspec.backends.torch import emit

    errors = [found for found in analysis.diagnostics if found.code.startswith("E")]
    if errors:
        return _no_code(len(errors), sum(found.code.startswith("E04") for found in errors))
    try:
        return emit(net)
    except BackendError as error:
        return f"{net.net.name} has no PyTorch form: {error.message}\n"


def _no_code(errors: int, claims: int) -> str:
    if errors > claims:
        return "The PyTorch module is written once the text has no errors.\n"
    return (
        f"The layers are sound, but {claims} of the figures that the text claims are not what is\n"
        "measured. Code is written once they are corrected, or once their lines are deleted.\n"
    )


def summary(analysis: Analysis, net: Elaborated) -> str:
    """`cnnspec summary`: every layer with its shape, parameters and multiply-adds."""
    from cnnspec.analyses.summary import summarise
    from cnnspec.report import summary as report

    return report.as_text(summarise(net))


def claims(analysis: Analysis, net: Elaborated) -> str:
    """`cnnspec claims`: the cited figures of the text's nets beside what is measured."""
    from cnnspec.report import claims as report

    nets: list[NetResult] = [found for found in analysis.nets if found.name == net.net.name]
    return report.as_text(nets) or report.closing_line(nets)


def sizes(analysis: Analysis, net: Elaborated) -> str:
    """`cnnspec sizes`: the input sizes that the net works on, and why others fail."""
    from cnnspec.analyses.sizes import Sizes
    from cnnspec.report import sizes as report

    return report.as_text(net, Sizes(net.net, ir.graph(net.net)))


def field(analysis: Analysis, net: Elaborated) -> str:
    """`cnnspec field`: the receptive field of every layer."""
    from cnnspec.analyses.fieldrows import field_rows
    from cnnspec.analyses.metrics import Metrics
    from cnnspec.report import field as report
    from cnnspec.report import table
    from cnnspec.report.width import paragraph

    rows = field_rows(Metrics(net.net))
    return table.text(report.field_table(rows)) + paragraph(report.NOTE, WIDTH)


def memory(analysis: Analysis, net: Elaborated) -> str:
    """`cnnspec summary --memory`: bytes of activations, at inference and in training."""
    from cnnspec.analyses.memory import memory as measured
    from cnnspec.analyses.memory import recipe_optimizer
    from cnnspec.report import memory as report
    from cnnspec.report.style import PLAIN

    optimizer = recipe_optimizer(net.recipe)
    graph = ir.graph(net.net)
    found = measured(net.net, graph, batch=1, dtype="float32", optimizer=optimizer)
    return f"{net.net.name}\n\n{report.as_text(found, PLAIN)}"


TABS: dict[str, Callable[[Analysis, Elaborated], str]] = {
    "torch": code,
    "summary": summary,
    "claims": claims,
    "sizes": sizes,
    "field": field,
    "memory": memory,
}
"""Tab -> what it says of a net; `diff` needs a second net and is asked for by itself."""


def diff(before: Elaborated, after: Elaborated) -> tuple[str, str]:
    """`cnnspec diff`: what changed, as text, and as a figure where one page holds it."""
    from cnnspec.analyses.diff import diff as compared
    from cnnspec.analyses.metrics import Metrics
    from cnnspec.draw import DrawError, write
    from cnnspec.draw.styles.diff import diff_figure
    from cnnspec.report import diff as report

    found = compared(before.net, after.net)
    text = report.as_text(found, Metrics(before.net), Metrics(after.net))
    if not found:
        return text, ""
    try:
        scene = diff_figure(f"{before.net.name} before", f"{after.net.name} now", found.steps)
    except DrawError:
        return text, ""
    return text, write(scene, "svg").decode()
