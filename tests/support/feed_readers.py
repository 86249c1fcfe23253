"""Feed readers that people use, each with a folder of its own: newsboat, rss2email, `reader`, and feedparser.

A poll asks for every feed once; what a reader then holds to be new, it has shown.
"""

from __future__ import annotations

import calendar
import email
import email.policy
import html
import mailbox
import os
import shutil
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path
from time import struct_time
from typing import Any, Protocol

import feedparser

# Else `reader` takes a copy of feedparser of its own, which wants a module that feedparser no longer brings.
os.environ.setdefault("READER_NO_VENDORED_FEEDPARSER", "1")
from reader import Entry, make_reader


@dataclass(frozen=True)
class Shown:
    """An entry as a reader shows it; ``updated`` is None where a reader does not tell it."""

    feed: str  # the address that was asked
    id: str
    title: str
    link: str
    published: datetime
    people: str  # authors, as far as a reader tells of them
    updated: datetime | None = None


class Reader(Protocol):
    """What all of them can do, and how they differ."""

    suffixes: tuple[str, ...]  # of the formats that it reads

    def poll(self) -> list[Shown]:
        """Ask for each feed; return what is new."""

    def close(self) -> None:
        """Let go of files and connections."""

    def people(self, authors: Sequence[str], suffix: str, site: str) -> str:
        """Return what it tells of an entry's authors; ``site`` is the feed's own."""

    def keeps(self, poll: int, new: bool) -> bool:
        """Return whether it keeps the ETag of the answer to a poll (from 0), which had something ``new`` or not."""


class Newsboat:
    """Debian's newsboat without its screen: what is unread is new.

    It keeps entries of one id once for all its feeds, under the feed that it read last. So that each feed can be
    watched, each has a newsboat of its own, unless they are ``together``.
    """

    suffixes = ("atom",)

    def __init__(self, folder: Path, feeds: Sequence[str], *, together: bool = False) -> None:
        groups = [feeds] if together else [[feed] for feed in feeds]
        self.folders = [folder / str(number) for number in range(len(groups))]
        for own, group in zip(self.folders, groups, strict=True):
            own.mkdir()
            (own / "urls").write_text("".join(f"{feed}\n" for feed in group))
            (own / "config").write_text("")

    def poll(self) -> list[Shown]:
        return [entry for own in self.folders for entry in self._poll(own)]

    def close(self) -> None:
        """Do nothing: it holds nothing."""

    def people(self, authors: Sequence[str], suffix: str, site: str) -> str:
        return ", ".join(authors)

    def keeps(self, poll: int, new: bool) -> bool:
        return poll > 0  # the first one it means to note before it knows of the feed

    def _poll(self, own: Path) -> list[Shown]:
        self._run(own, "-x", "reload")
        shown = list(_unread(own / "cache.db"))
        if shown:
            (own / "read").write_text("".join(f"{entry.id}\n" for entry in shown))
            self._run(own, "-I", str(own / "read"))
        return shown

    def _run(self, own: Path, *what: str) -> None:
        files = ("-u", own / "urls", "-C", own / "config", "-c", own / "cache.db")
        _program("newsboat", "-q", *map(str, files), *what, home=own)


def _unread(cache: Path) -> Iterator[Shown]:
    query = "SELECT feedurl, guid, title, url, pubDate, author FROM rss_item WHERE unread ORDER BY id"
    with closing(sqlite3.connect(cache)) as opened:
        for feed, guid, title, link, moment, people in opened.execute(query):
            yield Shown(feed, guid, title, link, datetime.fromtimestamp(moment, UTC), people)


class RssToEmail:
    """Debian's rss2email: each mail that it puts into a mailbox is new."""

    suffixes = ("atom",)

    def __init__(self, folder: Path, feeds: Sequence[str]) -> None:
        self.folder = folder
        (folder / "mail").mkdir()
        self.mails = mailbox.Maildir(folder / "mail" / "INBOX")
        settings = {
            "to": "reader@example.org",
            "name-format": "{author}",
            "date-header": "True",
            "date-header-order": "published",
            "email-protocol": "maildir",
            "maildir-path": str(folder / "mail"),
            "verbose": "warning",
        }
        sections = {"DEFAULT": settings} | {f"feed.{number}": {"url": feed} for number, feed in enumerate(feeds)}
        with (folder / "config").open("w") as file:
            for name, keys in sections.items():
                file.writelines([f"[{name}]\n", *(f"{key} = {value}\n" for key, value in keys.items())])

    def poll(self) -> list[Shown]:
        files = ("-c", self.folder / "config", "-d", self.folder / "seen.json")
        _program("r2e", *map(str, files), "run", home=self.folder)
        shown = [_mailed(self.mails.get_bytes(key)) for key in sorted(self.mails.keys())]
        self.mails.clear()
        return shown

    def close(self) -> None:
        self.mails.close()

    def people(self, authors: Sequence[str], suffix: str, site: str) -> str:
        return authors[-1] if authors else site

    def keeps(self, poll: int, new: bool) -> bool:
        return True


def _mailed(octets: bytes) -> Shown:
    head = email.message_from_bytes(octets, policy=email.policy.default)
    return Shown(
        feed=head["X-RSS-Feed"],
        id=head["X-RSS-ID"],
        title=head["Subject"],
        link=head["X-RSS-URL"],
        published=parsedate_to_datetime(head["Date"]).astimezone(UTC),
        people=parseaddr(head["From"])[0],
    )


class Library:
    """The `reader` package: what is not marked as read is new. ``changed`` counts by feed what changed later on."""

    suffixes = ("atom", "json")

    def __init__(self, folder: Path, feeds: Sequence[str]) -> None:
        self.changed: Counter[str] = Counter()
        self.reader = make_reader(":memory:", search_enabled=False)
        for feed in feeds:
            self.reader.add_feed(feed)

    def poll(self) -> list[Shown]:
        for feed, result in self.reader.update_feeds_iter(scheduled=False):
            if isinstance(result, Exception):
                raise result
            self.changed[feed] += result.modified if result else 0
        new = list(self.reader.get_entries(read=False))
        for entry in new:
            self.reader.mark_entry_as_read(entry)
        return [_held(entry) for entry in new]

    def close(self) -> None:
        self.reader.close()

    def people(self, authors: Sequence[str], suffix: str, site: str) -> str:
        return ", ".join(authors if suffix == "json" else authors[-1:])  # "we only get the first author, sadly"

    def keeps(self, poll: int, new: bool) -> bool:
        return new  # what only leaves a document changes nothing for it


def _held(entry: Entry) -> Shown:
    assert entry.published
    people = ", ".join(author.name or "" for author in entry.authors)
    title = entry.title or ""
    if entry.feed_url.endswith(".atom"):
        title = html.unescape(title)  # of Atom it hands on a title in HTML as it came, and does not tell
    return Shown(entry.feed_url, entry.id, title, entry.link or "", entry.published, people, entry.updated)


class Feedparser:
    """A program that gives feedparser the ETag and the time of the last answer: an id that it has not seen is new."""

    suffixes = ("atom",)

    def __init__(self, folder: Path, feeds: Sequence[str]) -> None:
        self.told: dict[str, Any] = {feed: {} for feed in feeds}
        self.seen: dict[str, set[str]] = {feed: set() for feed in feeds}

    def poll(self) -> list[Shown]:
        return [entry for feed in self.told for entry in self._new(feed)]

    def close(self) -> None:
        """Do nothing: it holds nothing."""

    def people(self, authors: Sequence[str], suffix: str, site: str) -> str:
        return ", ".join(authors)

    def keeps(self, poll: int, new: bool) -> bool:
        return True

    def _new(self, feed: str) -> Iterator[Shown]:
        told = self.told[feed]
        found = feedparser.parse(feed, etag=told.get("etag"), modified=told.get("modified"))
        if found.status == 304:
            return
        assert not found.bozo, found.bozo_exception
        self.told[feed] = found
        for entry in found.entries:
            if entry.id not in self.seen[feed]:
                self.seen[feed].add(entry.id)
                yield _parsed(feed, entry)


def _parsed(feed: str, entry: Any) -> Shown:
    people = ", ".join(author["name"] for author in entry.get("authors", ()))
    title = html.unescape(entry.title) if entry.title_detail.type == "text/html" else entry.title
    published, updated = _moment(entry.published_parsed), _moment(entry.updated_parsed)
    return Shown(feed, entry.id, title, entry.get("link", ""), published, people, updated)


def _moment(utc: struct_time) -> datetime:
    return datetime.fromtimestamp(calendar.timegm(utc), UTC)


READERS = {"newsboat": Newsboat, "r2e": RssToEmail, "reader": Library, "feedparser": Feedparser}


def lacking(name: str) -> str:
    """Return why a reader cannot be run here, or "" where it can."""
    return f"there is no {name} here" if name in ("newsboat", "r2e") and not shutil.which(name) else ""


def _program(*command: str, home: Path) -> None:
    """Run a program that knows no home but this one, and no proxy; it has nothing to complain of."""
    known = {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "dumb"}
    ended = subprocess.run(command, env=known, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (0, ""), ended
