"""SMTP servers on loopback that misbehave on demand."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any


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
    """A server that plays by a script: ``faults`` maps (stage, for whom) to a reply, "drop", "stall" or "take".

    Stages: connect, EHLO, HELO, STARTTLS, AUTH, MAIL, RCPT, DATA, dot, RSET, QUIT. For whom: a recipient (RCPT, DATA,
    dot), "#2" (the second time this stage is reached at all), or "" (always). "take" accepts a message and drops the
    connection before the reply. ``taken`` holds (recipient, data as it came over the wire, dots and all) of accepted
    messages, with recipient "" where none was accepted; ``commands`` all command lines, a list for each connection.
    ``eager``: DATA is accepted whatever came before.
    """

    def __init__(
        self,
        faults: dict[tuple[str, str], str],
        *,
        offers: tuple[str, ...] = (),
        accept: int = 1000,
        secure: ssl.SSLContext | None = None,
        eager: bool = False,
    ) -> None:
        self.faults = faults
        self.offers = offers
        self.accept = accept  # connections; later ones are turned away
        self.secure = secure
        self.eager = eager
        self.taken: list[tuple[str, bytes]] = []
        self.commands: list[list[str]] = []
        self.reached: Counter[str] = Counter()
        self.never = asyncio.Event()  # kept, or the collector would end who waits for it

    async def start(self) -> asyncio.Server:
        return await asyncio.start_server(self.talk, "127.0.0.1", 0)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines: list[str] = []
        self.commands.append(lines)
        try:
            late = len(self.commands) > self.accept
            await self._say(writer, "connect", "", "421 too many connections" if late else "220 ready")
            await self._commands(reader, writer, lines)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def _commands(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, lines: list[str]) -> None:
        given = accepted = ""  # the recipient as the client gave it, and where it was accepted
        while line := await reader.readline():
            lines.append(line.decode().rstrip("\r\n"))
            verb = lines[-1].split(" ")[0].upper()
            if verb == "MAIL":
                given = accepted = ""
            if verb == "RCPT":
                given = lines[-1][len("RCPT TO:<") : -1]
            said = await self._say(writer, verb, given if verb in ("RCPT", "DATA") else "", self._good(verb, accepted))
            if verb == "RCPT" and said.startswith("2"):
                accepted = given
            if verb == "STARTTLS" and said.startswith("2") and self.secure:
                await writer.start_tls(self.secure)
            if verb == "QUIT":
                return
            if verb == "DATA" and said.startswith("354"):
                await self._message(reader, writer, given, accepted)

    def _good(self, verb: str, accepted: str) -> str:
        if verb == "EHLO":
            return "250-hello\r\n" + "".join(f"250-{offer}\r\n" for offer in self.offers) + "250 HELP"
        if verb == "DATA" and not (accepted or self.eager):
            return "554 no valid recipients"
        return {"DATA": "354 go on", "QUIT": "221 bye", "STARTTLS": "220 go", "AUTH": "235 yes"}.get(verb, "250 fine")

    async def _message(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, given: str, accepted: str
    ) -> None:
        data = await reader.readuntil(b".\r\n")
        while data != b".\r\n" and not data.endswith(b"\r\n.\r\n"):
            data += await reader.readuntil(b".\r\n")
        if not accepted:
            await self._say(writer, "nobody", "", "554 no valid recipients")
            return
        if self.faults.get(("dot", given)) == "take":
            self.taken.append((accepted, data))
            raise ConnectionResetError
        if (await self._say(writer, "dot", given, "250 queued")).startswith("250"):
            self.taken.append((accepted, data))

    async def _say(self, writer: asyncio.StreamWriter, stage: str, recipient: str, good: str) -> str:
        self.reached[stage] += 1
        keys = ((stage, recipient), (stage, f"#{self.reached[stage]}"), (stage, ""))
        reply = next((self.faults[key] for key in keys if key in self.faults), good)
        if reply == "drop":
            raise ConnectionResetError
        if reply == "stall":
            await self.never.wait()
        writer.write(reply.encode("utf-8", "surrogateescape") + b"\r\n")
        await writer.drain()
        if reply.startswith("421"):
            raise ConnectionResetError
        return reply
