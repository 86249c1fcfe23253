"""What a reader finds in a mail: its order, its sentences, its links, its size."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from datetime import date, timedelta
from email.message import EmailMessage

import pytest
from invented_edition import BARE, ENVELOPE, ON, edition, followed, match, paper, spans

from digest.models import Edition, Entry, Envelope, Hit, Identifiers, Match, PageNote, Rule
from digest.render import Renderer
from digest.settings import Settings


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(Settings())


def mail(renderer: Renderer, given: Edition, envelope: Envelope = ENVELOPE) -> EmailMessage:
    message = email.message_from_bytes(renderer.message(given, envelope), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def plain(renderer: Renderer, given: Edition, envelope: Envelope = ENVELOPE) -> str:
    return body(mail(renderer, given, envelope), "plain")


def html(renderer: Renderer, given: Edition, envelope: Envelope = ENVELOPE) -> str:
    return body(mail(renderer, given, envelope), "html")


def flat(text: str) -> str:
    return " ".join(text.split())


def one(changed: Entry, **changes: object) -> Edition:
    return replace(edition(0), entries=(changed,), **changes)  # type: ignore[arg-type]


SUBJECTS = {
    "one paper": (edition(1), "1 paper · Process Reward Models with Q-Value…"),
    "two papers": (edition(2), "2 papers · Process Reward Models with Q-Value… (+1)"),
    "seven papers, one by a followed author": (edition(7), "7 papers · Reading the Room: Crowd Density from a… (+6)"),
    "older papers alone": (edition(0, older=3), "3 older papers · Cheap Talk: Emergent Protocols in n-Player… (+2)"),
    "older papers beside new ones": (edition(2, older=9), "2 papers · Process Reward Models with Q-Value… (+1)"),
    "nothing": (edition(0), "No new papers · Tue 16 June"),
}


@pytest.mark.parametrize(("given", "subject"), SUBJECTS.values(), ids=SUBJECTS)
def test_the_subject_counts_and_names_the_first_paper(renderer: Renderer, given: Edition, subject: str) -> None:
    assert mail(renderer, given)["Subject"] == subject


HEADINGS = {
    "some match": (edition(7), "Tue 16 June: 7 of 212 new papers match you."),
    "one matches": (edition(1), "Tue 16 June: 1 of 212 new papers matches you."),
    "thousands": (edition(3, considered=1927), "Tue 16 June: 3 of 1,927 new papers match you."),
    "all match": (edition(3, considered=3), "Tue 16 June: 3 new papers match you."),
    "more than were read today": (edition(3, considered=1), "Tue 16 June: 3 new papers match you."),
    "none matches": (edition(0), "Tue 16 June: None of 212 new papers match you."),
    "one of two": (edition(1, considered=2), "Tue 16 June: 1 of 2 new papers matches you."),
    "older alone": (edition(0, older=2), "2 of 212 newly listed papers match you, all of them older."),
    "all older": (edition(0, older=2, considered=2), "2 newly listed papers match you, all of them older."),
    "one older alone": (edition(0, older=1), "1 of 212 newly listed papers matches you, an older one."),
    "some older": (edition(1, older=2), "1 of 212 new papers matches you. 2 older papers, newly listed, match too."),
    "one older": (edition(1, older=1), "1 of 212 new papers matches you. 1 older paper, newly listed, matches too."),
    "nothing to read": (edition(0, considered=0), "Tue 16 June: No new papers."),
    "several days": (
        edition(2, since=ON - timedelta(days=4)),
        "Papers of the last 5 days, to Tue 16 June: 2 of 212 new papers match you.",
    ),
    "topic": (edition(2, kind="topic"), "Tue 16 June: 2 of 212 new papers match this topic."),
}


@pytest.mark.parametrize(("given", "sentence"), HEADINGS.values(), ids=HEADINGS)
def test_the_heading_says_how_many_of_how_many(renderer: Renderer, given: Edition, sentence: str) -> None:
    assert sentence in flat(plain(renderer, given))


def test_the_preheader_is_the_second_and_third_title(renderer: Renderer) -> None:
    shown = re.search(r'<div class="hidden"[^>]*>([^&]*)', html(renderer, edition(4)))
    assert shown is not None
    assert shown[1].startswith("GraspNote: Tactile-Language Pretraining for Contact-Rich Manipulation · Q♯-Net")


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_both_parts_have_the_same_order(renderer: Renderer, kind: str) -> None:
    words = body(mail(renderer, edition(13, older=3, waiting=4)), kind).lower()
    below_contents = flat(words[words.index("more by title below") :])
    wanted = (
        "people you follow",
        "reward models",
        "robots",
        "your keywords",
        "alignment and preference learning",
        "also matched",
        "older, newly listed",
        "4 more papers matched and wait",
        "read: ",
        "your rules:",
        "you were added by ops@example.org",
        "unsubscribe",
    )
    order = [below_contents.index(part) for part in wanted]
    assert order == sorted(order)


def test_contents_stand_from_eight_papers_on(renderer: Renderer) -> None:
    title = "A Field Guide to Reward Hacking in Long-Horizon Agents"
    assert plain(renderer, edition(8)).count(title) == 2
    assert 'class="contents"' in html(renderer, edition(8))
    assert 'class="contents"' not in html(renderer, edition(7))


def test_a_paper_stands_once_in_its_best_section_with_other_rules_as_tags(renderer: Renderer) -> None:
    text = flat(plain(renderer, edition(4)))
    assert text.count("Process Reward Models with Q-Value Regression for Multi-Step Tool Use") == 1
    assert "Why: *Reward models*: reward model*, in title and abstract; rollout, in abstract" in text
    assert "also *agents OR tools*" in text


def test_sections_count_their_papers_and_say_what_stands_below(renderer: Renderer) -> None:
    text = plain(Renderer(Settings.model_validate({"editions": {"full_items": 2}})), edition(10))
    assert "PEOPLE YOU FOLLOW · 1 paper\n" in text
    assert "REWARD MODELS · 3 papers, 2 of them below\n" in text
    assert "ROBOTS ·" not in text
    assert text[text.index("ALSO MATCHED") :].count("\n- ") >= 8


def test_followed_names_are_bold_and_unnamed_authors_have_no_line(renderer: Renderer) -> None:
    found = paper(2, authors=("Ines Okafor", "Tomás Brandão"), authors_complete=False)
    page = html(renderer, one(Entry(found, (followed("Tomás Brandão"),))))
    assert "Ines Okafor, <b>Tomás Brandão</b> et al.</p>" in page
    assert "Why: author Tomás Brandão" in flat(page)
    nobody = html(renderer, one(Entry(paper(2, authors=()), (match(found),))))
    assert 'class="authors"' not in nobody
    assert "et al" not in nobody


def test_hundreds_of_authors_are_counted_but_for_followed_ones(renderer: Renderer) -> None:
    crowd = paper(1, authors=tuple(f"Person {n}" for n in range(300)), authors_complete=True)
    text = flat(plain(renderer, one(Entry(crowd, (followed("Person 250"),)))))
    assert "Person 11, *Person 250* and 287 more" in text


GREY = {
    "score with its site": ({}, "cs.RO · 14 Jun 2026 · Scholar Feed 35.1 · also on Hugging Face"),
    "a category without its archive": (
        {"categories": ("RO",), "scores": (), "layouts": ("huggingface",)},
        "cs.RO · 14 Jun 2026 · Hugging Face",
    ),
    "no date": ({"published": None}, "cs.RO · Scholar Feed 35.1 · also on Hugging Face"),
    "no score": ({"scores": ()}, "cs.RO · 14 Jun 2026 · Scholar Feed · also on Hugging Face"),
    "JSON Lines with an arXiv id": (
        {"layouts": ("jsonl",), "scores": (("jsonl", 9.0),)},
        "cs.RO · 14 Jun 2026 · arXiv",
    ),
    "JSON Lines alone": (
        {"layouts": ("jsonl",), "identifiers": Identifiers(), "scores": ()},
        "cs.RO · 14 Jun 2026",
    ),
    "venue instead of a category": (
        {"categories": (), "venue": "Journal of Invention", "layouts": ("aitopics",), "scores": ()},
        "Journal of Invention · 14 Jun 2026 · AITopics",
    ),
}


@pytest.mark.parametrize(("changes", "line"), GREY.values(), ids=GREY)
def test_the_grey_line_holds_what_is_known(renderer: Renderer, changes: dict[str, object], line: str) -> None:
    found = paper(1, **changes)
    assert f"\n{line}\n" in plain(renderer, one(Entry(found, (match(found),))))


def test_nothing_known_is_said_in_no_words(renderer: Renderer) -> None:
    bare = paper(
        0,
        abstract=None,
        authors=(),
        categories=(),
        published=None,
        links=(),
        layouts=(),
        identifiers=Identifiers(),
        title="Bare",
    )
    message = mail(renderer, one(Entry(bare, (Match("*", False, False, 1.0),)), pages=(), rules=(), exclude=()))
    for kind in ("plain", "html"):
        words = re.sub(r"<style>.*?</style>", "", body(message, kind), flags=re.DOTALL)
        assert "unknown" not in words.lower()
        assert "None" not in words
        assert "()" not in words
    assert 'class="about"' not in body(message, "html")
    assert "Bare\n\nWhy: *\nSearch: https://arxiv.org/search/?searchtype=title&query=Bare\n" in body(message, "plain")


LINKS = {
    "own address first": (Identifiers("2606.1", "10.1/x", "https://example.org/p"), "https://example.org/p"),
    "then arXiv": (Identifiers("2606.01001", "10.1/x"), "https://arxiv.org/abs/2606.01001"),
    "old arXiv ids": (Identifiers("hep-th/9901001"), "https://arxiv.org/abs/hep-th/9901001"),
    "then the DOI": (Identifiers(doi="10.1000/a(b)c"), "https://doi.org/10.1000/a(b)c"),
    "a DOI in need of encoding": (Identifiers(doi="10.1000/a<b>#c"), "https://doi.org/10.1000/a%3Cb%3E%23c"),
    "no script": (Identifiers("2606.01001", None, "javascript:alert(1)"), "https://arxiv.org/abs/2606.01001"),
    "no data": (Identifiers(None, None, "data:text/html,x"), "https://arxiv.org/search/?searchtype=title&query=T%26x"),
    "no quotes": (Identifiers("2606.1", None, 'https://x.org/"onclick='), "https://arxiv.org/abs/2606.1"),
    "no host": (Identifiers("2606.1", None, "https:///path"), "https://arxiv.org/abs/2606.1"),
    "a bad port": (Identifiers("2606.1", None, "https://[::1/p"), "https://arxiv.org/abs/2606.1"),
    "beyond ASCII": (Identifiers(url="https://example.org/é"), "https://example.org/%C3%A9"),
    "nothing": (Identifiers(), "https://arxiv.org/search/?searchtype=title&query=T%26x"),
}


@pytest.mark.parametrize(("identifiers", "address"), LINKS.values(), ids=LINKS)
def test_the_title_leads_to_the_paper_itself(renderer: Renderer, identifiers: Identifiers, address: str) -> None:
    found = paper(0, title="T&x", identifiers=identifiers)
    page = html(renderer, one(Entry(found, (match(found),))))
    linked = re.search(r'<h3 [^>]*><a [^>]*href="([^"]*)"', page)
    assert linked is not None
    assert linked[1].replace("&amp;", "&") == address


def test_code_is_the_first_repository_and_only_links_that_exist_are_shown(renderer: Renderer) -> None:
    places = (
        "https://example.org/demo",
        "https://huggingface.co/papers/1",
        "https://gitlab.com/a/b",
        "https://github.com/c",
    )
    found = paper(0, links=places)
    text = plain(renderer, one(Entry(found, (match(found),))))
    assert "Code:   https://gitlab.com/a/b\n" in text
    none = paper(2, links=("https://github.com.evil.example/x",), identifiers=Identifiers())
    text = plain(renderer, one(Entry(none, (match(none),))))
    assert not re.search(r"^(Paper|PDF|Code):", text, re.MULTILINE)


def test_the_excerpt_marks_words_by_more_than_colour(renderer: Renderer) -> None:
    page = html(renderer, edition(1))
    marked = re.search(r'<mark class="mark" style="([^"]*)">(.*?)</mark>', page)
    assert marked is not None
    assert "underline" in marked[1]
    assert "font-weight: 600" in marked[1]
    assert marked[2] == "reward models"


def test_older_papers_are_twenty_lines_and_a_count(renderer: Renderer) -> None:
    text = plain(renderer, edition(1, older=33))
    older = text[text.index("OLDER, NEWLY LISTED") :]
    assert older.count("\n- ") - len(edition(1).rules) - len(edition(1).exclude) == 20
    assert "and 13 more" in older


def test_an_edition_of_older_papers_alone_looks_right(renderer: Renderer) -> None:
    page = html(renderer, edition(0, older=5))
    assert page.count("<h2") == 1
    assert "Older, newly listed" in page


def test_what_waits_and_what_expired_is_counted_and_linked(renderer: Renderer) -> None:
    page = html(renderer, edition(1, waiting=1, expired=2))
    assert "1 more paper matched and waits for the next edition. 2 papers waited too long and were left out." in page
    assert f'href="{ENVELOPE.browser_url}#waiting"' in page


def test_the_footer_tells_how_pages_do(renderer: Renderer) -> None:
    pages = (
        PageNote("Hugging Face", "huggingface", ON, 96, 123),
        PageNote("mara", "scholarfeed", date(2026, 6, 3), 60, 60),
        PageNote("daily", "jsonl", date(2026, 6, 15), 1),
    )
    text = flat(plain(renderer, edition(1, pages=pages)))
    assert (
        "Read: Hugging Face: 96 of 123 papers; mara (Scholar Feed): 60 papers, on 3 Jun 2026, silent for 13 days; "
        "daily: 1 paper, on 15 Jun 2026." in text
    )


def test_the_footer_names_three_pages_that_are_silent_or_broken_and_counts_the_others(renderer: Renderer) -> None:
    tuesday = date(2026, 6, 9)
    pages = tuple(
        PageNote(name, "jsonl", tuesday, 5, None, state, tuesday)
        for name, state in (("ash", "stalled"), ("birch <b>", "broken"), ("cedar", "stalled"), ("elm", "stalled"))
    )
    told = (
        "ash has been silent since Tue 9 June. birch <b> has not been read properly since Tue 9 June. "
        "cedar has been silent since Tue 9 June. 1 more page does no better."
    )
    text = flat(plain(renderer, edition(1, pages=pages)))
    assert f"{told} Read: ash: 5 papers, on 9 Jun 2026;" in text
    assert told.replace("<b>", "&lt;b&gt;") in flat(html(renderer, edition(1, pages=pages)))


def test_a_page_that_is_silent_for_longer_than_two_weeks_is_not_among_those_that_were_read(renderer: Renderer) -> None:
    first = date(2026, 6, 1)
    text = flat(plain(renderer, edition(1, pages=(PageNote("ash", "jsonl", first, 5, None, "stalled", first),))))
    assert "ash has been silent since Mon 1 June." in text
    assert "Read:" not in text


def test_the_footer_names_rules_exclusions_and_topics(renderer: Renderer) -> None:
    text = plain(renderer, edition(1))
    assert '- Reward models: "reward model*" OR RLHF (weight 2)\n' in text
    assert "- alignment OR safety (from Alignment and preference learning)\n" in text
    assert "- title:survey (left out)\n" in text


def test_without_a_base_url_mails_link_outside_only_and_unsubscribe_by_mail(renderer: Renderer) -> None:
    message = mail(renderer, edition(13, older=30, waiting=3), BARE)
    for kind in ("plain", "html"):
        assert "digest.example.org" not in body(message, kind)
        assert "mailto:digest@example.org?subject=unsubscribe%207" in body(message, kind)
    assert "In the browser" not in body(message, "plain")


def test_a_mail_stays_under_ninety_kilobytes_with_a_visible_rest() -> None:
    renderer = Renderer(Settings.model_validate({"editions": {"full_items": 1000}}))
    for count in (60, 300):
        page = html(renderer, edition(count))
        assert 50_000 < len(page.encode()) <= 90_000
    rest = re.search(r">([\d,]+) more</a>", page)
    assert rest is not None
    assert int(rest[1].replace(",", "")) + page.count('class="line"') + page.count("<h3") == 300


def test_rules_without_end_do_not_break_the_limit(renderer: Renderer) -> None:
    page = html(renderer, edition(3, rules=tuple(Rule("word " * 100, f"Rule {n}") for n in range(500))))
    assert len(page.encode()) < 90_000
    assert "and 481 more" in flat(page)


def test_text_lines_are_short_and_words_are_never_broken(renderer: Renderer) -> None:
    text = plain(renderer, edition(13, older=5))
    long = [line for line in text.splitlines() if len(line) > 78]
    assert all("https://" in line for line in long)
    assert "Harm/Help" in text
    assert "Q-Value" in text
    assert "Contact-Rich" in text


def test_every_entry_of_title_lines_alone_is_there() -> None:
    renderer = Renderer(Settings.model_validate({"editions": {"full_items": 0}}))
    page = html(renderer, edition(12))
    assert page.count("<h3") == 0
    assert page.count('class="line"') == 12
    assert 'class="contents"' not in page


def test_the_html_stands_without_a_style_sheet_and_knows_the_dark(renderer: Renderer) -> None:
    page = html(renderer, edition(9))
    assert '<html lang="en" dir="ltr"' in page
    assert "<title>9 papers" in page
    assert '<meta name="color-scheme" content="light dark">' in page
    assert "prefers-color-scheme: dark" in page
    assert "<img" not in page
    assert "<script" not in page
    assert all('role="presentation"' in tag for tag in re.findall(r"<table[^>]*>", page))
    styled = [tag for tag in re.findall(r"<(?:p|h\d|a|div|span|mark)\b[^>]*>", page) if "style=" not in tag]
    assert styled == []


def test_a_term_in_another_field_is_told_with_its_field(renderer: Renderer) -> None:
    found = paper(1)
    hits = (
        Hit("cs.*", "category", (), "cs.RO"),
        Hit(">=30", "score", (), "35.1"),
        Hit("grasp*", "title", spans(found.title, "Grasp")),
    )
    text = flat(plain(renderer, one(Entry(found, (Match("r", True, False, 1.0, hits),)))))
    assert "Why: *r*: category cs.RO, score >=30; grasp*, in title" in text
