"""JSON that a page carries beside its text: the objects with a title, out of scripts and attributes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

MOST_JSON = 8 * 2**20
"""Characters of JSON that are read of one page."""

_MOST_OBJECTS = 5000
_MOST_DEPTH = 40


def objects(texts: Iterable[str]) -> tuple[Mapping[str, Any], ...]:
    """Return the objects in JSON texts that hold a title, or a ``paper`` that does, at any depth, in order.

    What is no JSON holds none. An object with a title and its ``paper`` are one.
    """
    found: list[Mapping[str, Any]] = []
    left = MOST_JSON
    for text in texts:
        left -= len(text)
        if left < 0:
            break
        for entry in _titled(_value(text)):
            found.append(entry)
            if len(found) == _MOST_OBJECTS:
                return tuple(found)
    return tuple(found)


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _titled(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield the objects with a title in a value, outer ones first."""
    waiting: list[tuple[object, int]] = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        inner: Iterable[object] = ()
        if isinstance(item, dict):
            inner = item.values()
            if _has_title(item) or _has_title(item.get("paper")):
                yield item
                inner = [other for name, other in item.items() if name != "paper"]
        elif isinstance(item, list):
            inner = item
        if depth < _MOST_DEPTH:
            deeper = [(other, depth + 1) for other in inner if isinstance(other, dict | list)]
            waiting += reversed(deeper)


def _has_title(value: object) -> bool:
    return isinstance(value, dict) and isinstance(title := value.get("title"), str) and bool(title.strip())
