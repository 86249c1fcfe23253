"""What lies under ``public/``, and what it was made of, so that what is still true is not made again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from digest import archive
from digest.store.pieces import Pieces

_STATE, _FILES = "state", "files"


class Published:
    """The folder of published files; those that are *watched* must be there as they were written the last time."""

    def __init__(self, folder: Path, pieces: Pieces) -> None:
        """Take the folder, and where to remember what it is made of."""
        self._folder = folder
        self.pieces = pieces
        self._before: dict[str, list[int]] = json.loads(pieces.told(_FILES) or "{}")
        self._now: dict[str, list[int]] = {}

    def is_of(self, state: str) -> bool:
        """Say whether everything was published at this state, and the watched files are still as they were."""
        as_before = bool(self._before) and all(map(self.is_as_before, self._before))
        return as_before and self.pieces.told(_STATE) == state

    def note(self, state: str) -> None:
        """Remember that everything is published at this state, and which files were watched."""
        self.pieces.tell({_STATE: state, _FILES: json.dumps(self._now)})

    def told(self, name: str) -> str | None:
        """Return what was remembered under a name."""
        return self.pieces.told(name)

    def tell(self, found: Mapping[str, str]) -> None:
        """Remember something."""
        self.pieces.tell(found)

    def has(self, path: str) -> bool:
        """Say whether there is such a file."""
        return (self._folder / path).exists()

    def is_as_before(self, path: str) -> bool:
        """Say whether a watched file is as it was written the last time."""
        return path in self._before and self._stamp(path) == self._before[path]

    def watch(self, path: str) -> None:
        """Go on watching a file that is as it was."""
        self._now[path] = self._before[path]

    def write(self, path: str, data: bytes, *, watched: bool = False) -> bool:
        """Write a file where it holds anything else; say whether it did."""
        changed = archive.write_if_changed(self._folder / path, data)
        if watched:
            self._now[path] = self._stamp(path)
        return changed

    def _stamp(self, path: str) -> list[int]:
        try:
            found = (self._folder / path).stat()
        except OSError:
            return []
        return [found.st_ino, found.st_size, found.st_mtime_ns]
