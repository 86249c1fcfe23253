"""The arguments of `digest feeds`."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from digest.cli.arguments.shared import Subcommands, add_json, command


def feeds(subcommands: Subcommands[ArgumentParser]) -> None:
    """Add `digest feeds`."""
    made = subcommands.add_parser("feeds", help="where the feeds are", description="Show and change where feeds are.")
    inner = made.add_subparsers(metavar="ACTION", required=True)
    listing = command(inner, "list", "feeds:list_", "list the public feeds, or show a subscriber's own")
    listing.add_argument("email", metavar="EMAIL", nargs="?", help="whose private feed; its addresses are secret")
    add_json(listing)
    rotate = command(
        inner, "rotate", "feeds:rotate", "give a subscriber's feed a new address; the old one is void at once"
    )
    rotate.add_argument("email", metavar="EMAIL")
    export = command(inner, "export", "feeds:export", "print the public feeds as OPML, for feed readers to take in")
    export.add_argument("--output", metavar="FILE", type=Path, help="write there instead of to standard output")
