"""Jobs run by name, once at a time; the wish to end is heeded, and silence is told."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from serve_site import at

from digest.errors import StateError
from digest.pipeline.context import silent
from digest.schedule.jobs import HANGS, Jobs, in_a_thread

NOON = at("2026-06-15 12:00")


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_job_is_not_begun_again_while_it_runs() -> None:
    jobs, go, began = Jobs(in_a_thread), threading.Event(), []

    def work() -> None:
        began.append(1)
        go.wait(10)

    assert jobs.begin("work", work)
    assert not jobs.begin("work", work)
    assert jobs.begin("other work", lambda: None)
    go.set()
    assert jobs.stop(within=10) == []
    assert began == [1]


def test_stopping_waits_for_what_runs_no_longer_than_asked() -> None:
    jobs, go = Jobs(in_a_thread), threading.Event()
    jobs.begin("hanging", lambda: bool(go.wait(10)) and None)
    assert jobs.stop(within=0.05) == ["hanging"]
    assert not jobs.begin("late", lambda: None)
    go.set()
    assert jobs.stop(within=10) == []


def test_a_job_without_a_sign_of_life_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    clock, go = Clock(), threading.Event()
    jobs = Jobs(in_a_thread, clock)
    jobs.begin("sending", lambda: bool(go.wait(10)) and None)
    clock.seconds = HANGS - 1
    assert jobs.silent() == []
    clock.seconds = HANGS + 60
    assert [jobs.silent() for _ in range(3)] == [[("sending", 16)]] * 3
    assert [record.getMessage() for record in caplog.records] == [
        "sending: no sign of life for 16 min; the other jobs go on"
    ]
    go.set()
    jobs.stop(within=10)
    assert jobs.silent() == []


def test_a_job_that_may_take_long_hangs_later() -> None:
    clock, go = Clock(), threading.Event()
    jobs = Jobs(in_a_thread, clock)
    jobs.begin("asking search", lambda: bool(go.wait(10)) and None, patience=HANGS + 3600)
    clock.seconds = HANGS + 3599
    assert jobs.silent() == []
    clock.seconds = HANGS + 3600
    assert jobs.silent() == [("asking search", 75)]
    go.set()
    jobs.stop(within=10)


def test_a_job_for_which_there_is_no_thread_is_told_and_begun_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    jobs, did = Jobs(in_a_thread), []
    with monkeypatch.context() as system:
        system.setattr(threading.Thread, "start", full)
        assert not jobs.begin("work", lambda: did.append(1))
    assert (jobs.running(), caplog.messages) == ([], ["work: cannot be begun now: can't start new thread"])
    assert jobs.begin("work", lambda: did.append(1))
    assert jobs.stop(within=10) == []
    assert did == [1]


def test_progress_is_a_sign_of_life() -> None:
    clock, go, ready = Clock(), threading.Event(), threading.Event()
    jobs = Jobs(in_a_thread, clock)

    def work() -> None:
        with jobs.watched("sending", silent)("Sending", 2) as step:
            clock.seconds = HANGS
            step()
            ready.set()
            go.wait(10)

    jobs.begin("sending", work)
    assert ready.wait(10)
    clock.seconds = HANGS + 60
    assert jobs.silent() == []
    go.set()
    jobs.stop(within=10)


def test_a_job_that_raises_leaves_room_for_the_next() -> None:
    jobs = Jobs()

    def fails() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        jobs.begin("work", fails)
    assert jobs.running() == []


def test_a_job_that_hangs_or_keeps_failing_is_a_trouble_until_it_is_mended() -> None:
    clock, go = Clock(), threading.Event()
    jobs = Jobs(in_a_thread, clock)
    jobs.begin("asking arxiv", lambda: bool(go.wait(10)) and None)
    moment = NOON
    for _ in range(3):
        jobs.attempt("taking in dumps", moment, _full)
        moment += timedelta(hours=1)
    clock.seconds = HANGS
    assert jobs.troubles() == [
        ("hangs: asking arxiv", "asking arxiv: no sign of life for 15 min"),
        ("fails: taking in dumps", "taking in dumps: state: the disk is full"),
    ]
    go.set()
    jobs.attempt("taking in dumps", moment, lambda: True)
    jobs.stop(within=10)
    assert jobs.troubles() == []


def _full() -> bool:
    raise StateError("the disk is full", where="state")
