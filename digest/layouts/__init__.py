"""The layouts: the one list of them, and finding the one that a dump has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain
from typing import NamedTuple

from digest.errors import DumpError, UsageError
from digest.layouts.aitopics import AITopics
from digest.layouts.arxiv_list import ArxivList
from digest.layouts.arxiv_mailing import ArxivMailing
from digest.layouts.base import HEAD_LINES, Event, Layout, head_of
from digest.layouts.bibtex import BibTeX
from digest.layouts.closeness import closest
from digest.layouts.embedded import completed
from digest.layouts.feed import Feed
from digest.layouts.huggingface import HuggingFace
from digest.layouts.jsonl import JsonLines
from digest.layouts.ris import RIS
from digest.layouts.scholarfeed import ScholarFeed
from digest.models import Document, Remark
from digest.text import counted

__all__ = [
    "HEAD_LINES",
    "LAYOUTS",
    "Event",
    "Layout",
    "Reading",
    "address",
    "by_name",
    "read",
    "recognise",
    "recognised",
    "site",
]

_OTHERS: tuple[Layout, ...] = (
    AITopics(),
    ArxivList(),
    ArxivMailing(),
    BibTeX(),
    Feed(),
    HuggingFace(),
    RIS(),
    ScholarFeed(),
)
LAYOUTS: tuple[Layout, ...] = (*_OTHERS, JsonLines(sites=[other.name for other in _OTHERS]))
"""Every layout there is; the order means nothing, since exactly one may recognise a dump."""

_BY_NAME = {layout.name: layout for layout in LAYOUTS}
_CHOICES = ", ".join(sorted(_BY_NAME))
_MOST_COMPARED = 5  # texts of a mail that are told what they come close to: each is read by every layout


class Reading(NamedTuple):
    """How a dump is read: its layout, which of its documents that reads, and what comes of it."""

    layout: Layout
    document: Document
    events: Iterator[Event]


def by_name(name: str) -> Layout:
    """Return the layout of that name; raises UsageError, which names the choices, where there is none."""
    if name not in _BY_NAME:
        raise UsageError(f"there is no layout {name!r}", where="--layout", mend=f"choose one of {_CHOICES}")
    return _BY_NAME[name]


def site(name: str) -> str:
    """Return the site behind a layout as people know it, "" where there is none or no such layout."""
    return _BY_NAME[name].site if name in _BY_NAME else ""


def address(name: str, arxiv: str | None) -> str:
    """Return where a layout's site has the paper with this arXiv identifier, as far as that can be told; else "".

    Of a site whose addresses cannot be told from an identifier, it is the site's first page.
    """
    found = _BY_NAME[name].address if name in _BY_NAME else ""
    return found if "{arxiv}" not in found else found.format(arxiv=arxiv) if arxiv else ""


def recognise(documents: Sequence[Document]) -> tuple[Layout, Document]:
    """Return the one layout that recognises a dump, with the first of its documents (never none) that it recognises.

    Raises DumpError where no layout does, or more than one recognises the same document: a dump is never guessed at.
    """
    for document in documents:
        found = _those_of(document)
        if len(found) == 1:
            return found[0], document
        if found:
            names = " and ".join(layout.name for layout in found)
            raise DumpError(
                f"more than one layout recognises it: {names}", mend="digest ingest --layout names the right one"
            )
    lines = next(filter(None, (head_of(document.blocks()) for document in documents)), None)
    if lines is None:
        raise DumpError("it is empty: there is no text in it", mend="save the page once more")
    what = f'no layout recognises it; it begins "{lines[0][:60]}"'
    if near := closest(LAYOUTS, documents[:_MOST_COMPARED]):
        what += f", and reads like {near.layout.name}: {counted(near.whole, 'listing')}"
        raise DumpError(what, mend=f"digest parse --explain tells more; --layout {near.layout.name} reads it so")
    raise DumpError(what, mend="digest parse --explain tells what each layout looks for; --layout names one")


def recognised(documents: Sequence[Document]) -> Document | None:
    """Return the document that ``recognise`` would, None where it would raise."""
    found = next(((document, layouts) for document in documents if (layouts := _those_of(document))), None)
    return found[0] if found and len(found[1]) == 1 else None


def _those_of(document: Document) -> list[Layout]:
    return [layout for layout in LAYOUTS if layout.recognises(document)]


def read(documents: Sequence[Document], on: date, name: str | None = None) -> Reading:
    """Return the layout of a dump (``name`` says which, else it is recognised) and its listings and remarks.

    ``documents`` are the forms that the dump offers, the best first; ``on`` is the dump's date. Raises DumpError where
    the dump is not recognised, UsageError for an unknown ``name``.
    """
    if name is None:
        layout, document = recognise(documents)
    else:
        layout = by_name(name)
        document = next(filter(layout.recognises, documents), documents[0])
    events = layout.read(document, on)
    events = completed(events, document.embedded, on) if document.embedded else events
    return Reading(layout, document, chain(_beside(documents, document), events))


def _beside(documents: Sequence[Document], chosen: Document) -> Iterator[Event]:
    """Tell what is attached to a mail and no layout recognises: its parts are named by what stands before a comma."""
    found: dict[str, bool] = {}
    for document in documents:
        name = _part(document)
        found[name] = found.get(name, False) or any(layout.recognises(document) for layout in LAYOUTS)
    read = tuple(name for name in found if found[name])
    for name in found:
        if name.startswith("attached") and name != _part(chosen) and not any(known.startswith(name) for known in read):
            yield Remark("unread", 0, f"{name}: no layout recognises it")


def _part(document: Document) -> str:
    return document.container.partition(",")[0]
