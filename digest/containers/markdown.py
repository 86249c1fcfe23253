"""Markdown, as html2text, pandoc, markdownify and lynx make it of pages: headings, links, bullets; paragraphs rejoined.

A text is taken for it only where several lines begin as it begins them, with a heading or a link, since plain text may
hold a link anywhere. Its paragraphs are wrapped, if they are, as ``wrapped`` tells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import dropwhile, islice
from typing import NamedTuple

from digest.containers.inline import Escapes, Inline, Part, escapes_of
from digest.containers.joining import Joiner, Words
from digest.containers.markings import (
    HEADING,
    INDENT,
    STARRED_HEADING,
    UNDERLINE,
    Markings,
    counts_up,
    left_alone,
    markings_of,
)
from digest.containers.spanning import spanned
from digest.containers.tables import cells, columns
from digest.containers.wrapped import HTML2TEXT, INVISIBLE, MOST, Wrapping, clean
from digest.containers.wrapped import measure as measure_wrapping
from digest.models import Block
from digest.text import single_spaced

_ATTRIBUTES = re.compile(r"\s*(?:\{[#.][^{}]{0,300}\}|#{1,6})$")
_RULE = re.compile(r"\s{0,8}(?:([-*_]) ?)(?:\1 ?){2,}|:{3,}.{0,200}|\s{0,3}(?:```|~~~)\w{0,20}|[-| :]{3,}")
_BULLET = re.compile(r"\s{0,12}(?:[*+-]|\d{1,9}[.)]|:(?= {3})) {1,4}(?=\S)")  # ":   " begins a definition
_DEFINITION = re.compile(r"""\s{0,8}\[([^\]^]{1,400})\]:(?:\s{1,4}<?(\S{1,2000}?)>?(?:\s{1,4}["'(].{0,500}["')])?)?""")
_ADDRESS_ALONE = re.compile(r"\s{1,12}<?([^\s<>]{1,2000})>?")
_NUMBER_MARK = re.compile(r"\[(\d{1,5})\](?=[^\s\[\](),.;:])")
_REFERENCES = re.compile(r"\s{0,8}(?:References|Visible links:?)")
_REFERENCE = re.compile(r"\s{1,8}(\d{1,5})\. (\S{1,2000})")
_MOST_REFERENCES = 20_000
_MOST_LINES = 4000  # of one paragraph: all cards of a page, where their links adjoin
_MOST_CHARACTERS = 2**20
_LONGEST_LINK = 800
_PANDOC = 72  # the column at which it wraps (its option ``--columns``)


@dataclass(frozen=True, slots=True)
class Markdown:
    """How a text's Markdown is to be read."""

    inline: Inline = field(default_factory=Inline)
    wrapping: Wrapping = field(default_factory=lambda: Wrapping(_PANDOC, spaced=True))
    numbered: bool = False  # links are numbers before their text, their addresses a list at the end
    whole: bool = False  # indented lines are paragraphs, not lines of one


def measure(sample: Sequence[str], all_lines: Callable[[], Iterator[str]]) -> Markdown | None:
    """Return how to read a text as Markdown, by its first lines as they stand, or None where it is none.

    ``all_lines`` gives the whole text, which is read for addresses where links refer to a list of them.
    """
    lines = [clean(line) for line in sample]
    seen = [line for line in lines if line]
    numbered = counts_up(seen)
    markings = markings_of(sample, lines)
    if not numbered and not markings.suffice(len(seen)):
        return None
    references = _numbered_addresses(all_lines()) if numbered else _addresses(all_lines())
    if numbered and not references:
        return None
    escapes = Escapes() if numbered else escapes_of(seen, structured=True)
    return Markdown(Inline(escapes, references), _wrapping(lines, markings), numbered, whole=markings.indented > 0)


def _wrapping(lines: Sequence[str], markings: Markings) -> Wrapping:
    """Return how the paragraphs are wrapped, told by the lines that are no items or definitions left alone."""
    whole = markings.indented > 0
    found = measure_wrapping(
        ["" if left_alone(line) or (whole and line.startswith(INDENT)) else line for line in lines]
    )
    if found:
        return replace(found, longest=max(found.width, HTML2TEXT)) if markings.is_html2text else found
    # A text too short to tell was wrapped, if at all, at pandoc's column or at html2text's.
    width = HTML2TEXT if markings.is_html2text else _PANDOC
    return Wrapping(width, spaced=True, longest=HTML2TEXT, joiner=Joiner(Words.of(lines), MOST))


def _definitions(lines: Iterable[str]) -> Iterator[tuple[str, tuple[str, str] | None]]:
    """Yield each line, and the label and address that it defines; the lines of a definition as empty."""
    label: str | None = None
    held = ""
    for line in lines:
        if label is not None:
            if address := _ADDRESS_ALONE.fullmatch(line[:3000].rstrip()):
                yield "", None
                yield "", (label, address[1])
                label = None
                continue
            yield held, None
            label = None
        found = _DEFINITION.fullmatch(line[:3000].rstrip()) if "]:" in line[:420] else None
        if found and found[2]:
            yield "", (found[1], found[2])
        elif found:
            label, held = found[1], line
        else:
            yield line, None
    if label is not None:
        yield held, None


def _addresses(lines: Iterable[str]) -> dict[str, str]:
    """Return the addresses that are defined, by their labels."""
    defined = (definition for _, definition in _definitions(lines) if definition)
    return {label.lower(): address for label, address in islice(defined, _MOST_REFERENCES)}


def _numbered_addresses(lines: Iterable[str]) -> dict[str, str]:
    """Return the addresses in the list at a text's end, by their numbers."""
    listed = dropwhile(lambda line: not _REFERENCES.fullmatch(line[:100].rstrip()), lines)
    found = (match for line in listed if (match := _REFERENCE.fullmatch(line[:3000].rstrip())))
    return {match[1]: match[2] for match in islice(found, _MOST_REFERENCES)}


@dataclass(slots=True)
class _Paragraph:
    """Lines of one paragraph so far."""

    number: int
    gap: int
    level: int
    lines: list[str]
    bulleted: bool = False
    columns: int = 0  # of the table that it is a row of
    size: int = 0  # characters in all lines but the first

    def is_open(self) -> bool:
        """Tell whether a link's text or address has begun and goes on; brackets of TeX may never close."""
        text = " ".join(line.strip() for line in self.lines[-8:])[-_LONGEST_LINK:]
        place = text.rfind("[")
        return place >= 0 and (text.find("]", place) < 0 or _opens_address(text[place:]))


def _opens_address(text: str) -> bool:
    place = text.rfind("](")
    return place >= 0 and text.find(")", place) < 0


def blocks(lines: Iterable[str], markdown: Markdown) -> Iterator[Block]:
    """Yield the paragraphs and headings, holding no more than one of them, or one card with a link around it."""
    gap = 0
    for raw in spanned(_raw(lines, markdown)):
        said = False
        for part in _parts(raw.text, markdown):
            text = single_spaced(part.text).strip(INVISIBLE + " ")
            if text:
                level = 0 if said else raw.level
                yield Block(raw.number, text, 0 if said else raw.gap + gap, part.level or level, part.link or raw.link)
                said = True
        gap = 0 if said else raw.gap + gap + 1


def _raw(lines: Iterable[str], markdown: Markdown) -> Iterator[Block]:
    """Yield the paragraphs in one line each, their Markdown as it stands, and the cells of tables."""
    for paragraph in _paragraphs(lines, markdown):
        text = markdown.wrapping.joiner.joined(paragraph.lines)
        if paragraph.level:
            text = _ATTRIBUTES.sub("", text)
        gap = paragraph.gap
        for cell in cells(text, paragraph.columns) if paragraph.columns else (text,):
            yield Block(paragraph.number, single_spaced(cell), gap, paragraph.level)
            gap = 0


def _parts(text: str, markdown: Markdown) -> Iterable[Part]:
    return (_unnumbered(text, markdown.inline),) if markdown.numbered else markdown.inline.parts(text)


def _unnumbered(text: str, inline: Inline) -> Part:
    first = _NUMBER_MARK.match(text)
    plain = _NUMBER_MARK.sub(lambda found: "" if found[1] in inline.references else found[0], text)
    return Part(plain, inline.references.get(first[1], "") if first else "")


def _paragraphs(lines: Iterable[str], markdown: Markdown) -> Iterator[_Paragraph]:
    """Yield the paragraphs as raw lines."""
    held: _Paragraph | None = None
    gap = count = 0
    broken = False
    for number, (raw, _) in enumerate(_definitions(lines), 1):
        line = clean(raw)
        after_break, broken = broken, raw.endswith("  ") and bool(line)  # CommonMark, section 6.7
        count = (columns(line) or count) if line else 0
        if markdown.numbered and _REFERENCES.fullmatch(line[:100]):
            break
        if parting := _parting(held, line, broken):
            if held:
                held.level, held.columns = parting.level or held.level, parting.columns or held.columns
            line = ""
        elif held and not after_break and _goes_on(held, line, markdown):
            held.lines.append(line)
            held.size += len(line)
            continue
        if held:
            yield held
            held, gap = None, 0
        if not line:
            gap += 1
        else:
            held = _begun(number, gap, line)
            held.columns = count
    if held:
        yield held


class _Parting(NamedTuple):
    """A line that parts paragraphs and says nothing itself, but what the one before it is."""

    level: int = 0
    columns: int = 0


def _parting(held: _Paragraph | None, line: str, broken: bool) -> _Parting | None:
    """Return what a line parts, blank, a rule, or below a heading or a table's first row; None where it is text."""
    if not line:
        return _Parting()
    if count := columns(line):
        return _Parting(columns=count)
    if held and not broken and (level := _underlined(held, line)):  # html2text breaks the "---" of a table
        return _Parting(level)
    return _Parting() if _RULE.fullmatch(line[:300]) else None


def _begun(number: int, gap: int, line: str) -> _Paragraph:
    """Return the paragraph that a line begins, without the marks of headings and bullets."""
    if starred := STARRED_HEADING.fullmatch(line[:2100]):
        return _Paragraph(number, gap, 7 - len(starred[1]), [starred[2]])
    level = 0
    bulleted = _BULLET.match(line) is not None
    for mark in (_BULLET, HEADING, _BULLET):
        if found := mark.match(line):
            level = len(found[1]) if mark is HEADING else level
            line = " " * found.end() + line[found.end() :]  # columns still count
    return _Paragraph(number, gap, level, [line], bulleted)


def _underlined(paragraph: _Paragraph, line: str) -> int:
    """Return the level of the heading that a line of "===" or "---" makes of the lines before it, else 0."""
    found = UNDERLINE.fullmatch(line)
    if not found or paragraph.level or len(paragraph.lines) > 3:
        return 0
    return 1 if found[1][0] == "=" else 2


def _goes_on(paragraph: _Paragraph, line: str, markdown: Markdown) -> bool:
    """Tell whether a line belongs to the paragraph before it."""
    last = paragraph.lines[-1]
    full = markdown.wrapping.goes_on(last, line)
    heading = HEADING.match(line)
    if len(paragraph.lines) >= _MOST_LINES or paragraph.size + len(line) > _MOST_CHARACTERS:
        return False
    if heading and (len(heading[1]) > 1 or not full):
        return False
    if _BULLET.match(line) and (paragraph.bulleted or not full):
        return False
    if (paragraph.columns and line.startswith("|")) or _is_apart(paragraph, line, markdown):
        return False
    return full or paragraph.is_open()


def _is_apart(paragraph: _Paragraph, line: str, markdown: Markdown) -> bool:
    """Tell whether a line is indented and the paragraph is not, or the other way round: a term and its definition."""
    if paragraph.bulleted or paragraph.level or markdown.numbered:
        return False
    indented = line.startswith(INDENT)
    return indented != paragraph.lines[0].startswith(INDENT) or (indented and markdown.whole)
