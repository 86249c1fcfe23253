"""Pruning: what is old under the state folder, how much that is, and removing it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from digest import archive
from digest.archive.files import naming
from digest.pipeline import run as running
from digest.pipeline.context import Context
from digest.pipeline.publish import publish
from digest.store import dumps as dump_store
from digest.store import notes

Kind = Literal["dumps", "outbox", "editions"]
KINDS: tuple[Kind, ...] = ("dumps", "outbox", "editions")


@dataclass(frozen=True, slots=True)
class Old:
    """The files of one kind that are dated before ``before``, and their bytes."""

    kind: Kind
    before: date
    files: tuple[Path, ...]
    size: int

    def as_json(self) -> dict[str, Any]:
        """Return it as ``digest prune --json`` prints it."""
        return {"kind": self.kind, "before": self.before.isoformat(), "files": len(self.files), "bytes": self.size}


def old(context: Context, days: dict[Kind, int]) -> list[Old]:
    """Return, per kind asked for, what is older than so many days today; raises StateError where none can look.

    Dumps that are taken in only in part are left out: the rest is read from what is kept.
    """
    found = []
    for kind, most in days.items():
        before = max(date.min, context.today() - timedelta(days=most))
        with naming(_folder(context, kind)):
            sized = [(path, path.lstat().st_size) for path in _files(context, kind, before)]
        found.append(Old(kind, before, tuple(path for path, _ in sized), sum(size for _, size in sized)))
    return found


def _folder(context: Context, kind: Kind) -> Path:
    folders = {
        "dumps": context.archive.dumps,
        "outbox": context.state / "outbox",
        "editions": context.public / "editions",
    }
    return folders[kind]


def _files(context: Context, kind: Kind, before: date) -> Iterator[Path]:
    """Yield the files of a kind dated before a date: in the folders of dates, and what was sent as a test."""
    top, spared = _folder(context, kind), _unfinished(context) if kind == "dumps" else set()
    for folder in sorted(top.iterdir()) if top.is_dir() else ():
        on = _date(folder.name)
        if folder.is_symlink() or not folder.is_dir() or (on is None and not _is_test(kind, folder)):
            continue
        for path in sorted(folder.iterdir()):
            about = path.lstat()
            aged = on or archive.day_at(about.st_mtime, context.settings.site.timezone)
            if aged < before and stat.S_ISREG(about.st_mode) and path not in spared:
                yield path


def _is_test(kind: Kind, folder: Path) -> bool:
    return kind == "outbox" and folder.name == "test"


def _date(name: str) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None


def _unfinished(context: Context) -> set[Path]:
    with context.store.reading() as tx:
        left = [found.dump for found in dump_store.unfinished(tx)]
    return {context.archive.kept_path(dump.sha256, dump.date, dump.name) for dump in left}


def prune(context: Context, days: dict[Kind, int]) -> list[Old]:
    """Remove what is older than so many days, and return what that was; nothing in the store is touched.

    Pruned pages are not written again, and the index no longer leads to them. Raises StateError where a file cannot be
    removed; the same again goes on.
    """
    with context.at_work():
        found = old(context, days)
        for item in found:
            if item.kind == "editions":
                _forget_pages(context, item.before)
            with context.progress(f"Removing {item.kind}", len(item.files)) as step:
                for path in item.files:
                    _remove(path)
                    step()
    return found


def _forget_pages(context: Context, before: date) -> None:
    """Take the pages of editions before a date out of the index, for good."""
    with context.store.writing() as tx:
        notes.set_pages_from(tx, before)
    publish(context, running.renderer_of(context))


def _remove(path: Path) -> None:
    with naming(path):
        path.unlink(missing_ok=True)
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
