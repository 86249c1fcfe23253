"""From the envelope to the bounce: what goes out over SMTP comes back, and is told by the path that it was given."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from functools import partial

import pytest
from command_line import Site, paper
from returned import bounce
from scripted_server import Script, running

from digest.pipeline.context import open_context

DAYS = ("2026-06-15", "2026-06-16", "2026-06-17", "2026-06-18")
READER, OTHER = "reader@example.org", "follower@example.org"
RETURN = "bounces@example.org"

Served = Callable[..., Script]


@pytest.fixture
def serve(site: Site) -> Iterator[Served]:
    """Start a server that plays by a script, and have the site send there; bounces come to an address."""
    with ExitStack() as stack:

        def start(faults: dict[tuple[str, str], str], returns: str = RETURN) -> Script:
            script = Script(faults)
            port = stack.enter_context(running(script.start))
            way = f'[smtp]\nhost = "127.0.0.1"\nport = {port}\n'
            site.configure(f'{site.config.read_text()}[delivery]\nchannel = "smtp"\nreturn_path = "{returns}"\n{way}')
            return script

        yield start


def run(site: Site, day: str, number: int) -> None:
    site.drop(f"{day} a.jsonl", paper(number))
    site("run", "--date", day, "--force")


def run_at(monkeypatch: pytest.MonkeyPatch, site: Site, day: str, number: int) -> None:
    """Run a day at eight on that day."""
    moment = datetime.fromisoformat(f"{day}T08:00:00+00:00")
    monkeypatch.setattr("digest.cli.world.open_context", partial(open_context, clock=lambda: moment))
    run(site, day, number)


def return_paths(script: Script) -> dict[str, str]:
    """Return whose message went out under which envelope sender."""
    lines = [line for connection in script.commands for line in connection]
    found = re.findall(r"MAIL FROM:<([^>]*)>.*?RCPT TO:<([^>]*)>", "\n".join(lines), re.DOTALL)
    return {recipient: sender for sender, recipient in found}


def id_of(script: Script, recipient: str) -> str:
    data = next(data for to, data in script.taken if to == recipient)
    return re.findall(rb"^Message-ID: *(\S+)\r$", data, re.MULTILINE | re.IGNORECASE)[0].decode()


def test_each_message_goes_out_under_a_return_path_of_its_own_that_tells_its_bounce(site: Site, serve: Served) -> None:
    script = serve({})
    run(site, DAYS[0], 1)
    paths = return_paths(script)
    assert set(paths) == {READER, OTHER}
    assert all(re.fullmatch(r"bounces\+\d+\.[a-z2-7]{26}@example\.org", path) for path in paths.values())
    # As of a service that puts its own Message-ID into what it returns.
    said = site("bounces", "ingest", "-", "--json", stdin=bounce("<of@the.service>", to=paths[OTHER]))
    [report] = said.json["reports"]
    assert (report["email"], report["date"], report["failed"]) == (OTHER, DAYS[0], True)


def test_a_message_on_trial_goes_out_under_a_return_path_too_which_is_no_delivery_s(site: Site, serve: Served) -> None:
    script = serve({})
    assert site("send-test", READER).status == 0
    path = return_paths(script)[READER]
    assert path.startswith("bounces+0.")
    said = site("bounces", "ingest", "-", "--json", stdin=bounce("<of@the.service>", to=path))
    assert (said.json["foreign"], said.json["reports"]) == (1, [])


def test_a_sender_of_an_international_domain_is_one_that_every_server_takes(site: Site, serve: Served) -> None:
    site.configure(site.config.read_text().replace("<digest@example.org>", "<digest@bücher.example.org>"))
    script = serve({}, "")
    run(site, DAYS[0], 1)
    assert set(return_paths(script).values()) == {"digest@xn--bcher-kva.example.org"}
    said = site("bounces", "ingest", "-", "--json", stdin=bounce(id_of(script, OTHER)))
    assert said.json["reports"][0]["email"] == OTHER
    assert [finding for finding in site("doctor", "--json").json["findings"] if finding["check"] == "templates"] == [
        {"check": "templates", "verdict": "ok", "told": "a message can be made", "mend": ""}
    ]


@pytest.mark.parametrize("written", ["bücher.example.org", "xn--bcher-kva.example.org", "BÜCHER.example.org", "ü..ü"])
def test_a_return_path_of_an_international_domain_is_told_in_either_form(
    site: Site, serve: Served, written: str
) -> None:
    script = serve({}, "bounces@bücher.example.org")
    run(site, DAYS[0], 1)
    local, _, domain = return_paths(script)[OTHER].rpartition("@")
    assert domain == "xn--bcher-kva.example.org"
    said = site("bounces", "ingest", "-", "--json", stdin=bounce("<of@the.service>", to=f"{local}@{written}"))
    assert [report["email"] for report in said.json["reports"]] == ([OTHER] if ".example" in written else [])


def test_who_is_refused_on_three_days_is_suppressed_and_the_others_are_served(
    site: Site, serve: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = serve({("RCPT", READER): "550 5.1.1 User unknown"})
    states = []
    for number, day in enumerate(DAYS):
        run_at(monkeypatch, site, day, number + 1)
        states.append(site("subscribers", "show", READER, "--json").json["state"])
    assert states == ["active", "active", "suppressed", "suppressed"]
    asked = [line for lines in script.commands for line in lines if line.startswith(f"RCPT TO:<{READER}>")]
    assert len(asked) == 3
    assert [recipient for recipient, _ in script.taken] == [OTHER] * 4


def test_who_is_refused_for_policy_is_asked_again_each_day(
    site: Site, serve: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve({("RCPT", READER): "550 5.7.1 blocked, see our list"})
    for number, day in enumerate(DAYS):
        run_at(monkeypatch, site, day, number + 1)
    assert site("subscribers", "show", READER, "--json").json["state"] == "active"
