"""Documents of feeds as they are sent: what is said of each, plain or packed, and a shelf for forms made before."""

from __future__ import annotations

import threading
import zlib
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Literal

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

Headers = tuple[tuple[bytes, bytes], ...]

Kind = Literal["atom", "json"]
Sharing = Literal["current", "archive", "private"]

TYPES: dict[Kind, bytes] = {
    "atom": b"application/atom+xml; charset=utf-8",  # RFC 4287, section 7
    "json": b"application/feed+json; charset=utf-8",  # JSON Feed 1.1
}
# A public document may be read by scripts of other sites too: readers that run in a browser. One of an archive never
# changes; the current one does once a day. What only one person has the address of is kept by nobody in between.
_EVERYBODYS = (b"access-control-allow-origin", b"*")
_SHARING: dict[Sharing, Headers] = {
    "current": ((b"cache-control", b"public, max-age=300"), _EVERYBODYS),
    "archive": ((b"cache-control", b"public, max-age=31536000, immutable"), _EVERYBODYS),
    "private": ((b"cache-control", b"private, max-age=300"), (b"x-robots-tag", b"noindex")),
}
_VARY = (b"vary", b"Accept-Encoding")
_PIECE = 2**18  # bytes handed to the server at once, so that it holds no more of a body than a slow reader's next


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a document: the hash of its bytes, when they became so (aware), its kind, and for whom it is."""

    hash: str
    modified: datetime
    kind: Kind
    sharing: Sharing

    def tag(self, *, packed: bool) -> str:
        """Return the strong entity tag of a form (RFC 9110, section 8.8.3.3: one for each coding)."""
        return f'"{self.hash}-gz"' if packed else f'"{self.hash}"'

    def kept(self, *, packed: bool) -> Headers:
        """Return what goes with the word that nothing changed (RFC 9110, section 15.4.5)."""
        return ((b"etag", self.tag(packed=packed).encode()), _VARY, *_SHARING[self.sharing])

    def headers(self, length: int, *, packed: bool) -> Headers:
        """Return what goes with a form of so many bytes."""
        said = (
            (b"content-type", TYPES[self.kind]),
            (b"content-length", str(length).encode()),
            (b"last-modified", format_datetime(self.modified, usegmt=True).encode()),
        )
        coding = ((b"content-encoding", b"gzip"),) if packed else ()
        return (*said, *coding, *self.kept(packed=packed))


@dataclass(frozen=True, slots=True)
class Form:
    """A document in the form in which it is sent, with its headers."""

    told: Told
    packed: bool
    body: bytes
    headers: Headers

    @classmethod
    def as_it_is(cls, told: Told, body: bytes, *, packed: bool) -> Form:
        """Make a form of what is sent."""
        return cls(told, packed, body, told.headers(len(body), packed=packed))

    @classmethod
    def of(cls, told: Told, content: bytes, *, packed: bool) -> Form:
        """Make a form of a document's bytes; packing takes a second for 30 MB."""
        body = zlib.compress(content, wbits=31) if packed else content  # 31: gzip, and no time in its head
        return cls.as_it_is(told, body, packed=packed)


class Shelf:
    """Keeps forms while they fit into ``most`` bytes; those that nobody asked for longest go first."""

    def __init__(self, most: int) -> None:
        """Start empty."""
        self._most, self._held = most, 0
        self._forms: OrderedDict[Hashable, Form] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Form | None:
        """Return what was put here under a key, if it is here still."""
        with self._lock:
            found = self._forms.get(key)
            if found:
                self._forms.move_to_end(key)
            return found

    def put(self, key: Hashable, form: Form) -> None:
        """Keep a form unless it alone is too large."""
        if len(form.body) > self._most:
            return
        with self._lock:
            before = self._forms.pop(key, None)
            self._held += len(form.body) - (len(before.body) if before else 0)
            self._forms[key] = form
            while self._held > self._most:
                self._held -= len(self._forms.popitem(last=False)[1].body)


class Sent(Response):
    """The answer that sends a form, or the word that who asks has it already."""

    def __init__(self, told: Told, form: Form | None, *, packed: bool) -> None:
        """Take what is said of the document, and the form unless nothing changed."""
        self.status_code, self.background = (200 if form else 304), None
        self.raw_headers = list(form.headers if form else told.kept(packed=packed))
        self.body = form.body if form else b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 (ASGI 3)
        """Send it, a piece at a time, and to HEAD no body."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        body, start = (self.body if scope["method"] != "HEAD" else b""), 0
        while len(body) - start > _PIECE:
            await send({"type": "http.response.body", "body": body[start : start + _PIECE], "more_body": True})
            start += _PIECE
        await send({"type": "http.response.body", "body": body[start:] if start else body})
