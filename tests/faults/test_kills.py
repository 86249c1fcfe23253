"""Whenever the run is killed, the same command again ends where an undisturbed run does, and no delivery is lost."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from bisect import bisect
from collections.abc import Callable, Iterator
from itertools import accumulate, count
from pathlib import Path
from typing import Any

import alembic.command  # noqa: F401  imported here, so that no child has to
import invented_days
import pytest
import what_remains
from forked import die, forked
from sqlalchemy import event
from sqlalchemy.engine import Engine

import digest.cli.commands  # noqa: F401  likewise
from digest.cli import main

KILLS = 20
REAL = Path(os.environ.get("DIGEST_TESTDATA", ""), "data", "daily-arxiv")
Drop = Callable[[Path, int], None]


def drop_real(inbox: Path, place: int) -> None:
    inbox.mkdir(parents=True, exist_ok=True)
    shutil.copy(real_days()[place], inbox)


def real_days() -> list[Path]:
    return sorted(REAL.glob("*.jsonl"))


def config_in(folder: Path) -> Path:
    path = folder / "config.toml"
    path.write_text(invented_days.CONFIG)
    return path


# --- at random moments, from outside ----------------------------------------------------------------


def start(config: Path, state: Path, day: str) -> subprocess.Popen[bytes]:
    program = "import sys; from digest.cli import entry; entry()"
    arguments = ["run", "--config", config, "--state", state, "--date", day, "--force"]
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def end(process: subprocess.Popen[bytes], seconds: float | None = None) -> bool:
    """Wait for the process, at most some seconds, then kill it; say whether that was needed."""
    try:
        _, said = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return True
    assert process.returncode in (0, 1), said.decode()
    assert b"Traceback" not in said
    return False


def undisturbed(config: Path, state: Path, days: list[str], drop: Drop) -> list[float]:
    """Run all days; return how many seconds each took."""
    taken = []
    for place, day in enumerate(days):
        drop(state / "inbox", place)
        begun = time.monotonic()
        assert not end(start(config, state, day))
        taken.append(time.monotonic() - begun)
    return taken


def moments(taken: list[float], dice: random.Random) -> list[list[float]]:
    """Return, for each day, the seconds after its start at which it is killed: spread evenly over all days' time."""
    until = list(accumulate(taken))
    found: list[list[float]] = [[] for _ in taken]
    for _ in range(KILLS):
        moment = dice.uniform(0, until[-1])
        place = min(bisect(until, moment), len(taken) - 1)
        found[place].append(moment - (until[place - 1] if place else 0))
    return [sorted(own) for own in found]


@pytest.mark.slow
@pytest.mark.parametrize(
    "real",
    [
        pytest.param(False, id="invented"),
        pytest.param(
            True,
            id="real",
            marks=pytest.mark.skipif(
                not os.environ.get("DIGEST_TESTDATA"), reason="DIGEST_TESTDATA does not say where real listings are"
            ),
        ),
    ],
)
def test_twenty_kills_at_random_moments_of_ten_days_change_nothing_in_the_end(tmp_path: Path, real: bool) -> None:
    config, smooth, rough = config_in(tmp_path), tmp_path / "smooth", tmp_path / "rough"
    days = [path.stem for path in real_days()] if real else list(invented_days.DAYS)
    drop: Drop = drop_real if real else invented_days.drop
    taken = undisturbed(config, smooth, days, drop)
    dice = random.Random(20260615)
    killed = 0
    for place, own in enumerate(moments(taken, dice)):
        drop(rough / "inbox", place)
        for moment in own:
            # A run that was faster than the measured one is run again for the same date, and killed a little earlier.
            while not end(start(config, rough, days[place]), moment):
                moment *= 0.8
            killed += 1
        assert not end(start(config, rough, days[place]))
    assert killed == KILLS
    what_remains.assert_same(what_remains.of(rough), what_remains.of(smooth), f"killed {killed} times")
    what_remains.assert_the_ledger_tells_the_truth(rough)


# --- at every step, from inside ---------------------------------------------------------------------

_WRITES = os.O_WRONLY | os.O_RDWR
_STEPS = {"os.rename", "os.remove", "os.mkdir", "sqlite3.connect"}


def watch(step: Callable[[], None]) -> None:
    """Call ``step`` right before each thing that this process does to files or commits, for the rest of its life."""

    def audit(name: str, arguments: tuple[Any, ...]) -> None:
        if name in _STEPS or (name == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES):
            step()

    sys.addaudithook(audit)
    event.listen(Engine, "commit", lambda _connection: step())


def run(config: Path, state: Path, day: str, die_at: int = 0) -> int:
    """Run a day in a child that dies at its n-th step; return its exit status."""

    def act() -> int:
        steps = count(1)
        watch(lambda: die() if next(steps) == die_at else None)
        return main(["run", "--config", str(config), "--state", str(state), "--date", day, "--force"])

    ended = forked(act)
    assert "Traceback" not in ended.err, ended.err
    assert ended.status in (0, 1, -9), ended.err
    return ended.status


def deaths(config: Path, day: str, before: Path, after: Path, every: int) -> int:
    """Kill the run of a day at every so-manieth step, each time from the state before it; return how many died."""
    wanted = what_remains.of(after)
    rough = before.with_name("rough")
    for died, step in enumerate(count(1, every)):
        shutil.copytree(before, rough)
        if run(config, rough, day, die_at=step) >= 0:
            shutil.rmtree(rough)
            return died
        assert run(config, rough, day) >= 0
        what_remains.assert_same(what_remains.of(rough), wanted, f"killed at step {step} of {day}")
        what_remains.assert_the_ledger_tells_the_truth(rough)
        shutil.rmtree(rough)
    raise AssertionError("there is always a last step")


def days_of(tmp_path: Path, config: Path, days: int, many: int) -> Iterator[tuple[str, Path, Path]]:
    """Yield each day with the state folder before its run and after."""
    after = tmp_path / "nothing"
    after.mkdir()
    for place, day in enumerate(invented_days.DAYS[:days]):
        before = tmp_path / f"before {day}"
        shutil.copytree(after, before)
        invented_days.drop(before / "inbox", place, many)
        after = tmp_path / f"after {day}"
        shutil.copytree(before, after)
        assert run(config, after, day) >= 0
        yield day, before, after


def test_a_kill_at_some_steps_of_a_first_day_changes_nothing_in_the_end(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    (found,) = days_of(tmp_path, config, days=1, many=6)
    assert deaths(config, *found, every=25) > 1


@pytest.mark.slow
def test_a_kill_at_every_other_step_of_three_days_changes_nothing_in_the_end(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    for found in days_of(tmp_path, config, days=3, many=9):
        assert deaths(config, *found, every=2) > 20
