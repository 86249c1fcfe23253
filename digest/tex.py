"""TeX in titles and abstracts to readable Unicode; what cannot be converted stays as it was."""

from __future__ import annotations


def to_unicode(text: str) -> str:
    """Return the text with its TeX fragments as Unicode."""
    return text
