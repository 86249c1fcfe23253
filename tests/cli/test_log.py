"""The log: an event a line, what it says of a whole run with failures, and that nobody's address is in it."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Site, paper
from recording_server import Recording, recording

from digest.cli.logs import Lines
from digest.pipeline.telling import codes

ROOT = Path(__file__).parents[2]
DAY, NEXT = "2026-06-15", "2026-06-16"
CONFIG = """
[site]
base_url = "https://digest.example.org"
sender = "Digest <digest@example.org>"
[delivery]
channel = "smtp"
suppress_after = 1
[smtp]
port = {port}
host = "127.0.0.1"
tls = "none"
{more}
[[subscribers]]
email = "ada.vireo@example.org"
rules = ["reward"]
[[subscribers]]
email = "gone.tarn@example.org"
rules = ["reward"]
[[subscribers]]
email = "later.quill@example.org"
rules = ["reward"]
[[topics]]
slug = "all"
title = "All"
rules = ["*"]
"""
_FIELD = re.compile(r'([a-z_]+)=("(?:[^"\\]|\\.)*"|[^\s"=]+)(?: |$)')


@pytest.fixture
def server() -> Iterator[Recording]:
    with recording() as found:
        yield found


def read(log: str) -> list[dict[str, str]]:
    """Read a log back, as programs do."""
    found = []
    for line in log.splitlines():
        assert _FIELD.sub("", line) == "", line
        found.append({k: json.loads(v) if v.startswith('"') else v for k, v in _FIELD.findall(line)})
    return found


def events(log: str) -> list[str]:
    return [line["event"] for line in read(log)]


def run(site: Site, server: Recording, *options: str, more: str = "", day: str = DAY) -> str:
    """Run a day on which one is written to, one's address is gone, one waits, and dumps and rules are refused."""
    site.configure(CONFIG.format(port=server.port, more=more))
    site.drop(f"{day} page.jsonl", paper(int(day[-2:])))
    (site.state / "inbox" / f"{day} ada.vireo@example.org.txt").write_text("Nothing of this is a listing.\n")
    said = site("run", "--date", day, "--force", *options)
    assert said.status == 1
    return said.err


def test_a_run_tells_its_events_in_their_order(site: Site, server: Recording) -> None:
    log = run(site, server, "--log")
    assert events(log) == [
        "run.started",
        "dump.rejected",
        "dump.ingested",
        "editions.composed",
        *events(log)[4:-1],
        "run.ended",
    ]
    ended = read(log)[-1]
    assert (ended["date"], ended["sent"], ended["failed"], ended["pending"]) == (DAY, "1", "1", "1")
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["at"]) for line in read(log))


def test_each_change_of_a_delivery_is_told_by_number_with_the_codes_of_the_server(
    site: Site, server: Recording
) -> None:
    log = [line for line in read(run(site, server, "--log")) if line["event"] == "delivery.changed"]
    assert sorted((line["old"], line["new"], line.get("codes", "")) for line in log) == [
        ("sending", "deferred", "451 4.7.1"),
        ("sending", "failed", "550 5.1.1"),
        ("sending", "sent", "250 2.0.0"),
    ]
    (failed,) = [line for line in log if line["new"] == "failed"]
    assert failed["level"] == "warning"
    assert site("deliveries", "show", failed["delivery"], "--json").json["email"] == "gone.tarn@example.org"


def test_who_is_suppressed_is_told_by_number(site: Site, server: Recording) -> None:
    (line,) = [line for line in read(run(site, server, "--log")) if line["event"] == "subscriber.suppressed"]
    assert line["codes"] == "550 5.1.1"
    assert line["subscriber"].isdecimal()


def test_no_address_and_no_name_of_one_is_in_the_log_of_a_run_with_failures(site: Site, server: Recording) -> None:
    log = run(site, server, "--log")
    assert "550 5.1.1" in log  # whose words name the address
    for secret in ("example.org", "vireo", "tarn", "quill"):
        assert secret not in log
    assert re.findall(r"[^\s…]@|@[^\s…]", log) == []


def test_a_channel_that_refuses_is_told_without_the_senders_address(site: Site, server: Recording) -> None:
    run(site, server, more='username = "digest@example.org"\npassword = "x"')
    log = run(site, server, "--log", more='username = "digest@example.org"\npassword = "x"', day=NEXT)
    (line,) = [line for line in read(log) if line["event"] == "channel.refused"]
    assert line["text"].startswith("SMTP server 127.0.0.1:")
    assert "example.org" not in log


def test_addresses_and_replies_stand_in_the_log_where_they_are_asked_for(site: Site, server: Recording) -> None:
    log = run(site, server, more="[log]\nevents = true\naddresses = true")
    (failed,) = [line for line in read(log) if line.get("new") == "failed"]
    assert failed["email"] == "gone.tarn@example.org"
    assert failed["reply"] == "550 5.1.1 <gone.tarn@example.org>: no such user"


def test_the_configuration_can_ask_for_the_log_of_each_run(site: Site, server: Recording) -> None:
    assert events(run(site, server, more="[log]\nevents = true"))[0] == "run.started"


def test_a_run_that_is_not_asked_for_its_log_complains_to_people(site: Site, server: Recording) -> None:
    said = run(site, server)
    assert "digest: gone.tarn@example.org: 550 5.1.1" in said
    assert "event=" not in said


def test_every_event_that_the_program_tells_is_explained_to_operators() -> None:
    code = "".join(path.read_text("utf-8") for path in sorted((ROOT / "digest").rglob("*.py")))
    told = set(re.findall(r'\btell\(\s*"([a-z.]+)"', code)) | {"channel.refused", "sending.stopped", "dump.rejected"}
    documented = (ROOT / "docs" / "operators.md").read_text("utf-8").split("\n### The log\n")[1].split("\n## ")[0]
    assert len(told) > 8
    assert {event for event in told if f"`{event}`" not in documented} == set()


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ("550 5.1.1 <x@example.org>: no such user", "550 5.1.1"),
        ("550-5.1.1 Gmail says no", "550 5.1.1"),
        ("421 closing", "421"),
        ("given up after 5 d: 451 4.7.1 greylisted", "451 4.7.1"),
        ("Connection lost", None),
        ("written to 2026 and 1250 others", None),
        ("/srv/user500/state/outbox/2026-06-15/a@example.org.eml", None),
        ("/srv/450/outbox/x.eml", None),
    ],
)
def test_of_a_reply_the_codes_are_told(reply: str, found: str | None) -> None:
    assert codes(reply) == found


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("plain", "text=plain", id="one word"),
        pytest.param("two words", 'text="two words"', id="words"),
        pytest.param('a "quote" \\', r'text="a \"quote\" \\"', id="signs that quotes need"),
        pytest.param("a\nb\r\x1b[31m", 'text="a b [31m"', id="what a terminal would obey"),
        pytest.param("to <ada@example.org>, Bob", 'text="to <…@…>, Bob"', id="an address in brackets"),
        pytest.param("ada+17=x@example.org", "text=…@…", id="an address with an equals sign"),
        pytest.param("mailto:a@x.org?b", "text=mailto:…@…", id="a link to write to"),
        pytest.param("ärger@bücher.example", "text=…@…", id="an international address"),
        pytest.param("@", "text=…@…", id="a sign alone"),
    ],
)
def test_a_text_of_others_is_one_field_without_addresses(text: str, line: str) -> None:
    record = logging.LogRecord("digest.web", logging.INFO, "", 0, "%s", (text,), None)
    told = Lines(addresses=False).format(record)
    assert told.partition(" event=web ")[2] == line
    assert "\n" not in told


def test_an_error_of_the_program_is_one_line() -> None:
    error = ValueError("no\nsuch user ada@example.org")
    record = logging.LogRecord("others", logging.ERROR, "", 0, "job failed", (), (ValueError, error, None))
    told = Lines(addresses=False).format(record)
    assert told.endswith(' event=others text="job failed: unexpected ValueError: no such user …@…"')
