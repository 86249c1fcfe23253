"""Plain text: lines as they were saved to blocks; a line each, unless something broke them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from digest.containers.encoding import Text
from digest.models import Block, Document
from digest.text import single_spaced

# White space that ``str.split`` leaves: the byte-order mark and the zero-width space.
_INVISIBLE = "\ufeff\u200b"


def document(text: Text) -> Document:
    """Return a text as a document of its lines."""
    return Document("text", text.lines, lambda: blocks(text.lines()), encoding=text.told_encoding)


def blocks(lines: Iterable[str]) -> Iterator[Block]:
    """Yield each line that is not blank as a block."""
    gap = 0
    for number, raw in enumerate(lines, 1):
        text = single_spaced(raw)
        if text and not (text[0] not in _INVISIBLE and text[-1] not in _INVISIBLE):
            text = text.strip(_INVISIBLE + " ")
        if text:
            yield Block(number, text, gap)
            gap = 0
        else:
            gap += 1
