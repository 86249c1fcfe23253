"""JSON values to the fields of a listing: whatever spelling a source has, or a WrongField that says what is wrong."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Any, cast, get_args

from digest.layouts.dates import read_date
from digest.layouts.links import is_web_address
from digest.layouts.people import split_names, without_et_al
from digest.models import Announced


class WrongField(Exception):  # noqa: N818 - it never leaves the package; it tells one field's fault to its line
    """A field has a value of the wrong type, so its line is no listing."""


# Lone surrogates are legal in JSON's escapes (RFC 8259, section 8.2) and cannot be written in any encoding.
_SURROGATE = re.compile("[\ud800-\udfff]")
_ANNOUNCED = {
    "cross-list": "cross",
    "cross-listed": "cross",
    "replace": "replaced",
    "replacement": "replaced",
    "replace-cross": "replaced",
}


def text(name: str, value: object) -> str | None:
    """Return a string in single spaces, None where it is absent or blank."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise WrongField(f"{name} is {kind(value)}, not text")
    clean = " ".join(value.split())
    return (clean if clean.isascii() else _SURROGATE.sub("\ufffd", clean)) or None


def kind(value: object) -> str:
    """Return what JSON calls a value, for messages."""
    kinds: dict[type, str] = {
        dict: "an object",
        list: "a list",
        str: "text",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return kinds.get(type(value), "null")


def texts(name: str, value: object) -> tuple[str, ...]:
    """Return a list of strings; null and blank ones are left out, and null is no list at all."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise WrongField(f"{name} is {kind(value)}, not a list of texts")
    return tuple(clean for item in value if (clean := text(name, item)))


def authors(value: object) -> tuple[tuple[str, ...], bool]:
    """Return the names in a list (texts, or objects with ``name``) or a text, and whether "et al." ended them."""
    if isinstance(value, list):
        names = [text("authors", item.get("name") if isinstance(item, dict) else item) for item in value]
        found = [name for name in names if name]
    else:
        found = _names_in_text(text("authors", value) or "")
    if not found:
        return (), False
    last, more = without_et_al(found[-1])
    found[-1:] = [last] if last and last.lower() not in ("et al.", "et al") else []
    return tuple(found), more or last.lower() in ("et al.", "et al")


def _names_in_text(line: str) -> list[str]:
    """Return the names in "A; B", "A, B and C" or "Family, Given and Family, Given" as they are printed."""
    if ";" in line:
        return [name for name in (piece.strip() for piece in line.split(";")) if name]
    joined = line.split(" and ")
    # BibTeX writes one comma in each name; so does a single "Lovelace, Ada", whose family name is one word.
    if all(piece.count(",") == 1 for piece in joined) and (len(joined) > 1 or " " not in line.split(",")[0]):
        return [piece.strip() for piece in joined]
    return split_names(line)


def categories(value: object) -> tuple[str, ...]:
    """Return category codes from a list, or from a text that parts them by white space, commas or semicolons."""
    if isinstance(value, str):
        return (
            tuple(re.split(r"[\s,;]+", (text("categories", value) or "").strip(" ,;")))
            if value.strip(" ,;\n\t")
            else ()
        )
    return texts("categories", value)


def number(name: str, value: object) -> float | None:
    """Return a finite number; None where it is absent or not finite (JSON has no such number, Python reads them)."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
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
    """Return how a paper was announced (arXiv's feeds say "cross-list", "replace"), else None."""
    word = (text("announced", value) or "").lower()
    word = _ANNOUNCED.get(word, word)
    return cast(Announced, word) if word in get_args(Announced) else None


def address(name: str, value: object) -> str | None:
    """Return an http or https URL, else None."""
    written = text(name, value)
    return written if written and is_web_address(written) else None


def an_object(name: str, value: object) -> dict[str, Any]:
    """Return a JSON object; null is an empty one."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise WrongField(f"{name} is {kind(value)}, not an object")
    return value
