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
from digest.layouts.people import Credits, is_loosely_a_name, is_name, without_affiliations, without_et_al

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_FUNCTION = """
    a an the of for with in on to by from via and or at as is are be into over under using through without within
    towards toward  between among against versus vs its their our your how what when why where whether can do
    does
"""
_FUNCTION_WORDS = frozenset(_FUNCTION.split())
_CARELESS_NAME = re.compile(r"[ _~†‡*∗]")
_SMALL_PARTICLE = re.compile(r"(?:van|von|de|del|della|di|da|dos|bin|ibn|ter|ten) [^\W\d_]|d['’][A-Z]")
_MOST_NAMES = 50_000
_PRINTED = 3  # how many authors Scholar Feed prints before "et al."


class Parted(NamedTuple):
    """A line parted in two, and whether the place is clear."""

    title: str
    credits: Credits
    sure: bool


class Seen:
    """What a page has shown so far: names that nothing was glued to (a first author is second elsewhere), and words."""

    def __init__(self, page_author: str | None = None) -> None:
        """Begin with the page's author, if it has one."""
        self._full: set[str] = set()
        self._given: set[str] = set()
        self._family: set[str] = set()
        self._words: set[str] = set()
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

    def read(self, text: str) -> None:
        """Keep the words of an abstract; beyond a bound no more are kept."""
        if len(self._words) < _MOST_NAMES:
            self._words |= words_of(text)

    def has_word(self, word: str) -> bool:
        """Tell whether the page has had the word, in whatever case, singular or plural."""
        return _has(self._words, word)

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


def part(line: str, abstract: str, seen: Seen) -> Parted:
    """Return the title and the authors of a line in which nothing stands between them.

    ``abstract`` is the listing's: its words tell where the title's last word ends. A line in which no name can be found
    is all title.
    """
    before, affiliations = without_affiliations(line)
    before, more = without_et_al(before)
    splits = sorted(_splits(before, more, _Clues(abstract, seen)), reverse=True)
    if not splits or splits[0].weight < _NO_NAME:
        # Such a line is rare enough, where every paper has authors, to be doubtful whatever it looks like.
        title = before if more or affiliations else line
        return Parted(title, Credits((), False, affiliations), sure=False)
    best = splits[0]
    margin = best.weight - splits[1].weight if len(splits) > 1 else best.weight
    sure = best.weight >= _SURE and margin >= _CLEAR
    return Parted(best.title, Credits(best.names, not more, affiliations), sure)


_NO_NAME = -1.5
_SURE = 2.0
_CLEAR = 1.5
_MOST_CARELESS = 3


class _Clues:
    """What the listing and the page tell beside the line itself."""

    def __init__(self, abstract: str, seen: Seen) -> None:
        self._words = words_of(abstract)
        self.seen = seen

    def word_weight(self, word: str) -> float:
        """Return how much speaks for its being a word: 3 where the abstract has it, 1.5 where the page has."""
        return 3.0 if _has(self._words, word) else 1.5 if self.seen.has_word(word) else 0.0


def words_of(text: str) -> set[str]:
    """Return the words of a text in lower case, those with hyphens also in pieces."""
    words = {found.lower() for found in _WORD.findall(text)}
    return words | {piece for word in words if not word.isalnum() for piece in re.split("[-'’]", word)}


def _has(words: set[str], word: str) -> bool:
    lower = word.lower()
    return lower in words or lower + "s" in words or lower.removesuffix("s") in words


def _splits(before: str, more: bool, clues: _Clues) -> Iterable[_Split]:
    """Yield every way to part the line: the first name ends with the first comma after the place."""
    pieces = before.split(", ")
    careless = 0
    for first in range(len(pieces) - 1, -1, -1):
        title_before, piece, others = pieces[:first], pieces[first], tuple(pieces[first + 1 :])
        for place in _places(piece):
            left, right = piece[:place], piece[place:]
            weight = _name_weight(right, clues) + _title_weight(left, piece, place, clues)
            weight += _count_weight(1 + len(others), more) - careless
            if first and is_name(piece):
                weight -= 3.0  # the piece may be a whole name, and the title ends further left
            yield _Split(weight, ", ".join((*title_before, left)), (right, *others))
        if not is_name(piece):
            careless += 1
            if careless > _MOST_CARELESS or not is_loosely_a_name(piece):
                return


def _places(piece: str) -> Iterable[int]:
    """Yield where a name may begin: a capital (or a particle) right after anything but a space, up to the end a name."""
    for place in range(max(1, len(piece) - 60), len(piece)):
        if piece[place - 1] in " -'’\"“(" or not piece[place].isalpha():
            continue
        if piece[place].isupper() or _begins_with_particle(piece, place):
            right = piece[place:]
            if is_name(right) or (_CARELESS_NAME.search(right) and is_loosely_a_name(right)):
                yield place


def _begins_with_particle(piece: str, place: int) -> bool:
    return _SMALL_PARTICLE.match(piece, place) is not None


def _count_weight(names: int, more: bool) -> float:
    """Return how likely so many names are: three before "et al.", else the more the better, as every name was one."""
    if more:
        return 3.0 if names == _PRINTED else -1.0 * abs(names - _PRINTED)
    return min(0.8 * (names - 1), 2.4)


_CARELESS = -2.0
_SMALL_FIRST = 6.5  # hardly a first author's name begins with a small letter, and most title words hold a "de"
_NAMES = GIVEN_NAMES | FAMILY_NAMES
_PARTS_WEIGHT = {1: -2.5, 2: 2.0, 3: 1.2, 4: 0.0, 5: -1.5, 6: -3.0}


def _name_weight(name: str, clues: _Clues) -> float:
    """Return how much the text looks like one person's name."""
    parts = name.split(" ")
    weight = 0.0 if is_name(name) else _CARELESS
    weight += _PARTS_WEIGHT[len(parts)] + sum(map(_part_weight, parts)) + clues.seen.weight(name)
    if parts[0][0].islower():
        weight -= _SMALL_FIRST
    weight -= sum(min(2.0, clues.word_weight(part)) for part in parts if len(part) > 2 and part not in _NAMES)
    if parts[0] in GIVEN_NAMES:
        weight += 2.0
    elif SYLLABIC.fullmatch(parts[0]):
        weight += 1.0
    if len(parts) > 1 and parts[-1] in FAMILY_NAMES:
        weight += 1.5
    return weight


def _part_weight(part: str) -> float:
    """Return how much the shape of one part speaks for a name: "Ada", "J.", "Man-Kit", against "MDP" or "TorchYang"."""
    bare = part.strip('"“”()').replace(".", "").replace("-", "")
    if len(bare) == 1:
        return 0.0 if "." in part else -0.7
    if bare.isupper():
        return -1.5 if len(bare) == 2 else -3.0 if len(bare) == 3 else -4.0
    inner = [i for i in range(1, len(part)) if part[i].isupper() and part[i - 1] not in "-'’.\"“("]
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
        return -2.5 if not bare.isupper() else -1.0
    weight = _word_weight(bare)
    known = clues.word_weight(bare) or clues.word_weight(bare.rsplit("-", 1)[-1]) * 0.7
    after = piece[place:].split(" ", 1)[0]
    # A known word that this would cut in two; a letter that may as well be the abbreviation's last.
    weight += known - 1.5 * clues.word_weight(bare + after)
    weight -= 1.0 if not known and len(after) == 1 and end.isupper() else 0.0
    start = _INNER_CAPITAL.match(bare)
    return weight - (clues.word_weight(start[0]) if start and not known else 0.0)


# "World" of "WorldKyung", "AI" of "AISong": a word, if it is one, to which half a name was left.
_INNER_CAPITAL = re.compile(r"[A-Z]{2,}(?=[A-Z][a-z]{2})|.*?[a-z](?=[A-Z])")


_CAPITALS_THEN_SMALL = re.compile(r"[A-Z]{2}[a-z]{2,}$")


def _word_weight(word: str) -> float:
    """Return how much the shape of the title's last word speaks for its being whole."""
    if len(word) == 1:
        return -1.0 if word.isalpha() else 0.0
    if word.isalpha() and word[1:].islower():
        return 1.0
    if word.isupper():
        return 0.5
    if _CAPITALS_THEN_SMALL.search(word):
        return -2.0
    inner = next((i for i in range(1, len(word)) if word[i].isupper() and word[i - 1].islower()), 0)
    if not inner:
        return 0.3
    # "PyTorch" and "eBay" are words, "simulatorHao" and "LearningMin" are a word and half a name.
    return -2.5 if inner > 6 or (inner > 2 and word[0].islower()) else -1.0
