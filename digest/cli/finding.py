"""``digest rules match`` and ``digest rules explain``: what a rule finds in the store, and why."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import Any

from digest import rules
from digest.cli.terminal import note, say, say_json, say_json_items
from digest.cli.world import opened
from digest.models import Hit, Paper
from digest.rules.account import Account
from digest.service import finding
from digest.text import counted, readable

_KINDS = {"all": "all of these", "any": "any of these", "not": "not this"}


def match_rule(options: argparse.Namespace) -> int:
    """List the stored papers that a rule matches."""
    query = rules.parse(options.rule)
    with (
        opened(options) as context,
        closing(finding.matching(context, query, options.since, options.until)) as matching,
    ):
        found = islice(matching, options.limit)
        if options.json:
            say_json_items(paper_as_json(paper) | {"why": [_why(hit) for hit in hits]} for paper, hits in found)
            return 0
        number = 0
        for paper, hits in found:
            number += 1
            why = "; ".join(dict.fromkeys(map(_told, hits))) or "nothing excludes it"
            say(f"{paper.first_listed}  {readable(paper.title)}\n            paper {paper.id}: {why}")
    note(counted(number, "paper"))
    return 0


def _told(hit: Hit) -> str:
    return f"{hit.field}: {hit.where}" if hit.where else f"{hit.term} in {hit.field}"


def _why(hit: Hit) -> dict[str, object]:
    return {"term": hit.term, "field": hit.field, "spans": [list(span) for span in hit.spans], "where": hit.where}


def paper_as_json(paper: Paper) -> dict[str, object]:
    """Return what tells which paper it is."""
    own = paper.identifiers
    return {
        "id": paper.id,
        "title": paper.title,
        "authors": list(paper.authors),
        "first_listed": paper.first_listed.isoformat(),
        "published": paper.published.isoformat() if paper.published else None,
        "identifiers": {k: v for k, v in (("arxiv", own.arxiv), ("doi", own.doi), ("url", own.url)) if v},
    }


def explain_rule(options: argparse.Namespace) -> int:
    """Show which parts of a rule hold for a paper and which do not."""
    query = rules.parse(options.rule)
    with opened(options) as context:
        found = finding.explained(context, query, options.paper)
    if options.json:
        say_json(_explained_as_json(str(query), found))
        return 0
    paper, held = found.paper, found.account.held
    verdict = "holds" if held else "does not hold"
    weight = f"; weight {found.weight:g}" if held else ""
    say(f"{verdict} for paper {paper.id}: {readable(paper.title)}{weight}")
    for line in _lines(found.account, 1):
        say(line)
    older = ", as an older paper: in a digest it stands at the end, by its title alone" if found.older else ""
    say(f"first listed on {paper.first_listed}{older}")
    return 0


def _explained_as_json(rule: str, found: finding.Explained) -> dict[str, Any]:
    return {
        "rule": rule,
        "paper": paper_as_json(found.paper),
        "holds": found.account.held,
        "weight": found.weight,
        "older": found.older,
        "tree": found.account.as_row(),
    }


def _lines(own: Account, depth: int) -> Iterator[str]:
    """Yield a line for each node: a mark that tells whether it held, what it asks, what was found, what it adds."""
    mark = "+" if own.held else "-"
    head = f"{'  ' * depth}{mark} "
    if own.kind == "term":
        weight = f" (weight {own.weight:g})" if own.weight else ""
        yield f"{head}{own.asked}: {own.said}{weight}"
        return
    excludes = ": it holds, which excludes the paper" if own.kind == "not" and not own.held else ""
    yield f"{head}{_KINDS[own.kind]}{excludes}"
    for part in own.parts:
        yield from _lines(part, depth + 1)
