"""Train a generated module: data, recipe, loop, checkpoints.

Nothing here imports the compiler, and the compiler imports nothing of this: a generated module and
its `RECIPE` are all that lies between them. `python -m cnnspec.train FILE.py` needs torch, numpy,
pillow and safetensors only.
"""
