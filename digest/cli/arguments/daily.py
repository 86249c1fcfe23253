"""The arguments of what is done every day: set-up, the run and its parts, looking at what is and what is to come."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from digest.cli.arguments.shared import Subcommands, add_date, add_json, command, count, day, path


def init(subcommands: Subcommands[ArgumentParser]) -> None:
    """Add `digest init`."""
    made = command(
        subcommands, "init", "commands:init", "write a commented config.toml and make the state folder", store=False
    )
    made.add_argument("folder", metavar="DIR", nargs="?", type=Path, default=Path(), help="where (default: here)")


def run(subcommands: Subcommands[ArgumentParser]) -> None:
    """Add `digest run`."""
    made = command(
        subcommands, "run", "commands:run", "take in waiting dumps, send what is due for a date, publish the feeds"
    )
    add_date(made, "the date, like 2026-06-15 (default: today in the site's time zone)")
    made.add_argument("--dry-run", action="store_true", help="say what would happen, and leave everything as it is")
    made.add_argument("--resend", metavar="EMAIL", help="send this subscriber's edition of the date again")
    made.add_argument("--force", action="store_true", help="allow a date after tomorrow")
    made.add_argument("--log", action="store_true", help="tell each event in a line on standard error")
    add_json(made)


def ingest(subcommands: Subcommands[ArgumentParser]) -> None:
    """Add `digest ingest`."""
    made = command(subcommands, "ingest", "commands:ingest_paths", "take in dumps only; - is standard input")
    made.add_argument("paths", metavar="PATH", nargs="*", type=path, help="a dump, a folder of dumps, or -")
    add_date(made, "the date of these dumps (default: by name, folder or age)")
    made.add_argument("--layout", metavar="L", help="read them as this layout, like jsonl")
    made.add_argument("--rejected", action="store_true", help="instead of a PATH: try again what was rejected")
    add_json(made)


def parse(subcommands: Subcommands[ArgumentParser]) -> None:
    """Add `digest parse`."""
    made = command(subcommands, "parse", "reading:parse", "print one JSON object per listing, using no store")
    made.add_argument("paths", metavar="PATH", nargs="+", type=path, help="a dump, a folder of dumps, or -")
    add_date(made, "the date of these dumps (default: by name, folder or age)")
    made.add_argument("--layout", metavar="L", help="read them as this layout, like jsonl")
    made.add_argument(
        "--explain", action="store_true", help="tell instead which line became what, or which layouts come close"
    )


def preview(subcommands: Subcommands[ArgumentParser]) -> None:
    """Add `digest preview`."""
    made = command(subcommands, "preview", "commands:preview", "show what an edition looks like, sending nothing")
    whose = made.add_mutually_exclusive_group(required=True)
    whose.add_argument("--subscriber", metavar="EMAIL", help="the edition of this subscriber")
    whose.add_argument("--topic", metavar="SLUG", help="the edition of this topic")
    whose.add_argument("--rule", metavar="RULE", help="what this rule alone would bring")
    when = made.add_mutually_exclusive_group()
    when.add_argument("--date", metavar="D", type=day, help="papers first listed on this date (default: today)")
    when.add_argument("--last", metavar="DAYS", type=count, help="papers first listed in the last DAYS days")
    made.add_argument(
        "--format", choices=("html", "text", "eml"), default="text", help="a whole email is eml; default: text"
    )
    made.add_argument("--output", metavar="FILE", type=Path, help="write there instead of to standard output")


def status(subcommands: Subcommands[ArgumentParser]) -> None:
    """Add `digest status`."""
    add_json(
        command(
            subcommands,
            "status",
            "commands:status",
            "show runs, pages, the ledger, what waits, what failed and why",
        )
    )


def schedule(subcommands: Subcommands[ArgumentParser]) -> None:
    """Add `digest schedule`."""
    add_json(command(subcommands, "schedule", "coming:schedule", "show what digest serve does in the coming 48 hours"))


def sources(subcommands: Subcommands[ArgumentParser]) -> None:
    """Add `digest sources`."""
    made = subcommands.add_parser("sources", help="show the ways in besides the inbox, or ask them now")
    inner = made.add_subparsers(metavar="ACTION", required=True)
    add_json(command(inner, "list", "sources:list_", "show each source, when it was asked last and what came of it"))
    ask = command(inner, "ask", "sources:ask", "ask sources now; what they bring waits in the inbox for the next run")
    ask.add_argument("names", nargs="*", metavar="NAME", help="default: all")


def serve(subcommands: Subcommands[ArgumentParser]) -> None:
    """Add `digest serve`."""
    made = command(subcommands, "serve", "commands:serve", "run the scheduler and the web in one process")
    made.add_argument("--host", help="default: the configuration's web.host")
    made.add_argument("--port", type=int, help="default: the configuration's web.port")
    one = made.add_mutually_exclusive_group()
    one.add_argument("--no-web", action="store_true", help="the scheduler alone")
    one.add_argument("--no-schedule", action="store_true", help="the web alone")
