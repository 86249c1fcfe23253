"""The values of BibTeX's fields to text: macros and concatenation, braces, TeX's accents, names.

Mathematics stays as it is, like all TeX that listings hold; what only BibTeX needs, braces that keep capitals and
accents in ASCII, goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bibtexparser.middlewares.names import parse_single_name_into_parts, split_multiple_persons_names

from digest.tex import to_unicode
from digest.text import single_spaced

_MOST_MACRO = 10_000
_MOST_VALUE = 1_000_000
_LONGEST_NAME = 400
# As ``digest.tex`` tells it: a lone command may stand before a digit.
_MATHEMATICS = re.compile(r"\$(?=\S)(?:[^$\\]|\\.){1,500}(?<=\S)\$(?!\d)|\$\\[A-Za-z]{1,30}\$", re.DOTALL)
_HERE = "\ue000"  # stands for a formula while the text around it is converted; of private use (Unicode, section 23.5)
_TIE = re.compile(r"(?<!\\)~")
_MARK = re.compile(r"\\.|[{}\"#]", re.DOTALL)
_BRACES = re.compile(r"(?<!\\)[{}]")
_ESCAPED = re.compile(r"\\([%_#&~${}])")
_MORE = frozenset(("others", "et al", "et al."))


class TooLong(Exception):  # noqa: N818 - it never leaves the layout: it tells one entry's fault
    """Macros make more of a value than any text is long."""


class Macros:
    """The abbreviations that ``@string`` defined so far; a name that none defined stands for itself (``jan``)."""

    def __init__(self) -> None:
        """Begin with none: the names of months are read as they are."""
        self._values: dict[str, str] = {}

    def define(self, written: Mapping[str, str]) -> None:
        """Take a macro, whose value may hold earlier ones."""
        for name, value in written.items():
            found = self.resolved(value)
            if len(found) > _MOST_MACRO:
                raise TooLong(f"a macro longer than {_MOST_MACRO} characters")
            self._values[name] = found

    def resolved(self, written: str) -> str:
        """Return a value without what encloses it, its parts (``jan # "~12"``) put together."""
        parts: list[str] = []
        length = 0
        for part in _parts(written) if "#" in written else (written,):
            enclosed = part[:1] in ('"', "{") and len(part) > 1
            parts.append(part[1:-1] if enclosed else self._values.get(part.lower(), part))
            length += len(parts[-1])
            if length > _MOST_VALUE:
                raise TooLong(f"a value longer than {_MOST_VALUE} characters")
        return "".join(parts)


def _parts(written: str) -> Iterator[str]:
    """Yield what stands between the signs ``#`` outside of braces and quotation marks."""
    depth = start = 0
    quoted = False
    for mark in _MARK.finditer(written):
        sign = mark[0]
        if sign in "{}":
            depth = max(0, depth + (1 if sign == "{" else -1))
        elif sign == '"' and not depth:
            quoted = not quoted
        elif sign == "#" and not depth and not quoted:
            yield written[start : mark.start()].strip()
            start = mark.end()
    yield written[start:].strip()


def shown(value: str) -> str:
    """Return a text as people read it: accents in Unicode, no braces, mathematics in TeX, single spaces."""
    if "\\" not in value and "{" not in value and "}" not in value and "~" not in value:
        return single_spaced(value)
    if "$" not in value:
        return single_spaced(_words(value))
    text = value.replace(_HERE, "")
    first, *others = _words(_MATHEMATICS.sub(_HERE, text)).split(_HERE)
    formulas = (found[0] for found in _MATHEMATICS.finditer(text))
    return single_spaced(first + "".join(formula + after for formula, after in zip(formulas, others, strict=False)))


def _words(text: str) -> str:
    done = _TIE.sub(" ", text) if "~" in text else text
    return _BRACES.sub("", to_unicode(done) if "\\" in done else done)


def plain(value: str) -> str:
    """Return an identifier, date or address: TeX's escapes undone, no braces around it."""
    text = _ESCAPED.sub(r"\1", value.strip()) if "\\" in value else value.strip()
    return text[1:-1].strip() if text[:1] == "{" and text[-1:] == "}" else text


def names(written: str) -> tuple[tuple[str, ...], bool]:
    """Return the names in ``Lovelace, Ada and Alan Turing and others``, given name first, and if there are others."""
    found = [name for name in split_multiple_persons_names(single_spaced(written)) if name] if written.strip() else []
    told = [name for name in found if name.lower().strip("{} ") not in _MORE]
    return tuple(filter(None, map(_name, told))), len(told) < len(found)


def _name(written: str) -> str:
    if len(written) > _LONGEST_NAME or "," not in written:
        return shown(written)
    parts = parse_single_name_into_parts(written, strict=False)
    return shown(" ".join((*parts.first, *parts.von, *parts.last, *parts.jr)))
