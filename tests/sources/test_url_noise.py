"""Sources of kind url: whatever a server says is an answer, or a failure in one line."""

from __future__ import annotations

import gzip
from collections.abc import Sequence

import httpcore
from asked_sources import NOW, ask_url
from faulty_http import Invented, answer, head
from hypothesis import example, given
from hypothesis import strategies as st

from digest import sources


class Noise(Invented):
    """A network in which every connection says the same, in pieces, and then ends."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        super().__init__(None)
        self.pieces = pieces

    def connect(self, address: str, port: int, patience: float) -> httpcore.NetworkStream:
        return httpcore.MockStream(list(filter(None, self.pieces)))


def assert_told(found: sources.Fetched) -> None:
    assert (found.status == "failed") == bool(found.reason)
    assert found.reason.isprintable()
    assert len(found.reason) < 400
    assert sources.remembered(found.memory.text()) == found.memory
    for dump in found.brought:
        assert dump.name.isprintable()
        assert isinstance(dump.content, bytes)


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_any_bytes_are_told(pieces: list[bytes]):
    assert_told(ask_url(Noise(pieces)))


@given(
    st.sampled_from([200, 204, 301, 302, 304, 308, 404, 429, 503, 101, 103, 999]),
    st.dictionaries(
        st.sampled_from(
            [
                "location",
                "retry_after",
                "etag",
                "last_modified",
                "content_type",
                "content_encoding",
                "content_length",
                "transfer_encoding",
            ]
        ),
        st.one_of(
            st.sampled_from(["gzip", "chunked", "http://[", "//", "5", "-1", "Mon, 15 Jun 9999 08:30:00 GMT", "\x80"]),
            st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=30),
        ),
    ),
    st.binary(max_size=100),
)
@example(429, {"retry_after": "Fri, 31 Dec 9999 23:59:59 -2359"}, b"")
@example(302, {"location": "http://xn--\u00fc.example"}, b"")
@example(200, {"etag": '"\ud7ff"'}, b"x")
def test_any_headers_are_told(status: int, headers: dict[str, str], body: bytes):
    assert_told(ask_url(Noise([head(f"{status} X", **headers) + body])))


@given(st.binary(max_size=300), st.integers(0, 400), st.integers(0, 255), st.integers(1, 30))
def test_gzip_that_is_damaged_anywhere_is_told_and_whole_gzip_is_read(body: bytes, place: int, value: int, size: int):
    packed = bytearray(gzip.compress(body))
    if place < len(packed):
        packed[place] = value
    pieces = [answer(content_encoding="gzip", content_length=len(packed))]
    pieces += [bytes(packed[start : start + size]) for start in range(0, len(packed), size)]
    found = ask_url(Noise(pieces), now=NOW)
    assert_told(found)
    if place >= len(packed) and body:
        assert found.brought[0].content == body
