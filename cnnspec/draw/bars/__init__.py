"""A U, or a V without copies, from left to right: maps as bars, ops as arrows between them (F2).

    flow -> chain (one line of maps, copies across) -> bars and hops -> places -> scene

After figure 1 of Ronneberger et al. 2015.  What is no such line is drawn as a flow of boxes.
"""
