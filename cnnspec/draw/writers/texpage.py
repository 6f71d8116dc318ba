"""LaTeX that is a document of its own, its page as large as its content, or a part of another."""

from __future__ import annotations

from collections.abc import Sequence

_PAGE = r"""\expandafter\ifx\csname @classoptionslist\endcsname\relax
  \RequirePackage{fix-cm}
  \documentclass{article}
  PACKAGES
  \def\archopen{\begin{document}\setbox0=\hbox\bgroup\footnotesize}
  \def\archclose{\egroup
    \ifdefined\pdfpagewidth\else\let\pdfpagewidth\pagewidth\let\pdfpageheight\pageheight\fi
    \pdfpagewidth=\dimexpr\wd0+4bp\relax \pdfpageheight=\dimexpr\ht0+\dp0+4bp\relax
    \hoffset=\dimexpr-1in+2bp\relax \voffset=\hoffset \shipout\box0 \end{document}}
\else
  \def\archopen{\begingroup\setbox0=\hbox\bgroup}%
  \ifdefined\resizebox\else\def\resizebox#1#2#3{#3}\fi
  \def\archclose{\egroup\ifdim\wd0>\linewidth
    \resizebox{\linewidth}{!}{\box0}\else\box0 \fi\endgroup}%
\fi
"""
"""What begins the file: a page of its own, or a box no wider than the column that it is set in."""


def document(packages: Sequence[str], macros: str, body: str) -> str:
    """The file; another document inputs it and loads the packages itself.

    What is wider than the column there is set smaller.
    """
    loads = r"\usepackage{" + ",".join(packages) + "}"
    note = f"% Compile it, or {loads} and input it in a document of your own.\n"
    return note + _PAGE.replace("PACKAGES", loads) + f"\\archopen\n{macros}{body}\\archclose\n"
