"""What arXiv's mailings and listing pages write alike: author lines with affiliations, category codes, stamps.

How authors are to be written: https://info.arxiv.org/help/prep.html (section "Authors"). Names are parted by commas or
"and"; affiliations stand in brackets after a name, or are numbered there and told at the end of the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from digest.layouts.dates import MONTH, dated
from digest.layouts.people import SUFFIXES, Credits
from digest.text import single_spaced

_ET_AL = re.compile(
    r"(?:^|[,\s])\s?(?:and )?(?:et\.? al\.?|and others|\.\.\.|…)"
    r"(?: \([\d,]{1,9} additional authors? not shown\))?[.,]?$"
)
_ET_AL_REACH = 80  # from there on, since to search a long line takes long
_JOINT = re.compile(r"[(),;]|:(?= )")
_AND = re.compile(r"(?:^|\s)(?:and|&)(?:\s|$)")
_TEAM = re.compile(r"\b(?:collaborations?|team|group|consortium)$", re.IGNORECASE)
_ON_BEHALF = re.compile(r"(?:^|\s)(?:on behalf of|for|from|representing) (?:the )?(?=\S)", re.IGNORECASE)
_MARK = r"(?:\d{1,3}|[a-z]|[*†‡§#])"
_MARKS = re.compile(rf"{_MARK}(?:(?:\s?[,;&]\s?|\sand\s|\s){_MARK}){{0,30}}")
_NUMBERED = re.compile(rf"\({_MARK}\)|(?:^|(?<=[,;.] )){_MARK}\s?[:)-](?=\s)")
_NO_PLACE = re.compile(
    r"eds?\.?|editors?|deceased|author list is unavailable|equal contribution|corresponding author", re.IGNORECASE
)
_ENDS = " ,;:"
CODE = r"[a-z]{1,8}(?:-[a-z]{2,4})?(?:\.[A-Za-z-]{2,11})?"
"""What a category's code looks like: "cs.LG", "hep-th", "q-bio.NC", "cond-mat.str-el"."""
_BARE_CODE = re.compile(CODE)
_SUBJECT = re.compile(rf"\(({CODE})\)(?=\s*(?:;|,|$))")
_STAMP = re.compile(rf"(?<!\d)(\d{{1,2}})[ -]({MONTH})[ -](\d{{4}}|\d{{2}})(?!\d)", re.IGNORECASE)
# https://arxiv.org/category_taxonomy, with those that were merged into others.
_ARCHIVES = """
    astro-ph cond-mat cs econ eess gr-qc hep-ex hep-lat hep-ph hep-th math math-ph nlin nucl-ex nucl-th physics q-bio
    q-fin quant-ph stat acc-phys adap-org alg-geom ao-sci atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas dg-ga
    funct-an mtrl-th patt-sol plasm-ph q-alg solv-int supr-con
"""
ARCHIVES = frozenset(_ARCHIVES.split())
_FIRST_YEAR = 91
"""arXiv began in 1991; its oldest stamps have years of two digits."""


def stamp(text: str) -> date | None:
    """Return the day in a stamp such as "Thu, 12 Jun 2025 17:59:59 GMT   (1234kb,D)" or "Tue, 5 Nov 91 12:00 EST"."""
    found = _STAMP.search(text[:200])
    if not found:
        return None
    year = int(found[3])
    if year < 100:
        year += 1900 if year >= _FIRST_YEAR else 2000
    return dated(found[2], found[1], str(year), date.max)


def codes(text: str) -> tuple[tuple[str, ...], str]:
    """Return the category codes in "cs.LG stat.ML", once each, and the words that are none."""
    words = text.replace(",", " ").replace(";", " ").split()
    found = dict.fromkeys(word for word in words if _BARE_CODE.fullmatch(word) and ("." in word or word in ARCHIVES))
    return tuple(found), " ".join(word for word in words if word not in found)


def subjects(text: str) -> tuple[str, ...]:
    """Return the codes in "Machine Learning (cs.LG); Robotics (cs.RO)", the primary one first."""
    return tuple(dict.fromkeys(_SUBJECT.findall(text)))


def credits_of(line: str) -> Credits:
    """Return the names of an author line, whether they are all, and its affiliations, each as printed.

    "Ada Lovelace (1), Alan Turing (2) ((1) CMU, (2) MIT)" has two names and two affiliations; "for the Loom
    Collaboration" after a name makes the collaboration an author too. The time taken is linear in the line's length.
    """
    text = single_spaced(line)
    found = _ET_AL.search(text, max(0, len(text) - _ET_AL_REACH))
    credit = _Credit()
    for kind, part in _parts(text[: found.start()] if found else text):
        credit.take(kind, part)
    credit.close()
    return Credits(tuple(credit.names), bool(credit.names) and not found, tuple(credit.places))


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Yield what stands in a line, in order: "text" and "comma" outside brackets, "brackets" with all inside them.

    Numbered affiliations that end a line without brackets around them all are one such "brackets".
    """
    depth = start = 0
    for found in _JOINT.finditer(text):
        char, place = found[0], found.start()
        if not depth and text[start:place].strip():
            yield "text", text[start:place]
        if char == "(":
            if not depth and _begins_places(text, start, place):
                yield "brackets", text[place:]
                return
            start = start if depth else place + 1
            depth += 1
        elif char == ")" and depth:
            depth -= 1
            if not depth:
                yield "brackets", text[start:place]
        elif not depth:
            yield "comma", char
        start = start if depth else place + 1
    if text[start:].strip():
        yield "brackets" if depth else "text", text[start:]


def _begins_places(text: str, start: int, place: int) -> bool:
    """Tell whether the bracket at ``place`` begins numbered affiliations: ", (1) CMU, (2) MIT" and no name before."""
    found = _NUMBERED.match(text, place)
    return bool(
        found
        and not text[start:place].strip()
        and text[:start].rstrip().endswith((",", ";", ":"))
        and re.match(r"\s?[^\s,;(]", text[found.end() : found.end() + 2])
    )


@dataclass(slots=True)
class _Credit:
    """The names and affiliations read so far of a line, and the name that no comma has closed yet."""

    names: list[str] = field(default_factory=list)
    places: dict[str, None] = field(default_factory=dict)
    name: str = ""
    goes_on: bool = False  # the name does, after a nickname in brackets

    def take(self, kind: str, part: str) -> None:
        """Take the next part of the line."""
        if kind == "comma":
            self.close()
        elif kind == "brackets":
            self._take_brackets(part.strip(_ENDS))
        else:
            self._take_text(part.strip(_ENDS))

    def close(self) -> None:
        """End the name; a suffix belongs to the one before, and a team that somebody stands for is an author too."""
        name, self.name, self.goes_on = self.name.strip(_ENDS), "", False
        if name in SUFFIXES and self.names:
            self.names[-1] += f", {name}"
            return
        behalf = _ON_BEHALF.search(name) if _TEAM.search(name) else None
        pieces = (name[: behalf.start()].strip(_ENDS), name[behalf.end() :]) if behalf else (name,)
        self.names += [piece for piece in pieces if piece]

    def _take_text(self, text: str) -> None:
        pieces = [text] if _TEAM.search(text) else _AND.split(text)
        if self.name and not self.goes_on:
            self.close()
        for place, piece in enumerate(pieces):
            if place:
                self.close()
            self.name = f"{self.name} {piece}".strip()
            self.goes_on = False

    def _take_brackets(self, text: str) -> None:
        if not text or _MARKS.fullmatch(text) or _NO_PLACE.fullmatch(text):
            return
        if self.name and " " not in self.name and text.isalpha() and text.istitle():
            self.name, self.goes_on = f"{self.name} ({text})", True  # "Grace (Amazing) Hopper"
            return
        behalf = _ON_BEHALF.match(text)
        if behalf and _TEAM.search(text):
            self.close()
            self.names.append(text[behalf.end() :])
            return
        for place in _NUMBERED.split(text):
            cleaned = place.strip(_ENDS).removeprefix("and ").removesuffix(" and").strip(_ENDS)
            if len(cleaned) > 1:
                self.places[cleaned] = None
