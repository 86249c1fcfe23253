"""The page /status: how the pages do, for everybody."""

from __future__ import annotations

from collections.abc import Callable

from serve_site import PUBLISHED, Site, ask

from digest import web
from digest.store import sources
from digest.store.sources import Known


def test_before_the_first_dump_there_is_nothing_to_tell(site: Callable[..., Site]) -> None:
    answer = ask(web.app(site(PUBLISHED).context), "GET", "/status")
    assert answer.status_code == 200
    assert "No page has brought anything yet." in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_each_page_is_told_with_its_state_and_nothing_that_is_for_the_operator(site: Callable[..., Site]) -> None:
    own = site(PUBLISHED + "[[sources]]\nname = 'feed'\nkind = 'folder'\npath = 'gone'\n")
    for page in ("feed", "page <i>"):
        (own.state / "inbox" / page).mkdir()
    for day in range(9, 16):
        own.drop(f"page <i>/2026-06-{day:02} a.jsonl", day)
        own.drop(f"feed/2026-06-{day:02}.jsonl", day + 100)
        own.tick(f"2026-06-{day:02} 07:00")
    with own.context.store.writing() as tx:
        sources.save(tx, Known("feed", failing_since="2026-06-14T07:00:00Z", failures=3, said="key=secret"))
    answer = ask(web.app(own.context), "GET", "/status")
    assert "The newest editions are those of Mon 15 June." in answer.text
    assert "<b>feed</b> <small><b>broken</b></small>" in answer.text
    assert "page &lt;i&gt; <small>fresh</small>" in answer.text
    assert "Has failed since Sunday 14 June, 3 tries in a row." in answer.text
    assert "Brought 1 new paper on Monday 15 June." in answer.text
    assert "secret" not in answer.text
