"""The tar file of a backup: a state folder's files in a fixed shape, summed up, so that a damaged one is told.

Members are plain files: ``digest.db``, ``dumps.jsonl``, ``dumps/DATE/FILE``, ``rejected/FILE``, and last
``backup.json``, which says the SHA-256 of all their names, sizes and bytes. Anything else is no backup of ours.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import os
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from digest import __version__
from digest.errors import StateError

STORE, JOURNAL, _LAST = "digest.db", "dumps.jsonl", "backup.json"
_FORMAT = 1
_CHUNK = 2**20
_LONGEST_READ = 2**24  # bytes that tarfile reads at once; only a made-up header wants more
# A made-up file makes tarfile raise all of these, some of them out of its own depths.
_DAMAGES = (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError, OverflowError, RecursionError)
# What may stand in a backup: nothing that leads out of the folder, no dotfile.
_DUMP = re.compile(r"dumps/(\d{4}-\d\d-\d\d)/[^/.][^/]*")
_REJECTED = re.compile(r"rejected/[^/.][^/]*")
Step = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Content:
    """What a backup holds: how many files, their bytes; and what could not be read, a line each."""

    files: int
    size: int
    problems: tuple[str, ...] = ()


def is_ours(name: str) -> bool:
    """Say whether a file of this name, relative to the state folder, belongs into a backup."""
    if found := _DUMP.fullmatch(name):
        with contextlib.suppress(ValueError):
            return bool(date.fromisoformat(found[1]))
        return False
    return name in (STORE, JOURNAL) or _REJECTED.fullmatch(name) is not None


class _Sum:
    """The SHA-256 of members, each with its name and size before its bytes."""

    def __init__(self) -> None:
        self.files = self.size = 0
        self._hash = hashlib.sha256()

    def begin(self, name: str, size: int) -> None:
        self.files += 1
        self.size += size
        self._hash.update(f"{name}\0{size}\0".encode(errors="surrogateescape"))

    def update(self, data: bytes) -> None:
        self._hash.update(data)

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


class _Summing(io.RawIOBase):
    """A file whose bytes are summed while somebody else reads them."""

    def __init__(self, file: BinaryIO, total: _Sum) -> None:
        super().__init__()
        self._file, self._sum = file, total

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._sum.update(data)
        return data


def _forget(tar: tarfile.TarFile) -> None:
    """Let go of the members so far, which tarfile keeps for those who ask for a list."""
    tar.members = []  # type: ignore[attr-defined]


# --- writing ----------------------------------------------------------------------------------------


@contextlib.contextmanager
def writing(file: Path, *, packed: bool) -> Iterator[Writer]:
    """Yield what adds files to a new backup, ``packed`` by gzip or not; only its owner may read it."""
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw:  # noqa: PTH123 (Path has no mode)
        with _packing(raw, packed=packed) as out, tarfile.open(fileobj=out, mode="w|") as tar:
            yield Writer(tar)
        raw.flush()
        os.fsync(raw.fileno())


@contextlib.contextmanager
def _packing(raw: BinaryIO, *, packed: bool) -> Iterator[IO[bytes]]:
    if not packed:
        yield raw
        return
    # The quickest level: what is kept is large, and backups are made every night.
    with gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=1, mtime=0) as out:
        yield cast("IO[bytes]", out)


class Writer:
    """Adds the members of a backup, the store first, and keeps count of them."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        """Take an open tar file that nothing was added to."""
        self._tar, self._sum = tar, _Sum()
        self._problems: list[str] = []

    def add(self, name: str, path: Path) -> None:
        """Add a file; one that is gone by now is left out, one that may not be read is told in the end."""
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return
        except PermissionError as error:
            self._problems.append(f"{name}: left out: {(error.strerror or str(error)).lower()}")
            return
        with file:
            about = os.fstat(file.fileno())
            self._add(name, file, about.st_size, int(about.st_mtime))

    def add_bytes(self, name: str, data: bytes) -> None:
        """Add a file of these bytes."""
        self._add(name, io.BytesIO(data), len(data), 0)

    def _add(self, name: str, file: BinaryIO, size: int, modified: int) -> None:
        self._sum.begin(name, size)
        self._member(name, cast("IO[bytes]", _Summing(file, self._sum)), size, modified)

    def _member(self, name: str, file: IO[bytes], size: int, modified: int = 0) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mtime, member.mode = size, modified, 0o600
        self._tar.addfile(member, file)
        _forget(self._tar)

    def end(self) -> Content:
        """Add what tells that the backup is whole; nothing may follow."""
        own = self._sum
        told = {"format": _FORMAT, "program": f"digest {__version__}", "files": own.files, "sha256": own.hexdigest()}
        data = json.dumps(told).encode()
        self._member(_LAST, io.BytesIO(data), len(data))
        return Content(own.files, own.size, tuple(self._problems))


# --- reading ----------------------------------------------------------------------------------------


class _Capped:
    """A file that refuses to read much at once, which tarfile does for names that a header says are long."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int) -> bytes:
        if size > _LONGEST_READ:
            raise tarfile.ReadError("a header is too long")
        return self._file.read(size)


def read(file: Path, into: Path | None, step: Step) -> Content:
    """Read a backup to its end, and hold it to what it says of itself; unpack it ``into`` a folder if one is given.

    ``step`` is told of the file's megabytes. Raises StateError for a file that is damaged or no backup, or where its
    members cannot be written.
    """
    total, names = _Sum(), set[str]()
    try:
        with file.open("rb") as raw, _unpacking(raw) as plain:
            tar = tarfile.open(fileobj=cast("IO[bytes]", _Capped(plain)), mode="r:")  # noqa: SIM115 (it holds nothing)
            before = 0
            while member := tar.next():
                if member.name == _LAST:
                    _hold(file, _told(tar, member), total)
                    return Content(total.files, total.size)
                _check(file, member, names)
                _unpack(tar, member, into, total)
                _forget(tar)
                step((raw.tell() - before) / 10**6)
                before = raw.tell()
    except _DAMAGES as error:
        raise _damaged(file, str(error) or "it ends too soon") if names else _foreign(file) from error
    except OSError as error:
        what = (error.strerror or str(error)).lower()
        where = error.filename or into or file
        raise StateError(what, where=str(where), mend="check the rights and the free space") from error
    raise _damaged(file, "it is cut short") if names else _foreign(file)


@contextlib.contextmanager
def _unpacking(raw: BinaryIO) -> Iterator[IO[bytes]]:
    packed = raw.read(2) == b"\x1f\x8b"  # RFC 1952, section 2.3.1
    raw.seek(0)
    if not packed:
        yield raw
        return
    with gzip.GzipFile(fileobj=raw) as plain:
        yield cast("IO[bytes]", plain)


def _check(file: Path, member: tarfile.TarInfo, names: set[str]) -> None:
    """Refuse a member that no backup has: by its name, or since it is no plain file, or stands there twice."""
    plain = member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not member.issparse()
    if not plain or not is_ours(member.name) or member.name in names or (not names and member.name != STORE):
        raise _foreign(file)
    names.add(member.name)


def _unpack(tar: tarfile.TarFile, member: tarfile.TarInfo, into: Path | None, total: _Sum) -> None:
    source = tar.extractfile(member)
    assert source is not None  # it is a plain file
    total.begin(member.name, member.size)
    if into is None:
        _copy(source, None, total)
        return
    path = into / member.name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as target:
        _copy(source, target, total)
        target.flush()
        os.fsync(target.fileno())
    if member.mtime:  # the age of a dump is all that tells its place where the journal is lost
        os.utime(path, (member.mtime, member.mtime))


def _copy(source: IO[bytes], target: BinaryIO | None, total: _Sum) -> None:
    while data := source.read(_CHUNK):
        total.update(data)
        if target:
            target.write(data)


def _told(tar: tarfile.TarFile, member: tarfile.TarInfo) -> dict[str, Any]:
    source = tar.extractfile(member) if member.isreg() else None
    told = json.loads(source.read(_CHUNK)) if source else None
    return told if isinstance(told, dict) else {}


def _hold(file: Path, told: dict[str, Any], total: _Sum) -> None:
    form = told.get("format")
    if isinstance(form, int) and form > _FORMAT:
        raise StateError("a newer program wrote it", where=str(file), mend="upgrade the program")
    if told.get("sha256") != total.hexdigest():
        raise _damaged(file, "its bytes are not those that were written")


def _damaged(file: Path, why: str) -> StateError:
    return StateError(f"the backup is damaged: {why}", where=str(file), mend="take another one")


def _foreign(file: Path) -> StateError:
    return StateError("this is no backup of a state folder", where=str(file), mend="name what digest backup wrote")
