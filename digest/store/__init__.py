"""The store: SQLModel tables on SQLite, their migrations, and the only code that speaks SQL.

``engine`` opens it and hands out transactions; each other module holds the statements of one concern and takes the
connection of the caller's transaction, so that the pipeline decides what belongs together.
"""

from digest.store import watch_tables  # noqa: F401  so that the metadata knows all tables
from digest.store.engine import Store, open_store

__all__ = ["Store", "open_store"]
