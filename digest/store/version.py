"""Whether the store was changed, for who keeps what was made of it: asked often, so it costs a few microseconds."""

from __future__ import annotations

import sqlite3
import threading

from digest.errors import StateError
from digest.store.engine import BUSY_SECONDS, Store


class Version:
    """A number of the store that is another one after any change, by whatever process (PRAGMA data_version)."""

    def __init__(self, store: Store) -> None:
        """Open a connection of its own, which changes nothing."""
        self._path = store.path
        self._connection = sqlite3.connect(store.path, timeout=BUSY_SECONDS, check_same_thread=False)
        self._lock = threading.Lock()

    def now(self) -> int:
        """Return the number; ask for it before reading what is to be kept, so that no change falls in between.

        Raises StateError where the store cannot be read.
        """
        try:
            with self._lock:
                return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error as error:
            raise StateError(str(error), where=str(self._path), mend="see: digest status") from error

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
