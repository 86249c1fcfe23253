"""Markdown within a paragraph: links to their text and address, escapes and emphasis undone, TeX left alone.

CommonMark 0.31.2 (https://spec.commonmark.org/0.31.2/), sections 2.4 and 6, as far as converters of pages write it.
Abstracts hold TeX, in which ``_``, ``*``, ``[`` and ``\\(`` mean themselves: a star or underline counts only around all
of a paragraph or link, a bracket only with an address after it, a backslash only where the text shows that it escapes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

_SPECIAL = r"\\`*_{}\[\]()#+.!-"  # what html2text and CommonMark's forerunner escape
_RUN = re.compile(rf"(\\+)([{_SPECIAL}])?")
_SLASHES = re.compile(r"(\\+)(.)")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_ADDRESSES = re.compile(r"\]\([^()\s]{0,2000}\)?|<[^<>\s]{0,2000}>|^\s{0,12}[*#+>-]+ |^[=*_ -]+$")
_CANDIDATES = "_*$[](){}#'\"<>^~|@"
_LEAST, _MANY = 3, 10  # escapes, before a text is taken to have any
_FIRST_ESCAPE = re.compile(r"^(\d{1,9})\\(?=[.)] )|^\\(?=[-+*#] )")
_EMPHASIS = re.compile(r"(\*\*\*|\*\*|__|\*|_)(?=\S)(.+)(?<=\S)\1")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^\s<>]{1,2000})>")
_ADDRESS = re.compile(
    r"(?:https?://|mailto:|/|#|\?|\.{1,2}/)\S{0,2000}|[\w.-]{1,60}/\S{1,2000}|[\w-]{1,60}\.html?\S{0,200}"
)
_TARGET = re.compile(
    r"\(\s{0,3}(?:<([^<>]{0,2000})>|((?:[^\s()]|\([^\s()]{0,500}\)){0,2000}))"
    r"""(?:\s{1,3}(?:"[^"]{0,500}"|'[^']{0,500}'))?\s{0,3}\)"""
)
_PICTURE = re.compile(r"!\[[^\[\]]{0,300}\]\([^()\s]{0,2000}\)")
_LABEL = re.compile(r"\[([^\[\]]{0,400})\]")
_LONGEST_LINE = 4000
_MOST_BRACKETS = 200  # in one paragraph; more are no links


@dataclass(frozen=True, slots=True)
class Escapes:
    """What a converter put backslashes before: signs that stand nowhere without one, and backslashes themselves."""

    signs: str = ""
    slashes: Literal["single", "doubled before signs", "doubled"] = "single"


@dataclass(frozen=True, slots=True)
class Inline:
    """How a text is to be read within its paragraphs."""

    escapes: Escapes = field(default_factory=Escapes)
    references: Mapping[str, str] = field(default_factory=dict)  # label, in small letters → address

    def read(self, text: str) -> tuple[str, str]:
        """Return a paragraph's text, and the address that most of it links to ("": none)."""
        text = _FIRST_ESCAPE.sub(r"\1", without_emphasis(text))
        pieces: list[tuple[str, str]] = (
            list(self._pieces(text)) if "](" in text or self._may_refer(text) else [(text, "")]
        )
        plain = "".join(self._plain(piece) for piece, _ in pieces)
        linked: dict[str, int] = {}
        for piece, address in pieces:
            if address:
                linked[address] = linked.get(address, 0) + len(piece)
        best = max(linked, key=lambda address: linked[address], default="")
        whole = best and 2 * linked[best] > len(plain.strip())
        return without_emphasis(plain.strip()), best if whole else ""

    def _may_refer(self, text: str) -> bool:
        return bool(self.references) and "[" in text

    def _pieces(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield the paragraph in pieces, each with the address that it links to."""
        done = 0
        for start, inner_end, end, address in self._links(text):
            yield text[done:start], ""
            if text[start] == "[":
                yield without_emphasis(_PICTURE.sub("", text[start + 1 : inner_end]).strip()), address
            done = end
        yield text[done:], ""

    def _links(self, text: str) -> list[tuple[int, int, int, str]]:
        """Return the outermost links and pictures: where each begins, where its text and itself end, its address."""
        found: list[tuple[int, int, int, str]] = []
        open_brackets: list[int] = []
        place = 0
        for mark in re.finditer(r"\\.|[\[\]]", text):
            if mark.start() < place or mark[0][0] == "\\":
                continue
            if mark[0] == "[":
                if len(open_brackets) < _MOST_BRACKETS:
                    open_brackets.append(mark.start())
            elif open_brackets:
                start = open_brackets.pop()
                target = self._target(text, mark.end(), text[start + 1 : mark.start()])
                if target:
                    start -= text[start - 1 : start] == "!"
                    while found and found[-1][0] >= start:
                        found.pop()
                    place = target[0]
                    found.append((start, mark.start(), *target))
        return found

    def _target(self, text: str, place: int, label: str) -> tuple[int, str] | None:
        """Return where what follows a closing bracket ends, and its address, if it makes the bracket a link."""
        if inline := _TARGET.match(text, place):
            address = (inline[1] if inline[1] is not None else inline[2]).strip()
            if inline[1] is not None or _ADDRESS.fullmatch(address):
                return inline.end(), address.replace("\\", "")
        elif self.references:
            reference = _LABEL.match(text, place)
            address = self.references.get(((reference and reference[1]) or label).lower(), "")
            if address:
                return reference.end() if reference else place, address
        return None

    def _plain(self, text: str) -> str:
        """Return text that holds no link any more, its escapes undone."""
        if "<" in text:
            text = _AUTOLINK.sub(lambda found: found[1].removeprefix("mailto:"), text)
        return unescaped(text, self.escapes)


def without_emphasis(text: str) -> str:
    """Return the text without stars or underlines that stand around all of it."""
    for _ in range(2):
        found = _EMPHASIS.fullmatch(text) if text[:1] in "*_" else None
        if not found or found[1][0] in found[2]:
            break
        text = found[2]
    return text


def unescaped(text: str, escapes: Escapes) -> str:
    """Return the text without what a converter put in for Markdown's sake."""
    if "\\" not in text:
        return text
    if escapes.slashes == "doubled":
        return _ESCAPED.sub(r"\1", text)
    if escapes.slashes == "doubled before signs":
        return _RUN.sub(_halved, text)
    if escapes.signs:
        return re.sub(rf"\\([{re.escape(escapes.signs)}])", r"\1", text)
    return text


def _halved(run: re.Match[str]) -> str:
    """Undo html2text, which doubles a backslash before another one and before what is special.

    A single one before what is special was put there by it (``1\\.`` at the start of a paragraph).
    """
    slashes, special = len(run[1]), run[2] or ""
    if special:
        return "\\" * (slashes // 2) + special
    return "\\" * ((slashes + 1) // 2 if slashes % 2 else slashes)


def escapes_of(lines: Iterable[str], *, structured: bool, likely: bool = False) -> Escapes:
    """Tell how a text escapes, by its first lines.

    ``structured``: that it is Markdown is known; ``likely``: it is wrapped as html2text does it.
    """
    escaped: Counter[str] = Counter()  # signs after one backslash, or three
    bare: Counter[str] = Counter()
    slashes: Counter[tuple[bool, bool]] = Counter()  # whether a run of them is even, whether a letter follows
    for line in lines:
        text = _ADDRESSES.sub(" ", line[:_LONGEST_LINE])
        bare.update(char for char in text if char in _CANDIDATES)
        for run in _SLASHES.finditer(text) if "\\" in text else ():
            odd = len(run[1]) % 2 == 1
            slashes[not odd, run[2].isalpha()] += run[2].isalpha() or run[2] in "_*{}[]()#!`"
            escaped[run[2]] += odd
    signs = "".join(sign for sign in _CANDIDATES if _least(sign, structured=structured) <= escaped[sign] == bare[sign])
    single = sum(count for sign, count in escaped.items() if sign in "_*{}[]()#!`")
    doubled = slashes[True, False]
    if slashes[True, True] >= (1 if structured else _LEAST) and not slashes[False, True]:
        return Escapes(signs, "doubled")
    if doubled and ("(" in signs or (not single and (structured or likely or doubled > 1))):
        return Escapes(signs, "doubled before signs")
    return Escapes(signs)


def _least(sign: str, *, structured: bool) -> int:
    """Return how often a sign must be escaped, and never stand bare, to be one that is; TeX has brackets so."""
    return _LEAST if structured and sign not in "()[]{}" else _MANY
