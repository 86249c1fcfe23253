"""`digest schedule`: what `digest serve` does in the coming 48 hours."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from digest.cli.terminal import say, say_json
from digest.cli.world import opened
from digest.pipeline.people import synchronise
from digest.schedule.coming import Coming, Regular, coming, regular
from digest.text import counted

_HOURS = 48


def schedule(options: argparse.Namespace) -> int:
    """Show what runs when, and for how many."""
    with opened(options) as context:
        with context.store.writing() as tx:  # whom the configuration names since the last run is due too
            synchronise(tx, context)
        now = context.clock()
        found, often = coming(context, now, now + timedelta(hours=_HOURS)), regular(context)
        zone = ZoneInfo(context.settings.site.timezone)
    if options.json:
        say_json(_document(now, found, often))
    else:
        for line in _lines(now, zone, found, often):
            say(line)
    return 0


def _document(now: datetime, found: list[Coming], often: list[Regular]) -> dict[str, Any]:
    return {
        "now": now.isoformat(),
        "until": (now + timedelta(hours=_HOURS)).isoformat(),
        "regular": [{"what": item.what, "when": item.when} for item in often],
        "coming": [
            {
                "at": item.at.isoformat(),
                "what": item.what,
                "count": item.count,
                "date": item.date.isoformat() if item.date else None,
            }
            for item in found
        ],
    }


def _lines(now: datetime, zone: ZoneInfo, found: list[Coming], often: list[Regular]) -> list[str]:
    lines = [f"{item.what} {item.when}" for item in often]
    lines.append(f"in the coming {_HOURS} hours, by the clock of {zone.key}:" if found else "nothing else is to come")
    for item in found:
        when = "now" if item.at <= now else f"{item.at.astimezone(zone):%a %d %b %H:%M}"
        of = f", of {item.date}" if item.date else ""
        lines.append(f"  {when:<16}  {counted(item.count, item.what)}{of}")
    return lines
