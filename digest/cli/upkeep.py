"""The operator's commands on what is kept: replay, prune, backup, restore."""

from __future__ import annotations

import argparse
from pathlib import Path

from digest.archive import Journal
from digest.cli import terminal
from digest.cli.inputs import settings_of
from digest.cli.terminal import complain, note, say, say_json
from digest.cli.world import opened
from digest.errors import UsageError
from digest.pipeline import journaling
from digest.pipeline import replay as replaying
from digest.pipeline.context import open_context
from digest.service import backup as backing
from digest.service import upkeep as pruning
from digest.settings import Settings
from digest.store.engine import store_path
from digest.text import counted

_PROBLEMS_TOLD = 100


def replay(options: argparse.Namespace) -> int:
    """Rebuild a store from the kept dumps alone, in a state folder of its own."""
    settings, base = settings_of(options)
    state = options.state if options.state is not None else base / settings.paths.state
    _check_new(settings, options.into)
    if not Journal(state / "dumps.jsonl").path.exists() and store_path(state, settings.store.url).exists():
        with opened(options) as old, old.at_work():  # a state folder from before there was a journal
            journaling.catch_up(old)
    plan = replaying.planned(state, replaying.Bounds(options.since, options.until))
    context = open_context(settings, base=base, state=options.into, progress=terminal.progress)
    try:
        result = replaying.replay(context, plan)
    finally:
        context.store.close()
    for problem in result.problems[:_PROBLEMS_TOLD]:
        complain(problem)
    if (more := len(result.problems) - _PROBLEMS_TOLD) > 0:
        complain(f"and {more} more")
    _tell_replayed(result, options)
    return 1 if result.problems else 0


def prune(options: argparse.Namespace) -> int:
    """Say what is old, and remove it where that is asked for."""
    days = {kind: count for kind in pruning.KINDS if (count := getattr(options, kind)) is not None}
    if not days:
        raise UsageError("nothing to prune", where="digest prune", mend="give --dumps, --outbox or --editions")
    with opened(options) as context:
        found = pruning.prune(context, days) if options.yes else pruning.old(context, days)
    if options.json:
        say_json({"removed": options.yes, "kinds": [item.as_json() for item in found]})
        return 0
    for item in found:
        what = f"{item.kind} before {item.before}: {counted(len(item.files), 'file')}, {item.size / 10**6:.1f} MB"
        say(f"{what} {'removed' if options.yes else 'would be freed'}")
    if not options.yes:
        note("nothing was removed; --yes does it")
    return 0


def backup(options: argparse.Namespace) -> int:
    """Write a backup."""
    with opened(options) as context:
        content = backing.backup(context, options.file)
    for problem in content.problems:
        complain(problem)
    note(f"written and checked: {options.file}, {counted(content.files, 'file')}, {content.size / 10**6:.1f} MB")
    return 1 if content.problems else 0


def restore(options: argparse.Namespace) -> int:
    """Make a state folder of a backup."""
    settings, base = settings_of(options)
    state = options.state if options.state is not None else base / settings.paths.state
    content = backing.restore(options.file, state, store_path(state, settings.store.url), terminal.progress)
    note(f"restored: {state}, {counted(content.files, 'file')}, {content.size / 10**6:.1f} MB; see: digest status")
    return 0


def _check_new(settings: Settings, folder: Path) -> None:
    """Raise UsageError for a folder that a store cannot be rebuilt in."""
    for path in (store_path(folder, settings.store.url), folder / "dumps.jsonl"):
        if path.exists():
            raise UsageError("a state folder is here already", where=str(folder), mend="name a new folder by --into")
    if folder.exists() and not folder.is_dir():
        raise UsageError("this is no folder", where=str(folder), mend="name a new folder by --into")


def _tell_replayed(result: replaying.Replayed, options: argparse.Namespace) -> None:
    summary = result.summary()
    if options.json:
        say_json(summary)
        return
    told = f"{counted(summary['dumps']['ingested'], 'dump')} replayed, {counted(summary['listings'], 'listing')}"
    say(f"{told}, {counted(summary['papers'], 'paper')}: {options.into}")
    if result.gone:
        say(f"  {counted(len(result.gone), 'dump')} not kept any more")
    note("subscribers, editions and the ledger are not rebuilt")
