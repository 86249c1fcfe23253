"""The items of an XML feed, one at a time: lxml builds an item's elements, and they are dropped when it is read.

Nothing outside the feed is ever read (no DTD, no network, no entity), and each of libxml2's limits stays in force.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, TypeAlias

from lxml import etree

from digest.layouts.base import Event
from digest.layouts.feed.tidy import pieces
from digest.models import Remark, RemarkKind

Element: TypeAlias = Any
"""One of lxml's elements: it ships no types."""

_ITEMS = ("{*}item", "{*}entry")
_MOST_ITEM = 4 * 2**20  # bytes without the end of an item; a tree of them takes thirty times as much at worst
_MOST_TOLD = 20
_GRAVE: dict[str, RemarkKind] = {"ERR_RESOURCE_LIMIT": "broken"}  # after which the parser reads no further
_FINE = frozenset(("NS_ERR_UNDEFINED_NAMESPACE", "WAR_NS_URI_RELATIVE", "WAR_NS_URI", "NS_ERR_XML_NAMESPACE"))


def items(
    lines: Iterable[str], page: Callable[[Element], Iterator[Event]], item: Callable[[Element], Iterator[Event]]
) -> Iterator[Event]:
    """Yield what ``page`` tells of the feed (given its root, up to the first item), then what ``item`` tells of each.

    What the parser had to mend is told after that.
    """
    stream = _Stream(page, item)
    told = False
    for piece in pieces(stream.counted(lines)):
        yield from stream.fed(piece)
        if stream.stopped:
            told = True
            yield Remark("broken", stream.line, stream.stopped)
            break
    yield from stream.closed(told=told)


class _Stream:
    """A parser with the item it is in."""

    def __init__(self, page: Callable[[Element], Iterator[Event]], item: Callable[[Element], Iterator[Event]]) -> None:
        self.parser = etree.XMLPullParser(
            events=("start", "end"),
            tag=_ITEMS,
            recover=True,
            encoding="utf-8",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        self.page, self.item = page, item
        self.open: Element = None
        self.root: Element = None
        self.line = 1
        self.lines = 0
        self.since = 0  # bytes since an item began or ended
        self.stopped = ""

    def counted(self, lines: Iterable[str]) -> Iterator[str]:
        """Yield the lines, and keep count of them: the parser may tell of one more."""
        for self.lines, line in enumerate(lines, 1):
            yield line

    def fed(self, piece: bytes) -> Iterator[Event]:
        self.since += len(piece)
        try:
            self.parser.feed(piece)
        except etree.XMLSyntaxError as error:
            self.stopped = f"not XML: {error.msg}"
        yield from self._events()
        if self.since > _MOST_ITEM:
            self.stopped = f"an item is longer than {_MOST_ITEM // 2**20} MiB; the rest is not read"

    def _events(self) -> Iterator[Event]:
        for kind, element in self.parser.read_events():
            self.since = 0
            self.line = max(1, min(element.sourceline or 1, self.lines))
            if self.root is None:
                self.root = element.getroottree().getroot()
                yield from self.page(self.root)
            if kind == "start":
                # An item inside another: the other was not closed, or something in it was not. It is read as it stands.
                yield from self._read()
                self.open = element
            elif element is self.open:
                yield from self._read()
                element.clear(keep_tail=True)
            while element.getprevious() is not None:
                del element.getparent()[0]

    def _read(self) -> Iterator[Event]:
        if self.open is not None:
            yield from self.item(self.open)
        self.open = None

    def closed(self, *, told: bool) -> Iterator[Event]:
        """Yield the item that the text ends in, and the parser's faults."""
        try:
            root = self.parser.close()
        except etree.XMLSyntaxError as error:
            root = None
            if not told:
                yield Remark("broken", min(1, self.lines), f"not XML: {error.msg}")
        if self.root is None and root is not None:
            yield from self.page(root)
        ended = any(fault.type_name in _GRAVE for fault in self.parser.feed_error_log)
        if self.open is not None and not told and not ended:
            yield from self._read()
            yield Remark("cut", self.line, "the feed ends inside this item")
            told = True
        yield from self._faults({*_FINE, "ERR_TAG_NOT_FINISHED"} if told else _FINE)

    def _faults(self, fine: Collection[str]) -> Iterator[Event]:
        faults = [fault for fault in self.parser.feed_error_log if fault.type_name not in fine]
        for fault in faults[:_MOST_TOLD]:
            text = f"not XML: {' '.join(fault.message.split())}"[:200]
            yield Remark(_GRAVE.get(fault.type_name, "unread"), min(fault.line, self.lines), text)
        if len(faults) > _MOST_TOLD:  # libxml2 keeps a hundred
            yield Remark("unread", 0, f"not XML in {len(faults) - _MOST_TOLD} more places, or more")
