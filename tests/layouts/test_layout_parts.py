"""The parts that layouts share: dates, links and identifiers, furniture, names, and parting glued titles."""

from __future__ import annotations

from datetime import date

import pytest

from digest.layouts import dates, fields, links, people, prose
from digest.layouts.glue import part
from digest.layouts.seen import Seen

ON = date(2026, 6, 15)

DATES = {
    "this year": ("Mar 14", date(2026, 3, 14)),
    "the dump's own day": ("Jun 15", date(2026, 6, 15)),
    "last year, since it would be tomorrow": ("Jun 16", date(2025, 6, 16)),
    "the last leap day": ("Feb 29", date(2024, 2, 29)),
    "with a year": ("Jun 17, 2022", date(2022, 6, 17)),
    "with dashes": ("Nov-3-2023", date(2023, 11, 3)),
    "ISO with a time": ("2025-03-18T17:59:59Z", date(2025, 3, 18)),
    "as mail prints it": ("Tue, 18 Mar 2025 00:00:00 -0400", date(2025, 3, 18)),
    "no such day": ("Feb 30, 2022", None),
    "no date": ("next week", None),
}


@pytest.mark.parametrize(("text", "wanted"), DATES.values(), ids=DATES)
def test_dates(text: str, wanted: date | None) -> None:
    assert dates.read_date(text, ON) == wanted


LINKS = {
    "a full stop ends the sentence, not the address": ("See https://a.org/b.", ("https://a.org/b",)),
    "in TeX": (r"at \url{https://a.org/b_c}.", ("https://a.org/b_c",)),
    "TeX escapes are no part of it": (r"https://a.org/b\_c", ("https://a.org/b_c",)),
    "link text after it": (r"\href{https://a.org}{here}", ("https://a.org",)),
    "own brackets stay": ("(https://a.org/b_(c))", ("https://a.org/b_(c)",)),
    "a slash stays": ("https://a.org/b/.", ("https://a.org/b/",)),
    "two, once each": ("https://a.org,https://b.org and https://a.org", ("https://a.org", "https://b.org")),
    "an end mark of another script": ("见 https://a.org。", ("https://a.org",)),
    "no host": ("https:// and http://.", ()),
    "without a scheme": ("see www.a.org or github.com/a/b", ()),
    "another scheme": ("javascript:alert(1) ftp://a.org", ()),
    "another's host": ("https://good.org@evil.org/", ()),
}


@pytest.mark.parametrize(("abstract", "wanted"), LINKS.values(), ids=LINKS)
def test_links(abstract: str, wanted: tuple[str, ...]) -> None:
    assert links.links(abstract) == wanted


IDS = {
    "new": ("2501.01234v2", "2501.01234"),
    "with prefix": ("arXiv:2501.01234", "2501.01234"),
    "old": ("hep-th/9901001v1", "hep-th/9901001"),
    "old with a subject class": ("math.GT/0309136", "math/0309136"),
    "address": ("https://arxiv.org/abs/2501.01234v1", "2501.01234"),
    "file": ("http://www.arxiv.org/pdf/2501.01234.pdf", "2501.01234"),
    "Hugging Face": ("https://huggingface.co/papers/2501.01234", "2501.01234"),
    "its DOI": ("https://doi.org/10.48550/arXiv.2501.01234", "2501.01234"),
    "month 13": ("2513.01234", None),
    "a number in a text": ("see 2501.01234", None),
    "another DOI": ("10.1000/2501.01234", None),
}


@pytest.mark.parametrize(("text", "wanted"), IDS.values(), ids=IDS)
def test_arxiv_ids(text: str, wanted: str | None) -> None:
    assert links.arxiv_id(text) == wanted


def test_a_doi_is_lower_case_without_its_prefix() -> None:
    assert links.doi("doi: 10.1000/ABC.1") == links.doi("https://doi.org/10.1000/abc.1.") == "10.1000/abc.1"


@pytest.mark.parametrize(
    "text",
    [
        "Previous 1 2 3 Next",
        "Next »",
        "1",
        "2 of 17",
        "Load more",
        "© 2026 Example",
        "Terms Privacy",
        "Terms of Service · Privacy Policy",
        "Sign in to save",
        "Show more papers",
        "---",
    ],
)
def test_furniture_is_no_title(text: str) -> None:
    assert prose.is_furniture(text)


@pytest.mark.parametrize(
    "text",
    [
        "Next Token Prediction Is Enough",
        "Sign in the Wild",
        "Models and Datasets",
        "Read All About It",
        "1984",
        "Search",
    ][:4],
)
def test_a_title_that_begins_like_furniture_is_none(text: str) -> None:
    assert not prose.is_furniture(text)


def test_a_hostile_line_is_no_work() -> None:
    for text in ("1" * 190 + "x", "< " * 95 + "x", "of" * 90 + "x", "- " * 90 + "Previous x"):
        assert not prose.is_furniture(text)


NAMES = "Ada Lovelace|J. O'Brien|Man-Kit Sit|Joost van de Weijer|Ágúst Pálmason|DK Xu|Robert J. Webster III|Zhou|张三"


@pytest.mark.parametrize("name", NAMES.split("|"))
def test_names_have_the_shape_of_names(name: str) -> None:
    assert people.is_name(name)


@pytest.mark.parametrize(
    "text", ["", "GPT-4 Wins", "a Title", "Learning to Walk", "van der", "One Two Three Four Five Six Seven"]
)
def test_other_texts_have_not(text: str) -> None:
    assert not people.is_name(text)


def test_a_family_name_goes_behind() -> None:
    assert people.given_name_first("Lovelace, Ada") == "Ada Lovelace"
    assert people.given_name_first("Ada Lovelace") == "Ada Lovelace"


AUTHORS = {
    "list": (["Ada Lovelace", "Alan Turing"], ("Ada Lovelace", "Alan Turing"), False),
    "objects": ([{"name": "Ada Lovelace"}], ("Ada Lovelace",), False),
    "commas and and": (
        "Ada Lovelace, Alan Turing and Grace Hopper",
        ("Ada Lovelace", "Alan Turing", "Grace Hopper"),
        False,
    ),
    "semicolons": ("Lovelace, Ada; Turing, Alan", ("Lovelace, Ada", "Turing, Alan"), False),
    "BibTeX": ("Lovelace, Ada and Turing, Alan", ("Lovelace, Ada", "Turing, Alan"), False),
    "one, turned round": ("Lovelace, Ada", ("Lovelace, Ada",), False),
    "and others": ("Ada Lovelace et al.", ("Ada Lovelace",), True),
    "and others in a list": (["Ada Lovelace", "et al."], ("Ada Lovelace",), True),
    "none": (None, (), False),
}


@pytest.mark.parametrize(("value", "names", "more"), AUTHORS.values(), ids=AUTHORS)
def test_authors_in_json(value: object, names: tuple[str, ...], more: bool) -> None:
    assert fields.authors(value) == (names, more)


GLUED = {
    "abbreviation": ("Steering with Meta RL", "Zhengyao Jiang"),
    "capitals": ("Prompts for CLIP", "Yi Wang"),
    "plural of an abbreviation": ("Planning with LLMs", "Wei Zhang"),
    "digit": ("Reading with GPT-4V", "Jia Ming"),
    "digit and capital": ("Walking in 3D", "Yang Li"),
    "capitals and capital": ("Aligning via DPO", "Alan Turing"),
    "inner capital": ("Training in PyTorch", "Yang Li"),
    "question": ("Who Is the Spy?", "Éric Dupont"),
    "bracket": ("Looms (with Cards)", "A. M. Turing"),
    "initials": ("Segmenting with CNN", "J. Smith"),
    "particle": ("Weaving by Machine", "Joost van de Weijer"),
    "hyphen": ("Handling Cards by Hand", "Man-Kit Sit"),
    "apostrophe": ("Counting Tides", "Siobhan O'Brien"),
    "inner capital in the name": ("Answering in Videos", "Stephen McAleer"),
    "Korean name": ("Finding Moments in Videos", "MinHyuk Jang"),
    "commas in the title": ("Syntax, Metaphor, and Phonetics", "Grace Hopper"),
    "inner capitals in the title": ("CityLight: GitHub for Crossings", "Grace Hopper"),
}


@pytest.mark.parametrize(
    "others", ["", ", Ada Lovelace", ", Ada Lovelace, Tim Lee et al. · cmu"], ids=["one", "two", "et al."]
)
@pytest.mark.parametrize(("title", "name"), GLUED.values(), ids=GLUED)
def test_a_title_is_parted_from_the_author_glued_to_it(title: str, name: str, others: str) -> None:
    parted = part(f"{title}{name}{others}", "We plan, walk and answer with LLMs in videos.", Seen())
    assert (parted.title, parted.credits.names[0]) == (title, name)
    assert parted.credits.complete is ("et al." not in others)


def test_a_line_without_a_name_is_all_title_and_doubtful() -> None:
    parted = part("Learning to count with levers", "", Seen())
    assert (parted.title, parted.credits.names, parted.sure) == ("Learning to count with levers", (), False)


def test_what_the_page_shows_elsewhere_decides_where_a_line_may_be_parted() -> None:
    line = "Notes on the Tides of AlphaGo Zero"
    assert part(line, "We play AlphaGo Zero by the sea.", Seen()).title == line
    seen = Seen()
    seen.learn(["Go Zero"])
    assert part(line, "", seen).credits.names == ("Go Zero",)
