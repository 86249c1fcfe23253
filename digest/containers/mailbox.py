"""Mailboxes (mbox, RFC 4155): the mails in one, each a dump of its own; one mail with a line before it is none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import BinaryIO

from digest.containers.base import Readable, Source
from digest.containers.mail import SNIFFED, is_mail
from digest.containers.member import MOST_MEMBERS, MOST_UNPACKED, Allowance, Member, Unpacked
from digest.errors import DumpError

# Between two mails (appendix A): a blank line, whose the next one was and when, by a year at the end, and its header.
_BETWEEN = re.compile(rb"\n\r?\nFrom [^\n]{1,500}\b\d{4}\b[^\n]{0,20}\n[!-9;-~]{1,76}:")
_BEGINNING = b"\nFrom "
_CHUNK = 2**20
_OVERLAP = 1024  # bytes; more than the pattern takes
_MOST_LOOKS = 100_000


def places(source: Source, head: bytes) -> Sequence[int]:
    """Return where each mail of a mailbox begins, and where the last one ends; nothing where there are not several.

    Raises DumpError for a mailbox that is too long or has too many mails.
    """
    if not (head.startswith(b"From ") and is_mail(head[:SNIFFED])):
        return ()
    if source.size > MOST_UNPACKED:
        raise DumpError(f"a mailbox longer than {MOST_UNPACKED // 10**6} MB", mend="split it")
    with source.open() as file:
        found = [0, *_beginnings(file)]
    return [*found, source.size] if len(found) > 1 else ()


def entries(file: BinaryIO, found: Sequence[int], allowance: Allowance) -> Iterator[Member]:
    """Yield the mails between ``found`` places; each must be read before the next is asked for."""
    for number, (start, end) in enumerate(pairwise(found), 1):
        file.seek(start)
        yield Member(f"mail {number}.eml", None, Unpacked(_Stretch(file, end - start), allowance))


def _beginnings(file: BinaryIO) -> Iterator[int]:
    """Yield where mails begin after the first: at their line "From "."""
    looks = count = offset = done = 0  # where what is held begins in the file, and how far that was looked at
    held = file.read(_CHUNK)
    while held:
        more = file.read(_CHUNK)
        held += more  # so that what begins in the first part is whole
        end = len(held) - len(more)
        place = held.find(_BEGINNING, done - offset)
        while 0 <= place < end:
            looks += 1
            if _BETWEEN.match(held, max(0, held.rfind(b"\n", 0, place))):
                count += 1
                yield offset + place + 1
            if count >= MOST_MEMBERS or looks > _MOST_LOOKS:
                raise DumpError(f"there are more than {MOST_MEMBERS:,} mails in it", mend="split it")
            place = held.find(_BEGINNING, place + 1)
        done = offset + end
        cut = max(0, end - _OVERLAP) if more else len(held)  # the line before the next place is needed, too
        held, offset = held[cut:], offset + cut


class _Stretch:
    """A stretch of a file, from where it stands."""

    def __init__(self, file: Readable, left: int) -> None:
        self._file, self._left = file, left

    def read(self, count: int, /) -> bytes:
        data = self._file.read(min(count, self._left))
        self._left -= len(data)
        return data
