"""What a diagnostic says to write, as edits that are proved to remove it.

Propose and prove: `phrases` and `bycode` read a message as a person does, and think of places where
its words may belong; `prove` checks the text with each change made, and keeps those after which the
diagnostic is gone and nothing new is wrong where it was made.  So no rule has to be right about the
text it will meet, and a message that is worded anew loses its fix, never its meaning.
"""

from cnnspec.editor.fixes.prove import Check, applied, fixed, mended, offered

__all__ = ["Check", "applied", "fixed", "mended", "offered"]
