"""Takes a file apart into the dumps in it: the members of an archive, what is attached to a mail, else the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path, PurePosixPath

from digest import containers, layouts
from digest.archive.blob import Blob, blob_of, spooled
from digest.archive.inbox import date_in, day_at
from digest.containers import mail, packed
from digest.errors import DumpError
from digest.text import printable, single_spaced

_MOST_NOTE = 4000  # characters of what people write above what they attach; a listing page has more
_MOST_DEPTH = 3  # of mails in mails whose further dumps are read; each is opened anew


@dataclass(frozen=True, slots=True)
class Part:
    """One dump of a file, itself or a member of it; ``dated`` tells whether its name or a folder says the date."""

    blob: Blob
    date: date
    dated: bool


def parts(blob: Blob, on: date, zone: str, *, dated: bool, folder: Path | None = None) -> Iterator[Part]:
    """Yield the dumps in a file: those that it packs or that are attached to it, else itself.

    A member is for the date in its own name or folders, else for the file's if that is ``dated``, else of its own age;
    what is attached to a mail is as old as the mail. Raises DumpError for a file that cannot be unpacked, or is made to
    fill the disk, StateError where there is no room for it in ``folder``.
    """
    own = Part(blob, on, dated)
    members = packed.members(blob, blob.name)
    if members is None:
        yield from _Apart(zone, folder, unpacks=True).parts(own)
        return
    for part in _members(members, own, zone, folder):
        yield from _Apart(zone, folder, unpacks=False).parts(part)


def _members(members: Iterator[packed.Member], own: Part, zone: str, folder: Path | None) -> Iterator[Part]:
    for member in members:
        names = PurePosixPath(member.name).parts
        told = date_in(names)
        aged = _day(member.modified, zone) if member.modified and not own.dated else own.date
        inner = spooled(member.stream, single_spaced(printable(names[-1])), folder)
        yield Part(inner, told or aged, own.dated or told is not None)


def _day(moment: datetime, zone: str) -> date:
    """Return a moment's date in a zone; one that tells no zone is taken as it stands."""
    return day_at(moment.timestamp(), zone) if moment.tzinfo else moment.date()


class _Apart:
    """Takes apart a file that is no archive; of a mail in an archive, archives in it are not unpacked."""

    def __init__(self, zone: str, folder: Path | None, *, unpacks: bool) -> None:
        self._zone, self._folder, self._unpacks = zone, folder, unpacks
        self._left = packed.MOST_UNPACKED

    def parts(self, own: Part) -> Iterator[Part]:
        """Yield the dumps in a mail, else the file itself.

        A mail is kept as the first dump in it, with all that it holds. One that is nothing but a note beside archives
        is no dump.
        """
        found = whole = False
        for part in self._dumps(own, 1):
            found, whole = True, whole or part.blob is own.blob
            yield part
        if not found or (not whole and _is_more_than_a_note(own.blob)):
            yield own

    def _dumps(self, own: Part, depth: int) -> Iterator[Part]:
        """Yield the dumps that layouts recognise, or that are packed, in a file; itself if it is one."""
        inside = _attached(own.blob) if depth <= _MOST_DEPTH else []
        if depth == 1 and not inside:
            yield own  # recognised or not, when it is read
            return
        first = _read_as(own.blob)
        read = next((self._within(found, own, depth) for found in inside if found.label == first), iter(()))
        if first is not None:
            # The file is read as the first dump that is recognised in it, which has a name of its own perhaps.
            inner = next(read, own)
            yield Part(own.blob, inner.date, inner.dated)
            yield from read
        for found in inside:
            # Where nothing is recognised, archives alone are left to look into, and mails with archives.
            if found.label != first and (first or not found.label or found.label.startswith("attached mail")):
                yield from self._within(found, own, depth)

    def _within(self, found: mail.Attached, own: Part, depth: int) -> Iterator[Part]:
        part = _part_of(found, own)
        return self._dumps(part, depth + 1) if found.label else self._unpacked(part)

    def _unpacked(self, own: Part) -> Iterator[Part]:
        try:
            members = packed.members(own.blob, own.blob.name) if self._unpacks else None
            dated = Part(own.blob, own.date, dated=True)  # the mail's date counts before the members' age
            for part in _members(members or iter(()), dated, self._zone, self._folder):
                self._take(part.blob.size)
                yield from _Apart(self._zone, self._folder, unpacks=False).parts(part)
        except DumpError as error:
            raise DumpError(f"{own.blob.name!r} is attached: {error.what}", mend=error.mend) from error

    def _take(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            what = f"more than {packed.MOST_UNPACKED // 10**6} MB come out of what is attached"
            raise DumpError(what, mend="save it, and bring that")


def _attached(blob: Blob) -> list[mail.Attached]:
    """Return what is attached to a mail; nothing for other files."""
    with blob.open() as file:
        if not mail.is_mail(file.read(mail.SNIFFED)):
            return []
    with suppress(DumpError):  # told when it is read
        return list(mail.attached(blob))
    return []


def _part_of(found: mail.Attached, own: Part) -> Part:
    told = date_in([found.name])
    on = told or (own.date if own.dated else found.date or own.date)
    name = found.name or f"{own.blob.name}, {found.label or 'attached'}"
    return Part(blob_of(found.content(), name), on, own.dated or told is not None)


def _read_as(blob: Blob) -> str | None:
    """Return what the document is called that a mail is read as, None where no layout recognises any.

    It is ``attached mail 1`` of ``attached mail 1: attached file 2, text``.
    """
    with suppress(DumpError):
        found = layouts.recognised(containers.opened(blob))
        return found.container.partition(",")[0].partition(":")[0] if found else None
    return None


def _is_more_than_a_note(blob: Blob) -> bool:
    """Tell whether a mail holds text enough to be a listing that no layout recognises."""
    with suppress(DumpError):
        return any(sum(len(b.text) for b in document.blocks()) > _MOST_NOTE for document in containers.opened(blob))
    return False
