"""What the site itself has to be: a state folder, a store, templates, a sender, an address of its own."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from urllib.parse import urlsplit

from digest.config import signing
from digest.dkim import Signer
from digest.errors import ConfigError, DigestError
from digest.pipeline import run as running
from digest.pipeline.context import Context
from digest.service import looking
from digest.service.doctor.finding import Finding, ok, problem, warning
from digest.settings import Site, ascii_domain, split_sender

# Domains that no DNS outside knows (RFC 6761, RFC 6762).
_NOWHERE = ("localhost", "localdomain", "local", "test", "example", "invalid", "internal")


def examine(context: Context) -> Iterator[Finding]:
    """Yield what there is to say of everything but the network; the store is open already."""
    yield _state(context)
    yield ok("store", f"{context.store.path} can be read and written")
    yield _templates(context)
    yield _sender(context.settings.site, smtp=context.settings.delivery.channel == "smtp")
    yield _base_url(context.settings.site.base_url)


def keys(context: Context) -> tuple[Signer | None, Finding | None]:
    """Return what signs messages, and what there is to say of its keys, where there are any."""
    try:
        signer = signing.signer(context.settings, context.base)
    except ConfigError as error:
        return None, problem("keys of DKIM", f"{error.where}: {error.what}", error.mend)
    count = len(signer.keys) if signer else 0
    return signer, ok("keys of DKIM", f"{count} can be used") if count else None


def _state(context: Context) -> Finding:
    check, free = "state folder", 0
    try:
        with tempfile.NamedTemporaryFile(dir=context.state, prefix=".doctor-"):
            free = os.statvfs(context.state).f_bavail * os.statvfs(context.state).f_frsize
    except OSError as error:
        told = f"{context.state} cannot be written: {os.strerror(error.errno or errno.EIO)}"
        return problem(check, told, "mend its rights, or free space")
    told = f"{context.state} can be written, {free // 10**6} MB are free"
    return ok(check, told) if free > 10**8 else warning(check, told, "free space")


def _templates(context: Context) -> Finding:
    try:
        envelope = looking.preview_envelope(context, "reader@example.org")
        running.renderer_of(context).message(looking.newest(context), envelope)
    except DigestError as error:
        return problem(
            "templates", str(error), "mend it, or take it out of site.templates" if context.overrides else ""
        )
    own = f", with those of {context.overrides}" if context.overrides else ""
    return ok("templates", f"a message can be made{own}")


def domain_of(sender: str) -> str:
    """Return the domain of an address, with a name or not, in ASCII; "" of none."""
    return ascii_domain(split_sender(sender)[1].rpartition("@")[2]) if sender else ""


def is_nowhere(domain: str) -> bool:
    """Tell whether a domain means nothing outside this machine or network."""
    return "." not in domain or domain.rpartition(".")[2] in _NOWHERE


def _sender(site: Site, *, smtp: bool) -> Finding:
    if is_nowhere(domain_of(site.sender)):
        told = f"nobody outside can answer {site.sender}, or believe it"
        return (problem if smtp else warning)("sender", told, "set site.sender to an address that exists")
    return ok("sender", site.sender)


def _base_url(url: str) -> Finding:
    check, mend = "address of the site", "set site.base_url to the https address where digest serve is reached"
    if not url:
        return warning(check, "none, so that emails have no browser view and no one-click unsubscribe", mend)
    parts = urlsplit(url)
    if parts.scheme != "https":
        return warning(check, f"{url} is not https, so that emails have no one-click unsubscribe", mend)
    if is_nowhere(parts.hostname or "") and parts.hostname and not parts.hostname.replace(".", "").isdigit():
        return warning(check, f"{url} is reached by nobody outside", mend)
    return ok(check, url)
