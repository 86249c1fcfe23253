"""Samples without words: the same layout reads them as it reads their dumps, and none of the dumps' words is left."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import re
import zipfile
from collections.abc import Iterable
from email import message_from_bytes
from pathlib import Path
from typing import Any

import forms
import pytest
from command_line import Site, site
from hypothesis import given
from hypothesis import strategies as st
from reading import ON, documents

from digest import layouts
from digest.anonymise import Words, sample_of
from digest.anonymise.kept import KEPT, VERBATIM, VERBATIM_LINE
from digest.anonymise.words import pieces
from digest.errors import DumpError
from digest.models import Listing, Remark
from digest.service.samples import anonymised

__all__ = ["site"]

ROOT = Path(__file__).parents[1]
SAMPLES = sorted(path for path in (ROOT / "tests/layouts/samples").iterdir() if ".golden" not in path.name)
EXAMPLES = sorted((ROOT / "examples/dumps").rglob("*.*"))
REAL = sorted(Path(os.environ.get("DIGEST_TESTDATA", "no such folder")).glob("dumps/*.txt"))
SEED = 20260615

MADE = Words(SEED)
"""Words for texts that need no dump."""


def read(dump: bytes) -> tuple[str, list[dict[str, Any]], list[str]]:
    """Return the layout, the listings as printed, and the kinds of the remarks of a dump."""
    reading = layouts.read(documents(dump), ON)
    events = list(reading.events)
    listings = [event.as_row() for event in events if isinstance(event, Listing)]
    return reading.layout.name, listings, [event.kind for event in events if isinstance(event, Remark)]


def filled(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a listing has, without what it says: a list by its length, identifiers by their kinds."""
    shape = {name: len(value) if isinstance(value, list) else value is not None for name, value in row.items()}
    return shape | {"identifiers": sorted(row["identifiers"]), "uncertain": row["uncertain"], "layout": row["layout"]}


def read_anyhow(dump: bytes) -> tuple[str, list[dict[str, Any]], list[str]] | None:
    """Return what is read of a dump, without what it says, or None where it is refused."""
    try:
        layout, rows, remarks = read(dump)
    except DumpError:
        return None
    return layout, [filled(row) for row in rows], remarks


def texts(row: dict[str, Any]) -> Iterable[str]:
    """Return what a listing says."""
    named = (row["title"], row["abstract"], row["page_author"], *row["authors"], *row["affiliations"], *row["links"])
    return filter(None, named)


def words_of(text: str) -> set[str]:
    """Return the words of four letters or more in a text that a sample may not keep, in small letters."""
    bare = re.sub(VERBATIM, " ", text)
    found = (piece.lower() for run in re.findall(r"[^\W\d_]+", bare) for piece in pieces(run))
    return {word for word in found if len(word) >= 4 and word not in KEPT and word.removesuffix("s") not in KEPT}


@pytest.mark.parametrize("path", [*SAMPLES, *EXAMPLES, *REAL], ids=lambda path: f"{path.parent.name} {path.name}")
def test_a_sample_reads_as_its_dump_does_and_holds_none_of_its_words(path: Path) -> None:
    made = anonymised(path, SEED).data
    layout, rows, remarks = read(path.read_bytes())
    new_layout, new_rows, new_remarks = read(made)
    assert new_layout == layout
    assert new_remarks == remarks
    assert [filled(row) for row in new_rows] == [filled(row) for row in rows]
    own = set().union(*(words_of(text) for row in rows for text in texts(row)))
    own -= words_of(" ".join(filter(VERBATIM_LINE.fullmatch, path.read_text("utf-8").splitlines())))
    assert own & words_of(made.decode("utf-8", "replace")) == set()


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", [path for path in (*SAMPLES, *EXAMPLES, *REAL) if path.suffix == ".txt"], ids=lambda path: path.name
)
def test_in_whatever_form_a_page_was_saved_its_sample_reads_as_it_does(tmp_path: Path, path: Path) -> None:
    text = path.read_text("utf-8")
    titles = [row["title"] for row in read(path.read_bytes())[1]]
    saved = tmp_path / "2026-06-15 page"
    for form in (*forms.WRAPPED, *forms.LINKED):
        data = forms.in_form(form, text, titles)
        if read_anyhow(data) is None:
            continue  # that it is read in this form is for others to test
        if "wrapped" in form and "\n\n" not in text:
            continue  # where nothing else parts the paragraphs of a wrapped page, it is guessed by their words
        saved.write_bytes(data)
        assert read_anyhow(anonymised(saved, SEED).data) == read_anyhow(data), form


@pytest.mark.parametrize(
    "path", [path for path in (*SAMPLES, *EXAMPLES, *REAL) if path.suffix == ".txt"], ids=lambda path: path.name
)
def test_a_samples_lines_are_as_many_and_as_long(path: Path) -> None:
    lines = path.read_bytes().decode("utf-8", "replace").splitlines()
    made = anonymised(path, SEED).data.decode().splitlines()
    assert [len(line) for line in made] == [len(line) for line in lines]
    assert [re.findall(r"[^\w]", line) for line in made] == [re.findall(r"[^\w]", line) for line in lines]


KEEPS = {
    "an arXiv id's month": ("2506.12345v2", r"2506\.\d{5}v2"),
    "an old arXiv id": ("hep-th/9901001", r"hep-th/9901\d{3}"),
    "a DOI": ("doi:10.1234/loom.55", r"doi:10\.\d{4}/[a-z]{4}\.\d\d"),
    "arXiv's DOIs": ("10.48550/arXiv.2506.12345", r"10\.48550/arXiv\.2506\.\d{5}"),
    "dates": ("Mar 14 · Jun 17, 2022 · Nov-3-2023 · 2026-06-15", r"Mar 14 · Jun 17, 2022 · Nov-3-2023 · 2026-06-15"),
    "a date with its time": ("Thu, 12 Jun 2025 17:59:59 GMT", "Thu, 12 Jun 2025 17:59:59 GMT"),
    "a site's host": ("https://arxiv.org/abs/2506.12345", r"https://arxiv\.org/abs/2506\.\d{5}"),
    "only the end of another": ("https://looms.example.org/ada", r"https://[a-z]{5}\.[a-z]{7}\.org/[a-z]{3}"),
    "an address's marks": ("ada@looms.org", r"[a-z]{3}@[a-z]{5}\.org"),
    "a listing's first line": ("36.1cs.ROJun 17, 2022Code", r"\d\d\.\dcs\.ROJun 17, 2022Code"),
    "categories": ("(cs.LG; hep-th; math.NA)", r"\(cs\.LG; hep-th; math\.NA\)"),
    "TeX": (r"\emph{looms} of $\alpha_i$", r"\\emph\{[a-z]{4}s\} of \$\\alpha_i\$"),
    "capitals": ("PyTorch for LLMs with GitHub", r"[A-Z][a-z][A-Z][a-z]{4} for [A-Z]{3}s with GitHub"),
    "other scripts": ("Ерёмин 織機 직조기", r"[Ѐ-Я][\u0430-\u047f]{5} [\u4e00-\u9fa5]{2} [\uac00-\ud7a3]{3}"),
    "accents as such": ("Erdős", r"[A-Z][a-z]{2}[^\x00-\x7f]s"),
    "references": ("&amp; &eacute; &#233;", r"&amp; &eacute; &#\d{3};"),
}


@pytest.mark.parametrize(("text", "wanted"), KEEPS.values(), ids=KEEPS)
def test_what_layouts_go_by_stays(text: str, wanted: str) -> None:
    made = sample_of(text, Words(SEED))
    assert re.fullmatch(wanted, made), made


GOES = {
    "markup": '<html><body class="page"><h1 title="Weaving">Weaving</h1><p>Punched <b>cards</b></p></body></html>',
    "attributes": '<meta property="og:title" content="Weaving"><img alt="Punched cards" src="/weaving.png">',
    "comments": "<p>x</p><!-- saved from url=(0030)https://weaving.example.org/punched -->",
    "scripts": "<p>x</p><script>var weaving = 'punched';</script><style>.weaving { }</style>",
    "data in an attribute": '<div data-props="{&quot;title&quot;:&quot;Weaving &lt;b&gt;cards&quot;}">x</div>',
    "data in a script": '<p>x</p><script type="application/ld+json">{"title": "Weaving \\u0070unched"}</script>',
    "CDATA": "<rss><item><title><![CDATA[Weaving <b>punched</b> cards]]></title></item></rss>",
    "a JSON value": '{"title": "Weaving\\n\\u0070unched", "n": {"list": ["cards", 4]}}',
    "broken JSON": '{"title": "Weaving\n{"title": weaving punched}\n',
    "BibTeX": '@article{weaving2024,\n  title = {Weaving},\n  author = "Punched, Cards",\n month = jun,\n}\n',
    "RIS": "TY  - JOUR\nTI  - Weaving\nAU  - Punched, Cards\nER  - \n",
    "character references": "<p>&#87;&#x65;aving &#112;unched</p>",
    "letters without a break": "SubscribeWeavingPunched",
    "a tag that is not closed": '<p>x</p><a href="weaving',
    "a comment that is not closed": "<p>x</p><!-- weaving punched",
}


@pytest.mark.parametrize("text", GOES.values(), ids=GOES)
def test_a_dumps_own_words_go_wherever_they_stand(text: str) -> None:
    made = sample_of(text, Words(SEED))
    assert not re.search("weaving|punched|cards", made, re.IGNORECASE), made
    assert made.count("\n") == text.count("\n")


def test_markup_stays_as_it_was() -> None:
    text = '<html lang="en"><p class="card" id="x"><a href="/papers/2506.12345">Weaving</a><br/>\n</p></html>'
    made = sample_of(text, Words(SEED))
    assert re.sub(r"2506\.\d{5}", "2506.12345", re.sub(">[A-Z][a-z]{6}<", ">Weaving<", made)) == text


def test_json_keeps_its_names_and_its_types() -> None:
    row = {"title": "Looms", "authors": [{"name": "Ada"}], "score": -36.5, "ok": True, "none": None, "n": [1e-9, 120]}
    made = json.loads(sample_of(json.dumps(row), Words(SEED)))
    assert list(made) == list(row)
    assert (made["ok"], made["none"], list(made["authors"][0])) == (True, None, ["name"])
    assert -100 < made["score"] < -9
    assert 99 < made["n"][1] < 1000


def test_the_same_word_becomes_the_same_and_its_plural_goes_with_it() -> None:
    loom, again, looms, capital, other = sample_of("loom loom looms Loom cogs", Words(SEED)).split()
    assert (again, looms, capital) == (loom, f"{loom}s", loom.capitalize())
    assert other[:3] not in loom


def test_no_made_up_word_is_one_of_the_dumps_own() -> None:
    once = sample_of("Weaving punched cards without a clerk or a spare wheel", Words(SEED))
    again = sample_of(once, Words(SEED))
    assert words_of(once) & words_of(again) == set()


def test_a_word_stands_for_one_of_its_kind_and_a_name_for_a_name() -> None:
    text = "Ada told Bob that looms, engines, levers, ciphers, tides and clocks need wardens"
    made = sample_of(text, Words(SEED, lambda word: "e" in word, {"Ada", "Bob", "Zoe", "Ivo", "Uma"}))
    pairs = list(zip(re.findall(r"\w+", text), re.findall(r"\w+", made), strict=True))
    assert [("e" in own) == ("e" in other) for own, other in pairs] == [True] * len(pairs)
    assert {made.split()[0], made.split()[2]} == {"Ivo", "Uma"}


def test_other_seeds_make_other_words() -> None:
    assert sample_of("Weaving punched cards", Words(1)) != sample_of("Weaving punched cards", Words(2))


def test_passwords_and_fingerprints_become_others_each_time() -> None:
    token = "a91Bc7Qe55Zk01Lm"
    first, second = sample_of(f"{token} {token}", Words(SEED)).split()
    assert len({first, second, token}) == 3
    assert len(first) == len(token)


@given(st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=200))
def test_any_text_becomes_one_with_the_same_marks(text: str) -> None:
    made = sample_of(text, Words(SEED))
    assert made.count("\n") == text.count("\n")


@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<!--",
                "-->",
                "<![CDATA[",
                "]]>",
                "<script>",
                "</script>",
                "<a b='",
                '"',
                "Loom",
                "&#",
                "{",
                "[",
                "\\",
                ":",
                "\n",
                "@x{",
                "=",
            ]
        ),
        max_size=30,
    )
)
def test_any_markup_ends(parts: list[str]) -> None:
    sample_of("".join(parts), MADE)


HOSTILE = {
    "openings": "<!--" * 20_000,
    "quotes": "<a '" * 20_000,
    "JSON quotes": '{"' + '\\"' * 20_000,
    "blank lines in BibTeX": "@a{b,\n" + "\n" * 10_000,
    "digits": "1" * 10_000,
    "commas": ",1" * 20_000,
    "one word": "a" * 10_000,
    "capitals": "aB" * 20_000,
    "hyphens": "a-" * 20_000,
    "scripts": "<script>" * 10_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_take_no_longer_than_others(text: str) -> None:
    assert sample_of(text, Words(SEED))


MAIL = b"""From: Ada Lovelace <ada@weaving.example.org>
Subject: =?utf-8?q?Weaving_punched_cards?=
Date: Mon, 15 Jun 2026 08:00:00 +0000
Content-Type: multipart/mixed; boundary="=_b1"

--=_b1
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Weaving =C3=A9toffes, punched by a long line of cards that is broken off here=
 at its end.
--=_b1
Content-Type: application/json; name="weaving.json"
Content-Transfer-Encoding: base64

eyJ0aXRsZSI6ICJXZWF2aW5nIn0K
--=_b1
Content-Type: image/png
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--=_b1--
"""


def test_a_mail_keeps_its_parts_and_encodings_and_no_words(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(MAIL)
    data = anonymised(tmp_path / "a.eml", SEED).data
    made = message_from_bytes(data)
    kinds = ["multipart/mixed", "text/plain", "application/json", "image/png"]
    assert [part.get_content_type() for part in made.walk()] == kinds
    assert made["Date"] == "Mon, 15 Jun 2026 08:00:00 +0000"
    plain, values, picture = (part.get_payload(decode=True) for part in list(made.walk())[1:])
    assert list(json.loads(values)) == ["title"]
    assert picture == b""
    said = b"".join((data, plain, values)).decode()
    assert not re.search("weaving|punched|cards|lovelace|iVBOR", said, re.IGNORECASE), said


@pytest.mark.parametrize("cut", [0, 1, 60, 200, 300, 500, 700])
def test_a_mail_that_is_cut_off_or_mixed_up_is_written_or_refused(tmp_path: Path, cut: int) -> None:
    (tmp_path / "a.eml").write_bytes(MAIL[:cut] + MAIL[cut + 9 :] + b"\xff\xfe\x00")
    with contextlib.suppress(DumpError):
        assert anonymised(tmp_path / "a.eml", SEED).data


def test_a_rejected_dump_becomes_a_sample_too(site: Site) -> None:
    (site.folder / "page.txt").write_text("A page of looms\n\nNobody knows this layout.\n")
    said = site.plain("samples", "anonymise", "page.txt")
    assert said.status == 0
    assert re.fullmatch(r"A page of [a-z]{4}s\n\n[A-Z][a-z]{5} [a-z]{4}s this [a-z]{6}\.\n", said.out)
    assert "look through it" in said.err


def test_of_a_packed_files_dumps_the_first_that_is_not_read_is_taken(site: Site) -> None:
    with zipfile.ZipFile(site.folder / "dumps.zip", "w") as packed:
        packed.writestr("a.jsonl", '{"title": "Looms"}\n')
        packed.writestr("b.txt", "Nobody knows this layout.\n")
        packed.writestr("c.txt", "Nor this one.\n")
    said = site.plain("samples", "anonymise", "dumps.zip")
    assert said.out.endswith(" this " + said.out.split()[-1] + "\n")
    assert "the sample is of b.txt in dumps.zip" in said.err
    (site.folder / "a.jsonl.gz").write_bytes(gzip.compress(b'{"title": "Looms"}\n'))
    assert list(site.plain("samples", "anonymise", "a.jsonl.gz").json) == ["title"]


def test_a_sample_is_written_where_it_should_be(site: Site) -> None:
    (site.folder / "page.txt").write_text("Looms\n")
    said = site.plain("samples", "anonymise", "page.txt", "--output", "sample.txt")
    assert (said.status, said.out) == (0, "")
    assert len((site.folder / "sample.txt").read_text()) == 6


@pytest.mark.parametrize(
    ("name", "data", "status", "why"),
    [
        pytest.param("none.txt", None, 2, "no such file", id="nothing"),
        pytest.param("a.pdf", b"\x00\x01\x02" * 100, 1, "binary data", id="no text"),
        pytest.param("long.txt", b"word word\n" * 1_700_000, 1, "longer than 16 MiB", id="too long"),
    ],
)
def test_what_cannot_become_a_sample_is_refused_in_one_line(
    site: Site, name: str, data: bytes | None, status: int, why: str
) -> None:
    if data is not None:
        (site.folder / name).write_bytes(data)
    said = site.plain("samples", "anonymise", name)
    assert said.status == status
    assert why in said.complaint
