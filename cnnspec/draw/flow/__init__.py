"""Figures of nets that are no chain: lanes of resolution with the U, ranks, and a router.

    net -> steps -> quotient (calls closed) -> boxes -> lanes or ranks -> wires -> scene

Today's engine draws chains with forks, and the inside of every box here.
"""
