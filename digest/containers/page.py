"""A page while it is read: tags and texts become blocks of text, in the order of the markup.

Elements that stand for themselves part blocks; inline ones glue, as text does where a browser saves it: white space
counts, tags do not. No class or style is ever looked at: they change with every redesign.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from digest.containers.base import SAVE_AS_TEXT
from digest.containers.elements import PARTING, closed_by_end, closed_by_start, is_astride
from digest.containers.embedded import MOST_JSON
from digest.containers.tags import decoded
from digest.errors import DumpError
from digest.text import single_spaced

MOST_DEPTH = 500
"""Elements in one another; browsers stop at 512."""

_INVISIBLE = "\ufeff\u200b"
_BLANKS = " \t\n\f\xa0"


class Page:
    """What has been read of a page. Its lists stay the same objects, so that whoever reads may hold on to them."""

    def __init__(self, markup: str) -> None:
        """Begin with nothing read."""
        self.markup = markup
        self.blocks: list[tuple[int, str, int, int, str]] = []  # line, text, gap, level, link as written
        self.title = ""
        self.base = ""
        self.addresses: dict[str, str] = {}  # that the page tells as its own, by where
        self.json: list[str] = []
        self.opened = [""]  # names of the elements that are open, below what begins with every page
        self.undo: list[tuple[int, Callable[..., None], Any]] = []  # what to do when no so many are open any more
        self.parts: list[str] = []  # of the block's text
        self.special = 0  # how many of links, preformatted text, formulae, what is dropped stand open
        self.dropping = 0  # depth of the element that is being dropped
        self.level = 0
        self.link = ""
        self.preformatted = 0  # 2 at the beginning of such text
        self.formula = -1  # where in the parts it began
        self.after_formula = -1  # where the last one ended
        self._began = 0  # where in the markup the block's text did
        self._line = 1  # of the place up to which lines are counted
        self._counted = 0
        self._gap = 0
        self._linked: dict[str, int] = {}  # how much of the block's text links where
        self._opening_link = ""  # of the first of the block's text
        self._last_link = ""
        self._after_link = 0  # where in the parts the last one's text ended
        self._json_left = MOST_JSON

    @property
    def address(self) -> str:
        """The page's own address as it tells it, "" where it does not."""
        told = self.addresses
        return told.get("saved from") or told.get("canonical") or told.get("og:url") or ""

    # Elements.

    def push(self, name: str, *, closing: bool = True) -> None:
        """Begin an element that has an end, after those that it closes by beginning."""
        if closing:
            self.close_for(name)
        self.opened.append(name)
        if len(self.opened) > MOST_DEPTH:
            self.refuse_depth()

    def close_for(self, name: str) -> None:
        """End what an element closes by beginning."""
        if depth := closed_by_start(self.opened, name):
            self._close(depth)

    def refuse_depth(self) -> None:
        """Refuse a page whose elements are nested deeper than browsers have them."""
        raise DumpError("it is an HTML page nested too deep", mend=SAVE_AS_TEXT)

    def close(self, name: str) -> None:
        """End the innermost element of that name, and those that it ends with it, if it is open."""
        depth = closed_by_end(self.opened, name)
        if name in PARTING and not self.dropping and (depth or name in ("p", "br", "html", "body")):
            self.part()
        if depth:
            self._close(depth)

    def _close(self, depth: int) -> None:
        if is_astride(self.opened, depth) and not self.dropping:
            self._take_out(depth)
        else:
            del self.opened[depth:]
            self.unwind()
        if self.link and "a" not in self.opened:
            self.link = ""

    def _take_out(self, depth: int) -> None:
        """End one element; those in it stay."""
        del self.opened[depth]
        undo, self.undo[:] = self.undo[:], ()
        for at, what, before in undo:
            if at == depth:
                what(before)
            else:
                self.undo.append((at - (at > depth), what, before))

    def unwind(self) -> None:
        """Undo what elements that are not open any more have done."""
        depth = len(self.opened)
        if self.dropping:
            if self.dropping >= depth:
                self.dropping = 0
                self.special -= 1
            else:
                return
        while self.undo and self.undo[-1][0] >= depth:
            _, undo, before = self.undo.pop()
            undo(before)

    def on_end(self, undo: Callable[..., None], before: Any = None) -> None:
        """Have something done when the innermost element that is open ends."""
        self.undo.append((len(self.opened) - 1, undo, before))

    def begin_heading(self, level: int) -> None:
        """Begin a heading; its element is opened next."""
        self.undo.append((len(self.opened), self._set_level, self.level))
        self.level = level

    def _set_level(self, level: int) -> None:
        self.level = level

    def set(self, name: str, value: object) -> None:
        """Set an attribute of the page until the innermost element that is open ends."""
        self.on_end(self._reset, (name, getattr(self, name)))
        setattr(self, name, value)
        self.special += 1

    def _reset(self, before: tuple[str, object]) -> None:
        setattr(self, *before)
        self.special -= 1

    def drop(self) -> None:
        """Take no text until the innermost element that is open ends."""
        self.dropping = len(self.opened) - 1
        self.special += 1

    # Text.

    def data(self, text: str, place: int) -> None:
        """Take text as it is written at a place in the markup, wherever it stands."""
        if self.dropping or not text:
            return
        if self.preformatted:
            if self.preformatted == 2 and text[0] == "\n":
                text, place = text[1:], place + 1  # it ends the tag's line, and is no text
            self.preformatted = 1
            if "\n" in text:
                self._take_lines(text, place)
                return
        shown = decoded(text) if "&" in text else text
        if self.link:
            self.take_linked(shown, place, text)
        elif self.parts:
            self.parts.append(shown)
        elif not shown.isspace():
            self.begin(shown, place, text)

    def begin(self, shown: str, place: int, written: str) -> None:
        """Begin a block with text."""
        self._began = place + len(written) - len(written.lstrip()) if written[:1] in _BLANKS else place
        self._opening_link = self.link
        self.parts.append(shown)

    def write(self, text: str, place: int) -> None:
        """Take text that stands for what is at a place in the markup."""
        if self.parts:
            self.parts.append(text)
        else:
            self.begin(text, place, "")

    def take_linked(self, shown: str, place: int, written: str) -> None:
        """Take text of a link."""
        link, parts = self.link, self.parts
        if parts and self._after_link == len(parts) and link != self._last_link and self._adjoins(shown):
            self.part()  # links side by side without a blank are set apart by their looks
        if parts:
            parts.append(shown)
        elif shown.isspace():
            return
        else:
            self.begin(shown, place, written)
        self._linked[link] = self._linked.get(link, 0) + len(shown.strip())
        self._last_link = link
        self._after_link = len(parts)

    def _adjoins(self, text: str) -> bool:
        """Tell whether a link's text touches that of the one before; marks that lead to notes do so in a sentence."""
        blank = self.parts[-1][-1:].isspace() or text[0].isspace()
        return not (blank or self.link[0] == "#" or self._last_link[0] == "#")

    def _take_lines(self, text: str, place: int) -> None:
        """Take preformatted text: its lines are blocks, its blank lines gaps."""
        self.preformatted = 0
        *lines, last = text.split("\n")
        for line in lines:
            self.data(line, place)
            place += len(line) + 1
            blank = not self.parts
            self.part()
            self._gap = self._gap + 1 if blank else 0
        self.data(last, place)
        self.preformatted = 1

    def part(self) -> None:
        """End the block, if any."""
        parts = self.parts
        if not parts:
            return
        text = single_spaced("".join(parts).strip())
        if text and (text[0] in _INVISIBLE or text[-1] in _INVISIBLE):
            text = text.strip(_INVISIBLE + " ")
        parts.clear()
        self.after_formula = -1
        if text:
            link = self._main_link(len(text)) if self._linked else ""
            self._line += self.markup.count("\n", self._counted, self._began)
            self._counted = self._began
            self.blocks.append((self._line, text, self._gap, self.level, link))
            self._gap = 1
        if self._linked:
            self._linked.clear()
            self._after_link = 0

    def _main_link(self, length: int) -> str:
        """Return where most of a text of that length links to; a title's link may have its authors glued behind it."""
        most = max(self._linked, key=self._linked.__getitem__) if len(self._linked) > 1 else self._last_link
        begins = most == self._opening_link and 4 * self._linked[most] > length
        return most if begins or 2 * sum(self._linked.values()) > length else ""

    def keep_json(self, texts: Iterable[str]) -> None:
        """Keep those texts that look like JSON with a title, as much of them as a page may have."""
        for text in texts:
            if text and text[0] in "{[" and "title" in text and len(text) <= self._json_left:
                self._json_left -= len(text)
                self.json.append(text)
