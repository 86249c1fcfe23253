"""Connections that go where they may and end when they must: a backend for httpcore.

httpcore hands in the name of a host and asks for a connection. The name is looked up here, once; all answers are
checked; the connection goes to one of them. So there is no second look-up that could be answered differently. TLS is
begun by httpcore on that connection, for the name.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from typing import Any

import httpcore

from digest.errors import SourceError
from digest.sources.addresses import refusal
from digest.sources.politeness import Politeness

Resolve = Callable[[str, float], Sequence[str]]
"""A host's name, and seconds to wait, to its addresses; raises OSError, TimeoutError among them."""

Connect = Callable[[str, int, float], httpcore.NetworkStream]
"""An address, a port, and seconds to wait, to a connection; raises what httpcore's own backend does."""

_MOST_ADDRESSES = 8  # that are tried; a host with more has trouble that another would not mend


@dataclass(frozen=True, slots=True)
class Network:
    """The world as far as ``url`` sources touch it; ``connecting`` and ``silence`` are seconds to wait at most."""

    resolve: Resolve
    connect: Connect
    secure: Callable[[], ssl.SSLContext]
    clock: Callable[[], float]
    sleep: Callable[[float], object]
    politeness: Politeness
    connecting: float = 10.0
    silence: float = 20.0


def network(clock: Callable[[], float], sleep: Callable[[float], object]) -> Network:
    """Return the real one, to be shared by all sources: they wait for each other's turns."""
    return Network(looked_up, connected, trusted, clock, sleep, Politeness(clock, sleep))


@cache
def trusted() -> ssl.SSLContext:
    """Return whom to trust in TLS; reading the authorities takes a twentieth of a second, so only who asks one pays."""
    return httpcore.default_ssl_context()


def looked_up(host: str, patience: float) -> Sequence[str]:
    """Return a host's addresses as this machine knows them (its hosts file counts); raises OSError.

    getaddrinfo knows no patience, so it is left behind in a thread of its own.
    """
    answers: queue.SimpleQueue[list[Any] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else OSError(str(error)))

    threading.Thread(target=ask, daemon=True, name="look-up").start()
    try:
        found = answers.get(timeout=patience)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(found, OSError):
        raise found
    return list(dict.fromkeys(answer[4][0] for answer in found))


def connected(address: str, port: int, patience: float) -> httpcore.NetworkStream:
    """Return a connection to an address, which is not looked up any more."""
    return httpcore.SyncBackend().connect_tcp(address, port, timeout=patience)


class Deadline:
    """When a request must be over, by a clock that counts seconds."""

    def __init__(self, clock: Callable[[], float], seconds: float) -> None:
        """Begin to count now."""
        self._clock, self._end = clock, clock() + seconds
        self.seconds = seconds

    def left(self, most: float | None = None) -> float:
        """Return the seconds that are left, ``most`` where they are more; SourceError where none are."""
        left = self._end - self._clock()
        if left <= 0:
            raise SourceError(f"not over after {self.seconds:g} s", mend="timeout may be longer")
        return left if most is None else min(left, most)


class Backend(httpcore.NetworkBackend):
    """Makes the connections of one request; ``private`` allows all addresses."""

    def __init__(self, network: Network, deadline: Deadline, *, private: bool) -> None:
        """Connect to nothing yet."""
        self._network, self._deadline, self._private = network, deadline, private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 (ours counts)
        local_address: str | None = None,  # noqa: ARG002 (nobody asks for one)
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 (likewise)
    ) -> httpcore.NetworkStream:
        """Return a connection to an address of the host that may be asked, the first that answers."""
        addresses = self._addresses(host)[:_MOST_ADDRESSES]
        for place, address in enumerate(addresses, 1):
            try:
                stream = self._network.connect(address, port, self._deadline.left(self._network.connecting))
                return _Timed(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if place == len(addresses):
                    raise
        raise AssertionError("a host has addresses")

    def _addresses(self, host: str) -> Sequence[str]:
        found = _spelt(host) or self._asked(host)
        if not self._private:
            for address in found:
                if kind := refusal(address):
                    which = address if address == host else f"{address} of {host}"
                    raise SourceError(
                        f"the address {which} may not be asked: it is {kind}",
                        mend="allow_private = true allows a server of your own",
                    )
        return found

    def _asked(self, host: str) -> Sequence[str]:
        try:
            found = self._network.resolve(host, self._deadline.left(self._network.connecting))
        except TimeoutError as error:
            raise SourceError(f"nobody says where {host} is", passing=True) from error
        except OSError as error:
            raise SourceError(f"there is no host {host}, or nobody says where", passing=True) from error
        if not found:
            raise SourceError(f"the host {host} has no address")
        return found


def _spelt(host: str) -> Sequence[str]:
    """Return the address that a host is spelt as, nothing for a name."""
    try:
        return [str(ip_address(host))]
    except ValueError:
        return []


class _Timed(httpcore.NetworkStream):
    """A connection of which nothing waits longer than the request may last."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _Timed(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
