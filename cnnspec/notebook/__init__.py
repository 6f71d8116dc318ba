"""Nets at a prompt and in a notebook: what `cnnspec.load` gives, and the cells of `%%cnnspec`.

`net` has the methods of a net, `shown` what they give, `magic` the cells.
"""
