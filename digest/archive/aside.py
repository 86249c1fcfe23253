"""What lies beside a dump that was set aside: ``NAME.reason.txt``, with why, and what is known of the dump.

Its first line is the reason. After a blank one follow ``name:``, ``date:``, ``dated:`` (``yes`` where a name or a
folder says the date), ``folder:``, ``source:`` and ``program:``, a line each; older files hold the reason alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from digest import __version__
from digest.archive.files import naming, write_atomically
from digest.archive.inbox import date_in, day_at
from digest.text import printable

SUFFIX = ".reason.txt"
_MOST = 2**16  # bytes of such a file that are read
_FINGERPRINT = re.compile(r"[0-9a-f]{16} ")  # what Archive.reject puts before the name


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a dump besides its bytes; ``dated`` tells whether a name or a folder says the date."""

    name: str
    date: date
    dated: bool = True
    folder: str = ""
    source: str = "inbox"


@dataclass(frozen=True, slots=True)
class Aside:
    """A dump that was set aside: its file, why, and what was known of it."""

    path: Path
    reason: str
    about: About


def note_of(path: Path) -> Path:
    """Return where the reason for a file stands."""
    return path.with_name(f"{path.name}{SUFFIX}")


def write_note(path: Path, reason: str, about: About) -> None:
    """Write why a file was set aside, and what is known of it; raises StateError where that cannot be."""
    told = {
        "name": about.name,
        "date": about.date.isoformat(),
        "dated": "yes" if about.dated else "no",
        "folder": about.folder,
        "source": about.source,
        "program": f"digest {__version__}",
    }
    lines = [reason, "", *(f"{key}: {value}" for key, value in told.items())]
    write_atomically(note_of(path), "".join(f"{_one_line(line)}\n" for line in lines).encode())


def _one_line(text: str) -> str:
    return printable(text).replace("\n", " ").replace("\r", " ")


def reason_in(note: Path) -> str:
    """Return the reason that such a file gives."""
    return next(iter(_lines(note)), "").strip()


def read_note(note: Path, zone: str) -> Aside:
    """Return what such a file says; what it leaves out is told by the name and the age of the dump's file."""
    lines = _lines(note)
    told = dict(line.partition(": ")[::2] for line in lines[1:])
    path = note.with_name(note.name.removesuffix(SUFFIX))
    name = told.get("name") or _FINGERPRINT.sub("", printable(path.name), count=1)
    on = _date(told.get("date", ""))
    dated = told.get("dated", "yes") == "yes"
    if on is None:
        on = date_in([name])
        dated = on is not None
    about = About(name, on or _age(note, zone), dated, told.get("folder", ""), told.get("source") or "inbox")
    return Aside(path, lines[0].strip() if lines else "", about)


def _lines(note: Path) -> list[str]:
    with naming(note), note.open("rb") as file:
        return file.read(_MOST).decode(errors="replace").split("\n")


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _age(path: Path, zone: str) -> date:
    with naming(path):
        return day_at(path.stat().st_mtime, zone)
