"""Wrapped text: whether a saver broke a text's lines at some column, at which, and its paragraphs put together again.

Savers fill a line until the next word would not fit. So a line was broken by one exactly where the next line's first
word would not have fitted on it, and else ends its paragraph. Where blank lines stand between paragraphs, that tells
all; where none do, one paragraph in ten ends near the column by chance, and ``parting`` finds those.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from digest.containers.joining import Joiner, Words
from digest.containers.parting import Run, parted
from digest.models import Block
from digest.text import single_spaced

LEAST, MOST = 40, 140
"""Columns between which savers wrap: Firefox and mail at 72, html2text at 78, terminals at 80 to 132."""

HTML2TEXT = 78
"""The column at which html2text wraps (its option ``body_width``)."""

INVISIBLE = "\ufeff\u200b"
"""White space that ``str.split`` leaves: the byte-order mark and the zero-width space."""

_COMMON = (80, 72, 78, 79, 76, 75, 74, 70, 100, 90, 120, 132)
_USUAL = 5  # of these columns
_MOST_LINES = 1000  # of one paragraph; a longer one is none
_MOST_CANDIDATES = 24
_REGULAR = 0.2  # of the lines for sure their paragraph's last stand before a landmark, where every listing has one
_FEW = 0.05  # of the lines may be longer than the column: addresses, tables that savers leave alone
_BULLET = re.compile(r"^\s{0,12}(?:[*+•‣▪◦]|(?<=\s)o) {1,4}(?=\S)")
_SMALL_WORD = re.compile(r"[a-z]+[,;:)]?")
_SENTENCE_END = (".", "!", "?", ":")
_DATED = re.compile(
    r"\S{0,20}?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)[a-z]{0,6}\.?"
    r" \d{1,2}(?:, ?\d{4})?(?: ?[A-Za-z]{1,12})?"
)
_FIGURES, _LETTERS = re.compile(r"\d[\d.,]*"), re.compile(r"[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Wrapping:
    """How a text was wrapped: at which column, whether blank lines part its paragraphs, and what recurs in it."""

    width: int
    spaced: bool
    landmarks: frozenset[str] = frozenset()  # lines that recur as wholes (a source, a date), as they stand or by shape
    after_titles: bool | None = None  # whether those stand after titles; None where they are few
    bullets: bool = False
    longest: int = 0  # columns up to which a line may have been wrapped all the same; 0: the width
    joiner: Joiner = field(default_factory=lambda: Joiner(Words()))

    @property
    def small_words(self) -> Container[str]:
        """Words that the text has in small letters."""
        return self.joiner.words.small

    def goes_on(self, line: str, after: str) -> bool:
        """Tell whether ``after`` may be the rest of the paragraph that ``line`` is of."""
        longest = self.longest or self.width
        if is_overlong(line, longest) or is_overlong(after, longest) or self.is_landmark(after):
            return False
        return is_full(line, after, self.width) or _is_early(line, after, self.width)

    def is_landmark(self, line: str) -> bool:
        """Tell whether a line is one that recurs as a whole."""
        return bool(self.landmarks) and landmark(line) in self.landmarks


def first_word(line: str) -> str:
    """Return a line's first word; a no-break space is none of its ends, as for who wrapped it."""
    return line.lstrip(" \t")[: MOST + 1].split(" ", 1)[0]


def is_full(line: str, after: str, width: int) -> bool:
    """Tell whether the first word of the next line would not have fitted on this one."""
    return len(line) + (line[-1:] != "-") + len(first_word(after)) > width


def is_overlong(line: str, width: int) -> bool:
    """Tell whether a line is longer than its saver makes any: not for one long word, but left alone as a whole."""
    return len(line) > width and " " in line.strip()[: width + 1]


def _is_early(line: str, after: str, width: int) -> bool:
    """Tell whether a line ends in mid-sentence a little before the column, as where a saver had its own reasons."""
    return (
        len(line) > 0.7 * width
        and not line.endswith(_SENTENCE_END)
        and _SMALL_WORD.fullmatch(first_word(after)) is not None
    )


def landmark(line: str) -> str:
    """Return what a line would be known again by: its words or, of a short one with figures, its shape."""
    text = line.strip()
    if len(text) > MOST:
        return ""
    if len(text) <= 40 and _DATED.fullmatch(text):
        return "a date"
    if len(text) <= 40 and text.count(" ") <= 4 and any(map(str.isdigit, text)):
        return _LETTERS.sub("a", _FIGURES.sub("9", text))
    return text


def measure(lines: Sequence[str]) -> Wrapping | None:
    """Return how a text was wrapped, by its first lines (without blanks at their ends), or None where it was not."""
    lengths = sorted((len(line) for line in lines if line), reverse=True)
    if not lengths or lengths[int(len(lengths) * _FEW)] > MOST:
        return None
    pairs = [(line, after) for line, after in pairwise(lines) if line and after]
    width = _width(lengths, pairs)
    if width is None:
        return None
    ends = sum(not is_full(line, after, width) for line, after in pairs)
    parts = sum(bool(line) and not after for line, after in pairwise(lines))
    spaced = 2 * parts >= 3 * ends
    marks = frozenset() if spaced else _landmarks(pairs, width)
    return Wrapping(
        width,
        spaced,
        landmarks=marks,
        after_titles=_order(pairs, marks, ends),
        bullets=sum(map(_is_bulleted, lines)) >= 3,
        joiner=Joiner(Words.of(lines), width),
    )


def _width(lengths: Sequence[int], pairs: Sequence[tuple[str, str]]) -> int | None:
    """Return the column that explains best where the lines end, or None where none does."""
    telling = [pair for pair in pairs if _is_mid_sentence(*pair)]
    if len(telling) < 2:
        return _width_of_little(lengths[0], pairs) if telling else None
    longest = [n for n in lengths[: int(len(lengths) * _FEW) + 4] if n <= MOST]
    candidates = dict.fromkeys(n for n in (*_COMMON, *sorted(set(longest), reverse=True)) if LEAST <= n <= MOST)
    best: tuple[int, int] | None = None
    for width in sorted(list(candidates)[:_MOST_CANDIDATES]):
        full = sum(is_full(line, after, width) and len(line) <= width for line, after in telling)
        value = full - 3 * (len(telling) - full) - 3 * sum(n > width for n in lengths[: len(longest) + 50])
        if full >= 2 and 4 * full >= 3 * len(telling) and (best is None or value > best[0]):
            best = (value, width)
    return best[1] if best else None


def _width_of_little(longest: int, pairs: Sequence[tuple[str, str]]) -> int | None:
    """Return the usual column that all of the few long lines were wrapped at, if there is one."""
    for width in sorted(_COMMON[:_USUAL]):
        long = [is_full(line, after, width) for line, after in pairs if len(line) > 0.7 * width]
        if longest <= width and len(long) >= 2 and all(long):
            return width
    return None


def _is_mid_sentence(line: str, after: str) -> bool:
    """Tell whether a paragraph goes on over a line's end for sure: no sentence ends there, and none begins."""
    return not line.endswith(_SENTENCE_END) and _SMALL_WORD.fullmatch(first_word(after)) is not None


def _landmarks(pairs: Iterable[tuple[str, str]], width: int) -> frozenset[str]:
    """Return what stands more than once on a line for sure its own: no word of it would have gone on the line before.

    The ends of abstracts recur too ("datasets."), but never on such a line.
    """
    own = Counter(
        landmark(after)
        for line, after in pairs
        if not is_full(line, after, width) and len(after) < 0.8 * width and not after.endswith(_SENTENCE_END)
    )
    return frozenset(mark for mark, times in own.items() if mark and times > 1)


def _order(pairs: Iterable[tuple[str, str]], marks: frozenset[str], ends: int) -> bool | None:
    """Tell whether lines that recur stand after titles and not after running text, if every listing may have one."""
    before = [line for line, after in pairs if landmark(after) in marks]
    if len(before) < max(3, _REGULAR * ends):
        return None
    return sum(line.endswith(_SENTENCE_END) for line in before) < len(before) / 2


def _is_bulleted(line: str) -> bool:
    return _BULLET.match(line) is not None


def blocks(lines: Iterable[str], wrapping: Wrapping) -> Iterator[Block]:
    """Yield the paragraphs of a wrapped text, holding no more of it than two of them."""
    for number, gap, run in parted(_runs(lines, wrapping), wrapping) if not wrapping.spaced else _runs(lines, wrapping):
        if wrapping.bullets:
            run[0] = _BULLET.sub("", run[0], count=1)
        text = single_spaced(wrapping.joiner.joined(run)).strip(INVISIBLE + " ")
        if text:
            yield Block(number, text, gap)


def _runs(lines: Iterable[str], wrapping: Wrapping) -> Iterator[Run]:
    """Yield lines that may be of one paragraph."""
    gap, start = 0, 0
    run: list[str] = []
    for number, raw in enumerate(lines, 1):
        line = clean(raw)
        if run and not (line and len(run) < _MOST_LINES and wrapping.goes_on(run[-1], line)):
            yield start, gap, run
            run, gap = [], 0
        if not line:
            gap += 1
        else:
            start = start if run else number
            run.append(line)
    if run:
        yield start, gap, run


def clean(raw: str) -> str:
    """Return a line without the blanks at its end, and empty where nothing in it is seen."""
    line = raw.rstrip()
    return line if line.strip(INVISIBLE + " ") else ""
