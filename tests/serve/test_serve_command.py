"""`digest serve` as people start it: a process of its own, real HTTP, real signals, the real clock."""

from __future__ import annotations

import signal
import socket
import time
from pathlib import Path

import httpx
import pytest
from serve_site import PUBLISHED, Site
from service_process import PATIENCE, end, serving, wait_for

from digest.cli import main
from digest.pipeline.envelopes import edition_token, unsubscribe_token

CONFIG = """
[schedule]
catch_up = "2 d"     # so that 07:00 is never too long ago

[[topics]]
slug = "rewards"
title = "Rewards"
rules = ["reward"]
"""
PEOPLE = "".join(
    f'[[subscribers]]\nemail = "{name}@example.org"\ntimezone = "{zone}"\nrules = ["reward"]\n'
    for name, zone in (("berlin", "Europe/Berlin"), ("denver", "America/Denver"))
)


@pytest.mark.slow
def test_it_takes_in_delivers_publishes_answers_and_ends_when_told(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG + PEOPLE)
    state = tmp_path / "state"
    # Dumps and readers are there before it starts; the clock is the real one.
    own = Site(state, CONFIG)
    own.now = own.now.fromtimestamp(time.time() - 86400, own.now.tzinfo)
    own.drop("page.jsonl", 1, 2)
    with serving(tmp_path) as (process, address), httpx.Client(base_url=address) as client:
        wait_for(lambda: own.rows("SELECT count(*) FROM deliveries WHERE state = 'sent'") == [(2,)])
        wait_for(lambda: client.get("/feeds/topics/rewards.atom").status_code == 200)
        assert {mail.rpartition("/")[2] for mail in own.mails()} == {"berlin@example.org", "denver@example.org"}
        assert client.get("/healthz").text == "ok\n"
        secret = own.context.store.secret()
        ((berlin, edition), *_) = own.rows(
            "SELECT recipient_id, edition_id FROM deliveries JOIN subscribers USING (recipient_id) ORDER BY email"
        )
        assert "Invented Paper 1" in client.get(f"/editions/{edition_token(secret, edition)}").text
        link = f"/unsubscribe/{unsubscribe_token(secret, berlin)}"
        assert "berlin@example.org" in client.get(link).text
        assert own.rows("SELECT state FROM subscribers ORDER BY email") == [("active",), ("active",)]
        assert client.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
        assert own.rows("SELECT state FROM subscribers ORDER BY email") == [("left",), ("active",)]
        assert end(process) == 0
        log = (tmp_path / "log").read_text()
    assert "Traceback" not in log
    assert link.rpartition("/")[2] not in log
    assert "POST /unsubscribe/… 200" in log
    assert log.splitlines()[-1] == "ended"
    mails = own.mails()
    # Once more from the start: whoever has today's edition gets nothing, and nothing is lost.
    with serving(tmp_path) as (process, address):
        assert httpx.get(f"{address}/feeds/papers.atom").status_code == 200
        assert end(process, signal.SIGINT) == 0
    assert own.mails() == mails
    own.context.store.close()


@pytest.mark.slow
def test_garbage_on_the_wire_ends_neither_the_process_nor_its_manners(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(PUBLISHED)
    with serving(tmp_path) as (process, address):
        host, port = address.removeprefix("http://").split(":")
        answers = []
        for garbage in (b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET /%00%ff%0d%0a HTTP/1.1\r\nHost: x\r\n\r\n"):
            with socket.create_connection((host, int(port)), timeout=PATIENCE) as client:
                client.sendall(garbage)
                answers.append(client.recv(12))
        assert answers == [b"HTTP/1.1 400", b"HTTP/1.1 404"]
        assert httpx.get(f"{address}/healthz").status_code == 200
        assert end(process) == 0
    assert "Traceback" not in (tmp_path / "log").read_text()


@pytest.mark.slow
def test_it_ends_while_somebody_keeps_a_connection_open(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(PUBLISHED)
    with serving(tmp_path) as (process, address):
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as client:
            client.sendall(b"POST /unsubscribe/x HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\nhalf")
            assert end(process) == 0


def configured(tmp_path: Path, toml: str = "") -> list[str]:
    path = tmp_path / "config.toml"
    path.write_text(toml)
    return ["serve", "--config", str(path), "--state", str(tmp_path / "state")]


def test_a_port_that_is_taken_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main([*configured(tmp_path), "--port", str(port)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"digest: 127.0.0.1:{port}: cannot listen: address already in use (choose ")


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["--port", "70000"], 2, "--port: 70000 is not a port"),
        (["--host", "192.0.2.1"], 1, "192.0.2.1:8000: cannot listen"),  # RFC 5737: nobody's
        (["--host", "x" * 300], 1, "cannot listen"),
    ],
    ids=["no port", "somebody else's address", "no host's name"],
)
def test_an_address_that_is_none_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, told: str
) -> None:
    assert main([*configured(tmp_path), *arguments]) == status
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line


def test_a_broken_template_is_told_before_anything_starts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "own" / "web").mkdir(parents=True)
    (tmp_path / "own" / "web" / "base.html").write_text("{% if %}")
    assert main([*configured(tmp_path, '[site]\ntemplates = "own"\n'), "--port", "0"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "web/base.html" in line
