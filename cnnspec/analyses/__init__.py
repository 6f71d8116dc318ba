"""What can be measured of a net without running it: one file for each question.

Everything works on the shared tree of `ir`: a `Module` that is called many times is measured once,
so a deep net of few kinds of block costs little.  `metrics.Metrics` is the entry for claims.
"""
