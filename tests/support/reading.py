"""Text and bytes read as a dump is: out of their container, by their layout."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from digest import layouts
from digest.archive import blob_of
from digest.containers import opened, plain
from digest.layouts import Reading
from digest.models import Document, Listing

ON = date(2026, 6, 15)


def documents(dump: str | bytes) -> Sequence[Document]:
    """Return what a dump offers."""
    return opened(blob_of(dump.encode("utf-8", "surrogatepass") if isinstance(dump, str) else dump, "a dump"))


def document(lines: Iterable[str]) -> Document:
    """Return lines as plain text's document, whatever they hold."""
    held = list(lines)
    return Document("text", lambda: iter(held), lambda: plain.blocks(held))


def read(dump: str | bytes, on: date = ON, name: str | None = None) -> Reading:
    """Read a dump."""
    return layouts.read(documents(dump), on, name)


def listings(dump: str | bytes, on: date = ON, name: str | None = None) -> list[Listing]:
    """Return the listings of a dump."""
    return [event for event in read(dump, on, name).events if isinstance(event, Listing)]
