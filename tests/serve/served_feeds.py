"""The web as `digest serve` has it, on a real port of loopback, and what it answers, octet by octet."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection

from digest.cli import serving
from digest.pipeline.context import Context


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class Served:
    """Asks one server, with a new connection each time; header fields are ``if_none_match="…"``, or several lines."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, path: str, method: str = "GET", **headers: str | tuple[str, ...]) -> Answer:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers.items():
                for line in (value,) if isinstance(value, str) else value:
                    connection.putheader(name.replace("_", "-"), line)
            connection.endheaders()
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            assert len(told) == len(answer.getheaders())
            return Answer(answer.status, told, answer.read())


@contextmanager
def listening(context: Context) -> Iterator[Served]:
    """Serve a site as the command does, in a thread."""
    server = serving._server(context)
    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        try:
            yield Served(door.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive()
