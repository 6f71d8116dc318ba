"""One proof on a GPU, under nine minutes: that the trainer's CUDA half works, and how fast.

    python3 -m benchmarks.gpu_proof --out DIR [--data FOLDER]

needs torch, numpy, pillow and safetensors alone, and the repository. Every stage is a process of
its own with a limit of its own; its result is a line of DIR/proof.jsonl at once, a stage that
fails stops no other, and what no longer fits into the whole time is left out and said.

`--rehearse` runs every line on a CPU with CUDA's calls mocked: it proves that the program runs, and
no figure.
"""
