"""What holds several dumps, or one compressed: gzip, zip, tar and mailboxes, taken apart within limits.

An archive is read through once before the first of its members is handed out, so that one which is made to fill the
disk, or is damaged where nothing behind the damage can be trusted, is refused whole. Of a zip, whose files stand each
for itself, the whole ones are handed out first. Nothing is unpacked twice over: a member may be gzip, an archive in an
archive is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import PurePosixPath

from digest.containers import gunzip, mailbox, tarred, zipped
from digest.containers.base import Source
from digest.containers.gunzip import Gunzipped
from digest.containers.mail import SNIFFED
from digest.containers.member import MOST_MEMBERS, MOST_UNPACKED, UNPACK_FIRST, Allowance, DamageError, Member, Unpacked
from digest.errors import DumpError
from digest.text import printable

__all__ = ["MOST_MEMBERS", "MOST_UNPACKED", "Member", "members"]

_CHUNK = 64 * 1024
_HEAD = 512  # bytes that tell a tar archive
_SUFFIXES = {".tgz": ".tar", ".gz": ""}


def members(source: Source, name: str) -> Iterator[Member] | None:
    """Return the members of an archive, or None for what is none; ``name`` is the file's.

    Each member's stream is read before the next member is asked for. Raises DumpError for an archive that is damaged,
    empty, encrypted, unpacks to more than ``MOST_UNPACKED`` bytes or holds more than ``MOST_MEMBERS`` files; where some
    files of a zip are damaged, after the last of the others.
    """
    with source.open() as file:
        head = file.read(SNIFFED)
    walk = _walk_of(source, head)
    if walk is not None:
        faults = _check(walk(), apart=head.startswith(zipped.MAGICS))
        return _whole(walk(), faults)
    if head.startswith(gunzip.MAGIC):
        return _gunzipped(source, name)
    return None


def is_packed(head: bytes) -> bool:
    """Tell by its first 512 bytes whether a file is what ``members`` takes apart."""
    return head.startswith((gunzip.MAGIC, *zipped.MAGICS)) or tarred.is_tar(head)


def _walk_of(source: Source, head: bytes) -> Callable[[], Iterator[Member]] | None:
    """Return what walks over an archive's members from the start; None for what is no archive of files."""
    if head.startswith(zipped.MAGICS):
        return lambda: _zip(source)
    if tarred.is_tar(head):
        return lambda: _tar(source, compressed=False)
    if head.startswith(gunzip.MAGIC):
        with source.open() as file:
            if tarred.is_tar(Unpacked(Gunzipped(file), Allowance()).head(_HEAD)):
                return lambda: _tar(source, compressed=True)
    if found := mailbox.places(source, head):
        return lambda: _mailbox(source, found)
    return None


def _mailbox(source: Source, found: Sequence[int]) -> Iterator[Member]:
    with source.open() as file:
        yield from mailbox.entries(file, found, Allowance())


def _zip(source: Source) -> Iterator[Member]:
    allowance = Allowance()
    with source.open() as file:
        for member in zipped.entries(file, allowance):
            yield _once_more(member, allowance)


def _tar(source: Source, *, compressed: bool) -> Iterator[Member]:
    allowance = Allowance()
    with source.open() as file:
        for member in tarred.entries(Gunzipped(file) if compressed else file, allowance):
            yield _once_more(member, allowance)


def _once_more(member: Member, allowance: Allowance) -> Member:
    """Return a member as it is, or, where it is gzip, what is compressed in it."""
    with suppress(DamageError):  # told by whoever reads it
        if member.stream.head(_HEAD).startswith(gunzip.MAGIC):
            return replace(member, name=_plain(member.name), stream=Unpacked(Gunzipped(member.stream), allowance))
    return member


def _gunzipped(source: Source, name: str) -> Iterator[Member]:
    """Yield the one dump of a gzip file."""
    with source.open() as file:
        told, modified = gunzip.said(file.read(_CHUNK))
        file.seek(0)
        plain = _plain(name)
        inside = told.replace("\\", "/").rpartition("/")[2]
        if plain == name and inside.strip("."):
            plain = inside
        yield Member(plain, modified, Unpacked(Gunzipped(file), Allowance()))


def _plain(name: str) -> str:
    """Return a compressed file's name as it was before."""
    path = PurePosixPath(name)
    ending = _SUFFIXES.get(path.suffix.lower())
    return name if ending is None or not path.stem else name[: -len(path.suffix)] + ending


def _check(walk: Iterator[Member], *, apart: bool) -> dict[int, DamageError]:
    """Read all of an archive; return which members are damaged, if they stand ``apart``, by their number.

    Raises DumpError where anything else is wrong with it, where no dump can be in it, and where nothing is whole.
    """
    readable, held = False, 0
    faults: dict[int, DamageError] = {}
    for held, member in enumerate(walk, 1):
        try:
            readable |= not is_packed(member.stream.head(_HEAD))
            while member.stream.read(_CHUNK):
                pass
        except DamageError as error:
            if not apart:
                raise
            faults[held] = error
    if not held:
        raise DumpError("there is no file in it", mend="pack the dumps once more")
    if len(faults) == held:
        raise faults[held]
    if not readable:
        raise DumpError("it holds nothing but archives", mend=UNPACK_FIRST)
    return faults


def _whole(walk: Iterator[Member], faults: Mapping[int, DamageError]) -> Iterator[Member]:
    """Yield the members that are not damaged; raises DumpError after the last where some are."""
    names = []
    for number, member in enumerate(walk, 1):
        if number not in faults:
            yield member
        else:
            names.append(member.name)
    if names:
        others = f" and {len(names) - 1} more" if len(names) > 1 else ""
        what = f"{printable(names[0])[-60:]!r}{others} in it cannot be read: {next(iter(faults.values())).what}"
        raise DumpError(f"{what}; the other files are read", mend="fetch or pack it again")
