"""What the arguments of many commands are made of: a subcommand, and values such as dates and paths."""

from __future__ import annotations

import argparse
import contextlib
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import TypeVar

Subcommands = argparse._SubParsersAction
Made = TypeVar("Made", bound=ArgumentParser)


def command(subcommands: Subcommands[Made], name: str, does: str, text: str, *, store: bool = True) -> Made:
    """Return a new subcommand, which the function ``does`` ("module:function"); with a store, it can be told which."""
    made = subcommands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    made.set_defaults(command=does)
    if store:
        made.add_argument(
            "--config", metavar="FILE", type=Path, help="the configuration (default: config.toml, if any)"
        )
        made.add_argument("--state", metavar="DIR", type=Path, help="the state folder (default: the configuration's)")
    return made


def day(text: str) -> date:
    """Return the date that an argument tells."""
    # Whole years of days are reckoned back from a date, so the first ones that the calendar has are of no use.
    with contextlib.suppress(ValueError):
        if 1900 <= (found := date.fromisoformat(text)).year < 3000:
            return found
    raise ArgumentTypeError(f"{text!r} is not a date: write it like 2026-06-15")


def path(text: str) -> Path:
    """Return the path that an argument tells; - is one, too."""
    if not text:  # of a variable that is not set; it would be the folder that we are in
        raise ArgumentTypeError("a path is empty: name a file, a folder or -")
    return Path(text)


def count(text: str) -> int:
    """Return the number of days that an argument tells."""
    if not text.isdecimal() or not 1 <= int(text) <= 36500:
        raise ArgumentTypeError(f"{text!r} is not a number of days")
    return int(text)


def number(text: str) -> int:
    """Return the number from 1 that an argument tells."""
    if not text.isdecimal() or not 1 <= int(text) <= 10**9:
        raise ArgumentTypeError(f"{text!r} is not a number from 1")
    return int(text)


def add_date(made: ArgumentParser, text: str) -> None:
    """Add --date."""
    made.add_argument("--date", metavar="D", type=day, help=text)


def add_json(made: ArgumentParser) -> None:
    """Add --json."""
    made.add_argument("--json", action="store_true", help="print one JSON document instead")
