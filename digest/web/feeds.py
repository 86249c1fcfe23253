"""Feeds by HTTP: documents of ``public/feeds/`` and of subscribers' own, sent again only to who has another state."""

from __future__ import annotations

import re
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from digest.errors import DigestError
from digest.pipeline.context import Context
from digest.render import Renderer
from digest.service.kept_feeds import Document
from digest.service.private_feeds import Missing, PrivateFeeds
from digest.web.conditional import same, wants_gzip
from digest.web.feed_files import FeedFiles
from digest.web.forms import Form, Sent, Told

_ADDRESS = re.compile(r"/(feeds/(?:(my)/)?((?:[\w-]+/)*[\w-]+\.(?:atom|json)))", re.ASCII)
_FIELDS = (b"if-none-match", b"if-modified-since", b"accept-encoding")


class Asked(NamedTuple):
    """What of a request decides which answer it gets."""

    none_match: str | None
    modified_since: str | None
    packed: bool

    @classmethod
    def by(cls, scope: Scope) -> Asked:
        """Read the header fields of a request; several lines of one are one list (RFC 9110, section 5.3)."""
        found: dict[bytes, str] = {}
        for name, value in scope["headers"]:
            if name in _FIELDS:
                text = value.decode("latin-1")
                found[name] = f"{found[name]},{text}" if name in found else text
        none_match, modified_since, accepted = (found.get(name) for name in _FIELDS)
        return cls(none_match, modified_since, wants_gzip(accepted))

    def has(self, told: Told) -> bool:
        """Say whether who asks has the document already."""
        return same(told.tag(packed=self.packed), told.modified, self.none_match, self.modified_since)


class Feeds:
    """The answers to requests for feeds."""

    def __init__(self, context: Context, renderer: Renderer) -> None:
        """Take the world and the pages."""
        self._renderer = renderer
        self._files = FeedFiles(context.public, context.clock)
        self._private = PrivateFeeds(context, renderer)

    async def at_once(self, scope: Scope) -> Response | None:
        """Answer a GET or HEAD for a public feed, and for a private one that is at hand; None for any other."""
        found = _ADDRESS.fullmatch(scope["path"])
        if found is None or scope["method"] not in ("GET", "HEAD"):
            return None
        asked = Asked.by(scope)
        if found[2]:
            return self._at_hand(found[3], asked)
        form = await self._files.form(found[1], packed=asked.packed)
        if form is None:
            return None
        return Sent(form.told, None if asked.has(form.told) else form, packed=asked.packed)

    def _at_hand(self, rest: str, asked: Asked) -> Response | None:
        try:
            document = self._private.fresh(rest)
        except DigestError:
            return None  # it will be met again where it can be told
        if document is None:
            return None
        told = _told(document)
        if asked.has(told):
            return Sent(told, None, packed=asked.packed)
        return Sent(told, _form(document, told, asked.packed), packed=asked.packed) if document.packed else None

    def private(self, request: Request) -> Response:
        """Answer for a subscriber's own feed, which may have to be made: in a thread, as Starlette runs it."""
        found = _ADDRESS.fullmatch(request.scope["path"])
        asked = Asked.by(request.scope)
        document: Document | Missing = Missing(gone=False)
        if found and found[2]:
            document = self._private.document(found[3], lambda own: asked.has(_told(own)))
        if isinstance(document, Missing):
            if document.gone:
                return HTMLResponse(self._renderer.missing_page(), 410, headers={"Cache-Control": "no-store"})
            raise HTTPException(404)
        told = _told(document)
        form = None if asked.has(told) else _form(document, told, asked.packed)
        return Sent(told, form, packed=asked.packed)


class FeedsFirst:
    """Wraps the application: feeds that are at hand need none of its layers; speaks ASGI 3."""

    def __init__(self, app: ASGIApp, feeds: Feeds) -> None:
        """Take the application, and what answers before it."""
        self._app, self._feeds = app, feeds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        answer = await self._feeds.at_once(scope) if scope["type"] == "http" else None
        await (answer or self._app)(scope, receive, send)


def _form(document: Document, told: Told, packed: bool) -> Form:
    return Form.as_it_is(told, document.packed if packed else document.body, packed=packed)


def _told(document: Document) -> Told:
    return Told(document.tag, document.modified, document.kind, "private")
