"""A run on a copy of the state, which tells what a run would come to and leaves everything as it is."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from digest import archive
from digest.archive import Archive
from digest.errors import StateError
from digest.pipeline.context import Context
from digest.pipeline.run import Result, run
from digest.store import dumps as dump_store
from digest.store import open_store


def dry_run(context: Context, on: date, **options: Any) -> Result:
    """Do the run on a copy of the state, with the outbox as the channel, and leave everything as it was."""
    with tempfile.TemporaryDirectory(prefix="digest-dry-run-") as folder:
        copy = Path(folder)
        _copy_state(context, copy)
        outbox = context.settings.delivery.model_copy(update={"channel": "outbox"})
        rehearsal = replace(
            context,
            settings=context.settings.model_copy(update={"delivery": outbox}),
            state=copy,
            store=open_store(copy, "sqlite:///digest.db"),
            archive=Archive(copy),
        )
        try:
            result = run(rehearsal, on, **options)
            real = str(context.state.absolute())
            return replace(result, feeds=tuple(path.replace(str(copy.absolute()), real) for path in result.feeds))
        finally:
            rehearsal.store.close()


def _copy_state(context: Context, to: Path) -> None:
    """Copy the store, and lead to the dumps that a run reads; raises StateError where that cannot be."""
    journal = context.archive.journal.path
    try:
        with closing(sqlite3.connect(context.store.path)) as old, closing(sqlite3.connect(to / "digest.db")) as new:
            old.backup(new)
        if journal.exists():
            shutil.copy2(journal, to)
        _lead_to_dumps(context, to)
    except (OSError, sqlite3.Error) as error:
        mend = "free some space there, or name another folder by TMPDIR"
        raise StateError(f"the state cannot be copied: {error}", where=str(to), mend=mend) from error


def _lead_to_dumps(context: Context, to: Path) -> None:
    """Put links to what waits, was set aside or is half taken in; a run renames and removes them, and only reads."""
    own = context.archive
    found = archive.waiting(own.inbox, context.settings.site.timezone)
    with context.store.reading() as tx:
        unfinished = [left.dump for left in dump_store.unfinished(tx)]
    paths = [item.path for item in found if not item.closed]
    paths += [*own.rejected.iterdir(), *(own.kept_path(dump.sha256, dump.date, dump.name) for dump in unfinished)]
    for path in paths:
        target = to / path.relative_to(context.state)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(path.absolute())
    for item in found:
        if item.closed:
            (to / item.path.relative_to(context.state)).mkdir(mode=0, parents=True)
