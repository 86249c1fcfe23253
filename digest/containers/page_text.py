"""The text of a page as it comes, piece by piece: blocks with their lines, the gaps before them, where they link to."""

from __future__ import annotations

from digest.text import single_spaced

_INVISIBLE = "\ufeff\u200b"


class Text:
    """What has been read of a page's text: the blocks that are whole, and the one that is being read."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self.line = 0  # that is being fed
        self.blocks: list[tuple[int, str, int, int, str]] = []  # line, text, gap, level, link as written
        self._parts: list[str] = []  # of the block's text
        self._number = 1  # line where the block's text begins
        self._gap = 0
        self._level = 0
        self._link = ""
        self._linked: dict[str, int] = {}  # how much of the block's text links where
        self._opening_link = ""  # of the first of the block's text
        self._last_link = ""  # that ended, and how many of the parts there were by then
        self._after_link = -1
        self._adjoins = False  # a link began right where one to elsewhere ended
        self._preformatted = 0  # 2 at the beginning of such text
        self._after_math = -1  # how many of the parts there were where a formula ended

    def _take(self, text: str) -> None:
        """Take text that begins a block, or stands in a link, a heading or preformatted text."""
        if self._adjoins and not text[0].isspace():
            self._part()  # they are styled apart, as a menu's are
        self._adjoins = False
        if self._preformatted:
            if self._preformatted == 2 and text[0] == "\n":
                text = text[1:]  # it ends the tag's line, and is no text
            self._preformatted = 1
            if "\n" in text:
                self._take_lines(text)
                return
        if not self._parts:
            if not text or text.isspace():
                return
            # The text ends on this line. Line ends written as entities are none, hence the bound.
            self._number = max(self._number, self.line - text.lstrip().count("\n"))
            self._opening_link = self._link
        self._parts.append(text)
        if self._link:
            self._linked[self._link] = self._linked.get(self._link, 0) + len(text.strip())

    def _part(self) -> None:
        """End the block, if any."""
        if not self._parts:
            return
        text = single_spaced("".join(self._parts).strip())
        if text and (text[0] in _INVISIBLE or text[-1] in _INVISIBLE):
            text = text.strip(_INVISIBLE + " ")
        self._parts.clear()
        self._after_math = self._after_link = -1
        if text:
            link = self._main_link(len(text)) if self._linked else ""
            self.blocks.append((self._number, text, self._gap, self._level, link))
            self._gap = 1
        if self._linked:
            self._linked.clear()

    def _main_link(self, length: int) -> str:
        """Return where most of a text of that length links to; a title's link may have its authors glued behind it."""
        most = max(self._linked, key=self._linked.__getitem__)
        begins = most == self._opening_link and 4 * self._linked[most] > length
        return most if begins or 2 * sum(self._linked.values()) > length else ""

    def _take_lines(self, text: str) -> None:
        """Take preformatted text: its lines are blocks, its blank lines gaps."""
        self._preformatted = 0
        after = self.line
        lines = text.split("\n")
        for place, line in enumerate(lines):
            self.line = after - (len(lines) - 1 - place)
            self._take(line)
            if place < len(lines) - 1:
                blank = not self._parts
                self._part()
                self._gap = self._gap + 1 if blank else 0
        self.line = after
        self._preformatted = 1
