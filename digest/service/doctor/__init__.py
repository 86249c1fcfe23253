"""`digest doctor`: whether email can go out, and be believed where it arrives; each check gives a finding in words."""

from __future__ import annotations

from collections.abc import Iterator

from digest.channels.smtp import Smtp
from digest.pipeline.context import Context
from digest.pipeline.returning import envelope_sender
from digest.service.doctor import belief, server, site
from digest.service.doctor.finding import Finding, unchecked
from digest.service.doctor.names import Names

__all__ = ["Finding", "examine"]


def examine(context: Context, *, channel: Smtp | None = None, names: Names | None = None) -> Iterator[Finding]:
    """Yield what there is to say of a site, as it is found out; nothing is changed and nothing sent.

    ``channel`` and ``names`` are the ways to the mail server and to the DNS (default: the configured ones).
    """
    settings = context.settings
    yield from site.examine(context)
    signer, finding = site.keys(context)
    if finding:
        yield finding
    if settings.delivery.channel != "smtp":
        mend = 'set delivery.channel = "smtp" when they are to be sent'
        yield unchecked("mail server and DNS", "emails are written as files", mend)
        return
    sender = envelope_sender(settings, context.store.secret(), 0)  # as of a delivery that there is none of
    yield from server.examine(channel or Smtp(settings.smtp), sender, context.clock())
    domain, returns = site.domain_of(settings.site.sender), site.domain_of(settings.delivery.return_path)
    if site.is_nowhere(domain):
        yield unchecked("DNS", f"it knows no {domain}")
    else:
        yield from belief.examine(names or Names(), domain, returns or domain, settings.smtp.host, signer)
