"""A site in a temporary folder, with a clock that stands still and tokens that count."""

from __future__ import annotations

import email
import email.policy
import itertools
import json
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from digest.archive import Archive
from digest.pipeline import run as running
from digest.pipeline.context import Context
from digest.settings import Settings
from digest.store import open_store

HEAD = """
[site]
base_url = "https://digest.example.org"
sender = "Digest <digest@example.org>"
"""


@dataclass
class Site:
    """A state folder under test, and what a test does with it."""

    state: Path
    toml: str
    clock: datetime = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
    numbers: Iterator[int] = field(default_factory=itertools.count)
    open: list[Context] = field(default_factory=list)
    opened: str = ""

    def context(self) -> Context:
        """Return the opened site; a changed configuration opens it anew."""
        if self.open and self.opened == self.toml:
            return self.open[0]
        settings = Settings.model_validate(tomllib.loads(HEAD + self.toml))
        for context in self.open:
            context.store.close()
        store = open_store(self.state, settings.store.url)
        context = Context(
            settings,
            self.state,
            store,
            Archive(self.state),
            clock=lambda: self.clock,
            token=lambda: f"token{next(self.numbers)}",
        )
        self.open[:], self.opened = [context], self.toml
        return context

    def drop(self, name: str, *listings: dict[str, Any]) -> Path:
        """Put a JSON Lines dump into the inbox."""
        return self.drop_text(name, "".join(json.dumps(listing) + "\n" for listing in listings))

    def drop_text(self, name: str, text: str) -> Path:
        path = self.state / "inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def run(self, day: str, **options: Any) -> dict[str, Any]:
        """Run a date; return its summary."""
        return self.result(day, **options).summary()

    def result(self, day: str, **options: Any) -> running.Result:
        return running.run(self.context(), date.fromisoformat(day), **options)

    def mail(self, day: str, address: str) -> EmailMessage | None:
        path = self.state / "outbox" / day / f"{address}.eml"
        if not path.exists():
            return None
        return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)  # type: ignore[return-value]

    def text(self, day: str, address: str) -> str:
        """Return the text part of a day's mail, on one line ("": there is none)."""
        message = self.mail(day, address)
        body = message.get_body(("plain",)) if message else None
        return " ".join(str(body.get_content()).split()) if body else ""

    def feed_titles(self, name: str) -> list[str]:
        atom = "{http://www.w3.org/2005/Atom}"
        root = ET.fromstring((self.state / "public" / "feeds" / f"{name}.atom").read_bytes())
        return [entry.findtext(f"{atom}title") or "" for entry in root.iter(f"{atom}entry")]

    def written(self) -> dict[str, bytes]:
        """Return every byte of outbox and public, by path."""
        return {
            str(path.relative_to(self.state)): path.read_bytes()
            for folder in ("outbox", "public")
            for path in (self.state / folder).rglob("*")
            if path.is_file()
        }

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return what the store holds, for tests that look behind the scenes."""
        with self.context().store.reading() as tx:
            return [tuple(row) for row in tx.exec_driver_sql(query)]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Callable[[str], Site]]:
    """Return a function that makes a site with the given configuration (beyond ``[site]``)."""
    made: list[Site] = []

    def make(toml: str, name: str = "state") -> Site:
        made.append(Site(tmp_path / name, toml))
        (tmp_path / name).mkdir(exist_ok=True)
        return made[-1]

    yield make
    for item in made:
        for context in item.open:
            context.store.close()


def paper(number: int, **fields: Any) -> dict[str, Any]:
    """Return a listing of an invented paper that is recent on 2026-06-15."""
    return {
        "id": f"2606.{number:05d}",
        "title": f"Invented Paper {number} on Reward Models",
        "authors": [f"Ada Author{number}", "Ben Other"],
        "summary": f"Paper {number} studies reward models. It reports results.",
        "published": "2026-06-10",
    } | fields
