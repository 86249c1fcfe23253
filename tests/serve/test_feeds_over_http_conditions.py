"""What a request's header fields ask for: every form that RFC 9110 allows, and what it does not."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.web.conditional import http_date, same, wants_gzip

TAG, SEVEN = '"abc"', datetime(2026, 6, 15, 7, tzinfo=UTC)
AT, BEFORE, AFTER = (f"Mon, 15 Jun 2026 {time} GMT" for time in ("07:00:00", "06:59:59", "07:00:01"))


@pytest.mark.parametrize(
    ("none_match", "modified_since", "told_so"),
    [
        pytest.param(None, None, False, id="nothing is asked"),
        pytest.param('"abc"', None, True, id="the tag"),
        pytest.param('"abd"', None, False, id="another tag"),
        pytest.param('W/"abc"', None, True, id="the tag, weak: as good here"),
        pytest.param('w/"abc"', None, True, id="a small w belongs to no tag, and the tag stands behind it"),
        pytest.param('"x", "abc"', None, True, id="one of a list"),
        pytest.param('"x","abc" ,W/"y"', None, True, id="a list without spaces"),
        pytest.param('"x, y", "abc"', None, True, id="a comma inside a tag"),
        pytest.param('"x, abc", "y"', None, False, id="the tag's text inside another"),
        pytest.param("*", None, True, id="any"),
        pytest.param(" * ", None, True, id="any, with spaces"),
        pytest.param('"*"', None, False, id="a tag that is a star"),
        pytest.param("abc", None, False, id="without quotes"),
        pytest.param("", None, False, id="an empty list"),
        pytest.param('"ABC"', None, False, id="in other letters"),
        pytest.param('"abc-gz"', None, False, id="that of the packed form"),
        pytest.param(None, AT, True, id="since just then"),
        pytest.param(None, AFTER, True, id="since later"),
        pytest.param(None, BEFORE, False, id="since before"),
        pytest.param('"abd"', AFTER, False, id="another tag wins over a date"),
        pytest.param('"abc"', BEFORE, True, id="the tag wins over a date"),
        pytest.param("", AFTER, False, id="so does an empty list of tags"),
        pytest.param(None, "yesterday", False, id="a date that is none"),
        pytest.param(None, f"{AFTER}, {AFTER}", False, id="two dates"),
        pytest.param(None, "", False, id="an empty date"),
    ],
)
def test_who_has_this_state_is_told_so(none_match: str | None, modified_since: str | None, told_so: bool) -> None:
    assert same(TAG, SEVEN, none_match, modified_since) is told_so


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 15 Jun 2026 07:00:00 GMT",
        "Monday, 15-Jun-26 07:00:00 GMT",
        "Mon Jun 15 07:00:00 2026",
        "  Mon, 15 Jun 2026 07:00:00 GMT ",
    ],
)
def test_a_date_is_read_in_each_of_its_three_forms(text: str) -> None:
    assert http_date(text) == SEVEN


@pytest.mark.parametrize(
    ("text", "year"), [("Sunday, 06-Nov-94 08:49:37 GMT", 1994), ("Sunday, 06-Nov-05 08:49:37 GMT", 2005)]
)
def test_a_year_of_two_digits_is_of_our_time(text: str, year: int) -> None:
    assert http_date(text) == datetime(year, 11, 6, 8, 49, 37, tzinfo=UTC)


def test_a_day_of_one_digit_has_a_space_before_it() -> None:
    assert http_date("Sun Nov  6 08:49:37 1994") == datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 15 Jun 2026 07:00:00 +0200",
        "Mon, 15 Jun 2026 07:00:00",
        "Mon, 15 jun 2026 07:00:00 GMT",
        "Mon, 31 Jun 2026 07:00:00 GMT",
        "Mon, 15 Jun 2026 24:00:00 GMT",
        "Mon, 15 Jun 2026 07:00:60 GMT",
        "Mon, 15 Jun 0000 07:00:00 GMT",
        "Mon, 15 Jun ２０２６ 07:00:00 GMT",
        "2026-06-15T07:00:00Z",
        "1781506800",
        "0",
        "x" * 60_000,
    ],
)
def test_what_is_no_date_is_ignored(text: str) -> None:
    assert http_date(text) is None


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        pytest.param(None, False, id="nothing is said: some cannot unpack"),
        pytest.param("", False, id="nothing is accepted"),
        pytest.param("gzip", True, id="gzip"),
        pytest.param("gzip, deflate, br, zstd", True, id="a browser's"),
        pytest.param("GZIP", True, id="in capitals"),
        pytest.param("x-gzip", True, id="by its old name"),
        pytest.param("br, deflate", False, id="others only"),
        pytest.param("gzipped", False, id="a longer name"),
        pytest.param("gzip;q=0", False, id="refused"),
        pytest.param("gzip;q=0.000", False, id="refused at length"),
        pytest.param("gzip;q=0.001", True, id="hardly wanted"),
        pytest.param("gzip ; q=0.5 , deflate", True, id="with spaces"),
        pytest.param("gzip;Q=0", False, id="a capital Q"),
        pytest.param("*", True, id="anything"),
        pytest.param("*;q=0", False, id="nothing but the plain form"),
        pytest.param("*;q=0, gzip", True, id="nothing but gzip"),
        pytest.param("gzip;q=0, *", False, id="anything but gzip"),
        pytest.param("identity", False, id="the plain form"),
        pytest.param("identity, gzip", True, id="both alike"),
        pytest.param("identity;q=0.5, gzip", True, id="gzip rather than the plain form"),
        pytest.param("identity, gzip;q=0.5", False, id="the plain form rather than gzip"),
        pytest.param("identity;q=0, gzip", True, id="not the plain form"),
        pytest.param("gzip;q=nan", False, id="a weight that is no number"),
        pytest.param("gzip;q=2", False, id="a weight above one"),
        pytest.param("gzip;q=", False, id="a weight that is missing"),
        pytest.param("gzip;level=9", False, id="a parameter that is no weight"),
        pytest.param(",,gzip,,", True, id="empty elements"),
    ],
)
def test_an_answer_is_packed_for_who_wants_that(accepted: str | None, packed: bool) -> None:
    assert wants_gzip(accepted) is packed


@given(st.text(max_size=200), st.text(max_size=200))
def test_nothing_that_is_sent_is_an_error(one: str, other: str) -> None:
    assert same(TAG, SEVEN, one, other) is (one.strip() == "*" or TAG in one)
    wants_gzip(one)
    http_date(other)


@given(st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31)))
def test_every_date_that_we_would_write_is_read(moment: datetime) -> None:
    whole = moment.replace(microsecond=0, tzinfo=UTC)
    assert http_date(format_datetime(whole, usegmt=True)) == whole
