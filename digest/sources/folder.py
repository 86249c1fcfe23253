"""Sources of kind ``folder``: the new and changed files of a folder or a pattern, which stay where they are."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path

from digest.errors import SourceError
from digest.settings import SourceSetting
from digest.sources.base import Brought, Fetched, Remembered
from digest.sources.world import World
from digest.text import printable, single_spaced

_WILD = re.compile(r"[*?\[]")
_MOST_FILES = 50_000  # each is remembered by its path, size and time
_SETTLING = 2.0  # seconds in which a file that was just written to may be written to again

CHANGING = "files still being written"
OUTSIDE = "links that lead out of the folder"
LINKED = "links to folders"
ODD = "neither files nor folders"
CLOSED = "that this user may not look into"
OWN = "that is Digest's own"


@dataclass(frozen=True, slots=True)
class _File:
    """A file: where it is, its path in the folder, and what changes when it is written to."""

    path: Path
    inner: str
    size: int
    modified: int  # ns since 1970


class Folder:
    """A folder that is looked into."""

    def __init__(self, setting: SourceSetting, world: World) -> None:
        """Take a checked setting; nothing is looked at yet."""
        parts = Path(setting.path).parts
        place = next((number for number, part in enumerate(parts) if _WILD.search(part)), len(parts))
        self._root, self._wild = world.folder.joinpath(*parts[:place]), parts[place:]
        self._state = world.state

    def fetch(self, memory: Remembered, now: datetime) -> Fetched:
        """Bring the files that are new, or have another size or time than remembered.

        Raises SourceError where the folder cannot be looked into, or holds too many files.
        """
        skipped: Counter[str] = Counter()
        known: dict[str, tuple[int, int]] = {}
        brought: list[Brought] = []
        for file in self._files(skipped):
            stamp = (file.size, file.modified)
            before = memory.files.get(file.inner)
            if before == stamp:
                known[file.inner] = stamp
            elif 0 <= now.timestamp() - file.modified / 1e9 < _SETTLING:
                skipped[CHANGING] += 1
            else:
                known[file.inner] = stamp
                within = Path(file.inner).parts[:-1]
                brought.append(Brought(single_spaced(printable(file.path.name)), file.path, within=within))
            if len(known) > _MOST_FILES:
                raise SourceError(f"more than {_MOST_FILES:,} files", mend="name a pattern, or clear it out")
        return Fetched(
            "brought" if brought else "unchanged", Remembered(files=known), tuple(brought), skipped=dict(+skipped)
        )

    def _files(self, skipped: Counter[str]) -> Iterator[_File]:
        root, pattern = self._root, self._wild or ("**",)
        if not self._wild and root.is_file():
            root, pattern = root.parent, (root.name,)
        try:
            real = root.resolve(strict=True)
            with os.scandir(root):
                pass
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise SourceError(f"the folder {root} cannot be looked into: {why}", mend="check path") from error
        own = self._state.resolve() if self._state else None
        if own and real.is_relative_to(own):  # what it brings would be new there again and again
            raise SourceError(f"the folder {root} is in Digest's own", mend="the inbox needs no source")
        for path in _walked(root, skipped, real, own):
            inner = path.relative_to(root)
            if _matches(inner.parts, pattern) and (file := _file(path, inner, real, skipped)):
                yield file


def make(setting: SourceSetting, world: World) -> Folder:
    """Return the source of a checked setting."""
    return Folder(setting, world)


def _walked(root: Path, skipped: Counter[str], real: Path, own: Path | None) -> Iterator[Path]:
    """Yield what is in a folder and those within it, but for folders, names that are left, and what is our own."""

    def closed(_: OSError) -> None:
        skipped[CLOSED] += 1

    for place, folders, names in os.walk(root, onerror=closed):
        within = sorted(name for name in folders if not _is_left(name))
        if own and own.parent == real / Path(place).relative_to(root) and own.name in within:
            within.remove(own.name)
            skipped[OWN] += 1
        skipped[LINKED] += sum(Path(place, name).is_symlink() for name in within)
        folders[:] = within  # links to folders are not entered by os.walk itself
        yield from (Path(place, name) for name in sorted(names) if not _is_left(name))


def _is_left(name: str) -> bool:
    return name.startswith(".") or name.endswith(".part")


def _file(path: Path, inner: Path, root: Path, skipped: Counter[str]) -> _File | None:
    """Return a file, None for what is none, is gone, or is a link that leads out of the folder."""
    try:
        if path.is_symlink() and not path.resolve().is_relative_to(root):
            skipped[OUTSIDE] += 1
            return None
        found = path.stat()
    except (OSError, RuntimeError):  # gone by now, or a link to nowhere, or to itself
        skipped[ODD] += path.is_symlink()
        return None
    if not stat.S_ISREG(found.st_mode):
        skipped[ODD] += 1
        return None
    # A name that is not UTF-8 is remembered by its bytes, so that it can be written down.
    name = os.fsencode(inner).decode("utf-8", "backslashreplace")
    return _File(path, name, found.st_size, found.st_mtime_ns)


def _matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Tell whether a path is of a pattern, each part of its own; ``**`` stands for any number of parts, none too."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        rest = pattern[1:]
        return not rest or any(_matches(parts[place:], rest) for place in range(len(parts)))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _matches(parts[1:], pattern[1:])
