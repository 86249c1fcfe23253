"""What is weighed of a line where paragraphs must be told apart: its capitals, its ends, its first word."""

from __future__ import annotations

import re
from collections.abc import Container
from math import log
from typing import NamedTuple

_CAPITAL_WORD = re.compile(r"(?<![\w$\\])[A-Z][\w'’-]{3,40}")
_SMALL_WORD = re.compile(r"(?<![\w$\\-])[a-z][a-z'’-]{3,40}")
_AFTER_SENTENCE = re.compile(r"[.!?:][\"'”’)\]]{0,3} +[A-Z]\w*")
_INNER_END = re.compile(r"[a-z)][.] +[A-Z]")
_SMALL_IN_TITLES = """
    with from into over under through without within towards toward between among against versus
"""
_MOSTLY_SMALL = frozenset(_SMALL_IN_TITLES.split())
_SENTENCE_END = re.compile(r"(?:[.!?。！？][\"'”’)\]}$*]*|https?://\S{4,})$")
_CREDITS_END = re.compile(r"(?:\bet al\.|·[^·.]{2,80})$")
_LEADS_ON = re.compile(
    r"(?:[,;(–—/&+=-]|[( ](?:\d|[ivx]{1,4})\)|(?<!\w)(?:the|a|an|of|for|in|on|with|to|and|or|by|from|via|is|are|as|at"
    r"|that|which|into|than|using|their|its|our|we|be|this|these|such|both|can|has|have|between|towards?|e\.g\.,?"
    r"|i\.e\.,?|Fig\.|vs\.))$",
    re.IGNORECASE,
)
_OPENER = re.compile(
    r"(?:We|In|This|These|The|Our|It|An?|To|While|Although|Despite|Recent(?:ly)?|However|Existing|Many|Most|As|With|For"
    r"|By|On|When|Given|Modern|Current|Traditional|Since|Thanks|Due|There|Abstract|Such|Understanding)\b"
)
_FUNCTION = re.compile(r"(?:We|This|These|Those|The|Our|It|An?|However|Although|There|Their|They|Its)\b")
# "Processing (NLP)" is the end of a name that began on the line before, "Natural Language Processing (NLP)" is whole.
_ABBREVIATED = re.compile(r"((?:(?:[A-Z0-9][\w/-]{0,40}|of|for|and|the|in|to|by|on|with) ){1,6})\(([A-Z][\w-]{1,20})\)")
# What abstracts end with.
_TRAILER = re.compile(
    r"(?:Key ?words|Index Terms|(?:Project|Home) ?[Pp]age|Website|(?:Source )?[Cc]ode|Demo)\b[^.:]{0,30}:"
)
_COMMON = re.compile(r"([A-Z][a-z]{3,40}) (?!(?:with|from|into|over|under|using|based)\b)[a-z]{3}")
_LIKE_CAPITALS = "\"'“‘$\\[«*#@"

_LONGEST = 2000  # characters that are looked at
_CAPITAL, _SMALL = log(0.90 / 0.14), log(0.13 / 0.86)  # how often longer words are so in titles, and in running text
_MOST_TITLE = 5.0  # running text has its lines of names and abbreviations


class Cues(NamedTuple):
    """What is weighed of a line; ``title``: how much more its capitals are those of a title than of running text."""

    title: float
    capital: bool  # it begins as a paragraph may
    opener: bool  # with a word that abstracts open with
    function: bool  # with a word that has a capital only where a sentence begins
    common: bool  # with a word that has small letters elsewhere, and so has the next
    sentence_end: bool
    stop: bool  # it ends as no title does
    credits_end: bool
    leads_on: bool
    sentences: int  # that end within it


def cues(line: str, small: Container[str] = ()) -> Cues:
    """Return what is weighed of a line; ``small`` holds words that the text has in small letters."""
    text = line.strip()[:_LONGEST]
    credit = _CREDITS_END.search(text[-90:]) is not None
    return Cues(
        title=_capitals(text),
        capital=_may_begin(text[:1]) and not _is_rest_of_name(text) and not _TRAILER.match(text),
        opener=_OPENER.match(text) is not None,
        function=_FUNCTION.match(text) is not None,
        common=(first := _COMMON.match(text)) is not None and first[1].lower() in small,
        sentence_end=_SENTENCE_END.search(text) is not None,
        stop=text.endswith(".") and not credit,
        credits_end=credit,
        leads_on=_LEADS_ON.search(text[-12:]) is not None or text.rfind("(") > text.rfind(")"),
        sentences=min(3, len(_INNER_END.findall(text))),
    )


def _capitals(text: str) -> float:
    """Weigh the capitals of a line's words but the first, and but those that begin a sentence."""
    rest = _AFTER_SENTENCE.sub(" ", text[text.find(" ") + 1 :] if " " in text else "")
    capitals = len(_CAPITAL_WORD.findall(rest))
    small = sum(word not in _MOSTLY_SMALL for word in _SMALL_WORD.findall(rest))
    return min(_MOST_TITLE, capitals * _CAPITAL + small * _SMALL)


def _is_rest_of_name(text: str) -> bool:
    """Tell whether a line begins with a name that has not the first letters of the abbreviation after it."""
    found = _ABBREVIATED.match(text)
    if not found or found[1][0].lower() == found[2][0].lower():
        return False
    initials = iter(filter(str.isupper, found[1]))
    return not all(letter in initials for letter in filter(str.isupper, found[2]))


def _may_begin(char: str) -> bool:
    return (
        char.isupper()
        or char.isdigit()
        or char in _LIKE_CAPITALS
        or (char.isalpha() and char.lower() == char.upper())  # scripts without capitals
    )
