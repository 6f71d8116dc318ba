"""Python as the backend writes it: open expressions, names, and the tree (`ast`) of statements.

Knows nothing of nets: no file here imports another room of the backend.  `ast` is the tree because
the check of what may be emitted and the proof read it already; one set of walks serves all three.
"""
