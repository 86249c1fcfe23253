"""Markdown within a paragraph: links to their text and address, escapes and emphasis undone, TeX left alone.

CommonMark 0.31.2 (https://spec.commonmark.org/0.31.2/), sections 2.4 and 6, as far as converters of pages write it.
Abstracts hold TeX, in which ``_``, ``*``, ``[`` and ``\\(`` mean themselves: a star or underline counts only around all
of a paragraph or link, a bracket only with an address after it, a backslash only where the text shows that it escapes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

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
_BRACKETS = re.compile(r"\\.|[\[\]]")
_GLUED_HEADING = re.compile(r"\s?(#{1,6}) ")
_LABEL = re.compile(r"\[([^\[\]]{0,400})\]")
_LONGEST_LINE = 4000
_MOST_BRACKETS = 200  # in one paragraph; more are no links


_Piece: TypeAlias = tuple[str, str | None]
"""A piece of a paragraph and the address that it links to ("" to none that is known; None: it is no link)."""


class Part(NamedTuple):
    """Text that stands for itself, the address that most of it links to ("": none), its level if it is a heading."""

    text: str
    link: str = ""
    level: int = 0


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

    def parts(self, text: str) -> Iterator[Part]:
        """Yield a paragraph's text in one, or where links adjoin, in the parts that they stand for."""
        text = _FIRST_ESCAPE.sub(r"\1", without_emphasis(text))
        if "](" not in text and not self._may_refer(text):
            yield Part(without_emphasis(self._plain(text).strip()))
            return
        for level, pieces in _grouped(self._pieces(text)):
            yield self._part(level, pieces)

    def _part(self, level: int, pieces: Sequence[_Piece]) -> Part:
        """Return the text that pieces make, with the address that most of it links to."""
        plain = "".join(self._plain(piece) for piece, _ in pieces).strip()
        linked: dict[str, int] = {}
        for piece, address in pieces:
            if address:
                linked[address] = linked.get(address, 0) + len(piece)
        best = max(linked, key=lambda address: linked[address], default="")
        whole = best and 2 * linked[best] > len(plain)
        return Part(without_emphasis(plain), best if whole else "", level)

    def _may_refer(self, text: str) -> bool:
        return bool(self.references) and "[" in text

    def _pieces(self, text: str) -> Iterator[_Piece]:
        """Yield the paragraph in pieces, each with the address that it links to (None: it is no link)."""
        done = 0
        for start, inner_end, end, address in self._links(text):
            if start > done:
                yield text[done:start], None
            if text[start] == "[":
                yield without_emphasis(_PICTURE.sub("", text[start + 1 : inner_end]).strip()), address
            done = end
        if done < len(text):
            yield text[done:], None

    def _links(self, text: str) -> list[tuple[int, int, int, str]]:
        """Return the outermost links and pictures: where each begins, where its text and itself end, its address."""
        found: list[tuple[int, int, int, str]] = []
        open_brackets: list[int] = []
        place = 0
        for mark in _BRACKETS.finditer(text):
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
        if text[place : place + 1] == "(":
            return _inline_target(text, place)
        if self.references:
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


def opening(text: str) -> int | None:
    """Return where a bracket stands that no other closes, at a paragraph's start or right after a link, if one does."""
    if text[:1] != "[" and ")[" not in text:
        return None
    places: list[int] = []
    for place, opens, _ in _brackets(text):
        if not opens:
            del places[-1:]
        elif len(places) < _MOST_BRACKETS:
            places.append(place)
    return next((place for place in places if not place or text[place - 1] == ")"), None)


def closing(text: str) -> tuple[int, int, str] | None:
    """Return where a bracket stands that closes one of an earlier paragraph, where its address ends, and that."""
    depth = 0
    for place, opens, target in _brackets(text) if "](" in text else ():
        if target and not depth:
            return place, *target
        depth = max(0, depth + (1 if opens else -1))
    return None


def _brackets(text: str) -> Iterator[tuple[int, bool, tuple[int, str] | None]]:
    """Yield where brackets stand, whether they open, and where the address after a closing one ends, and that."""
    done = 0
    for mark in _BRACKETS.finditer(text):
        if mark.start() < done or mark[0][0] == "\\":
            continue
        target = _inline_target(text, mark.end()) if mark[0] == "]" else None
        done = target[0] if target else done
        yield mark.start(), mark[0] == "[", target


def _inline_target(text: str, place: int) -> tuple[int, str] | None:
    """Return where the address in round brackets at a place ends, and that, if there is one."""
    found = _TARGET.match(text, place)
    if not found:
        return None
    address = (found[1] if found[1] is not None else found[2]).strip()
    return (found.end(), address.replace("\\", "")) if found[1] is not None or _ADDRESS.fullmatch(address) else None


def _grouped(pieces: Iterable[_Piece]) -> Iterator[tuple[int, list[_Piece]]]:
    """Yield the pieces in groups, each with the level of its heading, parted where one link adjoins another.

    So navigation and cards come out of a page without white space; what follows two such links is their group no more.
    In running text, and with numbers for their text, adjoining links are citations.
    """
    level, group = 0, list[_Piece]()
    named = running = adjoined = False  # the last piece is a link with words; words stand outside links; two adjoin
    for piece, address in pieces:
        words = any(map(str.isalpha, piece))
        glued = _GLUED_HEADING.fullmatch(piece) if address is None and group and group[-1][1] is not None else None
        adjoins = address is not None and words and named and not running
        if glued or adjoins or (adjoined and address is None and piece[0].isalnum()):
            yield level, group
            level, group, running = len(glued[1]) if glued else 0, [], False
        if not glued:
            group.append((piece, address))
        named, adjoined = address is not None and words, adjoins
        running = running or (address is None and words)
    yield level, group


def without_emphasis(text: str) -> str:
    """Return the text without stars or underlines that stand around all of it."""
    for _ in range(2):
        found = _EMPHASIS.fullmatch(text) if text[:1] in "*_" else None
        if not found or found[1] in found[2]:
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
