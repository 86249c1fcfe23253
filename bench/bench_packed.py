"""How fast mails and archives are opened: megabytes a second, beside the least that any reader must do.

``python bench/bench_packed.py [listings]`` prints a line per container: its size, MB/s of it, the peer's on the
same bytes, the ratio, and the most memory that opening it held at once. Each figure is the median of five.
"""

from __future__ import annotations

import base64
import email
import gzip
import io
import random
import statistics
import sys
import tarfile
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from email.message import EmailMessage, Message
from typing import NamedTuple

from bench_layouts import dumps

from digest.archive import blob_of
from digest.containers import opened, packed

ROUNDS = 5


class Row(NamedTuple):
    """A container with a dump in it, what we do with it, and what the peer does."""

    data: bytes
    ours: Callable[[bytes], int]
    peer: Callable[[bytes], int]


def blocks(data: bytes) -> int:
    """Open a dump; return how many blocks its best document has."""
    return sum(1 for _ in opened(blob_of(data, "x"))[0].blocks())


def unpacked(data: bytes) -> int:
    """Take an archive apart; return how many bytes come out."""
    size = 0
    for member in packed.members(blob_of(data, "x"), "x") or ():
        while piece := member.stream.read(2**16):
            size += len(piece)
    return size


def page(text: str) -> str:
    body = "".join(f"<p>{line}</p>\r\n" for line in text.splitlines() if line)
    return f"<!doctype html><html><body>\r\n{body}</body></html>\r\n"


def mail(text: str, encoding: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = "ada@example.org", "alan@example.org"
    message["Date"] = "Mon, 15 Jun 2026 06:30:00 +0000"
    message.set_content(text, cte=encoding)
    return message.as_bytes()


def web_archive(text: str) -> bytes:
    """Return a page saved with forty pictures of 100 kB."""
    pick = random.Random(5)
    head = b"From: <Saved by Blink>\r\nDate: Mon, 15 Jun 2026 06:30:00 +0000\r\nMIME-Version: 1.0\r\n"
    kind = b'Content-Type: multipart/related; type="text/html"; boundary="b"\r\n\r\n'
    root = b"--b\r\nContent-Type: text/html\r\nContent-Location: https://example.org/\r\n\r\n" + page(text).encode()
    picture = b"\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    pictures = (picture + base64.encodebytes(pick.randbytes(100_000)) for _ in range(40))
    return head + kind + root + b"".join(pictures) + b"\r\n--b--\r\n"


def by_email(data: bytes) -> int:
    """Return how long the text is that Python's ``email`` finds."""
    message: Message = email.message_from_bytes(data)
    part = next(part for part in message.walk() if part.get_content_maintype() == "text")
    return len(part.get_payload(decode=True))  # type: ignore[arg-type]


def zipped(data: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("dump.txt", data)
    return held.getvalue()


def tarred(data: bytes) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        entry = tarfile.TarInfo("dump.txt")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return held.getvalue()


def by_zipfile(data: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return sum(len(archive.read(entry)) for entry in archive.infolist())


def by_tarfile(data: bytes) -> int:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return sum(len(file.read()) for entry in archive if (file := archive.extractfile(entry)))


def rows(count: int) -> dict[str, Row]:
    """Return the same dump in every container; archives are weighed by what comes out of them."""
    text = dumps(count)["huggingface spaced"]
    data = text.encode()
    return {
        "text": Row(data, blocks, lambda held: len(held.decode().splitlines())),
        "mail, quoted-printable": Row(mail(text, "quoted-printable"), blocks, by_email),
        "mail, base64": Row(mail(text, "base64"), blocks, by_email),
        "web archive with pictures": Row(web_archive(text), blocks, by_email),
        "gzip": Row(gzip.compress(data, 6), unpacked, lambda held: len(gzip.decompress(held))),
        "zip": Row(zipped(data), unpacked, by_zipfile),
        "tar.gz": Row(tarred(data), unpacked, by_tarfile),
    }


def seconds(work: Callable[[bytes], int], data: bytes) -> float:
    """Return the median time of a work."""
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work(data)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def held(work: Callable[[bytes], int], data: bytes) -> float:
    """Return the most megabytes that a work held, its input not counted."""
    tracemalloc.start()
    work(data)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 1e6


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    print(f"{'container':<28}{'MB':>7}{'MB/s':>9}{'peer':>9}{'ratio':>8}{'held, MB':>10}")
    for name, row in rows(count).items():
        size = (row.ours(row.data) if row.ours is unpacked else len(row.data)) / 1e6
        ours, peer = seconds(row.ours, row.data), seconds(row.peer, row.data)
        most = held(row.ours, row.data)
        print(f"{name:<28}{size:>7.1f}{size / ours:>9.0f}{size / peer:>9.0f}{peer / ours:>8.2f}{most:>10.1f}")


if __name__ == "__main__":
    main()
