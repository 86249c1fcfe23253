"""The arguments of `digest rules`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, NoReturn

from digest.cli.arguments.shared import Subcommands, add_json, command, count, day, number


class _OfRule(ArgumentParser):
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


def rules(subcommands: Subcommands[ArgumentParser]) -> None:
    """Add `digest rules`."""
    text = "check a rule, find what it matches, or explain why"
    made = subcommands.add_parser("rules", help=text, description="Try a rule before trusting it.")
    inner = made.add_subparsers(metavar="ACTION", required=True, parser_class=_OfRule)
    check = command(
        inner,
        "check",
        "trying:check_rule",
        "say whether a rule is valid, where and why not, and what it would have brought from the store",
    )
    check.add_argument("rule", metavar="RULE")
    check.add_argument(
        "--days", metavar="N", type=count, help="try it on the last N days that are stored (default: 30)"
    )
    add_json(check)
    match = command(
        inner, "match", "finding:match_rule", "list the stored papers that match a rule, newest first, with why"
    )
    match.add_argument("rule", metavar="RULE")
    match.add_argument("--since", metavar="D", type=day, help="first listed on this date or later")
    match.add_argument("--until", metavar="D", type=day, help="first listed on this date or before")
    match.add_argument("--limit", metavar="N", type=number, help="the newest N papers at the most")
    add_json(match)
    explain = command(
        inner, "explain", "finding:explain_rule", "show what of a rule holds for a stored paper, and what does not"
    )
    explain.add_argument("rule", metavar="RULE")
    explain.add_argument("--paper", metavar="ID", required=True, help="its number, arXiv id, DOI or address")
    add_json(explain)
