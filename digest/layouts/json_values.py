"""The values of a JSON text, one by one: a line each, the elements of an array, or objects printed over several lines.

Only one value is held at a time. A value that cannot be read is told as Broken, and reading goes on after it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

_LONGEST = 8_000_000
"""Characters of one value over several lines; more is no listing, and would fill the memory."""

_DEEPEST = 200
"""Brackets within brackets; no listing has ten, and a line of nothing else would take seconds."""

# What changes the depth of a JSON text. Strings are skipped whole, an unclosed one to its line's end, since no line
# ends inside a string (RFC 8259, section 7).
_TOKEN = re.compile(r'(?:[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+"?)*+([{}\[\]]|$)')
_INDENTED = 80  # an element that begins further right stands in a line with others
_DECODER = json.JSONDecoder(strict=False)  # a raw tab or form feed inside a string is white space to us
_BETWEEN = " ,\t\r\ufeff"


@dataclass(frozen=True, slots=True)
class Broken:
    """Why a line or value could not be read."""

    why: str


Numbered = tuple[int, Any]


def values(lines: Iterable[str]) -> Iterator[Numbered]:
    """Yield the number of the line where each value begins, and the value, or Broken."""
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip(_BETWEEN))
    first = next(numbered, None)
    if first is None:
        return
    text = first[1].strip(_BETWEEN)
    # "{", '{ "title": "…",' and "[" leave open what the next lines close; a line of JSON Lines is closed, or broken.
    spans = text[0] == "[" or (text[0] == "{" and first[1].rstrip()[-1] in "{[,")
    yield from _spanning(chain((first,), numbered)) if spans else _by_line(chain((first,), numbered))


def _by_line(numbered: Iterable[tuple[int, str]]) -> Iterator[Numbered]:
    for number, line in numbered:
        yield number, _value(line.strip("\ufeff \t\r"))


def _value(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        return Broken(f"not JSON: {error.msg} (column {error.colno})")
    except RecursionError:
        return Broken("nested too deep")
    except ValueError:  # a whole number of more digits than Python converts
        return Broken("a number has too many digits")


@dataclass(slots=True)
class _Span:
    """The value that is being put together from its lines."""

    base: int = 0  # depth between values: 1 inside an array, else 0
    depth: int = 0
    start: int = 0  # the line where the value begins
    opening: str = ""  # that line's beginning, by which the next value is known when this one never closes
    length: int = 0
    parts: list[str] = field(default_factory=list)

    @property
    def inside(self) -> bool:
        return self.depth > self.base

    def begin(self, number: int, opening: str) -> None:
        self.start, self.opening, self.length = number, opening, 0
        self.parts.clear()

    def add(self, text: str) -> None:
        self.length += len(text)
        if self.length <= _LONGEST:
            self.parts.append(text)

    def value(self) -> Any:
        return _value("".join(self.parts)) if self.length <= _LONGEST else Broken(f"longer than {_LONGEST} characters")


def _spanning(numbered: Iterable[tuple[int, str]]) -> Iterator[Numbered]:
    """Yield values by counting brackets."""
    span = _Span()
    number = 0
    for number, line in numbered:
        if span.inside and _begins_anew(span, line):
            yield span.start, Broken("not closed before the next value")
            span.depth = span.base
        yield from _scanned(span, number, line)
        if span.depth > _DEEPEST:
            yield span.start, Broken("nested too deep")
            if number > span.start:  # brackets on lines of their own: there is no telling where the next value is
                return
            span.depth = span.base
    if span.depth:
        yield (span.start, Broken("not closed")) if span.inside else (number, Broken("the array is not closed"))


def _begins_anew(span: _Span, line: str) -> bool:
    """Tell whether a line begins a value as the unclosed one began: one object per line of an array.

    Objects printed over several lines begin with a bare "{", as the objects within them do, and tell nothing.
    """
    return span.opening[-2:] == '{"' and line.startswith(span.opening)


def _scanned(span: _Span, number: int, line: str) -> Iterator[Numbered]:
    """Take one line into the span, and yield each value that it closes and whatever stands between values."""
    place = 0  # where what is not yet taken begins
    for token in _TOKEN.finditer(line):
        char = token[1]
        if not char:
            break
        if not span.inside:
            yield from _between(line[place : token.end() - 1], number)
            place = token.end()
            if char in "}]" or (char == "[" and not span.base):
                span.base = span.depth = int(char == "[")
                continue
            place = token.end() - 1
            span.begin(number, line[: token.end() + 1] if place < _INDENTED else "")
        span.depth += 1 if char in "{[" else -1
        if span.depth > _DEEPEST:
            return
        if not span.inside:
            span.add(line[place : token.end()])
            place = token.end()
            yield span.start, span.value()
    if span.inside:
        span.add(line[place:] + "\n")
    else:
        yield from _between(line[place:], number)


def _between(text: str, number: int) -> Iterator[Numbered]:
    rest = text.strip(_BETWEEN)
    if rest:
        yield number, Broken(f"not JSON: {rest[:40]!r} between values")
