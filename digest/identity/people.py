"""Whether lists of authors name the same people, however each of them spells a name."""

from __future__ import annotations

import re
from functools import lru_cache

from digest.text import fold

_WORDS = re.compile(r"\w+")
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})


def names_all(new: tuple[str, ...], old: tuple[str, ...]) -> bool:
    """Say whether everybody whom the old names name is among the new ones."""
    keys_of_new = _name_keys(new)
    return not any(_name_keys((name,)).isdisjoint(keys_of_new) for name in old)


def nobody_in_common(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Say whether two lists name no person together."""
    return _name_keys(some).isdisjoint(_name_keys(others))


@lru_cache(maxsize=4096)
def _name_keys(names: tuple[str, ...]) -> frozenset[str]:
    """Return keys under which spellings of a name meet: family name + first initial, and all words in any order."""
    found: set[str] = set()
    for name in names:
        family, comma, given = name.partition(",")
        words = [w for w in _WORDS.findall(fold(f"{given} {family}" if comma else name)) if w not in _SUFFIXES]
        if words:
            found.add(f"{words[-1]} {words[0][0]}")
            found.add(" ".join(sorted(words)))
    return frozenset(found)
