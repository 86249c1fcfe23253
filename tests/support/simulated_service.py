"""Scheduler and web in one process, as `digest serve` has them, under a clock that its caller sets.

``python simulated_service.py CONFIG STATE`` prints the address of the web, then answers each instant (ISO 8601, UTC) on
standard input, when all of its tick is done, with the memory in use, in kB.
"""

from __future__ import annotations

import re
import socket
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from digest import config, web
from digest.pipeline.context import open_context
from digest.schedule import Ticker


class Clock:
    """Stands still until it is set."""

    now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def memory() -> int:
    """Return what this process has in memory now, in kB."""
    found = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) if found else 0


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(configuration: Path, state: Path) -> None:
    clock = Clock()
    context = open_context(config.load(configuration, {}), base=configuration.parent, state=state, clock=clock)
    ticker = Ticker(context)
    ticker.prepare()
    door = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(web.app(context), log_config=None, access_log=False, lifespan="off"))
    threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True).start()
    say(f"http://127.0.0.1:{door.getsockname()[1]}")
    for line in sys.stdin:
        clock.now = datetime.fromisoformat(line.strip())
        ticker.tick(clock.now)
        say(str(memory()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
