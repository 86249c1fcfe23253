"""Looking without changing anything: previews of editions, a test edition, frozen editions by their links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from digest import editions, rules
from digest.errors import UsageError
from digest.models import Edition, Entry, Envelope, RecipientKind, Rule
from digest.pipeline.context import Context
from digest.pipeline.envelopes import id_of
from digest.pipeline.matching import Matcher, RuleSet
from digest.pipeline.people import address_book
from digest.pipeline.wishes import Wish, limits_of, wish_of, wish_of_topic
from digest.settings import split_sender
from digest.store import dumps as dump_store
from digest.store import editions as edition_store
from digest.store import papers as paper_store

_TEST_PAPERS = 3


@dataclass(frozen=True, slots=True)
class Preview:
    """What an edition would be, and a line for each of its rules that cannot be read."""

    edition: Edition
    problems: tuple[str, ...] = ()


def preview_subscriber(context: Context, email: str, since: date, until: date) -> Preview:
    """Return what a subscriber's edition of the papers first listed in a stretch of dates would be."""
    with context.store.reading() as tx:
        found = address_book(context.settings).find(tx, email)
    if found is None:
        raise UsageError("no such subscriber", where=email, mend="see: digest subscribers list")
    return _preview(context, "subscriber", found.email, wish_of(found, context.settings), since, until)


def preview_topic(context: Context, slug: str, since: date, until: date) -> Preview:
    """Return what a topic's edition of the papers first listed in a stretch of dates would be."""
    for topic in context.settings.topics:
        if topic.slug == slug:
            return _preview(context, "topic", slug, wish_of_topic(topic), since, until)
    known = ", ".join(topic.slug for topic in context.settings.topics) or "none"
    raise UsageError("no such topic", where=slug, mend=f"topics are: {known}")


def preview_rule(context: Context, query: str, since: date, until: date) -> Preview:
    """Return what a rule alone would bring of the papers first listed in a stretch of dates; raises RuleError."""
    rules.parse(query)
    wish = Wish(query, (RuleSet((Rule(query),)),), max_items=context.settings.editions.max_items)
    return _preview(context, "subscriber", "preview", wish, since, until)


def _preview(context: Context, kind: RecipientKind, recipient: str, wish: Wish, since: date, until: date) -> Preview:
    with context.store.reading() as tx:
        papers = editions.in_order(paper_store.listed(tx, since, until))
        pages = dump_store.page_notes(tx, since, until)
    matcher = Matcher(papers, rules.Program(wish.queries))
    standing = matcher.standing(wish.sets, matcher.everything)
    pool = editions.Pool(papers, context.settings.editions.recent_days)
    composition = pool.compose(standing.classes(), {}, limits_of(wish), until)
    edition = Edition(
        recipient=recipient,
        kind=kind,
        title=wish.title,
        date=until,
        entries=standing.entries(composition),
        considered=len(papers),
        waiting=tuple((papers[place].id, papers[place].title) for place in composition.waiting),
        more=len(composition.waiting),
        since=since if since != until else None,
        rules=wish.rules,
        exclude=wish.exclude,
        topics=wish.topics,
        pages=pages,
        joined=wish.joined,
        added_by=wish.added_by,
    )
    unreadable = dict.fromkeys(matcher.unreadable(wish.sets))
    return Preview(edition, tuple(f"{recipient}: {text!r}: {matcher.problems[text]}" for text in unreadable))


def newest(context: Context) -> Edition:
    """Return a small edition of the newest papers, for a test message."""
    with context.store.reading() as tx:
        papers = paper_store.newest(tx, _TEST_PAPERS)
    wish = Wish("Test", (RuleSet((Rule("*", "A test of this digest"),)),))
    matcher = Matcher(papers, rules.Program(wish.queries))
    standing = matcher.standing(wish.sets, matcher.everything)
    entries = tuple(Entry(paper, standing.why(place)) for place, paper in enumerate(papers))
    return Edition("test", "subscriber", wish.title, context.today(), entries, len(papers), rules=wish.rules)


def preview_envelope(context: Context, to: str) -> Envelope:
    """Return an envelope for a message that is only looked at, or sent as a test."""
    address = split_sender(context.settings.site.sender)[1]
    domain = address.rpartition("@")[2]
    return Envelope(
        sender=context.settings.site.sender,
        to=to,
        to_name="",
        message_id=f"<preview.{context.token()}@{domain}>",
        date=context.clock(),
        list_id=f"{context.settings.site.title} <digest.{domain}>",
        unsubscribe_mailto=f"mailto:{address}?subject=unsubscribe",
    )


def edition_by_token(context: Context, token: str) -> Edition | None:
    """Return the frozen edition that a link shows, or None."""
    edition = id_of(context.store.secret(), "edition", token)
    if edition is None:
        return None
    with context.store.reading() as tx:
        return edition_store.load(tx, edition)


def days_back(until: date, days: int) -> date:
    """Return the first of the last ``days`` dates up to ``until``."""
    return until - timedelta(days=days - 1)
