"""Joining lines that a saver broke: what stands between them, a blank or nothing, and which hyphens were the saver's.

Savers break after the hyphens of compounds ("state-of-the-" / "art"), as Python's ``textwrap`` and browsers do (Unicode
Standard Annex 14, class HY); typesetters break words and add a hyphen ("genera-" / "tion"). Which one it was is told by
the words that stand elsewhere in the text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+){0,6}")
_LAST = re.compile(r"([^\W\d_]+)-$")
_FIRST = re.compile(r"[^\W\d_]+")
_AFTER_SUSPENDED = "and or to as und oder et ou y vs nor but through versus"
_SUSPENDED = frozenset(_AFTER_SUSPENDED.split())
_BEFORE_HYPHENS = """
    anti auto bi co counter cross de di dis ex extra hyper in inter intra macro mega meta micro mid mini mis mono multi
    non omni over para poly post pre pro pseudo quasi re self semi sub super tele trans tri ultra un under uni
"""
_PREFIXES = frozenset(_BEFORE_HYPHENS.split())
# What ends of broken words look like that no second part of a compound does.
_SUFFIX = re.compile(
    r"(?:[aeiou]|i?z[ae])?(?:tions?|sions?|tional|tive|tively|ments?|ness|nesses|ability|ities|izes?|ized|izing"
    r"|ization|ising|ised)|ing|ings|ity|ly|ally|ously|able|ible|ance|ances|ence|ences|tic|tics|tical|tically|cal|cally"
)
_REMNANT = re.compile(r"[a-z]{2,40}- ([a-z]{2,40})")  # of a typesetter's break, in the text as the page shows it
_SOFT_HYPHEN = "\u00ad"
_MOST_WORDS = 50_000
_CJK = re.compile("[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_LONGEST_TAIL = 4000


class Words:
    """Words that a text holds, in small letters: compounds whole, and their parts as such."""

    def __init__(self, words: Collection[str] = ()) -> None:
        """Hold the words given; ``small`` are those that stand in small letters somewhere."""
        self.small = frozenset(word for word in words if word.islower())
        self.whole = frozenset(word.lower() for word in words)
        self.parts = frozenset(part for word in self.whole for part in word.split("-"))

    @classmethod
    def of(cls, lines: Iterable[str]) -> Words:
        """Return the words that stand whole in lines: none of those that a line's end may have broken."""
        found: set[str] = set()
        broken = False
        for line in lines:
            text = line.strip()[:_LONGEST_TAIL]
            words = _WORD.findall(text)
            found.update(words[1 if broken else 0 : -1 if text[-1:] in ("-", _SOFT_HYPHEN) else None])
            broken = text[-1:] in ("-", _SOFT_HYPHEN)
            if len(found) > _MOST_WORDS:
                break
        return cls(found)


@dataclass(frozen=True, slots=True)
class Joiner:
    """What puts lines together again; ``width`` is the column at which words too long for a line were cut."""

    words: Words
    width: int = 0

    def joined(self, lines: Sequence[str]) -> str:
        """Return the lines of a paragraph as one."""
        if len(lines) == 1:
            return lines[0]
        remnants = any(
            found[1] not in _SUSPENDED for line in lines if "- " in line for found in _REMNANT.finditer(line)
        )
        pieces = [lines[0]]
        tail = lines[0]
        for line in lines[1:]:
            cut = len(tail) == self.width
            after = line.lstrip(" \t")
            dropped, between = self._seam(tail[-_LONGEST_TAIL:], after, cut=cut)
            if remnants and tail.endswith("-") and self._is_remnant(tail, after):
                dropped, between = 0, " "
            if dropped:
                pieces[-1] = pieces[-1][:-dropped]
            pieces += (between, after)
            tail = line
        return "".join(pieces)

    def _seam(self, before: str, after: str, *, cut: bool) -> tuple[int, str]:
        """Return how many characters at the end of a line go, and what stands between it and the next."""
        last = before[-1:]
        if last == _SOFT_HYPHEN:
            return 1, ""
        if last == "-":
            return self._hyphen(before, after)
        if cut and len(before) - 1 - before.rfind(" ") + len(after.split(" ", 1)[0]) > self.width:
            return 0, ""
        if _CJK.match(last) and _CJK.match(after):
            return 0, ""
        return 0, " "

    def _hyphen(self, before: str, after: str) -> tuple[int, str]:
        """Return the same for a line that ends in a hyphen."""
        token = before[before.rfind(" ") + 1 :]
        right = _FIRST.match(after)
        if token.endswith("--"):  # a dash of two hyphens, with blanks around it or with none
            return 0, "" if after[:1].isalnum() and token[:-2][-1:].isalnum() else " "
        if not right:
            # An address goes on in whatever comes; "of 2018-" does not in "2020", or it would not have been broken.
            return 0, "" if "/" in token and len(token) > 12 else " "
        left = _LAST.search(token)
        if not left:
            return 0, "" if len(token) > 1 and right[0][0].islower() and right[0] not in _SUSPENDED else " "
        if right[0] in _SUSPENDED and after[right.end() : right.end() + 1] != "-":
            return 0, " "
        return (1, "") if self._is_broken(left[1].lower(), right[0]) else (0, "")

    def _is_remnant(self, before: str, after: str) -> bool:
        """Tell whether two halves are no words, in a paragraph that holds such broken words within its lines."""
        left, right = _LAST.search(before[-60:]), _FIRST.match(after)
        if not left or not right or right[0] in _SUSPENDED:
            return False
        known = self.words.parts
        return not (left[1].lower() in known and right[0].lower() in known) and left[1].lower() not in _PREFIXES

    def _is_broken(self, left: str, right: str) -> bool:
        """Tell whether two halves are one word that was broken, and not a compound."""
        if not right.islower() or left in _PREFIXES or f"{left}-{right}" in self.words.whole:
            return False
        if _SUFFIX.fullmatch(right) and left not in self.words.whole:
            return True
        known = self.words.parts
        return left + right in self.words.whole and not (left in known or right in known)
