"""What a feed document says of itself, and where the others of its feed are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Head:
    """One document of a feed: the current one, or with ``archive`` an archive document (RFC 5005, section 4).

    Paths are relative to the site and without ending. ``before`` names the archive document with what came before
    ("": this is the first), ``after`` the one that will have what came next, which only the first tells; ``hub`` is the
    WebSub hub that is told of changes ("": none).
    """

    title: str
    path: str  # of the current document: "feeds/topics/alignment"
    id: str  # a tag: identifier (RFC 4151), the same in all documents of the feed
    updated: str  # RFC 3339
    archive: str = ""  # "2026-06-15"
    before: str = ""
    after: str = ""
    hub: str = ""

    @property
    def here(self) -> str:
        """The path of this document."""
        return self._archive_path(self.archive) if self.archive else self.path

    @property
    def previous(self) -> str:
        """The path of the archive document with what came before, or ""."""
        return self._archive_path(self.before) if self.before else ""

    @property
    def following(self) -> str:
        """The path of the archive document with what came next, or ""."""
        return self._archive_path(self.after) if self.after else ""

    def _archive_path(self, name: str) -> str:
        return f"{self.path}/{name}"
