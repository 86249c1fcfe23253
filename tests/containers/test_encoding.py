"""Bytes to text: told, marked, wrong and broken encodings, and the lines that come of them."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import documents

from digest.archive import blob_of
from digest.containers import encoding
from digest.containers.encoding import Text, as_text
from digest.errors import DumpError

FRENCH = "Émile à la plage, « déjà vu » – cœur naïf\n"
RUSSIAN = "Большие языковые модели читают страницы, и мы измеряем, как часто они ошибаются.\n"
CHINESE = "我们研究一种由打孔卡片控制的织机，并测量它出错的频率。\n"
PAGE = "We describe a loom that weaves what its cards tell it.\n" * 40


def text_of(data: bytes, declared: str | None = None) -> Text:
    return as_text(blob_of(data, "x"), declared)


@pytest.mark.parametrize(
    ("data", "wanted", "told"),
    [
        pytest.param(FRENCH.encode(), FRENCH, None, id="UTF-8"),
        pytest.param(codecs.BOM_UTF8 + FRENCH.encode(), FRENCH, None, id="UTF-8 with a mark"),
        pytest.param(FRENCH.encode("utf-16"), FRENCH, "utf-16", id="UTF-16 with a mark"),
        pytest.param(codecs.BOM_UTF16_BE + FRENCH.encode("utf-16-be"), FRENCH, "utf-16", id="UTF-16, big end first"),
        pytest.param(FRENCH.encode("utf-16-le"), FRENCH, "utf-16-le", id="UTF-16 without a mark"),
        pytest.param(FRENCH.encode("utf-16-be"), FRENCH, "utf-16-be", id="the same, big end first"),
        pytest.param(FRENCH.encode("cp1252"), FRENCH, "cp1252", id="windows-1252"),
        pytest.param((PAGE + FRENCH).encode("cp1252"), PAGE + FRENCH, "cp1252", id="windows-1252 here and there"),
        pytest.param(RUSSIAN.encode("cp1251"), RUSSIAN, "cp1251", id="windows-1251"),
        pytest.param(RUSSIAN.encode("koi8-r"), RUSSIAN, "koi8_r", id="KOI8-R"),
        pytest.param(CHINESE.encode("gb18030"), CHINESE, "gb18030", id="GB 18030"),
        pytest.param(f"<meta charset=koi8-r>{FRENCH}".encode("cp1252", "replace"), None, "koi8-r", id="as a page says"),
        pytest.param(b"<?xml version='1.0' encoding='utf-16'?>\xe9\n", None, "cp1252", id="as a page cannot be"),
    ],
)
def test_the_encoding_is_found(data: bytes, wanted: str | None, told: str | None) -> None:
    text = text_of(data)
    assert text.told_encoding == told
    if wanted is not None:
        assert text.whole() == wanted.removesuffix("\n")


def test_a_few_broken_bytes_do_not_turn_the_others_into_nonsense() -> None:
    broken = (FRENCH * 1000).encode() + b"\xe9 cut \xc3"
    text = text_of(broken)
    assert text.told_encoding == "utf-8, broken"
    assert text.whole().count("Émile à la plage") == 1000
    assert documents(broken)[0].encoding == "utf-8, broken"


def test_a_page_with_one_accent_in_another_encoding_is_not_taken_for_broken() -> None:
    assert text_of((PAGE + "Zoë\n").encode("cp1252")).whole().endswith("Zoë")


def test_a_few_zero_bytes_are_dirt_and_many_are_no_text() -> None:
    assert text_of(PAGE.encode() + b"\0").encoding == "utf-8"
    for data in (bytes(range(256)) * 8, b"\0" * 5000, PAGE.encode("utf-32-le"), b"\0a\0\0b\0"):
        with pytest.raises(DumpError, match="it is not text but binary data"):
            text_of(data)


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        pytest.param(b"a\nb\n", ["a", "b"], id="LF"),
        pytest.param(b"a\r\nb\r\n", ["a\r", "b\r"], id="CRLF, whose CR is white space"),
        pytest.param(b"a\rb\r", ["a", "b"], id="CR alone"),
        pytest.param(b"a\r\rb", ["a", "", "b"], id="CR alone, with a blank line"),
        pytest.param(b"a\rb\nc", ["a\rb", "c"], id="CR and LF"),
        pytest.param("a\rb\r".encode("utf-16"), ["a", "b"], id="CR in UTF-16"),
        pytest.param(b"a", ["a"], id="none"),
        pytest.param(b"", [], id="nothing"),
    ],
)
def test_lines_end_at_lf_and_at_cr_where_there_is_no_lf(data: bytes, wanted: list[str]) -> None:
    assert list(text_of(data).lines()) == wanted


def test_lines_that_are_too_long_and_blank_lines_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "MOST_LINE", 2**20)
    monkeypatch.setattr(encoding, "_MOST_BLANK", 300_000)
    text_of(b"x" * 2**20 + b"\n" + b"y" * 2**20)
    for data in (b"x" * (2**20 + 1), b"a\n" * 9 + b"x" * (3 * 2**20) + b"\n", b"a\r" + b"x" * (3 * 2**20)):
        with pytest.raises(DumpError, match=r"a line is longer than 1 MiB"):
            text_of(data)
    for data in (b"\n" * 2_000_000, b"\r\n" * 2_000_000, b"   \t\n" * 2_000_000, b"\r" * 2_000_000):
        with pytest.raises(DumpError, match="next to nothing but blank lines"):
            text_of(data)
    text_of(b"word\n\n\n" * 300_000)


@given(st.binary(max_size=200), st.sampled_from([None, "utf-8", "iso-8859-1", "utf-7", "hz", "big5", "idna", "x\0"]))
def test_any_bytes_are_text_or_refused(data: bytes, declared: str | None) -> None:
    try:
        text = text_of(data, declared)
    except DumpError:
        return
    assert all(isinstance(line, str) for line in text.lines())
    assert list(text.lines()) == list(text.lines())


@given(st.text(st.characters(exclude_characters="\r\0\ufeff", exclude_categories=["Cs"]), max_size=100))
def test_what_is_written_as_utf_8_or_utf_16_is_read_as_it_was(written: str) -> None:
    for form in ("utf-8", "utf-8-sig", "utf-16"):
        lines = list(text_of(written.encode(form)).lines())
        assert "\n".join(lines) == written.removesuffix("\n")
