"""The web of a site on loopback, with a record of who asked for what, on which condition, and what the answer was."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_CONDITIONS = {"if-none-match", "if-modified-since"}


@dataclass(frozen=True)
class Asked:
    """A request with the conditions that it names, and the status of the answer."""

    path: str
    agent: str
    conditions: frozenset[str]
    status: int


class Web:
    """Has its address before anything is served, so that a site can be told where it is."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._door.getsockname()[1]}"

    def take(self) -> list[Asked]:
        """Return what was asked since the last call."""
        taken, self.asked = self.asked, []
        return taken

    @contextmanager
    def serving(self, app: ASGIApp) -> Iterator[None]:
        """Serve an application by uvicorn, in a thread, for as long as the block lasts."""
        server = uvicorn.Server(uvicorn.Config(self._recorded(app), log_config=None, access_log=False, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [self._door]})
        thread.start()
        try:
            yield
        finally:
            server.should_exit = True
            thread.join()

    def _recorded(self, app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}

            async def note(message: Message) -> None:
                # Before it goes out: whoever asked may look at the record as soon as they have the answer.
                if message["type"] == "http.response.start":
                    named = frozenset(headers.keys() & _CONDITIONS)
                    self.asked.append(Asked(scope["path"], headers.get("user-agent", ""), named, message["status"]))
                await send(message)

            await app(scope, receive, note)

        return answer
