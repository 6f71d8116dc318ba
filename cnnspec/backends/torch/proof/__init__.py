"""The proof that a PyTorch module says what its spec says: interpreted, never executed (S23).

`prove` is the way in.  A file is read (`file`) and its functions are translated once (`translate`,
`statements`); running them builds a tree of modules (`building`) and sends terms through `forward`
(`runtime`, `blocks`, `tensors`), which must be those that the IR gives (`expected`, `crossing`).
What terms cannot see stands in `state`, `initial` and `comments`.  PyTorch's words are read back
by the ops themselves (`Op.read`), independently of what writes them.
"""

from cnnspec.backends.torch.proof.faults import Unproved
from cnnspec.backends.torch.proof.proving import prove

__all__ = ["Unproved", "prove"]
