"""An SMTP server in a process of its own, which tells through a pipe of each message that it takes, before it answers.

Whoever kills a client finds what had arrived. Addresses that begin with ``gone`` are refused for good; those that begin
with ``later`` once for each message, and are taken the second time.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import re
import select
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

_ID = re.compile(rb"^Message-ID:\s*(<[^>]*>)", re.MULTILINE | re.IGNORECASE)
_FOR_EVER = 3600.0
_OFFERS = b"250-loopback\r\n250-PIPELINING\r\n250-SIZE 10485760\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"


@dataclass
class Recording:
    """What the server has taken: (recipient, Message-ID), in order."""

    port: int
    pipe: int
    taken: list[tuple[str, str]] = field(default_factory=list)
    _left: bytes = b""

    def read(self, seconds: float = 0) -> int:
        """Read what the server has told, waiting at most so long for it to tell something; return how many messages."""
        before = len(self.taken)
        while select.select([self.pipe], [], [], seconds)[0]:
            seconds = 0
            *lines, self._left = (self._left + os.read(self.pipe, 1 << 16)).split(b"\n")
            for line in lines:
                recipient, _, message_id = line.decode().partition(" ")
                self.taken.append((recipient, message_id))
        return len(self.taken) - before


@contextlib.contextmanager
def recording(pause: float = 0, taking: int | None = None) -> Iterator[Recording]:
    """Run the server in a child of this process until the end.

    It waits for ``pause`` seconds before each reply to a message; after ``taking`` messages, if that is said, it falls
    silent.
    """
    door = socket.create_server(("127.0.0.1", 0), backlog=256)
    out, into = os.pipe()
    if not (child := os.fork()):
        try:
            os.close(out)
            asyncio.run(_serve(door, into, pause, taking))
        finally:
            os._exit(0)
    os.close(into)
    try:
        yield Recording(door.getsockname()[1], out)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(out)
        door.close()


async def _serve(door: socket.socket, pipe: int, pause: float, taking: int | None) -> None:
    tried: set[tuple[str, bytes]] = set()
    left = itertools.repeat(True) if taking is None else iter([True] * taking)

    async def wait() -> None:
        await asyncio.sleep(pause if next(left, False) else _FOR_EVER)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await _Talk(reader, writer, pipe, tried, wait).go_on()
        writer.close()

    server = await asyncio.start_server(talk, sock=door, limit=1 << 22)
    await server.serve_forever()


class _Talk:
    """One connection, from the greeting to its end."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        pipe: int,
        tried: set[tuple[str, bytes]],
        wait: Callable[[], Awaitable[None]],
    ) -> None:
        self.reader, self.writer, self.pipe, self.tried, self.wait = reader, writer, pipe, tried, wait
        self.recipient = ""

    async def go_on(self) -> None:
        await self.say(b"220 loopback")
        while line := await self.reader.readline():
            verb = line[:4].upper()
            if verb in (b"EHLO", b"HELO"):
                self.writer.write(_OFFERS)
            elif verb == b"RCPT":
                await self.rcpt(line)
            elif verb == b"DATA":
                await self.data()
            elif verb == b"QUIT":
                await self.say(b"221 bye")
                return
            else:
                await self.say(b"250 fine")

    async def rcpt(self, line: bytes) -> None:
        found = re.search(rb"<([^>]*)>", line)
        address = found[1].decode() if found else ""
        if address.startswith("gone"):
            await self.say(f"550 5.1.1 <{address}>: no such user".encode())
            return
        self.recipient = address
        await self.say(b"250 fine")

    async def data(self) -> None:
        if not self.recipient:
            await self.say(b"554 5.5.1 no valid recipients")
            return
        await self.say(b"354 go on")
        message = await self.reader.readuntil(b"\r\n.\r\n")
        found = _ID.search(message)
        await self.wait()
        await self.say(self.take(self.recipient, found[1] if found else b""))
        self.recipient = ""

    def take(self, recipient: str, message_id: bytes) -> bytes:
        if recipient.startswith("later") and (recipient, message_id) not in self.tried:
            self.tried.add((recipient, message_id))
            return b"451 4.7.1 greylisted, try again later"
        os.write(self.pipe, recipient.encode() + b" " + message_id + b"\n")
        return b"250 2.0.0 taken"

    async def say(self, reply: bytes) -> None:
        self.writer.write(reply + b"\r\n")
        await self.writer.drain()
