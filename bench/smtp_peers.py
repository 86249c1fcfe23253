"""What sending is measured beside: Postfix's smtp-source, and pools and loops as the libraries' pages show them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from time import perf_counter

import aiosmtplib

SENDER = "digest@example.org"
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"
# Where Postfix is absent: the server of our tests, in a process of its own.
_OTHER = """
import sys, time
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
Controller(Sink(), hostname="127.0.0.1", port=int(sys.argv[1]), data_size_limit=None).start()
time.sleep(1e6)
"""


@contextlib.contextmanager
def sink() -> Iterator[tuple[int, str]]:
    """Run a server that takes all messages and keeps none; give its port and what it is."""
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        port = int(own.getsockname()[1])
    program = shutil.which("smtp-sink", path=_PATH)
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    command = [program, *user, f"127.0.0.1:{port}", "1000"] if program else [sys.executable, "-c", _OTHER, str(port)]
    with subprocess.Popen(command) as server:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        try:
            yield port, "smtp-sink" if program else "aiosmtpd"
        finally:
            server.terminate()


def source(port: int, count: int, connections: int, size: int) -> float | None:
    """Send with Postfix's own generator, in C, over kept connections; return seconds, or None where there is none."""
    program = shutil.which("smtp-source", path=_PATH)
    if not program:
        return None
    options = ["-d", "-s", str(connections), "-m", str(count), "-l", str(size), "-f", SENDER, "-t", "a@example.org"]
    begun = perf_counter()
    subprocess.run([program, *options, f"127.0.0.1:{port}"], check=True, capture_output=True)
    return perf_counter() - begun


def message(number: int, text: str, html: str) -> EmailMessage:
    """Return a message as ``email`` makes them, for one subscriber; nothing is rendered for it."""
    made = EmailMessage()
    made["From"], made["To"] = f"Digest <{SENDER}>", f"Reader {number} <reader{number}@example.org>"
    made["Subject"] = f"{number} papers"
    made["Date"], made["Message-ID"] = formatdate(), make_msgid(domain="example.org")
    made["List-Unsubscribe"] = f"<https://digest.example.org/unsubscribe/{number}>"
    made.set_content(f"Dear reader {number},\n{text}")
    made.add_alternative(f"<p>Dear reader {number},</p>{html}", subtype="html")
    return made


def pool(port: int, count: int, connections: int, text: str, html: str) -> float:
    """Send over a pool of aiosmtplib's clients, each for many messages; return seconds."""

    async def work(numbers: Iterator[int]) -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
            for number in numbers:
                await client.send_message(message(number, text, html))

    async def run() -> None:
        numbers = iter(range(count))
        await asyncio.gather(*(work(numbers) for _ in range(connections)))

    begun = perf_counter()
    asyncio.run(run())
    return perf_counter() - begun


def loop(port: int, count: int, text: str, html: str) -> float:
    """Send by smtplib, with a connection for each message; return seconds."""
    begun = perf_counter()
    for number in range(count):
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.send_message(message(number, text, html))
    return perf_counter() - begun
