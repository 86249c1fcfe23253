"""The values of a JSON text, one by one: a line each, the elements of one array, or values over several lines.

Only one value is held at a time. A value that cannot be read is told as Broken, and reading goes on after it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

_LONGEST = 8_000_000
"""Characters of one value over several lines; more is no listing, and would fill the memory."""

# What changes the depth of a JSON text; strings, which cannot hold a line's end (RFC 8259, section 7), are skipped whole.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]')
_OPENERS = "{["


@dataclass(frozen=True, slots=True)
class Broken:
    """Why a line or value could not be read."""

    why: str


def values(lines: Iterable[str]) -> Iterator[tuple[int, Any]]:
    """Yield the number of the line where each value begins, and the value, or Broken."""
    numbered = ((number, text) for number, line in enumerate(lines, 1) if (text := line.strip("\ufeff \t\r")))
    for number, text in numbered:
        yield number, _value(text)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        return Broken(f"not JSON: {error.msg} (column {error.colno})")
    except RecursionError:
        return Broken("not read: nested too deep")
    except ValueError as error:  # a whole number of more digits than Python converts
        return Broken(f"not read: {error}")
