"""The commands on messages that come back."""

from __future__ import annotations

import argparse
import sys

from digest.cli.terminal import complain, say, say_json
from digest.cli.world import opened
from digest.service import bouncing
from digest.service.bouncing import Ingested, Told
from digest.service.mails import mails
from digest.text import counted


def ingest(options: argparse.Namespace) -> int:
    """Take in bounces and complaints."""
    with opened(options) as context:
        found = mails(options.paths, sys.stdin.buffer if sys.stdin else None)
        result = bouncing.ingest(context, found, dry_run=options.dry_run)
    for line in result.unread:
        complain(line)
    if options.json:
        say_json(result.as_json())
    else:
        _tell(result, dry=options.dry_run)
    return 1 if result.unread else 0


def _tell(result: Ingested, *, dry: bool) -> None:
    counts = [f"{count} {kind}" for kind, count in result.kinds.items() if count]
    counts += [f"{result.known} known", f"{result.foreign} foreign"]
    say(f"{counted(result.messages, 'message')}{' (dry run: nothing was changed)' if dry else ''}: {', '.join(counts)}")
    for told in result.told:
        say(f"  {_line(told)}")


def _line(told: Told) -> str:
    what = f"failed, {told.meaning}" if told.kind == "failed" else told.kind
    text = " ".join(filter(None, (told.status if told.status not in told.text else "", told.text)))
    return f"{told.delivery.email}, {told.delivery.date}: {what}: {text}{'; suppressed' if told.suppressed else ''}"
