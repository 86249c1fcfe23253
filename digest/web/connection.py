"""One connection by HTTP, read by httptools: quick, and with the bounds on what strangers send that it leaves to us.

uvicorn's own keeps whatever arrives before a head ends, and all requests that are sent ahead of their answers.
"""

from __future__ import annotations

import logging

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

log = logging.getLogger(__name__)

_MOST_BYTES = 64 * 1024  # of a request without its body, which is bounded by who takes it in
_MOST_AHEAD = 16  # requests that wait for their answers


class Connection(HttpToolsProtocol):
    """Ends as soon as more arrives than any reader sends."""

    _beside = 0  # bytes of this request that are no body

    def data_received(self, data: bytes) -> None:
        """Take in what arrived."""
        self._beside += len(data)
        super().data_received(data)
        if self._beside > _MOST_BYTES:
            log.warning("web: a connection is ended: its request is too long")
            self.transport.close()

    def on_message_begin(self) -> None:
        """Begin a request; too many at once are refused as what cannot be read, by ValueError."""
        if len(self.pipeline) >= _MOST_AHEAD:
            raise ValueError("too many requests at once")
        super().on_message_begin()

    def on_body(self, body: bytes) -> None:
        """Hand on a piece of the body."""
        self._beside -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request; what else arrived with it is of the next one, and has its bound in what is read at once."""
        self._beside = 0
        super().on_message_complete()
