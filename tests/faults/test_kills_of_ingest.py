"""However often taking in is killed, on dumps in every container, it ends where an undisturbed one does."""

from __future__ import annotations

import os
import random
import select
import signal
import sys
import time
from bisect import bisect
from itertools import accumulate
from pathlib import Path

import alembic.command  # noqa: F401  imported here, so that no child has to
import contained_days
import invented_days
import pytest
import what_remains

import digest.cli.commands  # noqa: F401  likewise
from digest.cli import main
from digest.pipeline import taking

KILLS = 200
CONFIG = '[site]\nbase_url = "https://digest.example.org"\nsender = "Digest <digest@example.org>"\n'


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "CHUNK", 3)
    monkeypatch.setattr(taking, "BATCH", 9)


def started(state: Path, day: str) -> int:
    """Start a day's run in a child of this process, which has all modules already; return its id."""
    if child := os.fork():
        return child
    status = 70
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        # What it complains of is read after its end.
        os.dup2(os.open(state.parent / "complaints", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
        sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
        config = state.parent / "config.toml"
        status = main(["run", "--config", str(config), "--state", str(state), "--date", day, "--force"])
        sys.stderr.flush()
    finally:
        os._exit(status)


def ended(child: int, seconds: float | None = None) -> bool:
    """Wait for the child, at most some seconds, then kill it; say whether that was needed."""
    handle = os.pidfd_open(child)
    try:
        waiting = select.poll()
        waiting.register(handle, select.POLLIN)
        killed = not waiting.poll(None if seconds is None else seconds * 1000)
        if killed:
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    finally:
        os.close(handle)
    assert killed or os.waitstatus_to_exitcode(status) in (0, 1)
    return killed


def assert_rough_ends_as_smooth(folder: Path, kills: int, days: int) -> None:
    (folder / "config.toml").write_text(CONFIG)
    smooth, rough = folder / "smooth", folder / "rough"
    taken = []
    for place, day in enumerate(invented_days.DAYS[:days]):
        contained_days.drop(smooth / "inbox", place)
        begun = time.monotonic()
        assert not ended(started(smooth, day))
        taken.append(time.monotonic() - begun)
    until, dice = list(accumulate(taken)), random.Random(20260616)
    killed = 0
    drawn = sorted(dice.uniform(0, until[-1]) for _ in range(kills))
    for place, day in enumerate(invented_days.DAYS[:days]):
        contained_days.drop(rough / "inbox", place)
        for moment in (m - (until[place - 1] if place else 0) for m in drawn if bisect(until, m) == place):
            # A run that was faster than the measured one is run again for the same date, and killed a little earlier.
            while not ended(started(rough, day), moment):
                moment *= 0.8
                contained_days.drop(rough / "inbox", place)
            killed += 1
        assert not ended(started(rough, day))
    assert killed == kills
    assert "Traceback" not in (folder / "complaints").read_text()
    what_remains.assert_same(what_remains.of(rough), what_remains.of(smooth), f"killed {killed} times")


def test_every_dump_of_a_day_but_one_is_taken_in(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    contained_days.drop(tmp_path / "state" / "inbox", 0)
    assert not ended(started(tmp_path / "state", invented_days.DAYS[0]))
    told = (tmp_path / "complaints").read_text().splitlines()
    assert [line for line in told if "rejected" in line and "minutes.html" not in line] == []
    dumps = what_remains.rows(tmp_path / "state", "SELECT name, listings, position FROM dumps")
    assert {row["listings"] for row in dumps} == {2, 3, 5, 35}
    assert {row["position"] for row in dumps} == {None}
    assert list((tmp_path / "state" / "inbox").rglob("*.*")) == []


def test_a_day_killed_some_times_ends_as_it_should(tmp_path: Path) -> None:
    assert_rough_ends_as_smooth(tmp_path, kills=3, days=1)


@pytest.mark.slow
def test_two_hundred_kills_over_ten_days_change_nothing_in_the_end(tmp_path: Path) -> None:
    assert_rough_ends_as_smooth(tmp_path, kills=KILLS, days=10)
