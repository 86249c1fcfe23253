"""Text: how its blocks are made, told by its first lines: a line each, unless something quoted or wrapped them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from digest.containers import markdown, wrapped
from digest.containers.encoding import Text
from digest.containers.inline import escapes_of, unescaped
from digest.containers.quoted import is_quoted, unquoted
from digest.models import Block, Document
from digest.text import single_spaced

Lines = Callable[[], Iterator[str]]

_SAMPLE_LINES = 3000
_SAMPLE_CHARACTERS = 512 * 1024
_JSON = ("{", "[{", '["')


def document(text: Text) -> Document:
    """Return a text as a document of its lines, and of the blocks that they make."""
    shape = shape_of(text.lines)
    return Document(shape.name, shape.lines, shape.blocks, encoding=text.told_encoding)


@dataclass(frozen=True, slots=True)
class Shape:
    """How a text was made: a name for it, its lines without quotation, and its blocks."""

    name: str
    lines: Lines
    blocks: Callable[[], Iterator[Block]]


def shape_of(lines: Lines, *, quoted: bool = False) -> Shape:
    """Tell how a text was made by its first lines; ``quoted``: that one level of quotation is gone already."""
    sample = list(_sample(lines()))
    if not quoted and is_quoted(sample):
        inner = shape_of(lambda: unquoted(lines()), quoted=True)
        return replace(inner, name=f"quoted {inner.name}")
    if _is_json(sample):
        return Shape("text", lines, lambda: blocks(lines()))
    if marked := markdown.measure(sample, lines):
        return Shape("markdown", lines, lambda: markdown.blocks(lines(), marked))
    cleaned = [wrapped.clean(line) for line in sample]
    if wrapping := wrapped.measure(cleaned):
        escapes = escapes_of(cleaned, structured=False, likely=wrapping.width == wrapped.HTML2TEXT)
        return Shape(
            "wrapped text",
            lines,
            lambda: (
                replace(block, text=unescaped(block.text, escapes)) if "\\" in block.text else block
                for block in wrapped.blocks(lines(), wrapping)
            ),
        )
    return Shape("text", lines, lambda: blocks(lines()))


def _sample(lines: Iterable[str]) -> Iterator[str]:
    """Yield the first lines, as many as tell how a text was made."""
    left = _SAMPLE_CHARACTERS
    for line in islice(lines, _SAMPLE_LINES):
        yield line
        left -= len(line)
        if left < 0:
            return


def _is_json(lines: Iterable[str]) -> bool:
    """Tell whether a text begins as JSON does; a bracket alone may begin a link in Markdown, too."""
    texts = (line.strip(wrapped.INVISIBLE + " \t") for line in lines)
    first, *others = [*islice(filter(None, texts), 2)] or [""]
    return first.startswith(_JSON) or (first == "[" and not others) or (first == "[" and others[0][0] in '{["]')


def blocks(lines: Iterable[str]) -> Iterator[Block]:
    """Yield each line that is not blank as a block."""
    gap = 0
    for number, raw in enumerate(lines, 1):
        text = single_spaced(raw)
        if text and not (text[0] not in wrapped.INVISIBLE and text[-1] not in wrapped.INVISIBLE):
            text = text.strip(wrapped.INVISIBLE + " ")
        if text:
            yield Block(number, text, gap)
            gap = 0
        else:
            gap += 1
