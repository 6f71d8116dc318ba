"""The site: `make docs` builds it offline, and a warning is an error."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import cnnspec

project = "cnnspec"
author = "The cnnspec developers"
copyright = "2026, the cnnspec developers"
version = release = cnnspec.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "pages", "playground"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "_templates"]
root_doc = "index"

myst_enable_extensions = ["attrs_inline", "colon_fence", "html_image"]
myst_heading_anchors = 4
myst_links_external_new_tab = False

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
nitpicky = True
# Types in signatures that have no page of their own.
nitpick_ignore_regex = [("py:.*", ".*")]

html_theme = "furo"
html_static_path = ["_static"]
templates_path = ["_templates"]
html_title = "cnnspec"
html_favicon = "../cnnspec/play/page/icon.svg"
html_show_sphinx = False
html_copy_source = False
html_use_index = False  # forty names, all of them on one page
html_domain_indices = False
html_sidebars = {
    "**": [
        f"sidebar/{part}.html"
        for part in ("brand", "search", "scroll-start", "playground", "navigation", "scroll-end")
    ]
}
html_theme_options = {"navigation_with_keys": True}
pygments_style = "friendly"
pygments_dark_style = "monokai"
