"""Backups: what a state folder holds that cannot be made again, in one file; and a state folder made of it."""

from __future__ import annotations

import contextlib
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from digest.archive import bundle
from digest.archive.bundle import JOURNAL, STORE, Content
from digest.archive.files import naming
from digest.errors import UsageError
from digest.pipeline.context import Context, Progress, working_in
from digest.store import copies

_DRAFT, _WHOLE = ".restoring", "whole"  # where a backup is unpacked, and the file in it that says it is checked
_BESIDE = ("dumps", "rejected", JOURNAL)  # what goes to its place before the store
_ELSEWHERE = "name another folder by --state, or move it away"


def backup(context: Context, file: Path) -> Content:
    """Write the store, the journal, the kept and the rejected dumps into a file, all or nothing; read it as a check.

    It may run while others work here: the journal is read first, the store copied next and the dumps last, so that
    each dump that the store knows is among them. Raises UsageError for a path that no file can be at, StateError where
    the backup cannot be written, or the store is damaged.
    """
    if file.is_dir() or not file.absolute().parent.is_dir():
        raise UsageError("no file can be written here", where=str(file), mend="name a file in a folder that is there")
    draft, copy = (file.with_name(f".{file.name}.{end}") for end in ("part", "db.part"))
    try:
        with naming(file):
            journal = context.archive.journal.data()
            copies.copied(context.store.path, copy)
            copies.check(copy, str(context.store.path), "restore an older backup")
            content = _written(context, draft, copy, journal, packed=file.suffix in (".gz", ".tgz"))
            with context.progress("Checking the backup, MB", draft.stat().st_size // 10**6) as step:
                bundle.read(draft, None, step)
            draft.replace(file)
    finally:
        for path in (draft, copy):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
    return content


def _written(context: Context, draft: Path, copy: Path, journal: bytes, *, packed: bool) -> Content:
    files = [(path, path.relative_to(context.state).as_posix(), size) for path, size in _kept(context)]
    total = copy.stat().st_size + sum(size for _, _, size in files)
    with bundle.writing(draft, packed=packed) as bundled:
        with context.progress("Writing the backup, MB", total // 10**6) as step:
            bundled.add(STORE, copy)
            bundled.add_bytes(JOURNAL, journal)
            step(copy.stat().st_size / 10**6)
            for path, name, size in files:
                bundled.add(name, path)
                step(size / 10**6)
        return bundled.end()


def _kept(context: Context) -> Iterator[tuple[Path, int]]:
    """Yield the files of kept and rejected dumps, with their sizes."""
    for top in (context.archive.dumps, context.archive.rejected):
        for path in sorted(top.rglob("*")):
            with contextlib.suppress(FileNotFoundError):
                about = path.lstat()
                if stat.S_ISREG(about.st_mode) and bundle.is_ours(path.relative_to(context.state).as_posix()):
                    yield path, about.st_size


def restore(file: Path, state: Path, store: Path, progress: Progress) -> Content:
    """Make a state folder of a backup; ``store`` is where its store is to be, inside ``state``.

    All of it is unpacked in a draft folder and checked before anything goes to its place, the store last. Raises
    UsageError where the folder holds a store or dumps already, StateError for a file that is damaged or no backup.
    """
    if not file.is_file():
        raise UsageError("no such file", where=str(file), mend="name what digest backup wrote")
    _check_store(store)
    made = not state.exists()
    with naming(state):
        state.mkdir(parents=True, exist_ok=True)
    try:
        with working_in(state):
            _check_store(store)
            _take_back(state)
            _check_free(state)
            return _restored(file, state, store, progress)
    except BaseException:
        if made:
            shutil.rmtree(state, ignore_errors=True)
        raise


def _restored(file: Path, state: Path, store: Path, progress: Progress) -> Content:
    draft = state / _DRAFT
    try:
        with naming(draft):
            shutil.rmtree(draft, ignore_errors=True)  # what a killed process left
            draft.mkdir()
        with progress("Restoring, MB", file.stat().st_size // 10**6) as step:
            content = bundle.read(file, draft, step)
        copies.check(draft / STORE, str(file), "take another backup")
        with naming(draft):
            (draft / _WHOLE).touch()
            _put(draft, state, store)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return content


def _check_store(store: Path) -> None:
    if store.exists():
        raise UsageError("there is a store here already", where=str(store), mend=_ELSEWHERE)


def _take_back(state: Path) -> None:
    """Remove what a restore put into its place that was killed before the store was there."""
    draft = state / _DRAFT
    if (draft / _WHOLE).exists():
        with naming(state):
            for name in _BESIDE:
                if not (draft / name).exists() and (state / name).is_dir():
                    shutil.rmtree(state / name)
                elif not (draft / name).exists():
                    (state / name).unlink(missing_ok=True)


def _check_free(state: Path) -> None:
    for path in (state / name for name in _BESIDE):
        if path.exists() and not (path.is_dir() and not any(path.iterdir())):
            raise UsageError("there are dumps here already", where=str(path), mend=_ELSEWHERE)


def _put(draft: Path, state: Path, store: Path) -> None:
    """Rename all that was unpacked to its place; where one fails, those before it go back."""
    places = {draft / name: state / name for name in _BESIDE} | {draft / STORE: store}
    done: list[tuple[Path, Path]] = []
    try:
        for source, target in places.items():
            if not source.exists():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.is_dir():
                target.rmdir()  # an empty one: see _check_free
            source.replace(target)
            done.append((source, target))
    except OSError:
        for source, target in reversed(done):
            target.replace(source)
        raise
