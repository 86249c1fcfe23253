"""Take a picture of an HTML file: ``python tools/screenshot.py FILE.html OUT.png --width 320 --dark`` (needs Chromium).

Speaks the DevTools protocol over ``--remote-debugging-pipe`` (JSON messages that end in NUL), so that width and colour
scheme are exact and nothing beyond Chromium is needed. ``--no-style`` drops ``<style>``, as some mail programs do.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars")
_TALLEST = 12_000  # CSS pixels; Chromium draws nothing beyond 16,384 device pixels


class Browser:
    """A Chromium that answers DevTools commands one after another."""

    def __init__(self, write: int, read: int) -> None:
        """Talk over two file descriptors."""
        self._write = write
        self._read = os.fdopen(read, "rb", buffering=0)
        self._buffer = b""
        self._number = 0

    def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """Return the answer to one command; raises RuntimeError if it is an error."""
        self._number += 1
        command = {"id": self._number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        os.write(self._write, json.dumps(command).encode() + b"\0")
        answer = next(m for m in self._messages() if m.get("id") == self._number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return dict(answer["result"])

    def wait(self, event: str) -> None:
        """Wait until an event of that name comes."""
        next(m for m in self._messages() if m.get("method") == event)

    def _messages(self) -> Iterator[dict[str, Any]]:
        while True:
            while b"\0" not in self._buffer:
                chunk = self._read.read(1 << 16)
                if not chunk:
                    raise RuntimeError("Chromium ended early")
                self._buffer += chunk
            message, _, self._buffer = self._buffer.partition(b"\0")
            yield json.loads(message)


@contextmanager
def browser() -> Iterator[Browser]:
    """Start Chromium with a profile of its own, and end it."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        sys.exit("screenshot: no Chromium found (install the package chromium)")
    (theirs, write), (read, ours) = os.pipe(), os.pipe()
    low = [os.dup2(theirs, os.dup(theirs)), os.dup2(ours, os.dup(ours))]

    def at_three_and_four() -> None:
        os.dup2(low[0], 3)
        os.dup2(low[1], 4)

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [program, *_FLAGS, "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"]
        process = subprocess.Popen(  # noqa: S603 - the browser found above, on a page that the caller names
            command, preexec_fn=at_three_and_four, pass_fds=(3, 4), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield Browser(write, read)
        finally:
            process.terminate()
            process.wait(10)


def picture(talk: Browser, page: Path, width: int, *, dark: bool, scale: float, height: int) -> bytes:
    """Return the page as a PNG, ``width`` CSS pixels wide, as tall as it is (at most ``height`` if not 0)."""
    target = talk.call("Target.createTarget", url="about:blank")["targetId"]
    session = talk.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    talk.call("Page.enable", session)
    talk.call(
        "Emulation.setDeviceMetricsOverride",
        session,
        width=width,
        height=800,
        deviceScaleFactor=scale,
        mobile=width < 500,
    )
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    talk.call("Emulation.setEmulatedMedia", session, features=[scheme])
    talk.call("Page.navigate", session, url=page.resolve().as_uri())
    talk.wait("Page.loadEventFired")
    size = talk.call("Page.getLayoutMetrics", session)["cssContentSize"]
    if size["width"] > width:
        sys.stderr.write(f"screenshot: the page is {size['width']:g} px wide, more than {width}\n")
    tall = min(size["height"], height or _TALLEST)
    clip = {"x": 0, "y": 0, "width": width, "height": tall, "scale": 1}
    shot = talk.call("Page.captureScreenshot", session, format="png", captureBeyondViewport=True, clip=clip)
    return base64.b64decode(shot["data"])


def main() -> None:
    """Read the arguments, take the picture, write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("html", type=Path)
    parser.add_argument("png", type=Path)
    parser.add_argument("--width", type=int, default=700)
    parser.add_argument("--height", type=int, default=0, help="cut the picture there")
    parser.add_argument("--scale", type=float, default=1.0, help="device pixels per CSS pixel")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--no-style", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, browser() as talk:
        page = Path(folder) / "page.html"
        html = given.html.read_text("utf-8")
        page.write_text(re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL) if given.no_style else html, "utf-8")
        given.png.write_bytes(picture(talk, page, given.width, dark=given.dark, scale=given.scale, height=given.height))


if __name__ == "__main__":
    main()
