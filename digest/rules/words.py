"""Words: cutting text into them, their regular plurals, and finding phrases and words near each other."""

from __future__ import annotations

import re
import sys
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from digest import text
from digest.keeping import kept

# Combining marks belong to the word they stand in; `\w` leaves them out.
_MARKS = "".join(chr(c) for c in range(0x300, 0x10000) if unicodedata.category(chr(c))[0] == "M") + "\uff9e\uff9f"
# Soft hyphen, zero-width space and joiners, word joiner, byte order mark: inside a word they are not seen.
_UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
# These are written without spaces: each character counts as a word, so that a run of them is a phrase. Kana and Han;
# letters of Thai, Lao, Burmese and Khmer; kana of half width; rare Han.
_SPACELESS = (
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u1000-\u102a\u1780-\u17b3"
    "\uff66-\uff9d\U00020000-\U0003ffff"
)
_NOT_IN_WORDS = f"_\u02bc{_SPACELESS}"  # the modifier apostrophe is a letter to Unicode, and parts words as any other
_ASCII_WORD = re.compile(r"[a-zA-Z0-9]+")
_WORD = re.compile(rf"[{_SPACELESS}][{_MARKS}]*|[^\W{_NOT_IN_WORDS}](?:[^\W{_NOT_IN_WORDS}]|[{_MARKS}{_UNSEEN}])*")

# Readings that are kept, some 3 KB each: a day's papers must fit, for each word that is near another asks for them all.
KEPT_READINGS = 16384

# What joins two words of a phrase: white space, slashes, and what is printed for a hyphen (not the em dash).
HYPHENS = "-\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"
_JOINT = re.compile(rf"[{HYPHENS}\s/]*")  # the plain hyphen comes first, so it makes no range
# The same for texts of ASCII alone and in small letters, in forms that are faster.
_ASCII_APART = {code: " " for code in range(128) if not chr(code).isalnum()}
_ASCII_PARTING = re.compile(r"[\s/-]*[^a-z0-9\s/-][^a-z0-9]*")
_ASCII_JOINING = str.maketrans("-/", "  ")
PARTED = "|"  # a joint among running words begins so,
_IN_JOINT = str.maketrans("-/", "\x01\x02")  # and has these signs in other letters
_APOSTROPHES = str.maketrans("‘’ʼ＇", "''''")
_LAST = "\U0010ffff"  # no word has it, and it sorts after all that words have
_DROP_UNSEEN = dict.fromkeys(map(ord, _UNSEEN))


def finditer(value: str) -> Iterator[re.Match[str]]:
    """Yield the words of a text where they stand."""
    return (_ASCII_WORD if value.isascii() else _WORD).finditer(value)


def folded(word: str) -> str:
    """Return a word as it is compared: no case, no accents, nothing unseen; never empty, and without a space."""
    if word.isascii():
        return word.lower()
    return "".join(text.fold(word.translate(_DROP_UNSEEN)).split()) or word


def _cut(value: str) -> list[str]:
    """Return the words of a text in order, folded."""
    if value.isascii():
        return value.lower().translate(_ASCII_APART).split()
    return [folded(word) for word in _WORD.findall(value)]


def running(value: str) -> str:
    """Return the folded words of a readable text in order, and between two that a sign parts the mark of their joint.

    A space stands between all, before the first and after the last, so that a phrase is found as a text in a text.
    """
    if value.isascii():
        parted = _ASCII_PARTING.sub(lambda between: f" {mark(joint(between[0]))} ", value.lower())
        found = parted.translate(_ASCII_JOINING).split()
    else:
        read = Reading(value)
        joined = zip(read.joints, read.words, strict=True)
        found = [part for between, word in joined for part in ((mark(between), word) if between else (word,))]
    return f" {' '.join(found)} "


def mark(between: str) -> str:
    """Return what stands among running words for a joint that is not ``""``."""
    return PARTED + between.translate(_IN_JOINT)


def beginning(words: Sequence[str], prefix: str) -> Sequence[str]:
    """Return those of the sorted words that begin so."""
    first = bisect_left(words, prefix)
    return words[first : bisect_left(words, prefix + _LAST, first)]


def joint(between: str) -> str:
    """Return what stands between two words as it is compared: ``""`` for white space, hyphens and slashes alone."""
    return "" if _JOINT.fullmatch(between) else "".join(between.translate(_APOSTROPHES).split())


def _plurals(word: str) -> tuple[str, ...]:
    """Return the regular plurals of an English word of two letters or more (both where usage is divided)."""
    if len(word) < 2 or not word[-1].isalpha():
        return ()
    if word[-1] == "y" and word[-2] not in "aeiou":
        return (word[:-1] + "ies",)
    if word.endswith(("s", "x", "z", "sh")):
        return (word + "es",)
    if word.endswith(("ch", "o")):  # patches and epochs, vetoes and pianos
        return (word + "es", word + "s")
    return (word + "s",)


@lru_cache(maxsize=65536)
def forms(word: str) -> frozenset[str]:
    """Return the folded word, its regular plurals, and the words it is a regular plural of.

    So ``study`` and ``studies``, ``box`` and ``boxes`` meet whichever of the two is asked for.
    """
    candidates = [word[:-1], word[:-2], word[:-3] + "y"] if word.endswith("s") else []
    singulars = (single for single in candidates if word in _plurals(single))
    return frozenset((word, *_plurals(word), *singulars))


@dataclass(frozen=True, slots=True)
class Word:
    """One word asked for: folded, perhaps only its beginning, and what joins it to the word before (see `joint`)."""

    token: str
    prefix: bool = False
    joint: str = ""


# What a word in a text has to be: one of these forms, or anything with this beginning.
Accept = frozenset[str] | str


def accepts(word: Word, *, exact: bool) -> Accept:
    """Return what a text's word has to be to meet this one; without plurals where ``exact``."""
    if word.prefix:
        return word.token
    return frozenset((word.token,)) if exact else forms(word.token)


def _meets(accept: Accept, token: str) -> bool:
    return token.startswith(accept) if isinstance(accept, str) else token in accept


class Reading:
    """A readable text and the words in it, cut when first asked for."""

    def __init__(self, value: str) -> None:
        """Keep the text."""
        self.text = value

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words in order, folded."""
        return tuple(map(sys.intern, _cut(self.text)))

    def at(self, accept: Accept) -> list[int]:
        """Return where an accepted word stands, counted in words, in order."""
        # Words hold no space, so the spaces before one count the words before it.
        found: list[int] = []
        for asked in (f" {accept}",) if isinstance(accept, str) else [f" {form} " for form in accept]:
            place = self._line.find(asked)
            while place >= 0:
                found.append(self._line.count(" ", 0, place))
                place = self._line.find(asked, place + 1)
        return sorted(found)

    @cached_property
    def _line(self) -> str:
        return f" {' '.join(self.words)} "

    @cached_property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Where each word stands: (start, end) in characters."""
        return tuple(m.span() for m in finditer(self.text))

    @cached_property
    def joints(self) -> tuple[str, ...]:
        """What stands before each word, as it is compared (see `joint`); ``""`` before the first."""
        stands = [m.span() for m in finditer(self.text)]
        between = [joint(self.text[before[1] : after[0]]) for before, after in pairwise(stands)]
        return ("", *between) if stands else ()


@kept(KEPT_READINGS)
def reading(value: str) -> Reading:
    """Return the reading of a paper's text, made readable first; the latest are kept, as rules come in numbers."""
    return Reading(text.readable(value))


def phrases(asked: Sequence[Word], accept: Sequence[Accept], read: Reading) -> Iterator[tuple[int, int]]:
    """Yield (first, last) word of each place where the words stand next to each other, joined as asked."""
    last = len(asked) - 1
    if not last:
        yield from ((start, start) for start in read.at(accept[0]))
        return
    for start in read.at(accept[0]):
        if start + last < len(read.words) and all(
            _meets(accept[k], read.words[start + k]) and read.joints[start + k] == asked[k].joint
            for k in range(1, last + 1)
        ):
            yield (start, start + last)


def near(accept: Sequence[Accept], distance: int, read: Reading) -> Iterator[tuple[int, ...]]:
    """Yield the places of words that are all within ``distance`` of each other, in any order.

    A word that is asked for twice may be found once.
    """
    different = list(dict.fromkeys(accept))
    latest = [-1] * len(different)
    for place, which in sorted((place, which) for which, one in enumerate(different) for place in read.at(one)):
        latest[which] = place
        first = min(latest)
        if first >= 0 and place - first <= distance:
            yield tuple(sorted(set(latest)))
