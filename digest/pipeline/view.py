"""The papers that anybody may get on a date: those with news above some watermark, and those that wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from digest import editions
from digest.models import News, PageNote
from digest.pipeline.context import Context
from digest.pipeline.matching import Matcher
from digest.pipeline.pages import page_notes
from digest.rules import Program
from digest.store import backlogs, people
from digest.store import dumps as dump_store
from digest.store import papers as paper_store


@dataclass(frozen=True, slots=True)
class Window:
    """The bitmaps of the papers with news in a stretch of time, of those replaced in it, and where it begins."""

    fresh: int
    replaced: int
    since: date
    whole: bool  # it holds all news above the watermark


@dataclass(frozen=True, slots=True)
class View:
    """The papers that any recipient may get on a date, indexed, and the news that puts them there."""

    on: date
    upto: int  # the last news number that counts; later news is for the next edition
    floor: int  # no news in view has this number or a lower one
    news: tuple[News, ...]
    matcher: Matcher
    pool: editions.Pool
    pages: tuple[PageNote, ...]

    def window(self, watermark: int, since: date) -> Window:
        """Return the papers with news above a watermark and dated ``since`` or later.

        News is numbered without gaps and dated in that order, so what is older, if anything, comes before the first.
        """
        inside = [item for item in self.news if item.number > watermark and item.date and item.date >= since]
        return Window(
            self.matcher.bitmap({item.paper_id for item in inside}),
            self.matcher.bitmap({item.paper_id for item in inside if item.kind == "replaced"}),
            min((item.date for item in inside if item.date), default=self.on),
            (inside[0].number if inside else self.upto + 1) <= watermark + 1,
        )


def open_view(
    tx: Connection, context: Context, on: date, upto: int, recipients: Sequence[int], program: Program
) -> View:
    """Return the view for a date of the recipients with these ids, by news up to a number, matched by their program."""
    settings = context.settings.editions
    oldest = on - timedelta(days=editions.lookback("weekly", settings.lookback_days))
    news = tuple(dump_store.news_between(tx, people.lowest_watermark(tx, recipients, upto), upto, oldest))
    floor = news[0].number - 1 if news else upto
    papers = editions.in_order(paper_store.in_view(tx, floor, backlogs.papers(tx, recipients)))
    pool = editions.Pool(papers, settings.recent_days)
    return View(on, upto, floor, news, Matcher(papers, program), pool, page_notes(tx, context, on))
