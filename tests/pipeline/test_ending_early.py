"""A process that is told to end finishes what it has begun, and the next does the rest: nothing twice, nothing lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest_pipeline import Site, paper
from recording_server import recording

from digest.errors import StateError
from digest.pipeline import compose
from digest.pipeline import run as running
from digest.pipeline.context import Context
from digest.pipeline.deliver import Delivered

Make = Callable[[str], Site]

DAY = date(2026, 6, 15)
READERS = "".join(
    f'[[subscribers]]\nemail = "reader{number}@example.org"\nrules = ["reward"]\n' for number in range(150)
)


class Ending:
    """Tells a process to end when something has come true."""

    def __init__(self, context: Context, when: Callable[[], bool]) -> None:
        self.when = when
        self.context = replace(context, stop=self)

    def __call__(self) -> bool:
        return self.when()


def sent(own: Site) -> int:
    return int(own.rows("SELECT count(*) FROM deliveries WHERE state = 'sent'")[0][0])


def test_messages_in_hand_are_finished_and_the_others_sent_by_the_next_run(site: Make) -> None:
    with recording() as server:
        smtp = f'[delivery]\nchannel = "smtp"\n[smtp]\nhost = "127.0.0.1"\nport = {server.port}\ntls = "none"\n'
        own = site(smtp + READERS)
        own.drop("2026-06-15 a.jsonl", paper(1))
        told = Ending(own.context(), lambda: sent(own) >= 20)
        running.run(told.context, DAY)
        server.read(1)
        states = Counter(state for (state,) in own.rows("SELECT state FROM deliveries"))
        assert 20 <= states["sent"] == len(server.taken) < 150
        assert set(states) <= {"sent", "planned", "deferred"}
        assert own.run("2026-06-15")["deliveries"]["sent"] == 150 - states["sent"]
        server.read(1)
        assert Counter(recipient for recipient, _ in server.taken) == Counter(
            {f"reader{number}@example.org": 1 for number in range(150)}
        )


def test_files_in_hand_are_finished_too(site: Make) -> None:
    own = site(READERS)
    own.drop("2026-06-15 a.jsonl", paper(1))
    running.run(Ending(own.context(), lambda: sent(own) >= 20).context, DAY)
    files = list(Path(own.state / "outbox" / "2026-06-15").iterdir())
    assert 20 <= len(files) == sent(own) < 150
    assert own.run("2026-06-15")["deliveries"]["sent"] == 150 - len(files)


def test_who_was_not_reached_by_composing_is_due_still(site: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose, "BATCH", 20)
    own = site(READERS)
    own.drop("2026-06-15 a.jsonl", paper(1))
    told = Ending(own.context(), lambda: bool(own.rows("SELECT 1 FROM editions")))
    assert running.run(told.context, DAY).editions.composed == 20
    assert sent(own) == 0
    done = own.run("2026-06-15")
    assert done["editions"] == {"composed": 130, "empty": 0, "existing": 20}
    assert done["deliveries"]["sent"] == 150


def test_dumps_that_were_not_reached_wait(site: Make) -> None:
    own = site(READERS)
    for number in range(4):
        own.drop(f"2026-06-15 {number}.jsonl", paper(number + 1))
    running.run(Ending(own.context(), lambda: bool(own.rows("SELECT 1 FROM dumps"))).context, DAY)
    assert own.rows("SELECT count(*) FROM dumps") == [(1,)]
    assert own.run("2026-06-15")["dumps"]["ingested"] == 3


def test_who_is_to_end_waits_for_nobody_else_at_work(site: Make) -> None:
    own = site(READERS).context()
    looks: list[int] = []

    def soon() -> bool:
        looks.append(1)
        return len(looks) > 1

    with (
        own.at_work(),
        pytest.raises(StateError, match="another digest is at work"),
        Ending(own, soon).context.at_work(),
    ):
        raise AssertionError("two at work")
    assert len(looks) == 2
    with own.at_work():
        pass


def test_no_server_is_asked_by_who_is_to_end_already(site: Make) -> None:
    nobody = '[delivery]\nchannel = "smtp"\n[smtp]\nhost = "127.0.0.1"\nport = 1\ntls = "none"\n'
    own = site(nobody + READERS)
    own.drop("2026-06-15 a.jsonl", paper(1))
    own.run("2026-06-15")
    own.clock += timedelta(days=1)
    assert running.deliver_pending(Ending(own.context(), lambda: True).context, DAY) == Delivered()
