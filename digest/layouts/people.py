"""The shapes of personal names: one name, a line of authors, and "Lovelace, Ada" turned round."""

from __future__ import annotations

import re
from typing import NamedTuple

_PARTICLES = """
    af al av bin bint da dal das de degli dei del della den der des di do dos du e el ibn la las le lo los mac san st
    te ten ter van vander vom von y zu zum zur 't d'
"""
PARTICLES = frozenset(_PARTICLES.split())
SUFFIXES = frozenset(("Jr", "Jr.", "Sr", "Sr.", "II", "III", "IV"))

# One name part: letters of any script with inner apostrophes, hyphens and dots; "P.-A." and "-A." are initials.
_PART = re.compile(r"-?[^\W\d_]+(?:[.'’ʻ`‐-]+[^\W\d_]+)*[.'’]?")
# A nickname between: 'Grace "Amazing" Hopper', "Grace (Amazing) Hopper".
_NICKNAME = re.compile(r"[\"“(][^\W\d_]+(?:[-'’][^\W\d_]+)*[\"”)]")
_ET_AL = re.compile(r"(?:,| and| &)? (?:et al\.?|and others|…|\.\.\.)$", re.IGNORECASE)
_ET_AL_REACH = 16
_AND = re.compile(r",? (?:and|&) ")
_LONGEST = 60
_NOT_IN_NAMES = "a an the of for with in on by via from is are how what can using towards under over into"
_NO_NAME_PART = frozenset(_NOT_IN_NAMES.split())

MOST_PARTS = 6
"""A name of more parts is hardly one; "Maria de la Cruz García López" has six."""


def _is_part(part: str) -> bool:
    if not _PART.fullmatch(part):
        return part in SUFFIXES or _NICKNAME.fullmatch(part) is not None
    first = part.lstrip("-")[0]
    # Scripts without case (Chinese, Arabic) have no capital to ask for.
    return (
        first.isupper()
        or not (first.islower() or first.isupper())
        or part[:2] in ("d'", "d’", "l'")
        or part in PARTICLES
    )


def is_name(text: str) -> bool:
    """Tell whether the text has the shape of one personal name: up to six parts, capitals first, particles between."""
    if not text or len(text) > _LONGEST:
        return False
    parts = text.split(" ")
    return (
        len(parts) <= MOST_PARTS
        and all(map(_is_part, parts))
        and any(part[0].isupper() or not part[0].islower() for part in parts)
        and parts[-1] not in PARTICLES
    )


def is_loosely_a_name(text: str) -> bool:
    """Tell whether the text may be a name printed carelessly: "ren dongdong", "Grace Hopper†", a team, ":"."""
    parts = text.split(" ")
    if len(parts) > MOST_PARTS or len(text) > _LONGEST:
        return False
    return not any(part.lower() in _NO_NAME_PART or part.endswith(":") for part in parts) or text == ":"


class Credits(NamedTuple):
    """What a line of authors says: its names, whether they are all, and the affiliations after them."""

    names: tuple[str, ...]
    complete: bool
    affiliations: tuple[str, ...] = ()


def without_affiliations(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the text before `` · `` and the affiliations after it."""
    before, dot, after = text.rpartition(" · ")
    if not dot:
        return text, ()
    return before.strip(), tuple(filter(None, (place.strip() for place in after.split(","))))


def without_et_al(text: str) -> tuple[str, bool]:
    """Return the text without a final "et al.", and whether there was one."""
    start = max(0, len(text) - _ET_AL_REACH)  # from there on, since to search a long line takes long
    found = _ET_AL.search(text, start)
    return (text[: found.start()], True) if found else (text, False)


def split_names(text: str) -> list[str]:
    """Return the names in "A, B and C" (an "and" only before the last)."""
    names = [name.strip() for name in text.split(",")]
    names[-1:] = _AND.split(names[-1])
    return [name for name in (name.removeprefix("and ") for name in names) if name]


def credits_line(text: str) -> Credits | None:
    """Return what a line says that is nothing but authors, else None."""
    before, affiliations = without_affiliations(text)
    before, more = without_et_al(before)
    names = split_names(before)
    if not names or not all(map(is_name, names)):
        return None
    return Credits(tuple(names), not more, affiliations)


def ends_in_credits(text: str) -> bool:
    """Tell whether a line ends as only a line of authors does: with "et al." or affiliations."""
    before, affiliations = without_affiliations(text)
    return bool(affiliations) or without_et_al(before)[1]


def loose_credits(text: str) -> Credits | None:
    """Return what a line of authors says although not all its names look like names (a team, a colon), else None."""
    if not ends_in_credits(text):
        return None
    before, affiliations = without_affiliations(text)
    before, more = without_et_al(before)
    return Credits(tuple(split_names(before)), not more, affiliations)


def given_name_first(text: str) -> str:
    """Return "Ada Lovelace" for "Lovelace, Ada"; a name without a comma stays as it is."""
    family, comma, given = text.partition(",")
    return f"{given.strip()} {family.strip()}".strip() if comma else text
