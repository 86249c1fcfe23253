"""The command line's shape: every subcommand with its arguments and its help."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from digest import __version__
from digest.lifecycle import DELIVERY
from digest.settings import Weekday

_WEEKDAYS: tuple[str, ...] = Weekday.__args__  # type: ignore[attr-defined]


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line; each subcommand sets ``command``, as "module:function"."""
    top = argparse.ArgumentParser(
        prog="digest",
        description="Turn dumps of paper listings into email digests and Atom feeds, by keyword rules.",
        epilog="Start with: digest init. Exit status: 0 done; 1 done, but something was refused; 2 wrong use.",
    )
    top.add_argument("--version", action="version", version=f"digest {__version__}")
    subcommands = top.add_subparsers(metavar="COMMAND", required=True)
    daily = (_init, _run, _ingest, _parse, _preview, _rules, _subscribers, _deliveries, _status, _send_test)
    working = (_sources, _schedule, _serve, _bounces, _doctor, _dkim)
    for add in (*daily, *working, _replay, _prune, _backup, _restore, _samples):
        add(subcommands)
    return top


_Subcommands = argparse._SubParsersAction
_Made = TypeVar("_Made", bound=argparse.ArgumentParser)


class _OfRule(argparse.ArgumentParser):
    """A command with a RULE, which may look like an option, or like several arguments where its quotes are missing."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end, as argparse does; where the rule was not seen, say what to write as well."""
        mend = " (of one that begins with a minus: NOT instead, or -- before it)" if message.endswith(" RULE") else ""
        super().error(f"{message}{mend}")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Parse as argparse does, and end where something is left over."""
        found, left = super().parse_known_args(args, namespace)
        if left:
            self.error(f"unrecognized arguments: {' '.join(left)} (a rule of several words stands in single quotes)")
        return found, left


def _command(subcommands: _Subcommands[_Made], name: str, command: str, text: str, *, store: bool = True) -> _Made:
    made = subcommands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    made.set_defaults(command=command)
    if store:
        made.add_argument(
            "--config", metavar="FILE", type=Path, help="the configuration (default: config.toml, if any)"
        )
        made.add_argument("--state", metavar="DIR", type=Path, help="the state folder (default: the configuration's)")
    return made


def _day(text: str) -> date:
    # Whole years of days are reckoned back from a date, so the first ones that the calendar has are of no use.
    with contextlib.suppress(ValueError):
        if 1900 <= (found := date.fromisoformat(text)).year < 3000:
            return found
    raise argparse.ArgumentTypeError(f"{text!r} is not a date: write it like 2026-06-15")


def _path(text: str) -> Path:
    if not text:  # of a variable that is not set; it would be the folder that we are in
        raise argparse.ArgumentTypeError("a path is empty: name a file, a folder or -")
    return Path(text)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 36500:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days")
    return int(text)


def _number(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10**9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1")
    return int(text)


def _date(made: argparse.ArgumentParser, text: str) -> None:
    made.add_argument("--date", metavar="D", type=_day, help=text)


def _json(made: argparse.ArgumentParser) -> None:
    made.add_argument("--json", action="store_true", help="print one JSON document instead")


def _init(subcommands: _Subcommands[argparse.ArgumentParser]) -> None:
    made = _command(
        subcommands, "init", "commands:init", "write a commented config.toml and make the state folder", store=False
    )
    made.add_argument("folder", metavar="DIR", nargs="?", type=Path, default=Path(), help="where (default: here)")


def _run(subcommands: _Subcommands[argparse.ArgumentParser]) -> None:
    made = _command(
        subcommands, "run", "commands:run", "take in waiting dumps, send what is due for a date, publish the feeds"
    )
    _date(made, "the date, like 2026-06-15 (default: today in the site's time zone)")
    made.add_argument("--dry-run", action="store_true", help="say what would happen, and leave everything as it is")
    made.add_argument("--resend", metavar="EMAIL", help="send this subscriber's edition of the date again")
    made.add_argument("--force", action="store_true", help="allow a date after tomorrow")
    made.add_argument("--log", action="store_true", help="tell each event in a line on standard error")
    _json(made)


def _ingest(subcommands: _Subcommands[argparse.ArgumentParser]) -> None:
    made = _command(subcommands, "ingest", "commands:ingest_paths", "take in dumps only; - is standard input")
    made.add_argument("paths", metavar="PATH", nargs="*", type=_path, help="a dump, a folder of dumps, or -")
    _date(made, "the date of these dumps (default: by name, folder or age)")
    made.add_argument("--layout", metavar="L", help="read them as this layout, like jsonl")
    made.add_argument("--rejected", action="store_true", help="instead of a PATH: try again what was rejected")
    _json(made)


def _parse(subcommands: _Subcommands[argparse.ArgumentParser]) -> None:
    made = _command(subcommands, "parse", "reading:parse", "print one JSON object per listing, using no store")
    made.add_argument("paths", metavar="PATH", nargs="+", type=_path, help="a dump, a folder of dumps, or -")
    _date(made, "the date of these dumps (default: by name, folder or age)")
    made.add_argument("--layout", metavar="L", help="read them as this layout, like jsonl")
    made.add_argument(
        "--explain", action="store_true", help="tell instead which line became what, or which layouts come close"
    )


def _preview(subcommands: _Subcommands[argparse.ArgumentParser]) -> None:
    made = _command(subcommands, "preview", "commands:preview", "show what an edition looks like, sending nothing")
    whose = made.add_mutually_exclusive_group(required=True)
    whose.add_argument("--subscriber", metavar="EMAIL", help="the edition of this subscriber")
    whose.add_argument("--topic", metavar="SLUG", help="the edition of this topic")
    whose.add_argument("--rule", metavar="RULE", help="what this rule alone would bring")
    when = made.add_mutually_exclusive_group()
    when.add_argument("--date", metavar="D", type=_day, help="papers first listed on this date (default: today)")
    when.add_argument("--last", metavar="DAYS", type=_count, help="papers first listed in the last DAYS days")
    made.add_argument(
        "--format", choices=("html", "text", "eml"), default="text", help="a whole email is eml; default: text"
    )
    made.add_argument("--output", metavar="FILE", type=Path, help="write there instead of to standard output")


def _rules(subcommands: _Subcommands[argparse.ArgumentParser]) -> None:
    text = "check a rule, find what it matches, or explain why"
    made = subcommands.add_parser("rules", help=text, description="Try a rule before trusting it.")
    inner = made.add_subparsers(metavar="ACTION", required=True, parser_class=_OfRule)
    check = _command(
        inner,
        "check",
        "trying:check_rule",
        "say whether a rule is valid, where and why not, and what it would have brought from the store",
    )
    check.add_argument("rule", metavar="RULE")
    check.add_argument(
        "--days", metavar="N", type=_count, help="try it on the last N days that are stored (default: 30)"
    )
    _json(check)
    match = _command(
        inner, "match", "finding:match_rule", "list the stored papers that match a rule, newest first, with why"
    )
    match.add_argument("rule", metavar="RULE")
    match.add_argument("--since", metavar="D", type=_day, help="first listed on this date or later")
    match.add_argument("--until", metavar="D", type=_day, help="first listed on this date or before")
    match.add_argument("--limit", metavar="N", type=_number, help="the newest N papers at the most")
    _json(match)
    explain = _command(
        inner, "explain", "finding:explain_rule", "show what of a rule holds for a stored paper, and what does not"
    )
    explain.add_argument("rule", metavar="RULE")
    explain.add_argument("--paper", metavar="ID", required=True, help="its number, arXiv id, DOI or address")
    _json(explain)


def _subscribers(subcommands: _Subcommands[argparse.ArgumentParser]) -> None:
    made = subcommands.add_parser(
        "subscribers", help="the address book", description="Show and change the address book."
    )
    inner = made.add_subparsers(metavar="ACTION", required=True)
    add = _command(inner, "add", "people:add", "add a subscriber who asked to be one")
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
    add.add_argument("--confirmed", action="store_true", help="somebody who left has asked to come back")
    listing = _command(inner, "list", "people:list_", "list the subscribers")
    _json(listing)
    show = _command(inner, "show", "people:show", "show a subscriber whole")
    show.add_argument("email", metavar="EMAIL")
    _json(show)
    for name, action, text in (
        ("pause", "people:pause", "send nothing until resumed"),
        ("resume", "people:resume", "send again to somebody who was paused or suppressed"),
        ("remove", "people:remove", "send nothing any more"),
    ):
        command = _command(inner, name, action, text)
        command.add_argument("email", metavar="EMAIL")
        if name == "resume":
            command.add_argument("--confirmed", action="store_true", help="somebody who complained asked to come back")
    import_ = _command(inner, "import", "people:import_", "add subscribers from a CSV file (- is standard input)")
    import_.add_argument("file", metavar="FILE", type=Path)
    export = _command(inner, "export", "people:export", "print the address book as CSV")
    export.add_argument("--output", metavar="FILE", type=Path, help="write there instead of to standard output")


def _bounces(subcommands: _Subcommands[argparse.ArgumentParser]) -> None:
    text = "messages that came back"
    made = subcommands.add_parser("bounces", help=text, description=f"{text.capitalize()}: bounces and complaints.")
    inner = made.add_subparsers(metavar="ACTION", required=True)
    ingest = _command(inner, "ingest", "bounces:ingest", "read messages that came back, and note whose address is gone")
    ingest.add_argument("paths", metavar="PATH", nargs="+", type=_path, help="a message, a mailbox, a Maildir, or -")
    ingest.add_argument("--dry-run", action="store_true", help="say what would happen, and leave everything as it is")
    _json(ingest)


def _in(made: argparse.ArgumentParser, states: Iterable[str]) -> None:
    # Not --state, which is the state folder.
    text = f"those in this state alone: {', '.join(states)}"
    made.add_argument("--in", metavar="STATE", dest="state_of", choices=tuple(states), help=text)


def _deliveries(subcommands: _Subcommands[argparse.ArgumentParser]) -> None:
    made = subcommands.add_parser(
        "deliveries", help="the ledger of sending", description="Show and steer what is sent to whom."
    )
    inner = made.add_subparsers(metavar="ACTION", required=True)
    listing = _command(inner, "list", "deliveries:list_", "list deliveries, newest first, with what the server said")
    _date(listing, "those for this date alone")
    _in(listing, DELIVERY)
    listing.add_argument("--subscriber", metavar="EMAIL", help="those to this subscriber alone")
    listing.add_argument("--limit", metavar="N", type=_number, help="the newest N at the most (default: 50)")
    _json(listing)
    show = _command(inner, "show", "deliveries:show", "show a delivery with each change of its state, when and why")
    show.add_argument("which", metavar="EMAIL", help="whose: the last one; or a delivery's number")
    _date(show, "the one for this date")
    _json(show)
    retry = _command(inner, "retry", "deliveries:retry", "have the next run try what failed, waits or is unknown")
    retry.add_argument("email", metavar="EMAIL", nargs="?", help="those to this subscriber alone")
    _in(retry, ("failed", "deferred", "unknown"))
    _date(retry, "those for this date alone")
    _json(retry)
    withdraw = _command(
        inner, "withdraw", "deliveries:withdraw", "take back what is not sent; its papers wait for the next edition"
    )
    _whose(withdraw)
    settle = _command(inner, "settle", "deliveries:settle", "say what became of what is unknown; nothing is sent")
    settle.add_argument("--as", dest="new", choices=("sent", "failed"), required=True, help="what became of them")
    _whose(settle)


def _whose(made: argparse.ArgumentParser) -> None:
    made.add_argument("email", metavar="EMAIL", nargs="?", help="what goes to this subscriber")
    made.add_argument("--all", action="store_true", help="what goes to anybody")
    _date(made, "those for this date alone")
    _json(made)


def _status(subcommands: _Subcommands[argparse.ArgumentParser]) -> None:
    _json(
        _command(
            subcommands,
            "status",
            "commands:status",
            "show runs, pages, the ledger, what waits, what failed and why",
        )
    )


def _send_test(subcommands: _Subcommands[argparse.ArgumentParser]) -> None:
    made = _command(subcommands, "send-test", "commands:send_test", "send a test digest through the configured channel")
    made.add_argument("email", metavar="ADDRESS")


def _doctor(subcommands: _Subcommands[argparse.ArgumentParser]) -> None:
    text = "check whether email can go out, and is believed where it arrives"
    _json(_command(subcommands, "doctor", "doctor:examine", text))


def _dkim(subcommands: _Subcommands[argparse.ArgumentParser]) -> None:
    text = "make a key that signs emails"
    made = subcommands.add_parser("dkim", help=text, description="Keys that emails are signed with.")
    inner = made.add_subparsers(metavar="ACTION", required=True)
    new = _command(inner, "new", "dkim:new", "make a key, and print the record that publishes it", store=False)
    new.add_argument("file", metavar="FILE", type=Path, help="where the private key goes")
    new.add_argument(
        "--selector", metavar="S", default="digest", help="its name in the DNS (default: digest); a new one for each"
    )
    new.add_argument("--kind", choices=("rsa", "ed25519"), default="rsa", help="default: rsa, which all receivers know")
    new.add_argument("--config", metavar="FILE", type=Path, help="the configuration, which names the domain")


def _schedule(subcommands: _Subcommands[argparse.ArgumentParser]) -> None:
    _json(_command(subcommands, "schedule", "coming:schedule", "show what digest serve does in the coming 48 hours"))


def _sources(subcommands: _Subcommands[argparse.ArgumentParser]) -> None:
    made = subcommands.add_parser("sources", help="show the ways in besides the inbox, or ask them now")
    inner = made.add_subparsers(metavar="ACTION", required=True)
    _json(_command(inner, "list", "sources:list_", "show each source, when it was asked last and what came of it"))
    ask = _command(inner, "ask", "sources:ask", "ask sources now; what they bring waits in the inbox for the next run")
    ask.add_argument("names", nargs="*", metavar="NAME", help="default: all")


def _serve(subcommands: _Subcommands[argparse.ArgumentParser]) -> None:
    made = _command(subcommands, "serve", "commands:serve", "run the scheduler and the web in one process")
    made.add_argument("--host", help="default: the configuration's web.host")
    made.add_argument("--port", type=int, help="default: the configuration's web.port")
    one = made.add_mutually_exclusive_group()
    one.add_argument("--no-web", action="store_true", help="the scheduler alone")
    one.add_argument("--no-schedule", action="store_true", help="the web alone")


def _replay(subcommands: _Subcommands[argparse.ArgumentParser]) -> None:
    made = _command(
        subcommands,
        "replay",
        "upkeep:replay",
        "rebuild a store from the kept dumps alone, read with the layouts of today",
    )
    made.epilog = "Subscribers, editions and the ledger are not rebuilt: they are in no dump."
    made.add_argument("--into", metavar="DIR", type=Path, required=True, help="a new state folder, for what is rebuilt")
    made.add_argument("--since", metavar="D", type=_day, help="only dumps of this date or later")
    made.add_argument("--until", metavar="D", type=_day, help="only dumps of this date or before")
    _json(made)


def _prune(subcommands: _Subcommands[argparse.ArgumentParser]) -> None:
    made = _command(
        subcommands, "prune", "upkeep:prune", "say what is old under the state folder, and with --yes remove it"
    )
    made.epilog = "Papers, editions and the ledger stay in the store; pruned dumps cannot be replayed."
    for name, text in (
        ("dumps", "kept dumps"),
        ("outbox", "emails in the outbox"),
        ("editions", "pages of topics' editions"),
    ):
        made.add_argument(f"--{name}", metavar="DAYS", type=_count, help=f"{text} dated more than DAYS days ago")
    made.add_argument("--yes", action="store_true", help="remove it; without this, nothing is changed")
    _json(made)


def _backup(subcommands: _Subcommands[argparse.ArgumentParser]) -> None:
    made = _command(
        subcommands,
        "backup",
        "upkeep:backup",
        "write the store and the kept dumps into one file, also while serve runs",
    )
    made.epilog = "It holds all addresses and the secret of the links: keep it to yourself."
    made.add_argument("file", metavar="FILE", type=Path, help="a tar file; compressed where it ends in .gz or .tgz")


def _restore(subcommands: _Subcommands[argparse.ArgumentParser]) -> None:
    made = _command(
        subcommands, "restore", "upkeep:restore", "make a state folder of a backup, where there is no store yet"
    )
    made.epilog = "The configuration is not part of a backup. public/ is made by the next run."
    made.add_argument("file", metavar="FILE", type=Path, help="what digest backup wrote")


def _samples(subcommands: _Subcommands[argparse.ArgumentParser]) -> None:
    made = subcommands.add_parser("samples", help="make samples of dumps", description="Make samples of dumps.")
    inner = made.add_subparsers(metavar="ACTION", required=True)
    text = "turn a dump into one of the same shape without its words, for a bug report"
    sample = _command(inner, "anonymise", "samples:anonymise", text, store=False)
    sample.add_argument("file", metavar="FILE", type=Path, help="a dump, also one that was rejected")
    sample.add_argument("--output", metavar="FILE", type=Path, help="write there instead of to standard output")
