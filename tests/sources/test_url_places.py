"""Sources of kind url: where a request may go, by redirects, by names, by TLS."""

from __future__ import annotations

import gzip
import ssl
import time
from pathlib import Path

import pytest
import trustme
from asked_sources import NOTHING, NOW, ask_url, cases
from faulty_http import (
    PUBLIC,
    PUBLIC_TOO,
    Flood,
    Invented,
    answer,
    hasty,
    head,
    serving,
    trickle,
)

from digest import sources
from digest.settings import SourceSetting
from digest.sources import Remembered

GZIP_HEAD = gzip.compress(b"")[:10]
FEED = b"<rss><channel></channel></rss>"


# ---- redirects


def test_a_redirect_is_followed_and_what_answered_is_remembered():
    pages = {"/feed": answer("301 Moved", location="/new?x=ü y#z"), "/new?x=%C3%BC%20y": answer(body=FEED, etag='"x"')}
    with serving(pages) as web:
        found = ask_url(Invented(web))
    assert found.memory == Remembered("http://feed.example/new?x=%C3%BC%20y", '"x"')
    assert found.brought[0].name == "new"


@cases(
    "location, said",
    {
        "this machine": ("http://127.0.0.1/", "the address 127.0.0.1 may not be asked: it is this machine's"),
        "another port of it": ("http://127.0.0.1:22/", "the address 127.0.0.1 may not be asked"),
        "a cloud's own": ("http://169.254.169.254/latest/", "the address 169.254.169.254 may not be asked: it is link"),
        "this machine, IPv6": ("http://[::1]/", "the address ::1 may not be asked: it is this machine's"),
        "mapped": ("http://[::ffff:127.0.0.1]/", "the address ::ffff:7f00:1 may not be asked: it is IPv4 in disguise"),
        "translated": ("http://[64:ff9b::127.0.0.1]/", "the address 64:ff9b::7f00:1 may not be asked: it is this"),
        "decimal": (
            "http://2130706433/",
            "is redirected to what cannot be asked: the address names its host by",
        ),
        "octal": ("http://0177.0.0.1/", "is redirected to what cannot be asked: the address names its host by"),
        "hexadecimal": (
            "http://0x7f.1/",
            "is redirected to what cannot be asked: the address names its host by",
        ),
        "short": ("http://127.1/", "is redirected to what cannot be asked: the address names its host by"),
        "wide digits": ("http://１２７.0.0.1/", "the address 127.0.0.1 may not be asked: it is this machine's"),
        "with a full stop": ("http://127.0.0.1./", "the address 127.0.0.1 may not be asked: it is this machine's"),
        "a zone": ("http://[fe80::1%25lo]/", "is redirected to what cannot be asked: the address names its host by an"),
        "a file": ("file:///etc/passwd", "is redirected to what cannot be asked: the address is one of file:, not"),
        "ftp": ("ftp://feed.example/", "is redirected to what cannot be asked: the address is one of ftp:, not"),
        "gopher": (
            "gopher://feed.example:25/x",
            "is redirected to what cannot be asked: the address is one of gopher",
        ),
        "with a password": ("http://a:b@feed.example/", "is redirected to what cannot be asked: the address holds a"),
        "a backslash": ("http://other.example\\@feed.example/", "is redirected to what cannot be asked: the address"),
        "no host": ("https:///x", "is redirected to what cannot be asked: the address names no host"),
        "an odd port": ("http://feed.example:99999/", "is redirected to what cannot be asked: the address cannot be"),
        "half an address": ("http://[::1", "is redirected to what cannot be asked: the address cannot be read"),
        "without end": ("/" + "a" * 9000, "is redirected to what cannot be asked: the address is longer than"),
        "a name of the machine's": (
            "http://inside.example/",
            "the address 10.0.0.5 of inside.example may not be",
        ),
        "a name that nobody has": ("http://nobody.example/", "there is no host nobody.example, or nobody says where"),
        "nowhere": ("", "the server answers 302, and not where else to ask"),
    },
)
def test_a_redirect_to_what_may_not_be_asked_is_not_followed(location: str, said: str):
    names = {"feed.example": [[PUBLIC]], "inside.example": [["10.0.0.5"]]}
    with serving({"/feed": answer("302 Found", location=location)}) as web:
        invented = Invented(web, names)
        found = ask_url(invented)
    assert found.reason.startswith(said)
    assert invented.went == [(PUBLIC, 80)]


def test_redirects_without_end_end_after_five():
    with serving({"/feed": answer("302 Found", location="/feed")}) as web:
        said = ask_url(Invented(web), retries=2).reason
    assert said == "is redirected more than 5 times, the last time to feed.example"
    assert len(web.asked) == 6


def test_each_redirect_waits_for_its_host_s_turn():
    pages = {"/feed": answer("302 Found", location="/b"), "/b": answer("302 Found", location="http://other.example/c")}
    with serving({**pages, "/c": answer(body=FEED)}) as web:
        invented = Invented(web)
        assert ask_url(invented).status == "brought"
    assert invented.time.slept == [3.0]


def test_a_body_beside_a_redirect_is_not_read():
    flood = Flood(head("302 Found", location="/b"))
    with serving({"/feed": flood, "/b": answer(body=FEED)}) as web:
        assert ask_url(Invented(web)).status == "brought"
    assert flood.sent < 10**8


# ---- names and addresses


def test_the_connection_goes_to_the_address_that_was_looked_at():
    with serving({"/feed": answer(body=FEED)}) as web:
        invented = Invented(web)
        ask_url(invented)
    assert invented.looked_up == {"feed.example": 1}
    assert invented.went == [(PUBLIC, 80)]


def test_a_name_that_leads_elsewhere_the_second_time_gains_nothing():
    """DNS rebinding: between look and connection no second answer is asked for; the next request's is looked at."""
    with serving({"/feed": [answer("302 Found", location="/secret"), answer(body=FEED)]}) as web:
        invented = Invented(web, {"feed.example": [[PUBLIC], ["127.0.0.1"]]})
        found = ask_url(invented)
    assert found.reason.startswith("the address 127.0.0.1 of feed.example may not be asked: it is this machine's")
    assert invented.went == [(PUBLIC, 80)]
    assert [request.path for request in web.asked] == ["/feed"]


def test_one_private_address_among_several_spoils_them_all():
    invented = Invented(None, {"feed.example": [[PUBLIC, PUBLIC_TOO, "192.168.1.1"]]})
    assert ask_url(invented).reason.startswith("the address 192.168.1.1 of feed.example may not be asked: it is priv")
    assert invented.went == []


def test_a_server_in_one_s_own_network_is_asked_if_that_is_allowed():
    with serving({"/feed": answer(body=FEED)}) as web:
        invented = Invented(web, {"feed.example": [["10.0.0.5"]]})
        assert ask_url(invented, allow_private=True).status == "brought"
    assert invented.went == [("10.0.0.5", 80)]


def test_the_next_address_is_tried_where_one_does_not_answer():
    with serving({"/feed": answer(body=FEED)}) as web:
        invented = Invented(web, {"feed.example": [[PUBLIC_TOO, PUBLIC]]})
        invented.dead.add(PUBLIC_TOO)
        assert ask_url(invented).status == "brought"
    assert invented.went == [(PUBLIC_TOO, 80), (PUBLIC, 80)]


def test_a_server_that_nobody_reaches_is_told_and_tried_again():
    invented = Invented(None)
    assert ask_url(invented, retries=1).reason == "the server cannot be reached: no connection"
    assert len(invented.went) == 2


def test_a_name_that_nobody_looks_up_in_time_is_told(monkeypatch: pytest.MonkeyPatch):
    invented = Invented(None)

    def slow(host: str, patience: float) -> list[str]:
        raise TimeoutError

    monkeypatch.setattr(invented, "resolve", slow)
    assert ask_url(invented).reason == "nobody says where feed.example is"


@pytest.mark.slow  # it waits its turn, for three seconds
def test_the_real_network_asks_this_machine_if_that_is_allowed_and_not_otherwise():
    with serving({"/feed": answer(body=FEED)}) as web:
        real = sources.World(Path(), {}, "paper-digest/test", sources.network(time.monotonic, time.sleep))
        own = {"name": "a", "kind": "url", "url": f"http://localhost:{web.port}/feed", "retries": 0}
        found = [
            sources.fetch(sources.make(SourceSetting(**own, allow_private=allowed), real), NOTHING, NOW)
            for allowed in (False, True)
        ]
    assert "of localhost may not be asked: it is this machine's" in found[0].reason
    assert found[1].brought[0].content == FEED
    assert len(web.asked) == 1


def test_a_proxy_that_the_environment_names_is_not_used(monkeypatch: pytest.MonkeyPatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving({"/feed": answer(body=FEED)}) as web:
        assert ask_url(Invented(web)).status == "brought"


# ---- TLS


def secured(host: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server of that name shows, and what a client believes."""
    authority = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert(host).configure_cert(server)
    authority.configure_trust(client)
    return server, client


def test_a_certificate_is_checked_for_the_name_though_the_connection_goes_to_an_address():
    server, client = secured("feed.example")
    with serving({"/feed": answer(body=FEED)}, server) as web:
        invented = Invented(web)
        assert ask_url(invented, "https://feed.example/feed", limits={"secure": client}).status == "brought"
    assert invented.went == [(PUBLIC, 443)]


def test_a_certificate_of_another_name_is_not_good_and_not_asked_again():
    server, client = secured("other.example")
    with serving({"/feed": answer(body=FEED)}, server) as web:
        invented = Invented(web)
        found = ask_url(invented, "https://feed.example/feed", limits={"secure": client}, retries=2)
    assert found.reason.startswith("the server's certificate is not good: Hostname mismatch")
    assert len(invented.went) == 1


def test_the_deadline_holds_within_tls():
    server, client = secured("feed.example")
    with serving({"/feed": trickle(head(), b".")}, server) as web:
        found = ask_url(
            Invented(web), "https://feed.example/feed", timeout="2 s", limits={"secure": client, "clock": hasty}
        )
    assert found.reason == "not over after 2 s (timeout may be longer)"


def test_an_answer_is_not_led_away_from_tls():
    server, client = secured("feed.example")
    with serving({"/feed": answer("302 Found", location="http://feed.example/")}, server) as web:
        found = ask_url(Invented(web), "https://feed.example/feed", limits={"secure": client})
    assert found.reason == "is redirected from https: to http:, at feed.example"


def test_a_server_that_speaks_no_tls_is_told():
    _, client = secured("feed.example")
    with serving({"/feed": answer(body=FEED)}) as web:
        found = ask_url(Invented(web), "https://feed.example/feed", limits={"secure": client, "connecting": 0.05})
    assert found.reason == "the server cannot be reached: no answer"
