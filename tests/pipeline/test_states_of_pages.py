"""How pages do, from real runs: states as of a date, and what an edition's footer says of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from conftest_pipeline import Site, paper

from digest.pipeline.context import Context
from digest.pipeline.pages import page_states, states
from digest.settings import SourceSetting
from digest.store import sources as source_store
from digest.store.sources import Known

READER = "reader@example.org"
TOML = f'[[subscribers]]\nemail = "{READER}"\nrules = ["reward"]\n'
DAY = timedelta(days=1)
FIRST = date(2026, 6, 1)  # a Monday


def weekdays(first: date, last: date) -> list[date]:
    days = [first + DAY * more for more in range((last - first).days + 1)]
    return [day for day in days if day.weekday() < 5]


def drop(own: Site, page: str, days: list[date], start: int) -> None:
    for place, day in enumerate(days):
        own.drop(f"{page}/{day} page.jsonl", paper(start + place))


def state_of(own: Site, on: date) -> dict[str, str]:
    context = own.context()
    with context.store.reading() as tx:
        return {found.page: found.standing.state for found in page_states(tx, context, on)}


@pytest.fixture
def silent(site: Callable[[str], Site]) -> Site:
    """A site whose page "loud" comes each weekday until Friday 19 June, and "hushed" until Tuesday 9 June."""
    own = site(TOML)
    own.clock = own.clock.replace(year=2026, month=6, day=1)
    drop(own, "loud", weekdays(FIRST, date(2026, 6, 19)), 100)
    drop(own, "hushed", weekdays(FIRST, date(2026, 6, 9)), 200)
    for day in weekdays(FIRST, date(2026, 6, 19)):
        own.clock = own.clock.replace(day=day.day)
        own.run(day.isoformat())
    return own


def test_a_mail_says_which_page_is_silent_once_it_clearly_is(silent: Site) -> None:
    assert "silent" not in silent.text("2026-06-12", READER)
    footer = silent.text("2026-06-15", READER)
    assert "hushed has been silent since Tue 9 June. Read: hushed: 1 paper, on 9 Jun 2026; loud: 1 paper." in footer
    assert footer.count("silent") == 1
    html = silent.mail("2026-06-15", READER)
    assert html is not None
    part = html.get_body(("html",))
    assert part is not None
    assert "hushed has been silent since Tue 9 June." in part.get_content()


def test_a_page_is_told_as_of_the_date_that_is_asked_for(silent: Site) -> None:
    assert state_of(silent, date(2026, 6, 9)) == {"hushed": "fresh", "loud": "fresh"}
    assert state_of(silent, date(2026, 6, 12)) == {"hushed": "waiting", "loud": "fresh"}
    assert state_of(silent, date(2026, 6, 19)) == {"hushed": "stalled", "loud": "fresh"}
    assert state_of(silent, date(2026, 5, 1)) == {}


def test_a_page_that_is_silent_for_a_month_is_missed_no_more(silent: Site) -> None:
    silent.clock = silent.clock.replace(month=7, day=10)
    silent.drop("loud/2026-07-10 page.jsonl", paper(900))
    silent.run("2026-07-10")
    assert "hushed" not in silent.text("2026-07-10", READER)


def test_a_page_whose_last_dump_was_rejected_is_broken_until_one_is_read(silent: Site) -> None:
    silent.drop_text("loud/2026-06-22 page.txt", "no layout knows this\n")
    silent.drop("other/2026-06-22 page.jsonl", paper(901))
    silent.clock = silent.clock.replace(day=22)
    silent.run("2026-06-22")
    assert state_of(silent, date(2026, 6, 22))["loud"] == "broken"
    assert "loud has not been read properly since Mon 22 June." in silent.text("2026-06-22", READER)
    silent.drop("loud/2026-06-23 page.jsonl", paper(902))
    silent.clock = silent.clock.replace(day=23)
    silent.run("2026-06-23")
    assert state_of(silent, date(2026, 6, 23))["loud"] == "fresh"


def with_sources(own: Site, *names: str) -> Context:
    context = own.context()
    settings = tuple(SourceSetting(name=name, kind="folder", path="x") for name in names)
    return replace(context, settings=context.settings.model_copy(update={"sources": settings}))


def test_a_page_whose_source_fails_is_broken_unless_the_settings_name_the_source_no_more(silent: Site) -> None:
    context, on = with_sources(silent, "loud"), date(2026, 6, 19)
    with context.store.writing() as tx:
        source_store.save(tx, Known("loud", failing_since="2026-06-19T07:00:00Z", failures=3, said="answers 500"))
    with context.store.reading() as tx:
        assert [found.standing.state for found in page_states(tx, context, on)] == ["stalled", "broken"]
    assert state_of(silent, on)["loud"] == "fresh"


def test_a_page_is_not_silent_while_nobody_asks_its_source(silent: Site) -> None:
    context, later = with_sources(silent, "loud", "hushed"), date(2026, 6, 30)
    with context.store.writing() as tx:
        source_store.save(tx, Known("loud", checked_at="2026-06-20T07:00:00Z"))
        source_store.save(tx, Known("hushed", checked_at="2026-06-20T07:00:00Z"))
    with context.store.reading() as tx:
        asked = {found.page: found.standing.state for found in page_states(tx, context, later)}
    assert asked == {"loud": "fresh", "hushed": "stalled"}
    assert state_of(silent, later) == {"loud": "stalled", "hushed": "stalled"}  # the settings name no source


def test_a_source_does_as_its_page_does_and_waits_where_it_has_none(silent: Site) -> None:
    context = with_sources(silent, "loud", "hushed", "new", "down")
    with context.store.writing() as tx:
        source_store.save(tx, Known("down", failing_since="2026-06-19T07:00:00Z", failures=5, said="answers 500"))
    with context.store.reading() as tx:
        _, sources = states(tx, context, date(2026, 6, 19))
    found = {state.setting.name: state for state in sources}
    assert {name: state.standing.state for name, state in found.items()} == {
        "loud": "fresh",
        "hushed": "stalled",
        "new": "waiting",
        "down": "broken",
    }
    assert found["down"].standing.told == "has failed since Friday 19 June, 5 tries in a row: answers 500"


def test_dumps_that_are_history_are_no_rhythm(site: Callable[[str], Site]) -> None:
    own = site(TOML)
    own.clock = own.clock.replace(month=6, day=15)
    drop(own, "old", weekdays(date(2025, 6, 2), date(2025, 6, 20)), 300)
    own.run("2026-06-15")
    assert state_of(own, date(2026, 6, 15)) == {}
