"""Plain text in lines: words are moved, never broken, so that titles keep their hyphens and addresses stay whole."""

from __future__ import annotations

import textwrap
from functools import lru_cache

WIDTH = 74  # columns: quoted once or twice in a reply, a line still fits into 78 (RFC 5322, section 2.1.1)


@lru_cache(maxsize=16_384)  # the same lines stand in many messages
def wrapped(text: str, first: str = "", rest: str | None = None) -> str:
    """Return the text in lines of at most ``WIDTH`` columns where words allow, ``first`` and ``rest`` before them."""
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=first if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def indented(text: str, indent: str) -> str:
    """Return the text with ``indent`` before each line that is not empty."""
    return textwrap.indent(text, indent)
