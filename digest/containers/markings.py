"""Whether a text is Markdown, told by how its lines begin and end: converters of pages leave their marks on many."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from digest.containers.tables import columns
from digest.containers.wrapped import HTML2TEXT, MOST, is_full, is_overlong

HEADING = re.compile(r"\s{0,3}(#{1,6})\s{1,4}(?=\S)")
STARRED_HEADING = re.compile(r"\s{0,8}(\*{1,6}) (\S.{0,2000}\S) \1")  # Debian's html2text; the more stars the higher
UNDERLINE = re.compile(r"\s{0,3}(={3,}|-{3,})")
NUMBERED = re.compile(r"\s{0,12}(?:[*+o-] )?\[(\d{1,5})\](?=[^\s\[\](),.;:])")
INDENT = "    "
"""What a definition stands behind; html2text wraps no line that begins so."""

_LINKED = re.compile(r"\s{0,12}(?:[*+-] {1,4}|\d{1,9}[.)] {1,4}|#{1,6} |\*\*){0,2}!?\[.{0,500}\](?:\(|\[)")
_OPEN_LINKED = re.compile(r"\s{0,12}(?:[*+-] {1,4}|#{1,6} ){0,2}\[[^\]]{20,500}$")
_CLOSING = re.compile(r"\s{0,12}\]\(<?(?:https?://|[/#?.])\S")
_SEAM = re.compile(r"\]\((?:https?://|[/#])[^()\s]{1,300}\)#{0,6} ?\[")  # one link adjoins another
_STRONG_ITEM = re.compile(r"\s{0,12}[*+-] {1,4}\*\*\S")
_HTML2TEXT_BULLET = re.compile(r"(?:  ){1,4}\* (?=\S)")
_LEFT_ALONE = re.compile(r" {4}|\s{0,12}(?:[*+-]|\d{1,9}[.)]) ")
_ENOUGH = 2
_MANY = 4
_FEW_WRAPPED = 2
_RARE = 80  # one line in so many is marked at least
_STRAY = 10  # lines with other blanks at their ends, to one that is a break


@dataclass(frozen=True, slots=True)
class Markings:
    """What a text's first lines show of Markdown: how many are marked, and what only html2text does."""

    marked: int
    breaks: int  # lines that two blanks end (CommonMark 0.31.2, section 6.7)
    indented: int  # lines behind ``INDENT``, longer than any that were wrapped

    @property
    def is_html2text(self) -> bool:
        """Tell whether html2text made the text: it ends lines with two blanks, and leaves indented ones alone."""
        return bool(self.breaks or self.indented)

    def suffice(self, count: int) -> bool:
        """Tell whether they make Markdown of a text of so many lines."""
        marked = self.marked + self.breaks + self.indented
        return marked >= _ENOUGH and marked * _RARE >= count


def markings_of(sample: Sequence[str], lines: Sequence[str]) -> Markings:
    """Return the marks on lines; ``sample`` are the same lines with the blanks at their ends."""
    marked = sum(max(_begins(line[:2000]), _seams(line)) for line in lines if line)
    bulleted = sum(_HTML2TEXT_BULLET.match(line) is not None for line in lines)
    marked += bulleted if bulleted >= _MANY else 0
    marked += sum(bool(line) and UNDERLINE.fullmatch(after[:200]) is not None for line, after in pairwise(lines))
    return Markings(marked, _breaks(sample), _definitions(lines))


def left_alone(line: str) -> bool:
    """Tell whether a line is one that html2text wraps at no column: an item's or definition's, and long."""
    return len(line) > MOST and _LEFT_ALONE.match(line) is not None


def _begins(line: str) -> bool:
    start = line.lstrip(" ")[:1]
    if not start or start not in "#[]*+-!0123456789-|:":
        return False
    marks = (HEADING, _LINKED, _OPEN_LINKED, _CLOSING, _STRONG_ITEM)
    return any(mark.match(line) for mark in marks) or STARRED_HEADING.fullmatch(line) is not None or columns(line) > 0


def _seams(line: str) -> int:
    """Return how many links of a line adjoin the next, up to as many as tell Markdown by themselves."""
    return min(len(_SEAM.findall(line)), _ENOUGH) if ")[" in line or ")#" in line else 0


def _breaks(sample: Sequence[str]) -> int:
    """Return how many lines end in two blanks; 0 where all do, or others end in blanks as well."""
    ended = [len(line) - len(line.rstrip(" ")) if not line.isspace() else 1 for line in sample if line[-1:] == " "]
    breaks = ended.count(2)
    strays = len(ended) - breaks
    lines = sum(map(bool, sample))
    return breaks if _MANY <= breaks < lines and _STRAY * strays <= breaks else 0


def _definitions(lines: Sequence[str]) -> int:
    """Return how many long lines are indented, where others were wrapped and are none of them so long."""
    indented = wrapped = 0
    for line, after in zip_longest(lines, lines[1:], fillvalue=""):
        overlong = is_overlong(line, HTML2TEXT)
        if line.startswith(INDENT):
            indented += overlong and line[4] != " "
        elif overlong and not left_alone(line):
            return 0
        else:
            wrapped += bool(line and after) and after[0] != " " and is_full(line, after, HTML2TEXT)
    return indented if indented >= _MANY and wrapped >= _FEW_WRAPPED else 0


def counts_up(lines: Iterable[str]) -> bool:
    """Tell whether lines begin with numbers of links, as lynx prints them, and the numbers rise."""
    numbers = list(_numbers(lines))
    return len(numbers) >= 2 and all(before < after for before, after in pairwise(numbers))


def _numbers(lines: Iterable[str]) -> Iterator[int]:
    return (int(found[1]) for line in lines if (found := NUMBERED.match(line[:200])))
