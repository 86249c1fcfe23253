"""Why a paper is in an edition, in words: its section, the terms that matched and where, and the rules themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from digest.keeping import kept
from digest.models import Edition, Entry, Hit, Match, Rule, Spans
from digest.render.words import NAME_LIMIT, QUERY_LIMIT, listed, shown

PEOPLE = "People you follow"
OWN = "Your keywords"
_TERMS = 6  # terms named in one line
_QUERY_AS_NAME = 48  # characters of a rule that has no name, among the tags
_IN_TEXT = ("title", "abstract")


@dataclass(frozen=True, slots=True)
class Why:
    """The reason of one entry: the rule's name ("" if it has none), the reason in words, and the other rules' names."""

    rule: str
    reason: str
    tags: tuple[str, ...]

    @property
    def line(self) -> str:
        """The whole as one line of plain text."""
        reason = ": ".join(filter(None, (f"*{self.rule}*" if self.rule else "", self.reason)))
        return f"Why: {reason}" + (f" · also *{', '.join(self.tags)}*" if self.tags else "")


@dataclass(frozen=True, slots=True)
class RuleInWords:
    """A rule for the footer: its name or "", its query, and what else is to be said of it."""

    name: str
    query: str
    note: str

    @property
    def line(self) -> str:
        """The whole as one line of plain text."""
        named = f"{self.name}: {self.query}" if self.name else self.query
        return f"{named} ({self.note})" if self.note else named


def section(match: Match, edition: Edition) -> str:
    """Return the title of the section that a match puts its paper in."""
    if edition.kind == "topic":
        return shown(match.rule, NAME_LIMIT) if match.named else ""
    if match.people:
        return PEOPLE
    if match.topic is not None:
        return shown(dict(edition.topics).get(match.topic, match.topic), NAME_LIMIT)
    return shown(match.rule, NAME_LIMIT) if match.named else OWN


def why(entry: Entry, edition: Edition) -> Why | None:
    """Return why the entry is there, or None where no match says so."""
    if not entry.matches:
        return None
    best = entry.matches[0]
    name = _name(best, edition)
    said = reason(best.hits) or ("" if best.named else shown(best.rule, NAME_LIMIT))
    tags = dict.fromkeys([_name(match, edition) for match in entry.matches[1:]])
    tags.pop(name, None)
    return Why(name if best.named else "", said, tuple(tags))


def followed(matches: Iterable[Match]) -> frozenset[str]:
    """Return the authors, as printed, that author terms matched."""
    return frozenset(hit.where for match in matches for hit in match.hits if hit.field == "author" and hit.where)


def abstract_spans(matches: Iterable[Match]) -> Spans:
    """Return where the abstract matched, the best match's first, each once."""
    return tuple(
        dict.fromkeys(span for match in matches for hit in match.hits if hit.field == "abstract" for span in hit.spans)
    )


def asked(matches: Iterable[Match]) -> tuple[frozenset[str], Spans]:
    """Return ``followed`` and ``abstract_spans`` at once: all that an entry's matches change of what is shown of it."""
    names: list[str] = []
    spans: dict[tuple[int, int], None] = {}
    for match in matches:
        for hit in match.hits:
            if hit.field == "abstract":
                spans.update(dict.fromkeys(hit.spans))
            elif hit.field == "author" and hit.where:
                names.append(hit.where)
    return frozenset(names), tuple(spans)


def in_words(edition: Edition) -> tuple[RuleInWords, ...]:
    """Return the edition's rules and exclusions for its footer."""
    rules = [rule_in_words(rule, edition) for rule in edition.rules]
    return (*rules, *(RuleInWords("", shown(query, QUERY_LIMIT), "left out") for query in edition.exclude))


def rule_in_words(rule: Rule, edition: Edition) -> RuleInWords:
    """Return one of the edition's rules; a subscriber's says which topic it is from."""
    topics = dict(edition.topics) if edition.kind == "subscriber" else {}
    notes = [f"weight {rule.weight:g}"] if rule.weight != 1 else []
    if rule.topic in topics:
        notes.append(f"from {shown(topics[rule.topic or ''], NAME_LIMIT)}")
    return RuleInWords(shown(rule.name or "", NAME_LIMIT), shown(rule.query, QUERY_LIMIT), ", ".join(notes))


def _name(match: Match, edition: Edition) -> str:
    if match.named:
        return shown(match.rule, NAME_LIMIT)
    topic = dict(edition.topics).get(match.topic, "") if match.topic and edition.kind == "subscriber" else ""
    return shown(topic, NAME_LIMIT) or shown(match.rule, _QUERY_AS_NAME)


def reason(hits: Iterable[Hit]) -> str:
    """Return the terms by where they matched: "reward model, in title; safety, in title and abstract"."""
    return _reason(tuple([(hit.term, hit.field, hit.where) for hit in hits]))


@kept(16_384)  # about 10 MB; the terms of one rule are found in the same fields of many papers
def _reason(hits: tuple[tuple[str, str, str], ...]) -> str:
    fields: dict[str, list[str]] = {}
    for term, field, where in hits:
        known = fields.setdefault(_term(term, field, where), [])
        if field not in known and field in _IN_TEXT:
            known.append(field)
    places: dict[str, list[str]] = {}
    for term, found in list(fields.items())[:_TERMS]:
        places.setdefault(listed([field for field in _IN_TEXT if field in found]), []).append(term)
    parts = [", ".join(terms) + (f", in {where}" if where else "") for where, terms in places.items()]
    more = len(fields) - _TERMS
    return "; ".join(parts) + (f" and {more} more" if more > 0 else "")


def _term(asked_for: str, field: str, where: str) -> str:
    """Return the term for people; of a field other than the text, the field and what it found there."""
    term = shown(asked_for.strip('"'), NAME_LIMIT)
    if field in _IN_TEXT:
        return term
    # A score means nothing without its site's name, so the condition is told instead.
    return f"{field} {term if field == 'score' or not where else shown(where, NAME_LIMIT)}"
