"""What holds for every request: few methods, small bodies, safe headers, one log line without secrets, no traceback."""

from __future__ import annotations

import asyncio
import logging
import re

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest.errors import one_line
from digest.text import printable, shortened

log = logging.getLogger(__name__)

MOST_BYTES = 64 * 1024  # of a body; that of a one-click POST (RFC 8058, section 3.2) has 26, as multipart some hundreds
_BODY_SECONDS = 20
_METHODS = ("GET", "HEAD", "POST")
_BODY = (b"content-length", b"transfer-encoding")
# What follows is a token, which must stay out of logs; a topic's edition and its feeds are public.
# What is misspelt finds nothing, and is no less secret.
_SECRET = re.compile(
    r"/+(unsubscribe|preferences|feeds/+my|editions(?!/\d{4}-\d\d-\d\d/))/.*", re.DOTALL | re.IGNORECASE
)
_LONGEST = 200  # characters of an address in the log


class Guard:
    """Wraps the application; speaks ASGI 3."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        """Take the application and the Content-Security-Policy of its own pages."""
        self._app = app
        self._headers = (
            (b"content-security-policy", f"{policy}; frame-ancestors 'none'".encode("latin-1")),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = list(message["headers"])  # their names are in small letters (ASGI 3)
                names = {name for name, _ in own}
                message["headers"] = [*own, *(header for header in self._headers if header[0] not in names)]
            await send(message)

        try:
            await self._answer(scope, receive, guarded)
        except Exception as error:
            log.error("web: %s: %s", _told(scope), one_line(error))  # noqa: TRY400 - one line, and no traceback
            if not status:
                await PlainTextResponse("Something went wrong here; it was noted.\n", 500)(scope, receive, guarded)
        if scope["path"] != "/healthz":
            log.info("%s %s", _told(scope), status or "gone")

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in _METHODS:
            headers = {"Allow": ", ".join(_METHODS)}
            await PlainTextResponse("Method Not Allowed\n", 405, headers=headers)(scope, receive, send)
            return
        if scope["method"] != "POST" and not _announces_body(scope):
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                fits = await _drained(receive)
        except TimeoutError:
            await _turn_away(408, "Request Timeout", scope, receive, send)
            return
        if fits is None:
            return
        if not fits:
            await _turn_away(413, "Content Too Large", scope, receive, send)
            return
        await self._app(scope, _empty(receive), send)


def _announces_body(scope: Scope) -> bool:
    """Say whether a request has a body to be taken in (RFC 9112, section 6.3)."""
    return any(name in _BODY for name, _ in scope["headers"])


async def _drained(receive: Receive) -> bool | None:
    """Take the body in, and say whether it was small enough; None where whoever asked is gone."""
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        size += len(message.get("body", b""))
        if size > MOST_BYTES:
            return False
        if not message.get("more_body", False):
            return True


def _empty(receive: Receive) -> Receive:
    """Return what gives an empty body: no page looks into it, since the address says all there is to know."""
    first = True

    async def again() -> Message:
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": b"", "more_body": False}
        return await receive()

    return again


async def _turn_away(status: int, text: str, scope: Scope, receive: Receive, send: Send) -> None:
    # The rest of the body is not wanted, so the connection cannot be used again.
    await PlainTextResponse(f"{text}\n", status, headers={"Connection": "close"})(scope, receive, send)


def _told(scope: Scope) -> str:
    """Return method and address for the log: no token, no query, nothing that a terminal would obey."""
    path = _SECRET.sub(r"/\1/…", scope["path"])
    return f"{scope['method']} {shortened(' '.join(printable(path).split()), _LONGEST)}"
