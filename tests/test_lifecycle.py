"""Lifecycle: which changes of state are allowed."""

from __future__ import annotations

from typing import get_args

import pytest

from digest import lifecycle
from digest.models import DeliveryState, OutcomeState, SubscriberState

TABLES = [
    pytest.param(lifecycle.DELIVERY, DeliveryState, id="deliveries"),
    pytest.param(lifecycle.SUBSCRIBER, SubscriberState, id="subscribers"),
]


@pytest.mark.parametrize(("table", "states"), TABLES)
def test_a_table_knows_every_state_and_leads_to_no_other(table, states):
    assert set(table) == set(get_args(states))
    assert set().union(*table.values()) <= set(table)


@pytest.mark.parametrize(("table", "states"), TABLES)
def test_no_state_changes_to_itself(table, states):
    assert not [state for state in table if lifecycle.may(table, state, state)]


@pytest.mark.parametrize(("table", "states"), TABLES)
def test_before_is_may_seen_from_the_other_end(table, states):
    for new in table:
        assert lifecycle.before(table, new) == tuple(old for old in table if lifecycle.may(table, old, new))


@pytest.mark.parametrize(
    ("old", "new", "allowed"),
    [
        pytest.param("planned", "sending", True, id="a planned one is claimed"),
        pytest.param("planned", "sent", False, id="nothing is sent unclaimed"),
        pytest.param("sending", "sending", False, id="nothing is claimed twice"),
        pytest.param("deferred", "failed", True, id="a deferred one is given up"),
        pytest.param("unknown", "sending", True, id="an unknown one is tried again"),
        pytest.param("unknown", "withdrawn", False, id="what may have arrived is not taken back"),
        pytest.param("sent", "planned", True, id="a sent one is planned again by a resend"),
        pytest.param("sent", "sending", False, id="a sent one is never claimed"),
        pytest.param("failed", "sending", False, id="a failed one is never claimed"),
        pytest.param("withdrawn", "planned", False, id="a withdrawn one is over"),
        pytest.param("suppressed", "planned", False, id="a suppressed one is over"),
    ],
)
def test_changes_of_deliveries(old, new, allowed):
    assert lifecycle.may(lifecycle.DELIVERY, old, new) is allowed


@pytest.mark.parametrize(
    ("old", "new", "allowed"),
    [
        pytest.param("pending", "active", True, id="confirmed"),
        pytest.param("active", "paused", True, id="paused"),
        pytest.param("paused", "active", True, id="resumed"),
        pytest.param("left", "active", False, id="nobody who left is revived"),
        pytest.param("left", "pending", True, id="whoever left may ask again"),
        pytest.param("suppressed", "active", False, id="nobody suppressed is revived"),
    ],
)
def test_changes_of_subscribers(old, new, allowed):
    assert lifecycle.may(lifecycle.SUBSCRIBER, old, new) is allowed


def test_a_claim_comes_from_planned_deferred_or_unknown_only():
    assert lifecycle.before(lifecycle.DELIVERY, "sending") == ("planned", "deferred", "unknown")


def test_whatever_a_channel_says_may_follow_sending():
    assert all(lifecycle.may(lifecycle.DELIVERY, "sending", state) for state in get_args(OutcomeState))


def test_what_is_not_settled_is_pending():
    assert {"planned", "sending", "deferred", "unknown"} == lifecycle.PENDING


def test_papers_come_back_only_from_what_surely_was_not_sent():
    assert set(lifecycle.before(lifecycle.DELIVERY, "withdrawn")) == lifecycle.RETURNING


def test_an_unknown_state_is_a_bug_and_says_so():
    with pytest.raises(KeyError):
        lifecycle.before(lifecycle.DELIVERY, "lost")  # type: ignore[arg-type]
