"""The fields of the rule language: their names, what kind of value they take, and where a paper keeps them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Literal

from digest.models import Paper

Kind = Literal["text", "name", "category", "number", "date", "flag"]

# Every field by its full name, with the kind of value that it takes.
FIELDS: dict[str, Kind] = {
    "title": "text",
    "abstract": "text",
    "author": "name",
    "category": "category",
    "affiliation": "text",
    "venue": "text",
    "source": "text",
    "page": "text",
    "layout": "text",
    "score": "number",
    "published": "date",
    "listed": "date",
    "has": "flag",
    "type": "flag",
}
SHORT_NAMES = {"ti": "title", "abs": "abstract", "au": "author", "cat": "category", "aff": "affiliation"}
FLAGS = {"has": ("code", "abstract"), "type": ("new", "cross", "replaced")}

# Where a term without a field is looked for.
DEFAULT = ("title", "abstract")

# These hold names that people write with and without spaces ("Hugging Face", "huggingface").
LABELS = frozenset({"source", "page", "layout"})


def full_name(written: str) -> str:
    """Return a field's full name, whatever the case and whether the name is short; other names in lower case."""
    return SHORT_NAMES.get(written.lower(), written.lower())


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


_VALUES: dict[str, Callable[[Paper], tuple[str, ...]]] = {
    "title": lambda paper: _one(paper.title),
    "abstract": lambda paper: _one(paper.abstract),
    "author": lambda paper: tuple(dict.fromkeys((*paper.authors, *paper.page_authors))),
    "category": lambda paper: paper.categories,
    "affiliation": lambda paper: paper.affiliations,
    "venue": lambda paper: _one(paper.venue),
    "source": lambda paper: paper.sources,
    "page": lambda paper: paper.pages,
    "layout": lambda paper: paper.layouts,
    "type": lambda paper: paper.announced,
    "has": lambda paper: (*(("code",) if paper.has_code else ()), *(("abstract",) if paper.abstract else ())),
}
_NUMBERS: dict[str, Callable[[Paper], float | None]] = {
    "score": lambda paper: paper.score,
    "published": lambda paper: paper.published.toordinal() if paper.published else None,
    "listed": lambda paper: paper.first_listed.toordinal(),
}


def values(paper: Paper, field: str) -> tuple[str, ...]:
    """Return the paper's values in a text, name, category or flag field, as printed; empty where unknown."""
    return _VALUES[field](paper)


def number(paper: Paper, field: str) -> float | None:
    """Return the paper's value in a number or date field (a date as its proleptic ordinal), None where unknown."""
    return _NUMBERS[field](paper)


def shown(field: str, number: float) -> str:
    """Return the value of a number or date field as people read it."""
    return f"{number:g}" if FIELDS[field] == "number" else date.fromordinal(int(number)).isoformat()


def searched(field: str) -> tuple[str, ...]:
    """Return the fields that a term with this field (``""``: none) is looked for in."""
    return (field,) if field else DEFAULT
