"""Which dump has which layout, and what is said of one that has none or two."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import date

import pytest
from reading import read

from digest import layouts
from digest.errors import DumpError, UsageError
from digest.models import Block, Document, Listing

HUGGING = "Get trending papers in your email inbox!\n"
TOPICS = "Goto\nCollaborating Authors\nLovelace, Ada\n"
UNKNOWN = {
    "empty": ("", "it is empty"),
    "blank lines": ("\n \n\t\n", "it is empty"),
    "prose": ("Dear all,\n\nthe seminar is moved to Friday.\n", 'it begins "Dear all,"'),
    "binary": (bytes(range(256)).decode("latin-1") * 8, "binary data"),
    "a PDF file": ("%PDF-1.7\n1 0 obj\n", "it is a PDF file"),
    "an RTF file": ("{\\rtf1\\ansi Papers}\n", "it is an RTF file"),
    "a bracketed note": ("[draft] not for print\n", 'it begins "[draft]'),
}


@pytest.mark.parametrize(("text", "why"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_is_no_dump_is_refused_in_one_line_that_says_why(text: str, why: str) -> None:
    with pytest.raises(DumpError, match=why.replace("[", r"\[")) as refused:
        read(text, date(2026, 6, 15))
    assert "\n" not in str(refused.value)
    assert refused.value.mend


def test_a_dump_that_two_layouts_recognise_is_refused_with_both_names() -> None:
    with pytest.raises(DumpError, match="aitopics and huggingface"):
        read(TOPICS + HUGGING, date(2026, 6, 15))


def test_a_named_layout_reads_what_two_recognise() -> None:
    assert read(TOPICS + HUGGING, date(2026, 6, 15), "huggingface").layout.name == "huggingface"


def test_an_unknown_name_is_answered_with_the_choices() -> None:
    with pytest.raises(UsageError, match=r"choose one of aitopics, .*jsonl, .*scholarfeed"):
        layouts.by_name("arxiv")


def test_sites_are_named_as_people_know_them() -> None:
    assert [layouts.site(name) for name in ("aitopics", "huggingface", "scholarfeed", "jsonl", "nowhere")] == [
        "AITopics",
        "Hugging Face",
        "Scholar Feed",
        "",
        "",
    ]


def test_only_the_head_decides() -> None:
    with pytest.raises(DumpError):
        read("a line\n" * layouts.HEAD_LINES + HUGGING, date(2026, 6, 15))


@pytest.mark.parametrize("layout", layouts.LAYOUTS, ids=lambda layout: layout.name)
def test_of_long_lines_no_more_is_held_than_decides(layout: layouts.Layout) -> None:
    def lines() -> Iterator[str]:
        return (f"{number} " + "a" * 500_000 for number in range(layouts.HEAD_LINES))

    dump = Document("text", lines, lambda: (Block(1, line) for line in lines()))
    tracemalloc.start()
    assert not layout.recognises(dump)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10_000_000


def test_a_line_separator_within_a_line_is_white_space() -> None:
    events = read('{"title": "One\u2028title\x0cof three"}\r\n', date(2026, 6, 15)).events
    assert [event.title for event in events if isinstance(event, Listing)] == ["One title of three"]
