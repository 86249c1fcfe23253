"""What the store keeps of an edition as JSON, and back: its head, that is all but the entries, and an entry's matches.

Both are read for each message, so they hold nothing twice: of the backlog they name papers, whose titles the store has.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date
from functools import lru_cache
from typing import Any

from digest.keeping import kept
from digest.models import Edition, Hit, Match, PageNote, Paper, Rule, StillHere, Wider

Pin = tuple[int, int]  # a paper's id and revision
_RULE = tuple(field.name for field in fields(Rule))


def head_as_text(edition: Edition, waiting: Sequence[Pin]) -> str:
    """Return what an edition says besides its entries, as JSON; ``waiting`` pins the papers that it names as such."""
    head = {
        "recipient": edition.recipient,
        "title": edition.title,
        "considered": edition.considered,
        "waiting": waiting,
        "more": edition.more,
        "expired": edition.expired,
        "since": edition.since and edition.since.isoformat(),
        "rules": [_rule_as_json(rule) for rule in edition.rules],
        "exclude": edition.exclude,
        "topics": edition.topics,
        "joined": edition.joined and edition.joined.isoformat(),
        "added_by": edition.added_by,
    }
    if edition.first:
        head["first"] = True
    if edition.still_here:
        head["still_here"] = _still_here_as_json(edition.still_here)
    return f'{_dumps(head)[:-1]},"pages":{_pages_as_text(edition.pages)}}}'


def _rule_as_json(rule: Rule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in _RULE}


def _still_here_as_json(found: StillHere) -> dict[str, Any]:
    wider = [
        {
            "instead_of": _rule_as_json(own.instead_of),
            "query": own.query,
            "count": own.count,
            "papers": [(paper.id, paper.revision) for paper in own.papers],
        }
        for own in found.wider
    ]
    return {"days": found.days, "wider": wider}


@lru_cache(maxsize=8)  # the editions of a day have the same
def _pages_as_text(pages: tuple[PageNote, ...]) -> str:
    return _dumps([_page_as_json(note) for note in pages])


def _page_as_json(note: PageNote) -> dict[str, Any]:
    found = asdict(note) | {"date": note.date.isoformat(), "since": note.since and note.since.isoformat()}
    return found if note.state else {name: told for name, told in found.items() if name not in ("state", "since")}


def _page(note: Mapping[str, Any]) -> PageNote:
    return PageNote(**{**note, "date": date.fromisoformat(note["date"]), "since": _date(note.get("since"))})


def head_from_json(head: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an Edition that a head holds, but for those that name papers: backlog and wider rules."""
    return {
        "recipient": head["recipient"],
        "title": head["title"],
        "considered": head["considered"],
        "more": head["more"],
        "expired": head["expired"],
        "since": _date(head["since"]),
        "rules": tuple(Rule(**rule) for rule in head["rules"]),
        "exclude": tuple(head["exclude"]),
        "topics": tuple((slug, title) for slug, title in head["topics"]),
        "pages": tuple(_page(note) for note in head["pages"]),
        "joined": _date(head["joined"]),
        "added_by": head["added_by"],
        "first": head.get("first", False),
    }


def still_here_from_json(head: Mapping[str, Any], papers: Mapping[Pin, Paper]) -> StillHere | None:
    """Return what a head holds of a still-here message, None where the edition is none."""
    found = head.get("still_here")
    if found is None:
        return None
    wider = tuple(
        Wider(Rule(**own["instead_of"]), own["query"], own["count"], tuple(papers[tuple(pin)] for pin in own["papers"]))
        for own in found["wider"]
    )
    return StillHere(found["days"], wider)


def wider_pins_of(heads: Iterable[Mapping[str, Any]]) -> Iterator[Pin]:
    """Yield the papers that still-here messages name by the heads of editions, each at its revision."""
    told = (head["still_here"] for head in heads if "still_here" in head)
    return ((paper, revision) for found in told for own in found["wider"] for paper, revision in own["papers"])


def pins_of(heads: Iterable[Mapping[str, Any]]) -> Iterator[Pin]:
    """Yield the papers that wait by the heads of editions, each at the revision that waits."""
    return ((paper, revision) for head in heads for paper, revision in head["waiting"])


def matches_as_text(matches: Iterable[Match]) -> str:
    """Return an entry's matches as the JSON text that the store keeps."""
    return f"[{','.join(map(_written, matches))}]"


def _written(match: Match) -> str:
    flags = f"{_FLAG[match.named]},{_FLAG[match.people]}"
    hits = ",".join([_hit_written(hit) for hit in match.hits])
    return f"[{_text(match.rule)},{flags},{match.weight!r},{_text(match.topic)},[{hits}]]"


def _hit_written(hit: Hit) -> str:
    spans = ",".join([f"[{start},{end}]" for start, end in hit.spans])
    return f"[{_text(hit.term)},{_text(hit.field)},[{spans}],{_text(hit.where)}]"


_FLAG = {False: "false", True: "true"}
_dumps = json.JSONEncoder(separators=(",", ":")).encode
_text = kept(16_384)(_dumps)  # a few hundred octets each; of a rule or a term, for each of its matches


def matches_from_json(stored: Iterable[Any]) -> tuple[Match, ...]:
    """Return an entry's matches from what the store keeps."""
    return tuple([_match(*match) for match in stored])


@kept(8192)  # about 12 MB; followers of a topic have the same
def matches_from_text(stored: str) -> tuple[Match, ...]:
    """Return an entry's matches from the text of what the store keeps; equal texts give the same tuple."""
    return matches_from_json(json.loads(stored))


def _match(rule: str, named: bool, people: bool, weight: float, topic: str | None, hits: list[Any]) -> Match:
    found = [Hit(term, field, tuple(map(tuple, spans)), where) for term, field, spans, where in hits]
    return Match(rule, named, people, weight, tuple(found), topic)


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
