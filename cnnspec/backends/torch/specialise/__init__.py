"""The walk with open numbers: online partial evaluation, specialised by block and folded arguments.

The elaborator walks bodies with every number known; here a number may be an expression, a condition
stay an `if`, a loop stay a loop.  Each block becomes one class for each set of folded arguments.
"""
