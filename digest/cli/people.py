"""The commands on the address book."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from digest.cli.inputs import write_out
from digest.cli.terminal import complain, note, say, say_json
from digest.cli.world import opened
from digest.errors import UsageError
from digest.models import Subscriber, SubscriberState
from digest.service import feed_addresses, subscriptions

_NAMED = re.compile(r"([^\s:=\"'()/][^=\"'()/:]*)=(.+)", re.DOTALL)


def _rule(text: str) -> str | dict[str, str]:
    """Return the rule of ``--rule``: a query, or ``NAME=QUERY``."""
    found = _NAMED.fullmatch(text)
    return {"name": found[1].strip(), "query": found[2].strip()} if found else text


def _wanted(options: argparse.Namespace) -> dict[str, Any]:
    values: dict[str, Any] = {
        "email": options.email,
        "name": options.name,
        "rules": [_rule(text) for text in options.rule],
        "topics": options.topic,
        "exclude": options.exclude,
        "frequency": "weekly" if options.weekly else "daily",
        "weekday": options.weekly,
        "send_at": options.send_at,
        "timezone": options.timezone,
        "max_items": options.max_items,
        "mail": options.mail,
    }
    return {name: value for name, value in values.items() if value is not None}


def add(options: argparse.Namespace) -> int:
    """Add a subscriber."""
    with opened(options) as context:
        wish = subscriptions.read_wish(context, _wanted(options))
        subscriptions.add(context, wish, confirmed=options.confirmed)
    feed = "" if wish.mail else f", without mail; where the feed is: digest feeds list {wish.email}"
    note(f"{wish.email} is a subscriber now{feed}")
    return 0


def list_(options: argparse.Namespace) -> int:
    """List the subscribers, a line each."""
    with opened(options) as context:
        found = subscriptions.listed(context)
    if options.json:
        say_json([subscriptions.as_row(subscriber) for subscriber in found])
        return 0
    for subscriber in found:
        rhythm = subscriber.frequency if subscriber.frequency == "daily" else f"weekly, {subscriber.weekday}"
        if not subscriber.mail:
            rhythm = f"no mail, {rhythm}"
        wants = ", ".join([*subscriber.topics, *(rule.name or rule.query for rule in subscriber.rules)])
        say(f"{subscriber.email}  {subscriber.state}  {rhythm} {subscriber.send_at} {subscriber.timezone}  {wants}")
    if not found:
        note("no subscribers yet; see: digest subscribers add --help")
    return 0


def show(options: argparse.Namespace) -> int:
    """Show one subscriber, with the secret address of their feed."""
    with opened(options) as context:
        row = subscriptions.as_row(subscriptions.show(context, options.email))
        row["feed"] = feed_addresses.subscriber_feeds(context, options.email).atom
    if options.json:
        say_json(row)
        return 0
    for name, value in row.items():
        if shown := _shown(value):
            say(f"{name.replace('_', ' ')}: {shown}")
    return 0


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return "" if value is None else str(value)


def _become(options: argparse.Namespace, new: SubscriberState, words: str, *, confirmed: bool = False) -> int:
    with opened(options) as context:
        found: Subscriber = subscriptions.set_state(context, options.email, new, confirmed=confirmed)
    note(f"{found.email} {words}")
    return 0


def pause(options: argparse.Namespace) -> int:
    """Pause a subscriber."""
    return _become(options, "paused", "gets nothing until resumed")


def resume(options: argparse.Namespace) -> int:
    """Resume a subscriber who was paused or suppressed."""
    return _become(options, "active", "gets digests again", confirmed=options.confirmed)


def remove(options: argparse.Namespace) -> int:
    """Remove a subscriber."""
    return _become(options, "removed", "gets nothing any more")


def import_(options: argparse.Namespace) -> int:
    """Add the subscribers of a CSV file."""
    with opened(options) as context:
        imported = subscriptions.import_(context, _text(options.file))
    for line in imported.refused:
        complain(line)
    note(f"{imported.added} added, {imported.known} known already, {len(imported.refused)} refused")
    return 1 if imported.refused else 0


def _text(file: Path) -> str:
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(error.strerror or str(error), where=str(file)) from error
    except UnicodeDecodeError as error:
        raise UsageError("not UTF-8", where=str(file), mend="save it as UTF-8") from error


def export(options: argparse.Namespace) -> int:
    """Print the address book as CSV."""
    with opened(options) as context:
        table = subscriptions.export(subscriptions.listed(context))
    write_out(table.encode(), options.output)
    return 0
