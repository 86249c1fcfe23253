"""The command line in this process, with what it returned and printed; and a small site in a folder to use it on."""

from __future__ import annotations

import functools
import io
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from digest.cli import main
from digest.store import open_store

CONFIG = """
[site]
base_url = "https://digest.example.org"
sender = "Digest <digest@example.org>"

[[topics]]
slug = "reward"
title = "Reward models"
rules = ['"reward model*"']

[[subscribers]]
email = "reader@example.org"
rules = ['"reward model*"', { name = "Ada", query = 'author:"Ada Vireo"' }]

[[subscribers]]
email = "follower@example.org"
topics = ["reward"]
"""


@dataclass(frozen=True)
class Said:
    """What a command returned and printed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document that is all of standard output."""
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """The one line on standard error that says what is wrong; nothing else was printed."""
        assert "Traceback" not in self.err, self.err
        assert self.err.startswith("digest: "), self.err
        assert self.err.count("\n") == 1, self.err
        assert self.out == ""
        return self.err.removeprefix("digest: ").rstrip("\n")


@functools.cache
def empty_store() -> bytes:
    """Return a new store's bytes: making one anew for each of many tests takes most of their time."""
    with tempfile.TemporaryDirectory() as folder:
        open_store(Path(folder), "sqlite:///digest.db").close()
        return (Path(folder) / "digest.db").read_bytes()


class Site:
    """A configuration and a state folder, and the command line on them."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.state, self.config = folder, folder / "state", folder / "digest.toml"
        self.capsys, self.monkeypatch = capsys, monkeypatch
        self.configure(CONFIG)

    def configure(self, text: str) -> None:
        self.config.write_text(text)

    def plain(self, *arguments: str | Path, stdin: bytes = b"") -> Said:
        """Run a command just as it is given."""
        self.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        self.capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        return Said(status, *self.capsys.readouterr())

    def arguments(self, *arguments: str | Path) -> list[str]:
        return [str(argument) for argument in (*arguments, "--config", self.config, "--state", self.state)]

    def __call__(self, *arguments: str | Path, stdin: bytes = b"") -> Said:
        """Run a command on this site, whose store is made when it is first needed."""
        if not (store := self.state / "digest.db").exists():
            self.state.mkdir(exist_ok=True)
            store.write_bytes(empty_store())
        return self.plain(*self.arguments(*arguments), stdin=stdin)

    def drop(self, name: str, *listings: dict[str, Any]) -> Path:
        """Put a JSON Lines dump into the inbox."""
        return write(self.state / "inbox" / name, *listings)

    def files(self) -> list[str]:
        """Return the names of all files of the state folder but the store's."""
        inside = (path.relative_to(self.state).as_posix() for path in self.state.rglob("*") if path.is_file())
        return sorted(name for name in inside if not name.startswith((".lock", "digest.db")))

    def mailed(self, day: str, address: str) -> bool:
        return (self.state / "outbox" / day / f"{address}.eml").exists()


def write(path: Path, *listings: dict[str, Any]) -> Path:
    """Write a JSON Lines dump."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(listing) + "\n" for listing in listings))
    return path


@pytest.fixture
def site(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Site:
    """Return a site in a folder of its own, which is the working folder too."""
    monkeypatch.chdir(tmp_path)
    return Site(tmp_path, capsys, monkeypatch)


def paper(number: int, **fields: Any) -> dict[str, Any]:
    """Return a listing of an invented paper that is recent on 2026-06-15."""
    return {
        "id": f"2606.{number:05d}",
        "title": f"Invented Paper {number} on Reward Models",
        "authors": ["Ada Vireo", "Ben Tarn"],
        "summary": f"We study reward models. Results are for paper {number}.",
        "published": "2026-06-10",
    } | fields


def slow_but_first(values: list[Any]) -> list[Any]:
    """Return the values as parameters of a test, which is quick for the first alone."""
    return [values[0], *(pytest.param(value, marks=pytest.mark.slow) for value in values[1:])]
