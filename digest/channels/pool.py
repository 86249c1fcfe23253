"""A few connections that share one run's parcels; a server that wants fewer or slower ones is obeyed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from digest.channels.base import Parcel, Stop, Turn, never
from digest.channels.pace import Pace
from digest.channels.transaction import attempt, said
from digest.channels.tray import Ready, Tray
from digest.channels.wire import ThrottledError, Wire
from digest.errors import ChannelError
from digest.models import Outcome

# Attempts in a row that end with the connection closed before a connection is no longer opened again.
PATIENCE = 3
AHEAD = 8  # parcels claimed at once, for each connection
_SETTLE_WITHIN = 0.5  # seconds that an outcome waits for others before it is written down alone


class Server(Protocol):
    """What the pool needs of the channel."""

    last_wait: float

    async def connect(self) -> Wire:
        """Return an open connection; raises ChannelError."""
        ...

    def refusal(self, what: str, mend: str = "") -> ChannelError:
        """Return the error that says this of the server."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How many connections at once, how many messages each carries, how many messages a second (0: no limit).

    ``pauses`` are the seconds to wait before each further try of a connection that the server keeps closing.
    """

    connections: int
    per_connection: int
    rate: float
    pauses: Sequence[float] = (1.0, 5.0, 20.0)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class Pool:
    """What the connections of one run share: the tray, the pace, and what ends them."""

    def __init__(
        self, server: Server, limits: Limits, parcels: Iterator[Parcel], turn: Turn, stop: Stop = never
    ) -> None:
        """Make the pool for the parcels of one run, inside its event loop."""
        clock = asyncio.get_running_loop().time
        most = AHEAD * limits.connections
        if limits.rate:
            most = max(1, min(most, int(limits.rate)))
        self.server = server
        self.limits = limits
        self.tray = Tray(parcels, turn, stop, first=limits.connections, most=most, clock=clock)
        self.pace = Pace(limits.rate, clock)
        self.open = 0  # connections that work, or are being opened
        self.error: Exception | None = None  # ends all connections, each after what it has in hand
        self.lost: ChannelError | None = None  # ends its connection only, as long as there are others
        self._stop = stop
        self._ending = asyncio.Event()  # whoever waits need not wait any more

    async def run(self, first: Wire, connections: int) -> None:
        """Deliver all parcels over so many connections, the first of which is open."""
        regularly = asyncio.create_task(self._settle_regularly())
        try:
            self.open = connections
            await asyncio.gather(self._work(first), *(self._work(None) for _ in range(connections - 1)))
        finally:
            regularly.cancel()
            left = self.error is None and self.tray.more()
            self._close()
        if self.error:
            raise self.error
        if left:
            raise self.lost or self.server.refusal("closes every connection")

    def _close(self) -> None:
        """Hand everything back; where the ledger is what failed, its first error says enough."""
        with contextlib.suppress(Exception) if self.error else contextlib.nullcontext():
            self.tray.close()

    async def _settle_regularly(self) -> None:
        """Write outcomes down while all connections wait for the server; see whether to go on."""
        while self.error is None:
            await asyncio.sleep(_SETTLE_WITHIN)
            try:
                self.tray.flush()
            except Exception as error:
                self.error = error
            if self._stop():
                self._ending.set()
        self._ending.set()

    async def _work(self, wire: Wire | None) -> None:
        """Deliver over one connection, opened anew when it is lost or worn out, until there is no more to do."""
        closed = 0
        try:
            while self.error is None and self.tray.more():
                wire = wire if wire and wire.is_open else await self._connect()
                good = wire is not None and await self._one(wire)
                closed = 0 if good else closed + 1
                if not good and (closed >= PATIENCE or self._one_less(wire)):
                    return
                if not good:
                    await self._pause(wire, closed)
                elif wire and wire.carried >= self.limits.per_connection:
                    await wire.quit()
        except Exception as error:
            self.error = self.error or error
        finally:
            self.open -= 1
            if wire:
                await wire.quit()

    async def _connect(self) -> Wire | None:
        """Return a new connection, or None where there is none to be had, which ``run`` may raise."""
        try:
            return await self.server.connect()
        except ChannelError as error:
            self.lost = error
            return None

    def _one_less(self, wire: Wire | None) -> bool:
        """Whether this connection is to go, since the server wants fewer; the last one never is."""
        unwanted = wire is None or wire.farewell is not None
        return unwanted and self.open > 1

    async def _pause(self, wire: Wire | None, closed: int) -> None:
        """Wait before a further try, where it was the server's wish that this connection ended."""
        if wire is None or wire.farewell is not None:
            pauses = self.limits.pauses
            await self._rest(pauses[min(closed, len(pauses)) - 1])

    async def _rest(self, seconds: float) -> None:
        """Wait so long, or until no further attempt is to be begun."""
        waits = asyncio.ensure_future(self.limits.sleep(seconds)), asyncio.ensure_future(self._ending.wait())
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    async def _one(self, wire: Wire) -> bool:
        """Deliver one parcel; return whether the connection is still good."""
        if wait := self.pace.take():
            await self._rest(wait)
        found = self.tray.take()  # while waiting, the others may have done the rest
        if found is None:
            return True
        await self._attempt(wire, found)
        return wire.is_open

    async def _attempt(self, wire: Wire, found: Ready) -> None:
        parcel = found.parcel
        try:
            outcome = await attempt(wire, parcel, parcel.data, last_wait=self.server.last_wait)
        except ThrottledError as error:
            self.lost = self.server.refusal(error.what)
            self.tray.put_back(found)
            wire.farewell = wire.farewell or error.reply
            await wire.quit()
        except ChannelError as error:
            self.tray.settle(parcel, Outcome("deferred", error.what))
            raise self.server.refusal(error.what, error.mend) from error
        else:
            if wire.farewell:
                self.lost = self.server.refusal(f"closes every connection: {said(wire.farewell)}")
            self.tray.settle(parcel, outcome)
