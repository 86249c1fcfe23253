"""Links around several paragraphs: a bracket opens before the first, and closes with the address after the last.

So do Turndown and older html2text with ``<a><h3>…</h3><p>…</p></a>``, the card that pages list a paper in. CommonMark
ends links with their paragraph; a bracket left open counts only where one left unopened closes it, with an address.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from digest.containers.inline import closing, opening
from digest.containers.markings import HEADING
from digest.models import Block

_MOST = 40
_MOST_CHARACTERS = 64 * 1024
"""How much a bracket may open: a card holds few paragraphs, and a bracket of TeX may never close."""


def spanned(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield raw paragraphs without the brackets around several of them, each with the address that these link to."""
    card = _Card()
    for block in blocks:
        if card.held or "[" in block.text:
            yield from card.take(block)
        else:
            yield block
    yield from card.released()


@dataclass(slots=True)
class _Card:
    """What stands after a bracket that is still open."""

    held: list[Block] = field(default_factory=list)
    size: int = 0

    def take(self, block: Block) -> Iterator[Block]:
        """Hold the paragraph, or yield it, and what was held if that is whole now."""
        while self.held and (closed := closing(block.text)):
            start, end, address = closed
            self._hold(replace(block, text=block.text[:start].strip()))
            yield from self._closed(address)
            block = replace(block, text=block.text[end:].strip(), gap=0, level=0)
            if not block.text:
                return
        if (place := opening(block.text)) is not None and self._may_open(block.text[place:]):
            yield from self.released()
            if place:
                yield replace(block, text=block.text[:place])
                block = replace(block, text=block.text[place:], gap=0, level=0)
            self._hold(block)
        elif self.held:
            self._hold(block)
            if len(self.held) > _MOST or self.size > _MOST_CHARACTERS:
                yield from self.released()
        else:
            yield block

    def _may_open(self, text: str) -> bool:
        """Tell whether a bracket opens a card: a paragraph within one may begin with an interval, "[0, 1)"."""
        return not self.held or text == "[" or self.held[0].text != "["

    def _hold(self, block: Block) -> None:
        self.held.append(block)
        self.size += len(block.text)

    def released(self) -> list[Block]:
        """Return what was held as it stands: the bracket was none of a link."""
        held, self.held, self.size = self.held, [], 0
        return held

    def _closed(self, address: str) -> Iterator[Block]:
        first, *others = self.released()
        text = first.text[1:].lstrip()
        heading = HEADING.match(text)
        level = len(heading[1]) if heading else first.level
        yield replace(first, text=text[heading.end() :] if heading else text, level=level, link=address)
        for block in others:
            yield replace(block, link=address)
