"""What a rule finds among the papers that are stored, and why it holds for one of them or does not."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import date

from digest import editions, rules
from digest.bits import ones
from digest.errors import UsageError
from digest.layouts import links
from digest.models import Hit, Identifiers, Paper
from digest.pipeline.context import Context
from digest.rules import Query
from digest.rules.account import Account, account
from digest.rules.sieve import sieve
from digest.service.trying import CHUNK
from digest.store import papers as paper_store


def matching(
    context: Context, query: Query, since: date | None, until: date | None
) -> Generator[tuple[Paper, tuple[Hit, ...]]]:
    """Yield the stored papers that match a rule, newest first, with why; few are held at a time."""
    passes = sieve(query)
    with context.store.reading() as tx:
        total = paper_store.count_listed(tx, since, until)
        with (
            context.progress("papers read", total) as advance,
            closing(paper_store.streamed(tx, since, until, CHUNK)) as chunks,
        ):
            for chunk in chunks:
                left = [paper for paper in chunk if passes(paper)]
                for place in ones(rules.Index(left).match(query)):
                    yield left[place], rules.explain(query, left[place])
                advance(len(chunk))


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a rule holds for a paper or does not, and whether the paper would come as an older one."""

    paper: Paper
    account: Account
    weight: float
    older: bool


def explained(context: Context, query: Query, name: str) -> Explained:
    """Return the account of a rule for the paper that is named by its id in the store, arXiv id, DOI or address.

    Raises UsageError where there is no such paper.
    """
    paper = _paper(context, name)
    older = editions.is_older(paper, context.settings.editions.recent_days)
    own = account(query, paper)
    return Explained(paper, own, rules.strength(query, paper), older)


def _paper(context: Context, name: str) -> Paper:
    name = name.strip()
    with context.store.reading() as tx:
        if name.isdecimal():
            found = list(paper_store.current(tx, [int(name)] if len(name) < 19 else []).values())
        else:
            own = links.identifiers(name) or links.linked(name) or Identifiers()
            found = paper_store.named(tx, Identifiers(own.arxiv, own.doi, name))
    if not found:
        mend = "digest rules match RULE shows the numbers of papers; an arXiv id, a DOI or an address will do, too"
        raise UsageError("there is no such paper in the store", where=name, mend=mend)
    return found[0]
