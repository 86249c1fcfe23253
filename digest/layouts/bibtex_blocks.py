"""A BibTeX text to its entries and macros, read by bibtexparser in portions: the only module that knows it.

The splitter recovers from what is broken where a line begins the next block (``@word{``), so at such lines the text is
parted without changing what is read.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bibtexparser.exceptions import ParserStateException
from bibtexparser.model import (
    Block,
    DuplicateFieldKeyBlock,
    ImplicitComment,
    ParsingFailedBlock,
    String,
)
from bibtexparser.model import Entry as ParsedEntry
from bibtexparser.splitter import Splitter

from digest.models import Remark
from digest.text import single_spaced

# It logs each broken block, which we report, with its line.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)

_BEGINNING = re.compile(r"[ \t\ufeff]*@\w{0,40}[ \t]*[{(]")
_PORTION = 64 * 1024  # characters that are read at once, or more where one entry is longer
_MOST_ENTRY = 256 * 1024
"""Characters of one entry; an abstract has some two thousand, three thousand authors a hundred thousand."""

_MOST_BROKEN = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry, or a macro (kind "string", one field): its fields as written, by their names in small letters."""

    line: int
    kind: str
    key: str
    fields: dict[str, str]
    lines: dict[str, int]  # where each field stands
    again: list[str] = field(default_factory=list)  # fields that were written more than once: the first counts


@dataclass(frozen=True, slots=True)
class Broken:
    """A block that could not be read, and why."""

    line: int
    why: str


def blocks(lines: Iterable[str]) -> Iterator[Entry | Broken | Remark]:
    """Yield the blocks of a text, and a remark on what stands between them and is no comment.

    Many broken ones in a row mean that the text is something else, and end the reading.
    """
    broken = 0
    for first, text in _portions(lines):
        for block in [_too_long(first)] if text is None else _parsed(text, first):
            yield block
            broken = broken + 1 if isinstance(block, Broken) else 0
            if broken == _MOST_BROKEN:
                yield Broken(block.line, f"the {broken}th broken entry in a row: the rest is not read")
                return


def _portions(lines: Iterable[str]) -> Iterator[tuple[int, str | None]]:
    """Yield portions of a text with the number of their first line, None instead of a block too long to be read."""
    portion = _Portion(1)
    for number, line in enumerate(lines, 1):
        if line.lstrip(" \t\ufeff")[:1] == "@" and _BEGINNING.match(line):
            if portion.too_long or portion.length > _PORTION:
                yield portion.taken()
                portion = _Portion(number)
            portion.block, portion.block_line, portion.since = len(portion.lines), number, 0
        if portion.add(line) and portion.block:
            yield portion.first, "\n".join(portion.lines[: portion.block])
    yield portion.taken()


@dataclass(slots=True)
class _Portion:
    """The lines of some blocks: where the last block begins in them, and how long they and it are."""

    first: int
    lines: list[str] = field(default_factory=list)
    length: int = 0
    block: int = 0
    block_line: int = 1
    since: int = 0
    too_long: bool = False

    def add(self, line: str) -> bool:
        """Add a line, and tell whether it makes the last block too long; of such a one no more is kept."""
        if self.first == 1 and not self.block and line[:1] == "%":
            line = ""  # comments before all blocks may be long
        self.length += len(line) + 1
        self.since += len(line) + 1
        if self.too_long:
            return False
        self.lines.append(line)
        self.too_long = self.since > _MOST_ENTRY
        return self.too_long

    def taken(self) -> tuple[int, str | None]:
        return (self.block_line, None) if self.too_long else (self.first, "\n".join(self.lines))


def _too_long(line: int) -> Broken:
    return Broken(line, f"an entry longer than {_MOST_ENTRY // 1024} KiB, or none that ends")


def _parsed(text: str, first: int) -> Iterator[Entry | Broken | Remark]:
    try:
        found = Splitter(text).split().blocks
    except ParserStateException as fault:
        yield Broken(first, single_spaced(fault.message))
        return
    for block in found:
        yield from _taken(block, first)


def _taken(block: Block, first: int) -> Iterator[Entry | Broken | Remark]:
    line = first + (block.start_line or 0)
    again: list[str] = []
    if isinstance(block, ParsingFailedBlock) and block.ignore_error_block is not None:
        # A key or field that comes twice is a fault of the list and not of what the entry says.
        again = sorted(block.duplicate_keys) if isinstance(block, DuplicateFieldKeyBlock) else []
        block = block.ignore_error_block
    if isinstance(block, ParsedEntry):
        written: dict[str, str] = {}
        lines: dict[str, int] = {}
        for own in block.fields:
            written.setdefault(name := single_spaced(own.key.lower()), own.value)
            lines.setdefault(name, first + own.start_line)
        yield Entry(line, block.entry_type, single_spaced(block.key), written, lines, list(map(single_spaced, again)))
    elif isinstance(block, String):
        yield Entry(line, "string", block.key, {block.key.lower(): block.value}, {})
    elif isinstance(block, ParsingFailedBlock):
        begun = re.match(r"@\w{0,40}", block.raw or "")
        why = single_spaced(getattr(block.error, "abort_reason", "broken"))
        yield Broken(line, f"{begun[0]}: {why}" if begun else why)
    elif isinstance(block, ImplicitComment):
        told = next((text for text in map(str.strip, block.comment.split("\n")) if text and text[0] != "%"), "")
        if told:
            yield Remark("unread", line, told[:80])
