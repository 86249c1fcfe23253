"""Complaints: somebody pressed "spam", and their provider says so (ARF, RFC 5965; Outlook in a form of its own)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from digest.bounces.fields import Fields, first
from digest.bounces.report import Recipient, Report

# What a reader says. "not-spam" is praise; "virus", "other" and "auth-failure" (RFC 6591) are said by machines.
_BY_READERS: Final = frozenset({"abuse", "fraud", "opt-out", "opt-out-list"})
_ADDRESS = re.compile(r"[^\s<>,;:\"()@]{1,128}@[^\s<>,;:\"()@]{1,255}")


def report(feedback: Fields, returned: Sequence[Fields]) -> Report:
    """Return what a feedback report says; providers hide the reader's address, or tell it in one of these fields."""
    told = first(feedback, "feedback-type").lower()
    address = _in(first(feedback, "original-rcpt-to", "removal-recipient", "x-original-rcpt-to"))
    note = f"{told or 'no type'}, told by {first(feedback, 'user-agent', 'source-ip', 'reporting-mta') or 'nobody'}"
    if told not in _BY_READERS:
        return Report("other", note=f"feedback: {note}")
    return _complaint(address or _hidden(returned), note)


def forwarded(head: Fields, returned: Sequence[Fields]) -> Report | None:
    """Return the complaint that Outlook.com's junk mail programme forwards, which names the reader in the message."""
    address = _hidden(returned)
    if address and _in(first(head, "from")).lower() == "staff@hotmail.com":
        return _complaint(address, "abuse, told by Outlook.com")
    return None


def _hidden(returned: Sequence[Fields]) -> str:
    names = ("x-hmxmroriginalrecipient", "x-original-rcpt-to")
    return next(filter(None, (_in(first(fields, *names)) for fields in returned)), "")


def _in(value: str) -> str:
    found = _ADDRESS.search(value)
    return found[0] if found else ""


def _complaint(address: str, note: str) -> Report:
    one = Recipient(address, "", "delivered", "", "none", note)
    return Report("complaint", (one,) if address else (), note=f"{address}: {note}" if address else note)
