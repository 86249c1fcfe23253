"""Regular expressions by RE2: linear time whatever people write, in bounded memory, blind to case and accents."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

import re2

from digest.rules import words

# RE2 builds its automaton within this memory (bytes; its default is 8 MiB) and goes on slower where it cannot. What an
# expression may cost is therefore held by its instructions as well: on 1,000 abstracts an everyday one, of 10 to 200,
# takes 5 to 30 ms, the worst that fits 2.5 to 5 s, and the worst without the bound 8 s. A rule's share one bound.
MAX_MEMORY = 1 << 20
MAX_INSTRUCTIONS = 2_500


class PatternError(ValueError):
    """An expression that RE2 does not take, with its reason."""


def _plain(value: str) -> str:
    """Return the text with each accented letter as its base letter; offsets stay the same."""
    if value.isascii():
        return value
    return "".join(map(_base, value))


@lru_cache(maxsize=4096)
def _base(char: str) -> str:
    """Return a letter without its accents; a Korean syllable, which is taken apart into letters, stays whole."""
    parts = unicodedata.normalize("NFD", char)
    return parts[0] if all(unicodedata.category(mark)[0] == "M" for mark in parts[1:]) else char


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.max_mem = MAX_MEMORY
    options.log_errors = False
    options.case_sensitive = False
    return re2.compile(_plain(pattern), options)


def size(pattern: str) -> int:
    """Return the expression's size, in instructions of RE2; raises PatternError where RE2 does not take it."""
    try:
        instructions: int = _compiled(pattern).programsize
    except (re2.error, UnicodeError) as error:
        reason = error.args[0] if error.args else "unknown"
        raise PatternError(reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)) from None
    if instructions > MAX_INSTRUCTIONS:
        raise PatternError("it is too large")
    return instructions


def holds(pattern: str, value: str) -> bool:
    """Tell whether the expression matches somewhere in the readable text of a paper's value."""
    return _compiled(pattern).search(_plain(words.reading(value).text)) is not None


def spans(pattern: str, value: str) -> tuple[tuple[int, int], ...]:
    """Return where the expression matches in the readable text of a paper's value, empty matches left out."""
    found = _compiled(pattern).finditer(_plain(words.reading(value).text))
    return tuple(m.span() for m in found if m.end() > m.start())
