"""What feeds are measured beside: feedgen, as its documentation shows it, and at its quickest; and a server's hello.

The texts are made readable by the same function, the HTML is made by the same template and cleaned by nh3; feedgen
writes Atom alone. It adds an entry at the front unless told otherwise, and takes the present time where none is given.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jinja2
import nh3
import uvicorn
from feedgen.feed import FeedGenerator
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from digest.feeds import published, updated
from digest.models import Paper
from digest.render.templates import shipped
from digest.text import readable

SITE = "https://digest.example.org"
AUTHORITY = "digest.example.org,2026-06-15"


@dataclass(frozen=True, slots=True)
class Ready:
    """An entry whose texts, addresses and HTML are made."""

    id: str
    title: str
    url: str
    published: datetime
    updated: datetime
    summary: str
    content: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    code: str


class Plain:
    """Makes entries of papers as a straightforward program does."""

    def __init__(self) -> None:
        """Read the template of an entry."""
        loader = jinja2.FileSystemLoader(shipped())
        environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
        self._template = environment.get_template("web/feed_entry.html")

    def entry(self, paper: Paper) -> Ready:
        """Return the entry of a paper."""
        abstract, names = readable(paper.abstract or ""), tuple([readable(name) for name in paper.authors])
        return Ready(
            id=f"tag:{AUTHORITY}:papers/{paper.id}",
            title=readable(paper.title),
            url=f"https://arxiv.org/abs/{paper.identifiers.arxiv}",
            published=published(paper),
            updated=updated(paper),
            summary=abstract[:1000],
            content=nh3.clean(self._html(paper, abstract, names)),
            authors=names,
            categories=paper.categories,
            code=_code(paper),
        )

    def _html(self, paper: Paper, abstract: str, names: Sequence[str]) -> str:
        arxiv = paper.identifiers.arxiv
        links = [
            {"name": "Paper", "url": f"https://arxiv.org/abs/{arxiv}"},
            {"name": "PDF", "url": f"https://arxiv.org/pdf/{arxiv}"},
        ]
        links += [{"name": "Code", "url": url} for url in [_code(paper)] if url]
        shown = {
            "authors": names,
            "byline": [{"text": ", ".join(names), "marked": False}],
            "about": f"{paper.categories[0]} · {paper.first_listed} · arXiv",
            "links": links,
        }
        return self._template.render(paper=shown, pieces=[{"text": abstract, "marked": False}], why=[], again=False)


def _code(paper: Paper) -> str:
    return next((url for url in paper.links if url.startswith("https://github.com/")), "")


def as_documented(entries: Sequence[Ready]) -> bytes:
    """Write a feed as feedgen's documentation shows it: keyword arguments, one call each, dates as text."""
    feed = _feed()
    for ready in entries:
        entry = feed.add_entry(order="append")
        entry.id(ready.id)
        entry.title(ready.title)
        entry.link(href=ready.url, rel="alternate")
        if ready.code:
            entry.link(href=ready.code, rel="related", title="Code")
        for name in ready.authors:
            entry.author(name=name)
        for term in ready.categories:
            entry.category(term=term, scheme="http://arxiv.org/schemas/atom")
        entry.published(ready.published.isoformat())
        entry.updated(ready.updated.isoformat())
        entry.summary(ready.summary)
        entry.content(ready.content, type="html")
    return bytes(feed.atom_str(pretty=True))


def at_its_best(entries: Sequence[Ready]) -> bytes:
    """Write the same with lists and datetimes, which is what feedgen is quickest with."""
    feed = _feed()
    for ready in entries:
        entry = feed.add_entry(order="append")
        entry.id(ready.id)
        entry.title(ready.title)
        code = [{"href": ready.code, "rel": "related", "title": "Code"}] if ready.code else []
        entry.link([{"href": ready.url, "rel": "alternate"}, *code])
        entry.author([{"name": name} for name in ready.authors])
        entry.category([{"term": term, "scheme": "http://arxiv.org/schemas/atom"} for term in ready.categories])
        entry.published(ready.published)
        entry.updated(ready.updated)
        entry.summary(ready.summary)
        entry.content(ready.content, type="html")
    return bytes(feed.atom_str(pretty=False))


def _feed() -> Any:
    feed = FeedGenerator()
    feed.id(f"tag:{AUTHORITY}:feeds/papers")
    feed.title("All papers")
    feed.author(name="Digest")
    feed.link(href=f"{SITE}/feeds/papers.atom", rel="self")
    feed.link(href=f"{SITE}/", rel="alternate")
    feed.language("en")
    return feed


def hello() -> None:
    """Answer hello on a free port of loopback, as quickly as Starlette does under uvicorn; print the address first."""

    async def say(_request: Request) -> Response:
        return PlainTextResponse("hello\n")

    app = Starlette(routes=[Route("/hello", say)])
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as door:
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio does not, for a socket that it is given
        print(f"http://127.0.0.1:{door.getsockname()[1]}", flush=True)
        settings = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", http="httptools", loop="asyncio"
        )
        uvicorn.Server(settings).run(sockets=[door])


if __name__ == "__main__":
    hello()
