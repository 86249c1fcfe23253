"""Parts that messages share are made once, and the bodies are those that rendering and encoding the whole would give.

The other way, ``straight``, uses nothing of the making of mails: every part is rendered anew and put where its mark
stands, and Python's ``email`` encodes the whole.
"""

from __future__ import annotations

import email
import email.policy
import random
import textwrap
from dataclasses import replace
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_edition import BARE, ENVELOPE, ON, edition, followed, match, paper

from digest.models import Edition, Entry, Envelope, Hit, Identifiers, Match, PageNote, Paper, Rule
from digest.render import Renderer, fragments, outline
from digest.render.excerpt import excerpt
from digest.render.links import Link, links, own_address, title_link, web_address
from digest.render.mail import HTML_LIMIT
from digest.render.papers import TitleLine, TitleLines, paper_view, title_line
from digest.render.templates import Templates, markup
from digest.render.why import abstract_spans
from digest.render.why import followed as followed_names
from digest.render.wrap import WIDTH, wrapped
from digest.settings import Settings
from digest.text import readable

SETTINGS = Settings.model_validate({"editions": {"full_items": 4}})
SEARCH = SETTINGS.site.title_search
RENDERER = Renderer(SETTINGS)
TEMPLATES = Templates()


NOTHING = "\x00"  # stands for a part that is empty, with its line


class Straight:
    """One form of a mail, rendered part by part into one text."""

    def __init__(self, form: str) -> None:
        self.form = form

    def part(self, name: str, **context: object) -> str:
        """Return a part, its last line's end left to the frame; in HTML it is not escaped again."""
        return self.placed(TEMPLATES.render(f"email/{name}.{self.form}", context).removesuffix("\n"))

    def placed(self, text: str) -> str:
        return markup(text) if self.form == "html" else text

    def nothing(self) -> str:
        return self.placed(NOTHING) if self.form == "html" else ""

    def entry(self, item: outline.Item) -> SimpleNamespace:
        found, matches = item.entry.paper, item.entry.matches
        pieces = excerpt(readable(found.abstract or ""), abstract_spans(matches))
        starred = "".join(f"*{piece.text}*" if piece.marked else piece.text for piece in pieces)
        led = links(found)
        if self.form == "txt" and not own_address(found.identifiers):
            led = (Link("Search", title_link(found, SEARCH)), *led)
        return SimpleNamespace(
            paper=self.part("paper", paper=paper_view(found, followed_names(matches), SEARCH)),
            excerpt=self.part("excerpt", pieces=pieces, text=starred) if pieces else self.nothing(),
            links=self.part("links", links=led) if led else self.nothing(),
            why=item.why,
        )

    def lines(self, name: str, found: tuple[TitleLine, ...]) -> str:
        return self.placed("\n".join(self.part(name, line=line) for line in found))

    def list(self, found: outline.Lines) -> SimpleNamespace:
        return SimpleNamespace(lines=self.lines("line", found.lines), count=len(found.lines), more=found.more)

    def body(self, made: Edition, envelope: Envelope) -> str:
        limits = outline.Limits(full=SETTINGS.editions.full_items, lines=450)
        laid_out = outline.outline(made, limits, TitleLines(SEARCH))
        context = {
            "outline": laid_out,
            "contents": self.lines("content", laid_out.contents),
            "sections": [
                SimpleNamespace(title=part.title, note=part.note, items=[self.entry(item) for item in part.items])
                for part in laid_out.sections
            ],
            "also": self.list(laid_out.also),
            "older": self.list(laid_out.older),
            "browser_url": web_address(envelope.browser_url),
            "site": SETTINGS.site.title,
            "to": envelope.to,
            "unsubscribe": web_address(envelope.unsubscribe_url) or f"mailto:{envelope.unsubscribe_mailto}",
            "head_style": markup(TEMPLATES.source("email/head.css").strip()),
        }
        return TEMPLATES.render(f"email/message.{self.form}", context).replace(f"{NOTHING}\n", "")


def built(given_edition: Edition, envelope: Envelope, subject: str) -> EmailMessage:
    """Return the message as a straightforward program builds it."""
    made = EmailMessage(policy=email.policy.SMTP.clone(max_line_length=998))
    made["From"] = envelope.sender
    made["To"] = f"{envelope.to_name} <{envelope.to}>" if envelope.to_name else envelope.to
    made["Subject"] = subject
    made["Date"] = envelope.date
    made["Message-ID"] = envelope.message_id
    made["List-Id"] = envelope.list_id
    url, mail = envelope.unsubscribe_url, f"mailto:{envelope.unsubscribe_mailto}"
    made["List-Unsubscribe"] = ", ".join(f"<{target}>" for target in (url, mail) if target)
    if url:
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(Straight("txt").body(given_edition, envelope), cte="quoted-printable")
    made.add_alternative(Straight("html").body(given_edition, envelope), subtype="html", cte="quoted-printable")
    return made


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def headers(message: EmailMessage) -> dict[str, str]:
    """Return all but the boundary, and the subject, of which Python's email decodes what only looks encoded."""
    return {name: str(value) for name, value in message.items() if name not in ("Content-Type", "Subject")}


words = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\x00"), min_size=1, max_size=40
).filter(lambda text: readable(text).strip() != "")
names = st.sampled_from(["Ines Okafor", "Tomás Brandão", "Mei-Ling Zhou", "A. K. Srinivasan"])


@st.composite
def papers(draw: st.DrawFn, number: int) -> Paper:
    """A paper with a number of its own; revision and number stand for what it says."""
    return paper(
        number,
        title=draw(
            words | st.sampled_from(["=?utf-8?q?x?=", "a" * 300, "<b>bold</b> & co", "Ω " * 80, "trailing. ", "."])
        ),
        abstract=draw(st.none() | st.just("We weave. Reward models help looms, e.g. here. Rollouts end.") | words),
        authors=tuple(draw(st.lists(names, max_size=3))),
        identifiers=draw(st.sampled_from([Identifiers(), Identifiers("2606.01001"), Identifiers(None, "10.1/x")])),
        links=draw(st.sampled_from([(), ("https://github.com/a/b",)])),
        published=draw(st.none() | st.dates(date(2020, 1, 1), ON)),
    )


@st.composite
def editions(draw: st.DrawFn) -> Edition:
    """An edition of up to fourteen papers, some older, some matched by several rules."""
    entries = []
    for number in range(draw(st.integers(0, 14))):
        found = draw(papers(number))
        ways = [match(found), match(found, draw(words), named=draw(st.booleans())), followed("Ines Okafor")]
        entries.append(
            Entry(found, tuple(draw(st.permutations(ways)))[: draw(st.integers(1, 3))], older=draw(st.booleans()))
        )
    rules = draw(st.lists(st.builds(Rule, words, st.none() | words, st.sampled_from([1.0, 2.5])), max_size=3))
    return edition(
        0,
        entries=tuple(sorted(entries, key=lambda entry: entry.older)),
        rules=tuple(rules),
        exclude=tuple(draw(st.lists(words, max_size=2))),
        more=draw(st.integers(0, 3)),
        expired=draw(st.integers(0, 2)),
        pages=tuple(draw(st.lists(st.builds(PageNote, words, st.just("jsonl"), st.just(ON), st.just(4)), max_size=2))),
    )


@settings(max_examples=60)
@given(editions(), st.sampled_from([ENVELOPE, BARE]))
def test_a_message_says_what_a_straightforward_build_of_it_would(made: Edition, envelope: Envelope) -> None:
    ours = read(RENDERER.message(made, envelope))
    theirs = read(built(made, envelope, str(ours["Subject"])).as_bytes())
    for kind in ("plain", "html"):
        assert body(ours, kind) == body(theirs, kind)
    assert headers(ours) == headers(theirs)
    assert str(ours["Subject"]) == outline.outline(made, outline.Limits(4, 450), TitleLines(SEARCH)).subject
    assert [part.get_content_type() for part in ours.walk()] == [part.get_content_type() for part in theirs.walk()]


def test_a_straightforward_build_of_a_full_edition_differs_in_no_line() -> None:
    made = edition(13, older=24, waiting=3, expired=1)
    ours = read(RENDERER.message(made, ENVELOPE))
    theirs = read(built(made, ENVELOPE, str(ours["Subject"])).as_bytes())
    assert body(ours, "html").count("<p") > 50
    for kind in ("plain", "html"):
        assert body(ours, kind) == body(theirs, kind)
    assert len(body(ours, "html").encode()) < HTML_LIMIT


FRAME = """{% for section in sections %}
{% for item in section.items %}
BEGIN
{{ item.links }}
{{ item.paper }}
{{ item.paper }}
{% endfor %}
{% endfor %}
END"""


def test_a_frame_of_a_sites_own_may_move_parts_repeat_them_and_leave_them_out(tmp_path: Path) -> None:
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "message.txt").write_text(FRAME)
    text = body(read(Renderer(Settings(), overrides=tmp_path).message(edition(1), ENVELOPE)), "plain")
    assert text.splitlines()[:2] == ["BEGIN", "Paper:  https://arxiv.org/abs/2606.01000"]
    assert text.splitlines()[-1] == "END"
    assert text.count("Process Reward Models with Q-Value Regression for Multi-Step Tool Use") == 2
    assert "Training agents" not in text


def test_a_line_of_a_sites_own_stands_in_the_list(tmp_path: Path) -> None:
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "line.txt").write_text("+ {{ line.title|upper }}\n")
    own = body(read(Renderer(SETTINGS, overrides=tmp_path).message(edition(6), ENVELOPE)), "plain").splitlines()
    assert [line for line in own if line.startswith("+ ")] == [
        "+ WHEN DO VERIFIERS HELP? A BUDGET-MATCHED STUDY OF BEST-OF-N SAMPLING",
        "+ SPARSE ATTENTION AT 95% LESS MEMORY: KERNELS, CACHES, AND CAVEATS",
    ]


def news(number: int) -> Paper:
    """Return one of a day's papers, each of which has words of its own."""
    text = f"Looms of kind {number} weave cards. A reward model for loom {number} is read twice. Rollouts of it end."
    own = Identifiers(arxiv=f"2606.{1000 + number:05d}")
    return replace(paper(number), title=f"On Looms of Kind {number}", abstract=text, identifiers=own)


def subscriber(number: int, day: list[Paper]) -> Edition:
    """Return somebody's edition: papers, matches, rules and the words that matched differ from reader to reader."""
    chance = random.Random(number)
    entries = []
    for found in chance.sample(day, 12):
        terms = chance.sample(["Looms", "weave", "cards", "reward model", "Rollouts"], 2)
        abstract = found.abstract or ""
        hits = tuple(Hit(t, "abstract", ((abstract.index(t), abstract.index(t) + len(t)),)) for t in terms)
        entries.append(Entry(found, (Match(f"Rule {number}", True, False, 1.0, hits),)))
    return edition(0, entries=tuple(entries), rules=(Rule(f"loom{number}", f"Rule {number}"),))


def test_parts_are_rendered_and_encoded_once_for_five_hundred_readers() -> None:
    renderer, day = Renderer(SETTINGS), [news(number) for number in range(40)]
    shown, excerpts, spans, listed = set(), set(), set(), set()
    for number in range(500):
        made = subscriber(number, day)
        renderer.message(made, replace(ENVELOPE, to=f"reader{number}@example.org"))
        full = made.entries[: SETTINGS.editions.full_items]
        shown |= {entry.paper.id for entry in full}
        excerpts |= {
            (entry.paper.id, excerpt(entry.paper.abstract or "", abstract_spans(entry.matches))) for entry in full
        }
        spans |= {(entry.paper.id, abstract_spans(entry.matches)) for entry in full}
        listed |= {entry.paper.id for entry in made.entries[SETTINGS.editions.full_items :]}
    assert len(shown) == 40
    assert 100 < len(excerpts) < len(spans) < 2000
    for form in ("html", "txt"):
        wanted = {"paper": len(shown), "links": len(shown), "excerpt": len(excerpts), "line": len(listed)}
        for counts in (renderer.counts, renderer.encodings):
            assert {name: counts[f"email/{name}.{form}"] for name in wanted} == wanted
        assert renderer.counts[f"email/message.{form}"] == 500


def test_no_more_parts_are_kept_than_allowed_and_messages_stay_right(monkeypatch: pytest.MonkeyPatch) -> None:
    large, day = Renderer(SETTINGS), [news(number) for number in range(20)]
    readers = [subscriber(number, day) for number in range(30)]
    wanted = [large.message(made, ENVELOPE) for made in readers]
    monkeypatch.setattr(fragments, "_KEPT", 5)
    monkeypatch.setattr(fragments, "_EXCERPTS", 3)
    small = Renderer(SETTINGS)
    assert [small.message(made, ENVELOPE) for made in readers] == wanted
    assert len(small._mails._fragments) == 5 + 3


def test_title_lines_are_kept_within_a_bound_and_dated_ones_apart() -> None:
    lines = TitleLines(SEARCH, most=3)
    for number in [0, 1, 2, 3, 0, 1]:
        for dated in (False, True):
            found = paper(number)
            assert lines.of(found, dated=dated) == title_line(found, SEARCH, dated=dated)
    assert lines.of(paper(1), dated=True) is lines.of(paper(1), dated=True)
    assert len(lines) == 3


@given(st.text(max_size=300), st.sampled_from(["", "- ", "  "]), st.sampled_from([None, "", "  "]))
def test_text_is_wrapped_as_the_standard_library_does(text: str, first: str, rest: str | None) -> None:
    check_wrapped(text, first, rest)


@given(
    st.lists(st.integers(1, 90), min_size=1, max_size=30),
    st.sampled_from(["", "- ", "  "]),
    st.sampled_from([None, "", "  "]),
)
def test_words_of_any_length_are_wrapped_as_the_standard_library_does(
    lengths: list[int], first: str, rest: str | None
) -> None:
    check_wrapped(" ".join("w-" * (n // 2) + "w" * (n % 2) for n in lengths), first, rest)


def check_wrapped(text: str, first: str, rest: str | None) -> None:
    assert wrapped(text, first, rest) == textwrap.fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=first if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
