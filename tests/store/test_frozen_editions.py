"""Editions come back as they were frozen, whatever happens to their papers, and those loaded together share papers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, insert

from digest.identity import Plan
from digest.models import Edition, Entry, Hit, Match, PageNote, Paper, Rule, StillHere, Wider
from digest.store import Store, open_store
from digest.store import editions as edition_store
from digest.store import papers as paper_store
from digest.store.editions import Shared, Written
from digest.store.tables import recipients

ON = date(2026, 6, 16)
PAPERS = [Paper(number, 1, f"Paper {number}", ON, ON, abstract="Looms.") for number in range(1, 7)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(tmp_path, "sqlite:///digest.db")
    with made.writing() as tx:
        paper_store.apply(tx, Plan(added=PAPERS, title_keys={paper.id: paper.title for paper in PAPERS}), dump_id=1)
        for number in (1, 2):
            tx.execute(insert(recipients).values(id=number, kind="subscriber", key=f"reader{number}@example.org"))
    yield made
    made.close()


def edition(reader: int, *numbers: int, waits: tuple[int, ...] = ()) -> Edition:
    hits = (Hit("loom", "abstract", ((0, 4), (2, 3))), Hit("ada", "author", (), "Ada Lovelace"))
    matches = (
        Match("Looms", named=True, people=False, weight=2.5, hits=hits, topic="weaving"),
        Match("*", named=False, people=True, weight=1.0),
    )
    return Edition(
        recipient=f"reader{reader}@example.org",
        kind="subscriber",
        title="Reader",
        date=ON,
        entries=tuple(Entry(PAPERS[n - 1], matches, older=n == 5) for n in numbers),
        considered=212,
        waiting=tuple((number, PAPERS[number - 1].title) for number in waits),
        more=len(waits),
        expired=3,
        since=date(2026, 6, 12),
        rules=(Rule("loom", "Looms", 2.5, "weaving"), Rule("*")),
        exclude=("survey",),
        topics=(("weaving", "Weaving"),),
        pages=(PageNote("weaving", "jsonl", ON, 3, 4), PageNote("other", "feed", ON, 1, None, "stalled", ON)),
        joined=date(2026, 5, 2),
        added_by="ops@example.org",
    )


def frozen(tx: Connection, *made: Edition, revision: int = 1) -> list[int]:
    """Freeze the editions, the first for the first reader; what waits does so at a revision."""
    return edition_store.freeze(
        tx,
        [
            Written.of(n, each, frozen=True, watermark=9, waiting=[(paper, revision) for paper, _ in each.waiting])
            for n, each in enumerate(made, 1)
        ],
    )


def test_an_edition_comes_back_as_it_was_frozen(store: Store) -> None:
    made = edition(1, 3, 1, 5, waits=(6, 2))
    with store.writing() as tx:
        (found,) = frozen(tx, made)
    with store.reading() as tx:
        assert edition_store.load(tx, found) == replace(made, id=found)


def test_an_edition_that_was_frozen_before_pages_had_states_still_loads(store: Store) -> None:
    made = replace(edition(1, 1), pages=(PageNote("weaving", "jsonl", ON, 3, 4),))
    with store.writing() as tx:
        (found,) = frozen(tx, made)
        head = tx.exec_driver_sql("SELECT head FROM editions").scalar_one()
        assert '{"page":"weaving","layout":"jsonl","date":"2026-06-16","listings":3,"stated":4}' in head
        assert edition_store.load(tx, found) == replace(made, id=found)


def test_an_edition_that_was_frozen_before_there_were_still_here_messages_still_loads(store: Store) -> None:
    made = edition(1, 1)
    with store.writing() as tx:
        (found,) = frozen(tx, made)
        head = tx.exec_driver_sql("SELECT head FROM editions").scalar_one()
        assert not {"first", "still_here"} & json.loads(head).keys()  # as they were then
        assert edition_store.load(tx, found) == replace(made, id=found)


@pytest.mark.parametrize("waiting", [True, False])
def test_a_still_here_message_comes_back_with_its_titles_of_the_day(store: Store, waiting: bool) -> None:
    wider = (
        Wider(Rule("loom", "Looms"), "loom*", 7, (PAPERS[1], PAPERS[0])),
        Wider(Rule("shed", topic="weaving"), "shed*", 1, (PAPERS[1],)),
    )
    made = replace(edition(1), still_here=StillHere(7, wider))
    with store.writing() as tx:
        (found,) = frozen(tx, made)
        changed = replace(PAPERS[1], revision=2, title="Paper 2, revised")
        paper_store.apply(tx, Plan(changed=[changed], superseded=[PAPERS[1]]), dump_id=2)
        assert edition_store.load_many(tx, [found], waiting=waiting) == [replace(made, id=found)]


def test_a_first_edition_comes_back_as_one(store: Store) -> None:
    with store.writing() as tx:
        (found,) = frozen(tx, replace(edition(1, 1), first=True))
        loaded = edition_store.load(tx, found)
    assert loaded is not None
    assert loaded.first


def test_who_has_a_paper_of_an_edition_that_was_not_taken_back_is_no_newcomer(store: Store) -> None:
    with store.writing() as tx:
        frozen(tx, edition(1, 1, 2), edition(2, 1))
        tx.exec_driver_sql("UPDATE entries SET returned = 1 WHERE recipient_id = 2 OR paper_id = 1")
        assert edition_store.newcomers(tx, [1, 2]) == {2}
        assert edition_store.newcomers(tx, [1]) == set()


def test_editions_come_in_the_order_that_is_asked_for_and_unknown_ones_not_at_all(store: Store) -> None:
    with store.writing() as tx:
        first, second = frozen(tx, edition(1, 1), edition(2, 2))
    with store.reading() as tx:
        assert [made.id for made in edition_store.load_many(tx, [second, 77, first])] == [second, first]


def test_a_title_that_waits_is_that_of_the_day(store: Store) -> None:
    changed = replace(PAPERS[1], revision=2, title="Paper 2, revised")
    made = replace(edition(1, 1), waiting=((2, changed.title),), more=1)
    with store.writing() as tx:
        paper_store.apply(tx, Plan(changed=[changed], superseded=[PAPERS[1]]), dump_id=1)
        (found,) = frozen(tx, made, revision=2)
        assert edition_store.load(tx, found) == replace(made, id=found)


def test_a_paper_that_changes_changes_no_edition_and_no_title_that_waits(store: Store) -> None:
    made = edition(1, 1, waits=(2,))
    changed = [replace(paper, revision=2, title=f"{paper.title}, revised") for paper in PAPERS[:2]]
    with store.writing() as tx:
        (found,) = frozen(tx, made)
        paper_store.apply(tx, Plan(changed=changed, superseded=PAPERS[:2]), dump_id=1)
    with store.reading() as tx:
        assert edition_store.load(tx, found) == replace(made, id=found)


def test_what_waits_is_counted_and_not_read_for_messages(store: Store) -> None:
    with store.writing() as tx:
        ids = frozen(tx, edition(1, 1, waits=(4, 6)))
    shared = Shared()
    with store.reading() as tx:
        (loaded,) = edition_store.load_many(tx, ids, shared, waiting=False)
    assert (loaded.waiting, loaded.more) == ((), 2)


def test_editions_share_their_papers_also_from_call_to_call(store: Store) -> None:
    with store.writing() as tx:
        first, second = frozen(tx, edition(1, 1, 2), edition(2, 2, 1))
    shared = Shared()
    asked: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    with store.reading() as tx:
        (one,) = edition_store.load_many(tx, [first], shared)
        (two,) = edition_store.load_many(tx, [second], shared)
    assert one.entries[0].paper is two.entries[1].paper
    assert one.entries[0].matches is two.entries[1].matches
    assert sum("FROM papers" in statement for statement in asked) == 1


def test_no_more_papers_are_held_than_allowed_and_a_large_edition_is_whole(store: Store) -> None:
    with store.writing() as tx:
        first, second = frozen(tx, edition(1, 1, 2, 3, 4), edition(2, 4, 1, 2))
    shared = Shared(most=2)
    with store.reading() as tx:
        for found in (first, second, first):
            (loaded,) = edition_store.load_many(tx, [found], shared)
            assert {entry.paper for entry in loaded.entries} <= set(PAPERS)
            assert len(shared) == 2
