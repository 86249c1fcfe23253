"""Written entries of feeds, kept from one run to the next in a file of their own, which may be lost at any time."""

from __future__ import annotations

import contextlib
import sqlite3
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

NAME = "feeds.cache"
_MADE_OF = "made of"
_TABLES = """
CREATE TABLE IF NOT EXISTS told (name TEXT PRIMARY KEY, value TEXT NOT NULL, sum INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pieces (
    feed TEXT NOT NULL, key TEXT NOT NULL, atom BLOB NOT NULL, json BLOB NOT NULL, updated TEXT NOT NULL,
    sum INTEGER NOT NULL, PRIMARY KEY (feed, key)
);
"""
_MOST = 500  # keys in one question
Kept = tuple[bytes, bytes, str]  # as Atom, as JSON, updated


class Pieces:
    """The kept entries by feed and key, and what else is remembered of the last time.

    A file that cannot be read, or was made of something else, begins anew; of one that is damaged, what does not have
    its sum is not there. One that cannot be written costs the next run the writing of the entries, and nothing else.
    """

    def __init__(self, path: Path, made_of: str) -> None:
        """Open the file; ``made_of`` names all that the entries depend on besides their keys."""
        self._connection = _opened(path)
        if self.told(_MADE_OF) == made_of:
            return
        self._begin_anew(made_of)
        if self.told(_MADE_OF) != made_of:  # it cannot be written, so what it holds is of no use
            self.close()
            self._connection = _opened(None)

    def _begin_anew(self, made_of: str) -> None:
        with self._changing() as connection:
            connection.execute("DELETE FROM pieces")
            connection.execute("DELETE FROM told")
            connection.execute("INSERT INTO told VALUES (?, ?, ?)", (_MADE_OF, made_of, _sum(_MADE_OF, made_of)))

    def close(self) -> None:
        """Write down all that changed, at once, and let go of the file."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.commit()
        self._connection.close()

    def told(self, name: str) -> str | None:
        """Return what was remembered under a name."""
        for value, kept in self._found("SELECT value, sum FROM told WHERE name = ?", (name,)):
            if _sum(name, value) == kept:
                return str(value)
        return None

    def tell(self, found: Mapping[str, str]) -> None:
        """Remember what is to be remembered under names."""
        with self._changing() as connection:
            rows = ((name, value, _sum(name, value)) for name, value in found.items())
            connection.executemany("INSERT OR REPLACE INTO told VALUES (?, ?, ?)", rows)

    def get(self, feed: str, keys: Collection[str]) -> dict[str, Kept]:
        """Return the entries of a feed that are kept, by their keys."""
        found: dict[str, Kept] = {}
        wanted = list(keys)
        for start in range(0, len(wanted), _MOST):
            part = wanted[start : start + _MOST]
            marks = ",".join("?" * len(part))
            query = f"SELECT key, atom, json, updated, sum FROM pieces WHERE feed = ? AND key IN ({marks})"  # noqa: S608 - marks
            for key, atom, json, updated, kept in self._found(query, (feed, *part)):
                if _sum(feed, key, atom, json, updated) == kept:
                    found[key] = atom, json, updated
        return found

    def put(self, feed: str, found: Iterable[tuple[str, Kept]]) -> None:
        """Keep entries of a feed."""
        with self._changing() as connection:
            rows = ((feed, key, *kept, _sum(feed, key, *kept)) for key, kept in found)
            connection.executemany("INSERT OR REPLACE INTO pieces VALUES (?, ?, ?, ?, ?, ?)", rows)

    def keep_only(self, feed: str, keys: Collection[str]) -> None:
        """Let go of the entries of a feed with other keys."""
        wanted = set(keys)
        gone = [
            (feed, key) for (key,) in self._found("SELECT key FROM pieces WHERE feed = ?", (feed,)) if key not in wanted
        ]
        with self._changing() as connection:
            connection.executemany("DELETE FROM pieces WHERE feed = ? AND key = ?", gone)

    def keep_feeds(self, feeds: Collection[str]) -> None:
        """Let go of the entries of all other feeds."""
        known = [feed for (feed,) in self._found("SELECT DISTINCT feed FROM pieces", ())]
        with self._changing() as connection:
            connection.executemany(
                "DELETE FROM pieces WHERE feed = ?", [(feed,) for feed in known if feed not in feeds]
            )

    def _found(self, query: str, values: tuple[str, ...]) -> list[tuple[Any, ...]]:
        """Return the rows; those of a file that cannot be read are none."""
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error:
            return []

    @contextlib.contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """Change what the file will hold, or nothing where it cannot be written."""
        with contextlib.suppress(sqlite3.Error):
            yield self._connection


def _sum(*parts: Any) -> int:
    """Return a checksum: a disk may give back other bits than it was given (CRC-32 of all that is text or octets)."""
    found = 0
    for part in parts:
        found = zlib.crc32(part if isinstance(part, bytes) else str(part).encode("utf-8", "replace"), found)
    return found


def _opened(path: Path | None) -> sqlite3.Connection:
    """Open a file, which is made anew where it is damaged; in its place, memory."""
    for place in (path, path) if path else ():
        with contextlib.suppress(sqlite3.Error):
            return _with_tables(sqlite3.connect(place))
        with contextlib.suppress(OSError):
            place.unlink(missing_ok=True)
    return _with_tables(sqlite3.connect(":memory:"))


def _with_tables(connection: sqlite3.Connection) -> sqlite3.Connection:
    try:
        connection.executescript(_TABLES)
    except sqlite3.Error:
        connection.close()
        raise
    return connection
