"""The commands on the ledger: what becomes of each delivery, and what the operator has to say about it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from itertools import islice
from typing import Any

from digest.cli.terminal import complain, note, say, say_json, say_json_items
from digest.cli.world import opened
from digest.errors import UsageError
from digest.pipeline.context import Context
from digest.service import deliveries
from digest.service.deliveries import Asked, Delivery, Steered
from digest.text import counted

_SHOWN = 50  # unless --limit says otherwise
_LEFT_TOLD = 100


def list_(options: argparse.Namespace) -> int:
    """List deliveries, newest first, a line each."""
    with opened(options) as context:
        which = deliveries.asked(context, options.subscriber, options.date, options.state_of)
        with closing(deliveries.listed(context, which)) as found:
            _list(found, options.limit or _SHOWN, as_json=options.json)
    return 0


def _list(found: Iterator[Delivery], most: int, *, as_json: bool) -> None:
    if as_json:
        say_json_items(deliveries.as_row(own) for own in islice(found, most))
        return
    number = 0
    for own in islice(found, most):
        number += 1
        say(_line(own))
    if next(found, None):
        note(f"the newest {number:,}; see more with --limit")
    else:
        note(counted(number, "delivery", "deliveries"))


def _line(own: Delivery) -> str:
    tried = f", {counted(own.attempts, 'attempt')}" if own.attempts else ""
    again = f", again at {own.next_attempt}" if own.state == "deferred" and own.next_attempt else ""
    return f"{own.date}  {own.email}  {own.state}{tried}{again}{': ' if own.reply else ''}{own.reply}"


def show(options: argparse.Namespace) -> int:
    """Show one delivery with its history."""
    with opened(options) as context:
        row = deliveries.shown(context, deliveries.found(context, options.which, options.date))
    if options.json:
        say_json(row)
        return 0
    changes, bounces = row.pop("changes"), row.pop("bounces")
    for name, value in row.items():
        if value not in (None, ""):
            say(f"{name.replace('_', ' ')}: {value}")
    say("changes:")
    for change in changes:
        say(f"  {change['at']}  {_told(change)}")
    if bounces:
        say("bounces:")
    for bounce in bounces:
        say(f"  {bounce['taken_at']}  {' '.join(filter(None, (bounce['kind'], bounce['status'], bounce['note'])))}")
    return 0


def _told(change: dict[str, Any]) -> str:
    states = f"{change['old']} → {change['new']}" if change["old"] else change["new"]
    return f"{states}{': ' if change['reply'] else ''}{change['reply']}"


def retry(options: argparse.Namespace) -> int:
    """Have deliveries attempted again by the next run."""
    if not (options.email or options.state_of or options.date):
        raise UsageError("nothing to retry", where="digest deliveries retry", mend="give EMAIL, --in or --date")
    return _steer(options, options.state_of, deliveries.retry, "to be tried by the next run")


def withdraw(options: argparse.Namespace) -> int:
    """Withdraw deliveries that are not sent."""
    if bool(options.email) == options.all:
        raise UsageError("whose?", where="digest deliveries withdraw", mend="give either EMAIL or --all")
    return _steer(options, None, deliveries.withdraw, "withdrawn; the papers wait for the next edition")


def settle(options: argparse.Namespace) -> int:
    """Call unknown deliveries sent or failed."""
    if bool(options.email) == options.all:
        raise UsageError("whose?", where="digest deliveries settle", mend="give either EMAIL or --all")
    act = partial(deliveries.settle, new=options.new)
    return _steer(options, None, act, f"called {options.new}")


def _steer(options: argparse.Namespace, state: str | None, act: Callable[[Context, Asked], Steered], words: str) -> int:
    with opened(options) as context:
        done = act(context, deliveries.asked(context, options.email, options.date, state))
    for line in done.left[:_LEFT_TOLD]:
        complain(line)
    if len(done.left) > _LEFT_TOLD:
        complain(f"{len(done.left) - _LEFT_TOLD:,} more were left as they are")
    if options.json:
        say_json({"changed": done.changed, "left": list(done.left)})
    else:
        note(f"{counted(done.changed, 'delivery', 'deliveries')} {words}")
    return 1 if done.left else 0
