"""The residual program to Python: constructors and `forward` as statements, then the whole file.

`assemble` makes a class of each plan: `construct` and `containers` write its `__init__` with the
calls of `expressions`, `forward` its `forward`, whose lines `nesting` and `stream` part; `refs` is
what the two know of each other.  `docs`, `initial`, `outputs` and `recipe` add what beside code a
file holds, `unused` takes out what nothing reads, and `render` fills the template of the file.
"""
