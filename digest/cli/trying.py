"""``digest rules check``: whether a rule is valid, what is odd about it, and what it would have brought so far.

It starts fast where there is neither a configuration nor a store, for it imports little then.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digest import rules
from digest.cli import caret, terminal
from digest.cli.terminal import note, say, say_json
from digest.errors import ConfigError, RuleError, StateError
from digest.rules.tree import Query
from digest.text import counted

if TYPE_CHECKING:
    from digest.service.trying import History

# Where a store may be known from, without the settings, which take a while to load: tests hold them to the defaults.
CONFIGURATION, STATE = "config.toml", "state"
_VARIABLES = ("DIGEST_PATHS__", "DIGEST_STORE__")
_ABSENT_SHOWN = 5


def check_rule(options: argparse.Namespace) -> int:
    """Say whether a rule is valid, and try it on the store's history where there is one."""
    try:
        query = rules.parse(options.rule)
    except RuleError as error:
        _refuse(error, as_json=options.json)
        return 1
    history = _history(options, query)
    if options.json:
        say_json(_document(query, history=history.as_row() if history else None))
        return 0
    say(f"valid: {rules.normal_form(query)}")
    for warning in rules.warnings(query):
        say(f"warning: {warning}")
    if history:
        _tell(history)
    return 0


def _document(query: Query | None, **known: Any) -> dict[str, Any]:
    said = {"normal_form": str(query), "warnings": list(rules.warnings(query))} if query else {}
    empty: dict[str, Any] = {
        "valid": query is not None,
        "normal_form": None,
        "warnings": [],
        "error": None,
        "history": None,
    }
    return empty | said | known


def _refuse(error: RuleError, *, as_json: bool) -> None:
    if as_json:
        names = ("what", "position", "expected", "suggestion")
        say_json(_document(None, error={name: getattr(error, name) for name in names}))
        return
    say(f"invalid: {error}")
    for line in caret.shown(error):
        say(line)


def _history(options: argparse.Namespace, query: Query) -> History | None:
    """Return what the rule brings of the papers in the store, None where there is no store or none in it.

    A configuration or store that was not asked for and cannot be used is no reason to keep silent about the rule.
    """
    asked = options.config or options.state
    around = Path(CONFIGURATION).exists() or Path(STATE).exists()
    if not (asked or around or any(name.upper().startswith(_VARIABLES) for name in os.environ)):
        return None
    try:
        return _tried(options, query)
    except (ConfigError, StateError) as error:
        if asked:
            raise
        note(f"not tried on stored papers: {error}")
        return None


def _tried(options: argparse.Namespace, query: Query) -> History | None:
    from digest.cli.inputs import settings_of
    from digest.service import trying

    settings, base = settings_of(options)
    store = trying.existing_store(settings, options.state or base / settings.paths.state)
    if store is None:
        return None
    try:
        return trying.history(store, query, options.days or trying.DAYS, terminal.progress)
    finally:
        store.close()


def _tell(history: History) -> None:
    """Print what a rule brings, terms that bring nothing, and what small widenings would add."""
    stretch = f"In the {history.days} days up to" if history.days > 1 else "On"
    say(f"{stretch} {history.until} ({counted(history.papers, 'paper')}): {_brought(history)}.")
    for absent in history.absent[:_ABSENT_SHOWN]:
        meant = f"; did you mean {absent.suggestion} ({counted(absent.papers, 'paper')})?" if absent.suggestion else ""
        say(f"in none of them: {absent.term}{meant}")
    if (more := len(history.absent) - _ABSENT_SHOWN) > 0:
        say(f"in none of them: {counted(more, 'more term')}")
    for own in history.widenings:
        change = f"{own.change} ({own.how}) instead of" if own.change else "the rule without"
        say(f"{counted(own.adds, 'paper')} more: {change} {own.instead_of}")


def _brought(history: History) -> str:
    if not history.busiest:
        return "no paper matches"
    rate = history.matches / history.days
    often = f"{rate:,.1f} a day" if rate >= 0.1 else "less than one in ten days"
    day, most = history.busiest
    matches = counted(history.matches, "paper matches", "papers match")
    return f"{matches}, {often}, the most on {day}: {most:,}" if history.days > 1 else matches
