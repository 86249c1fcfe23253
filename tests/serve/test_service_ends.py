"""A service that is told to end, held up or killed in the midst of sending: nobody is missed, and nobody waits long."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from digest_processes import children, has_ended
from recording_server import Recording, recording
from serve_site import Site
from service_process import end, serving, wait_for

from digest.schedule import STOP_WITHIN

READERS = 2_000
CONNECTIONS = 4
CONFIG = """
[schedule]
catch_up = "2 d"     # so that 07:00 is never too long ago
[delivery]
channel = "smtp"
[smtp]
host = "127.0.0.1"
port = {port}
tls = "none"
connections = {connections}
[work]
processes = 2
"""
# The lease by smaller numbers, of which the same holds: VALID < TAKEOVER.
QUICK = "from digest.schedule import lease; lease.BEAT, lease.VALID, lease.TAKEOVER = 0.3, 1.2, 2.0"


@contextmanager
def sending(folder: Path, server: Recording) -> Iterator[Site]:
    """A site with a paper that waits and 2,000 who are due; yield it as others see it."""
    toml = CONFIG.format(port=server.port, connections=CONNECTIONS)
    people = (f'[[subscribers]]\nemail = "reader{n}@example.org"\nrules = ["reward"]\n' for n in range(READERS))
    (folder / "config.toml").write_text(toml + "".join(people))
    own = Site(folder / "state", toml)
    own.now = own.now.fromtimestamp(time.time() - 86400, own.now.tzinfo)
    own.drop("page.jsonl", 1)
    try:
        yield own
    finally:
        own.context.store.close()


def wait_until_taken(server: Recording, count: int) -> None:
    wait_for(lambda: (server.read(0.05), len(server.taken) >= count)[1])


def states(own: Site) -> Counter[str]:
    return Counter(dict(own.rows("SELECT state, count(*) FROM deliveries GROUP BY state")))


def copies(server: Recording) -> Counter[str]:
    server.read(0.2)
    return Counter(recipient for recipient, _ in server.taken)


def holder(own: Site) -> int:
    """Return the process that holds the lease, 0 where none does."""
    found = own.rows("SELECT value FROM meta WHERE name = 'lease'")
    return int(found[0][0].split("/")[1]) if found else 0


@pytest.mark.slow
def test_told_to_end_it_finishes_the_messages_in_hand_and_the_next_sends_the_others(tmp_path: Path) -> None:
    with recording(pause=0.02) as server, sending(tmp_path, server) as own:
        with serving(tmp_path) as (process, _):
            wait_until_taken(server, 200)
            own_processes = children(process.pid)
            began = time.monotonic()
            assert end(process) == 0
            assert time.monotonic() - began < STOP_WITHIN
            assert all(map(has_ended, own_processes))
        log = (tmp_path / "log").read_text()
        assert log.splitlines()[-1] == "ended"
        assert "Traceback" not in log
        found = states(own)
        assert 200 <= found["sent"] == sum(copies(server).values()) < READERS
        assert set(found) <= {"sent", "planned", "deferred"}
        assert own.rows("SELECT count(*) FROM deliveries WHERE attempts > 0 AND state <> 'sent'") == [(0,)]
        assert holder(own) == 0
        with serving(tmp_path) as (process, _):
            wait_until_taken(server, READERS)
            wait_for(lambda: states(own)["sent"] == READERS)
            assert end(process) == 0
        assert copies(server) == {f"reader{number}@example.org": 1 for number in range(READERS)}


@pytest.mark.slow
def test_told_to_end_it_does_not_wait_for_a_server_that_stalls(tmp_path: Path) -> None:
    with recording(taking=50) as server, sending(tmp_path, server) as own:
        with serving(tmp_path) as (process, _):
            wait_until_taken(server, 50)
            began = time.monotonic()
            assert end(process) == 0
            assert STOP_WITHIN <= time.monotonic() - began < STOP_WITHIN + 10
        found = states(own)
        assert (found["sent"], sum(found.values())) == (50, READERS)
        assert found["sending"] <= CONNECTIONS * 8, "claimed, and never to be heard of"
        assert 'names="the work of the minute"' in (tmp_path / "log").read_text()


@contextmanager
def two_of_which_one_sends(folder: Path, server: Recording, own: Site) -> Iterator[tuple[int, int]]:
    """Start two instances; yield the processes of the one that sends and of the other, in the midst of sending."""
    with (
        serving(folder, name="log 1", first=QUICK) as (first, _),
        serving(folder, name="log 2", first=QUICK) as (
            second,
            _,
        ),
    ):
        wait_until_taken(server, 100)
        acts = holder(own)
        assert acts in (first.pid, second.pid)
        yield acts, first.pid + second.pid - acts


def is_free(own: Site) -> bool:
    """Tell whether the store can be written to, so that a process that is held up does not hold it."""
    with closing(sqlite3.connect(own.context.store.path, timeout=0.05, isolation_level=None)) as store:
        with suppress(sqlite3.OperationalError):
            store.execute("BEGIN IMMEDIATE")
            return True
        return False


def hold_up(process: int, own: Site) -> None:
    """Stop a process between two of its transactions."""
    os.kill(process, signal.SIGSTOP)
    while not is_free(own):
        os.kill(process, signal.SIGCONT)
        time.sleep(0.01)
        os.kill(process, signal.SIGSTOP)


@pytest.mark.slow
def test_one_that_is_killed_is_replaced_by_the_one_that_stands_by(tmp_path: Path) -> None:
    with recording(pause=0.02) as server, sending(tmp_path, server) as own:
        with two_of_which_one_sends(tmp_path, server, own) as (acts, stands_by):
            os.kill(acts, signal.SIGKILL)
            began = time.monotonic()
            wait_for(lambda: holder(own) == stands_by)
            assert time.monotonic() - began < 5
            wait_until_taken(server, READERS)
            wait_for(lambda: states(own)["sent"] == READERS)
        found = copies(server)
        assert len(found) == READERS
        assert max(found.values()) <= 2
        assert sum(found.values()) <= READERS + CONNECTIONS * 8, "more came twice than was in flight"


@pytest.mark.slow
def test_one_that_was_held_up_goes_on_with_nothing_but_what_it_had_in_hand(tmp_path: Path) -> None:
    with recording(pause=0.02) as server, sending(tmp_path, server) as own:
        with two_of_which_one_sends(tmp_path, server, own) as (acts, stands_by):
            hold_up(acts, own)
            wait_for(lambda: holder(own) == stands_by)
            server.read()  # what was on its way when it was held up, and is told by now
            sent = states(own)["sent"]
            assert not server.read(1), "both are at work"
            os.kill(acts, signal.SIGCONT)
            wait_until_taken(server, READERS)
            wait_for(lambda: states(own)["sent"] == READERS)
            assert holder(own) == stands_by
        logs = [(tmp_path / name).read_text() for name in ("log 1", "log 2")]
        assert [log.count("event=lease.lost") for log in sorted(logs, key=len)] in ([0, 1], [1, 0])
        assert sent < READERS
        assert copies(server) == {f"reader{number}@example.org": 1 for number in range(READERS)}
