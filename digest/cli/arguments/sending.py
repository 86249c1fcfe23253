"""The arguments of all that is about sending: deliveries, what came back, trying and signing."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path

from digest.cli.arguments.shared import Subcommands, add_date, add_json, command, number, path
from digest.lifecycle import DELIVERY


def send_test(subcommands: Subcommands[ArgumentParser]) -> None:
    """Add `digest send-test`."""
    made = command(subcommands, "send-test", "commands:send_test", "send a test digest through the configured channel")
    made.add_argument("email", metavar="ADDRESS")


def deliveries(subcommands: Subcommands[ArgumentParser]) -> None:
    """Add `digest deliveries`."""
    made = subcommands.add_parser(
        "deliveries", help="the ledger of sending", description="Show and steer what is sent to whom."
    )
    inner = made.add_subparsers(metavar="ACTION", required=True)
    listing = command(inner, "list", "deliveries:list_", "list deliveries, newest first, with what the server said")
    add_date(listing, "those for this date alone")
    _in(listing, DELIVERY)
    listing.add_argument("--subscriber", metavar="EMAIL", help="those to this subscriber alone")
    listing.add_argument("--limit", metavar="N", type=number, help="the newest N at the most (default: 50)")
    add_json(listing)
    show = command(inner, "show", "deliveries:show", "show a delivery with each change of its state, when and why")
    show.add_argument("which", metavar="EMAIL", help="whose: the last one; or a delivery's number")
    add_date(show, "the one for this date")
    add_json(show)
    retry = command(inner, "retry", "deliveries:retry", "have the next run try what failed, waits or is unknown")
    retry.add_argument("email", metavar="EMAIL", nargs="?", help="those to this subscriber alone")
    _in(retry, ("failed", "deferred", "unknown"))
    add_date(retry, "those for this date alone")
    add_json(retry)
    withdraw = command(
        inner, "withdraw", "deliveries:withdraw", "take back what is not sent; its papers wait for the next edition"
    )
    _whose(withdraw)
    settle = command(inner, "settle", "deliveries:settle", "say what became of what is unknown; nothing is sent")
    settle.add_argument("--as", dest="new", choices=("sent", "failed"), required=True, help="what became of them")
    _whose(settle)


def _in(made: ArgumentParser, states: Iterable[str]) -> None:
    # Not --state, which is the state folder.
    text = f"those in this state alone: {', '.join(states)}"
    made.add_argument("--in", metavar="STATE", dest="state_of", choices=tuple(states), help=text)


def _whose(made: ArgumentParser) -> None:
    made.add_argument("email", metavar="EMAIL", nargs="?", help="what goes to this subscriber")
    made.add_argument("--all", action="store_true", help="what goes to anybody")
    add_date(made, "those for this date alone")
    add_json(made)


def bounces(subcommands: Subcommands[ArgumentParser]) -> None:
    """Add `digest bounces`."""
    text = "messages that came back"
    made = subcommands.add_parser("bounces", help=text, description=f"{text.capitalize()}: bounces and complaints.")
    inner = made.add_subparsers(metavar="ACTION", required=True)
    ingest = command(inner, "ingest", "bounces:ingest", "read messages that came back, and note whose address is gone")
    ingest.add_argument("paths", metavar="PATH", nargs="+", type=path, help="a message, a mailbox, a Maildir, or -")
    ingest.add_argument("--dry-run", action="store_true", help="say what would happen, and leave everything as it is")
    add_json(ingest)


def doctor(subcommands: Subcommands[ArgumentParser]) -> None:
    """Add `digest doctor`."""
    text = "check whether email can go out, and is believed where it arrives"
    add_json(command(subcommands, "doctor", "doctor:examine", text))


def dkim(subcommands: Subcommands[ArgumentParser]) -> None:
    """Add `digest dkim`."""
    text = "make a key that signs emails"
    made = subcommands.add_parser("dkim", help=text, description="Keys that emails are signed with.")
    inner = made.add_subparsers(metavar="ACTION", required=True)
    new = command(inner, "new", "dkim:new", "make a key, and print the record that publishes it", store=False)
    new.add_argument("file", metavar="FILE", type=Path, help="where the private key goes")
    new.add_argument(
        "--selector", metavar="S", default="digest", help="its name in the DNS (default: digest); a new one for each"
    )
    new.add_argument("--kind", choices=("rsa", "ed25519"), default="rsa", help="default: rsa, which all receivers know")
    new.add_argument("--config", metavar="FILE", type=Path, help="the configuration, which names the domain")
