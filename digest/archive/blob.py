"""A dump's bytes: read once from wherever they come, fingerprinted, and held where they can be read again."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast
from zoneinfo import ZoneInfo

from digest.archive.inbox import date_in, stamp_of
from digest.containers import packed
from digest.containers.base import Readable
from digest.errors import DumpError
from digest.text import printable

MOST_BYTES = 4 * 2**30
_IN_MEMORY = 16 * 2**20  # bytes; more lie in a temporary file
_CHUNK = 2**20


@dataclass(slots=True)
class Blob:
    """The bytes of one dump: its name for people, their SHA-256 in hexadecimal, how many they are.

    ``stamp`` is that of the file they were read from, None where they come from none.
    """

    name: str
    sha256: str
    size: int
    _held: bytes | IO[bytes]
    stamp: tuple[int, int, int] | None = None
    _reading: BinaryIO | None = field(default=None, repr=False)

    def open(self) -> BinaryIO:
        """Return the bytes to be read from the start."""
        held = self._held
        self._reading = io.BytesIO(held) if isinstance(held, bytes) else _opened(held.name)
        return self._reading

    @property
    def position(self) -> int:
        """How far it has been read: an offset in bytes."""
        return self.size if self._reading is None or self._reading.closed else self._reading.tell()


def _opened(path: str) -> BinaryIO:
    return Path(path).open("rb")


def blob_of(data: bytes, name: str) -> Blob:
    """Return bytes that are in memory as a blob."""
    return Blob(name, hashlib.sha256(data).hexdigest(), len(data), data)


def fetched(path: Path, folder: Path | None = None) -> Blob | None:
    """Return a file's bytes, or None where it is gone or changed while it was read.

    Many bytes go into a temporary file in ``folder``. Raises DumpError for a file that is too large, or cannot be read.
    """
    name = printable(path.name)
    try:
        before = stamp_of(path)
        with path.open("rb") as file:
            blob = spooled(file, name, folder)
        blob.stamp = stamp_of(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        what = f"cannot be read: {(error.strerror or str(error)).lower()}"
        raise DumpError(what, where=name, mend="check its rights") from error
    return blob if before == blob.stamp and blob.stamp[1] == blob.size else None


def spooled(stream: Readable, name: str, folder: Path | None = None) -> Blob:
    """Read a stream to its end; what is much goes into a temporary file, which goes when the blob does.

    Raises DumpError for more than ``MOST_BYTES``.
    """
    digest, size = hashlib.sha256(), 0
    few: list[bytes] = []
    file: IO[bytes] | None = None
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
        if size > MOST_BYTES:
            raise DumpError(f"larger than {MOST_BYTES // 2**30} GiB", where=name, mend="split it")
        if file is None and size > _IN_MEMORY:
            file = cast("IO[bytes]", tempfile.NamedTemporaryFile(prefix=".taking-", suffix=".part", dir=folder))  # noqa: SIM115 (the blob's)
            file.writelines(few)
            few.clear()
        if file is None:
            few.append(chunk)
        else:
            file.write(chunk)
    if file is None:
        return Blob(name, digest.hexdigest(), size, b"".join(few))
    file.flush()
    return Blob(name, digest.hexdigest(), size, file)


@dataclass(frozen=True, slots=True)
class Part:
    """One dump of a file, itself or a member of it; ``dated`` tells whether its name or a folder says the date."""

    blob: Blob
    date: date
    dated: bool


def parts(blob: Blob, on: date, zone: str, *, dated: bool, folder: Path | None = None) -> Iterator[Part]:
    """Yield the dumps in a file: those that it packs, else itself.

    A member is for the date in its own name or folders, else for the file's if that is ``dated``, else of its own age.
    Raises DumpError for a file that cannot be unpacked, or is made to fill the disk.
    """
    members = packed.members(blob, blob.name)
    if members is None:
        yield Part(blob, on, dated)
        return
    for member in members:
        names = PurePosixPath(member.name).parts
        told = date_in(names)
        aged = _day(member.modified, zone) if member.modified and not dated else on
        inner = spooled(member.stream, printable(names[-1]), folder)
        yield Part(inner, told or aged, dated or told is not None)


def _day(moment: datetime, zone: str) -> date:
    """Return a moment's date in a zone; one that tells no zone is taken as it stands."""
    return (moment.astimezone(ZoneInfo(zone)) if moment.tzinfo else moment).date()
