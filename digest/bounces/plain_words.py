"""Bounces without a report: flufl.bounce finds the addresses, the words beside them say what is meant.

flufl.bounce calls whatever failed permanent; only codes and words are believed here. It sees a flat copy of the message
whose texts are cut in lines and length, so that neither deep parts nor its patterns take long.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from email.message import Message
from typing import Final

from flufl.bounce import all_failures

from digest.bounces.fields import Fields
from digest.bounces.machines import is_by_daemon, is_from_server, is_named_answer
from digest.bounces.meaning import meaning_of, reply_in, status_in
from digest.bounces.report import Action, Recipient
from digest.mime import Entity
from digest.text import printable, shortened, single_spaced

MOST: Final = 1000
"""Recipients of one message that are read."""

logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)  # it logs each detector, and what breaks in one

_MOST_LINES = 150
_MOST_LINE = 200  # characters; its patterns take quadratic time for some lines
_DIAGNOSTIC = 300
_AROUND = 9  # lines after an address that may tell why
_RETURNED = re.compile(
    r"^[-_=* >]{0,20}(below this line is a copy|this is a copy of|original message|included is a copy|a copy of the"
    r"|the body of the message|returned (message|mail)|message header|---- start of returned|begin message)",
    re.IGNORECASE,
)
_HEADERS = ("From", "Subject", "X-Failed-Recipients", "X-Mailer", "Return-Path", "Content-Type", "Auto-Submitted")


def recipients(whole: Entity, head: Fields, texts: list[str]) -> list[Recipient]:
    """Return what became of whom, or nothing where no mail server says so."""
    if not texts or not is_from_server(head):
        return []
    lines = _lines(texts[0])
    delayed, failed = _failures(_flat(whole, texts))
    found = [_recipient(address, "delayed", lines) for address in sorted(delayed)]
    found += [_recipient(address, "failed", lines) for address in sorted(failed - delayed)]
    may_tell = is_by_daemon(head) and not is_named_answer(head)
    return found[:MOST] or (_of_nobody(lines) if may_tell else [])


def _failures(flat: Message) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Return the addresses that flufl.bounce finds: delayed, failed. Where one of its detectors breaks, none."""
    try:
        delayed, failed = all_failures(flat)
    except Exception:  # IndexError for a message without From, and what else there may be: nothing of ours runs in it
        return frozenset(), frozenset()
    return _addresses(delayed), _addresses(failed)


def _addresses(found: Iterable[bytes]) -> frozenset[bytes]:
    """Return what may be an address: some patterns find empty brackets and halves of lines."""
    return frozenset(address for address in found if re.fullmatch(rb"[!-~]{1,128}@[!-~]{1,255}", address))


def _lines(text: str) -> list[str]:
    """Return the lines that a server wrote itself, before what it returns."""
    own: list[str] = []
    for line in printable(text).splitlines()[:_MOST_LINES]:
        if own and _RETURNED.match(line):
            break
        own.append(line[:_MOST_LINE])
    return own


def _flat(whole: Entity, texts: list[str]) -> Message:
    """Return the message as one of at most two levels, in the form that flufl.bounce looks at."""
    flat = Message()
    for name in _HEADERS:
        for value in whole.head.get_all(name, [])[:5]:
            flat[name] = single_spaced(printable(str(value)[:2000]))
    cut = ["\n".join(line[:_MOST_LINE] for line in text.splitlines()[:_MOST_LINES]) for text in texts]
    if not whole.kind.startswith("multipart/"):
        flat.set_payload(cut[0])
        return flat
    for text in cut:
        part = Message()
        part["Content-Type"] = "text/plain"
        part["Content-Description"] = "notification"  # which Postfix says of its own
        part.set_payload(text)
        flat.attach(part)
    return flat


def _recipient(address: bytes, action: Action, lines: list[str]) -> Recipient:
    told = single_spaced(printable(address.decode("ascii", "replace")))[:320]
    text = _beside(told, lines)
    meaning = "soft" if action == "delayed" else meaning_of("", text)
    return Recipient(told, "", action, status_in(text), meaning, shortened(text, _DIAGNOSTIC))


def _beside(address: str, lines: list[str]) -> str:
    """Return the words after an address, up to an empty line after something that tells; else all that tells."""
    for number, line in enumerate(lines):
        if address.casefold() in line.casefold():
            after = [line.casefold().partition(address.casefold())[2], *lines[number + 1 : number + _AROUND]]
            if text := _telling(after):
                return text
    return _telling(lines)


def _telling(lines: list[str]) -> str:
    """Return lines as one text where they hold a code or words that mean something, "" where they don't."""
    text = single_spaced(" ".join(lines))[:1000].strip(" <>:")
    return text if status_in(text) or reply_in(text) or meaning_of("", text) != "soft" else ""


def _of_nobody(lines: list[str]) -> list[Recipient]:
    """Return a failure of an address that is not told, where a server gives a code for one."""
    text = _telling(lines)
    code = status_in(text) or reply_in(text)
    if not code or code.startswith("2"):
        return []
    action: Action = "delayed" if code.startswith("4") else "failed"
    return [Recipient("", "", action, status_in(text), meaning_of("", text), shortened(text, _DIAGNOSTIC))]
