"""Other ways to write an English word: its stem, British and American spelling, in two words or one, near misses.

They are guesses to be counted in papers before anybody is shown them, so a wrong one costs nothing.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from digest.rules import words
from digest.rules.tree import Query, Words

SHORTEST_STEM = 4  # letters; the beginnings of shorter words begin too many others
_LONGEST_WORD = 40  # letters; nobody writes two words of more as one
_SHORTEST_PART = 3  # letters of each half of a compound

# Endings of derived forms, longest first: what is left begins the other forms (analys|is, analys|es; quanti|s|ation).
_ENDINGS = ("isations", "izations", "isation", "ization", "ations", "ements", "ation", "ement", "ings", "ments")
_SHORTER = ("ing", "ers", "ors", "ment", "ness", "als", "ies", "er", "or", "ed", "es", "is", "al", "ic", "y", "e", "s")
_DOUBLING = ("ings", "ing", "ers", "ors", "er", "or", "ed")

# British and American spelling, both ways; each reads: this before that ending (Oxford's guide to British spelling).
_PAIRS = (
    (r"is(e[drs]?|ing|ation|ations|ers)$", r"iz\1"),
    (r"iz(e[drs]?|ing|ation|ations|ers)$", r"is\1"),
    (r"ys(e[drs]?|ing|ers)$", r"yz\1"),
    (r"yz(e[drs]?|ing|ers)$", r"ys\1"),
    (r"(?<=[bcdhilmnptv])our(s|ed|ing|al|ally|able|ful|less|hood)?$", r"or\1"),
    (r"(?<=[bcdhilmnptv])or(s|ed|ing|al|ally|able|ful|less|hood)?$", r"our\1"),
    (r"(?<=[aeiou])ll(ed|ing|er|ers)$", r"l\1"),
    (r"(?<=[aeiou])l(ed|ing|er|ers)$", r"ll\1"),
    (r"(?<=[bt])re(s?)$", r"er\1"),
    (r"(?<=[bt])er(s?)$", r"re\1"),
    (r"ogue(s?)$", r"og\1"),
    (r"og(s?)$", r"ogue\1"),
    (r"ence(s?)$", r"ense\1"),
    (r"ense(s?)$", r"ence\1"),
    (r"^(grey)", "gray"),
    (r"^(gray)", "grey"),
    (r"programme(s?)$", r"program\1"),
    (r"program(s?)$", r"programme\1"),
    (r"aem(?=ia)", "em"),
    (r"^paed", "ped"),
)


def stem(word: str) -> str:
    """Return what a folded word and its derived forms begin with: the word itself where too little would be left."""
    for ending in (*_ENDINGS, *_SHORTER):
        if word.endswith(ending) and len(word) - len(ending) > SHORTEST_STEM:
            return _undoubled(word[: -len(ending)]) if ending in _DOUBLING else word[: -len(ending)]
    return word


def _undoubled(stem: str) -> str:
    """Return ``model`` for the ``modell`` of modelling."""
    return stem[:-1] if stem[-1] == stem[-2] and stem[-1] in "bdglmnprt" else stem


def variants(word: str) -> tuple[str, ...]:
    """Return the folded word as it is spelt on the other side of the Atlantic, by each rule that fits."""
    if len(word) <= SHORTEST_STEM - 1:
        return ()
    found = (re.sub(pattern, other, word) for pattern, other in _PAIRS)
    return tuple(dict.fromkeys(other for other in found if other != word))


def parted(word: str) -> Iterator[str]:
    """Yield a folded word as two words, at each place where both are long enough: ``fine tuning``."""
    if word.isalpha() and len(word) <= _LONGEST_WORD:
        for place in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
            yield f"{word[:place]} {word[place:]}"


def nearest(word: str, known: Mapping[str, int]) -> str:
    """Return the known word that a folded word may be a slip of, "" if there is none; ``known`` tells how common.

    Of words about as near the most frequent one is taken. The first or the second letter must be right.
    """
    if len(word) < SHORTEST_STEM:
        return ""
    alike = [
        other
        for other in known
        if other != word and abs(len(other) - len(word)) <= 2 and (other[:1] == word[:1] or other[1:2] == word[1:2])
    ]
    found = difflib.get_close_matches(word, alike, n=3, cutoff=0.8)
    return max(found, key=lambda other: (known[other], -found.index(other)), default="")


def mended(query: Query, known: Mapping[str, int]) -> Query | None:
    """Return a term with those of its words that no paper has replaced by near ones, None where one has none near."""
    leaf = query.root
    if not isinstance(leaf, Words) or any(word.joint or word.prefix for word in leaf.words):
        return None
    tokens = [word.token for word in leaf.words]
    near = [token if words.forms(token) & known.keys() else nearest(token, known) for token in tokens]
    if near == tokens or not all(near):
        return None
    asked = tuple(replace(word, token=token) for word, token in zip(leaf.words, near, strict=True))
    return Query("", replace(leaf, written=" ".join(near), words=asked))
