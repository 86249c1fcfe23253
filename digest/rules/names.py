"""Names of authors: which printed names can be the one that is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest import text
from digest.keeping import kept

_PART = re.compile(r"[^\W_]+\*?")
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
_PARTICLES = frozenset(
    {"af", "al", "av", "bin", "da", "das", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "el", "ibn"}
    | {"la", "le", "ten", "ter", "van", "von", "zu", "zum", "zur"}
)
# These are given names as well: they begin a family name at the start of a name only where they are written small.
_ALSO_GIVEN = frozenset({"al", "bin", "da", "di", "do", "du", "el", "la", "le", "ten"})


@dataclass(frozen=True, slots=True)
class Name:
    """A name, folded: given names and initials, then the family name with its particles.

    In a name that is asked for, a part that ends in ``*`` stands for all that begin so.
    """

    given: tuple[str, ...]
    family: tuple[str, ...]

    @property
    def parts(self) -> tuple[str, ...]:
        """All parts, given names first."""
        return (*self.given, *self.family)


def _parts(printed: str) -> tuple[str, ...]:
    return tuple(_PART.findall(text.fold(printed)))


def _particles_before(words: list[str], end: int) -> int:
    """Return where the particles before ``words[end]`` begin: Von Neumann has no given name, Le Song has one."""
    while end > 0 and (word := text.fold(words[end - 1])) in _PARTICLES:
        if end == 1 and word in _ALSO_GIVEN and not words[0].islower():
            break
        end -= 1
    return end


def _without_suffix(words: list[str]) -> list[str]:
    return words[:-1] if len(words) > 1 and words[-1].strip(".").casefold() in _SUFFIXES else words


def _given_first(printed: str) -> Name:
    words = _without_suffix([word for word in printed.split() if _parts(word)])
    start = _particles_before(words, len(words) - 1)
    return Name(_parts(" ".join(words[:start])), _parts(" ".join(words[start:])))


@kept(65536)
def parse(printed: str) -> Name:
    """Read a name, ``Given Family`` or ``Family, Given``; a name without letters has no parts."""
    family, comma, given = printed.partition(",")
    words = [word for word in given.replace(",", " ").split() if _parts(word)]
    proper = [word for word in words if word.strip(".").casefold() not in _SUFFIXES]
    if not comma or not proper:
        return _given_first(f"{family} {given}" if words else family)
    start = _particles_before(proper, len(proper))
    own = _without_suffix([word for word in family.split() if _parts(word)])  # Chan Jr., Antoni
    return Name(_parts(" ".join(proper[:start])), _parts(" ".join((*proper[start:], *own))))


def printed(value: str) -> Name:
    """Read a name as a paper has it; a star there is a footnote's mark."""
    return parse(text.readable(value).replace("*", ""))


def _same(asked: str, printed: str) -> bool:
    return printed.startswith(asked[:-1]) if asked.endswith("*") else asked == printed


def _all_same(asked: tuple[str, ...], printed: tuple[str, ...]) -> bool:
    return len(asked) == len(printed) and all(map(_same, asked, printed))


def _agree(asked: str, printed: str) -> bool:
    """Tell whether two given names can be one: equal, or one the other's initial."""
    return _same(asked, printed) or (1 in (len(asked), len(printed)) and asked[0] == printed[0])


def _given_agree(asked: tuple[str, ...], printed: tuple[str, ...]) -> bool:
    """Tell whether given names agree; middle names may be left out where the first is written out in both."""
    if not asked or "".join(asked) == "".join(printed):
        return True
    if len(asked) != len(printed) and not (printed and len(printed[0]) > 1 and _same(asked[0], printed[0])):
        return False
    return all(map(_agree, asked, printed))


def _parted_otherwise(asked: Name, printed: Name) -> bool:
    """Tell whether the names agree part by part, wherever the family name begins: G. García Márquez, X. D. Wu."""
    if len(asked.parts) != len(printed.parts) or not _same(asked.parts[-1], printed.parts[-1]):
        return False
    return all(map(_agree, asked.parts, printed.parts))


def matches(asked: Name, printed: Name, *, exact: bool = False) -> bool:
    """Tell whether the printed name is the one asked for; a single part asked for may be any part of it.

    ``exact`` takes no initials and leaves out no middle name.
    """
    if len(asked.parts) == 1:
        return any(_same(asked.parts[0], part) for part in printed.parts)
    if exact or _all_same(asked.parts, printed.parts):
        return _all_same(asked.parts, printed.parts)
    if _all_same(asked.family, printed.family) and _given_agree(asked.given, printed.given):
        return True
    return _parted_otherwise(asked, printed)
