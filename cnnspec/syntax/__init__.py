"""Text to tree: the grammar, its tables, and the nodes."""
