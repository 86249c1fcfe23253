"""Sources of kind url: what is asked, what is brought, and what each fault of a server is called."""

from __future__ import annotations

import gzip
import tracemalloc
from datetime import datetime, timedelta
from typing import Any

import pytest
from asked_sources import NOTHING, NOW, ask_url, cases
from faulty_http import (
    Flood,
    Invented,
    Page,
    answer,
    hasty,
    head,
    late,
    serving,
    stall,
    then_stall,
    trickle,
)

from digest import sources
from digest.settings import Site
from digest.sources import Remembered

GZIP_HEAD = gzip.compress(b"")[:10]
FEED = b"<rss><channel></channel></rss>"


def failed(pages: dict[str, Page | list[Page]], names: Any = None, **keys: Any) -> str:
    """Ask, and return the reason why nothing came."""
    with serving(pages) as web:
        found = ask_url(Invented(web, names), **keys)
    assert found.status == "failed"
    assert found.brought == ()
    assert "\n" not in found.reason
    return found.reason


# ---- what is asked and brought


def test_the_bytes_of_an_answer_are_the_dump_as_they_came():
    body = "Ä page\r\n\x00".encode("latin-1")
    with serving({"/a/feed.xml?x=1": answer(body=body, content_type='text/html; charset="ISO-8859-1"')}) as web:
        found = ask_url(Invented(web), "http://feed.example/a/feed.xml?x=1")
    assert found.status == "brought"
    assert found.brought == (sources.Brought("feed.xml", body),)


def test_a_wrong_charset_changes_no_byte():
    with serving({"/feed": answer(body="é".encode(), content_type="text/plain; charset=utf-16, $$$\x80")}) as web:
        (dump,) = ask_url(Invented(web)).brought
    assert dump.content == "é".encode()


def test_a_dump_without_a_name_in_its_address_has_its_source_s():
    with serving({"/": answer(body=FEED)}) as web:
        assert ask_url(Invented(web), "http://feed.example").brought[0].name == "a"


def test_it_says_who_asks_and_what_it_can_read():
    with serving({"/feed": answer(body=FEED)}) as web:
        ask_url(Invented(web), "http://feed.example:8080/feed")
    assert web.asked[0].headers == {
        "host": "feed.example:8080",
        "connection": "close",
        "user-agent": "paper-digest/test",
        "accept": "*/*",
        "accept-encoding": "gzip",
    }


@cases(
    "site, told",
    {
        "nobody": (Site(), "paper-digest/0.1.0"),
        "a site": (Site(base_url="https://d.example.org"), "paper-digest/0.1.0 (+https://d.example.org)"),
        "an operator": (
            Site(base_url="https://d.example.org", operator="ops@example.org"),
            "paper-digest/0.1.0 (+https://d.example.org; ops@example.org)",
        ),
    },
)
def test_the_name_it_goes_by_says_whom_to_turn_to(site: Site, told: str):
    assert sources.agent(site) == told


def test_what_is_unchanged_is_not_brought_again():
    first = answer(body=FEED, etag='W/"x"', last_modified="Mon, 15 Jun 2026 05:00:00 GMT")
    with serving({"/feed": [first, answer("304 Not Modified")]}) as web:
        invented = Invented(web)
        memory = ask_url(invented).memory
        again = ask_url(invented, memory=sources.remembered(memory.text()))
    assert (again.status, again.memory) == ("unchanged", memory)
    assert web.asked[1].headers["if-none-match"] == 'w/"x"'
    assert web.asked[1].headers["if-modified-since"] == "mon, 15 jun 2026 05:00:00 gmt"


def test_what_one_address_called_its_state_is_not_told_to_another():
    memory = Remembered("http://feed.example/old", '"x"')
    with serving({"/feed": answer(body=FEED)}) as web:
        assert ask_url(Invented(web), memory=memory).status == "brought"
    assert "if-none-match" not in web.asked[0].headers


def test_a_state_s_name_that_is_no_header_is_forgotten():
    with serving({"/feed": answer(body=FEED, etag="é" * 5, last_modified="x" * 2000)}) as web:
        assert ask_url(Invented(web)).memory == Remembered("http://feed.example/feed")


def test_unchanged_without_having_been_asked_so_is_a_failure():
    memory = Remembered("http://feed.example/feed")
    assert failed({"/feed": answer("304 Not Modified")}, memory=memory) == "the server answers 304"


def test_what_cannot_be_remembered_costs_one_answer_in_full():
    assert sources.remembered("{") == sources.remembered('{"etag": 5}') == NOTHING


def test_a_secret_comes_from_the_environment_and_goes_nowhere_else():
    pages = {
        "/feed": answer("302 Found", location="http://other.example/moved"),
        "/moved": answer("302 Found", location="http://feed.example/back"),
        "/back": answer(body=FEED),
    }
    with serving(pages) as web:
        found = ask_url(
            Invented(web),
            headers={"Authorization": "Bearer ${TOKEN}", "user-agent": "me"},
            environ={"TOKEN": "hush"},
        )
    assert found.status == "brought"
    told = [(request.headers["user-agent"], request.headers.get("authorization")) for request in web.asked]
    assert told == [("me", "bearer hush"), ("paper-digest/test", None), ("me", "bearer hush")]


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, "the environment has no TOKEN, which headers need"), ("hu\nsh", "cannot stand in a header")],
    ids=["missing", "two lines"],
)
def test_a_secret_that_cannot_be_sent_is_named_and_not_shown(value: str | None, said: str):
    found = ask_url(Invented(None), headers={"X-Key": "${TOKEN}"}, environ={"TOKEN": value} if value else {})
    assert said in found.reason
    assert "sh" not in found.reason.replace("which", "")


# ---- statuses


@pytest.mark.parametrize("status", ["204 No Content", "206 Partial Content", "401 No", "404 Not Found", "410 Gone"])
def test_a_status_that_brings_nothing_is_told_and_asked_once(status: str):
    with serving({"/feed": answer(status)}) as web:
        found = ask_url(Invented(web), retries=2)
    assert found.reason == f"the server answers {status[:3]}"
    assert len(web.asked) == 1


def test_a_server_s_fault_passes():
    with serving({"/feed": [answer("500 Oh"), answer("503 No"), answer(body=FEED)]}) as web:
        invented = Invented(web)
        assert ask_url(invented, retries=2).status == "brought"
    assert invented.time.slept == [5.0, 20.0]


def test_a_server_s_fault_that_stays_is_told_after_the_last_try():
    with serving({"/feed": answer("500 Oh")}) as web:
        invented = Invented(web)
        assert ask_url(invented, retries=4).reason == "the server answers 500"
    assert len(web.asked) == 5
    assert invented.time.slept == [5.0, 20.0, 60.0, 60.0]


@cases(
    "said, until",
    {
        "seconds": ("120", NOW + timedelta(minutes=2)),
        "a date": ("Mon, 15 Jun 2026 08:30:00 GMT", NOW + timedelta(hours=2, minutes=30)),
        "an old date's form": ("Monday, 15-Jun-26 08:30:00 GMT", NOW + timedelta(hours=2, minutes=30)),
        "a year": ("31536000", NOW + timedelta(days=1)),
        "a date next year": ("Tue, 15 Jun 2027 08:30:00 GMT", NOW + timedelta(days=1)),
        "digits without end": ("9" * 4000, NOW + timedelta(days=1)),
    },
)
def test_a_server_that_says_when_to_come_again_is_left_alone_until_then(said: str, until: datetime):
    with serving({"/feed": [answer("429 Slow", retry_after=said), answer(body=FEED)]}) as web:
        invented = Invented(web)
        found = ask_url(invented, retries=2, memory=Remembered("http://feed.example/feed", '"x"'))
        assert found.status == "failed"
        assert found.memory == Remembered("http://feed.example/feed", '"x"', not_before=until)
        told = f"{until:%Y-%m-%d %H:%M} UTC"
        assert found.reason == f"the server answers 429 and wants to be asked again at {told} at the earliest"
        kept = sources.remembered(found.memory.text())
        held = ask_url(invented, memory=kept, now=until - timedelta(seconds=1))
        assert (held.status, held.memory) == ("held", kept)
        assert held.reason == f"its server wants to be asked again at {told}"
        assert len(web.asked) == 1
        assert ask_url(invented, memory=kept, now=until).memory.not_before is None


@pytest.mark.parametrize("said", ["0", "-5", "soon", "Mon, 15 Jun 2020 08:30:00 GMT", "Mon, 99 Jun 2026 99:30:00 GMT"])
def test_a_time_to_come_again_that_is_none_is_as_if_not_told(said: str):
    with serving({"/feed": [answer("429 Slow", retry_after=said), answer(body=FEED)]}) as web:
        assert ask_url(Invented(web), retries=1).status == "brought"


# ---- answers that break


@cases(
    "page, said",
    {
        "closed before a word": (b"", "the answer breaks off"),
        "closed within the headers": (b"HTTP/1.1 200 OK\r\nX-A: ", "the answer breaks off"),
        "less than declared": (answer(body=FEED, content_length=1000), "the answer breaks off"),
        "chunks without an end": (head(transfer_encoding="chunked") + b"5\r\nhello\r\n", "the answer breaks off"),
        "a chunk of odd length": (head(transfer_encoding="chunked") + b"x\r\n", "the answer is no HTTP"),
        "two lengths": (head(content_length=5, Content_Length=6) + b"hello!", "the answer is no HTTP"),
        "another protocol": (b"220 mail.example ESMTP\r\n\r\n", "the answer is no HTTP"),
        "headers without end": (b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 300_000, "the answer is no HTTP"),
        "gzip without its end": (
            answer(body=gzip.compress(FEED)[:-10], content_encoding="gzip"),
            "the answer breaks off: its gzip has no end",
        ),
        "gzip that is none": (answer(body=FEED, content_encoding="gzip"), "the answer is said to be gzip"),
        "gzip with a wrong sum": (
            answer(body=gzip.compress(FEED)[:-8] + b"12345678", content_encoding="gzip"),
            "the answer is said to be gzip",
        ),
        "packed by what nobody asked for": (
            answer(body=FEED, content_encoding="br"),
            "the answer is packed by 'br', which nobody asked for",
        ),
        "packed twice": (answer(body=FEED, content_encoding="gzip, gzip"), "the answer is packed by 'gzip, gzip'"),
        "nothing at all": (answer(), "the answer is empty"),
    },
)
def test_an_answer_that_breaks_brings_nothing_and_is_told(page: Page, said: str):
    assert failed({"/feed": page}).startswith(said)


def test_silence_at_the_deadline_is_the_deadline_s_and_not_asked_for_again():
    with serving({"/feed": stall}) as web:
        found = ask_url(Invented(web), timeout="1 s", retries=2, limits={"clock": late(0.95)})
    assert found.reason == "not over after 1 s (timeout may be longer)"
    assert len(web.asked) == 1


def test_an_answer_that_is_declared_too_large_is_not_begun():
    with serving({"/feed": then_stall(head(content_length=10**10))}) as web:
        found = ask_url(Invented(web), limits={"silence": 0.05})
    assert found.reason == "the answer is larger than 20 MB (max_size may be more)"


def test_gzip_is_unpacked():
    body = gzip.compress(FEED[:10]) + gzip.compress(FEED[10:])
    with serving({"/feed": answer(body=body, content_encoding="X-GZIP")}) as web:
        assert ask_url(Invented(web)).brought[0].content == FEED


def test_an_answer_that_broke_off_is_asked_for_again():
    with serving({"/feed": [b"", answer(body=FEED)]}) as web:
        assert ask_url(Invented(web), retries=1).status == "brought"


@pytest.mark.parametrize(
    "page",
    [stall, then_stall(b"HTTP/1.1 200 OK\r\nX-A:"), then_stall(answer(body=FEED, content_length=1000))],
    ids=["before", "within the headers", "within the body"],
)
def test_silence_ends_an_answer(page: Page):
    with serving({"/feed": page}) as web:
        found = ask_url(Invented(web), limits={"silence": 0.05})
    assert found.reason == "the server does not answer"


@cases(
    "page",
    {
        "headers that never end": trickle(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
        "answers that are none yet": trickle(b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
        "a body": trickle(head(content_length=10**6), b"."),
        "a body of no length": trickle(head(), b"."),
        "gzip that unpacks to nothing": trickle(head(content_encoding="gzip") + GZIP_HEAD, b"\0\0\0\xff\xff"),
    },
)
def test_an_answer_that_trickles_is_over_at_the_deadline_and_not_asked_for_again(page: Page):
    with serving({"/feed": page}) as web:
        found = ask_url(Invented(web), timeout="1 s", retries=2, limits={"clock": hasty})
    assert found.reason == "not over after 1 s (timeout may be longer)"
    assert len(web.asked) == 1


@cases(
    "start, piece",
    {
        "undeclared": (head(), bytes(2**16)),
        "in chunks": (head(transfer_encoding="chunked"), b"10000\r\n" + bytes(2**16) + b"\r\n"),
        "declared": (head(content_length=10**10), bytes(2**16)),
        "packed": (head(content_encoding="gzip"), gzip.compress(bytes(2**20))),
        "packed, of nothing": (head(content_encoding="gzip") + GZIP_HEAD, b"\0\0\0\xff\xff" * 2**14),
    },
)
def test_an_answer_of_10_gb_is_read_up_to_the_limit_and_held_in_little_memory(start: bytes, piece: bytes):
    flood = Flood(start, piece)
    with serving({"/feed": flood}) as web:
        invented = Invented(web)
        tracemalloc.start()
        try:
            found = ask_url(invented, max_size="2 MB", retries=2)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert found.reason == "the answer is larger than 2 MB (max_size may be more)"
    assert len(web.asked) == 1
    assert flood.sent < 10**8  # what systems hold between the two, above all
    assert peak < 6 * 10**6


def test_a_small_answer_that_unpacks_to_much_ends_at_the_limit():
    body = gzip.compress(bytes(50 * 10**6))
    assert len(body) < 100_000
    said = failed({"/feed": answer(body=body, content_encoding="gzip")}, max_size="500 kB")
    assert said == "the answer is larger than 500 kB (max_size may be more)"


def test_a_fault_of_one_source_is_no_matter_for_the_next():
    with serving({"/bad": b"nonsense", "/feed": answer(body=FEED)}) as web:
        invented = Invented(web)
        found = [ask_url(invented, f"http://feed.example/{name}").status for name in ("feed", "bad", "feed")]
    assert found == ["brought", "failed", "brought"]
