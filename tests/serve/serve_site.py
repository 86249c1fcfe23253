"""A site under test: its state folder, its clock, its ticker, and ways to look at what came of them."""

from __future__ import annotations

import asyncio
import json
import os
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from digest.pipeline.context import Context, open_context
from digest.schedule import Ticker
from digest.settings import Settings

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
READER = '[[subscribers]]\nemail = "reader@example.org"\nrules = ["reward"]\n'

PUBLISHED = """
[site]
title = "Papers & <more>"
base_url = "https://digest.example.org"

[[topics]]
slug = "rewards"
title = "Rewards"
rules = ["reward"]

[[subscribers]]
email = "reader@example.org"
rules = [{ name = "Mine", query = "reward" }]
"""


def at(text: str) -> datetime:
    """Return a UTC time such as ``2026-06-15 07:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class Site:
    """The clock stands at ``now``; ``restart`` forgets all that is not in the state folder."""

    def __init__(self, state: Path, toml: str) -> None:
        self.now = at("2026-06-15 00:00")
        settings = Settings.model_validate(tomllib.loads(toml))
        self.context: Context = open_context(settings, base=state.parent, state=state, clock=lambda: self.now)
        self.state = state
        self.restart()

    def restart(self) -> None:
        self.ticker = Ticker(self.context)
        self.ticker.prepare()

    def tick(self, moment: str | None = None) -> None:
        if moment:
            self.now = at(moment)
        self.ticker.tick(self.now)

    def tick_until(self, moment: str, step: timedelta) -> Iterator[datetime]:
        """Tick in steps up to a moment, that one excepted; yield the time after each."""
        while self.now < at(moment):
            self.tick()
            yield self.now
            self.now += step

    def drop(self, name: str, *numbers: int) -> Path:
        """Put a dump of invented papers into the inbox."""
        rows = [
            {
                "id": f"2606.{number:05d}",
                "title": f"Invented Paper {number} on Reward Models",
                "authors": [f"Ada Author{number}"],
                "summary": f"Paper {number} studies reward models.",
                "published": "2026-06-10",
            }
            for number in numbers
        ]
        path = self.state / "inbox" / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        moment = self.now.timestamp()
        os.utime(path, (moment, moment))  # so that a name without a date is of the day it came
        return path

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.context.store.reading() as tx:
            return [tuple(row) for row in tx.exec_driver_sql(query)]

    def change(self, statement: str) -> None:
        with self.context.store.writing() as tx:
            tx.exec_driver_sql(statement)

    def mails(self) -> list[str]:
        """Return the messages in the outbox, as ``DATE/ADDRESS``."""
        return sorted(f"{path.parent.name}/{path.stem}" for path in (self.state / "outbox").glob("*/*.eml"))

    def runs(self) -> list[str]:
        return [on for (on,) in self.rows("SELECT date FROM runs ORDER BY id")]


def ask(app: Starlette, method: str, path: str, **options: Any) -> httpx.Response:
    """Send one request to the application and return the whole answer."""

    async def talk() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://digest.test") as client:
            return await client.request(method, path, **options)

    return asyncio.run(talk())


def raw(app: Starlette, path: str, *, method: str = "GET", body: list[bytes] | None = None) -> tuple[int, bytes]:
    """Send a request whose decoded path no client would send; return status and body."""
    sent: list[dict[str, Any]] = []
    parts = list(body or [b""])

    async def receive() -> dict[str, Any]:
        if not parts:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": b"/",
        "query_string": b"",
        "root_path": "",
        "headers": [],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    asyncio.run(app(scope, receive, send))
    body_sent = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    return sent[0]["status"], body_sent
