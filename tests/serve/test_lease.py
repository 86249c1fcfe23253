"""Of several instances on one store one acts, and when it dies another does, within a minute."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from serve_site import Site
from sqlalchemy.exc import TimeoutError as SqlTimeoutError

from digest.errors import StateError
from digest.schedule import lease as leases
from digest.schedule.lease import BEAT, TAKEOVER, VALID, Lease
from digest.store import Store, lease, open_store

Make = Callable[[str], Site]


class World:
    """Instances on one store, and the seconds that have passed."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.seconds = 0.0

    def instance(self, *, wrong_by: float = 0.0) -> Lease:
        """Return another instance, whose steady clock began at another time."""
        return Lease(self.store, lambda: "2026-06-15T07:00:00Z", lambda: self.seconds + wrong_by)

    def beat(self, *instances: Lease, until: float) -> None:
        while self.seconds < until:
            self.seconds += BEAT
            for instance in instances:
                instance.beat()


@pytest.fixture
def world(site: Make) -> World:
    return World(site("").context.store)


def test_the_first_instance_acts_and_the_others_stand_by(world: World) -> None:
    first, second, third = world.instance(), world.instance(wrong_by=1e6), world.instance(wrong_by=-1e6)
    for _ in range(100):
        for instance in (first, second, third):
            instance.beat()
        world.seconds += BEAT
        assert [instance.holds for instance in (first, second, third)] == [True, False, False]


def test_an_instance_that_dies_is_replaced_by_one_other_within_a_minute(world: World) -> None:
    first, second, third = world.instance(), world.instance(), world.instance()
    world.beat(first, second, third, until=100)
    world.beat(second, third, until=160)
    assert [instance.holds for instance in (first, second, third)] == [False, True, False]
    world.beat(first, second, third, until=300)  # it was only asleep
    assert [instance.holds for instance in (first, second, third)] == [False, True, False]


def test_an_instance_that_ends_leaves_the_lease_to_the_next_at_once(world: World) -> None:
    first, second = world.instance(), world.instance()
    world.beat(first, second, until=10)
    first.release()
    second.beat()
    assert (first.holds, second.holds) == (False, True)


def test_an_instance_that_cannot_renew_stops_acting_before_another_may_begin(world: World) -> None:
    first = world.instance()
    first.beat()
    world.seconds += VALID
    assert not first.holds
    assert VALID < TAKEOVER
    first.beat()
    assert first.holds


def test_two_that_see_the_lease_free_do_not_both_get_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = world.instance(), world.instance()
    real = lease.held
    monkeypatch.setattr(leases.lease, "held", lambda tx: "")  # both look before either takes it
    first.beat()
    second.beat()
    monkeypatch.setattr(leases.lease, "held", real)
    assert (first.holds, second.holds) == (True, False)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0.0, 20.0), st.booleans()), max_size=60))
def test_never_do_two_hold_it(tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, float, bool]]) -> None:
    folder: Path = tmp_path_factory.getbasetemp() / "leases"
    folder.mkdir(exist_ok=True)
    store = open_store(folder, "sqlite:///digest.db")
    try:
        with store.writing() as tx:
            lease.move(tx, lease.held(tx), "somebody who died")
        own = World(store)
        instances = {name: own.instance(wrong_by=1000.0 * at) for at, name in enumerate("abc")}
        for name, passed, ends in steps:
            own.seconds += passed
            if ends:
                instances[name].release()
            else:
                instances[name].beat()
            assert sum(instance.holds for instance in instances.values()) <= 1
    finally:
        store.close()


def test_a_store_that_fails_is_one_line_and_the_lease_is_kept_until_it_runs_out(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    own = world.instance()
    with leases.kept(own):
        assert own.holds
        monkeypatch.setattr(leases.Lease, "_may_take", _locked)
        with pytest.raises(StateError):
            own.beat()
        assert own.holds
    own.release()
    assert not own.holds


@pytest.mark.parametrize("error", [ZeroDivisionError("a bug"), SqlTimeoutError("no connection is free")])
def test_whatever_a_beat_meets_the_next_one_comes(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    own, again = world.instance(), threading.Event()
    real, fails = leases.Lease.beat, iter([error])

    def beat(lease: Lease) -> None:
        for found in fails:
            raise found
        real(lease)
        again.set()

    monkeypatch.setattr(leases, "BEAT", 0.01)
    monkeypatch.setattr(leases.Lease, "beat", beat)
    with leases.kept(own):
        assert again.wait(10)
    assert own.holds
    (line,) = caplog.messages
    assert line.startswith(f"renewing the lease: unexpected {type(error).__name__}")


def test_each_change_is_told_once_also_by_one_that_was_held_up(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, "digest.events")
    first, second = world.instance(), world.instance()
    world.beat(first, second, until=10)
    world.beat(second, until=70)
    world.beat(first, second, until=100)
    assert caplog.messages == ["lease.taken", "lease.taken", "lease.lost"]
    caplog.clear()
    with monkeypatch.context() as store:
        store.setattr(leases.Lease, "_may_take", _locked)
        for _ in range(10):
            world.seconds += BEAT
            with pytest.raises(StateError):
                second.beat()
    world.beat(second, until=200)
    assert caplog.messages == ["lease.lost", "lease.taken"]


def _locked(*_: object) -> bool:
    raise StateError("the store is locked by another program", where="digest.db")
