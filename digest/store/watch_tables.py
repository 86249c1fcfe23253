"""The tables of what is watched over: the sources as they were asked last, and the troubles the operator is told of."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Column, Table, Text
from sqlmodel import Field

from digest.store.tables import Row


class SourceRow(Row, table=True):
    """A source of ``[[sources]]``: what it remembers (JSON), and how it went when it was asked."""

    __tablename__ = "sources"
    name: str = Field(primary_key=True)
    memory: str = Field(sa_column=Column(Text, nullable=False))
    checked_at: str | None = None
    brought_at: str | None = None
    failing_since: str | None = None
    failures: int = 0
    next_at: str | None = None
    said: str = ""


class TroubleRow(Row, table=True):
    """A trouble; ``told_at`` is null until the operator was told, ``mended_at`` as long as it stands."""

    __tablename__ = "troubles"
    key: str = Field(primary_key=True)
    text: str = Field(sa_column=Column(Text, nullable=False))
    lasting: bool
    since: str
    told_at: str | None = None
    mended_at: str | None = None


sources = cast("Table", SourceRow.__table__)  # type: ignore[attr-defined]
troubles = cast("Table", TroubleRow.__table__)  # type: ignore[attr-defined]
