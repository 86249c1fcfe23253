"""Publishing: the feeds, the topics' pages and the index under ``public/``, written only where their bytes change.

Everything is reckoned from the newest run's date and from what editions froze, never from the clock, so that nothing
changes while nothing changed. Where all is as it was the last time, no more is looked at than that.
"""

from __future__ import annotations

from contextlib import closing
from datetime import date, timedelta

from digest.pipeline import feed_files
from digest.pipeline.context import Context
from digest.pipeline.feed_documents import writer
from digest.pipeline.feed_series import AllPapers, Entries
from digest.pipeline.hubs import tell_hub
from digest.pipeline.published import Published
from digest.render import Renderer, edition_path
from digest.store import dumps as dump_store
from digest.store import editions as edition_store
from digest.store import feeds as feed_store
from digest.store import notes
from digest.store.pieces import NAME, Pieces

_INDEX_DAYS = 60
_PAGED = "editions with a page"  # the last topic's edition that has its page


def publish(context: Context, renderer: Renderer) -> list[str]:
    """Bring ``public/`` up to date; return the feeds' Atom documents, relative to the state folder.

    Beside each stands the same as JSON Feed, and both by days.
    """
    with context.store.reading() as tx:
        newest = dump_store.newest_run(tx)
        state = f"{newest} {feed_store.state(tx)} {notes.pages_from(tx)}"
    if newest is None:
        return []
    feeds, public = writer(context, renderer), feed_files.public_feeds(context)
    with closing(Pieces(context.state / NAME, feeds.made_of())) as pieces:
        published = Published(context.public, pieces)
        state = f"{state} {feed_files.settings_of(context)}"
        if not published.is_of(state):
            changed = feed_files.publish(context, feeds, public, published, newest)
            _pages(context, renderer, published)
            _index(context, renderer, published, newest)
            published.note(state)
            tell_hub(context, changed)
    return [f"public/{series.path}.atom" for series in public if isinstance(series, AllPapers | Entries)]


def _pages(context: Context, renderer: Renderer, published: Published) -> None:
    """Write the pages of topics' editions that have none yet; an edition is frozen, and so is its page.

    What was pruned is not written again.
    """
    done = int(published.told(_PAGED) or 0)
    with context.store.reading() as tx:
        paged = edition_store.topic_editions(tx, notes.pages_from(tx))
    if any(own[0] == done and not published.has(edition_path(own[1], own[2])) for own in paged):
        done = 0  # where the last page is lost, so may the others be
    found = [own for own in paged if own[0] > done]
    base = context.settings.site.base_url
    for edition_id, on, slug, _, _ in found:
        path = edition_path(on, slug)
        if published.has(path):
            continue
        with context.store.reading() as tx:
            edition = edition_store.load_many(tx, [edition_id])[0]
        page = renderer.edition_page(
            edition,
            personal=False,
            canonical_url=f"{base}/{path}" if base else "",
            feed_url=f"../../feeds/topics/{slug}.atom",
        )
        published.write(path, page.encode())
    if found:
        published.tell({_PAGED: str(max(own[0] for own in found))})


def _index(context: Context, renderer: Renderer, published: Published, newest: date) -> None:
    with context.store.reading() as tx:
        since = newest - timedelta(days=_INDEX_DAYS)
        editions = edition_store.topic_editions(tx, max(since, notes.pages_from(tx) or since))
        latest = edition_store.load_many(tx, [found[0] for found in editions if found[1] == editions[0][1]])
    listed = [(on, slug, title, entries) for _, on, slug, title, entries in editions]
    page = renderer.index_page(context.settings.topics, listed, latest)
    published.write("index.html", page.encode(), watched=True)
