"""Markdown, as html2text, pandoc, markdownify and lynx make it of pages: headings, links, bullets; paragraphs rejoined.

A text is taken for it only where several lines begin as it begins them, with a heading or a link, since plain text may
hold a link anywhere. Its paragraphs are wrapped, if they are, as ``wrapped`` tells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import dropwhile, islice, pairwise

from digest.containers.inline import Escapes, Inline, escapes_of
from digest.containers.joining import Joiner, Words
from digest.containers.wrapped import HTML2TEXT, INVISIBLE, MOST, Wrapping, clean
from digest.containers.wrapped import measure as measure_wrapping
from digest.models import Block
from digest.text import single_spaced

_HEADING = re.compile(r"\s{0,3}(#{1,6})\s{1,4}(?=\S)")
_STARRED_HEADING = re.compile(r"\s{0,8}(\*{1,6}) (\S.{0,2000}\S) \1")  # Debian's html2text; the more stars the higher
_ATTRIBUTES = re.compile(r"\s*(?:\{[#.][^{}]{0,300}\}|#{1,6})$")
_UNDERLINE = re.compile(r"\s{0,3}(={3,}|-{3,})")
_RULE = re.compile(r"\s{0,8}(?:([-*_]) ?)(?:\1 ?){2,}|:{3,}.{0,200}|\s{0,3}(?:```|~~~)\w{0,20}|[-| :]{3,}")
_BULLET = re.compile(r"\s{0,12}(?:[*+-]|\d{1,9}[.)]) {1,4}(?=\S)")
_HTML2TEXT_BULLET = re.compile(r"(?:  ){1,4}\* (?=\S)")
_MANY = 4
_LINKED = re.compile(r"\s{0,12}(?:[*+-] {1,4}|\d{1,9}[.)] {1,4}|#{1,6} |\*\*){0,2}!?\[.{0,500}\](?:\(|\[)")
_OPEN_LINKED = re.compile(r"\s{0,12}(?:[*+-] {1,4}|#{1,6} ){0,2}\[[^\]]{20,500}$")
_DEFINITION = re.compile(r"""\s{0,8}\[([^\]^]{1,400})\]:(?:\s{1,4}<?(\S{1,2000}?)>?(?:\s{1,4}["'(].{0,500}["')])?)?""")
_ADDRESS_ALONE = re.compile(r"\s{1,12}<?([^\s<>]{1,2000})>?")
_NUMBERED = re.compile(r"\s{0,12}(?:[*+o-] )?\[(\d{1,5})\](?=[^\s\[\](),.;:])")
_NUMBER_MARK = re.compile(r"\[(\d{1,5})\](?=[^\s\[\](),.;:])")
_REFERENCES = re.compile(r"\s{0,8}(?:References|Visible links:?)")
_REFERENCE = re.compile(r"\s{1,8}(\d{1,5})\. (\S{1,2000})")
_MOST_REFERENCES = 20_000
_RARE = 80  # one line in so many begins with a heading or link at least
_MOST_LINES = 1000
_LONGEST_LINK = 800
_PANDOC = 72  # the column at which it wraps (its option ``--columns``)


@dataclass(frozen=True, slots=True)
class Markdown:
    """How a text's Markdown is to be read."""

    inline: Inline = field(default_factory=Inline)
    wrapping: Wrapping = field(default_factory=lambda: Wrapping(_PANDOC, spaced=True))
    numbered: bool = False  # links are numbers before their text, their addresses a list at the end


def measure(lines: Sequence[str], all_lines: Callable[[], Iterator[str]]) -> Markdown | None:
    """Return how to read a text as Markdown, by its first lines, or None where it is none.

    ``all_lines`` gives the whole text, which is read for addresses where links refer to a list of them.
    """
    seen = [line for line in lines if line]
    numbered = _counts_up(seen)
    if not numbered and not _is_markdown(lines, len(seen)):
        return None
    references = _numbered_addresses(all_lines()) if numbered else _addresses(all_lines())
    if numbered and not references:
        return None
    escapes = Escapes() if numbered else escapes_of(seen, structured=True)
    # A text too short to tell was wrapped, if at all, at pandoc's column or at html2text's.
    short = Wrapping(_PANDOC, spaced=True, longest=HTML2TEXT, joiner=Joiner(Words.of(lines), MOST))
    wrapping = measure_wrapping(lines) or short
    return Markdown(Inline(escapes, references), wrapping, numbered)


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


def _is_markdown(lines: Sequence[str], count: int) -> bool:
    """Tell whether enough lines begin with a heading or a link."""
    begun = sum(_begins(line[:2000]) for line in lines if line)
    bulleted = sum(_HTML2TEXT_BULLET.match(line) is not None for line in lines)
    begun += bulleted if bulleted >= _MANY else 0
    underlined = sum(bool(line) and _UNDERLINE.fullmatch(after[:200]) is not None for line, after in pairwise(lines))
    return begun + underlined >= 2 and (begun + underlined) * _RARE >= count


def _begins(line: str) -> bool:
    start = line.lstrip(" ")[:1]
    if start not in "#[*+-!0123456789":
        return False
    return any(mark.match(line) for mark in (_HEADING, _LINKED, _OPEN_LINKED)) or (
        _STARRED_HEADING.fullmatch(line) is not None
    )


def _counts_up(lines: Iterable[str]) -> bool:
    """Tell whether lines begin with numbers of links, as lynx prints them, and the numbers rise."""
    numbers = [int(found[1]) for line in lines if (found := _NUMBERED.match(line[:200]))]
    return len(numbers) >= 2 and all(before < after for before, after in pairwise(numbers))


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

    def is_open(self) -> bool:
        """Tell whether a link's text or address has begun and goes on; brackets of TeX may never close."""
        text = " ".join(line.strip() for line in self.lines[-8:])[-_LONGEST_LINK:]
        place = text.rfind("[")
        return place >= 0 and (text.find("]", place) < 0 or _opens_address(text[place:]))


def _opens_address(text: str) -> bool:
    place = text.rfind("](")
    return place >= 0 and text.find(")", place) < 0


def blocks(lines: Iterable[str], markdown: Markdown) -> Iterator[Block]:
    """Yield the paragraphs and headings, holding no more than one of them."""
    gap = 0
    for paragraph in _paragraphs(lines, markdown):
        block = _block(paragraph, markdown, gap)
        if block:
            yield block
            gap = 0
        else:
            gap += paragraph.gap + 1


def _block(paragraph: _Paragraph, markdown: Markdown, gap: int) -> Block | None:
    raw = markdown.wrapping.joiner.joined(paragraph.lines)
    if paragraph.level:
        raw = _ATTRIBUTES.sub("", raw)
    text = single_spaced(raw)
    if markdown.numbered:
        text, link = _unnumbered(text, markdown.inline)
    else:
        text, link = markdown.inline.read(text)
    text = single_spaced(text).strip(INVISIBLE + " ")
    return Block(paragraph.number, text, paragraph.gap + gap, paragraph.level, link) if text else None


def _unnumbered(text: str, inline: Inline) -> tuple[str, str]:
    first = _NUMBER_MARK.match(text)
    plain = _NUMBER_MARK.sub(lambda found: "" if found[1] in inline.references else found[0], text)
    return plain, inline.references.get(first[1], "") if first else ""


def _paragraphs(lines: Iterable[str], markdown: Markdown) -> Iterator[_Paragraph]:
    """Yield the paragraphs as raw lines."""
    held: _Paragraph | None = None
    gap = 0
    broken = False
    for number, (raw, _) in enumerate(_definitions(lines), 1):
        line = clean(raw)
        after_break, broken = broken, raw.endswith("  ") and bool(line)  # CommonMark, section 6.7
        if markdown.numbered and _REFERENCES.fullmatch(line[:100]):
            break
        if held and line and (level := _underlined(held, line)):
            held.level = level
            line = ""
        elif not line or _RULE.fullmatch(line[:300]):
            line = ""
        elif held and not after_break and _goes_on(held, line, markdown):
            held.lines.append(line)
            continue
        if held:
            yield held
            held, gap = None, 0
        if not line:
            gap += 1
        else:
            held = _begun(number, gap, line)
    if held:
        yield held


def _begun(number: int, gap: int, line: str) -> _Paragraph:
    """Return the paragraph that a line begins, without the marks of headings and bullets."""
    if starred := _STARRED_HEADING.fullmatch(line[:2100]):
        return _Paragraph(number, gap, 7 - len(starred[1]), [starred[2]])
    level = 0
    bulleted = _BULLET.match(line) is not None
    for mark in (_BULLET, _HEADING, _BULLET):
        if found := mark.match(line):
            level = len(found[1]) if mark is _HEADING else level
            line = " " * found.end() + line[found.end() :]  # columns still count
    return _Paragraph(number, gap, level, [line], bulleted)


def _underlined(paragraph: _Paragraph, line: str) -> int:
    """Return the level of the heading that a line of "===" or "---" makes of the lines before it, else 0."""
    found = _UNDERLINE.fullmatch(line)
    if not found or paragraph.level or len(paragraph.lines) > 3:
        return 0
    return 1 if found[1][0] == "=" else 2


def _goes_on(paragraph: _Paragraph, line: str, markdown: Markdown) -> bool:
    """Tell whether a line belongs to the paragraph before it."""
    last = paragraph.lines[-1]
    full = markdown.wrapping.goes_on(last, line)
    heading = _HEADING.match(line)
    if len(paragraph.lines) >= _MOST_LINES or (heading and (len(heading[1]) > 1 or not full)):
        return False
    if _BULLET.match(line) and (paragraph.bulleted or not full):
        return False
    return full or paragraph.is_open()
