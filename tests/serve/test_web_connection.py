"""What strangers may send before anybody listens to it: as much as readers send, and no more."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from serve_site import PUBLISHED, Site
from served_feeds import Served, listening

from digest.web.guard import MOST_BYTES

ASK = b"GET /healthz HTTP/1.1\r\nHost: digest.test\r\n"
POST = b"POST /unsubscribe/x HTTP/1.1\r\nHost: digest.test\r\nTransfer-Encoding: chunked\r\n\r\n"
MUCH = 16 * 2**20  # octets; far more than what a system holds for a program that reads no further


@pytest.fixture
def served(site: Callable[..., Site], published: Path) -> Iterator[Served]:
    with listening(site(PUBLISHED, published).context) as found:
        yield found


def taken(served: Served, start: bytes, piece: bytes) -> int:
    """Send pieces for as long as they are taken; return how many octets were."""
    count = 0
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as connection, suppress(ConnectionError):
        connection.sendall(start)
        while count < MUCH:
            connection.sendall(piece)
            count += len(piece)
    return count


def answers(served: Served, *requests: bytes) -> bytes:
    """Send requests at once, the last of which ends the connection; return all that comes back."""
    found = b""
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as connection:
        connection.sendall(
            b"".join(requests[:-1]) + requests[-1].replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        )
        while received := connection.recv(2**16):
            found += received
    return found


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        pytest.param(ASK, b"X-A: " + b"y" * 8000 + b"\r\n", id="header fields without end"),
        pytest.param(ASK + b"X-A: ", b"y" * 8000, id="a header field without end"),
        pytest.param(b"GET /", b"y" * 8000, id="an address without end"),
        pytest.param(POST + b"0\r\n", b"X-A: " + b"y" * 8000 + b"\r\n", id="trailers without end"),
        pytest.param(POST + b"0\r\nX-A: ", b"y" * 8000, id="a trailer without end"),
        pytest.param(POST + b"1;", b"y" * 8000, id="a chunk's extension without end"),
        pytest.param(b"", (ASK + b"\r\n") * 200, id="requests without end, and no answer is waited for"),
        pytest.param(POST, b"1f40\r\n" + b"y" * 8000 + b"\r\n", id="a body without end"),
    ],
)
def test_a_connection_ends_that_sends_without_end(served: Served, start: bytes, piece: bytes) -> None:
    assert taken(served, start, piece) < MUCH // 2
    assert served.ask("/healthz").status == 200


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(b"", id="an ordinary request"),
        pytest.param(b"Cookie: " + b"y" * 30_000 + b"\r\n", id="large cookies"),
        pytest.param(b"Connection: Upgrade\r\nUpgrade: h2c\r\n", id="an upgrade that is not made"),
    ],
)
def test_what_readers_send_is_answered(served: Served, fields: bytes) -> None:
    assert answers(served, ASK + fields + b"\r\n").startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    ("announced", "sent", "status"),
    [
        pytest.param(MOST_BYTES, MOST_BYTES, b"404", id="as much as is taken in"),
        pytest.param(MOST_BYTES + 1, MOST_BYTES + 1, b"413", id="an octet more"),
        pytest.param(10**7, 2 * MOST_BYTES, b"413", id="with much to come"),
    ],
)
def test_a_body_has_a_bound_of_its_own(served: Served, announced: int, sent: int, status: bytes) -> None:
    head = POST.replace(b"Transfer-Encoding: chunked", b"Content-Length: %d" % announced)
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as connection:
        connection.sendall(head + b"y" * sent)
        assert connection.recv(12) == b"HTTP/1.1 " + status


def test_many_requests_in_one_connection_have_the_bound_each(served: Served) -> None:
    request = ASK + b"Cookie: " + b"y" * 30_000 + b"\r\n\r\n"
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as connection:
        for _ in range(6):
            connection.sendall(request)
            answer = b""
            while not answer.endswith(b"ok\n"):
                received = connection.recv(2**16)
                assert received
                answer += received


def test_some_requests_may_be_sent_ahead(served: Served) -> None:
    assert answers(served, *[ASK + b"\r\n"] * 10).count(b"HTTP/1.1 200 OK") == 10
