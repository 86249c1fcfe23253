"""`digest serve`: the scheduler and the web in one process, from its first line to its clean end."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace

import uvicorn

from digest import schedule, web
from digest.cli import logs
from digest.cli.terminal import note
from digest.errors import StateError, UsageError
from digest.pipeline.context import Context, silent
from digest.pipeline.signing import signs

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_MOST_CONNECTIONS = 500  # beyond, whoever asks is told to come back
_LAST_ANSWERS = 5  # seconds that open connections get at the end


@dataclass(frozen=True, slots=True)
class Parts:
    """What of ``digest serve`` is wanted."""

    web: bool = True
    schedule: bool = True


def serve(context: Context, host: str | None, port: int | None, parts: Parts) -> int:
    """Tick and answer until SIGTERM or SIGINT; return 0.

    Raises StateError where the address cannot be had, UsageError for a port that is none.
    """
    context = replace(context, progress=silent)  # a log has no room for bars
    with ExitStack() as stack:
        stack.enter_context(logs.telling(context.settings.log))
        signs(context)  # a key that cannot be read ends it now, and not at the first message
        answer = stack.enter_context(_answering(context, host, port)) if parts.web else _stand_by
        told = stack.enter_context(_told_to_end())
        if parts.schedule:
            stack.enter_context(schedule.scheduling(context))
        answer(told)
        _end_at_once_next_time()
    note("ended")
    return 0


@contextmanager
def _answering(context: Context, host: str | None, port: int | None) -> Iterator[Callable[[_Told], None]]:
    """Take the address, and yield what answers there until it is told to end."""
    own = context.settings.web
    with closing(_listener(host or own.host, own.port if port is None else port)) as door:
        server = _server(context)

        def answer(told: _Told) -> None:
            told.then = lambda: setattr(server, "should_exit", True)
            note(f"listening on {_address(door)}")
            if not told.is_set():
                server.run(sockets=[door])

        yield answer


def _stand_by(told: _Told) -> None:
    """Do nothing until told to end."""
    note("started")
    told.wait()


def _listener(host: str, port: int) -> socket.socket:
    """Return a socket that listens; bound here, because uvicorn ends the process where it cannot."""
    if not 0 <= port <= 65535:
        raise UsageError(f"{port} is not a port", where="--port", mend="0 to 65535; 0 takes a free one")
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        return _without_delay(socket.create_server((host, port), family=family, backlog=2048))
    except (OSError, UnicodeError) as error:
        # In its own words: create_server adds the address once more.
        number = getattr(error, "errno", None) or 0
        what = os.strerror(number) if number > 0 else getattr(error, "strerror", None) or str(error)
        mend = "choose another with --host and --port, or web.host and web.port"
        raise StateError(f"cannot listen: {what.lower()}", where=f"{host}:{port}", mend=mend) from error


def _without_delay(door: socket.socket) -> socket.socket:
    """Have every connection send at once what it has; asyncio sees to that only for sockets that it makes itself.

    A body behind its head would wait some 40 ms for whoever asked to say that the head has come (RFC 896).
    """
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return door


def _address(door: socket.socket) -> str:
    host, port = door.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _server(context: Context) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            web.app(context),
            log_config=None,
            access_log=False,  # the application's own keeps tokens out
            lifespan="off",
            ws="none",
            http=web.Connection,
            loop="asyncio",
            proxy_headers=False,  # nothing here depends on who asks
            server_header=False,
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_graceful_shutdown=_LAST_ANSWERS,
        )
    )


class _Told(threading.Event):
    """That a signal told this process to end, and what that calls."""

    def __init__(self) -> None:
        super().__init__()
        self.then: Callable[[], None] = lambda: None


@contextmanager
def _told_to_end() -> Iterator[_Told]:
    """Let a signal end it, also before the server listens to signals itself, and when that raises them once more."""
    told = _Told()

    def end(_signal: int, _frame: object) -> None:
        told.set()
        told.then()

    before = {number: signal.signal(number, end) for number in _SIGNALS}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_at_once_next_time() -> None:
    """Let a second signal kill us, as is safe at any moment, instead of waiting for the job that runs."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)
