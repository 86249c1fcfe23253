"""Telling a hub: one form for each feed that changed, and whatever it does, a line at most."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs

import faulty_http
import pytest
import trustme
from faulty_http import answer, serving, stall, then_stall, trickle

from digest.channels import websub
from digest.sources import network

TOPIC, OTHER = "https://digest.example.org/feeds/papers.atom", "https://digest.example.org/feeds/topics/a.json?b=1&c"


def told(page: faulty_http.Page, *topics: str, **limits: float) -> tuple[faulty_http.Web, list[str]]:
    with serving({"/hub?key=1": page}) as web:
        return web, websub.ping(f"http://127.0.0.1:{web.port}/hub?key=1", topics, **limits)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", ["200 OK", "202 Accepted", "204 No Content"])
def test_a_hub_is_told_of_each_feed_by_a_form(status: str) -> None:
    web, failures = told(answer(status), TOPIC, OTHER)
    assert failures == []
    assert [parse_qs(request.body.decode(), strict_parsing=True) for request in web.asked] == [
        {"hub.mode": ["publish"], "hub.url": [topic]} for topic in (TOPIC, OTHER)
    ]
    for request in web.asked:
        assert request.headers["content-type"] == "application/x-www-form-urlencoded"
        assert request.headers["user-agent"].startswith("paper-digest/")
        assert request.headers["host"] == f"127.0.0.1:{web.port}"


def test_where_nothing_changed_nobody_is_asked() -> None:
    assert websub.ping("http://127.0.0.1:9/", []) == []


@pytest.mark.parametrize(
    ("page", "failure"),
    [
        pytest.param(
            answer("400 Bad Request", b"no such\r\n  topic\x1b[m"), r"answers 400: no such topic\[m", id="a no"
        ),
        pytest.param(answer("503 Unavailable"), "answers 503", id="not now"),
        pytest.param(answer("302 Found", location="http://127.0.0.1:9/"), "answers 302", id="elsewhere"),
        pytest.param(answer("404 Not Found", b"word " * 999), "answers 404: word word .*word…", id="at length"),
        pytest.param(b"", "cannot be asked: Server disconnected", id="silence, and the end"),
        pytest.param(b"SMTP ready\r\n\r\n", "cannot be asked: illegal status line", id="no HTTP"),
        pytest.param(stall, "does not answer", id="silence"),
        pytest.param(then_stall(b"HTTP/1.1 200 OK\r\n"), "does not answer", id="half a head"),
        pytest.param(
            trickle(b"HTTP/1.1 200 OK\r\n", b"X-A: y\r\n"),
            "does not answer|not over",
            id="a head without end",
        ),
        pytest.param(
            trickle(b"HTTP/1.1 500 Oh\r\n\r\n", b"y"), "answers 500: yyyyyyyyyyyyyyyy", id="an answer in drops"
        ),
    ],
)
def test_what_a_hub_does_instead_is_one_line(page: faulty_http.Page, failure: str) -> None:
    _, failures = told(page, TOPIC, each=0.3)
    assert len(failures) == 1
    assert failures[0].startswith(f"{TOPIC}: the hub")
    assert re.search(failure, failures[0])
    assert len(failures[0]) < 250
    assert failures[0].isprintable()


def test_of_a_large_answer_only_the_beginning_is_read() -> None:
    flood = faulty_http.Flood(faulty_http.head("500 Internal Server Error"), b"y" * 2**16)
    _, failures = told(flood, TOPIC)
    assert failures[0].startswith(f"{TOPIC}: the hub answers 500: yyy")
    assert flood.sent < 10**8


@pytest.mark.parametrize(
    ("hub", "failure"),
    [
        ("http://127.0.0.1:1/", "the hub cannot be asked: Connection refused"),
        ("ftp://hub.example/", "the hub: the address is one of ftp:, not http: or https:"),
        ("https://me:secret@hub.example/", "the hub: the address holds a name or a password"),
        ("hub", "the hub: the address is one of nothing:, not http: or https:"),
        ("http://[", "the hub: the address cannot be read"),
        ("http://hub.invalid/", "the hub: there is no host hub.invalid, or nobody says where"),
    ],
)
def test_a_hub_that_cannot_be_asked_is_one_line(hub: str, failure: str) -> None:
    assert websub.ping(hub, [TOPIC]) == [f"{TOPIC}: {failure}"]


def test_one_failure_is_not_the_next_ones() -> None:
    with serving({"/": [answer("500 Oh"), answer("204 No Content")]}) as web:
        failures = websub.ping(f"http://127.0.0.1:{web.port}/", [TOPIC, OTHER])
    assert failures == [f"{TOPIC}: the hub answers 500"]
    assert len(web.asked) == 2


def test_when_the_time_for_all_is_over_the_rest_is_told_as_not_tried() -> None:
    time = faulty_http.Time()

    def slowly() -> Iterator[str]:
        for topic in "abcde":
            yield topic
            time.now += 7  # which telling of it took

    with serving({"/": answer("204 No Content")}) as web:
        hub = f"http://127.0.0.1:{web.port}/"
        failures = websub.ping(hub, slowly(), world=network(time.clock, time.sleep))  # type: ignore[arg-type]
    assert failures == ["d: not tried: 20 s are over", "e: not tried: 20 s are over"]
    assert [parse_qs(request.body.decode())["hub.url"] for request in web.asked] == [["a"], ["b"], ["c"]]


def secured(host: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return a server's side for a host, and that of a client who trusts it."""
    authority, server, client = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert(host).configure_cert(server)
    authority.configure_trust(client)
    return server, client


@pytest.mark.parametrize("host", ["127.0.0.1", "hub.example"])
def test_a_hub_by_https_is_told_only_if_it_is_the_one(host: str) -> None:
    server, client = secured(host)
    with serving({"/": answer("204 No Content")}, server) as web:
        world = replace(network(time.monotonic, time.sleep), secure=lambda: client)
        failures = websub.ping(f"https://127.0.0.1:{web.port}/", [TOPIC], world=world)
    assert len(web.asked) == (host == "127.0.0.1")
    assert bool(failures) is (host != "127.0.0.1")
    assert all("certificate" in failure for failure in failures)
