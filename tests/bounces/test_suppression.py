"""Who is written to no more: hard failures are counted by days, as long as nothing arrives between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from command_line import paper, write
from returned import bounce

from digest.pipeline import returning
from digest.pipeline import run as running
from digest.pipeline.context import Context, open_context
from digest.pipeline.suppressing import note_failure, note_success
from digest.service import bouncing, subscriptions
from digest.service.bouncing import Ingested
from digest.service.mails import Mail
from digest.settings import Settings, SubscriberSetting
from digest.store import ledger

READER = "reader@example.org"
FIRST = date(2026, 6, 15)


@dataclass
class World:
    """A site with one subscriber and a clock; each day brings a paper."""

    context: Context
    now: datetime

    def day(self, number: int) -> date:
        """Run a day; return its date."""
        on = FIRST + timedelta(days=number)
        self.now = datetime(on.year, on.month, on.day, 8, tzinfo=UTC)
        write(self.context.archive.inbox / f"{on} a.jsonl", paper(number + 1))
        running.run(self.context, on, force=True)
        return on

    def bounced(self, on: date, status: str = "5.1.1", *, hours: int = 1) -> Ingested:
        """Take in a bounce of a day's message, some hours after the last run."""
        moment, self.now = self.now, self.now + timedelta(hours=hours)
        with self.context.store.reading() as tx:
            delivery = ledger.find(tx, 1, on)
        assert delivery is not None
        message = Mail("a test", bounce(delivery.message_id, status, mark=str(self.now)))
        told = bouncing.ingest(self.context, [message])
        self.now = moment
        return told

    def subscriber(self) -> tuple[str, int]:
        """Return the subscriber's state and count."""
        with self.context.store.reading() as tx:
            row = tx.exec_driver_sql("SELECT state, failures FROM subscribers").one()
        return row[0], row[1]

    def deliveries(self) -> list[tuple[str, str]]:
        with self.context.store.reading() as tx:
            return [tuple(row) for row in tx.exec_driver_sql("SELECT date, state FROM deliveries ORDER BY date")]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    settings = Settings.model_validate({"site": {"sender": "Digest <digest@example.org>"}})
    made: list[World] = []
    context = open_context(settings, state=tmp_path / "state", clock=lambda: made[0].now)
    made.append(World(context, datetime(2026, 6, 14, tzinfo=UTC)))
    subscriptions.add(context, SubscriberSetting(email=READER, rules=({"query": "reward"},)))  # type: ignore[arg-type]
    yield made[0]
    context.store.close()


def test_hard_bounces_on_three_days_suppress_though_a_server_took_each_message(world: World):
    """Between two bounces the next message was taken: that is how servers behave that find out later."""
    counts = []
    for number in range(3):
        on = world.day(number)
        [told] = world.bounced(on).told
        counts.append((world.subscriber(), told.suppressed))
    assert counts == [(("active", 1), False), (("active", 2), False), (("suppressed", 3), True)]


def test_hard_failures_of_one_day_count_once(world: World):
    days = [world.day(number) for number in range(4)]
    for on in days:
        world.bounced(on)
    assert world.subscriber() == ("active", 1)


def test_a_message_that_arrived_between_begins_the_count_anew(world: World):
    for number, arrives in enumerate([False, False, True, False]):
        on = world.day(number)
        if not arrives:
            world.bounced(on)
    assert world.subscriber() == ("active", 1)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)], ids=str)
def test_bounces_that_come_late_and_in_any_order_count_the_same(world: World, order: Iterable[int]):
    days = [world.day(number) for number in range(3)]
    for hours, number in enumerate(order):
        world.bounced(days[number], hours=24 * (hours + 1))
    assert world.subscriber() == ("suppressed", 3)


def test_what_is_soft_or_policy_between_hard_ones_neither_counts_nor_forgives(world: World):
    for number, status in enumerate(["5.1.1", "5.7.1", "5.1.1"]):
        world.bounced(world.day(number), status)
    assert world.subscriber() == ("active", 2)


def test_what_is_planned_for_who_is_suppressed_is_suppressed_and_its_papers_wait(world: World):
    days = [world.day(number) for number in range(3)]
    with world.context.store.writing() as tx:
        found = ledger.find(tx, 1, days[2])
        assert found is not None
        assert ledger.settle(tx, found.id, "planned", reply="to be sent again", now=world.context.now())
    for number, on in enumerate(days[:2]):
        world.bounced(on, hours=24 * (number + 1))
    assert world.subscriber() == ("active", 2)
    context = Context(
        world.context.settings.model_copy(
            update={"delivery": world.context.settings.delivery.model_copy(update={"suppress_after": 2})}
        ),
        *(world.context.state, world.context.store, world.context.archive),
        clock=world.context.clock,
    )
    with context.store.writing() as tx:
        first = ledger.find(tx, 1, days[0])
        assert first is not None
        assert note_failure(tx, context, first.id, 1, "550 5.1.1 User unknown")
    assert world.subscriber()[0] == "suppressed"
    assert dict(world.deliveries())[days[2].isoformat()] == "suppressed"
    with context.store.reading() as tx:
        assert tx.exec_driver_sql("SELECT count(*) FROM backlog").scalar_one() == 1


def test_who_is_resumed_begins_anew(world: World):
    for number in range(3):
        world.bounced(world.day(number))
    world.now += timedelta(hours=2)
    subscriptions.set_state(world.context, READER, "active")
    assert world.subscriber() == ("active", 0)
    world.bounced(world.day(4))
    assert world.subscriber() == ("active", 1)


def test_a_message_that_is_taken_forgets_the_count_until_it_bounces_too(world: World):
    world.bounced(world.day(0))
    world.bounced(world.day(1))
    assert world.subscriber() == ("active", 2)
    with world.context.store.writing() as tx:
        note_success(tx, [1, 2, 3])
    assert world.subscriber() == ("active", 0)
    world.bounced(world.day(2))
    assert world.subscriber() == ("suppressed", 3)


def test_who_left_at_their_own_word_stays_so(world: World):
    days = [world.day(number) for number in range(3)]
    subscriptions.set_state(world.context, READER, "removed")
    with world.context.store.writing() as tx:
        tx.exec_driver_sql("UPDATE subscribers SET state = 'left', state_at = '2026-06-01T00:00:00Z'")
    for number, on in enumerate(days):
        world.bounced(on, hours=24 * (number + 1))
    assert world.subscriber()[0] == "left"


@pytest.mark.parametrize(
    "reply", ["", "450 5.1.1 no", "554 5.7.1 spam", "no connection", "given up after 5 d: 421 busy"]
)
def test_a_refusal_that_says_nothing_of_the_address_is_not_counted(world: World, reply: str):
    world.day(0)
    with world.context.store.writing() as tx:
        assert not note_failure(tx, world.context, 1, 1, reply)
    assert world.subscriber() == ("active", 0)


# ---- return paths


def with_return_path(world: World, address: str) -> Settings:
    own = world.context.settings
    return own.model_copy(update={"delivery": own.delivery.model_copy(update={"return_path": address})})


def test_a_return_path_of_its_own_tells_the_delivery_whatever_its_case(world: World):
    on, settings = world.day(0), with_return_path(world, "bounces@example.org")
    secret = world.context.store.secret()
    own = returning.envelope_sender(settings, secret, 1)
    local, _, domain = own.rpartition("@")
    assert (local.startswith("bounces+1."), domain) == (True, "example.org")
    assert len(local) <= 64
    assert own.isascii()
    for address in (own, own.upper(), own.replace("example.org", "EXAMPLE.ORG")):
        report = bouncing.bounces.read(bounce("<of.another@service>", to=address))
        with world.context.store.reading() as tx:
            found = returning.delivery_of(tx, settings, secret, report)
        assert found is not None
        assert (found.id, found.date) == (1, on)


@pytest.mark.parametrize(
    ("old", "new"),
    {
        "another delivery": ("+1.", "+2."),
        "another domain": ("example.org", "example.net"),
        "another mailbox": ("bounces+", "bounce+"),
        "no code": (".", "-"),
        "no extension": ("+", "-"),
    }.values(),
    ids=str,
)
def test_a_return_path_that_is_not_ours_tells_nothing(world: World, old: str, new: str):
    world.day(0)
    world.day(1)
    settings, secret = with_return_path(world, "bounces@example.org"), world.context.store.secret()
    forged = returning.envelope_sender(settings, secret, 1).replace(old, new, 1)
    report = bouncing.bounces.read(bounce("<of.another@service>", to=forged))
    with world.context.store.reading() as tx:
        assert returning.delivery_of(tx, settings, secret, report) is None


def test_the_longest_return_path_fits_with_the_largest_number(world: World):
    settings = with_return_path(world, f"{'b' * 24}@example.org")
    assert Settings.model_validate({"delivery": {"return_path": settings.delivery.return_path}})
    address = returning.envelope_sender(settings, world.context.store.secret(), 10**12 - 1)
    assert len(address.rpartition("@")[0]) <= 64
    with pytest.raises(ValueError, match="at most 24"):
        Settings.model_validate({"delivery": {"return_path": f"{'b' * 25}@example.org"}})


def test_without_a_return_path_the_sender_is_the_sites(world: World):
    assert returning.envelope_sender(world.context.settings, b"x", 1) == "digest@example.org"
