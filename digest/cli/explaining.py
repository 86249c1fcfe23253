"""``digest parse --explain``: which line of a dump became what, what was skipped and why, which layouts came close."""

from __future__ import annotations

import re
import shutil
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from digest.cli.terminal import say
from digest.layouts import LAYOUTS, Reading
from digest.layouts.closeness import REACH, how_close
from digest.layouts.prose import is_furniture
from digest.models import Document, Listing, Remark
from digest.text import counted, printable, single_spaced

_NUMBER, _LABEL, _EXCERPT = 7, 28, 80  # columns
_LONGEST = 400  # characters of a line that are looked at, for an excerpt shows fewer
_AHEAD = 5000  # lines held for excerpts while their listing is waited for
_BEHIND = 100  # lines held that were shown: a remark may come late
_MARKUP = re.compile(r"</?[A-Za-z]")
_MOST_QUIET = 40  # lines of a page's head shown one by one; a head is shorter
_WHY = {
    ("title", "authors"): "nothing tells for sure where the title ends and the authors begin",
    ("authors",): "not all of them have the shape of a name",
}
_OF_REMARKS = {
    "stated": "count of papers",
    "page_author": "page's author",
    "page_date": "page's date",
    "cut": "cut off here",
    "broken": "broken",
}


class _Row(NamedTuple):
    """A line of the dump and what became of it; ``text`` is shown where the line itself cannot be, or ``told``."""

    line: int
    label: str
    text: str
    told: bool = False


class _Excerpts:
    """The lines of a dump for excerpts, read along with the listings, so that few are held.

    A line is shown as it stands; one of markup by the one block that begins there.
    """

    def __init__(self, document: Document) -> None:
        self._lines = enumerate(document.lines(), 1)
        self._raw: deque[tuple[int, str]] = deque(maxlen=_BEHIND)
        self._source = ((block.number, block.text[:_LONGEST]) for block in document.blocks())
        self._held: deque[tuple[int, str]] = deque(maxlen=_AHEAD)

    def until(self, line: int) -> None:
        """Read on so far that ``line`` is held; what cannot be read any more has no excerpts."""
        while not self._held or self._held[-1][0] <= line:
            block = next(self._source, None)
            if block is None:
                return
            self._held.append(block)

    def at(self, line: int) -> str:
        """Return the text at a line, "" where it cannot be told from others, or not any more."""
        while line and not (self._raw and self._raw[-1][0] >= line) and (raw := next(self._lines, None)):
            self._raw.append((raw[0], raw[1][:_LONGEST]))
        plain = next((text for number, text in self._raw if number == line), "")
        if plain.strip() and not _MARKUP.search(plain):
            return plain
        self.until(line)
        while self._held and self._held[0][0] < line - _BEHIND:
            self._held.popleft()
        found = [text for number, text in self._held if number == line]
        return found[0] if len(found) == 1 else ""

    def between(self, first: int, last: int) -> Iterator[tuple[int, str]]:
        """Yield the blocks from one line to another, and forget what is before them."""
        self.until(last)
        while self._held and self._held[0][0] < first:
            self._held.popleft()
        yield from ((number, text) for number, text in list(self._held) if number <= last)


@dataclass(slots=True)
class _Sums:
    listings: int = 0
    stated: str = ""
    remarks: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    uncertain: Counter[tuple[str, ...]] = field(default_factory=Counter)


def explain(reading: Reading, on: date, *, asked: bool) -> bool:
    """Print how a dump is read; ``asked`` tells whether its layout was named; return whether a line is broken."""
    say(f"  container  {_container(reading.document)}")
    say(f"  date       {on.isoformat()}")
    say(f"  layout     {reading.layout.name}{', as asked for' if asked else ''}: known by {reading.layout.known_by}")
    sums = _Sums()
    shown = _Shown(_Excerpts(reading.document))
    waiting: list[_Row] = []
    for event in reading.events:
        if isinstance(event, Remark):
            waiting += _remarked(event, sums)
            continue
        sums.listings += 1
        sums.uncertain[event.uncertain] += 1
        rows = _origins(event)
        waiting = shown.up_to(rows, waiting)
        say(f"  listing {sums.listings}")
        shown.rows([*waiting, *rows])
        waiting = []
    shown.rows(waiting, to_the_end=not sums.listings)
    for line in _told(sums):
        say(f"  {line}")
    return sums.remarks["broken"] > 0


def explain_refused(documents: Sequence[Document]) -> None:
    """Print how close each layout comes to a dump that is not read, the closest first."""
    say(f"  container  {_container(documents[0])}")
    found = how_close(LAYOUTS, documents)
    say(f"  {'layout':<14} {'listings':>8} {'with abstract':>14} {'lines unread':>13}   looks for")
    for one in found:
        looks = f"{one.layout.known_by}{' (found)' if one.recognises else ''}"
        say(f"  {one.layout.name:<14} {one.listings:>8} {one.whole:>14} {one.unread + one.broken:>13}   {looks}")
    say(f"  Counted in the first {REACH:,} lines, as if the dump had that layout.")
    recognised = [one for one in found if one.recognises]
    best = max(recognised or found, key=lambda one: one.rank)
    if best.is_close or recognised:
        say(f"  To read it so: --layout {best.layout.name}")
    else:
        say("  No layout comes close.")


def _container(document: Document) -> str:
    told = (
        ("encoding", document.encoding or ""),
        ("title", document.title),
        ("address", document.address),
        ("date", document.date.isoformat() if document.date else ""),
        ("data beside the text", counted(len(document.embedded), "entry", "entries") if document.embedded else ""),
    )
    return "; ".join((document.container, *(f"{name} {single_spaced(value)[:200]}" for name, value in told if value)))


def _origins(listing: Listing) -> list[_Row]:
    """Return a row for each line that a listing was read from and each field that it gave, in the lines' order."""
    origins = dict.fromkeys(sorted(listing.origins, key=lambda origin: origin[0]))
    rows = [
        _Row(line, f"{name}?" if name in listing.uncertain else name, _value(listing, name)) for line, name in origins
    ]
    return rows or [_Row(0, "title", listing.title)]


def _value(listing: Listing, name: str) -> str:
    """Return what a field holds, for where its line cannot be shown."""
    value = listing.as_row().get(name, listing.title)
    if isinstance(value, dict):
        value = list(value.values())
    return (", ".join(value) if isinstance(value, list) else str(value))[:_LONGEST]


def _remarked(remark: Remark, sums: _Sums) -> list[_Row]:
    """Return the row of a remark, and count it; unknown fields are counted only."""
    if remark.kind == "ignored":
        sums.ignored[remark.text] += 1
        return []
    sums.remarks[remark.kind] += 1
    label = _OF_REMARKS.get(remark.kind, "")
    if remark.kind == "stated":
        sums.stated = sums.stated or remark.text
    elif remark.kind == "unread":
        label = "skipped: page furniture" if is_furniture(remark.text) else "skipped: not understood"
    return [_Row(remark.line, label, remark.text[:_LONGEST], told=remark.kind in ("unread", "broken"))]


class _Shown:
    """Prints rows in the order of the lines, and says where lines between them are not shown."""

    def __init__(self, excerpts: _Excerpts) -> None:
        self._excerpts = excerpts
        self._last = 0
        self._begun = False
        columns = shutil.get_terminal_size((_NUMBER + _LABEL + _EXCERPT + 4, 24)).columns
        self._room = max(20, min(_EXCERPT, columns - _NUMBER - _LABEL - 4))

    def up_to(self, rows: Sequence[_Row], waiting: Iterable[_Row]) -> list[_Row]:
        """Show what stands before a listing's first line; return the remarks that stand after that."""
        first = rows[0].line
        self.rows([row for row in waiting if row.line < first], before=first)
        self._begun = True
        return [row for row in waiting if row.line >= first]

    def rows(self, rows: Sequence[_Row], before: int = 0, *, to_the_end: bool = False) -> None:
        """Show rows; in the page's head also the lines that nothing was said of."""
        lines = {row.line for row in rows}
        quiet = []
        if not self._begun and (before or to_the_end):
            last = before - 1 if before else self._last + _MOST_QUIET
            head = list(self._excerpts.between(self._last + 1, last))
            quiet = [_Row(line, "the page's own", text) for line, text in head if line not in lines][:_MOST_QUIET]
        in_order = sorted([*rows, *quiet], key=lambda row: row.line)
        for _, found in groupby(in_order, key=lambda row: (row.line, row.told)):
            for row in self._merged(list(found)):
                self._row(row)

    def _merged(self, rows: list[_Row]) -> list[_Row]:
        """Return one row for what came of a line, if the line can be shown, else a row for each field."""
        if len(rows) < 2 or rows[0].told or not self._excerpts.at(rows[0].line):
            return rows
        return [rows[0]._replace(label=", ".join(row.label for row in rows))]

    def _row(self, row: _Row) -> None:
        if self._begun and row.line > self._last + 1 and self._skips(row.line):
            say(f"{'…':>{_NUMBER}}")
        self._last = max(self._last, row.line)
        text = printable(single_spaced(row.text if row.told else self._excerpts.at(row.line) or row.text))
        if cell_len(text) > self._room:
            text = set_cell_size(text, self._room - 1).rstrip() + "…"
        say(f"{row.line or '':>{_NUMBER}}  {row.label:<{_LABEL}}  {text}")

    def _skips(self, line: int) -> bool:
        """Tell whether lines with text stand between the last one shown and this one."""
        return any(True for _ in self._excerpts.between(self._last + 1, line - 1))


def _told(sums: _Sums) -> Iterator[str]:
    """Yield what a dump comes to."""
    stated = f" of {int(sums.stated):,} stated" if sums.stated else ""
    yield f"{counted(sums.listings, 'listing')} read{stated}"
    names = {"unread": "unread", "broken": "broken"}
    yield ", ".join(f"{counted(sums.remarks[kind], 'line')} {word}" for kind, word in names.items())
    if sums.remarks["cut"]:
        yield "the last listing stops in mid-sentence"
    for name, count in sums.ignored.most_common(20):
        yield f"field {name!r} left out, {counted(count, 'time')}"
    for fields, count in sorted(sums.uncertain.items()):
        if fields:
            why = _WHY.get(fields, "the dump does not tell them for sure")
            yield f"uncertain (?) in {counted(count, 'listing')}: {' and '.join(fields)} ({why})"
