"""What an entry of a feed says, before it is written as Atom or as JSON: readable texts, not yet escaped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class Piece(NamedTuple):
    """An entry, or a document, written in both formats (UTF-8), and when it was updated (RFC 3339, UTC)."""

    atom: bytes
    json: bytes
    updated: str


class Category(NamedTuple):
    """A category: its term, and the IRI of what it is a term of."""

    term: str
    scheme: str


class Related(NamedTuple):
    """A link besides the entry's own: how it is related (a registered relation), its address, and its name."""

    relation: str
    url: str
    name: str


@dataclass(frozen=True, slots=True)
class Item:
    """An entry; ``url`` is the page that it stands for ("": none), ``content`` is HTML and was cleaned."""

    id: str
    title: str
    url: str
    published: datetime
    updated: datetime
    content: str
    summary: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[Category, ...] = ()
    related: tuple[Related, ...] = ()
