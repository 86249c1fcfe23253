"""What is shown of an abstract: its first sentence and the sentence that matched, the matching words marked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from digest.keeping import kept
from digest.models import Spans
from digest.render.words import turned
from digest.text import readable

LIMIT = 320  # characters, what joins the sentences included
_SHORT = 120  # characters: a first sentence that stands alone and says less brings the next one, if there is room
_GAP = " … "
_MARKS = 3  # characters that "… " before and "…" after a cut sentence may take

# A sentence ends at . ! or ? before a space and a capital, digit, quote or bracket, but not after these.
_END = re.compile(r"[.!?][\"'”’)\]]*\s+(?=[\"'“‘(\[]*[^\W_a-z])")
_NO_END = re.compile(
    r"\b(?:e\.g|i\.e|et al|cf|vs|resp|approx|[Ff]igs?|[Ee]qs?|[Ss]ec|[Tt]ab|[Nn]o|Dr|Prof|St|[A-Z])\.\s+$"
)


class Piece(NamedTuple):
    """A run of text, marked where it matched."""

    text: str
    marked: bool = False


class _Range(NamedTuple):
    """Offsets in the abstract: of a sentence, of what is shown of it, or of a match."""

    start: int
    end: int


def whole(abstract: str, spans: Spans) -> tuple[Piece, ...]:
    """Return a readable abstract from end to end as pieces."""
    if not spans:
        return _safe([Piece(abstract)])
    inside = [_Range(a, b) for a, b in spans if 0 <= a < b <= len(abstract)]
    return _safe(_marked(abstract, _Range(0, len(abstract)), inside))


@kept(4096)  # about 15 MB; a paper has as many excerpts as rules that find other words in it
def sentences(abstract: str | None) -> tuple[str, tuple[_Range, ...]]:
    """Return an abstract as it is read, and its sentences: what all its excerpts begin with."""
    text = readable(abstract or "")
    return text, tuple(_sentences(text))


def excerpt(abstract: str, spans: Spans, limit: int = LIMIT) -> tuple[Piece, ...]:
    """Return the excerpt of a readable abstract as pieces of at most ``limit`` characters in all.

    ``spans`` are offsets in ``abstract``, the most important first; those that lie outside of it are left out.
    """
    return excerpt_of(abstract, _sentences(abstract), spans, limit)


def excerpt_of(abstract: str, sentences: Sequence[_Range], spans: Spans, limit: int = LIMIT) -> tuple[Piece, ...]:
    """Return what ``excerpt`` does, of an abstract whose ``sentences`` are known."""
    if not sentences:
        return ()
    inside = [_Range(a, b) for a, b in spans if 0 <= a < b <= len(abstract)]
    shown = _chosen(abstract, sentences, inside, limit)
    pieces = [Piece("… ")] if shown[0].start > sentences[0].start else []
    for number, part in enumerate(shown):
        if number:
            pieces.append(Piece(" " if part.start <= shown[number - 1].end + 1 else _GAP))
        pieces.extend(_marked(abstract, part, inside))
    if all(shown[-1].end != sentence.end for sentence in sentences):
        pieces.append(Piece("…"))
    return _safe(pieces)


def _safe(pieces: list[Piece]) -> tuple[Piece, ...]:
    return tuple([Piece(text, piece.marked) for piece in pieces if (text := turned(piece.text))])


def _sentences(abstract: str) -> list[_Range]:
    found, start = [], 0
    for end in _END.finditer(abstract):
        if not _NO_END.search(abstract[max(start, end.start() - 8) : end.end()]):
            found.append(_Range(start, start + len(abstract[start : end.end()].rstrip())))
            start = end.end()
    if abstract[start:].strip():
        found.append(_Range(start, start + len(abstract[start:].rstrip())))
    return found


def _chosen(abstract: str, sentences: Sequence[_Range], spans: list[_Range], limit: int) -> list[_Range]:
    """Return what is shown: the first sentence, and the first other one that matched, as far as there is room."""
    first = sentences[0]
    opening = next((span for span in spans if span.start < first.end), None)
    for span in spans:
        for sentence in sentences[1:]:
            if sentence.start <= span.start < sentence.end:
                whole = sentence.end - sentence.start
                room = min(whole, max(limit - len(_GAP) - (first.end - first.start), limit * 3 // 5))
                return [
                    _cut(abstract, first, limit - len(_GAP) - room, opening),
                    _cut(abstract, sentence, room, span),
                ]
    if first.end - first.start < _SHORT and len(sentences) > 1 and sentences[1].end - first.start <= limit:
        return [first, sentences[1]]
    return [_cut(abstract, first, limit, opening)]


def _cut(abstract: str, sentence: _Range, room: int, focus: _Range | None) -> _Range:
    """Return as much of the sentence as has room, whole words, with the match ``focus`` inside if there is one."""
    start, end = sentence
    if end - start <= room:
        return sentence
    room -= _MARKS
    if focus and focus.end - start > room:
        begin = max(start, focus.start - room // 3)
        space = abstract.find(" ", begin, focus.start)
        start = space + 1 if space >= 0 else begin
    stop = start + room
    if stop >= end:
        return _Range(start, end)
    space = abstract.rfind(" ", min(max(start + room // 2, focus.end if focus else 0), stop), stop + 1)
    return _Range(start, space if space > start else stop)


def _marked(abstract: str, part: _Range, spans: list[_Range]) -> list[Piece]:
    """Return the part as pieces, overlapping matches joined."""
    pieces, position = [], part.start
    for start, end in sorted(spans):
        begin, stop = max(start, position), min(end, part.end)
        if begin < stop:
            pieces += [Piece(abstract[position:begin]), Piece(abstract[begin:stop], marked=True)]
            position = stop
    return [*pieces, Piece(abstract[position : part.end])]
