"""Brings a store to this program's schema: Alembic's migrations, run by themselves, after a copy of the file."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from digest.errors import StateError

SCHEMA = "0007"  # the newest revision under migrations/versions; a test holds the two together


def upgrade(engine: Engine, path: Path) -> None:
    """Make or upgrade the tables; a store that is up to date costs one look-up.

    Raises StateError for a store that a newer program made, or a file that is no store of ours.
    """
    with engine.connect() as connection:
        found = _revision(connection, path)
    if found == SCHEMA:
        return
    if found is not None and found > SCHEMA:
        raise StateError(
            f"the store has schema {found}, this program knows {SCHEMA}", where=str(path), mend="upgrade the program"
        )
    if found is not None:
        _copy(path, path.with_name(f"{path.name}.before-{SCHEMA}"))
    _run(engine)


def _revision(connection: Connection, path: Path) -> str | None:
    """Return the schema's revision, or None for an empty file."""
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return None
    if "alembic_version" not in tables:
        raise StateError(
            "the file holds other tables than a Digest store's", where=str(path), mend="name another store.url"
        )
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none() or "")


def _copy(source: Path, target: Path) -> None:
    """Copy a live SQLite file by its online backup (sqlite.org/backup.html)."""
    with contextlib.closing(sqlite3.connect(source)) as old, contextlib.closing(sqlite3.connect(target)) as new:
        old.backup(new)


def _run(engine: Engine, revision: str = "head") -> None:
    # Alembic is slow to import, and needed only here.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "digest.store:migrations")
    with engine.connect().execution_options(digest_writes=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
