"""Plain text in lines: words are moved, never broken, so that titles keep their hyphens and addresses stay whole."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from digest.keeping import kept
from digest.text import is_single_spaced

WIDTH = 74  # columns: quoted once or twice in a reply, a line still fits into 78 (RFC 5322, section 2.1.1)


@kept(16_384)  # the same lines stand in many messages
def wrapped(text: str, first: str = "", rest: str | None = None) -> str:
    """Return the text in lines of at most ``WIDTH`` columns where words allow, ``first`` and ``rest`` before them."""
    following = first if rest is None else rest
    if text and is_single_spaced(text):
        return "\n".join(_lines(text, first, following))
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=following,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _lines(text: str, first: str, rest: str) -> Iterator[str]:
    """Yield what ``textwrap`` makes of words with one space between them, in a tenth of the time."""
    indent, start = first, 0
    while len(indent) + len(text) - start > WIDTH:
        stop = text.rfind(" ", start, start + WIDTH - len(indent) + 1)
        if stop < 0:  # a word that is longer than the line
            stop = text.find(" ", start)
            if stop < 0:
                break
        yield indent + text[start:stop]
        indent, start = rest, stop + 1
    yield indent + text[start:]


def indented(text: str, indent: str) -> str:
    """Return the text with ``indent`` before each line that is not empty."""
    return textwrap.indent(text, indent)
