"""The arguments of what keeps a site for years: replay, pruning, backups, samples."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from digest.cli.arguments.shared import Subcommands, add_json, command, count, day


def replay(subcommands: Subcommands[ArgumentParser]) -> None:
    """Add `digest replay`."""
    made = command(
        subcommands,
        "replay",
        "upkeep:replay",
        "rebuild a store from the kept dumps alone, read with the layouts of today",
    )
    made.epilog = "Subscribers, editions and the ledger are not rebuilt: they are in no dump."
    made.add_argument("--into", metavar="DIR", type=Path, required=True, help="a new state folder, for what is rebuilt")
    made.add_argument("--since", metavar="D", type=day, help="only dumps of this date or later")
    made.add_argument("--until", metavar="D", type=day, help="only dumps of this date or before")
    add_json(made)


def prune(subcommands: Subcommands[ArgumentParser]) -> None:
    """Add `digest prune`."""
    made = command(
        subcommands, "prune", "upkeep:prune", "say what is old under the state folder, and with --yes remove it"
    )
    made.epilog = "Papers, editions and the ledger stay in the store; pruned dumps cannot be replayed."
    for name, text in (
        ("dumps", "kept dumps"),
        ("outbox", "emails in the outbox"),
        ("editions", "pages of topics' editions"),
    ):
        made.add_argument(f"--{name}", metavar="DAYS", type=count, help=f"{text} dated more than DAYS days ago")
    made.add_argument("--yes", action="store_true", help="remove it; without this, nothing is changed")
    add_json(made)


def backup(subcommands: Subcommands[ArgumentParser]) -> None:
    """Add `digest backup`."""
    made = command(
        subcommands,
        "backup",
        "upkeep:backup",
        "write the store and the kept dumps into one file, also while serve runs",
    )
    made.epilog = "It holds all addresses and the secret of the links: keep it to yourself."
    made.add_argument("file", metavar="FILE", type=Path, help="a tar file; compressed where it ends in .gz or .tgz")


def restore(subcommands: Subcommands[ArgumentParser]) -> None:
    """Add `digest restore`."""
    made = command(
        subcommands, "restore", "upkeep:restore", "make a state folder of a backup, where there is no store yet"
    )
    made.epilog = "The configuration is not part of a backup. public/ is made by the next run."
    made.add_argument("file", metavar="FILE", type=Path, help="what digest backup wrote")


def samples(subcommands: Subcommands[ArgumentParser]) -> None:
    """Add `digest samples`."""
    made = subcommands.add_parser("samples", help="make samples of dumps", description="Make samples of dumps.")
    inner = made.add_subparsers(metavar="ACTION", required=True)
    text = "turn a dump into one of the same shape without its words, for a bug report"
    sample = command(inner, "anonymise", "samples:anonymise", text, store=False)
    sample.add_argument("file", metavar="FILE", type=Path, help="a dump, also one that was rejected")
    sample.add_argument("--output", metavar="FILE", type=Path, help="write there instead of to standard output")
