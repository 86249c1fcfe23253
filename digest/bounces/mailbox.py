"""The messages in a file: one alone, or a mailbox of them (mbox, RFC 4155), of any length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

LONGEST: Final = 4 * 2**20
"""Bytes of a message that are kept; what it returns comes last."""

_LINE = 64 * 1024  # bytes that are read at a time, where a line is longer
# Between two messages (appendix A): whose the next one was and when, by a year at the end, and a header field.
_FROM = re.compile(rb"From [^\r\n]{1,500}\b\d{4}\b[^\r\n]{0,20}\r?\n")
_FIELD = re.compile(rb"[!-9;-~]{1,76}:|>From ")


def mails(file: BinaryIO) -> Iterator[bytes]:
    """Yield each message, cut at ``LONGEST``, without the line that mailboxes, and Postfix to a command, put before."""
    line = file.readline(_LINE)
    if line.startswith(b"From "):
        yield from _in_mailbox(file)
    elif data := line + file.read(LONGEST - len(line)):
        yield data


def _in_mailbox(file: BinaryIO) -> Iterator[bytes]:
    """Yield the messages after the first line; a line like it in a text has no header after it."""
    held, blank = bytearray(), False
    line = file.readline(_LINE)
    while line:
        following = file.readline(_LINE)
        if blank and _FROM.fullmatch(line) and _FIELD.match(following):
            yield bytes(held)
            held.clear()
        elif len(held) < LONGEST:
            held += line
        blank, line = line in (b"\n", b"\r\n"), following
    if held:
        yield bytes(held)
