"""`digest serve` in a process of its own, started and ended as people do."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE = 60  # seconds, for a machine with much else to do
Serving = tuple[subprocess.Popen[bytes], str]


@contextmanager
def serving(folder: Path, *arguments: str, name: str = "log", first: str = "") -> Iterator[Serving]:
    """Start the command; yield the process and the address that it says it listens on; leave nothing running.

    ``name`` is the log's, and ``first`` a statement that the process does before all.
    """
    log = folder / name
    program = f"{first}\nfrom digest.cli import entry; entry()"
    options = ["--config", str(folder / "config.toml"), "--state", str(folder / "state"), "--port", "0", *arguments]
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-W", "error", "-c", program, "serve", *options], stderr=out)
    try:
        wait_for(lambda: "listening on" in log.read_text() or process.poll() is not None)
        found = re.search(r"^listening on (http://\S+)$", log.read_text(), re.MULTILINE)
        assert found, log.read_text()
        yield process, found[1]
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()


def wait_for(done: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


def end(process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGTERM) -> int:
    process.send_signal(number)
    return process.wait(PATIENCE)
