"""One request by HTTP and its answer: headers as text, the body as bytes that arrive within limits."""

from __future__ import annotations

import ssl
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

import httpcore

from digest.containers.gunzip import Gunzipped
from digest.errors import SourceError
from digest.sources.network import Backend, Deadline, Network
from digest.sources.target import Target

_CHUNK = 2**16
_GZIP = ("gzip", "x-gzip")  # one thing (RFC 9110, section 8.4.1.3)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said: its status, its headers by their names in small letters, and its body, to be read once."""

    status: int
    headers: Mapping[str, str]
    stream: Iterator[bytes]

    def body(self, most: int) -> bytes:
        """Return the bytes of the body, unpacked if need be; SourceError for more than ``most``, packed or not.

        What is left unread is never read: the connection is closed with it.
        """
        declared = self.headers.get("content-length", "")
        if declared.isdecimal() and int(declared[:20]) > most:
            raise _too_large(most)
        encoding = self.headers.get("content-encoding", "identity").strip().lower() or "identity"
        if encoding not in ("identity", *_GZIP):
            raise SourceError(f"the answer is packed by {encoding[:40]!r}, which nobody asked for")
        arriving = _Arriving(self.stream, most)
        return _unpacked(arriving, most) if encoding in _GZIP else _all_of(arriving, most)


class _Arriving:
    """The bytes of a body as they come over the wire; more than ``most`` is an error."""

    def __init__(self, stream: Iterator[bytes], most: int) -> None:
        self._stream, self._left, self._most = stream, most, most

    def read(self, count: int, /) -> bytes:  # noqa: ARG002 (as many as came at once: 64 KiB at most)
        chunk = next(self._stream, b"")
        self._left -= len(chunk)
        if self._left < 0:
            raise _too_large(self._most)
        return chunk


def _all_of(readable: _Arriving | Gunzipped, most: int) -> bytes:
    whole = BytesIO()  # which gives its bytes away without another copy of them
    while chunk := readable.read(_CHUNK):
        if whole.tell() + len(chunk) > most:
            raise _too_large(most)
        whole.write(chunk)
    return whole.getvalue()


def _unpacked(arriving: _Arriving, most: int) -> bytes:
    try:
        return _all_of(Gunzipped(arriving), most)
    except EOFError as error:
        raise SourceError("the answer breaks off: its gzip has no end", passing=True) from error
    except zlib.error as error:
        raise SourceError("the answer is said to be gzip, and cannot be unpacked") from error


def _too_large(most: int) -> SourceError:
    size = f"{most // 10**6} MB" if most % 10**6 == 0 else f"{most // 1000} kB"
    return SourceError(f"the answer is larger than {size}", mend="max_size may be more")


@contextmanager
def asking(
    network: Network, where: Target, headers: Mapping[str, str], seconds: float, *, private: bool
) -> Iterator[Answer]:
    """Ask one address and give its answer for as long as the block lasts; redirects are not followed.

    The host's turn is waited for first; ``seconds`` are counted from then to the end of the block. Raises SourceError,
    also for what goes wrong while the body is read.
    """
    network.politeness.wait(where.host)
    deadline = Deadline(network.clock, seconds)
    backend = Backend(network, deadline, private=private)
    address = httpcore.URL(scheme=where.scheme, host=where.host, port=where.port, target=where.path)
    waits = {"connect": network.connecting, "read": network.silence, "write": network.silence}
    secure = network.secure() if where.scheme == "https" else None
    sent = [("Host", where.authority), ("Connection", "close"), *headers.items()]
    with (
        _named(deadline),
        httpcore.ConnectionPool(secure, network_backend=backend) as pool,
        pool.stream("GET", address, headers=sent, extensions={"timeout": waits}) as answer,
    ):
        yield Answer(answer.status, _texts(answer.headers), iter(answer.iter_stream()))


def _texts(headers: list[tuple[bytes, bytes]]) -> Mapping[str, str]:
    """Return headers as text, the first of each name; most are ASCII, some addresses UTF-8."""
    found: dict[str, str] = {}
    for name, value in headers:
        found.setdefault(name.decode("latin-1").lower(), value.decode("utf-8", "replace"))
    return found


@contextmanager
def _named(deadline: Deadline) -> Iterator[None]:
    """Turn what httpcore raises into a SourceError that says what happened."""
    try:
        yield
    except httpcore.TimeoutException as error:
        deadline.left()  # raises where the whole request took too long
        what = "cannot be reached: no answer" if isinstance(error, httpcore.ConnectTimeout) else "does not answer"
        raise SourceError(f"the server {what}", passing=True) from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise _told(error) from error


def _told(error: Exception) -> SourceError:
    cause = error.args[0] if error.args else None  # httpcore makes its errors of those that they stand for
    if isinstance(cause, ssl.SSLCertVerificationError):
        return SourceError(f"the server's certificate is not good: {cause.verify_message}")
    if isinstance(cause, ssl.SSLError):
        return SourceError("no secure connection can be made", passing=True)
    if isinstance(error, httpcore.ConnectError):
        why = getattr(cause, "strerror", None) or "no connection"
        return SourceError(f"the server cannot be reached: {why.lower()}", passing=True)
    if isinstance(error, httpcore.NetworkError):
        return SourceError("the connection breaks off", passing=True)
    words = str(error)
    if "without sending" in words or "peer closed" in words:
        return SourceError("the answer breaks off", passing=True)
    return SourceError("the answer is no HTTP that can be read", passing=True)
