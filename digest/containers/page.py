"""A page while it is parsed: the parser's events, and what its elements mean for the text in them.

Elements that stand for themselves part blocks; inline ones glue, as text does where a browser saves it: white space
counts, tags do not. No class or style is ever looked at: they change with every redesign.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from digest.containers.addresses import is_web
from digest.containers.base import SAVE_AS_TEXT
from digest.containers.embedded import MOST_JSON
from digest.containers.page_text import Text
from digest.errors import DumpError
from digest.text import single_spaced

_MOST_DEPTH = 500  # browsers stop at 512

# What parts blocks: the elements that the HTML Living Standard, section 15.3, displays as other than inline.
_BLOCKS = """
    address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre search section summary
    table tbody td tfoot th thead tr ul
"""
# What is not the page's text: programs, styles, pictures, choices, what only other programs show.
_ASIDES = """
    annotation-xml audio canvas datalist iframe mjx-math noembed noframes noscript object optgroup option rp select
    style svg textarea video
"""
_PARTING = frozenset(_BLOCKS.split())
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_TELLING = frozenset(("hidden", "aria-hidden", "role"))
_TITLED = ('"title"', "title&quot;", "title&#34;", "title&#x22;")  # JSON with a title, in scripts and attributes
_SAVED_FROM = re.compile(r"saved from url=\(\d{1,6}\)(\S{1,2000})|^\s*Page saved with SingleFile\s+url: (\S{1,2000})")
_Attributes = Mapping[str, str]


class Page(Text):
    """The parser's target: what has been read of the page."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        super().__init__()
        self.unclosed = 0  # characters fed since the last ">"
        self.title = ""
        self.base = ""
        self.json: list[str] = []
        self._addresses: dict[str, str] = {}
        self._math = -1  # where in the parts a formula began
        self._script: list[str] | None = None
        self._json_left = MOST_JSON
        self._titled = False  # the page has JSON with a title
        self._depth = 0
        self._dropping = 0  # depth of the element that is being dropped
        self._special = 0  # how many of dropping, links, headings, preformatted text stand open
        self._undo: list[tuple[int, Callable[..., None], Any]] = []  # what to do at an element's end

    @property
    def address(self) -> str:
        """The page's own address as it tells it, "" where it does not."""
        told = self._addresses
        return told.get("saved from") or told.get("canonical") or told.get("og:url") or ""

    def expect_json(self, piece: str) -> None:
        """Note whether markup that is about to be fed has JSON with a title; else attributes need no look."""
        if "title" in piece and not self._titled:
            self._titled = any(mark in piece for mark in _TITLED)

    # What the parser calls.

    def start(self, tag: str, attributes: _Attributes) -> None:
        """Begin an element."""
        self._depth = depth = self._depth + 1
        if depth > _MOST_DEPTH:
            raise DumpError("it is an HTML page nested too deep", mend=SAVE_AS_TEXT)
        if self._dropping:
            return
        if attributes:
            if self._titled:
                self._keep_json(attributes.values())
            if not _TELLING.isdisjoint(attributes) and self._is_hidden(tag, attributes):
                self._drop()
                return
        if self._parts and tag in _PARTING:
            self._part()
        if special := _STARTS.get(tag):
            special(self, tag, attributes)

    def end(self, tag: str) -> None:
        """End an element; the parser ends each that it began, and no other."""
        depth = self._depth
        self._depth = depth - 1
        if self._dropping:
            if self._dropping == depth:
                self._end_dropping()
            return
        if self._parts and tag in _PARTING:
            self._part()
        while self._undo and self._undo[-1][0] == depth:
            _, undo, before = self._undo.pop()
            undo(before)

    def data(self, text: str) -> None:
        """Take text."""
        if self._parts and not self._special:
            self._parts.append(text)
        elif not self._dropping:
            self._take(text)
        elif self._script is not None:
            self._script.append(text)

    def _drop(self) -> None:
        """Take no text until the element ends."""
        self._dropping = self._depth
        self._special += 1

    def _end_dropping(self) -> None:
        self._dropping = 0
        self._special -= 1
        if self._script is not None:
            self._keep_json(("".join(self._script),))
            self._script = None

    def comment(self, text: str) -> None:
        """Take a comment: browsers and their extensions leave the page's address in one."""
        if not self.blocks and (found := _SAVED_FROM.search(text[:3000])):
            self._tell("saved from", found[1] or found[2])

    def close(self) -> None:
        """End the page."""
        self._part()

    # What becomes of it.

    def _tell(self, what: str, address: str | None) -> None:
        if address and is_web(address.strip()):
            self._addresses.setdefault(what, address.strip())

    def _keep_json(self, texts: Any) -> None:
        for text in texts:
            if text and text[0] in "{[" and "title" in text and len(text) <= self._json_left:
                self._json_left -= len(text)
                self.json.append(text)

    def _set(self, name: str, value: object) -> None:
        """Set an attribute of the page until the element ends."""
        self._undo.append((self._depth, self._reset, (name, getattr(self, name))))
        setattr(self, name, value)
        self._special += 1

    def _reset(self, before: tuple[str, object]) -> None:
        setattr(self, *before)
        self._special -= 1

    def _is_hidden(self, tag: str, attributes: _Attributes) -> bool:
        """Tell whether nobody sees the element; note the heading that it may be."""
        if attributes.get("hidden", "until-found").lower() != "until-found":
            return True
        if attributes.get("aria-hidden", "").lower() == "true":
            # A formula's looks beside its MathML; other things that a screen reader passes over are text still.
            return tag == "nobr" or (bool(self._parts) and len(self._parts) == self._after_math)
        if attributes.get("role") == "heading":
            self._part()
            level = attributes.get("aria-level", "")
            self._set("_level", int(level) if level in ("1", "2", "3", "4", "5", "6") else 2)
            self._undo.append((self._depth, lambda _: self._part(), None))
        return False

    # The elements that mean more than their text.

    def _start_heading(self, tag: str, _: _Attributes) -> None:
        self._set("_level", _HEADINGS[tag])

    def _start_link(self, _: str, attributes: _Attributes) -> None:
        if href := attributes.get("href"):
            self._adjoins = 0 < len(self._parts) == self._after_link and href[0] != "#" and href != self._last_link
            self._set("_link", href)
            self._undo.append((self._depth, self._end_link, href))

    def _end_link(self, href: str) -> None:
        self._last_link, self._after_link = href, len(self._parts)

    def _start_preformatted(self, _: str, __: _Attributes) -> None:
        self._set("_preformatted", 2)

    def _start_dropping(self, _: str, __: _Attributes) -> None:
        self._drop()

    def _start_title(self, _: str, __: _Attributes) -> None:
        self._part()
        self._undo.append((self._depth, self._end_title, None))

    def _end_title(self, _: None) -> None:
        self.title = self.title or single_spaced("".join(self._parts))[:1000]
        self._parts.clear()

    def _start_script(self, _: str, attributes: _Attributes) -> None:
        self._drop()
        if attributes.get("type", "").lower().partition(";")[0].strip().endswith("json"):
            self._script = []

    def _start_template(self, _: str, attributes: _Attributes) -> None:
        if not ("shadowrootmode" in attributes or "shadowroot" in attributes):
            self._drop()

    def _start_math(self, _: str, attributes: _Attributes) -> None:
        self._undo.append((self._depth, self._end_math, None))
        if tex := attributes.get("alttext"):
            self.data(f"${tex}$")
            self._end_math(None)
            self._drop()
        else:
            self._math = len(self._parts)

    def _end_math(self, _: None) -> None:
        self._math = -1
        self._after_math = len(self._parts)

    def _start_annotation(self, _: str, attributes: _Attributes) -> None:
        """Take a formula's TeX instead of what stands for it in MathML."""
        if self._math < 0 or "tex" not in attributes.get("encoding", ""):
            self._drop()
            return
        del self._parts[self._math :]
        self._undo.append((self._depth, self.data, "$"))
        self.data("$")

    def _start_base(self, _: str, attributes: _Attributes) -> None:
        self.base = self.base or attributes.get("href", "")

    def _start_rel(self, _: str, attributes: _Attributes) -> None:
        if "canonical" in attributes.get("rel", "").lower().split():
            self._tell("canonical", attributes.get("href"))

    def _start_meta(self, _: str, attributes: _Attributes) -> None:
        if attributes.get("property") == "og:url":
            self._tell("og:url", attributes.get("content"))


_STARTS: dict[str, Callable[[Page, str, _Attributes], None]] = {
    **dict.fromkeys(_ASIDES.split(), Page._start_dropping),
    **dict.fromkeys(_HEADINGS, Page._start_heading),
    "a": Page._start_link,
    "annotation": Page._start_annotation,
    "base": Page._start_base,
    "link": Page._start_rel,
    "math": Page._start_math,
    "meta": Page._start_meta,
    "pre": Page._start_preformatted,
    "script": Page._start_script,
    "template": Page._start_template,
    "title": Page._start_title,
}
