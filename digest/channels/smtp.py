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

from digest.channels.base import Parcel, Stop, Turn, never
from digest.channels.pool import Limits, Pool
from digest.channels.transaction import said
from digest.channels.wire import Wire
from digest.errors import ChannelError
from digest.settings import Settings, seconds
from digest.settings import Smtp as SmtpSettings

# RFC 5321, section 4.5.3.2.6: giving up on the final dot earlier makes duplicates, since the message may be taken.
LAST_WAIT = 600.0
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
        self.limits = Limits(settings.connections, settings.per_connection, settings.rate)
        self._own_name: str | None = None  # found out by the first connection, which may ask the DNS

    def deliver(self, parcels: Iterable[Parcel], turn: Turn, stop: Stop = never) -> None:
        """Send the parcels over up to ``smtp.connections`` connections at once; see ``Channel.deliver``."""
        asyncio.run(self._deliver(parcels, turn, stop))

    async def _deliver(self, parcels: Iterable[Parcel], turn: Turn, stop: Stop) -> None:
        queue = iter(parcels)
        head = list(itertools.islice(queue, self.limits.connections))
        if not head:
            return
        first = await self.connect()  # before anything is claimed
        await Pool(self, self.limits, itertools.chain(head, queue), turn, stop).run(first, len(head))

    async def connect(self) -> Wire:
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
            banner = (await client.connect()).message
            await _greet(client)
            if own.username:
                await self._login(client)
            wire = Wire.of(client, self.timeout)
        except (SMTPException, OSError, ValueError) as error:
            client.close()
            raise self._explained(error) from error
        except ChannelError:
            client.close()
            raise
        self._own_name = client.local_hostname
        wire.banner = banner
        return wire

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
