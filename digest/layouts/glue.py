"""Parting a title from the first author where a page glued them: "A Title of a PaperAda Lovelace, Alan Turing et al."

Every place where a name may begin is weighed by what stands left of it (does a title end so?) and right of it (is that
a name?), with what the abstract and the rest of the page tell. The best place wins; where the next best is close, or
little speaks for a name at all, the parting is not sure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from digest.layouts.likeness import name_weight, title_weight
from digest.layouts.people import Credits, is_loosely_a_name, is_name, without_affiliations, without_et_al
from digest.layouts.seen import Clues, Seen

_CARELESS_NAME = re.compile(r"[ _~†‡*∗]")
_SMALL_PARTICLE = re.compile(r"(?:van|von|de|del|della|di|da|dos|bin|ibn|ter|ten) [^\W\d_]|d['’][A-Z]")
_LONGEST_NAME = 60
_PRINTED = 3  # how many authors Scholar Feed prints before "et al."
_NO_NAME = -1.5  # with less than this a line is all title
_SURE = 2.0
_CLEAR = 1.5
_MOST_CARELESS = 3


class Parted(NamedTuple):
    """A line parted in two, and whether the place is clear."""

    title: str
    credits: Credits
    sure: bool


def learn_ahead(seen: Seen, lines: Iterable[str]) -> None:
    """Learn names from lines to come: what stands after the first comma of a line that ends in authors."""
    for line in lines:
        before, _ = without_affiliations(line)
        names = without_et_al(before)[0].split(", ")[1:]
        if names and all(map(is_name, names)):
            seen.learn(names)


class _Split(NamedTuple):
    """One way to part the line: within which of its comma pieces, at which character."""

    weight: float
    piece: int
    place: int


def part(line: str, abstract: str, seen: Seen) -> Parted:
    """Return the title and the authors of a line in which nothing stands between them.

    ``abstract`` is the listing's: its words tell where the title's last word ends. A line in which no name can be found
    is all title.
    """
    before, affiliations = without_affiliations(line)
    before, more = without_et_al(before)
    pieces = before.split(", ")
    splits = sorted(_splits(pieces, more, Clues(abstract, seen)), reverse=True)
    if not splits or splits[0].weight < _NO_NAME:
        # Such a line is rare enough, where every paper has authors, to be doubtful whatever it looks like.
        return Parted(before if more or affiliations else line, Credits((), False, affiliations), sure=False)
    best = splits[0]
    clear = len(splits) == 1 or best.weight - splits[1].weight >= _CLEAR
    left, right = pieces[best.piece][: best.place], pieces[best.piece][best.place :]
    return Parted(
        title=", ".join((*pieces[: best.piece], left)),
        credits=Credits((right, *pieces[best.piece + 1 :]), not more, affiliations),
        sure=clear and best.weight >= _SURE,
    )


def _splits(pieces: Sequence[str], more: bool, clues: Clues) -> Iterator[_Split]:
    """Yield every way to part the line: all pieces after the one that is parted must look like names."""
    careless = 0
    for index in range(len(pieces) - 1, -1, -1):
        piece = pieces[index]
        whole = is_name(piece)
        for place in _places(piece):
            weight = name_weight(piece[place:], clues) + title_weight(piece, place, clues)
            weight += _count_weight(len(pieces) - index, more) - careless
            # A piece that is a name as it stands is one, and the title ends further left.
            yield _Split(weight - 3.0 * (whole and index > 0), index, place)
        careless += not whole
        if careless > _MOST_CARELESS or not (whole or is_loosely_a_name(piece)):
            return


def _places(piece: str) -> Iterator[int]:
    """Yield where a name may begin: at a capital or particle glued to what is before it, with a name up to the end."""
    start = max(1, len(piece) - _LONGEST_NAME)
    places = [place for place in range(start, len(piece)) if piece[place].isupper()]
    places += [found.start() for found in _SMALL_PARTICLE.finditer(piece, start)]
    for place in places:
        if piece[place - 1] not in " -'’\"“(":
            right = piece[place:]
            if is_name(right) or (_CARELESS_NAME.search(right) and is_loosely_a_name(right)):
                yield place


def _count_weight(names: int, more: bool) -> float:
    """Return how likely so many names are: three before "et al.", else the more the better, as every name was one."""
    if more:
        return 3.0 if names == _PRINTED else -1.0 * abs(names - _PRINTED)
    return min(0.8 * (names - 1), 2.4)
