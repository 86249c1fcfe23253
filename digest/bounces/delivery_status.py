"""Delivery status notifications (RFC 3464, RFC 6533): a block of fields for each recipient."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from digest.bounces.fields import Fields, first
from digest.bounces.meaning import meaning_of, telling
from digest.bounces.report import Action, Recipient
from digest.text import shortened

MOST: Final = 1000
"""Recipients of one report that are read; a message of ours has one."""

_DIAGNOSTIC = 300  # characters
_HEX = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")  # RFC 6533, section 3: how an address is written in ASCII
_ACTIONS: Final[tuple[tuple[str, Action], ...]] = (
    ("fail", "failed"),
    ("error", "failed"),  # as OpenSMTPD writes
    ("delay", "delayed"),
    ("deliver", "delivered"),
    ("relay", "delivered"),
    ("expand", "delivered"),
)
_BY_CLASS: Final[dict[str, Action]] = {"5": "failed", "4": "delayed", "2": "delivered"}


def recipients(blocks: Sequence[Fields]) -> list[Recipient]:
    """Return what became of each recipient, at most ``MOST``; a block that does not tell is of no recipient."""
    return [found for block in blocks for found in _recipient(block)][:MOST]


def _recipient(block: Fields) -> Iterator[Recipient]:
    address, original = (_address(first(block, name)) for name in ("final-recipient", "original-recipient"))
    diagnostic = first(block, "diagnostic-code").partition(";")
    text = (diagnostic[2] or diagnostic[0]).strip()
    status = telling(first(block, "status"), text)
    action = _action(first(block, "action"), status)
    if action and (address or original):
        meaning = "none" if action == "delivered" else "soft" if action == "delayed" else meaning_of(status, text)
        yield Recipient(address, original, action, status, meaning, shortened(text, _DIAGNOSTIC))


def _action(told: str, status: str) -> Action | None:
    """Return the action, whatever comment follows it; where none is told, the one that the status means."""
    named = next((action for word, action in _ACTIONS if told.lower().startswith(word)), None)
    return named or _BY_CLASS.get(status[:1])


def _address(value: str) -> str:
    """Return the address of ``rfc822; ada@example.org``, which some servers write without its type or in brackets."""
    kind, semicolon, told = value.partition(";")
    address = (told if semicolon else kind).strip().strip("<>").strip()
    return _HEX.sub(_character, address) if kind.strip().lower() == "utf-8" else address


def _character(found: re.Match[str]) -> str:
    number = int(found[1], 16)
    return chr(number) if 0x20 <= number < 0xD800 or 0xE000 <= number < 0x110000 else "\ufffd"
