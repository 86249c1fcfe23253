"""An open SMTP connection after its greeting: whole groups of commands go out, replies come back in their order.

aiosmtplib connects, secures and logs in; its protocol takes one command at a time and drops replies that nobody waits
for yet, so PIPELINING (RFC 2920) needs one of our own. It takes over the transport when all that is done.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any, cast

from aiosmtplib import SMTP, SMTPException, SMTPReadTimeoutError, SMTPResponse, SMTPServerDisconnected

from digest.errors import ChannelError

CLOSING = 421  # RFC 5321, section 4.2.1: the server is about to close the connection
_LONGEST_REPLY = 32_768  # octets; more is no reply but a flood
_QUIT_WAIT = 5.0  # seconds; whatever was sent is settled by then
_NO_REPLY = -1  # the code of what is not a reply at all


class Wire(asyncio.Protocol):
    """One connection; ``extensions`` are what the server offered (lower case)."""

    def __init__(self, transport: asyncio.Transport, extensions: Mapping[str, str], timeout: float) -> None:
        """Take over an open transport that nothing is awaited on; ``timeout`` is for each reply, in seconds."""
        self.extensions = extensions
        self.timeout = timeout
        self.carried = 0  # messages tried
        self.banner = ""  # what the server said first
        self.farewell: SMTPResponse | None = None  # the reply by which the server announced that it closes
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray()
        self._lines: list[bytes] = []
        self._size = 0  # octets of the reply that is being read
        self._replies: deque[SMTPResponse] = deque()
        self._owed = 0  # replies that the server still has to give
        self._waiter: asyncio.Future[SMTPResponse] | None = None
        self._lost: Exception | None = None
        transport.set_protocol(self)

    @classmethod
    def of(cls, client: SMTP, timeout: float) -> Wire:
        """Return the connection of a client, which is not to be used any more."""
        if client.transport is None or not client.is_connected:
            raise SMTPServerDisconnected("Connection lost")
        extensions = dict(client.esmtp_extensions)
        return cls(cast("asyncio.Transport", client.transport), extensions, timeout)

    @property
    def is_open(self) -> bool:
        """Whether commands may be sent."""
        return self._lost is None and not self._transport.is_closing()

    def told(self, what: str) -> Any:
        """Return what the transport knows of the connection: ``peername``, ``ssl_object``; None where nothing."""
        return self._transport.get_extra_info(what)

    def send(self, data: bytes, replies: int) -> None:
        """Write commands or a message, to which the server owes so many replies; a lost connection is told by these."""
        self._owed += replies
        if self.is_open:
            self._transport.write(data)

    async def reply(self, timeout: float | None = None) -> SMTPResponse:
        """Return the next reply; ``timeout`` in seconds (default: the connection's).

        Raises SMTPException where there is none: the connection is lost, the server stalls, or says what is no reply.
        """
        if self._replies:
            return self._replies.popleft()
        if self._lost:
            raise self._lost
        self._waiter = self._loop.create_future()
        timer = self._loop.call_later(timeout or self.timeout, self._stalled)
        try:
            return await self._waiter
        finally:
            timer.cancel()
            self._waiter = None

    def close(self) -> None:
        """Close at once: under TLS too, where waiting for the other side's farewell is of no use."""
        self._lose(SMTPServerDisconnected("Connection lost"))
        self._transport.abort()

    async def quit(self) -> None:
        """Say goodbye, without insisting on an answer, and close."""
        try:
            if self.is_open:
                self.send(b"QUIT\r\n", 1)
                await self.reply(min(self.timeout, _QUIT_WAIT))
        except SMTPException:
            pass  # whatever was settled stands
        finally:
            self.close()

    # --- what the transport calls ---

    def data_received(self, data: bytes) -> None:
        """Cut what arrives into lines."""
        self._buffer += data
        while self._lost is None and (end := self._buffer.find(b"\n")) >= 0:
            line = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            self._line(line.rstrip(b"\r"))
        if self._size + len(self._buffer) > _LONGEST_REPLY:
            self._break(SMTPResponse(_NO_REPLY, "Response too long"))

    def eof_received(self) -> bool:
        """Take the other side's end for the end."""
        self._lose(SMTPServerDisconnected("Unexpected EOF received"))
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        lost = SMTPServerDisconnected("Connection lost")
        lost.__cause__ = exc
        self._lose(lost)

    # --- replies ---

    def _line(self, line: bytes) -> None:
        if not line[:3].isdigit() or line[3:4] not in (b" ", b"-", b""):
            said = line.decode("utf-8", "ignore")
            self._break(SMTPResponse(_NO_REPLY, f"Malformed SMTP response line: {said}"))
            return
        self._lines.append(line[4:].strip())
        self._size += len(line)
        if line[3:4] != b"-":
            whole = b"\n".join(self._lines).decode("utf-8", "surrogateescape")
            self._lines, self._size = [], 0
            self._take(SMTPResponse(int(line[:3]), whole))

    def _take(self, reply: SMTPResponse) -> None:
        if reply.code == CLOSING:
            self.farewell = reply
        if not self._owed:  # pairing it with a command to come would mix up recipients
            self._break(reply)
            return
        self._owed -= 1
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(reply)
        else:
            self._replies.append(reply)

    def _break(self, reply: SMTPResponse) -> None:
        self._lose(Unpaired(reply))
        self._transport.abort()

    def _stalled(self) -> None:
        self._lose(SMTPReadTimeoutError("Timed out waiting for server response"))

    def _lose(self, error: Exception) -> None:
        if self._lost is None:
            self._lost = error
            if self._waiter and not self._waiter.done():
                self._waiter.set_exception(error)


class Unpaired(SMTPException):
    """What the server said is no reply, or none to anything; the connection is of no use any more."""

    def __init__(self, reply: SMTPResponse) -> None:
        """Keep what was said."""
        super().__init__(reply.message)
        self.code, self.message = reply


class ThrottledError(ChannelError):
    """The server wants less of us for now, whoever the recipient is."""

    def __init__(self, what: str, reply: SMTPResponse) -> None:
        """Keep the reply that said so."""
        super().__init__(what)
        self.reply = reply
