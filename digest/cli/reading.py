"""The commands that need no store: parse and rules check. They start fast, for they import little."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from zoneinfo import ZoneInfo

from digest import archive, layouts, rules
from digest.cli.inputs import settings_of, standard_input
from digest.cli.terminal import complain, note, say
from digest.errors import DumpError, RuleError
from digest.models import Listing, Remark


def parse(options: argparse.Namespace) -> int:
    """Print the listings of dumps; uses no store."""
    settings, _ = settings_of(options)
    if options.layout:
        layouts.by_name(options.layout)
    today = datetime.now(ZoneInfo(settings.site.timezone)).date()
    stdin = standard_input(options.paths)
    failed = False
    # All paths are looked up before anything is printed: one that is not there is wrong use.
    for item in list(archive.expanded(options.paths, settings.site.timezone)):
        name = item.name if item else "standard input"
        try:
            data = archive.read(item.path) if item else stdin
            text, _encoding = archive.decode(data or b"", name)
            dated = item.date if item else today
            _layout, events = layouts.read(text, options.date or dated, options.layout)
            for event in events:
                failed |= _print(name, event)
        except DumpError as error:
            where = "" if error.where else f"{name}: "
            complain(f"{where}{error}")
            failed = True
    return 1 if failed else 0


def _print(name: str, event: Listing | Remark) -> bool:
    """Print a listing, or tell a remark that an operator can act on; say whether it costs the exit status."""
    if isinstance(event, Listing):
        # Escaped: a lone surrogate in a dump must not end the output.
        text = json.dumps(event.as_row(), ensure_ascii=False)
        say(text if text.isprintable() else json.dumps(event.as_row(), ensure_ascii=True))
        return False
    if event.kind in ("unread", "cut", "broken"):
        note(f"{name}, line {event.line}: {event.kind}: {event.text[:100]}")
    return event.kind == "broken"


def check_rule(options: argparse.Namespace) -> int:
    """Say whether a rule is valid."""
    try:
        query = rules.parse(options.rule)
    except RuleError as error:
        say(f"invalid: {error}")
        if "\n" not in error.rule:
            say(f"  {error.rule}\n  {' ' * error.position}^")
        return 1
    say(f"valid: {rules.normal_form(query)}")
    for warning in rules.warnings(query):
        say(f"warning: {warning}")
    return 0
