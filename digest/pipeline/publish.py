"""Publishing: the feeds, the topics' pages and the index under ``public/``, written only where their bytes change.

Everything is reckoned from the newest run's date and from what editions froze, never from the clock, so that nothing
changes while nothing changed.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from digest import archive
from digest.models import FeedEntry
from digest.pipeline.context import Context
from digest.render import Renderer
from digest.settings import TopicSetting
from digest.store import dumps as dump_store
from digest.store import editions as edition_store
from digest.store import feeds as feed_store
from digest.store import notes

_FEED_DAYS = 7  # the current document holds these, or ``max_entries``, whichever is more
_INDEX_DAYS = 60


def publish(context: Context, renderer: Renderer) -> list[str]:
    """Bring ``public/`` up to date; return the feeds' paths, relative to the state folder."""
    with context.store.reading() as tx:
        newest = dump_store.newest_run(tx)
    if newest is None:
        return []
    host = context.settings.site.base_url.partition("://")[2].partition("/")[0].partition(":")[0]
    authority = context.store.authority(host or "digest.invalid", context.today())
    feeds = [_papers_feed(context, renderer, authority, newest)]
    feeds += [_topic_feed(context, renderer, topic, authority, newest) for topic in context.settings.topics]
    _pages(context, renderer)
    _index(context, renderer, newest)
    return feeds


def _papers_feed(context: Context, renderer: Renderer, authority: str, newest: date) -> str:
    with context.store.reading() as tx:
        entries = feed_store.all_papers(
            tx, context.settings.feed.max_entries, newest - timedelta(days=_FEED_DAYS), newest
        )
    return _write_feed(context, renderer, context.settings.site.title, "papers", entries, authority, newest)


def _topic_feed(context: Context, renderer: Renderer, topic: TopicSetting, authority: str, newest: date) -> str:
    with context.store.reading() as tx:
        entries = feed_store.of_topic(
            tx, topic.slug, context.settings.feed.max_entries, newest - timedelta(days=_FEED_DAYS)
        )
    title = f"{context.settings.site.title}: {topic.title}"
    return _write_feed(context, renderer, title, f"topics/{topic.slug}", entries, authority, newest)


def _write_feed(
    context: Context,
    renderer: Renderer,
    title: str,
    name: str,
    entries: list[FeedEntry],
    authority: str,
    newest: date,
) -> str:
    path = f"feeds/{name}.atom"
    updated = max((entry.updated for entry in entries), default=newest)
    data = renderer.feed(title, path, entries, authority, updated, f"feeds/{name}")
    archive.write_if_changed(context.public / path, data)
    return f"public/{path}"


def _pages(context: Context, renderer: Renderer) -> None:
    """Write the pages of topics' editions that have none yet; an edition is frozen, and so is its page.

    What was pruned is not written again.
    """
    with context.store.reading() as tx:
        editions = edition_store.topic_editions(tx, notes.pages_from(tx))
    missing = [found for found in editions if not _page_path(context, found[1], found[2]).exists()]
    for edition_id, on, slug, _, _ in missing:
        with context.store.reading() as tx:
            edition = edition_store.load(tx, edition_id)
        if edition:
            base = context.settings.site.base_url
            page = renderer.edition_page(
                edition,
                personal=False,
                canonical_url=f"{base}/editions/{on.isoformat()}/{slug}.html" if base else "",
                feed_url=f"../../feeds/topics/{slug}.atom",
            )
            archive.write_if_changed(_page_path(context, on, slug), page.encode())


def _page_path(context: Context, on: date, slug: str) -> Path:
    return context.public / "editions" / on.isoformat() / f"{slug}.html"


def _index(context: Context, renderer: Renderer, newest: date) -> None:
    with context.store.reading() as tx:
        since = newest - timedelta(days=_INDEX_DAYS)
        editions = edition_store.topic_editions(tx, max(since, notes.pages_from(tx) or since))
        latest = edition_store.load_many(tx, [found[0] for found in editions if found[1] == editions[0][1]])
    listed = [(on, slug, title, entries) for _, on, slug, title, entries in editions]
    page = renderer.index_page(context.settings.topics, listed, latest)
    archive.write_if_changed(context.public / "index.html", page.encode())
