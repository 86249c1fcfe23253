"""Samples for bug reports: a dump of the same shape without its words, which the same layout reads in the same way.

Lines, lengths, punctuation, capitals, markup, names of fields, dates and the words that pages print around listings
stay; titles, abstracts, names, addresses and numbers go. It hides a dump's words from readers. Whoever holds the same
papers can still tell which they are, by the lengths.
"""

from __future__ import annotations

import re

from digest.anonymise.mail import sample_of_mail
from digest.anonymise.markup import sample_of_markup
from digest.anonymise.running import sample_of_text
from digest.anonymise.values import sample_of_json
from digest.anonymise.words import Words

__all__ = ["Words", "sample_of", "sample_of_mail"]

_JSON = re.compile(r'\s*(?:\{\s*(?:"|\}|$)|\[\s*(?:[{\]]|$))')
_MARKUP = re.compile(r"\s*<(?:[A-Za-z!?])")


def sample_of(text: str, words: Words) -> str:
    """Return a text, JSON or markup, known or not, with other words."""
    words.avoid(text)
    head = text[:4096].lstrip("\ufeff")
    if _JSON.match(head):
        return sample_of_json(text, words, sample_of_markup)
    return (sample_of_markup if _MARKUP.match(head) else sample_of_text)(text, words)
