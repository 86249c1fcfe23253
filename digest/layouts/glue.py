"""Parting a title from the first author where a page glued them: "A Title of a PaperAda Lovelace, Alan Turing et al."

Every place where a name may begin is weighed by what stands left of it (does a title end so?) and right of it (is that a
name?), with what the abstract and the page's other names tell. The best place wins; where the next best is close, or
nothing speaks for a name at all, the parting is not sure. Weights are hundredths of nothing in particular: they were set
by hand so that each clue outvotes the weaker ones, and are held by the accuracy that ``bench/layouts.py`` prints.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from digest.layouts.names import FAMILY_NAMES, GIVEN_NAMES, SYLLABIC
from digest.layouts.people import PARTICLES, Credits, is_name, without_affiliations, without_et_al

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_FUNCTION_WORDS = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "for",
        "with",
        "in",
        "on",
        "to",
        "by",
        "from",
        "via",
        "and",
        "or",
        "at",
        "as",
        "is",
        "are",
        "be",
        "into",
        "over",
        "under",
        "using",
        "through",
        "without",
        "within",
        "towards",
        "toward",
        "beyond",
        "between",
        "among",
        "against",
        "versus",
        "vs",
        "its",
        "their",
        "our",
        "your",
        "how",
        "what",
        "when",
        "why",
        "where",
        "whether",
        "can",
        "do",
        "does",
    ]
)
_MOST_NAMES = 50_000
_PRINTED = 3  # how many authors Scholar Feed prints before "et al."


class Parted(NamedTuple):
    """A line parted in two, and whether the place is clear."""

    title: str
    credits: Credits
    sure: bool


class KnownNames:
    """The names that a page has shown where nothing was glued to them: a first author here is often second elsewhere."""

    def __init__(self, page_author: str | None = None) -> None:
        """Begin with the page's author, if it has one."""
        self._full: set[str] = set()
        self._given: set[str] = set()
        self._family: set[str] = set()
        if page_author:
            self.learn((page_author,))

    def learn(self, names: Iterable[str]) -> None:
        """Keep these names; beyond a bound no more are kept."""
        for name in names:
            parts = name.split(" ")
            if len(self._full) < _MOST_NAMES and len(parts) > 1:
                self._full.add(name)
                self._given.add(parts[0])
                self._family.add(parts[-1])

    def look_ahead(self, lines: Iterable[str]) -> None:
        """Learn from lines to come: what stands after the first comma of a line that ends in authors."""
        for line in lines:
            names = _pieces(line)[1:]
            if names and all(map(is_name, names)):
                self.learn(names)

    def weight(self, name: str) -> float:
        """Return how much the page speaks for this name."""
        if name in self._full:
            return 5.0
        parts = name.split(" ")
        return 1.5 * (parts[0] in self._given) + 1.0 * (parts[-1] in self._family)


def _pieces(line: str) -> list[str]:
    before, _ = without_affiliations(line)
    return without_et_al(before)[0].split(", ")


class _Split(NamedTuple):
    weight: float
    title: str
    names: tuple[str, ...]


def part(line: str, abstract: str, known: KnownNames) -> Parted:
    """Return the title and the authors of a line in which nothing stands between them.

    ``abstract`` is the listing's: its words tell where the title's last word ends. A line in which no name can be found
    is all title.
    """
    before, affiliations = without_affiliations(line)
    before, more = without_et_al(before)
    splits = sorted(_splits(before, more, _Clues(abstract, known)), reverse=True)
    if not splits or splits[0].weight < _NO_NAME:
        marked = more or bool(affiliations)
        return Parted(before if marked else line, Credits((), False, affiliations), not marked and not splits)
    best = splits[0]
    margin = best.weight - splits[1].weight if len(splits) > 1 else best.weight
    sure = best.weight >= _SURE and margin >= _CLEAR
    return Parted(best.title, Credits(best.names, not more, affiliations), sure)


_NO_NAME = 0.0
_SURE = 2.0
_CLEAR = 1.5


class _Clues:
    """What the listing and the page tell beside the line itself."""

    def __init__(self, abstract: str, known: KnownNames) -> None:
        self._abstract = abstract
        self._words: set[str] | None = None
        self.known = known

    def has_word(self, word: str) -> bool:
        """Tell whether the abstract has the word, in whatever case, singular or plural."""
        if self._words is None:
            self._words = {found.lower() for found in _WORD.findall(self._abstract)}
            self._words |= {piece for word in self._words for piece in re.split("[-'’]", word)}
        lower = word.lower()
        return lower in self._words or lower + "s" in self._words or lower.removesuffix("s") in self._words


def _splits(before: str, more: bool, clues: _Clues) -> Iterable[_Split]:
    """Yield every way to part the line: the first name ends with the first comma after the place."""
    pieces = before.split(", ")
    for first in range(len(pieces) - 1, -1, -1):
        title_before, piece, others = pieces[:first], pieces[first], tuple(pieces[first + 1 :])
        for place in _places(piece):
            left, right = piece[:place], piece[place:]
            weight = name_weight(right, clues.known) + _title_weight(left, piece, place, clues)
            weight += _count_weight(1 + len(others), more)
            yield _Split(weight, ", ".join((*title_before, left)), (right, *others))
        if not is_name(piece):
            return


def _places(piece: str) -> Iterable[int]:
    """Yield where a name may begin: a capital (or a particle) right after anything but a space, up to the end a name."""
    for place in range(max(1, len(piece) - 60), len(piece)):
        if piece[place - 1] in " -'’" or not piece[place].isalpha():
            continue
        if (piece[place].isupper() or _begins_with_particle(piece, place)) and is_name(piece[place:]):
            yield place


def _begins_with_particle(piece: str, place: int) -> bool:
    return piece[place:].split(" ", 1)[0] in PARTICLES and " " in piece[place:]


def _count_weight(names: int, more: bool) -> float:
    """Return how likely so many names are: three before "et al.", else the more the better, as every name was one."""
    if more:
        return 3.0 if names == _PRINTED else -1.0 * abs(names - _PRINTED)
    return min(0.8 * (names - 1), 2.4)


_PARTS_WEIGHT = {1: -2.5, 2: 2.0, 3: 1.2, 4: 0.0, 5: -1.5, 6: -3.0}


def name_weight(name: str, known: KnownNames) -> float:
    """Return how much the text looks like one person's name."""
    parts = name.split(" ")
    weight = _PARTS_WEIGHT[len(parts)] + sum(map(_part_weight, parts)) + known.weight(name)
    if parts[0] in PARTICLES:
        weight -= 3.0
    if parts[0] in GIVEN_NAMES:
        weight += 2.0
    elif SYLLABIC.fullmatch(parts[0]):
        weight += 1.0
    if len(parts) > 1 and parts[-1] in FAMILY_NAMES:
        weight += 1.5
    return weight


def _part_weight(part: str) -> float:
    """Return how much the shape of one part speaks for a name: "Ada", "J.", "Man-Kit", against "MDP" or "TorchYang"."""
    bare = part.replace(".", "").replace("-", "")
    if len(bare) == 1:
        return 0.0 if "." in part else -0.7
    if bare.isupper():
        return -1.5 if len(bare) == 2 else -3.0 if len(bare) == 3 else -4.0
    inner = [i for i in range(1, len(part)) if part[i].isupper() and part[i - 1] not in "-'’."]
    if not inner:
        return 0.0
    if part[:2].isupper():
        return -5.0  # two capitals and then small letters: the first belongs to the word before
    if _CAMEL_NAME.match(part):
        return -0.3
    return -0.8 if SYLLABIC.fullmatch(part) else -2.5


_CAMEL_NAME = re.compile(r"(?:Mc|Mac|De|Di|Da|Du|La|Le|Van|Von|Fitz|Al|El|Ben|Des|Del|Lo|O)[A-Z]")


def _title_weight(left: str, piece: str, place: int, clues: _Clues) -> float:
    """Return how much the text looks like the end of a title."""
    end = left[-1]
    if end in ",:;(-–—/":
        return -6.0
    if end in "?!)":
        return 3.0
    word = re.split(r"[ /–—:(]", left)[-1]
    bare = word.strip("\"'”’“‘.$")
    if bare.lower() in _FUNCTION_WORDS:
        return -4.0 if not bare.isupper() else -1.0
    weight = _word_weight(bare)
    if clues.has_word(bare):
        weight += 3.0
    elif "-" in bare and clues.has_word(bare.rsplit("-", 1)[1]):
        weight += 2.0
    after = piece[place:].split(" ", 1)[0]
    if clues.has_word(bare + after):
        weight -= 4.0  # the abstract has the word that this would cut in two
    return weight


def _word_weight(word: str) -> float:
    """Return how much the shape of the title's last word speaks for its being whole."""
    if len(word) == 1:
        return -1.0 if word.isalpha() else 0.0
    if word.isalpha() and word[1:].islower():
        return 1.0
    if word.isupper():
        return 0.5
    inner = any(a.islower() and b.isupper() for a, b in zip(word, word[1:], strict=False))
    return -1.0 if inner else 0.3
