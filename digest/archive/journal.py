"""The journal of what was taken in, ``dumps.jsonl``: each kept dump and each run, in order, a line of JSON each.

With the files under ``dumps/`` it is all that a store can be rebuilt from. A line is
``{"sha256", "name", "date", "folder", "source", "layout", "history", "taken_at"}`` for a dump, and ``{"run": DATE}``
for a run that dated the news found until then. Lines are only ever added. Where a dump stands twice, the last line
counts: what the first one speaks of was undone, by a power cut or a store that was restored.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from digest.archive.files import naming, write_atomically

_TAIL = 2**16  # bytes of the journal's end that are looked at first
_RUN = b'{"run":'


@dataclass(frozen=True, slots=True)
class Kept:
    """A dump that was taken in and kept: what the store knew of it then, ``taken_at`` in ISO 8601, UTC."""

    sha256: str
    name: str
    date: date
    folder: str
    source: str
    layout: str  # "": to be recognised
    history: bool
    taken_at: str


@dataclass(frozen=True, slots=True)
class Ran:
    """A run: the news that was found until then is dated by it."""

    date: date


Entry = Kept | Ran
_FIELDS = tuple(field.name for field in fields(Kept))


@dataclass(frozen=True, slots=True)
class End:
    """How a journal ends: its last dump, its last run, and the very last of both."""

    kept: Kept | None = None
    ran: Ran | None = None
    last: Entry | None = None


class Journal:
    """The journal in a file that need not be there yet."""

    def __init__(self, path: Path) -> None:
        """Take the file's path; nothing is read or written."""
        self.path = path

    def add(self, entries: Iterable[Entry]) -> None:
        """Write lines at the end, through to the disk; raises StateError where that cannot be.

        What a killed process left of a line is cut off first.
        """
        data = b"".join(map(_line, entries))
        if not data:
            return
        with naming(self.path), self.path.open("ab+") as file:
            _mend(file)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def ran(self, on: date) -> None:
        """Write that a run dated the news, unless that is what the journal says last."""
        if self.end().last != Ran(on):
            self.add([Ran(on)])

    def write(self, entries: Iterable[Entry]) -> None:
        """Write the whole journal anew; raises StateError where that cannot be."""
        write_atomically(self.path, b"".join(map(_line, entries)))

    def data(self) -> bytes:
        """Return the whole lines as they stand in the file (b"": there is none)."""
        with naming(self.path):
            found = self.path.read_bytes() if self.path.exists() else b""
        return found[: found.rfind(b"\n") + 1]

    def entries(self) -> list[Entry]:
        """Return what the journal says, each dump once; lines that say nothing are left out (see ``unread``)."""
        found = [entry for _, entry in self._read() if entry]
        place = {entry.sha256: number for number, entry in enumerate(found) if isinstance(entry, Kept)}
        return [e for number, e in enumerate(found) if isinstance(e, Ran) or place[e.sha256] == number]

    def unread(self) -> list[int]:
        """Return the numbers of the lines that cannot be understood."""
        return [number for number, entry in self._read() if entry is None]

    def _read(self) -> Iterator[tuple[int, Entry | None]]:
        for number, line in enumerate(io.BytesIO(self.data()), start=1):
            yield number, _entry(line)

    def end(self) -> End:
        """Return how the journal ends; most often that is told by its last few lines."""
        if not self.path.exists():
            return End()
        with naming(self.path), self.path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL))
            end = _end_of(file.read())
        if size <= _TAIL or (end.kept and end.ran):
            return end
        data = self.data()
        return replace(end, ran=_last_run(data)) if end.kept else _end_of(data)


def _last_run(data: bytes) -> Ran | None:
    """Return the last run of a journal that is long without one; in a name, quotation marks are escaped."""
    place = data.rfind(_RUN)
    while place >= 0:
        entry = _entry(data[place:].split(b"\n", 1)[0])
        if isinstance(entry, Ran):
            return entry
        place = data.rfind(_RUN, 0, place)
    return None


def _end_of(data: bytes) -> End:
    entries = [entry for line in data[: data.rfind(b"\n") + 1].splitlines() if (entry := _entry(line))]
    kept = next((entry for entry in reversed(entries) if isinstance(entry, Kept)), None)
    ran = next((entry for entry in reversed(entries) if isinstance(entry, Ran)), None)
    return End(kept, ran, entries[-1] if entries else None)


def _mend(file: BinaryIO) -> None:
    """Cut off what stands after the last whole line, and go to the end."""
    end = place = file.seek(0, os.SEEK_END)
    while place:
        start = max(0, place - _TAIL)
        file.seek(start)
        found = file.read(place - start).rfind(b"\n")
        if found >= 0:
            place = start + found + 1
            break
        place = start
    if place < end:
        file.truncate(place)
    file.seek(0, os.SEEK_END)


def _line(entry: Entry) -> bytes:
    told: dict[str, Any] = {"run": entry.date.isoformat()} if isinstance(entry, Ran) else _row(entry)
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(errors="replace") + b"\n"


def _row(kept: Kept) -> dict[str, Any]:
    return {name: getattr(kept, name) for name in _FIELDS} | {"date": kept.date.isoformat()}


def _entry(line: bytes) -> Entry | None:
    """Return what a line says, None where it does not say it in this form."""
    try:
        told = json.loads(line)
        if "run" in told:
            return Ran(date.fromisoformat(told["run"]))
        words = {name: told[name] for name in ("sha256", "name", "folder", "source", "layout", "taken_at")}
        if all(isinstance(word, str) for word in words.values()) and isinstance(told["history"], bool):
            return Kept(**words, date=date.fromisoformat(told["date"]), history=told["history"])
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    return None
