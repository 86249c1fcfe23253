"""A dump that arrives in the inbox is noticed when it is whole; where nothing can be watched, that is one line."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from digest.schedule import watching as module
from digest.schedule.watching import watching

PATIENCE = 30.0  # seconds, for a machine with much else to do


def join() -> None:
    """Wait for the watch to end."""
    for thread in threading.enumerate():
        if thread.name == "watching":
            thread.join(PATIENCE)
            assert not thread.is_alive()


def test_a_file_that_arrives_is_noticed_once_it_was_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LEFT_ALONE", 200)
    (tmp_path / "a page").mkdir()
    arrived, calls = threading.Event(), []

    def then() -> None:
        calls.append(time.monotonic())
        arrived.set()

    with watching(tmp_path, then):
        until = time.monotonic() + PATIENCE
        while not arrived.is_set() and time.monotonic() < until:  # the watch begins a moment later than it is asked to
            written = time.monotonic()
            (tmp_path / "a page" / "dump.txt").write_text("papers")
            arrived.wait(1.0)
    assert arrived.is_set()
    assert calls[0] - written >= 0.2


def test_nothing_is_noticed_after_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LEFT_ALONE", 50)
    calls: list[int] = []
    with watching(tmp_path, lambda: calls.append(1)):
        pass
    (tmp_path / "dump.txt").write_text("papers")
    join()
    assert calls == []


def test_an_inbox_that_cannot_be_watched_is_one_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with watching(tmp_path / "inbox", lambda: None):
        join()
    (told,) = [record.getMessage() for record in caplog.records]
    assert told.startswith("watching inbox: ")
    assert told.endswith("; it is looked into regularly all the same")
