"""Eight processes that are started in one moment on one store: each edition is composed once, each email sent once."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import alembic.command  # noqa: F401  imported here, so that no child has to
import ledger_laws
import pytest
from recording_server import Recording, recording
from what_remains import rows

import digest.cli.commands
import digest.cli.serving  # noqa: F401  likewise
from digest.cli import main

PROCESSES, READERS = 8, 20
PATIENCE = 120  # seconds, for a machine with much else to do
CONFIG = """
[site]
sender = "Digest <digest@example.org>"
[schedule]
catch_up = "2 d"
topics_at = "00:00"
[delivery]
channel = "smtp"
[smtp]
host = "127.0.0.1"
port = {port}
tls = "none"
[[topics]]
slug = "graphs"
title = "Graphs"
rules = ["graph"]
"""
BUSY = "another digest is at work here"


@dataclass
class Crowd:
    """Processes in a folder of their own: what each printed, complained of and ended with."""

    folder: Path
    arguments: tuple[str, ...]
    children: tuple[int, ...] = ()

    def start(self, many: int) -> None:
        """Fork them, and let them all go at once."""
        wait, go = os.pipe()
        self.children = tuple(self._child(number, wait, go) for number in range(many))
        os.close(wait)
        os.close(go)  # what they all wait for

    def _child(self, number: int, wait: int, go: int) -> int:
        if child := os.fork():
            return child
        status = 70
        try:
            os.close(go)
            for name, handle in (("out", 1), ("err", 2)):
                os.dup2(os.open(self.folder / f"{number}.{name}", os.O_WRONLY | os.O_CREAT), handle)
            sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
            os.read(wait, 1)
            status = main(list(self.arguments))
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)

    def signal(self, number: signal.Signals) -> None:
        for child in self.children:
            os.kill(child, number)

    def statuses(self) -> list[int]:
        return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in self.children]

    def printed(self, name: str) -> list[str]:
        return [(self.folder / f"{number}.{name}").read_text() for number in range(len(self.children))]


def site(folder: Path, port: int, on: date) -> tuple[str, ...]:
    """Write a configuration with subscribers, and a dump with three papers; no store is made yet."""
    people = "".join(
        f'[[subscribers]]\nemail = "reader{n}@example.org"\nrules = ["graph"]\nsend_at = "00:00"\n'
        for n in range(READERS)
    )
    (folder / "state" / "inbox").mkdir(parents=True)
    (folder / "config.toml").write_text(CONFIG.format(port=port) + people)
    found = [
        {
            "id": f"{on:%y%m}.{n:05d}",
            "title": f"Graph Planning {n}",
            "authors": ["Ada Vireo"],
            "summary": "We study graphs.",
            "published": on.isoformat(),
        }
        for n in range(3)
    ]
    dump = folder / "state" / "inbox" / f"{on} page.jsonl"
    dump.write_text("".join(json.dumps(listing) + "\n" for listing in found))
    return ("--config", str(folder / "config.toml"), "--state", str(folder / "state"))


def assert_once_each(state: Path, taken: list[tuple[str, str]]) -> None:
    """Everybody has one edition and got one email, and the ledger tells so."""
    ledger_laws.assert_the_sums_are_exact(state)
    ledger_laws.assert_no_change_is_hidden(state)
    assert ledger_laws.assert_everybody_got_theirs(state, taken, Counter())["duplicates"] == 0
    assert Counter(recipient for recipient, _ in taken) == {f"reader{n}@example.org": 1 for n in range(READERS)}
    editions = rows(
        state, "SELECT count(*) AS n FROM editions e JOIN recipients r ON r.id = e.recipient_id GROUP BY r.id"
    )
    assert [row["n"] for row in editions] == [1] * (READERS + 1)  # the topic's too
    assert rows(state, "SELECT count(*) AS n FROM dumps") == [{"n": 1}]
    assert rows(state, "SELECT count(*) AS n FROM papers") == [{"n": 3}]


def run_at_once(folder: Path, server: Recording) -> Counter[str]:
    """Let processes do the run of one date on a state folder without a store; return what they came to."""
    on = date(2026, 6, 15)
    folder.mkdir()
    crowd = Crowd(folder, ("run", "--date", str(on), "--json", *site(folder, server.port, on)))
    server.taken.clear()
    crowd.start(PROCESSES)
    found = Counter[str]()
    for status, out, err in zip(crowd.statuses(), crowd.printed("out"), crowd.printed("err"), strict=True):
        if BUSY in err:
            assert (status, out, err.count("\n")) == (1, "", 1), err
            found["told that another is at work"] += 1
            continue
        assert status == 0, err
        assert "Traceback" not in err
        said = json.loads(out)
        found.update({name: said["editions"][name] for name in ("composed", "empty")})
        found.update({"ended well": 1, "emails": said["deliveries"]["sent"], "dumps": said["dumps"]["ingested"]})
    server.read()
    assert (found["composed"], found["empty"], found["emails"], found["dumps"]) == (READERS + 1, 0, READERS, 1)
    assert_once_each(folder / "state", server.taken)
    return found


def runs_at_once(folder: Path, rounds: int) -> dict[str, int]:
    """Do so many rounds; return the figures of all together."""
    total = Counter[str]()
    with recording() as server:
        for number in range(rounds):
            total.update(run_at_once(folder / str(number), server))
    return dict(total)


def wait_for(done: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


def test_of_processes_started_at_once_on_no_store_yet_one_does_the_run(tmp_path: Path) -> None:
    assert runs_at_once(tmp_path, 1)["emails"] == READERS


@pytest.mark.slow
def test_ten_rounds_of_processes_started_at_once_send_to_everybody_once(tmp_path: Path) -> None:
    found = runs_at_once(tmp_path, 10)
    assert found["emails"] == 10 * READERS
    assert found["ended well"] + found.get("told that another is at work", 0) == 10 * PROCESSES


@pytest.mark.slow
def test_of_schedulers_started_at_once_one_acts(tmp_path: Path) -> None:
    today = datetime.now(UTC).date()  # their clock is the real one
    with recording() as server:
        crowd = Crowd(tmp_path, ("serve", "--port", "0", *site(tmp_path, server.port, today)))
        crowd.start(PROCESSES)
        try:
            wait_for(lambda: (server.read(), len(server.taken) >= READERS)[1])
            wait_for(lambda: all("listening on" in err for err in crowd.printed("err")))
        finally:
            crowd.signal(signal.SIGTERM)
            statuses = crowd.statuses()
        server.read()
    logs = crowd.printed("err")
    assert statuses == [0] * PROCESSES, logs
    assert not [log for log in logs if "Traceback" in log]
    assert sum("event=run.started" in log for log in logs) == 1
    assert_once_each(tmp_path / "state", server.taken)
