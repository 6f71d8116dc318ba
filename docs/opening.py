"""The address that opens an example in the playground.

It holds the whole text behind its `#`, as cnnspec/play/page/share.js reads it, so that nothing is
asked of a server.
"""

from __future__ import annotations

import json
import zlib
from base64 import urlsafe_b64encode
from textwrap import indent

NAME = "net.cnn"
"""What an example is called there: messages on the pages call it so."""


def link(text: str) -> str:
    """What stands behind the `#` of the address that opens a text: JSON, deflated, in base64url."""
    data = json.dumps({"name": NAME, "text": text}, separators=(",", ":"), ensure_ascii=False)
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = deflate.compress(data.encode("utf-8")) + deflate.flush()
    return urlsafe_b64encode(packed).decode("ascii").rstrip("=")


def whole(words: list[str], text: str) -> str:
    """The file that a fence is; `body 3x8x8` says: the inside of a net with that input."""
    if "body" not in words:
        return text
    size = ([*words[words.index("body") + 1 :], "3x32x32"])[0]
    return f"net it {{\n  input {size}\n\n{indent(text, '  ')}}}\n"
