"""SMTP servers on loopback for the tests of channels: a real one, and one that misbehaves on demand."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


@contextmanager
def running(start: Callable[[], Coroutine[Any, Any, asyncio.Server]]) -> Iterator[int]:
    """Run a server in a thread with a loop of its own; give its port; end it and all that it talks to."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    # A handshake that the client has just given up belongs to no task; the loop alone still knows its connection.
    for transport in list(asyncio.get_running_loop()._transports.values()):  # type: ignore[attr-defined]
        transport.abort()
    for _ in range(10):  # transports, of TLS above all, close some turns of the loop later
        await asyncio.sleep(0)


class Script:
    """A server that plays by a script: ``faults`` maps (stage, recipient or "") to a reply, "drop" or "stall".

    Stages: connect, EHLO, MAIL, RCPT, DATA, dot, RSET. ``taken`` holds (recipient, data as it came over the wire, dots
    and all) of accepted messages; ``commands`` all command lines, one list for each connection.
    """

    def __init__(self, faults: dict[tuple[str, str], str], *, offers: tuple[str, ...] = (), accept: int = 1000) -> None:
        self.faults = faults
        self.offers = offers
        self.accept = accept  # connections; later ones are turned away
        self.taken: list[tuple[str, bytes]] = []
        self.commands: list[list[str]] = []

    async def start(self) -> asyncio.Server:
        return await asyncio.start_server(self.talk, "127.0.0.1", 0)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines: list[str] = []
        self.commands.append(lines)
        try:
            late = len(self.commands) > self.accept
            await self._say(writer, "connect", "", "421 too many connections" if late else "220 ready")
            await self._commands(reader, writer, lines)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _commands(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, lines: list[str]) -> None:
        recipient = ""
        while line := await reader.readline():
            lines.append(line.decode().rstrip("\r\n"))
            verb = lines[-1][:4].upper()
            if verb == "RCPT":
                recipient = lines[-1][len("RCPT TO:<") : -1]
            if verb == "EHLO":
                good = "250-hello\r\n" + "".join(f"250-{offer}\r\n" for offer in self.offers) + "250 HELP"
            else:
                good = {"DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 fine")
            said = await self._say(writer, verb, recipient if verb in ("RCPT", "DATA") else "", good)
            if verb == "QUIT":
                return
            if verb == "DATA" and said.startswith("354"):
                data = await reader.readuntil(b"\r\n.\r\n")
                if (await self._say(writer, "dot", recipient, "250 queued")).startswith("250"):
                    self.taken.append((recipient, data))

    async def _say(self, writer: asyncio.StreamWriter, stage: str, recipient: str, good: str) -> str:
        reply = self.faults.get((stage, recipient), good)
        if reply == "drop":
            raise ConnectionResetError
        if reply == "stall":
            await asyncio.Event().wait()
        writer.write(reply.encode("utf-8", "surrogateescape") + b"\r\n")
        await writer.drain()
        if reply.startswith("421"):
            raise ConnectionResetError
        return reply


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[], Coroutine[Any, Any, asyncio.Server]]], int]]:
    """Start servers for one test: ``port = serve(script.start)``."""
    with ExitStack() as stack:
        yield lambda start: stack.enter_context(running(start))


@pytest.fixture
def scripted(serve: Callable[..., int]) -> Callable[..., tuple[Script, int]]:
    """Start a server that plays by a script: ``script, port = scripted({("RCPT", address): "550 no"})``."""

    def start(faults: dict[tuple[str, str], str] | None = None, **more: Any) -> tuple[Script, int]:
        script = Script(faults or {}, **more)
        return script, serve(script.start)

    return start
