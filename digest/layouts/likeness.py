"""How much a text looks like a person's name, and how much like the end of a title.

The weights were set by hand so that each clue outvotes the weaker ones; ``bench/bench_layouts.py`` prints how often
titles and authors are parted right by them.
"""

from __future__ import annotations

import re

from digest.layouts.names import FAMILY_NAMES, GIVEN_NAMES, SYLLABIC
from digest.layouts.people import is_name
from digest.layouts.seen import Clues

_FUNCTION = """
    a an the of for with in on to by from via and or at as is are be into over under using through without within
    towards toward  between among against versus vs its their our your how what when why where whether can do
    does
"""
_FUNCTION_WORDS = frozenset(_FUNCTION.split())

_CARELESS = -2.0
_SMALL_FIRST = 6.5  # hardly a first author's name begins with a small letter, and most title words hold a "de"
_NAMES = GIVEN_NAMES | FAMILY_NAMES
_PARTS_WEIGHT = {1: -2.5, 2: 2.0, 3: 1.2, 4: 0.0, 5: -1.5, 6: -3.0}


def name_weight(name: str, clues: Clues) -> float:
    """Return how much the text looks like one person's name."""
    parts = name.split(" ")
    weight = 0.0 if is_name(name) else _CARELESS
    weight += _PARTS_WEIGHT[len(parts)] + sum(map(_part_weight, parts)) + clues.seen.name_weight(name)
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


def title_weight(piece: str, place: int, clues: Clues) -> float:
    """Return how much the piece up to the place looks like the end of a title."""
    left = piece[:place]
    end = left[-1]
    if end in ",:;(-–—/":
        return -6.0
    if end in "?!)":
        return 3.0
    word = left[1 + max(left.rfind(mark) for mark in " /–—:(") :]
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
