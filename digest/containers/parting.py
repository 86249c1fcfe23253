"""Parting paragraphs between which nothing stands, in a wrapped text without blank lines.

A line that could not have taken the next word may still end its paragraph: one in ten does, by chance. Which does is
found as the most likely way to read a run of lines as titles and running text, each line weighed by what ``cues`` sees,
and by what stands before and after (Viterbi's algorithm, IEEE Trans. Inf. Theory 13, 1967). The weights are logarithms
of about how often such a thing is seen in titles and abstracts; ``bench/bench_wrapped.py`` prints how often paragraphs
come back as they were.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from math import log
from typing import NamedTuple, Protocol

from digest.containers.cues import Cues, cues

Run = tuple[int, int, list[str]]
"""The number of a paragraph's first line, the blank lines before it, and its lines."""

# A title in capitals, a title like a sentence, running text, and what stands between where landmarks follow titles.
_TITLE, _SENTENCE_TITLE, _PROSE, _SOURCE = range(4)
_MOST_TITLE_LINES = 6
_NEVER = -50.0
_HOPELESS = 20.0  # ways so much worse than the best never catch up

_CAPITAL_FIRST, _SMALL_FIRST = log(0.985), log(0.002)
_TITLE_BY_CHANCE, _PROSE_BY_CHANCE = log(0.16), log(0.008)  # a line near the column ends such a paragraph
_TITLE_GOES_ON = log(0.84)
_LIKE_SENTENCE = log(0.06)  # of titles
_PROSE_ENDS, _PROSE_BREAKS_OFF, _PROSE_BREAKS_OFF_BY_CHANCE = log(0.97), log(0.03), log(0.004)
_SENTENCE_ENDS_WITH_LINE, _SENTENCE_GOES_ON = log(0.06), log(0.94)
_LEADS_ON, _NO_LEAD = log(0.25), log(0.75)
_ENDS_ON_LEAD = log(0.004)
_OPENS_PROSE, _OPENS_TITLE = log(0.45), log(0.06)
_CAPITAL_WITHIN, _SMALL_WITHIN = log(0.16), log(0.84)
_TITLE_CAPITAL_WITHIN, _TITLE_SMALL_WITHIN = log(0.85), log(0.15)
_FUNCTION_WITHIN = log(0.01)
_COMMON_WITHIN = log(0.02)
_TITLE_STOPS, _TITLE_ENDS = log(0.02), log(0.98)
_SENTENCE_IN_TITLE = log(0.02)
_CREDITS_IN_PROSE, _CREDITS_IN_TITLE = log(0.02), log(0.3)
_LONG_TITLE = -1.5  # each line over three


class Landmarks(Protocol):
    """What knows the lines that recur as wholes, as sources and dates do."""

    @property
    def after_titles(self) -> bool | None:
        """Whether each listing has one after its title, or else before it; None where hardly any recur."""

    @property
    def small_words(self) -> Container[str]:
        """Words that the text has in small letters."""

    def is_landmark(self, line: str) -> bool:
        """Tell whether a line is one of them."""


def parted(runs: Iterable[Run], landmarks: Landmarks) -> Iterator[Run]:
    """Yield the paragraphs that lines which may be of one are of; memory holds two runs."""
    reader = _Reader(landmarks)
    held: Run | None = None
    for run in runs:
        if held:
            yield from reader.paragraphs(held, run[2][0])
        held = run
    if held:
        yield from reader.paragraphs(held, None)


class _Way(NamedTuple):
    """A way to read the lines so far: how likely it is, the last paragraph's kind and lines, where the others end."""

    weight: float
    kind: int
    length: int
    ends: tuple[int, ...]


class _Reader:
    """A page while its runs of lines are read: what kind of paragraph the last was, and in which order they come."""

    def __init__(self, landmarks: Landmarks) -> None:
        self._landmarks = landmarks
        self._before = _TITLE
        self._by_chance, self._shown = _CHANGES[landmarks.after_titles]

    def paragraphs(self, run: Run, after: str | None) -> Iterator[Run]:
        """Yield the paragraphs of a run of lines; ``after`` is the first line of the next run."""
        number, gap, lines = run
        if len(lines) == 1:
            self._before = self._kind_of_line(lines[0])
            yield run
            return
        start = 0
        ends, self._before = self._read([cues(line, self._landmarks.small_words) for line in lines], after)
        for end in (*ends, len(lines)):
            yield number + start, gap if not start else 0, lines[start:end]
            start = end

    def _kind_of_line(self, line: str) -> int:
        """Return the kind of paragraph that a single line is."""
        if self._landmarks.is_landmark(line):
            return _SOURCE if self._landmarks.after_titles else _TITLE
        seen = cues(line, self._landmarks.small_words)
        ways = [_Way(weight, kind, 1, ()) for kind, weight in _starts(seen, self._shown[self._before])]
        return max(way._replace(weight=way.weight + _end(way, seen, by_chance=False)) for way in ways).kind

    def _read(self, lines: Sequence[Cues], after: str | None) -> tuple[tuple[int, ...], int]:
        """Return where paragraphs end within a run, by the best way to read it, and the kind of the last."""
        ways = [_Way(weight, kind, 1, ()) for kind, weight in _starts(lines[0], self._shown[self._before])]
        for place in range(1, len(lines)):
            ways = self._step(ways, lines[place - 1], lines[place], place)
        outlook = self._outlook(after)
        finished = [
            way._replace(weight=way.weight + _end(way, lines[-1], by_chance=False) + outlook[way.kind]) for way in ways
        ]
        best = max(finished)
        return best.ends, best.kind

    def _step(self, ways: Sequence[_Way], line: Cues, after: Cues, place: int) -> list[_Way]:
        """Return the best ways to read one line more, one for each kind and length."""
        found: dict[tuple[int, int], _Way] = {}
        ended: dict[int, tuple[float, _Way]] = {}
        for way in ways:
            length = way.length + (way.kind != _PROSE)
            found[way.kind, length] = _Way(way.weight + _goes_on(way, line, after), way.kind, length, way.ends)
            weight = way.weight + _end(way, line, by_chance=True)
            ended[way.kind] = max(ended.get(way.kind, (weight, way)), (weight, way))
        for weight, way in ended.values():
            for kind, starts in _starts(after, self._by_chance[way.kind]):
                new = _Way(weight + starts, kind, 1, (*way.ends, place))
                found[kind, 1] = max(found.get((kind, 1), new), new)
        least = max(way.weight for way in found.values()) - _HOPELESS
        return [way for way in found.values() if way.weight > least]

    def _outlook(self, after: str | None) -> Sequence[float]:
        """Return, for each kind, how well the line after a run goes with its ending so."""
        if after is None:
            return (0.0, 0.0, 0.0, 0.0)
        order = self._landmarks.after_titles
        if order is not None and self._landmarks.is_landmark(after):
            title, prose = (log(0.98), log(0.02)) if order else (log(0.02), log(0.98))
            return (title, title, prose, log(0.01))
        seen = cues(after, self._landmarks.small_words)
        return [max(weight for _, weight in _starts(seen, self._shown[kind])) for kind in range(4)]


class _Changes(NamedTuple):
    """How likely a title, running text and a source follow a paragraph of one kind."""

    title: float
    prose: float
    source: float


def _changes(
    title: tuple[float, float, float],
    prose: tuple[float, float, float],
    source: tuple[float, float, float] = (0.5, 0.5, 0.0),
) -> tuple[_Changes, ...]:
    """Return, for each kind before, how likely each kind follows it, from shares."""
    after = [_Changes(*(log(share) if share else _NEVER for share in shares)) for shares in (title, prose, source)]
    return (after[0], *after)


# By whether landmarks follow titles: which kind follows which where nothing shows that a paragraph ends, and where
# something does. Where every listing has a landmark, it stands between title and text, or between text and title.
_CHANGES = {
    None: (_changes((0.04, 0.96, 0.0), (0.98, 0.02, 0.0)), _changes((0.15, 0.85, 0.0), (0.98, 0.02, 0.0))),
    True: (
        _changes((0.02, 0.001, 0.3), (0.98, 0.02, 0.001), (0.01, 0.98, 0.01)),
        _changes((0.2, 0.03, 0.4), (0.98, 0.02, 0.001), (0.02, 0.97, 0.01)),
    ),
    False: (_changes((0.04, 0.96, 0.0), (0.001, 0.02, 0.0)), _changes((0.45, 0.55, 0.0), (0.98, 0.02, 0.0))),
}


def _starts(line: Cues, changes: _Changes) -> Iterator[tuple[int, float]]:
    """Yield each kind, and how likely a line begins a paragraph of it."""
    first = _CAPITAL_FIRST if line.capital else _SMALL_FIRST
    title = first + (_OPENS_TITLE if line.opener else 0.0) + line.sentences * _SENTENCE_IN_TITLE
    yield _TITLE, title + changes.title + line.title
    yield _SENTENCE_TITLE, title + changes.title + _LIKE_SENTENCE
    yield _PROSE, first + changes.prose + (_OPENS_PROSE if line.opener else 0.0)
    if changes.source > _NEVER:
        yield _SOURCE, title + changes.source + line.title


def _end(way: _Way, line: Cues, *, by_chance: bool) -> float:
    """Return how likely a paragraph ends with a line; ``by_chance``: though nothing shows it."""
    weight = _ENDS_ON_LEAD if line.leads_on else 0.0
    if way.kind == _PROSE:
        breaks_off = _PROSE_BREAKS_OFF_BY_CHANCE if by_chance else _PROSE_BREAKS_OFF
        weight += _PROSE_ENDS if line.sentence_end else breaks_off
        return weight + (_PROSE_BY_CHANCE if by_chance else 0.0)
    weight += (_TITLE_STOPS if line.stop else _TITLE_ENDS) + _LONG_TITLE * max(0, way.length - 3)
    return weight + (_TITLE_BY_CHANCE if by_chance else 0.0)


def _goes_on(way: _Way, line: Cues, after: Cues) -> float:
    """Return how likely a paragraph goes on from a line to the next."""
    if way.kind == _PROSE:
        return _prose_goes_on(line, after)
    if way.length >= _MOST_TITLE_LINES or way.kind == _SOURCE:
        return _NEVER
    weight = _TITLE_GOES_ON + after.sentences * _SENTENCE_IN_TITLE + (_TITLE_STOPS if line.stop else 0.0)
    weight += _CREDITS_IN_TITLE if line.credits_end and after.capital else 0.0
    if way.kind == _TITLE:
        weight += _FUNCTION_WITHIN if after.function else 0.0
        return weight + after.title + (_TITLE_CAPITAL_WITHIN if after.capital else _TITLE_SMALL_WITHIN)
    names = 0.6 * max(0.0, after.title)  # such a title's own words are small, those of authors glued to it are not
    return weight + names + _first_word_within(after) + (_CAPITAL_WITHIN if after.capital else _SMALL_WITHIN)


def _first_word_within(line: Cues) -> float:
    """Weigh a capital of a line's first word where no sentence begins."""
    return _FUNCTION_WITHIN if line.function else _COMMON_WITHIN if line.common else 0.0


def _prose_goes_on(line: Cues, after: Cues) -> float:
    weight = _LEADS_ON if line.leads_on else _NO_LEAD
    weight += _CREDITS_IN_PROSE if line.credits_end and after.capital else 0.0
    if line.sentence_end:
        return weight + _SENTENCE_ENDS_WITH_LINE
    weight += _SENTENCE_GOES_ON + (_CAPITAL_WITHIN if after.capital else _SMALL_WITHIN)
    return weight + _first_word_within(after)
