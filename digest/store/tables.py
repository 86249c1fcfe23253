"""The tables, as SQLModel classes; rows stay inside ``store/``, records travel.

Instants are text (ISO 8601, UTC): SQLite keeps no zone. Lists that are only ever read whole are JSON.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from sqlalchemy import JSON, Column, Index, MetaData, Table, Text, UniqueConstraint
from sqlmodel import Field, SQLModel


class Row(SQLModel):
    """The base of all rows; its metadata names constraints, so that migrations can."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def _json() -> Any:
    return Column(JSON, nullable=False)


class MetaRow(Row, table=True):
    """What the store knows of itself: ``secret``, ``authority``, ``newest`` (the newest D run so far), counters.

    ``rejected_tried``, ``held`` and ``editions_from`` are told in ``notes.py``, ``lease`` in ``lease.py``.
    """

    __tablename__ = "meta"
    name: str = Field(primary_key=True)
    value: str


class PageRow(Row, table=True):
    """A page, by its name; ``dumps`` counts what it brought."""

    __tablename__ = "pages"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    layout: str


class DumpRow(Row, table=True):
    """A dump; its bytes are kept under ``dumps/``. ``position`` counts its listings while it is not finished."""

    __tablename__ = "dumps"
    __table_args__ = (Index(None, "page_id", "date"),)
    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(unique=True)
    name: str
    folder: str
    source: str
    page_id: int = Field(foreign_key="pages.id")
    layout: str
    date: dt.date
    encoding: str | None = None
    history: bool
    taken_at: str
    listings: int
    stated: int | None = None
    new: int
    known: int
    remarks: list[Any] = Field(sa_column=_json())
    position: int | None = None


class PaperRow(Row, table=True):
    """A paper at its current revision; ``facts`` holds its lists (see ``papers.py``)."""

    __tablename__ = "papers"
    id: int = Field(primary_key=True)
    revision: int
    title: str
    title_key: str = Field(index=True)
    abstract: str | None = None
    arxiv: str | None = Field(default=None, index=True)
    doi: str | None = Field(default=None, index=True)
    url: str | None = None
    published: dt.date | None = None
    first_listed: dt.date = Field(index=True)
    changed: dt.date
    baseline: bool
    facts: dict[str, Any] = Field(sa_column=_json())


class RevisionRow(Row, table=True):
    """A paper as it was at an earlier revision, whole, for editions that pinned it there."""

    __tablename__ = "revisions"
    paper_id: int = Field(primary_key=True, foreign_key="papers.id")
    revision: int = Field(primary_key=True)
    paper: dict[str, Any] = Field(sa_column=_json())


class SightingRow(Row, table=True):
    """The fact that a dump listed a paper, with what only that listing said."""

    __tablename__ = "sightings"
    dump_id: int = Field(primary_key=True, foreign_key="dumps.id")
    position: int = Field(primary_key=True)
    paper_id: int = Field(foreign_key="papers.id", index=True)
    score: float | None = None
    announced: str | None = None


class NewsRow(Row, table=True):
    """A numbered event; ``date`` is null until a run finds it."""

    __tablename__ = "news"
    number: int = Field(primary_key=True)
    paper_id: int = Field(foreign_key="papers.id", index=True)
    kind: str
    date: dt.date | None = Field(default=None, index=True)


class RecipientRow(Row, table=True):
    """Who gets editions: a subscriber or a topic, and how far it has come; since when nothing matched (``silence``)."""

    __tablename__ = "recipients"
    __table_args__ = (UniqueConstraint("kind", "key"),)
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    key: str
    watermark: int = 0
    last_edition: dt.date | None = None
    last_empty: bool = False
    dry_since: dt.date | None = None
    dry_told: bool = Field(default=False, sa_column_kwargs={"server_default": "0"})


class SubscriberRow(Row, table=True):
    """What a subscriber asked for, and what they consented to."""

    __tablename__ = "subscribers"
    recipient_id: int = Field(primary_key=True, foreign_key="recipients.id")
    email: str
    name: str
    frequency: str
    weekday: str
    send_at: str
    timezone: str | None = None
    max_items: int | None = None
    topics: list[Any] = Field(sa_column=_json())
    rules: list[Any] = Field(sa_column=_json())
    exclude: list[Any] = Field(sa_column=_json())
    state: str = Field(index=True)
    owner: str
    added_by: str
    added_at: str
    state_at: str
    failures: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # hard ones since a message was taken
    mail: bool = Field(default=True, sa_column_kwargs={"server_default": "1"})
    feed_turn: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # how often the feed's address changed


class EditionRow(Row, table=True):
    """An edition; ``head`` holds what its page and message say besides the entries."""

    __tablename__ = "editions"
    __table_args__ = (UniqueConstraint("recipient_id", "date"), Index(None, "date"))
    id: int | None = Field(default=None, primary_key=True)
    recipient_id: int = Field(foreign_key="recipients.id")
    date: dt.date
    frozen: bool
    entries: int
    head: dict[str, Any] = Field(sa_column=_json())


class EntryRow(Row, table=True):
    """A paper of an edition, pinned at a revision; ``returned`` entries went back to the backlog."""

    __tablename__ = "entries"
    __table_args__ = (Index(None, "recipient_id", "paper_id"),)
    edition_id: int = Field(primary_key=True, foreign_key="editions.id")
    position: int = Field(primary_key=True)
    recipient_id: int = Field(foreign_key="recipients.id")
    paper_id: int = Field(foreign_key="papers.id")
    revision: int
    older: bool
    returned: bool = False
    matches: list[Any] = Field(sa_column=_json())


class BacklogRow(Row, table=True):
    """The matching papers that did not fit, by the date since when they wait: ``{"2026-06-15": [12, 31], …}``.

    The view ``backlog`` shows them one by one: recipient_id, paper_id, since.
    """

    __tablename__ = "backlogs"
    recipient_id: int = Field(primary_key=True, foreign_key="recipients.id")
    papers: str = Field(sa_column=Column(Text, nullable=False))


class DeliveryRow(Row, table=True):
    """The ledger: one row per subscriber and date."""

    __tablename__ = "deliveries"
    __table_args__ = (UniqueConstraint("recipient_id", "date"),)
    id: int | None = Field(default=None, primary_key=True)
    recipient_id: int = Field(foreign_key="recipients.id")
    date: dt.date
    edition_id: int = Field(foreign_key="editions.id")
    state: str = Field(index=True)
    message_id: str
    message_date: str
    attempts: int = 0
    unknowns: int = 0  # attempts that may have reached the reader, without the last one
    next_attempt: str | None = None
    changed_at: str
    reply: str = ""


class DeliveryChangeRow(Row, table=True):
    """One change of a delivery's state, written by triggers on ``deliveries``; ``old`` is empty where it began."""

    __tablename__ = "delivery_changes"
    id: int | None = Field(default=None, primary_key=True)
    delivery_id: int = Field(foreign_key="deliveries.id", index=True)
    at: str
    old: str
    new: str
    reply: str


class BounceRow(Row, table=True):
    """A bounce or complaint that was read, and whom it was about as far as it could be told."""

    __tablename__ = "bounces"
    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(unique=True)
    taken_at: str
    kind: str
    delivery_id: int | None = Field(default=None, foreign_key="deliveries.id")
    recipient_id: int | None = Field(default=None, foreign_key="recipients.id")
    status: str
    note: str


class RunRow(Row, table=True):
    """One run: when, for which date, and its summary once it has ended."""

    __tablename__ = "runs"
    id: int | None = Field(default=None, primary_key=True)
    date: dt.date
    started_at: str
    ended_at: str | None = None
    summary: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))


def _table(row: type[Row]) -> Table:
    return cast("Table", row.__table__)  # type: ignore[attr-defined]


meta = _table(MetaRow)
pages = _table(PageRow)
dumps = _table(DumpRow)
papers = _table(PaperRow)
revisions = _table(RevisionRow)
sightings = _table(SightingRow)
news = _table(NewsRow)
recipients = _table(RecipientRow)
subscribers = _table(SubscriberRow)
editions = _table(EditionRow)
entries = _table(EntryRow)
backlogs = _table(BacklogRow)
deliveries = _table(DeliveryRow)
delivery_changes = _table(DeliveryChangeRow)
bounces = _table(BounceRow)
runs = _table(RunRow)
