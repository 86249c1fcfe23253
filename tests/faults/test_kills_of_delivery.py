"""However often sending is killed, nobody is missed, and only what was in flight at a kill may come twice.

Some of the runs that are killed share their work out among processes, of which none may be left.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import re
import select
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import alembic.command  # noqa: F401  imported here, so that no child has to
import ledger_laws
import pytest
from digest_processes import children, has_ended
from recording_server import Recording, recording
from what_remains import rows

import digest.cli.commands
import digest.cli.deliveries  # noqa: F401  likewise
from digest import config
from digest.cli import main
from digest.pipeline import crew
from digest.pipeline.context import Context, open_context
from digest.pipeline.suppressing import suppress
from digest.service import deliveries, subscriptions

FIRST = date(2026, 6, 15)
CONFIG = """
[site]
base_url = "https://digest.example.org"
sender = "Digest <digest@example.org>"
[delivery]
channel = "smtp"
[smtp]
host = "127.0.0.1"
port = {port}
tls = "none"
[work]
processes = 2
[[topics]]
slug = "graphs"
title = "Graphs"
rules = ["title:graph"]
"""
RULES = ("graph", '"reward model*"', "title:graph OR title:planning", 'author:"Ada Vireo"')
# What Python says where a process was begun, and its parent killed before it could tell what is to be done.
_BEFORE_ITS_TASK = re.compile(r"\(from_parent\)\n[ ^]*\n(?:EOFError: Ran out of input|.*pickle data was truncated)")
# Of a hundred subscribers, one's address is gone and two are told to come again later.
KINDS = {0: "gone", 33: "later", 66: "later"}


@dataclass
class Site:
    """A state folder with subscribers, the server that takes their mail, and what was killed when."""

    folder: Path
    server: Recording
    dice: random.Random
    steer_every: int  # kills
    together_every: int  # kills, of which one hits a run of several processes
    kills: int = 0
    killed_together: int = 0  # with all their processes
    most_in_flight: int = 0  # at one kill
    flights: Counter[str] = field(default_factory=Counter)
    steered: Counter[str] = field(default_factory=Counter)
    ways: Iterator[str] = field(default_factory=lambda: itertools.cycle(("withdrawn", "paused", "left", "suppressed")))

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def arguments(self, *words: str) -> list[str]:
        return [*words, "--config", str(self.folder / "config.toml"), "--state", str(self.state)]

    @contextmanager
    def opened(self) -> Iterator[Context]:
        path = self.folder / "config.toml"
        context = open_context(config.load(path, {}), base=self.folder, state=self.state)
        try:
            yield context
        finally:
            context.store.close()  # before anybody forks: connections must not be shared

    def subscribe(self, many: int) -> None:
        table = "".join(
            f"{KINDS.get(n % 100, 'reader')}{n}@example.org,{json.dumps(RULES[n % len(RULES)])}\n" for n in range(many)
        )
        (self.folder / "people.csv").write_text(f"email,rules\n{table}".replace('\\"', '""'))
        assert main(self.arguments("subscribers", "import", str(self.folder / "people.csv"))) == 0

    def drop(self, day: date) -> None:
        number = (day - FIRST).days * 4
        found = [
            {
                "id": f"2606.{n:05d}",
                "title": f"Graph Planning {n} with a Reward Model",
                "authors": ["Ada Vireo", "Ben Tarn"],
                "summary": f"We study graphs and a reward model. Results are for paper {n}.",
                "published": day.isoformat(),
            }
            for n in range(number, number + 4)
        ]
        inbox = self.state / "inbox"
        inbox.mkdir(parents=True, exist_ok=True)
        (inbox / f"{day} page.jsonl").write_text("".join(json.dumps(listing) + "\n" for listing in found))

    def started(self, *words: str, together: bool = False) -> int:
        """Start a command in a child of this process, which has all modules already; return its id.

        ``together`` has it share out the smallest work.
        """
        if child := os.fork():
            return child
        status = 70
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(os.open(self.folder / "complaints", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
            sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
            crew._WORTH = 1 if together else sys.maxsize
            status = main(self.arguments(*words))
            sys.stderr.flush()
        finally:
            os._exit(status)

    def lived(self, child: int, seconds: float | None, *, sending: bool = False) -> bool:
        """Wait for the child, at most some seconds (from its first message on, if ``sending``), then kill it.

        Returns whether that was needed.
        """
        handle = os.pidfd_open(child)
        until = None if seconds is None or sending else time.monotonic() + seconds
        try:
            while not self._over(handle, until):
                if self.server.read() and until is None and seconds is not None:
                    until = time.monotonic() + seconds
            killed = not select.select([handle], [], [], 0)[0]
            others = children(child) if killed else []
            if killed:
                os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
        finally:
            os.close(handle)
        assert killed or os.waitstatus_to_exitcode(status) in (0, 1)
        assert all(has_ended(other) for other in others)
        self.killed_together += len(others) > 1
        return killed

    def _over(self, handle: int, until: float | None) -> bool:
        """Wait until something happens; tell whether the child has ended or its time is up."""
        left = None if until is None else max(0, until - time.monotonic())
        ready, _, _ = select.select([handle, self.server.pipe], [], [], left)
        return handle in ready or not ready

    def day(self, day: date, most_kills: int) -> None:
        """Run a day to its end, killed on the way as often as there is something to send, at most so many times."""
        self.drop(day)
        run = ("run", "--date", day.isoformat(), "--force")
        while self.kills < most_kills:
            # From anywhere in a run, or from where messages go out.
            sending = self.dice.random() < 0.6
            child = self.started(*run, together=self.kills % self.together_every == 0)
            if not self.lived(child, self.dice.uniform(0, 0.15 if sending else 0.8), sending=sending):
                break
            self.kills += 1
            flying = ledger_laws.in_flight(self.state)
            self.flights.update(flying)
            self.most_in_flight = max(self.most_in_flight, len(flying))
            if self.kills % self.steer_every == 0:
                self.steer(next(self.ways))
        self.lived(self.started(*run), None)

    def steer(self, how: str) -> None:
        """Let somebody whose edition was not tried yet pause, leave or be suppressed, or the operator withdraw it."""
        found = rows(
            self.state,
            "SELECT s.email, d.message_id FROM deliveries d JOIN subscribers s USING (recipient_id) "
            "WHERE d.state = 'planned' AND d.attempts = 0 AND s.state = 'active' ORDER BY d.id",
        )
        if not found:
            return
        email = self.dice.choice(found)["email"]
        with self.opened() as context:
            if how == "withdrawn":
                deliveries.withdraw(context, deliveries.asked(context, email, None))
            elif how == "left":
                subscriptions.leave(context, subscriptions.show(context, email))
            elif how == "paused":
                subscriptions.set_state(context, email, "paused")
            else:
                with context.store.writing() as tx:
                    assert suppress(tx, context, subscriptions.show(context, email).id, "a complaint")
        self.steered[how] += 1

    def finish(self, day: date) -> None:
        """Have all that is left tried until nothing is, as an operator would."""
        for _ in range(4):
            if not rows(self.state, "SELECT id FROM deliveries WHERE state IN ('unknown', 'deferred', 'planned')"):
                return
            for state in ("unknown", "deferred"):
                main(self.arguments("deliveries", "retry", "--in", state))
            self.lived(self.started("run", "--date", day.isoformat(), "--force"), None)


def kill_often(folder: Path, *, subscribers: int, kills: int, steer_every: int, together_every: int) -> dict[str, int]:
    """Send to subscribers day after day until so many runs were killed; hold the laws, return the figures."""
    with recording() as server:
        site = Site(folder, server, random.Random(20260617), steer_every, together_every)
        (folder / "config.toml").write_text(CONFIG.format(port=server.port))
        site.subscribe(subscribers)
        for days in itertools.count(1):
            on = FIRST + timedelta(days=days - 1)
            site.day(on, kills)
            if site.kills >= kills:
                break
        site.finish(on)
        server.read()
    complaints = (folder / "complaints").read_text()
    assert complaints.count("Traceback") == len(_BEFORE_ITS_TASK.findall(complaints))
    ledger_laws.assert_the_sums_are_exact(site.state)
    ledger_laws.assert_no_change_is_hidden(site.state)
    figures = ledger_laws.assert_everybody_got_theirs(site.state, server.taken, site.flights)
    assert figures["duplicates"] <= figures["in flight"]
    back = ledger_laws.assert_papers_came_back(site.state)
    assert back >= site.steered.total()
    assert {row["state"] for row in rows(site.state, "SELECT state FROM deliveries WHERE reply LIKE '550%'")} <= {
        "failed"
    }
    figures |= {"at most at once": site.most_in_flight, "killed together": site.killed_together, "taken back": back}
    return {"days": days, "kills": site.kills, **figures, **ledger_laws.sums(site.state)}


@pytest.mark.slow
def test_sending_that_is_killed_some_times_misses_nobody(tmp_path: Path) -> None:
    found = kill_often(tmp_path, subscribers=60, kills=6, steer_every=1, together_every=3)
    assert found["sent"] > 40
    assert found["taken back"] >= 4


@pytest.mark.slow
def test_three_hundred_kills_while_two_thousand_are_written_to_miss_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = kill_often(tmp_path, subscribers=2000, kills=300, steer_every=5, together_every=5)
    with capsys.disabled():
        sys.stderr.write(f"\nkills of delivery: {', '.join(f'{name} {count}' for name, count in found.items())}\n")
    assert found["kills"] >= 300
    assert found["killed together"] > 30
    assert found["in flight"] > 20  # kills did hit where it hurts
