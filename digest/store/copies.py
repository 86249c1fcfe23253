"""Copies of a store's file: made while others write to it, and looked over before they are trusted."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from digest.errors import StateError
from digest.store.migrate import SCHEMA


def copied(source: Path, target: Path) -> None:
    """Copy a store as it is at this moment, also while it is written to (sqlite.org/backup.html).

    The copy is one file, without a log beside it. Raises StateError where that cannot be.
    """
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)
    try:
        with contextlib.closing(sqlite3.connect(source)) as old, contextlib.closing(sqlite3.connect(target)) as new:
            # All pages in one step, which holds one snapshot: by several, a busy writer makes it begin again and again.
            old.backup(new)
            new.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise StateError(
            f"the store cannot be copied: {error}", where=str(source), mend="is there space left?"
        ) from error


def check(path: Path, where: str, mend: str) -> None:
    """Raise StateError, which names ``where`` and the ``mend``, unless a file is a whole store that we can open."""
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as store:
            found = store.execute("PRAGMA quick_check(1)").fetchone()[0]
            schema = store.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise StateError(f"the store is damaged: {error}", where=where, mend=mend) from error
    if found != "ok" or schema is None:
        raise StateError("the store is damaged", where=where, mend=mend)
    if schema[0] > SCHEMA:
        what = f"the store has schema {schema[0]}, this program knows {SCHEMA}"
        raise StateError(what, where=where, mend="upgrade the program")
