"""The command line's shape: every subcommand with its arguments and its help, in the order of the help."""

from __future__ import annotations

from argparse import ArgumentParser

from digest import __version__
from digest.cli.arguments import daily, feeds, people, rules, sending, upkeep

_COMMANDS = (
    daily.init,
    daily.run,
    daily.ingest,
    daily.parse,
    daily.preview,
    rules.rules,
    people.subscribers,
    feeds.feeds,
    sending.deliveries,
    daily.status,
    sending.send_test,
    daily.sources,
    daily.schedule,
    daily.serve,
    sending.bounces,
    sending.doctor,
    sending.dkim,
    upkeep.replay,
    upkeep.prune,
    upkeep.backup,
    upkeep.restore,
    upkeep.samples,
)


def parser() -> ArgumentParser:
    """Return the parser of the command line; each subcommand sets ``command``, as "module:function"."""
    top = ArgumentParser(
        prog="digest",
        description="Turn dumps of paper listings into email digests and feeds, by keyword rules.",
        epilog="Start with: digest init. Exit status: 0 done; 1 done, but something was refused; 2 wrong use.",
    )
    top.add_argument("--version", action="version", version=f"digest {__version__}")
    subcommands = top.add_subparsers(metavar="COMMAND", required=True)
    for add in _COMMANDS:
        add(subcommands)
    return top
