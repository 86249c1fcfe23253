"""The web: what each address answers, which headers it carries, and what nobody gets to see."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from serve_site import PUBLISHED, Site, ask, raw
from starlette.applications import Starlette

from digest import web
from digest.errors import StateError
from digest.pipeline.envelopes import edition_token, unsubscribe_token
from digest.web import personal, public

STATE = "SELECT state FROM subscribers"


def leaving(own: Site) -> str:
    """Return the address in the reader's mail that lets them leave."""
    ((reader,),) = own.rows("SELECT recipient_id FROM subscribers")
    return f"/unsubscribe/{unsubscribe_token(own.context.store.secret(), reader)}"


def edition_link(own: Site) -> str:
    ((edition,),) = own.rows("SELECT edition_id FROM deliveries")
    return f"/editions/{edition_token(own.context.store.secret(), edition)}"


def test_the_start_page_is_the_index_of_public(served: tuple[Site, Starlette]) -> None:
    own, app = served
    answer = ask(app, "GET", "/")
    assert answer.status_code == 200
    assert answer.content == (own.state / "public" / "index.html").read_bytes()
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_before_the_first_run_the_start_page_says_that_there_is_nothing_yet(site: Callable[..., Site]) -> None:
    answer = ask(web.app(site(PUBLISHED).context), "GET", "/")
    assert answer.status_code == 200
    assert "No edition yet" in answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("feed", ["papers", "topics/rewards"])
def test_a_feed_has_its_type_and_is_sent_again_only_when_it_changed(served: tuple[Site, Starlette], feed: str) -> None:
    own, app = served
    first = ask(app, "GET", f"/feeds/{feed}.atom")
    assert first.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert first.content == (own.state / "public" / "feeds" / f"{feed}.atom").read_bytes()
    again = ask(app, "GET", f"/feeds/{feed}.atom", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    since = ask(app, "GET", f"/feeds/{feed}.atom", headers={"If-Modified-Since": first.headers["last-modified"]})
    assert since.status_code == 304


def test_a_topics_edition_is_a_static_page_beside_the_personal_ones(served: tuple[Site, Starlette]) -> None:
    answer = ask(served[1], "GET", "/editions/2026-06-15/rewards.html")
    assert answer.status_code == 200
    assert "Invented Paper 1" in answer.text
    assert "x-robots-tag" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/feeds/papers.atom", "/healthz"])
def test_head_answers_like_get_without_a_body(served: tuple[Site, Starlette], path: str) -> None:
    got, head = (ask(served[1], method, path) for method in ("GET", "HEAD"))
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers == got.headers


@pytest.mark.parametrize(
    "path",
    [
        "/feeds",
        "/feeds/",
        "/editions/",
        "/editions/2026-06-15/",
        "/papers/1",
        "/preferences/token",
        "/nothing.html",
        "/index.html/more",
        "/.hidden.html",
        "/.git/config",
        "/feeds/.papers.atom.part",
        "/out.html",
        "/out/secret.html",
        "/../digest.db",
        "/feeds/../../digest.db",
        "/..\\digest.db",
        "//etc/passwd",
        "/\x00",
        "/" + "x" * 5000,
        "/\ud800",
        "/loop.html",
    ],
)
def test_what_is_not_for_everybody_is_not_there(served: tuple[Site, Starlette], tmp_path: Path, path: str) -> None:
    own, app = served
    folder = own.state / "public"
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.html").write_text("secret")
    (folder / "out.html").symlink_to(tmp_path / "outside" / "secret.html")
    (folder / "out").symlink_to(tmp_path / "outside")
    (folder / "loop.html").symlink_to(folder / "loop.html")
    (folder / ".hidden.html").write_text("secret")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("secret")
    (folder / "feeds" / ".papers.atom.part").write_text("secret")
    status, body = raw(app, path)
    assert status == 404
    assert b"There is nothing here" in body
    assert b"secret" not in body


@pytest.mark.parametrize(
    "denied",
    [lambda *_: False, lambda *_: (_ for _ in ()).throw(PermissionError(13, "denied"))],
    ids=["the file", "its folder"],
)
def test_what_may_not_be_read_is_not_there(
    served: tuple[Site, Starlette], monkeypatch: pytest.MonkeyPatch, denied: Callable[..., bool]
) -> None:
    monkeypatch.setattr(public.os, "access", denied)  # rights bind no test that runs as root
    assert raw(served[1], "/editions/2026-06-15/rewards.html")[0] == 404


def test_a_file_of_no_known_type_is_only_downloaded(served: tuple[Site, Starlette]) -> None:
    own, app = served
    (own.state / "public" / "tool.js").write_text("alert(1)")
    assert ask(app, "GET", "/tool.js").headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/feeds/papers.atom", 200),
        ("GET", "/healthz", 200),
        ("GET", "/nothing", 404),
        ("GET", "/unsubscribe/wrong", 404),
        ("POST", "/unsubscribe/wrong", 404),
        ("GET", "/editions/wrong", 404),
        ("POST", "/feeds/papers.atom", 405),
        ("DELETE", "/feeds/papers.atom", 405),
        ("PUT", "/unsubscribe/wrong", 405),
        ("OPTIONS", "/", 405),
    ],
)
def test_every_answer_carries_the_safe_headers(
    served: tuple[Site, Starlette], method: str, path: str, status: int
) -> None:
    answer = ask(served[1], method, path)
    assert answer.status_code == status
    policy = answer.headers["content-security-policy"]
    for part in ("default-src 'none'", "form-action", "frame-ancestors 'none'", "base-uri 'none'"):
        assert part in policy
    assert "script" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "server" not in answer.headers
    if status == 405:
        assert "GET" in answer.headers["allow"]


def test_opening_the_link_asks_and_changes_nothing(served: tuple[Site, Starlette]) -> None:
    own, app = served
    for method in ("GET", "HEAD", "GET"):
        answer = ask(app, method, leaving(own))
        assert answer.status_code == 200
    assert "reader@example.org" in answer.text
    assert "Papers &amp; &lt;more&gt;" in answer.text
    assert '<form method="post">' in answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    assert "noindex" in answer.headers["x-robots-tag"]
    assert "form-action 'self'" in answer.headers["content-security-policy"]
    assert own.rows(STATE) == [("active",)]


ONE_CLICK = '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'


@pytest.mark.parametrize(
    "options",
    [
        {"data": {"List-Unsubscribe": "One-Click"}},
        {"content": ONE_CLICK, "headers": {"Content-Type": "multipart/form-data; boundary=b"}},
        {"content": b"\xff\x00{[broken", "headers": {"Content-Type": "multipart/form-data"}},
        {},
    ],
    ids=["the button, or one click as a form", "one click as multipart", "a body that says nothing", "no body"],
)
def test_posting_to_the_link_leaves_and_twice_is_once(served: tuple[Site, Starlette], options: dict[str, str]) -> None:
    own, app = served
    for _ in range(2):
        answer = ask(app, "POST", leaving(own), **options)
        assert answer.status_code == 200
        assert "You are unsubscribed" in answer.text
        assert own.rows(STATE) == [("left",)]
    assert "You are unsubscribed" in ask(app, "GET", leaving(own)).text


def test_who_left_gets_nothing_more_though_the_configuration_names_them(
    served: tuple[Site, Starlette],
) -> None:
    own, app = served
    ask(app, "POST", leaving(own))
    own.restart()
    own.drop("2026-06-16 page.jsonl", 3)
    own.tick("2026-06-16 07:00")
    assert own.mails() == ["2026-06-15/reader@example.org"]


def test_all_wrong_tokens_get_the_same_answer(served: tuple[Site, Starlette]) -> None:
    own, app = served
    right = leaving(own)
    wrong = [
        "/unsubscribe/x",
        right[:-1] + ("A" if right[-1] != "A" else "B"),
        edition_link(own).replace("editions", "unsubscribe"),
        "/unsubscribe/" + unsubscribe_token(own.context.store.secret(), 999_999),
        "/unsubscribe/" + "x" * 3000,
        "/unsubscribe/%00%ff",
    ]
    answers = {
        (a.status_code, a.text) for path in wrong for method in ("GET", "POST") for a in [ask(app, method, path)]
    }
    ((status, text),) = answers
    assert status == 404
    assert "no longer valid" in text
    assert own.rows(STATE) == [("active",)]


def test_a_large_body_is_turned_away_and_leaves_nobody(served: tuple[Site, Starlette]) -> None:
    own, app = served
    answer = ask(app, "POST", leaving(own), content=b"x" * 70_000)
    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"
    assert raw(app, leaving(own), method="POST", body=[b"x" * 40_000] * 1000)[0] == 413
    assert own.rows(STATE) == [("active",)]


def test_an_edition_link_shows_it_whole_with_its_rules_and_a_way_out(served: tuple[Site, Starlette]) -> None:
    own, app = served
    answer = ask(app, "GET", edition_link(own))
    assert answer.status_code == 200
    assert "Invented Paper 1" in answer.text
    assert "Invented Paper 2" in answer.text
    assert "<b>Mine</b>: <code>reward</code>" in answer.text
    assert f'href="https://digest.example.org{leaving(own)}"' in answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    assert "noindex" in answer.headers["x-robots-tag"]


def test_the_links_of_the_mail_are_the_ones_that_work(served: tuple[Site, Starlette]) -> None:
    own, app = served
    message = (own.state / "outbox" / "2026-06-15" / "reader@example.org.eml").read_text()
    (one_click,) = re.findall(r"^List-Unsubscribe: <https://digest\.example\.org(/[^>]+)>", message, re.MULTILINE)
    assert one_click == leaving(own)
    assert ask(app, "POST", one_click, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert own.rows(STATE) == [("left",)]


def test_a_personal_page_allows_just_its_own_style(served: tuple[Site, Starlette]) -> None:
    own, app = served
    answer = ask(app, "GET", leaving(own))
    assert "style-src 'sha256-" in answer.headers["content-security-policy"]
    assert "unsafe-inline" not in answer.headers["content-security-policy"]


def test_the_log_has_a_line_for_each_request_and_no_token(
    served: tuple[Site, Starlette], caplog: pytest.LogCaptureFixture
) -> None:
    own, app = served
    caplog.set_level(logging.INFO, "digest.web")
    caplog.clear()
    for path in (leaving(own), leaving(own) + "/", edition_link(own) + "?utm=1", "/editions/2026-06-15/rewards.html"):
        ask(app, "GET", path)
    raw(app, "/bad\n\x1b[31mpath")
    raw(app, "/unsubscribe/\n" + leaving(own).rpartition("/")[2])
    ask(app, "GET", "/healthz")
    assert [record.getMessage() for record in caplog.records] == [
        "GET /unsubscribe/… 200",
        "GET /unsubscribe/… 404",
        "GET /editions/… 200",
        "GET /editions/2026-06-15/rewards.html 200",
        "GET /bad [31mpath 404",
        "GET /unsubscribe/… 404",
    ]


def test_a_store_that_fails_says_so_without_a_traceback_and_asks_to_come_back(
    served: tuple[Site, Starlette], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    own, app = served

    def locked(*_: object) -> None:
        raise StateError("the store is locked", where="/somewhere/digest.db")

    path = leaving(own)
    monkeypatch.setattr(personal.subscriptions, "leave", locked)
    answer = ask(app, "POST", path)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60"
    assert "/somewhere" not in answer.text
    assert "web: /somewhere/digest.db: the store is locked" in caplog.text


def test_a_bug_shows_no_traceback_to_anybody(
    served: tuple[Site, Starlette], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    own, app = served

    def buggy(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    path = leaving(own)
    monkeypatch.setattr(personal.subscriptions, "leave", buggy)
    answer = ask(app, "POST", path)
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    (told,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert (
        "web: POST /unsubscribe/…: unexpected ZeroDivisionError: secret detail (test_web.py, line" in told.getMessage()
    )
    assert told.exc_info is None


def test_health_is_that_the_store_can_be_read(served: tuple[Site, Starlette], monkeypatch: pytest.MonkeyPatch) -> None:
    _, app = served
    assert ask(app, "GET", "/healthz").text == "ok\n"

    def gone(_tx: object) -> None:
        raise StateError("the store cannot be opened")

    monkeypatch.setattr("digest.store.dumps.newest_run", gone)
    assert ask(app, "GET", "/healthz").status_code == 503
