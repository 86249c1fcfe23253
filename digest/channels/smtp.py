"""The SMTP channel: a few connections, each for many messages; one recipient's trouble stays with that recipient."""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
import ssl
from collections.abc import Iterable, Iterator
from pathlib import Path

from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException, SMTPHeloError, SMTPResponseException

from digest.channels.base import Claim, Parcel, Report
from digest.channels.transaction import attempt, said
from digest.errors import ChannelError
from digest.models import Outcome
from digest.settings import Settings, seconds
from digest.settings import Smtp as SmtpSettings

CONNECTIONS = 4
# RFC 5321, section 4.5.3.2.6: giving up on the final dot earlier makes duplicates, since the message may be taken.
LAST_WAIT = 600.0
# Attempts in a row that end with the connection closed before a connection is no longer opened again.
PATIENCE = 3
_START_TLS = {None: None, "none": False, "starttls": True, "tls": False}


def make(settings: Settings, state: Path) -> Smtp:  # noqa: ARG001  every channel is made alike
    """Return the channel to the server of ``[smtp]``."""
    return Smtp(settings.smtp)


class Smtp:
    """Sends messages to one server, which it meets anew in every call of ``deliver``."""

    def __init__(
        self, settings: SmtpSettings, *, context: ssl.SSLContext | None = None, last_wait: float = LAST_WAIT
    ) -> None:
        """Take the server's settings; ``context`` says whom to trust (default: the system's authorities).

        ``last_wait`` is how long the reply to a whole message may take, in seconds; never less than smtp.timeout.
        """
        self.settings = settings
        self.context = context
        self.timeout = seconds(settings.timeout)
        self.last_wait = max(last_wait, self.timeout)
        self._own_name: str | None = None  # found out by the first connection, which may ask the DNS

    def deliver(self, parcels: Iterable[Parcel], claim: Claim, report: Report) -> None:
        """Send the parcels over up to ``CONNECTIONS`` connections at once; see ``Channel.deliver``."""
        asyncio.run(self._deliver(parcels, claim, report))

    async def _deliver(self, parcels: Iterable[Parcel], claim: Claim, report: Report) -> None:
        queue = iter(parcels)
        head = list(itertools.islice(queue, CONNECTIONS))
        if not head:
            return
        first = await self.connect()  # before anything is claimed
        run = _Run(self, itertools.chain(head, queue), claim, report)
        await asyncio.gather(run.work(first), *(run.work(None) for _ in head[1:]))
        run.finish()

    async def connect(self) -> SMTP:
        """Return an open connection that is greeted, secured and logged in as the settings say.

        Raises ChannelError where that cannot be had. The password appears in no message.
        """
        own = self.settings
        client = _Client(
            hostname=own.host,
            port=own.port,
            timeout=self.timeout,
            local_hostname=self._own_name,
            use_tls=own.tls == "tls",
            start_tls=_START_TLS[own.tls],
            tls_context=self.context,
        )
        try:
            await client.connect()
            await _greet(client)
            if own.username:
                await self._login(client)
        except (SMTPException, OSError, ValueError) as error:
            client.close()
            raise self._explained(error) from error
        except ChannelError:
            client.close()
            raise
        self._own_name = client.local_hostname
        return client

    async def _login(self, client: SMTP) -> None:
        if self.settings.tls is None and client.get_transport_info("sslcontext") is None:
            what = "offers no TLS, so the password would cross the network readable"
            raise self.refusal(what, 'smtp.tls = "none" allows that')
        await client.login(self.settings.username, self.settings.password)

    def refusal(self, what: str, mend: str = "") -> ChannelError:
        """Return the error that says this of the server."""
        return ChannelError(what, where=f"SMTP server {self.settings.host}:{self.settings.port}", mend=mend)

    def _explained(self, error: Exception) -> ChannelError:
        """Return what went wrong with the connection as one line for people."""
        causes = [error, *_causes(error)]
        certificate = next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
        if certificate:
            what = f"its certificate is refused: {certificate.verify_message}"
            return self.refusal(what, 'smtp.tls = "none" for a server on this machine')
        if isinstance(error, SMTPAuthenticationError):
            return self.refusal(f"refuses the login: {said(error)}", "check smtp.username and smtp.password")
        if isinstance(error, SMTPResponseException):
            return self.refusal(f"refuses to talk: {said(error)}")
        system = next((cause for cause in reversed(causes) if isinstance(cause, OSError) and cause.strerror), None)
        what = f"cannot be used: {_reason(system) if system else said(error).rstrip('.')}"
        return self.refusal(what, "check smtp.host, smtp.port and smtp.tls")


class _Client(SMTP):
    """A client whose closed connections are closed at once.

    Under TLS the library's wait for the other side's farewell, for which nothing is left to wait after the last reply.
    """

    def close(self) -> None:
        transport = self.transport
        super().close()
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()


async def _greet(client: SMTP) -> None:
    """Say EHLO where that was not done under TLS already, else HELO (RFC 5321, section 3.2)."""
    if client.is_ehlo_or_helo_needed:
        try:
            await client.ehlo()
        except SMTPHeloError:
            await client.helo()


def _reason(error: OSError) -> str:
    """Return the system's words for the error: asyncio puts others, and name look-ups have numbers of their own."""
    if isinstance(error, socket.gaierror) or error.errno is None:
        return str(error.strerror)
    return os.strerror(error.errno)


def _causes(error: BaseException) -> Iterator[BaseException]:
    while (cause := error.__cause__ or error.__context__) is not None:
        yield cause
        error = cause


class _Run:
    """What the connections of one delivery share: the parcels still to do, and what ends it."""

    def __init__(self, channel: Smtp, queue: Iterator[Parcel], claim: Claim, report: Report) -> None:
        self.channel = channel
        self.queue = queue
        self.claim = claim
        self.report = report
        self.ahead: list[Parcel] = []
        self.error: Exception | None = None  # ends all connections, each after what it has claimed
        self.lost: ChannelError | None = None  # ends its connection only, as long as there are others

    async def work(self, client: SMTP | None) -> None:
        """Deliver parcels over one connection, opened anew when it is lost, until there are no more."""
        closed = 0
        try:
            while self.error is None and closed < PATIENCE and self.more():
                if client is None or not client.is_connected:
                    client = await self.connect()
                if client is None:
                    return
                if self.more():  # while connecting, the others may have done the rest
                    await self.one(client, self.ahead.pop())
                    closed = 0 if client.is_connected else closed + 1
        except Exception as error:
            self.error = error
        finally:
            await _quit(client)

    async def connect(self) -> SMTP | None:
        """Return a new connection, or None where there is none to be had, which ``finish`` may raise."""
        try:
            return await self.channel.connect()
        except ChannelError as error:
            self.lost = error
            return None

    def more(self) -> bool:
        """Return whether there is a parcel, which is then ``ahead``; looking does not take it."""
        if not self.ahead:
            self.ahead.extend(itertools.islice(self.queue, 1))
        return bool(self.ahead)

    async def one(self, client: SMTP, parcel: Parcel) -> None:
        data = parcel.message()
        if not self.claim(parcel):
            return
        try:
            outcome = await attempt(client, parcel, data, last_wait=self.channel.last_wait)
        except ChannelError as error:
            self.report(parcel, Outcome("deferred", error.what))
            raise self.channel.refusal(error.what, error.mend) from error
        self.report(parcel, outcome)

    def finish(self) -> None:
        """Raise what ended the run; a lost connection counts only where parcels are left that nobody attempted."""
        if self.error:
            raise self.error
        if self.more():
            raise self.lost or self.channel.refusal("closes every connection")


async def _quit(client: SMTP | None) -> None:
    if client is None:
        return
    try:
        if client.is_connected:
            await client.quit()
    except (SMTPException, OSError):
        pass  # whatever was reported stands
    finally:
        client.close()
