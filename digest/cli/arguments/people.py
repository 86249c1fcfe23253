"""The arguments of `digest subscribers`."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from digest.cli.arguments.shared import Subcommands, add_json, command
from digest.settings import Weekday

_WEEKDAYS: tuple[str, ...] = Weekday.__args__  # type: ignore[attr-defined]


def subscribers(subcommands: Subcommands[ArgumentParser]) -> None:
    """Add `digest subscribers`."""
    made = subcommands.add_parser(
        "subscribers", help="the address book", description="Show and change the address book."
    )
    inner = made.add_subparsers(metavar="ACTION", required=True)
    add = command(inner, "add", "people:add", "add a subscriber who asked to be one")
    add.add_argument("email", metavar="EMAIL")
    add.add_argument("--name", default="", help="for the To line")
    add.add_argument(
        "--rule", metavar="RULE", action="append", default=[], help="may be given several times; NAME=… names it"
    )
    add.add_argument("--topic", metavar="SLUG", action="append", default=[], help="may be given several times")
    add.add_argument("--exclude", metavar="RULE", action="append", default=[], help="papers they never want")
    add.add_argument("--weekly", metavar="WEEKDAY", choices=_WEEKDAYS, help="once a week, on this day (default: daily)")
    add.add_argument("--send-at", metavar="HH:MM", help="when digest serve sends it (default: 07:00)")
    add.add_argument("--timezone", metavar="ZONE", help="like Europe/Berlin (default: the site's)")
    add.add_argument("--max-items", metavar="N", type=int, help="papers in an edition (default: the site's)")
    add.add_argument(
        "--no-mail", dest="mail", action="store_false", help="a private feed alone: digest feeds list EMAIL"
    )
    add.add_argument("--confirmed", action="store_true", help="somebody who left has asked to come back")
    listing = command(inner, "list", "people:list_", "list the subscribers")
    add_json(listing)
    show = command(inner, "show", "people:show", "show a subscriber whole")
    show.add_argument("email", metavar="EMAIL")
    add_json(show)
    for name, does, text in (
        ("pause", "people:pause", "send nothing until resumed"),
        ("resume", "people:resume", "send again to somebody who was paused or suppressed"),
        ("remove", "people:remove", "send nothing any more"),
    ):
        made = command(inner, name, does, text)
        made.add_argument("email", metavar="EMAIL")
        if name == "resume":
            made.add_argument("--confirmed", action="store_true", help="somebody who complained asked to come back")
    import_ = command(inner, "import", "people:import_", "add subscribers from a CSV file (- is standard input)")
    import_.add_argument("file", metavar="FILE", type=Path)
    export = command(inner, "export", "people:export", "print the address book as CSV")
    export.add_argument("--output", metavar="FILE", type=Path, help="write there instead of to standard output")
