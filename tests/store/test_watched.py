"""What the store keeps of sources and troubles comes back as it was put in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from digest.store import Store, open_store, sources, troubles
from digest.store.sources import Known
from digest.store.troubles import Kept, Mails


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(tmp_path, "sqlite:///digest.db")
    yield made
    made.close()


FIRST = Known("arxiv", '{"etag": "x"}', "2026-06-15T07:00:00Z", "2026-06-14T07:00:00Z", next_at="2026-06-15T07:30:00Z")


def test_a_source_is_known_as_it_was_saved_last(store: Store) -> None:
    failing = replace(FIRST, failing_since="2026-06-15T07:30:00Z", failures=1, said="answers 500")
    with store.writing() as tx:
        sources.save(tx, FIRST)
        sources.save(tx, Known("mine"))
        sources.save(tx, failing)
    with store.reading() as tx:
        assert sources.load(tx) == {"arxiv": failing, "mine": Known("mine")}


def test_a_trouble_is_kept_until_it_is_forgotten(store: Store) -> None:
    silent = Kept("page silent", "silent since Tuesday", True, "2026-06-15T07:00:00Z")
    told = replace(silent, told_at="2026-06-15T07:00:01Z")
    with store.writing() as tx:
        troubles.save(tx, [silent, Kept("rejected x", "x was rejected", False, "2026-06-14T07:00:00Z")])
        troubles.save(tx, [told])
    with store.reading() as tx:
        assert list(troubles.load(tx)) == ["rejected x", "page silent"]
        assert troubles.load(tx)["page silent"] == told
    with store.writing() as tx:
        troubles.forget(tx, ["page silent"])
        assert list(troubles.load(tx)) == ["rejected x"]


def test_when_the_operator_was_written_to_is_remembered(store: Store) -> None:
    with store.writing() as tx:
        assert troubles.mails(tx) == Mails()
        troubles.set_mails(tx, Mails("2026-06-15T07:00:00Z", "2026-06-15T09:00:00Z"))
        assert troubles.mails(tx) == Mails("2026-06-15T07:00:00Z", "2026-06-15T09:00:00Z")
