"""A second reading of what the documents say of authors' names, word by word, without the package's names."""

from __future__ import annotations

import re
from functools import lru_cache

from digest import text

_SUFFIX = re.compile(r"[\s,]+(jr|sr|ii|iii|iv)\.?(?=\s*(,|$))", re.IGNORECASE)
_PARTICLE = re.compile(
    r"(af|al|av|bin|da|das|de|del|della|den|der|di|do|dos|du|el|ibn|la|le|ten|ter|van|von|zu|zum|zur)", re.IGNORECASE
)
_ALSO_GIVEN = re.compile(r"al|bin|d[aiou]|el|l[ae]|ten")


def _letters(words: list[str]) -> list[str]:
    """The folded runs of letters and digits, each perhaps with a star: ``A.-L.`` is two."""
    return re.findall(r"[^\W_]+\*?", text.fold(" ".join(words)))


def _family_begins(words: list[str], *, last: int) -> int:
    """Where the family name begins whose last word is at ``last``: before its particles.

    A first word that is a given name as well (Di Wu) counts as one unless it is written small (di Stefano).
    """
    while last > 0 and _PARTICLE.fullmatch(text.fold(words[last - 1])):
        if last == 1 and _ALSO_GIVEN.fullmatch(text.fold(words[0])) and not words[0].islower():
            return last
        last -= 1
    return last


@lru_cache(maxsize=65536)
def given_and_family(name: str) -> tuple[list[str], list[str]]:
    """The parts of the given names and of the family name, folded."""
    name = _SUFFIX.sub("", name) if _letters([_SUFFIX.sub("", name)]) else name
    before, _, after = name.partition(",")
    family, given = ([w for w in part.replace(",", " ").split() if _letters([w])] for part in (before, after))
    if given and family:
        begins = _family_begins(given, last=len(given))
        return _letters(given[:begins]), _letters(given[begins:] + family)
    words = family + given
    begins = _family_begins(words, last=len(words) - 1)
    return _letters(words[:begins]), _letters(words[begins:])


def _is(asked: str, printed: str) -> bool:
    return printed.startswith(asked[:-1]) if asked.endswith("*") else asked == printed


def _all(asked: list[str], printed: list[str]) -> bool:
    return len(asked) == len(printed) and all(_is(a, p) for a, p in zip(asked, printed, strict=True))


def _initial(one: str, other: str) -> bool:
    return (len(one) == 1 or len(other) == 1) and one[0] == other[0]


def _given(asked: list[str], printed: list[str]) -> bool:
    if not asked or "".join(asked) == "".join(printed):
        return True
    pairs = list(zip(asked, printed, strict=False))
    if not all(_is(a, p) or _initial(a, p) for a, p in pairs):
        return False
    if len(asked) == len(printed):
        return True
    return bool(pairs) and len(printed[0]) > 1 and _is(asked[0], printed[0])


def can_be(asked: str, printed: str, *, exact: bool = False) -> bool:
    """Whether the printed name can be the one asked for."""
    given, family = given_and_family(asked)
    given_printed, family_printed = given_and_family(printed)
    if not any(_is((given + family)[-1], part) for part in given_printed + family_printed):
        return False  # whoever it is, the last part of the name asked for is printed: most names end here
    every, every_printed = given + family, given_printed + family_printed
    if len(every) == 1:
        return any(_is(every[0], part) for part in every_printed)
    if _all(every, every_printed):
        return True
    if exact:
        return False
    if len(every) == len(every_printed) and _is(every[-1], every_printed[-1]):
        pairs = zip(every, every_printed, strict=True)
        if all(_is(a, p) or _initial(a, p) for a, p in pairs):
            return True  # X. D. Wu and Xiao Di Wu, whether Di is a given name or begins the family name
    return _all(family, family_printed) and _given(given, given_printed)
