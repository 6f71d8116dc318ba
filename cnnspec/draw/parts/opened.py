"""How much of a net is opened: the level, paths that are expanded, and how deep names go."""

from __future__ import annotations

from cnnspec.draw.errors import OptionError
from cnnspec.draw.parts.parts import Level


class View:
    """Decides for every path whether equal blocks are counted and whether a block is opened.

    `root` is the prefix of what is drawn; `depth` counts names from the net, 0 means any.
    """

    def __init__(self, level: Level, root: str, expand: tuple[str, ...], depth: int) -> None:
        self.level, self.root, self.expand, self.depth = level, root, expand, depth
        self._met: set[str] = set()

    def counts(self, prefix: str) -> bool:
        """Whether equal neighbours under `prefix` are drawn once."""
        under = [path for path in self.expand if prefix.startswith(path + ".")]
        self._met.update(under)
        holds = any(path.startswith(prefix) and prefix != self.root for path in self.expand)
        return self.level != "layer" and not under and not holds

    def closes(self, path: str, *, stage: bool) -> bool:
        """Whether the block at `path` is one closed box; `stage`: it holds no stages itself."""
        opened = any(_holds(path, e) or _holds(e, path) for e in self.expand)
        self._met.update(e for e in self.expand if e == path)
        if opened:
            return False
        if self.depth:
            return path.count(".") + 1 >= self.depth
        return self.level == "stage" and stage

    def check(self, net: str) -> None:
        """Raises DrawError for a path to expand that the figure did not come to."""
        for path in self.expand:
            if path not in self._met:
                raise OptionError(f"{net} has no block at `{path}` to expand")


def _holds(outer: str, inner: str) -> bool:
    return (inner + ".").startswith(outer + ".")
