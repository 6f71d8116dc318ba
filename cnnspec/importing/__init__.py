"""`cnnspec import`: a readable spec from a model that exists, proved to be that model.

A model is captured as a tree of calls (`trace`), freed of what says nothing (`rewrite`), and read
as the items of the language (`structure`).  Runs of equal items become loops (`runs`), the calls of
one class one block with parameters (`unify`, `infer`), and that is written as a syntax tree
(`write`, `text`).  `prove` compares what the text says with the model, layer by layer.

Only `importing.torch` imports torch, and is imported only when a PyTorch model is read.
"""
