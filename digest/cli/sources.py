"""`digest sources`: the ways in for dumps besides the inbox, and asking them now."""

from __future__ import annotations

import argparse

from digest.cli.terminal import complain, note, say, say_json
from digest.cli.world import opened
from digest.errors import UsageError
from digest.pipeline.bringing import Askers, ask_all
from digest.settings import SourceSetting
from digest.store import sources as source_store
from digest.store.sources import Known
from digest.text import counted


def list_(options: argparse.Namespace) -> int:
    """Show each source, when it was asked last and what came of it."""
    with opened(options) as context:
        with context.store.reading() as tx:
            known = source_store.load(tx)
        rows = [_as_row(own, known.get(own.name, Known(own.name))) for own in context.settings.sources]
    if options.json:
        say_json(rows)
    elif not rows:
        say("no sources: the configuration names none ([[sources]])")
    for row in () if options.json else rows:
        checked = f"asked {row['checked_at']}" if row["checked_at"] else "not asked yet"
        brought = f", brought something {row['brought_at']}" if row["brought_at"] else ""
        failing = f", failing since {row['failing_since']}: {row['reason']}" if row["failing_since"] else ""
        say(f"{row['name']}: {row['kind']}, {row['when']}; {checked}{brought}{failing}")
    return 0


def _as_row(own: SourceSetting, known: Known) -> dict[str, str | int | None]:
    return {
        "name": own.name,
        "kind": own.kind,
        "when": own.when,
        "checked_at": known.checked_at,
        "brought_at": known.brought_at,
        "next_at": known.next_at,
        "failures": known.failures,
        "failing_since": known.failing_since,
        "reason": known.said,
    }


def ask(options: argparse.Namespace) -> int:
    """Ask sources now; what they bring waits in the inbox for the next run."""
    with opened(options) as context:
        askers = Askers(context)
        names = _named(askers, options)
        answers = ask_all(context, askers, names)
    if not names:
        note("no sources: the configuration names none ([[sources]])")
    for answer in answers:
        if answer.failed:
            complain(f"{answer.name}: {answer.reason}")
        else:
            brought = f"brought {counted(answer.brought, 'dump')}" if answer.brought else "nothing new"
            say(f"{answer.name}: {brought}{f'; {answer.reason}' if answer.reason else ''}")
    return 1 if any(answer.failed for answer in answers) else 0


def _named(askers: Askers, options: argparse.Namespace) -> list[str]:
    for name in options.names:
        if name not in askers.settings:
            known = ", ".join(askers.settings) or "none"
            raise UsageError("no such source", where=name, mend=f"sources are: {known}")
    return options.names or list(askers.settings)
