"""The Python that is written, as a tree (`ast`): statements, their names, their layout.

Knows nothing of nets: no file here imports another of the backend.  `ast` is the tree because the
check of what may be emitted and the proof read it already; one set of walks serves all three.
"""
