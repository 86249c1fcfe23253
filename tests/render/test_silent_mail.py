"""The still-here message and the first edition as their readers get them: words, order, octets."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace

import pytest
from invented_edition import BARE, ENVELOPE, ON, edition, paper

from digest.models import Edition, Rule, StillHere, Wider
from digest.render import Renderer
from digest.settings import Settings

WIDER = Wider(Rule('"reward model*"', "Reward models"), '"reward model*"~3', 5, (paper(0), paper(1), paper(2)))
FROM_TOPIC = Wider(Rule("alignment", topic="alignment"), "align*", 1, (paper(8),))


def still_here(*wider: Wider, days: int = 7, considered: int = 212) -> Edition:
    return edition(0, still_here=StillHere(days, wider), considered=considered)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(Settings())


def parts(renderer: Renderer, given: Edition, *, bare: bool = False) -> tuple[str, str, str]:
    """Return subject, text and HTML, the bodies on one line each."""
    octets = renderer.message(given, BARE if bare else ENVELOPE)
    message = email.message_from_bytes(octets, policy=email.policy.default)
    bodies = [message.get_body((kind,)) for kind in ("plain", "html")]  # type: ignore[attr-defined]
    return (str(message["Subject"]), *(" ".join(str(body.get_content()).split()) for body in bodies))  # type: ignore[return-value]


SUBJECTS = {
    "a week": (still_here(), "Nothing matched in 7 days · 212 papers read"),
    "thousands": (still_here(considered=1927), "Nothing matched in 7 days · 1,927 papers read"),
    "one of each": (still_here(days=1, considered=1), "Nothing matched in 1 day · 1 paper read"),
}


@pytest.mark.parametrize(("given", "subject"), SUBJECTS.values(), ids=SUBJECTS)
def test_its_subject_is_factual(renderer: Renderer, given: Edition, subject: str) -> None:
    assert parts(renderer, given)[0] == subject


@pytest.mark.parametrize("place", [1, 2], ids=["text", "html"])
def test_both_forms_say_the_same_in_the_same_order(renderer: Renderer, place: int) -> None:
    body = parts(renderer, still_here(WIDER, FROM_TOPIC))[place].lower()
    once = "none matched your rules. this message comes once. the next email comes when a paper matches."
    assert once in " ".join(re.sub(r"<[^>]*>", " ", body).split())
    body = body[body.index("#rules") :]
    wanted = (
        "slightly wider rules",
        "would have brought 5 papers",
        "process reward models",
        "and 2 more",
        "(from alignment and preference learning)",
        "to change your rules, answer this email.",
        "read: ",
        "your rules:",
        "you were added by ops@example.org",
        "unsubscribe",
    )
    order = [body.index(words) for words in wanted]
    assert order == sorted(order)


def test_titles_are_linked(renderer: Renderer) -> None:
    html = parts(renderer, still_here(WIDER))[2]
    assert 'href="https://arxiv.org/abs/2606.01000"' in html
    assert "https://arxiv.org/abs/2606.01000" in parts(renderer, still_here(WIDER))[1]


def test_no_wider_rule_is_said_in_a_sentence(renderer: Renderer) -> None:
    for body in parts(renderer, still_here())[1:]:
        assert "No slightly wider rule would have brought a few. To change your rules, answer this email." in body
        assert "slightly wider rules" not in body.lower()


def test_without_an_address_of_the_site_it_links_outside_only(renderer: Renderer) -> None:
    html = parts(renderer, still_here(WIDER), bare=True)[2]
    assert "digest.example.org" not in html
    assert "Read in the browser" not in html


def test_hostile_rules_and_titles_are_shown_as_text(renderer: Renderer) -> None:
    bad = paper(3, title="<script>alert(1)</script>\r\nBcc: x@example.org")
    wider = Wider(Rule("<b>a</b>", "<i>n</i>"), "/<img src=x>/ OR " + "w" * 1500, 1, (bad,))
    octets = renderer.message(still_here(wider), ENVELOPE)
    _, _, html = parts(renderer, still_here(wider))
    assert not any(tag in html for tag in ("<script>", "<img", "<i>n"))
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    assert b"\r\nBcc:" not in octets
    assert "<img" not in renderer.edition_page(still_here(wider), personal=True)


def test_the_page_of_a_still_here_message_shows_the_same(renderer: Renderer) -> None:
    page = " ".join(renderer.edition_page(still_here(WIDER), personal=True).split())
    assert "212 papers read in 7 days, none matched your rules." in page
    assert "<code>&#34;reward model*&#34;~3</code> would have brought 5 papers." in page
    assert "and 2 more" in page


FIRST = edition(3, first=True)
ADDED = "You were added by ops@example.org on 2 May 2026."
GREETING = f"{ADDED} This is your first edition. The next ones hold what is new."


@pytest.mark.parametrize("place", [1, 2], ids=["text", "html"])
def test_a_first_edition_greets_before_its_papers_and_says_nothing_twice(renderer: Renderer, place: int) -> None:
    body = parts(renderer, FIRST)[place]
    body = body[body.index("#rules") :]
    order = [body.index(words) for words in (GREETING, "Your rules:", "title:survey", "GraspNote", "This goes to")]
    assert order == sorted(order)
    assert body.count("title:survey") == body.count("You were added") == 1
    assert "This is your first edition" not in parts(renderer, edition(3))[place]


def test_a_first_edition_says_how_far_it_looks_back(renderer: Renderer) -> None:
    given = replace(FIRST, since=ON.replace(day=10))
    assert "This is your first edition. It holds what matched in the last 7 days. The next" in parts(renderer, given)[1]


def test_who_was_added_nobody_knows_when_is_greeted_all_the_same(renderer: Renderer) -> None:
    given = replace(FIRST, joined=None, added_by="")
    assert ". This is your first edition. The next" not in parts(renderer, given)[1]
    assert "This is your first edition. The next" in parts(renderer, given)[1]


def test_the_page_of_a_first_edition_greets_only_whose_it_is(renderer: Renderer) -> None:
    own, public = (renderer.edition_page(FIRST, personal=personal) for personal in (True, False))
    assert GREETING in own
    assert own.count('id="rules"') == public.count('id="rules"') == 1
    assert "first edition" not in public
