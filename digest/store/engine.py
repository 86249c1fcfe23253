"""Opens the store: one SQLite file in WAL mode, brought to this program's schema, with its transactions."""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import sqlite3
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, select, update
from sqlalchemy.exc import DBAPIError

from digest.errors import ConfigError, StateError
from digest.store import migrate
from digest.store.tables import meta

BUSY_SECONDS = 30  # how long a writer waits for another one; the longest transaction, of 20,000 listings, takes two

# What SQLite says (sqlite.org/rescode.html), and what to do about it.
_MENDS = (
    ("locked", "is locked by another program", "end the other program, or try again when it is done"),
    ("readonly", "cannot be written", "give this user write access to the state folder"),
    ("read-only", "cannot be written", "give this user write access to the state folder"),
    ("unable to open", "cannot be opened", "check that the state folder exists and may be written"),
    ("full", "cannot be written: the disk is full", "free some space; nothing was half done"),
    ("disk i/o error", "cannot be written: the disk failed", "check the disk; nothing was half done"),
    ("not a database", "is not a Digest store", "move the file away, or name another store.url"),
    ("malformed", "is damaged", "restore a backup"),
)


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


@contextlib.contextmanager
def _speaking_plainly(path: Path) -> Iterator[None]:
    """Turn the driver's errors that an operator can mend into a StateError of one line."""
    try:
        yield
    except DBAPIError as error:
        said = str(error.orig).lower()
        for sign, what, mend in _MENDS:
            if sign in said:
                raise StateError(f"the store {what}", where=str(path), mend=mend) from error
        raise


class Store:
    """An open store. ``reading()`` and ``writing()`` hand out connections; a writer holds the lock from its start."""

    def __init__(self, engine: Engine, path: Path) -> None:
        """Keep the engine and the database file's path."""
        self.engine = engine
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        """Let another process open the same file."""
        return _reopened, (self.path.absolute(),)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees one snapshot; raises StateError where the store cannot be read."""
        with _speaking_plainly(self.path), self.engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self, *, durable: bool = False) -> Iterator[Connection]:
        """Yield a connection in a transaction that is committed at the end, or leaves nothing behind.

        It takes the write lock at once (``BEGIN IMMEDIATE``), so what it reads stays true until it commits. ``durable``
        takes it, and all before it, through to the disk: what is removed afterwards is not lost by a power cut.
        """
        with (
            _speaking_plainly(self.path),
            self.engine.connect() as connection,
            connection.execution_options(digest_writes=True, digest_durable=durable).begin(),
        ):
            yield connection

    def secret(self) -> bytes:
        """Return the secret that tokens are made with; it was made once, with the store."""
        with self.reading() as tx:
            return bytes.fromhex(value(tx, "secret") or "")

    def authority(self, host: str, today: date) -> str:
        """Return the authority of feed ids (RFC 4151, section 2.1), minted at the first call and kept for ever."""
        with self.reading() as tx:
            minted = value(tx, "authority")
        if minted is not None:
            return minted
        with self.writing() as tx:
            minted = value(tx, "authority")
            if minted is None:
                minted = f"{host},{today.isoformat()}:{secrets.token_hex(4)}"
                put(tx, "authority", minted)
            return minted

    def close(self) -> None:
        """Close the connections that nobody uses now, and let go of the pages that they keep; others can be had."""
        self.engine.dispose()


def value(tx: Connection, name: str) -> str | None:
    """Return what the store knows under a name, or None."""
    found: str | None = tx.execute(select(meta.c.value).where(meta.c.name == name)).scalar_one_or_none()
    return found


def put(tx: Connection, name: str, text: str) -> None:
    """Set what the store knows under a name."""
    if not tx.execute(update(meta).where(meta.c.name == name).values(value=text)).rowcount:
        tx.execute(insert(meta).values(name=name, value=text))


def take_numbers(tx: Connection, counter: str, count: int) -> int:
    """Return the first of ``count`` fresh numbers, counted from 1 without gaps in the order of commits."""
    last = int(value(tx, counter) or 0)
    put(tx, counter, str(last + count))
    return last + 1


def open_store(state: Path, url: str) -> Store:
    """Open the store of a state folder, making or upgrading it where needed (an upgrade keeps a copy of the file).

    Raises ConfigError for a URL that is not SQLite's, StateError where the store cannot be used as it is.
    """
    path = store_path(state, url)
    engine = _engine(path)
    try:
        with _speaking_plainly(path):
            migrate.upgrade(engine, path)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, path)


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", json_serializer=_dumps, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _reopened(path: Path) -> Store:
    return Store(_engine(path), path)


def store_path(state: Path, url: str) -> Path:
    """Return where the store of a state folder is; raises ConfigError for a URL that is not SQLite's."""
    found = re.fullmatch(r"sqlite:///([^?]+)", url)
    if not found:
        raise ConfigError(
            f"{url!r} is not a store this version has", where="store.url", mend='use "sqlite:///digest.db"'
        )
    return state / found[1]


def _on_connect(raw: Any, _record: object) -> None:
    """Set up a new connection; SQLAlchemy begins transactions, not the driver (see its page on "pysqlite")."""
    raw.isolation_level = None
    cursor = raw.cursor()
    _use_a_log(cursor)
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA cache_size=-16384")  # KiB, for each connection; the system keeps the file's pages as well
    cursor.close()


def _use_a_log(cursor: Any) -> None:
    """Put the store into WAL mode; where several processes make it at once, SQLite does not wait for its turn here."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _on_begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    writes = options.get("digest_writes")
    if writes:  # in a log beside the store, NORMAL never damages it, but may lose the last transactions
        connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if options.get('digest_durable') else 'NORMAL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
