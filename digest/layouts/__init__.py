"""The layouts: the one list of them, and finding the one that a dump has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice

from digest.errors import DumpError, UsageError
from digest.layouts.aitopics import AITopics
from digest.layouts.base import HEAD_LINES, Event, Layout, head_lines
from digest.layouts.huggingface import HuggingFace
from digest.layouts.jsonl import JsonLines
from digest.layouts.scholarfeed import ScholarFeed

__all__ = ["HEAD_LINES", "LAYOUTS", "Event", "Layout", "by_name", "read", "recognise", "site", "split_lines"]

_PAGES: tuple[Layout, ...] = (AITopics(), HuggingFace(), ScholarFeed())
LAYOUTS: tuple[Layout, ...] = (*_PAGES, JsonLines(sites=[page.name for page in _PAGES]))
"""Every layout there is; the order means nothing, since exactly one may recognise a dump."""

_BY_NAME = {layout.name: layout for layout in LAYOUTS}
_CHOICES = ", ".join(sorted(_BY_NAME))
_OTHER_FORMATS = {  # what people save instead of text, by how it begins, in lower case
    "<!doctype html": "an HTML page",
    "<html": "an HTML page",
    "<?xml": "XML",
    "%pdf-": "a PDF file",
    "{\\rtf": "an RTF file",
}
_SAVE_AS_TEXT = "open it, mark all, copy, and paste it into a text file"


def by_name(name: str) -> Layout:
    """Return the layout of that name; raises UsageError, which names the choices, where there is none."""
    if name not in _BY_NAME:
        raise UsageError(f"there is no layout {name!r}", where="--layout", mend=f"choose one of {_CHOICES}")
    return _BY_NAME[name]


def site(name: str) -> str:
    """Return the site behind a layout as people know it, "" where there is none or no such layout."""
    return _BY_NAME[name].site if name in _BY_NAME else ""


def recognise(head: Sequence[str]) -> Layout:
    """Return the one layout that recognises a dump by its first lines (at most ``HEAD_LINES`` of them are looked at).

    Raises DumpError where none does, or more than one: a dump is never guessed at.
    """
    bounded = list(head[:HEAD_LINES])
    found = [layout for layout in LAYOUTS if layout.recognises(bounded)]
    if len(found) == 1:
        return found[0]
    if found:
        names = " and ".join(layout.name for layout in found)
        raise DumpError(
            f"more than one layout recognises it: {names}", mend="digest ingest --layout names the right one"
        )
    what, mend = _why_unknown(bounded)
    raise DumpError(what, mend=mend)


def _why_unknown(head: Sequence[str]) -> tuple[str, str]:
    """Return what is wrong with a dump that no layout recognises, and the mend."""
    lines = head_lines(head)
    if not lines:
        return "it is empty: there is no text in it", "save the page once more"
    for opening, kind in _OTHER_FORMATS.items():
        if lines[0].lower().startswith(opening):
            return f"no layout recognises it: it is {kind}", _SAVE_AS_TEXT
    letters = "".join(lines[:20])[:4000]
    if sum(not (c.isprintable() or c.isspace()) or c == "\ufffd" for c in letters) > 0.05 * len(letters):
        return "it is not text but binary data", _SAVE_AS_TEXT
    what = f'no layout recognises it; it begins "{lines[0][:60]}"'
    return what, f"the layouts are {_CHOICES}; digest ingest --layout names one"


def split_lines(text: str) -> Iterator[str]:
    """Yield the lines of a text, which LF or CRLF end; what else Unicode ends lines with is white space here."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start:end]
        start = end + 1
    if start < len(text):
        yield text[start:]


def read(text: str, on: date, name: str | None = None) -> tuple[Layout, Iterator[Event]]:
    """Return the layout of a dump (``name`` says which, else it is recognised) and its listings and remarks.

    ``on`` is the dump's date. Raises DumpError where the dump is not recognised, UsageError for an unknown ``name``.
    """
    layout = by_name(name) if name is not None else recognise(list(islice(split_lines(text), HEAD_LINES)))
    return layout, layout.read(split_lines(text), on)
