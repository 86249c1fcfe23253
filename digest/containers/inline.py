"""Markdown within a paragraph: links to their text and address, escapes and emphasis undone, TeX left alone.

CommonMark 0.31.2 (https://spec.commonmark.org/0.31.2/), sections 2.4 and 6, as far as converters of pages write it.
Abstracts hold TeX, in which ``_``, ``*``, ``[`` and ``\\(`` mean themselves: a star or underline counts only around all
of a paragraph or link, a bracket only with an address after it, a backslash only where the text shows that it escapes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Escapes = Literal["none", "doubled", "all"]

_SPECIAL = r"\\`*_{}\[\]()#+.!-"  # what html2text and CommonMark's forerunner escape
_RUN = re.compile(rf"(\\+)([{_SPECIAL}])?")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_DOUBLED_RUN = re.compile(r"(?<!\\)\\\\(?:\\\\)*(?=[`*_{}\[\]()#+.!-])")
_SINGLE_RUN = re.compile(r"(?<!\\)\\(?=[`*_{}\[\]()#!])")
_TELLING = re.compile(r"(?<!\\)\\[_*$\[\]'\"<>^~#|@]")
_BARE = re.compile(r"(?<=\w)(?<!\\)[_*$](?=[\w{(])|(?<!\\)\$")
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
_LABEL = re.compile(r"\[([^\[\]]{0,100})\]")
_MOST_BRACKETS = 200  # in one paragraph; more are no links


@dataclass(frozen=True, slots=True)
class Inline:
    """How a text is to be read within its paragraphs."""

    escapes: Escapes = "none"
    references: Mapping[str, str] = field(default_factory=dict)  # label, in small letters → address

    def read(self, text: str) -> tuple[str, str]:
        """Return a paragraph's text, and the address that most of it links to ("": none)."""
        text = _FIRST_ESCAPE.sub(r"\1", without_emphasis(text))
        pieces: list[tuple[str, str]] = list(self._pieces(text)) if "](" in text or "][" in text else [(text, "")]
        plain = "".join(self._plain(piece) for piece, _ in pieces)
        linked: dict[str, int] = {}
        for piece, address in pieces:
            if address:
                linked[address] = linked.get(address, 0) + len(piece)
        best = max(linked, key=lambda address: linked[address], default="")
        whole = best and 2 * linked[best] > len(plain.strip())
        return without_emphasis(plain.strip()), best if whole else ""

    def _pieces(self, text: str) -> Iterable[tuple[str, str]]:
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
        elif reference := _LABEL.match(text, place):
            address = self.references.get((reference[1] or label).lower(), "")
            if address:
                return reference.end(), address
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
    if escapes == "none" or "\\" not in text:
        return text
    return _RUN.sub(_halved, text) if escapes == "doubled" else _ESCAPED.sub(r"\1", text)


def _halved(run: re.Match[str]) -> str:
    """Undo html2text, which doubles a backslash before another one and before what is special.

    A single one before what is special was put there by it (``1\\.`` at the start of a paragraph).
    """
    slashes, special = len(run[1]), run[2] or ""
    if special and slashes == 1:
        return special
    return "\\" * ((slashes + 1) // 2 if special or slashes % 2 else slashes) + special


def escapes_of(lines: Iterable[str], *, structured: bool, likely: bool = False) -> Escapes:
    """Tell how a text escapes, by its first lines.

    ``structured``: that it is Markdown is known; ``likely``: it is wrapped as html2text does it.
    """
    doubled = single = telling = bare = 0
    for line in lines:
        if "\\" in line:
            doubled += len(_DOUBLED_RUN.findall(line))
            single += len(_SINGLE_RUN.findall(line))
            telling += len(_TELLING.findall(line))
        bare += len(_BARE.findall(line))
    if doubled and not single and (structured or likely or doubled > 1):
        return "doubled"
    return "all" if structured and telling and 10 * bare <= telling else "none"
