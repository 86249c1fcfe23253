"""What waits in an inbox: which files, the date each is for, and the page that its folder names."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from digest.archive.files import naming
from digest.errors import UsageError
from digest.text import printable, single_spaced

_DATED = re.compile(r"((?:19|2\d)\d\d-\d\d-\d\d)(?!\d)")
_TAKEN = ".taken"
_LONGEST_NAME = 255  # bytes; NAME_MAX on the usual systems
_LAST_SECOND = 32 * 10**9  # in the year 2984; dates of the year 9999 cannot be reckoned with
_CLOSED = "it may not be looked into (give this user the right to)"
_NO_FILE = "it is neither a file nor a folder (take it away, or put a copy of the file there)"
_LINK = "it is a link to a folder (put the folder itself there)"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that may be taken in: where it is, the date it is for, and the folder that names its page ("": none).

    ``dated`` tells whether its name or a folder says the date; else it is the file's modification date. ``fault`` says
    why it cannot be read ("": it can).
    """

    path: Path
    date: date
    folder: str
    dated: bool = True
    fault: str = ""

    @property
    def name(self) -> str:
        """The file's name as it can be written anywhere: on disk it need not be UTF-8, printable or in one line."""
        return name_of(self.path)

    @property
    def closed(self) -> bool:
        """Whether it is a folder that may not be looked into, so that nobody knows what waits there."""
        return self.fault == _CLOSED


def name_of(path: Path) -> str:
    """Return a file's name as it can be written anywhere."""
    return single_spaced(printable(path.name))


def waiting(folder: Path, zone: str) -> list[Waiting]:
    """Return the files under a folder that may be taken in, by date, then path.

    Names that start with ``.`` or end in ``.part`` are left, folders of such names too. A name that starts
    ``YYYY-MM-DD`` dates the file, else the nearest such folder, else its modification date in the zone. What is there
    and cannot be read, such as a folder of somebody else's or a link to nowhere, has a ``fault``. Raises StateError
    where the folder itself cannot be read.
    """
    found = []
    for path, fault in _files(folder):
        inner = path.relative_to(folder).parts
        page = printable("/".join(part for part in inner[:-1] if not _leading_date(part)))
        with contextlib.suppress(FileNotFoundError):  # gone by now
            found.append(_waiting(path, inner, page, zone, fault))
    return sorted(found, key=lambda item: (item.date, item.path.parts))


def expanded(paths: Iterable[Path], zone: str) -> Iterator[Waiting | None]:
    """Yield the files named, those in folders named, and None for ``-``; UsageError for what is not there."""
    for path in paths:
        if str(path) == "-":
            yield None
            continue
        try:
            if path.is_dir():
                yield from waiting(path, zone)
            elif path.is_file():
                yield _waiting(path, path.absolute().parts[-2:], "", zone)
            else:
                raise UsageError("no such file or folder", where=str(path), mend="name one that is there, or -")
        except OSError as error:
            what = (error.strerror or str(error)).lower()
            raise UsageError(what, where=str(path), mend="check the name and its rights") from error


def _waiting(path: Path, names: Iterable[str], page: str, zone: str, fault: str = "") -> Waiting:
    if told := date_in(names):
        return Waiting(path, told, page, fault=fault)
    modified = (path.lstat() if fault else path.stat()).st_mtime
    return Waiting(path, day_at(modified, zone), page, dated=False, fault=fault)


def day_at(seconds: float, zone: str) -> date:
    """Return the date in a zone at a file's time, in seconds since 1970; of odd ones, the nearest that has a use."""
    bounded = min(max(0, seconds), _LAST_SECOND)
    return datetime.fromtimestamp(bounded, UTC).astimezone(ZoneInfo(zone)).date()


def date_in(names: Iterable[str]) -> date | None:
    """Return the date that the innermost name starts with that starts with one; ``names`` are outermost first."""
    for name in reversed(list(names)):
        if found := _leading_date(name):
            return found
    return None


def _leading_date(name: str) -> date | None:
    found = _DATED.match(name)
    with contextlib.suppress(ValueError):
        return date.fromisoformat(found[1]) if found else None
    return None


def _files(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files under a folder and what else is there, each with why it cannot be read ("": it can)."""
    with naming(folder):
        inside = sorted(folder.iterdir())
    for path in inside:
        if path.name.startswith("."):
            if path.name.endswith(_TAKEN) and path.is_file():
                yield from _put_back(path)
        elif path.name.endswith(".part"):
            continue
        elif stat.S_ISREG(mode := _mode(path)):
            yield path, ""
        elif not stat.S_ISDIR(mode):
            yield path, _NO_FILE
        elif path.is_symlink():  # which may lead round in circles
            yield path, _LINK
        else:
            yield from _files(path) if os.access(path, os.R_OK | os.X_OK) else [(path, _CLOSED)]


def _mode(path: Path) -> int:
    """Return what a file is, 0 where that cannot be told."""
    with contextlib.suppress(OSError):
        return path.stat().st_mode
    return 0


def _put_back(path: Path) -> Iterator[tuple[Path, str]]:
    """Undo a taking out that was killed midway: the file is known by then, or was replaced and must not be lost."""
    old = path.with_name(path.name[1:].removesuffix(_TAKEN))
    with contextlib.suppress(OSError):
        if not old.exists():
            path.replace(old)
            yield old, ""


def take_out(path: Path, stamp: tuple[int, int, int]) -> None:
    """Take a file out of the inbox if it is still the one with this stamp; StateError where that cannot be.

    It is renamed first and looked at then, so that what has replaced it in the meantime goes back and is not lost.
    """
    taken = path.with_name(f".{path.name}{_TAKEN}")
    with naming(path), contextlib.suppress(FileNotFoundError):
        if len(os.fsencode(taken.name)) > _LONGEST_NAME:
            if stamp_of(path) == stamp:  # no name is left to rename it to
                path.unlink()
            return
        path.replace(taken)
        if stamp_of(taken) == stamp or path.exists():
            taken.unlink()
        else:
            taken.replace(path)


def stamp_of(path: Path) -> tuple[int, int, int]:
    """Return what changes when a file is replaced or written to: its inode, size and modification time."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns
