"""What ``digest status`` says of pages, sources and troubles."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from command_line import CONFIG, Site, paper

from digest.store import open_store, sources, troubles
from digest.store.sources import Known
from digest.store.troubles import Kept

SOURCE = '\n[[sources]]\nname = "mine"\nkind = "folder"\npath = "saved"\n'


def take_in(site: Site, *days_ago: int) -> date:
    """Take in a dump for each of so many days ago; return today."""
    today = datetime.now(UTC).date()
    for number, ago in enumerate(days_ago):
        site.drop(f"daily/{today - timedelta(days=ago)} page.jsonl", paper(number + 1))
    assert site("run").status == 0
    return today


def test_a_page_is_told_with_its_state_and_why(site: Site) -> None:
    today = take_in(site, 3, 2, 1, 0)
    (page,) = site("status", "--json").json["pages"]
    assert (page["state"], page["since"], page["dumps"]) == ("fresh", today.isoformat(), 4)
    assert page["why"].startswith("brought 1 new paper on ")
    assert f"    fresh: {page['why']}\n" in site("status").out


def test_a_page_with_history_alone_waits(site: Site) -> None:
    site.drop("old/2020-01-06 page.jsonl", paper(1))
    assert site("run").status == 0
    (page,) = site("status", "--json").json["pages"]
    assert (page["state"], page["why"]) == ("waiting", "has brought no dump but history yet")


def test_a_source_is_told_with_its_state_and_when_it_is_asked(site: Site) -> None:
    (site.folder / "saved").mkdir()
    site.configure(CONFIG + SOURCE)
    assert "  mine, a folder: waiting: has brought nothing yet\n    not asked yet\n" in site("status").out
    store = open_store(site.state, "sqlite:///digest.db")
    with store.writing() as tx:
        failing = Known("mine", "", "2026-06-15T07:00:00Z", None, "2026-06-15T06:00:00Z", 4, "2026-06-15T07:30:00Z")
        sources.save(tx, failing)
    store.close()
    (found,) = site("status", "--json").json["sources"]
    assert (found["state"], found["failures"], found["next_at"]) == ("broken", 4, "2026-06-15T07:30:00Z")
    assert "    asked last at 2026-06-15T07:00:00Z, next at 2026-06-15T07:30:00Z\n" in site("status").out


def test_the_first_failures_of_a_source_are_told_before_it_is_broken(site: Site) -> None:
    site.configure(CONFIG + SOURCE)  # there is no such folder
    assert site("sources", "ask").status == 1
    (found,) = site("status", "--json").json["sources"]
    assert (found["state"], found["failures"]) == ("waiting", 1)
    assert f"    1 try failed: {found['reason']}\n" in site("status").out
    assert "no such" in found["reason"]


def test_the_troubles_that_stand_are_told_and_whether_the_operator_knows(site: Site) -> None:
    assert "troubles" not in site("status").out
    assert site("status", "--json").json["troubles"] == []
    store = open_store(site.state, "sqlite:///digest.db")
    with store.writing() as tx:
        told = Kept("page a", "a: silent since Tuesday", True, "2026-06-15T07:00:00Z", "2026-06-15T07:00:01Z")
        over = Kept("page b", "b: silent", True, "2026-06-15T07:00:00Z", None, "2026-06-15T08:00:00Z")
        troubles.save(tx, [told, over])
    store.close()
    (found,) = site("status", "--json").json["troubles"]
    assert found == {"key": "page a", "text": told.text, "since": told.since, "told_at": told.told_at}
    assert "  since 2026-06-15T07:00:00Z, told at 2026-06-15T07:00:01Z: a: silent since Tuesday\n" in site("status").out
