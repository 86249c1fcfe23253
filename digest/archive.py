"""The state folder's files of dumps: what waits in the inbox, bytes to text, and keeping or setting aside."""

from __future__ import annotations

import codecs
import contextlib
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from charset_normalizer import from_bytes

from digest.errors import DumpError, StateError, UsageError
from digest.text import printable, single_spaced

MOST_BYTES = 512 * 1024 * 1024
_DATED = re.compile(r"((?:19|2\d)\d\d-\d\d-\d\d)(?!\d)")
_SAMPLE = 256 * 1024  # bytes that the encoding is detected from
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that may be taken in: where it is, the date it is for, and the folder that names its page ("": none)."""

    path: Path
    date: date
    folder: str

    @property
    def name(self) -> str:
        """The file's name as it can be written anywhere: on disk it need not be UTF-8, nor printable."""
        return printable(self.path.name)


class Archive:
    """The folders of dumps under a state folder: ``inbox/``, ``dumps/``, ``rejected/``."""

    def __init__(self, state: Path) -> None:
        """Make the folders where they are missing; raises StateError where that cannot be."""
        self.inbox, self.dumps, self.rejected = state / "inbox", state / "dumps", state / "rejected"
        for folder in (self.inbox, self.dumps, self.rejected):
            with _naming(folder):
                folder.mkdir(parents=True, exist_ok=True)

    def keep(self, data: bytes, sha256: str, on: date, name: str) -> Path:
        """Keep a dump's bytes under ``dumps/``, by date and fingerprint; the same bytes keep one place."""
        path = self.dumps / on.isoformat() / f"{sha256[:16]} {safe_name(name)}"
        if not path.exists():
            write_atomically(path, data)
        return path

    def reject(self, data: bytes, sha256: str, name: str, reason: str) -> Path:
        """Set a dump aside under ``rejected/`` with its reason beside it."""
        path = self.rejected / f"{sha256[:16]} {safe_name(name)}"
        write_atomically(path, data)
        write_atomically(path.with_name(f"{path.name}.reason.txt"), f"{reason}\n".encode())
        return path

    def set_aside(self, path: Path, reason: str) -> None:
        """Move a file that cannot even be read out of the inbox, if it lets us, with the reason beside it."""
        target = self.rejected / safe_name(path.name)
        if target.exists():
            target = target.with_name(f"{len(list(self.rejected.iterdir()))} {target.name}")
        with contextlib.suppress(OSError):
            path.replace(target)
        write_atomically(target.with_name(f"{target.name}.reason.txt"), f"{reason}\n".encode())


def waiting(folder: Path, zone: str) -> list[Waiting]:
    """Return the files under a folder that may be taken in, by date, then path.

    Names that start with ``.`` or end in ``.part`` are left, folders of such names too. A name that starts
    ``YYYY-MM-DD`` dates the file, else the nearest such folder, else its modification date in the zone.
    """
    found = []
    for path in _files(folder):
        inner = path.relative_to(folder).parts
        page = printable("/".join(part for part in inner[:-1] if not _leading_date(part)))
        found.append(Waiting(path, date_of(path, inner, zone), page))
    return sorted(found, key=lambda item: (item.date, item.path.parts))


def expanded(paths: Iterable[Path], zone: str) -> Iterator[Waiting | None]:
    """Yield the files named, those in folders named, and None for ``-``; UsageError for what is not there."""
    for path in paths:
        if str(path) == "-":
            yield None
        elif path.is_dir():
            yield from waiting(path, zone)
        elif path.is_file():
            yield Waiting(path, date_of(path, path.absolute().parts[-2:], zone), "")
        else:
            raise UsageError("no such file or folder", where=str(path))


def date_of(path: Path, names: tuple[str, ...], zone: str) -> date:
    """Return the date a file is for, by its own and its folders' ``names`` (outermost first), else by its age."""
    for name in reversed(names):
        if found := _leading_date(name):
            return found
    with _naming(path):
        return datetime.fromtimestamp(path.stat().st_mtime, UTC).astimezone(ZoneInfo(zone)).date()


def _leading_date(name: str) -> date | None:
    found = _DATED.match(name)
    with contextlib.suppress(ValueError):
        return date.fromisoformat(found[1]) if found else None
    return None


def _files(folder: Path) -> Iterator[Path]:
    with _naming(folder):
        inside = sorted(folder.iterdir())
    for path in inside:
        if path.name.startswith(".") or path.name.endswith(".part"):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _files(path)
        elif path.is_file():
            yield path


def read(path: Path) -> bytes | None:
    """Return a file's bytes, or None where it is gone or changed while it was read.

    Raises DumpError for a file that is too large, or cannot be read.
    """
    try:
        before = path.stat()
        if before.st_size > MOST_BYTES:
            raise DumpError(f"larger than {MOST_BYTES // 2**20} MiB", where=path.name, mend="split it")
        data = path.read_bytes()
        after = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        what = f"cannot be read: {(error.strerror or str(error)).lower()}"
        raise DumpError(what, where=path.name, mend="check its rights") from error
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    return data if same and len(data) == after.st_size else None


def remove(path: Path) -> None:
    """Take a file out of the inbox; StateError where that cannot be."""
    with _naming(path):
        path.unlink(missing_ok=True)


def fingerprint(data: bytes) -> str:
    """Return the SHA-256 of a dump's bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def decode(data: bytes, name: str) -> tuple[str, str | None]:
    """Return a dump's text, and the encoding where it was not UTF-8.

    Raises DumpError for bytes that are no text.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            with contextlib.suppress(UnicodeDecodeError):
                return data.decode(encoding), None if bom == codecs.BOM_UTF8 else encoding
    if b"\x00" in data[:_SAMPLE]:
        raise DumpError("not a text file", where=name, mend="open it, mark all, copy, and paste it into a text file")
    with contextlib.suppress(UnicodeDecodeError):
        return data.decode("utf-8"), None
    best = from_bytes(data[:_SAMPLE]).best()
    if best is None:
        raise DumpError("the text's encoding cannot be told", where=name, mend="save it as UTF-8")
    return data.decode(best.encoding, errors="replace"), best.encoding


def safe_name(name: str) -> str:
    """Return a name for people's eyes as one that any file system takes: at most 120 bytes of UTF-8."""
    plain = re.sub(r"[^\w .,()+-]", "_", single_spaced(printable(name)))
    stem, dot, suffix = plain.rpartition(".")
    return f"{_cut(stem, 100)}.{_cut(suffix, 19)}" if dot and stem else _cut(plain, 120) or "dump"


def _cut(text: str, most: int) -> str:
    """Return the text cut to so many bytes: names are limited by bytes (NAME_MAX is 255 on the usual systems)."""
    return text.encode()[:most].decode(errors="ignore")


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: into a draft beside it, to the disk, then renamed.

    The draft has always the same name, so that a killed run leaves no litter: the next one writes over it. Raises
    StateError where that cannot be.
    """
    draft = path.with_name(f".{path.name}.part")
    with _naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
            raise


def write_if_changed(path: Path, data: bytes) -> bool:
    """Write a file atomically unless it holds just these bytes; say whether it was written."""
    with _naming(path):
        if path.is_file() and path.read_bytes() == data:
            return False
    write_atomically(path, data)
    return True


@contextlib.contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Turn an operating system's error into a StateError that names the path."""
    try:
        yield
    except OSError as error:
        what = (error.strerror or str(error)).lower()
        raise StateError(what, where=str(path), mend="check the folder's rights and the free space") from error
