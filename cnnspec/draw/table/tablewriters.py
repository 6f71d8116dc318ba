"""An architecture table as LaTeX (booktabs), Markdown and HTML."""

from __future__ import annotations

from cnnspec.draw.table.cells import Bracket, Cell
from cnnspec.draw.table.table import Line, Table
from cnnspec.draw.writers.escape import html, latex, markdown
from cnnspec.draw.writers.texpage import document

_MACROS = r"""\setlength{\tabcolsep}{4.6pt}%
% one repeated block: kernels and channels in a bracket, times its count
\providecommand{\archrows}[1]{\begin{tabular}[c]{@{}c@{}}#1\end{tabular}}%
\providecommand{\archtimes}[1]{{\times}\makebox[.95em][l]{$#1$}}%
"""


def write_latex(table: Table) -> str:
    """A stand-alone document that others can input as well."""
    nets = len(table.head) - 2
    wide = _channels(table)
    rows = [_latex_row(line, nets, wide) + r" \\" for line in table.lines]
    rule, gap = "\n\\midrule\n", "\n\\addlinespace[3pt]\n"
    head = " & ".join(latex(text) for text in table.head)
    foot = "\n".join(_latex_row(line, nets, wide) + r" \\" for line in table.foot)
    span = f"\\multicolumn{{{nets + 2}}}{{@{{}}l}}"
    note = f"\n{span}{{{latex(table.note)}}} \\\\" if table.note else ""
    body = (
        f"\\begin{{tabular}}{{@{{}}ll{'c' * nets}@{{}}}}\n\\toprule\n{head} \\\\{rule}"
        f"{gap.join(rows)}{rule}{foot}\n\\bottomrule{note}\n\\end{{tabular}}%\n"
    )
    return document(["booktabs", "amsmath", "array", "graphicx"], _MACROS, body)


def _channels(table: Table) -> list[float]:
    """The width of the channels in each column's brackets, so that they stand under each other."""
    wide = [0.0] * max(len(line.cells) for line in table.lines)
    for line in table.lines:
        for at, cell in enumerate(line.cells):
            texts = [c for one in cell if isinstance(one, Bracket) for _, c in one.lines]
            wide[at] = max([wide[at], *(0.5 * len(text) for text in texts)])
    return wide


def _latex_row(line: Line, nets: int, wide: list[float]) -> str:
    cells = [_latex_cell(cell, width) for cell, width in zip(line.cells, wide, strict=False)]
    if len(cells) == 1 < nets:
        cells = [f"\\multicolumn{{{nets}}}{{c}}{{{cells[0]}}}"]
    if not line.size:
        return " & ".join([f"\\multicolumn{{2}}{{@{{}}l}}{{{latex(line.name)}}}", *cells])
    return " & ".join([latex(line.name), latex(line.size), *cells])


def _latex_cell(cell: Cell, width: float) -> str:
    entries = [
        _bracket(one, width) if isinstance(one, Bracket) else latex(one.text) for one in cell
    ]
    if len(entries) < 2:
        return "".join(entries)
    return "\\archrows{" + r" \\ ".join(entries) + "}"


def _bracket(bracket: Bracket, width: float) -> str:
    box = f"\\makebox[{width:g}em][r]"
    pairs = ((latex(kernel), latex(channels)) for kernel, channels in bracket.lines)
    lines = r"\\".join(
        f"\\text{{{k}}},&{box}{{{c}}}"
        if c
        else f"\\multicolumn{{2}}{{@{{}}c@{{}}}}{{\\text{{{k}}}}}"
        for k, c in pairs
    )
    array = f"\\begin{{array}}{{@{{}}c@{{\\,}}r@{{}}}}{lines}\\end{{array}}"
    return f"$\\left[{array}\\right]\\archtimes{{{bracket.count}}}$"


def write_markdown(table: Table) -> str:
    """A GitHub table; brackets become one line each, blocks `[...] ×3`."""
    nets = len(table.head) - 2
    rows = [table.head, ("---", *["---"] * (nets + 1))]
    out = [_md(tuple(markdown(text) for text in rows[0])), _md(rows[1])]
    for line in (*table.lines, *table.foot):
        cells = [_md_cell(cell) for cell in line.cells]
        cells = cells * nets if len(cells) == 1 else cells
        out.append(_md((markdown(line.name), markdown(line.size), *cells)))
    note = f"\n{markdown(table.note)}\n" if table.note else ""
    return "\n".join(out) + "\n" + note


def _md(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cells) + " |"


def _md_cell(cell: Cell) -> str:
    return "<br>".join(
        _md_bracket(one) if isinstance(one, Bracket) else markdown(one.text) for one in cell
    )


def _md_bracket(bracket: Bracket) -> str:
    lines = "<br>".join(markdown(", ".join(filter(None, pair))) for pair in bracket.lines)
    return f"{lines}<br>×{bracket.count}"


_STYLE = (
    "table{border-collapse:collapse;font:14px/1.35 'Liberation Sans',Arimo,Arial,sans-serif;"
    "border-top:1.5px solid;border-bottom:1.5px solid}"
    "th,td{padding:.25em .7em;text-align:center;font-weight:normal}"
    "th:first-child,td:first-child{text-align:left}thead th,tbody{border-bottom:1px solid}"
    ".b{display:inline-block;border:solid;border-width:0 1px;padding:0 .4em;border-radius:2px;"
    "vertical-align:middle}"
)


def write_html(table: Table) -> str:
    """A page with the table; no script, nothing from elsewhere."""
    nets = len(table.head) - 2
    head = "".join(f"<th>{html(text)}</th>" for text in table.head)
    body = "\n".join(_html_row(line, nets) for line in table.lines)
    foot = "\n".join(_html_row(line, nets) for line in table.foot)
    note = f"<p>{html(table.note)}</p>\n" if table.note else ""
    title = html(", ".join(table.head[2:]))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8">'
        f"<title>{title}</title><style>{_STYLE}</style></head>\n<body>\n<table>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n<tfoot>\n{foot}\n</tfoot>\n"
        f"</table>\n{note}</body>\n</html>\n"
    )


def _html_row(line: Line, nets: int) -> str:
    wide = f' colspan="{nets}"' if len(line.cells) == 1 < nets else ""
    cells = "".join(f"<td{wide}>{_html_cell(cell)}</td>" for cell in line.cells)
    return f"<tr><td>{html(line.name)}</td><td>{html(line.size)}</td>{cells}</tr>"


def _html_cell(cell: Cell) -> str:
    return "<br>".join(
        f'<span class="b">{_lines(one)}</span> ×{one.count}'
        if isinstance(one, Bracket)
        else html(one.text)
        for one in cell
    )


def _lines(bracket: Bracket) -> str:
    return "<br>".join(html(", ".join(filter(None, pair))) for pair in bracket.lines)


WRITERS = {"tex": write_latex, "md": write_markdown, "html": write_html}
"""The formats of a table by their endings."""
