"""A broken template, an unknown key, an invalid rule: one line that names the place, and nothing is lost."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from command_line import CONFIG, Site, paper, slow_but_first

DAY, NEXT = "2026-06-15", "2026-06-16"


@pytest.fixture
def due(site: Site) -> Site:
    site.drop(f"{DAY} a.jsonl", *(paper(number) for number in range(1, 4)))
    return site


def override(site: Site, name: str, text: str) -> Path:
    """Put a template of the site's own into its folder."""
    site.configure(CONFIG.replace("[site]", '[site]\ntemplates = "own"'))
    path = site.folder / "own" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def assert_all_is_sent_and_published(site: Site, day: str = DAY) -> None:
    assert site.mailed(day, "reader@example.org")
    assert site.mailed(day, "follower@example.org")
    for name in ("index.html", "feeds/papers.atom", "feeds/topics/reward.atom", f"editions/{DAY}/reward.html"):
        assert (site.state / "public" / name).exists()
    assert site("status", "--json").json["deliveries"]["sums"] == {"sent": 2}


# --- templates --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", slow_but_first(["email/message.html", "email/paper.txt", "web/index.html"]))
def test_a_template_that_cannot_be_read_stops_the_run_before_it_begins(due: Site, name: str) -> None:
    path = override(due, name, "line one\n{% for %}\n")
    said = due("run", "--date", DAY)
    assert said.status == 1
    assert f"{name}, line 2" in said.complaint
    assert due.files() == [f"inbox/{DAY} a.jsonl"]
    path.unlink()
    assert due("run", "--date", DAY).status == 0
    assert_all_is_sent_and_published(due)


@pytest.mark.parametrize(
    "name",
    slow_but_first(["email/paper.html", "email/message.html", "email/message.txt", "web/edition.html"]),
)
def test_a_mail_s_or_a_page_s_template_that_fails_only_when_it_is_rendered_loses_nothing(due: Site, name: str) -> None:
    path = override(due, name, "line one\n{{ nothing_of_this_name }}\n")
    said = due("run", "--date", DAY)
    assert said.status == 1
    assert "Traceback" not in said.err
    assert f"{name}, line 2: " in said.err
    assert "nothing_of_this_name" in said.err
    path.unlink()
    assert due("run", "--date", DAY).status == 0
    assert_all_is_sent_and_published(due)


def test_a_template_folder_that_is_missing_is_named(due: Site) -> None:
    due.configure(CONFIG.replace("[site]", '[site]\ntemplates = "missing"'))
    assert "missing" in due("run", "--date", DAY).complaint
    assert due.files() == [f"inbox/{DAY} a.jsonl"]


# --- the configuration ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param("[site]", '[site]\ncolour = "red"', "line 3, site.colour: unknown key", id="unknown key"),
        pytest.param("[site]", "[sight]", "unknown section", id="unknown section"),
        pytest.param('"reward model*"', "title:(reward", "invalid rule, character", id="invalid rule of a topic"),
        pytest.param('author:"Ada Vireo"', "author:(", "subscribers[1].rules[2]", id="invalid rule of a subscriber"),
        pytest.param('topics = ["reward"]', 'topics = ["award"]', "did you mean reward?", id="unknown topic"),
        pytest.param("[site]", "[site", "not TOML", id="no TOML"),
        pytest.param("follower@", "READER@", "the same as", id="an address twice"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_status_2_and_nothing_is_done(
    due: Site, old: str, new: str, words: str
) -> None:
    due.configure(CONFIG.replace(old, new))
    for command in (["run", "--date", DAY], ["status"], ["subscribers", "list"]):
        said = due.plain(*due.arguments(*command))  # with no store yet
        assert said.status == 2
        assert words in said.complaint
        assert "digest.toml" in said.complaint
    assert due.files() == [f"inbox/{DAY} a.jsonl"]
    assert not (due.state / "digest.db").exists()


def test_a_configuration_that_was_mended_is_run_as_if_nothing_had_been(due: Site) -> None:
    due.configure(CONFIG.replace("[site]", "[sight]"))
    assert due.plain(*due.arguments("run", "--date", DAY)).status == 2
    due.configure(CONFIG)
    assert due("run", "--date", DAY).status == 0
    assert_all_is_sent_and_published(due)


def test_a_setting_of_the_environment_that_cannot_be_used_is_named(due: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_SMTP__PORT", "secret")
    said = due("run", "--date", DAY)
    assert said.status == 2
    assert "DIGEST_SMTP__PORT" in said.complaint
    assert "secret" not in said.complaint


# --- an invalid rule in the store -------------------------------------------------------------------


def set_in_store(site: Site, column: str, value: object) -> None:
    with closing(sqlite3.connect(site.state / "digest.db")) as store:
        store.execute(f"UPDATE subscribers SET {column} = ? WHERE email = 'eda@example.org'", [json.dumps(value)])
        store.commit()


@pytest.fixture
def spoiled(due: Site) -> Site:
    """Return a site with a subscriber of its own, one of whose rules cannot be read."""
    due("subscribers", "add", "eda@example.org", "--rule", '"Paper 1"', "--rule", "survey", "--exclude", '"Paper 3"')
    set_in_store(due, "rules", [{"query": '"Paper 1"', "name": None, "weight": 1.0}, {"query": "title:(survey"}])
    return due


def test_an_invalid_rule_in_the_store_is_named_with_its_owner_and_costs_nobody_else(spoiled: Site) -> None:
    said = spoiled("run", "--date", DAY, "--json")
    assert said.status == 1
    assert said.err.splitlines()[-1].startswith("digest: eda@example.org: ")
    assert "title:(survey" in said.err
    assert "Traceback" not in said.err
    assert said.json["deliveries"] == {"sent": 3, "failed": 0, "pending": 0}
    assert spoiled.mailed(DAY, "reader@example.org")
    assert spoiled.mailed(DAY, "eda@example.org")  # by the rule that can be read


def test_a_preview_names_a_rule_in_the_store_that_cannot_be_read(spoiled: Site) -> None:
    spoiled("ingest", *spoiled.state.glob("inbox/*"))
    said = spoiled("preview", "--subscriber", "eda@example.org", "--date", DAY)
    assert said.status == 1
    assert "digest: eda@example.org: 'title:(survey': rule, character 7: " in said.err


def test_a_mended_rule_brings_what_it_missed_and_nothing_twice(spoiled: Site) -> None:
    spoiled("run", "--date", DAY)
    set_in_store(spoiled, "rules", [{"query": "paper"}])
    assert spoiled("run", "--date", NEXT).status == 0
    body = spoiled("preview", "--subscriber", "eda@example.org", "--date", DAY).out
    assert "Invented Paper 2" in body
    mail = (spoiled.state / "outbox" / NEXT / "eda@example.org.eml").read_text()
    assert "Invented Paper 2" in mail
    assert "Invented Paper 1 " not in mail
    assert "Invented Paper 3" not in mail


def test_an_invalid_exclusion_brings_nothing_until_it_is_mended(spoiled: Site) -> None:
    set_in_store(spoiled, "rules", [{"query": "paper"}])
    set_in_store(spoiled, "exclude", ['"Paper 3'])
    assert spoiled("run", "--date", DAY).status == 1
    assert not spoiled.mailed(DAY, "eda@example.org")
    set_in_store(spoiled, "exclude", ['"Paper 3"'])
    assert spoiled("run", "--date", DAY).status == 0
    mail = (spoiled.state / "outbox" / DAY / "eda@example.org.eml").read_text()
    assert "Invented Paper 2" in mail
    assert "Invented Paper 3" not in mail
