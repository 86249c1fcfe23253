"""Tells a hub which feeds changed, so that it may tell their readers at once (https://www.w3.org/TR/websub/).

How a publisher tells its hub WebSub leaves to the two. All hubs take what PubSubHubbub 0.3 has for it, section 7.1.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import islice
from urllib.parse import urlencode

import httpcore

from digest import __version__
from digest.errors import SourceError
from digest.sources.network import Backend, Deadline, Network, network
from digest.sources.target import Target, target
from digest.text import printable, shortened, single_spaced

_AGENT = f"paper-digest/{__version__}"
_MOST_BYTES = 2**16  # of an answer, of which no more is read
_LONGEST = 120  # characters of it that are told
_TYPE = "application/x-www-form-urlencoded"


def ping(
    hub: str, topics: Sequence[str], *, world: Network | None = None, each: float = 5.0, in_all: float = 20.0
) -> list[str]:
    """Tell the hub at an address of the addresses of feeds that changed; return a line for each that it was not told.

    It takes ``each`` seconds at most for one and ``in_all`` for all, and raises nothing: readers find out by
    themselves, later. ``world`` is the network, the real one unless another is given.
    """
    world = world or network(time.monotonic, time.sleep)
    over = world.clock() + in_all
    failures = []
    for topic in topics:
        left = min(each, over - world.clock())
        failure = _told(world, hub, topic, left) if left > 0 else f"not tried: {in_all:g} s are over"
        failures += [f"{topic}: {failure}"] if failure else []
    return failures


def _told(world: Network, hub: str, topic: str, seconds: float) -> str:
    """Tell of one feed; return what went wrong, or nothing."""
    try:
        return _posted(world, target(hub), topic, Deadline(world.clock, seconds))
    except SourceError as error:
        return f"the hub: {error.what}"
    except httpcore.TimeoutException:
        return "the hub does not answer"
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        cause = error.args[0] if error.args else None  # httpcore makes its errors of those that they stand for
        return f"the hub cannot be asked: {_said(getattr(cause, 'strerror', None) or str(error)) or 'no connection'}"


def _posted(world: Network, hub: Target, topic: str, deadline: Deadline) -> str:
    form = urlencode({"hub.mode": "publish", "hub.url": topic}).encode()
    address = httpcore.URL(scheme=hub.scheme, host=hub.host, port=hub.port, target=hub.path)
    headers = [("Host", hub.authority), ("User-Agent", _AGENT), ("Content-Type", _TYPE), ("Connection", "close")]
    headers += [("Content-Length", str(len(form)))]
    secure = world.secure() if hub.scheme == "https" else None
    backend = Backend(world, deadline, private=True)  # the operator names the hub, and may have one of their own
    waits = dict.fromkeys(("connect", "read", "write"), deadline.seconds)
    with (
        httpcore.ConnectionPool(secure, network_backend=backend) as pool,
        pool.stream("POST", address, headers=headers, content=form, extensions={"timeout": waits}) as answer,
    ):
        if 200 <= answer.status <= 299:
            return ""
        said = _said(_beginning(answer).decode("utf-8", "replace"))
        return f"the hub answers {answer.status}{said and ': '}{said}"


def _beginning(answer: httpcore.Response) -> bytes:
    """Return some of an answer's body, in as many pieces as may be worth waiting for."""
    found = b""
    for piece in islice(answer.iter_stream(), 16):
        found += piece
        if len(found) >= _MOST_BYTES:
            break
    return found[:_MOST_BYTES]


def _said(text: str) -> str:
    return shortened(single_spaced(printable(text)), _LONGEST)
