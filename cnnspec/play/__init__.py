"""The playground: a page that checks, draws and compiles a spec while one types.

`desk` answers what the page asks, `tabs` writes what stands beside the figure.  In `cnnspec play`
both run in a server on this machine (`server`); on a static page they run in the browser itself,
from the sources that `playground/` builds.
"""
