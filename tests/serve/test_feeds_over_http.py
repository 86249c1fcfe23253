"""Feeds as readers get them, by real HTTP: what is said of them, and how little is sent when nothing changed."""

from __future__ import annotations

import gzip
import logging
import os
import threading
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from serve_site import PUBLISHED, Site
from served_feeds import Answer, Served, listening

from digest.service import feed_addresses
from digest.web import feed_files, forms, public

PAPERS = "/feeds/papers.atom"
PUBLIC_HEADERS = {"cache-control": "public, max-age=300", "access-control-allow-origin": "*"}
ARCHIVE_HEADERS = PUBLIC_HEADERS | {"cache-control": "public, max-age=31536000, immutable"}


@pytest.fixture
def own(site: Callable[..., Site], published: Path) -> Site:
    return site(PUBLISHED, published)


@pytest.fixture
def served(own: Site) -> Iterator[Served]:
    with listening(own.context) as found:
        yield found


def replace(own: Site, path: str, content: bytes, modified: float | None = None) -> None:
    """Write a file as publishing does: another takes its place."""
    file = own.state / "public" / path.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.part")
    part.write_bytes(content)
    if modified:
        os.utime(part, (modified, modified))
    part.replace(file)


def told(answer: Answer) -> dict[str, str]:
    """Return the header fields, less what is of the moment."""
    return {name: value for name, value in answer.headers.items() if name != "date"}


def test_a_feed_is_what_was_published_with_all_that_is_said_of_it(own: Site, served: Served) -> None:
    file = own.state / "public" / "feeds" / "papers.atom"
    os.utime(file, (1, own.now.timestamp() - 60))
    answer = served.ask(PAPERS)
    assert (answer.status, answer.body) == (200, file.read_bytes())
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["etag"].startswith('"')
    assert parsedate_to_datetime(answer.headers["last-modified"]).timestamp() == own.now.timestamp() - 60
    assert answer.headers.items() >= PUBLIC_HEADERS.items()
    assert "content-encoding" not in answer.headers


def test_who_accepts_gzip_gets_the_same_packed_under_a_tag_of_its_own(served: Served) -> None:
    plain, packed = served.ask(PAPERS), served.ask(PAPERS, accept_encoding="gzip")
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body)
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["etag"] == f'{plain.headers["etag"][:-1]}-gz"'
    same = ("content-type", "vary", "cache-control", "last-modified", "access-control-allow-origin")
    assert all(packed.headers[name] == plain.headers[name] for name in same)
    assert served.ask(PAPERS, accept_encoding="gzip;q=0").body == plain.body


@pytest.mark.parametrize("accepted", ["identity", "gzip"])
@pytest.mark.parametrize(
    ("fields", "status"),
    [
        pytest.param({"if_none_match": "{etag}"}, 304, id="its tag"),
        pytest.param({"if_none_match": 'W/{etag}, "other"'}, 304, id="its tag, weak, in a list"),
        pytest.param({"if_none_match": "*"}, 304, id="any tag"),
        pytest.param({"if_modified_since": "{modified}"}, 304, id="its date"),
        pytest.param({"if_modified_since": "Tue, 01 Jan 2099 00:00:00 GMT"}, 304, id="a later date"),
        pytest.param({"if_none_match": "{etag}", "if_modified_since": "nonsense"}, 304, id="its tag, and no date"),
        pytest.param({"if_none_match": '"other"'}, 200, id="another tag"),
        pytest.param({"if_none_match": '"other"', "if_modified_since": "{modified}"}, 200, id="the tag wins"),
        pytest.param({"if_modified_since": "Thu, 01 Jan 1970 00:00:00 GMT"}, 200, id="an earlier date"),
        pytest.param({"if_modified_since": "nonsense"}, 200, id="no date"),
        pytest.param({"if_match": '"other"'}, 200, id="what is for changing things"),
        pytest.param({"range": "bytes=0-9"}, 200, id="a part, which is not given"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_feed_is_sent_only_to_who_has_it_not(
    served: Served, method: str, accepted: str, fields: dict[str, str], status: int
) -> None:
    first = served.ask(PAPERS, accept_encoding=accepted)
    known = {"etag": first.headers["etag"], "modified": first.headers["last-modified"]}
    asked = {name: value.format(**known) for name, value in fields.items()}
    answer = served.ask(PAPERS, method, accept_encoding=accepted, **asked)
    assert answer.status == status
    assert answer.body == (first.body if status == 200 and method == "GET" else b"")
    if status == 200:
        assert told(answer) == told(first)
    else:
        kept = ("etag", "vary", "cache-control", "access-control-allow-origin")
        assert {name: answer.headers.get(name) for name in kept} == {name: first.headers[name] for name in kept}
        assert "content-type" not in answer.headers
        assert "date" in answer.headers


def test_a_list_may_come_in_several_lines(served: Served) -> None:
    tag = served.ask(PAPERS).headers["etag"]
    for lines in ((tag, '"other"'), ('"other"', tag)):
        assert served.ask(PAPERS, if_none_match=lines).status == 304
    assert "content-encoding" in served.ask(PAPERS, accept_encoding=("br", "gzip")).headers


@pytest.mark.parametrize("accepted", ["identity", "gzip"])
def test_head_is_told_the_same_as_get_and_sent_nothing(served: Served, accepted: str) -> None:
    got, head = (served.ask(PAPERS, method, accept_encoding=accepted) for method in ("GET", "HEAD"))
    assert told(head) == told(got)
    assert (head.status, head.body) == (200, b"")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/feeds/papers.json", PUBLIC_HEADERS),
        ("/feeds/papers/daily.json", PUBLIC_HEADERS),
        ("/feeds/topics/rewards.json", PUBLIC_HEADERS),
        ("/feeds/topics/2026-06-15.json", PUBLIC_HEADERS),
        ("/feeds/topics/daily.json", PUBLIC_HEADERS),
        ("/feeds/topics/daily/daily.json", PUBLIC_HEADERS),
        ("/feeds/papers/2026-06-15.json", ARCHIVE_HEADERS),
        ("/feeds/papers/daily/2026-06.json", ARCHIVE_HEADERS),
        ("/feeds/topics/rewards/2026-06-15.json", ARCHIVE_HEADERS),
        ("/feeds/topics/rewards/daily/2026-06.json", ARCHIVE_HEADERS),
        ("/feeds/topics/2026-06-15/2026-06-15.json", ARCHIVE_HEADERS),
    ],
)
def test_an_archive_may_be_kept_for_good_and_a_current_document_for_minutes(
    own: Site, served: Served, path: str, expected: dict[str, str]
) -> None:
    replace(own, path, b'{"items": []}')
    answer = served.ask(path)
    assert (answer.status, answer.body) == (200, b'{"items": []}')
    assert answer.headers.items() >= expected.items()
    assert answer.headers["content-type"] == "application/feed+json; charset=utf-8"


def test_a_feed_that_was_published_anew_is_seen_at_once(own: Site, served: Served) -> None:
    first = served.ask(PAPERS)
    replace(own, PAPERS, first.body.replace(b"Invented", b"Replaced"))  # of the same size
    second = served.ask(PAPERS, if_none_match=first.headers["etag"])
    assert second.status == 200
    assert b"Replaced" in second.body
    assert second.headers["etag"] != first.headers["etag"]
    assert served.ask(PAPERS, if_none_match=second.headers["etag"]).status == 304
    (own.state / "public" / "feeds" / "papers.atom").unlink()
    assert served.ask(PAPERS).status == 404


def test_a_feed_that_was_written_over_by_others_is_seen_too(own: Site, served: Served) -> None:
    first, file = served.ask(PAPERS), own.state / "public" / "feeds" / "papers.atom"
    file.write_bytes(bytes(len(first.body)))
    os.utime(file, (1, 1))
    assert served.ask(PAPERS).body == bytes(len(first.body))


def test_each_state_of_a_feed_is_packed_once_however_often_it_is_asked_for(
    own: Site, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed: list[int] = []
    pack = forms.zlib.compress

    def counted(data: bytes, **options: int) -> bytes:
        packed.append(len(data))
        return pack(data, **options)

    monkeypatch.setattr(forms.zlib, "compress", counted)
    content = os.urandom(3 * 2**20)
    replace(own, PAPERS, content)
    answers: list[Answer] = []
    asking = [
        threading.Thread(target=lambda: answers.append(served.ask(PAPERS, accept_encoding="gzip"))) for _ in range(5)
    ]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    answers.append(served.ask(PAPERS, accept_encoding="gzip"))
    assert [gzip.decompress(answer.body) == content for answer in answers] == [True] * 6
    assert packed == [len(content)]


def test_while_a_feed_is_packed_others_are_answered(own: Site, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()
    pack = forms.zlib.compress

    def slow(data: bytes, **options: int) -> bytes:
        begun.set()
        assert go_on.wait(20)
        return pack(data, **options)

    monkeypatch.setattr(forms.zlib, "compress", slow)
    answers: list[Answer] = []
    asking = threading.Thread(target=lambda: answers.append(served.ask(PAPERS, accept_encoding="gzip")))
    asking.start()
    assert begun.wait(20)
    assert served.ask("/healthz").status == 200
    assert served.ask("/feeds/topics/rewards.atom").status == 200
    go_on.set()
    asking.join()
    assert answers[0].status == 200


def test_what_was_asked_for_longest_ago_makes_room(own: Site, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    real = feed_files._read
    monkeypatch.setattr(feed_files, "_read", lambda folder, path: read.append(path) or real(folder, path))
    for name in "abc":
        replace(own, f"feeds/{name}.atom", name.encode() * 30 * 2**20)  # two of which have room
    for name in "abaca":
        assert served.ask(f"/feeds/{name}.atom").body[:1] == name.encode()
    assert read == ["feeds/a.atom", "feeds/b.atom", "feeds/c.atom"]
    served.ask("/feeds/b.atom")
    assert read[3:] == ["feeds/b.atom"]


def test_a_feed_larger_than_all_room_is_served_and_drives_out_nothing(
    own: Site, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.ask(PAPERS)
    replace(own, "feeds/large.atom", bytes(65 * 2**20))
    assert len(served.ask("/feeds/large.atom").body) == 65 * 2**20
    monkeypatch.setattr(feed_files, "_read", None)
    assert served.ask(PAPERS).status == 200


def test_a_date_ahead_of_the_clock_is_not_told(own: Site, served: Served) -> None:
    replace(own, PAPERS, b"<feed/>", own.now.timestamp() + 3600)
    modified = parsedate_to_datetime(served.ask(PAPERS).headers["last-modified"])
    assert modified == own.now


@pytest.mark.parametrize("linked", ["a file", "a folder"])
def test_a_link_out_of_the_folder_leads_nowhere(own: Site, served: Served, tmp_path: Path, linked: str) -> None:
    feeds = own.state / "public" / "feeds"
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "secret.atom").write_text("secret")
    if linked == "a file":
        (feeds / "secret.atom").symlink_to(tmp_path / "out" / "secret.atom")
    else:
        (feeds / "out").symlink_to(tmp_path / "out")
    answer = served.ask("/feeds/secret.atom" if linked == "a file" else "/feeds/out/secret.atom")
    assert answer.status == 404
    assert b"secret" not in answer.body


def test_a_feed_that_may_not_be_read_is_not_there(own: Site, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> None:
        raise PermissionError(13, "denied")

    monkeypatch.setattr(feed_files, "_read", denied)  # rights bind no test that runs as root
    monkeypatch.setattr(public.os, "access", lambda *_: False)
    assert served.ask(PAPERS).status == 404


def test_a_folder_named_like_a_feed_is_none(own: Site, served: Served) -> None:
    (own.state / "public" / "feeds" / "odd.atom").mkdir()
    assert served.ask("/feeds/odd.atom").status == 404


@pytest.mark.parametrize("path", [PAPERS, "/feeds/my/token.atom", "/feeds/my/x/daily.json"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_a_feed_is_for_reading(served: Served, method: str, path: str) -> None:
    answer = served.ask(path, method)
    assert answer.status == 405
    assert "GET" in answer.headers["allow"]


def private(own: Site) -> str:
    return f"/{feed_addresses.subscriber_feeds(own.context, 'reader@example.org').path}"


@pytest.mark.parametrize("accepted", ["identity", "gzip"])
def test_a_subscribers_own_feed_is_theirs_alone_and_not_sent_twice(own: Site, served: Served, accepted: str) -> None:
    path = f"{private(own)}.atom"
    made, again = (served.ask(path, accept_encoding=accepted) for _ in range(2))
    assert made.status == 200
    assert told(again) == told(made)
    assert again.body == made.body
    assert b"Invented Paper 1" in (gzip.decompress(made.body) if accepted == "gzip" else made.body)
    assert made.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert made.headers["cache-control"] == "private, max-age=300"
    assert made.headers["x-robots-tag"] == "noindex"
    assert made.headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in made.headers
    same = served.ask(path, accept_encoding=accepted, if_none_match=made.headers["etag"])
    assert (same.status, same.body) == (304, b"")
    assert same.headers["cache-control"] == "private, max-age=300"
    since = served.ask(path, accept_encoding=accepted, if_modified_since=made.headers["last-modified"])
    assert since.status == 304
    head = served.ask(path, "HEAD", accept_encoding=accepted)
    assert (told(head), head.body) == (told(made), b"")


def test_a_subscribers_own_feed_of_days_is_there_in_json_too(own: Site, served: Served) -> None:
    answer = served.ask(f"{private(own)}/daily.json")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/feed+json; charset=utf-8"


def test_who_has_it_already_is_told_so_before_it_was_ever_made_here(own: Site) -> None:
    with listening(own.context) as before:
        tag = before.ask(f"{private(own)}.atom").headers["etag"]
    with listening(own.context) as after:
        assert after.ask(f"{private(own)}.atom", if_none_match=tag).status == 304


@pytest.mark.parametrize(
    "rest",
    [
        ".xml",
        "",
        "/daily.html",
        ".atom/more",
        "/2026-06-15.rss",
        "x.atom",
        "/2099-01-01.atom",
        "/daily/2099-01.atom",
        "/../papers.atom",
    ],
)
def test_what_is_no_feed_of_theirs_is_not_there(own: Site, served: Served, rest: str) -> None:
    answer = served.ask(private(own) + rest)
    assert answer.status == 404
    assert b"There is nothing here" in answer.body


def test_a_feed_is_gone_with_its_subscriber_and_not_there_under_an_old_address(own: Site, served: Served) -> None:
    before = private(own)
    assert served.ask(f"{before}.atom").status == 200
    feed_addresses.rotate(own.context, "reader@example.org")
    assert served.ask(f"{before}.atom").status == 404
    now = private(own)
    assert served.ask(f"{now}.atom").status == 200
    own.change("UPDATE subscribers SET state = 'left'")
    answer = served.ask(f"{now}.atom")
    assert answer.status == 410
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"


def test_no_token_of_a_feed_is_in_the_log(own: Site, served: Served, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "digest.web")
    for rest in (".atom", "/daily.json", "/2026-06-15.atom", ".xml", "x.atom"):
        served.ask(private(own) + rest)
    for misspelt in ("/Feeds/My", "//feeds//my"):
        served.ask(private(own).replace("/feeds/my", misspelt) + ".atom")
    assert [record.getMessage() for record in caplog.records] == [
        "GET /feeds/my/… 200",
        "GET /feeds/my/… 200",
        "GET /feeds/my/… 404",
        "GET /feeds/my/… 404",
        "GET /feeds/my/… 404",
        "GET /Feeds/My/… 404",
        "GET /feeds//my/… 404",
    ]
