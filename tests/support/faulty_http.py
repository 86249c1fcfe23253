"""HTTP servers on loopback that misbehave on demand, and a network of invented names whose only machine they are."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpcore
from scripted_server import running

from digest.sources import Network
from digest.sources.network import connected
from digest.sources.politeness import Politeness

PUBLIC, PUBLIC_TOO = "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"

_KEPT: list[asyncio.Event] = []  # or the collector would end who waits for them

Page = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


def head(status: str = "200 OK", **headers: object) -> bytes:
    """The beginning of an answer that ends where the connection does; ``content_type="…"`` is Content-Type."""
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return "\r\n".join((*lines, "", "")).encode()


def answer(status: str = "200 OK", body: bytes = b"", **headers: object) -> bytes:
    """A whole answer, with its length unless another is given."""
    return head(status, **{"content_length": len(body)} | headers) + body


async def stall(writer: asyncio.StreamWriter) -> None:
    """Say nothing, for as long as the other side listens."""
    _KEPT.append(asyncio.Event())
    await _KEPT[-1].wait()


def then_stall(start: bytes) -> Page:
    async def page(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        await writer.drain()
        await stall(writer)

    return page


def trickle(start: bytes, drop: bytes) -> Page:
    """Never be silent for long, and never end."""

    async def page(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(0.005)

    return page


class Flood:
    """An answer of 10 GB, if anybody would read it; ``sent`` counts what was."""

    def __init__(self, start: bytes, piece: bytes = bytes(2**16)) -> None:
        self.start, self.piece, self.sent = start, piece, 0

    async def __call__(self, writer: asyncio.StreamWriter) -> None:
        writer.write(self.start)
        while self.sent < 10 * 10**9:
            writer.write(self.piece)
            self.sent += len(self.piece)
            await writer.drain()


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    body: bytes = b""


class Web:
    """A server: ``pages`` are answered in turn, the last of a path again and again; others are not found."""

    def __init__(self, pages: Mapping[str, Page | Sequence[Page]], secure: ssl.SSLContext | None = None) -> None:
        self.pages = {
            path: [page] if isinstance(page, bytes) or callable(page) else page for path, page in pages.items()
        }
        self.secure = secure
        self.asked: list[Request] = []
        self.port = 0

    async def start(self) -> asyncio.Server:
        return await asyncio.start_server(self.talk, "127.0.0.1", 0, ssl=self.secure, limit=2**20)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            path = lines[0].split(" ")[1]
            headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
            self.asked.append(Request(path, headers, await reader.readexactly(int(headers.get("content-length", 0)))))
            pages = self.pages.get(path, [answer("404 Not Found")])
            page = pages[min(sum(request.path == path for request in self.asked), len(pages)) - 1]
            if callable(page):
                await page(writer)
            else:
                writer.write(page)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        except asyncio.CancelledError:  # the server's end, which asyncio would complain of
            pass
        finally:
            writer.close()


def _in_turn(page: Page | Sequence[Page]) -> Sequence[Page]:
    return [page] if isinstance(page, bytes) or callable(page) else page


@contextmanager
def serving(pages: Mapping[str, Page | Sequence[Page]], secure: ssl.SSLContext | None = None) -> Iterator[Web]:
    web = Web(pages, secure)
    with running(web.start) as port:
        web.port = port
        yield web


@dataclass
class Time:
    """A clock that goes on only when somebody sleeps; ``slept`` tells how long, each time."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def hasty() -> float:
    """A clock that is ten times as fast as the real one."""
    return time.monotonic() * 10


def late(seconds: float) -> Callable[[], float]:
    """A clock that makes a jump of so many seconds after it was looked at for the first time."""
    start = time.monotonic()
    told: list[float] = []

    def clock() -> float:
        told.append(time.monotonic() - start + (seconds if told else 0.0))
        return told[-1]

    return clock


class Invented:
    """A network in which names have the addresses that a test gives, and every address leads to one server or nowhere.

    ``names``: {host: the answers in turn, the last again and again}. ``looked_up`` counts, ``went`` holds each address
    and port that a connection was asked for.
    """

    def __init__(self, web: Web | None, names: Mapping[str, Sequence[Sequence[str]]] | None = None) -> None:
        self.web = web
        self.names = names or {"feed.example": [[PUBLIC]], "other.example": [[PUBLIC_TOO]]}
        self.looked_up: Counter[str] = Counter()
        self.went: list[tuple[str, int]] = []
        self.dead: set[str] = set()
        self.time = Time()

    def resolve(self, host: str, patience: float) -> Sequence[str]:
        if host not in self.names:
            raise OSError("no such name")
        self.looked_up[host] += 1
        answers = self.names[host]
        return answers[min(self.looked_up[host], len(answers)) - 1]

    def connect(self, address: str, port: int, patience: float) -> httpcore.NetworkStream:
        self.went.append((address, port))
        if address in self.dead or self.web is None:
            raise httpcore.ConnectError("refused")
        return connected("127.0.0.1", self.web.port, patience)

    def network(
        self,
        *,
        silence: float = 5.0,
        connecting: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
        secure: ssl.SSLContext | None = None,
    ) -> Network:
        """The network to hand in; ``clock`` is that of deadlines."""
        return Network(
            self.resolve,
            self.connect,
            lambda: secure or ssl.create_default_context(),
            clock,
            self.time.sleep,
            Politeness(self.time.clock, self.time.sleep),
            connecting=connecting,
            silence=silence,
        )
