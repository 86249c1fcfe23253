"""A dump's bytes: read once from wherever they come, fingerprinted, and held where they can be read again."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO, cast

from digest.archive.files import naming
from digest.archive.inbox import name_of, stamp_of
from digest.containers.base import Readable
from digest.errors import DumpError

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
    name = name_of(path)
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

    Raises DumpError for more than ``MOST_BYTES``, StateError where there is no room for them.
    """
    digest, size = hashlib.sha256(), 0
    few: list[bytes] = []
    file: IO[bytes] | None = None
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
        if size > MOST_BYTES:
            raise DumpError(f"larger than {MOST_BYTES // 2**30} GiB", where=name, mend="split it")
        few.append(chunk)
        if size > _IN_MEMORY:
            file = _spilled(few, file, folder)
            few.clear()
    return Blob(name, digest.hexdigest(), size, file or b"".join(few))


def _spilled(chunks: Iterable[bytes], file: IO[bytes] | None, folder: Path | None) -> IO[bytes]:
    """Write chunks into a temporary file, made where there is none yet; a full disk is no fault of the dump's."""
    with naming(folder or Path(tempfile.gettempdir())):
        if file is None:
            file = cast("IO[bytes]", tempfile.NamedTemporaryFile(prefix=".taking-", suffix=".part", dir=folder))  # noqa: SIM115 (the blob's)
        file.writelines(chunks)
        file.flush()
    return file
