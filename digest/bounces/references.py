"""What in a message that came back may name the delivery it is about: addresses it came to, and Message-IDs."""

from __future__ import annotations

import re
from collections.abc import Iterable

from digest.bounces.fields import Fields
from digest.mime import Entity
from digest.text import printable, single_spaced

_MOST = 50
_MOST_VALUE = 2000  # characters of a header
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]@]{1,128}@[^\s<>,;:\"()\[\]@]{1,255}")
_ID = re.compile(r"<[^<>\s@]{1,250}@[^<>\s@]{1,250}>")
_ID_LINE = re.compile(r"^[> \t]{0,8}message-id:[ \t\r\n]{0,8}(<[^<>\s]{1,500}>)", re.IGNORECASE | re.MULTILINE)
_BEGINNING = re.compile(rb"[\r\n]{0,100}(?:>?From [^\n]{0,1000}\n)?")
# Whom a message came to, the surest first: what the last server noted, then what the sender wrote.
_TO = (
    "x-original-to",
    "delivered-to",
    "envelope-to",
    "x-envelope-to",
    "x-rcpt-to",
    "to",
    "original-mail-from",  # of a complaint
    "x-original-mail-from",
    "return-path",  # of what was returned; of a bounce itself it is empty
)


def beginning(data: bytes) -> int:
    """Return where a message's head begins: after blank lines, and the line that mailboxes put before."""
    found = _BEGINNING.match(data)
    return found.end() if found else 0


def head_of(whole: Entity) -> Fields:
    """Return a message's own head."""
    found: dict[str, list[str]] = {}
    for name, value in whole.head.items():
        found.setdefault(name.lower(), []).append(single_spaced(printable(str(value)[:_MOST_VALUE])))
    return {name: tuple(values) for name, values in found.items()}


def addresses(heads: Iterable[Fields]) -> tuple[str, ...]:
    """Return the addresses that a message came to or that what it returns came from, once each."""
    found: dict[str, None] = {}
    for head in heads:
        for name in _TO:
            for value in head.get(name, ()):
                found |= dict.fromkeys(_ADDRESS.findall(value))
    return tuple(found)[:_MOST]


def message_ids(returned: Iterable[Fields], texts: Iterable[str], head: Fields) -> tuple[str, ...]:
    """Return Message-IDs: of what is returned, of what a text quotes, of what is answered (the nearest first)."""
    found: dict[str, None] = {}
    for fields in returned:
        found |= dict.fromkeys(_in(fields, "message-id"))
    for text in texts:
        found |= dict.fromkeys(match[1] for match in _ID_LINE.finditer(text))
    found |= dict.fromkeys(_in(head, "in-reply-to"))
    found |= dict.fromkeys(reversed(_in(head, "references")))
    return tuple(found)[:_MOST]


def _in(fields: Fields, name: str) -> list[str]:
    return [found for value in fields.get(name, ()) for found in _ID.findall(value)]
