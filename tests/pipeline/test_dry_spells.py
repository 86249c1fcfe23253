"""To whom nothing matched for a week, one short message says so, with what slightly wider rules would have brought."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from conftest_pipeline import Site, paper
from forked import die, forked

from digest.pipeline import run as running
from digest.service import looking, subscriptions
from digest.store import editions

Make = Callable[..., Site]
READER = "reader@example.org"
FIRST = date(2026, 6, 15)  # a Monday


def reader(extra: str = "", rules: str = """['"tidal engine"']""") -> str:
    return f'[[subscribers]]\nemail = "{READER}"\nrules = {rules}\n{extra}\n'


def day(number: int) -> str:
    return (FIRST + timedelta(days=number)).isoformat()


def listing(number: int, **fields: object) -> dict[str, object]:
    return paper(number, published=day(number), **fields)


def silent(own: Site, first: int, last: int) -> list[int]:
    """Run days, each with a paper that matches nothing; return those that the reader got a mail on."""
    for number in range(first, last + 1):
        own.drop(f"{day(number)} a.jsonl", listing(number))
        own.run(day(number))
    return [number for number in range(first, last + 1) if own.mail(day(number), READER)]


def test_thirty_silent_days_bring_exactly_one_message(site: Make) -> None:
    own = site(reader())
    assert silent(own, 0, 29) == [7]
    assert own.rows("SELECT count(*) FROM deliveries") == [(1,)]


def test_it_counts_what_was_read_and_says_how_to_change_rules(site: Make) -> None:
    own = site(reader())
    silent(own, 0, 7)
    message = own.mail(day(7), READER)
    assert message is not None
    assert message["Subject"] == "Nothing matched in 7 days · 7 papers read"
    text = own.text(day(7), READER)
    assert "Mon 22 June: 7 papers read in 7 days, none matched your rules. This message comes once." in text
    assert "No slightly wider rule would have brought a few. To change your rules, answer this email." in text


def test_a_paper_with_news_twice_is_counted_once(site: Make) -> None:
    own = site(reader())
    own.drop(f"{day(3)} again.jsonl", listing(1, announced="replaced"))
    silent(own, 0, 7)
    assert own.rows("SELECT count(*) > count(DISTINCT paper_id) FROM news") == [(1,)]
    assert "7 papers read in 7 days" in own.text(day(7), READER)


def test_it_shows_what_slightly_wider_rules_would_have_brought(site: Make) -> None:
    own = site(reader(rules="""['"tidal engine"', { name = "Colours", query = "=colour" }, "quantum", "a b c d e"]"""))
    own.drop(f"{day(5)} b.jsonl", listing(90, title="Engines for Tidal Power"), listing(91, title="Colours of the Sea"))
    silent(own, 0, 7)
    text = own.text(day(7), READER)
    tidal = (
        'Wider: "tidal engine"~3 Instead of: "tidal engine" Would have brought 1 paper: - Engines for Tidal Power arXiv'
    )
    assert tidal in text
    assert "Wider: colour Instead of: Colours: =colour Would have brought 1 paper: - Colours of the Sea arXiv" in text
    assert "quantum Would" not in text


def test_a_topics_rule_is_widened_for_its_followers_less_what_they_exclude(site: Make) -> None:
    topic = '[[topics]]\nslug = "tides"\ntitle = "Tides"\nrules = ["\\"tidal engine\\""]\n'
    own = site(reader('topics = ["tides"]\nexclude = ["title:power"]', rules="[]") + topic)
    own.drop(f"{day(5)} b.jsonl", listing(90, title="Engines for Tidal Power"), listing(91, title="Engines, Tidal"))
    silent(own, 0, 7)
    text = own.text(day(7), READER)
    assert 'Instead of: "tidal engine" (from Tides) Would have brought 1 paper: - Engines, Tidal' in text
    assert own.rows("SELECT count(*) FROM editions WHERE frozen AND entries = 0") == [(1,)]


def test_rules_that_would_bring_too_much_are_not_offered(site: Make) -> None:
    own = site(reader(rules="""['"reward lamp" OR "zebra crossings"']"""))
    own.drop(f"{day(5)} b.jsonl", *[listing(n, title=f"Reward of a Lamp {n}") for n in range(100, 121)])
    silent(own, 0, 7)
    assert "No slightly wider rule would have brought a few." in own.text(day(7), READER)


@pytest.mark.slow
def test_a_match_begins_another_spell(site: Make) -> None:
    own = site(reader())
    own.drop(f"{day(6)} b.jsonl", listing(90, title="A Tidal Engine"))
    assert silent(own, 0, 20) == [6, 13]
    own.drop(f"{day(21)} b.jsonl", listing(91, title="Another Tidal Engine"))
    assert silent(own, 21, 40) == [21, 28]


@pytest.mark.slow
def test_paused_days_do_not_count(site: Make) -> None:
    own = site(reader())
    assert silent(own, 0, 5) == []
    subscriptions.set_state(own.context(), READER, "paused")
    assert silent(own, 6, 20) == []
    subscriptions.set_state(own.context(), READER, "active")
    assert silent(own, 21, 40) == [28]


@pytest.mark.slow
def test_who_was_told_and_paused_is_not_told_again(site: Make) -> None:
    own = site(reader())
    assert silent(own, 0, 8) == [7]
    subscriptions.set_state(own.context(), READER, "paused")
    silent(own, 9, 10)
    subscriptions.set_state(own.context(), READER, "active")
    assert silent(own, 11, 30) == []


def test_weekly_subscribers_are_told_on_their_weekday(site: Make) -> None:
    own = site(reader('frequency = "weekly"\nweekday = "thursday"'))
    # The first edition comes at once, on Monday; that of Thursday the 18th is three days later.
    assert silent(own, 0, 30) == [10]
    assert "10 papers read in 10 days" in own.text(day(10), READER)


@pytest.mark.parametrize("setting", ["still_here_days = 0", "still_here_days = 40"])
def test_it_comes_as_the_configuration_says(site: Make, setting: str) -> None:
    assert silent(site(f"[editions]\n{setting}\n{reader()}"), 0, 30) == []


def test_where_empty_editions_are_sent_there_is_none(site: Make) -> None:
    own = site(f"[editions]\nsend_empty = true\n{reader()}")
    assert silent(own, 0, 10) == list(range(11))
    subjects = [str((own.mail(day(number), READER) or {})["Subject"]) for number in range(11)]
    assert [subject.partition(" · ")[0] for subject in subjects] == ["No new papers"] * 11


def test_a_site_that_read_nothing_tells_nobody(site: Make) -> None:
    own = site(reader())
    silent(own, 0, 0)
    for number in range(1, 20):
        own.run(day(number))
    assert own.rows("SELECT count(*) FROM deliveries") == [(0,)]
    assert silent(own, 20, 20) == [20]
    assert "Mon" not in own.text(day(20), READER)[:20]
    assert "1 paper read in 14 days, and it did not match your rules." in own.text(day(20), READER)


def test_a_rule_that_cannot_be_read_is_no_silence(site: Make) -> None:
    own = site(reader())
    own.context()
    with own.context().store.writing() as tx:
        tx.exec_driver_sql("UPDATE subscribers SET rules = '[{\"query\": \"AND AND\"}]', owner = 'store'")
    assert silent(own, 0, 0) == []  # the configuration owns the rules, and mends them
    own.toml = ""
    with own.context().store.writing() as tx:
        tx.exec_driver_sql("UPDATE subscribers SET rules = '[{\"query\": \"AND AND\"}]', owner = 'store'")
    assert silent(own, 1, 12) == []


def test_it_counts_as_an_edition_that_was_composed_and_sent(site: Make) -> None:
    own = site(reader())
    silent(own, 0, 6)
    own.drop(f"{day(7)} a.jsonl", listing(7))
    summary = own.run(day(7))
    assert summary["editions"] == {"composed": 1, "empty": 0, "existing": 0}
    assert summary["deliveries"] == {"sent": 1, "failed": 0, "pending": 0}
    assert own.run(day(7))["editions"] == {"composed": 0, "empty": 0, "existing": 1}


def test_it_moves_nothing_else(site: Make) -> None:
    told, other = site(reader()), site(f"[editions]\nstill_here_days = 0\n{reader()}", "other")
    for own in (told, other):
        silent(own, 0, 7)
        own.drop(f"{day(8)} b.jsonl", listing(90, title="A Tidal Engine"))
        silent(own, 8, 8)
    assert told.rows("SELECT watermark, last_edition FROM recipients") == other.rows(
        "SELECT watermark, last_edition FROM recipients"
    )
    assert len({own.rows(f"SELECT head FROM editions WHERE date = '{day(8)}'")[0] for own in (told, other)}) == 1
    assert told.feed_titles("papers") == other.feed_titles("papers")
    assert [name for name in told.written() if name.startswith("public")] == [
        name for name in other.written() if name.startswith("public")
    ]


def test_a_topic_gets_none(site: Make) -> None:
    own = site('[[topics]]\nslug = "tides"\ntitle = "Tides"\nrules = ["tidal"]\n')
    silent(own, 0, 20)
    assert own.rows("SELECT count(*) FROM editions WHERE frozen") == [(0,)]


def test_a_preview_shows_none(site: Make) -> None:
    own = site(reader())
    silent(own, 0, 7)
    shown = looking.preview_subscriber(own.context(), READER, FIRST, FIRST + timedelta(days=7)).edition
    assert shown.still_here is None


def test_a_run_that_is_killed_between_freezing_and_sending_sends_it_once(
    site: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = site(reader())
    silent(own, 0, 6)
    own.drop(f"{day(7)} a.jsonl", listing(7))
    own.open.pop().store.close()  # so that the child opens its own

    def killed() -> int:
        monkeypatch.setattr(running, "deliver", lambda *_: die())
        own.run(day(7))
        return 0

    assert forked(killed).status == -signal.SIGKILL
    assert own.rows("SELECT state FROM deliveries") == [("planned",)]
    assert own.run(day(7))["deliveries"] == {"sent": 1, "failed": 0, "pending": 0}
    assert silent(own, 8, 20) == []
    assert own.rows("SELECT date, state FROM deliveries") == [(day(7), "sent")]


def test_its_browser_view_shows_the_same(site: Make) -> None:
    own = site(reader())
    own.drop(f"{day(5)} b.jsonl", listing(90, title="Engines for Tidal Power"))
    silent(own, 0, 7)
    (number,) = own.rows("SELECT id FROM editions WHERE frozen")[0]
    context = own.context()
    with context.store.reading() as tx:
        edition = editions.load(tx, number)
    assert edition is not None
    page = running.renderer_of(context).edition_page(edition, personal=True)
    assert "Engines for Tidal Power" in page
    assert "none matched your rules" in page
