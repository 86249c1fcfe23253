"""SMTP servers on loopback for the tests of channels: a real one, and one that misbehaves on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from scripted_server import Script, running


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
