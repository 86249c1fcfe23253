"""JSON values to the fields of a listing, whatever spelling a source has; WrongField says what is no such field."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Any, cast, get_args

from digest.layouts.dates import read_date
from digest.layouts.links import is_web_address
from digest.layouts.people import split_names, without_et_al
from digest.models import Announced
from digest.text import is_single_spaced, single_spaced


class WrongField(Exception):  # noqa: N818 - it never leaves the package: it tells one field's fault to its line
    """A field has a value of the wrong type, so its line is no listing."""


_KINDS: dict[type, str] = {
    dict: "an object",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
}
# Lone surrogates are legal in JSON's escapes (RFC 8259, section 8.2) and cannot be written in any encoding.
_SURROGATE = re.compile("[\ud800-\udfff]")
# The announcement types of arXiv's feeds: https://info.arxiv.org/help/rss_specifications.html
_ANNOUNCED = {
    "cross-list": "cross",
    "replace": "replaced",
    "replacement": "replaced",
    "replace-cross": "replaced",
}


def kind(value: object) -> str:
    """Return what JSON calls a value, for messages."""
    return _KINDS.get(type(value), "null")


def encodable(text: str) -> str:
    """Return the text with lone surrogates as U+FFFD."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def text(name: str, value: object) -> str | None:
    """Return a text in single spaces, None where it is absent or blank."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise WrongField(f"{name} is {kind(value)}, not text")
    return encodable(single_spaced(value)) or None


def texts(name: str, value: object) -> tuple[str, ...]:
    """Return a list of texts without blank ones; none where it is absent."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise WrongField(f"{name} is {kind(value)}, not a list of texts")
    if all(type(item) is str and item for item in value) and is_single_spaced(" ".join(value)):
        return tuple(value)
    return tuple([clean for item in value if (clean := text(name, item))])


def authors(value: object, *, told: bool = False) -> tuple[tuple[str, ...], bool]:
    """Return the names in a list (texts, or objects with ``name``) or a text, and whether "et al." ended them.

    Where the line tells whether these are all (``told``), a list's names stay as they are.
    """
    if isinstance(value, list):
        if dict in map(type, value):
            value = [item.get("name") if isinstance(item, dict) else item for item in value]
        names = texts("authors", value)
        if told:
            return names, False
    else:
        names = tuple(_names_in_text(text("authors", value) or ""))
    if not names:
        return (), False
    last, more = without_et_al(" " + names[-1])
    if not more:
        return names, False
    return (*names[:-1], last.strip()) if last.strip() else names[:-1], True


def _names_in_text(line: str) -> list[str]:
    """Return the names in "A; B", "A, B and C" or "Family, Given and Family, Given", each as it is printed."""
    if ";" in line:
        return [name for name in map(str.strip, line.split(";")) if name]
    joined = line.split(" and ")
    # BibTeX has one comma in each name; so has a single "Lovelace, Ada", whose family name is one word.
    if all(piece.count(",") == 1 for piece in joined) and (len(joined) > 1 or " " not in line.split(",")[0]):
        return [piece.strip() for piece in joined]
    return split_names(line) if line else []


def categories(value: object) -> tuple[str, ...]:
    """Return category codes from a list, or from a text that parts them by white space, commas or semicolons."""
    if isinstance(value, str):
        return tuple(filter(None, re.split(r"[\s,;]+", encodable(value))))
    return texts("categories", value)


def number(name: str, value: object) -> float | None:
    """Return a finite number, else None (JSON has no other; Python reads ``NaN`` and ``1e999`` all the same)."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongField(f"{name} is {kind(value)}, not a number")
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def flag(name: str, value: object) -> bool | None:
    """Return true, false, or None where it is absent."""
    if value is None or isinstance(value, bool):
        return value
    raise WrongField(f"{name} is {kind(value)}, not true or false")


def day(name: str, value: object, on: date) -> date | None:
    """Return the date in a text (ISO 8601 with or without a time, or as pages print dates), else None."""
    written = text(name, value)
    return read_date(written, on) if written else None


def announced(value: object) -> Announced | None:
    """Return how a paper was announced, else None."""
    word = text("announced", value)
    if word is None:
        return None
    found = _ANNOUNCED.get(word.lower(), word.lower())
    return cast(Announced, found) if found in get_args(Announced) else None


def an_id(name: str, value: object) -> str:
    """Return an id as text; a database's own may be a number."""
    return str(value) if type(value) is int else text(name, value) or ""


def address(value: object) -> str | None:
    """Return an http or https URL, else None."""
    return value if isinstance(value, str) and is_web_address(value) else None


def an_object(name: str, value: object) -> dict[str, Any]:
    """Return a JSON object; null is an empty one."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise WrongField(f"{name} is {kind(value)}, not an object")
    return value
